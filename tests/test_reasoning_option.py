"""--reasoning on the command line: one meaning in every command that writes or trains on rows."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.export.choice import by_model
from curate.export.job import Job
from curate.export.write import write
from curate.table import table
from schemas.reasoning import CHOICES, DROP, INLINE, KEEP, MASK
from schemas.templates import TEMPLATES

TURNS = [
    {"role": "user", "content": "六乘七？"},
    {"role": "assistant", "content": "四十二", "reasoning_content": "六个七"},
    {"role": "user", "content": "Plus one?"},
    {"role": "assistant", "content": "43", "reasoning_content": "one more"},
]
THINK = "<think>\n{}\n</think>\n\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"messages": TURNS}, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


EMPTY = THINK.format("")
LEARNT = {
    KEEP: ["四十二<|im_end|>\n", THINK.format("one more") + "43<|im_end|>\n"],
    INLINE: [THINK.format("六个七") + "四十二<|im_end|>\n", THINK.format("one more") + "43<|im_end|>\n"],
    DROP: ["四十二<|im_end|>\n", "43<|im_end|>\n"],
    MASK: ["四十二<|im_end|>\n", "43<|im_end|>\n"],
}


@pytest.mark.parametrize("choice", CHOICES)
def test_render_shows_what_is_trained_on(curate, file, choice):
    done = curate("render", file, "--template", "qwen3", "--reasoning", choice, "--json")
    shown = json.loads(done.stdout)
    assert [shown["text"][span["start"] : span["end"]] for span in shown["spans"]] == LEARNT[choice]
    assert ("one more" in shown["text"]) == (choice != DROP)
    assert len(shown.get("unsaid", ())) == (choice in (KEEP, MASK))


@pytest.mark.parametrize("tool", ["llamafactory", "axolotl", "unsloth", "trl"])
@pytest.mark.parametrize("choice", [KEEP, INLINE, DROP])
def test_exports_hand_over_what_is_asked_for(tmp_path, file, tool, choice):
    job = Job(name="rows", model="Qwen/Qwen3-8B", template=TEMPLATES["qwen3"], reasoning=choice)
    outcome = write(table.read([str(file)]), str(tmp_path / "out"), tool, job)
    assert not outcome.left_out
    data = "".join(path.read_text("utf-8") for path in (tmp_path / "out").rglob("*.jsonl"))
    data += "".join(json.dumps(pq.read_table(path).to_pylist()) for path in (tmp_path / "out").rglob("*.parquet"))
    said = data.encode().decode("unicode_escape") if tool == "trl" else data.replace("\\n", "\n")
    assert (THINK.format("one more") + "43" in said) == (choice != DROP)
    # TRL has an example for each reply, in which it is the last and its thought is not forgotten.
    assert (THINK.format("六个七") + "四十二" in said) == (choice == INLINE or (tool == "trl" and choice == KEEP))
    assert "四十二" in said and "reasoning_content" not in said
    if tool == "llamafactory":  # which removes thoughts where it is told that the model does not think
        config = (tmp_path / "out" / "rows" / "lora.yaml").read_text("utf-8")
        assert ("enable_thinking: false" in config) == (choice == DROP)


def test_an_export_of_masked_thoughts_leaves_the_row_out_by_name(curate, tmp_path, file):
    done = curate("export", file, tmp_path / "out", "--for", "trl", "--reasoning", "mask")
    assert done.returncode == 1
    assert "the thought is weighted apart from its answer" in done.stderr and "--reasoning drop" in done.stderr


@pytest.mark.parametrize("name", ["loss", "loss_weight", "trainable", "train"])
def test_a_variant_of_the_rows_own_format_is_written_as_that_variant(tmp_path, name):
    turns = [*TURNS[:1], {"role": "assistant", "content": "41", name: False}, *TURNS[2:]]
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps({"messages": turns}), encoding="utf-8")
    convert([str(source)], str(out), ConvertOptions(to="sft/train"))
    reply = json.loads(out.read_text("utf-8"))["messages"][1]
    assert reply == {"role": "assistant", "content": "41", "train": False}


def test_thoughts_are_not_handed_over_to_a_model_that_thinks_in_a_channel(curate, tmp_path, file):
    arguments = ("export", file, tmp_path / "out", "--for", "trl", "--model", "openai/gpt-oss-20b")
    done = curate(*arguments)
    assert done.returncode == 1
    assert "$.messages[1].reasoning: the template gpt_oss writes thoughts apart from the reply" in done.stderr
    assert curate(*arguments, "--reasoning", "drop").returncode == 0


@pytest.mark.parametrize("tool", ["axolotl", "unsloth", "trl"])
def test_a_model_whose_own_template_leaves_thoughts_out_gets_one_that_writes_them(tmp_path, file, tool):
    model = "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B"
    job = Job(name="rows", model=model)
    outcome = write(table.read([str(file)]), str(tmp_path / "out"), tool, job)
    assert outcome.template == "deepseek_r1" and "leaves every thought out" in outcome.notes[-1]
    assert "<think>" in (tmp_path / "out" / "chat_template.jinja").read_text("utf-8")
    without = Job(name="rows", model=model, reasoning=DROP)
    write(table.read([str(file)]), str(tmp_path / "out"), tool, without)
    assert not (tmp_path / "out" / "chat_template.jinja").exists()


@pytest.mark.parametrize(
    ("model", "template"),
    [
        ("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", "deepseek_r1"),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "deepseek_r1"),
        ("openai/gpt-oss-120b", "gpt_oss"),
        ("Qwen/Qwen3-4B-Thinking-2507", "qwen3"),
        ("Qwen/Qwen3-4B-Instruct-2507", "qwen3_nothink"),
        ("Qwen/Qwen3-8B", "qwen3"),
    ],
)
def test_models_that_think_are_known_by_their_names(model, template):
    assert by_model(model).name == template
