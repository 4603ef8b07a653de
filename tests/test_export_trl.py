"""TRL trains on its export, and learns what our trainer learns; our adapters load with peft."""

from __future__ import annotations

import json
import runpy
import sys

import numpy as np
import pytest

pytest.importorskip("trl")
pytest.importorskip("peft")

from curate.export.choice import named
from curate.export.job import Job
from curate.export.rows import subset_rows
from curate.export.write import write
from curate.models import masking
from curate.table import table
from tests import tiny_model
from tests.builders import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("tiny")
    loaded = tiny_model.loaded()
    loaded.model.save_pretrained(made)
    loaded.tokenizer.save_pretrained(made)
    return made


def exported(source, out, model, template="auto"):
    return write(table.read([source]), str(out), "trl", Job(name="x", model=str(model), template=named(template)))


@pytest.mark.parametrize("template", ["auto", "alpaca"])
def test_two_steps_and_the_adapters_load(tmp_path, model_folder, monkeypatch, template):
    import peft
    import transformers

    exported(ROOT / "sample_data" / "alpaca.json", tmp_path / "out", model_folder, template)
    output = tmp_path / "adapters"
    monkeypatch.setattr(sys, "argv", ["train.py", "--max-steps", "2", "--output", str(output)])
    runpy.run_path(str(tmp_path / "out" / "train.py"), run_name="__main__")
    base = transformers.AutoModelForCausalLM.from_pretrained(model_folder)
    before = base.lm_head.weight.detach().clone()
    tuned = peft.PeftModel.from_pretrained(base, output)
    assert any("lora_B" in name and value.abs().max() > 0 for name, value in tuned.named_parameters())
    assert (tuned.base_model.model.lm_head.weight == before).all()


@pytest.mark.parametrize("template", ["auto", "chatml", "alpaca_input", "deepseek3", "mistral"])
def test_what_trl_learns_is_what_we_learn(tmp_path, model_folder, template):
    """Every reply of a conversation is an example of its own; together they are what our trainer learns."""
    from datasets import load_dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    sources = [ROOT / "sample_data" / name for name in ("alpaca.json", "sft.jsonl")]
    for source in sources:
        out = tmp_path / source.stem
        outcome = exported(source, out, model_folder, template)
        path = out / "chat_template.jinja"
        config = SFTConfig(
            output_dir=str(tmp_path / "none"),
            max_length=None,
            chat_template_path=str(path) if path.exists() else None,
            bf16=False,
            use_cpu=True,
            report_to="none",
        )
        rows = load_dataset("parquet", data_files=str(out / "data" / "train.parquet"), split="train")
        model = AutoModelForCausalLM.from_pretrained(model_folder)
        tokenizer = AutoTokenizer.from_pretrained(model_folder)
        made = SFTTrainer(model=model, args=config, train_dataset=rows, processing_class=tokenizer).train_dataset
        gone = {(row.file, row.row) for row in outcome.left_out}
        records = [row.record for row in subset_rows(table.read([source]))[0] if (row.file, row.row) not in gone]
        own = AutoTokenizer.from_pretrained(model_folder)
        encoded = masking.encode(records, own, template, 100_000)
        examples = iter(zip(made["input_ids"], made["labels"], strict=True))
        for ours in encoded.examples:
            starts = np.flatnonzero(np.diff(ours.weights > 0, prepend=False) & (ours.weights > 0))
            for start in starts:
                ids, labels = next(examples)
                first = next(i for i, label in enumerate(labels) if label != -100)
                assert ids == ours.ids[: len(ids)].tolist()
                assert first == start and (ours.weights[first : len(ids)] > 0).all()
                assert len(ids) == len(ours) or not ours.weights[len(ids)]
        assert next(examples, None) is None


def test_calls_keep_the_types_of_their_arguments(tmp_path, model_folder):
    from datasets import load_dataset

    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    calls = [
        [{"id": "1", "type": "function", "function": {"name": "f", "arguments": a}}] for a in ('{"a": 1}', '{"b": []}')
    ]
    rows = [
        {
            "messages": [
                {"role": "user", "content": "去吧"},
                {"role": "assistant", "content": "", "tool_calls": call},
                {"role": "tool", "content": "r", "tool_call_id": "1"},
                {"role": "assistant", "content": "好"},
            ],
            "tools": [tool],
        }
        for call in calls
    ]
    rows.append({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]})
    source = tmp_path / "calls.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    exported(source, tmp_path / "out", model_folder)
    path = str(tmp_path / "out" / "data" / "train.parquet")
    read = load_dataset("parquet", data_files=path, split="train")
    found = [row["completion"][0]["tool_calls"] for row in read if row["completion"][0]["tool_calls"]]
    assert [call[0]["function"]["arguments"] for call in found] == [{"a": 1}, {"b": []}]
    assert [row["tools"] for row in read] == [[tool], [tool], [tool], [tool], []]


def test_our_adapters_load_with_peft(tmp_path, model_folder, curate):
    import peft
    import torch
    import transformers

    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({"instruction": f"say {i}", "output": f"{i}"}) + "\n" for i in range(8)))
    out = tmp_path / "adapters"
    done = curate(
        "train", rows, "--model", model_folder, "--out", out, "--epochs", 3, "--template", "chatml", "--quiet"
    )
    assert done.returncode == 0, done.stderr
    base = transformers.AutoModelForCausalLM.from_pretrained(model_folder)
    ids = torch.arange(10)[None] + 5
    with torch.no_grad():
        before = base(ids).logits
        tuned = peft.PeftModel.from_pretrained(base, out)
        assert not torch.allclose(before, tuned(ids).logits)
