"""A model is asked as it was trained: with a thought to come, or with the empty one that its template writes."""

from __future__ import annotations

import importlib.util
import json

import pytest

if importlib.util.find_spec("transformers") is None or importlib.util.find_spec("peft") is None:
    pytest.skip("transformers or peft is not installed", allow_module_level=True)

from schemas.reasoning import DROP, KEEP, MASK, chosen
from schemas.record import Conversation, Message
from schemas.templates import TEMPLATES, render
from tests import tiny_model
from tests.test_own_template import published
from train.answers import chat
from train.answers.generation import generate_answers
from train.answers.prompts import prompt, reply
from train.lora.options import LoraOptions, TrainOptions
from train.lora.session import run

EMPTY = "<think>\n\n</think>\n\n"
ASKED, THOUGHT = Message("user", "六乘七？"), Message("assistant", "42", "six sevens")
ROW = Conversation([ASKED, THOUGHT])


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_prompt_is_what_replies_followed_in_training(name):
    tiny, template = tiny_model.tokenizer(), TEMPLATES[name]
    for row, thinks in ((ROW, True), (chosen(ROW, DROP), False)):
        rendered = render(row, template, "<s>", "</s>")
        asked = prompt(Conversation([ASKED]), tiny, template, thinks)
        assert asked == rendered.text[: rendered.spans[0].start]
        assert (EMPTY in asked) == (bool(template.thought) and not thinks)


def test_the_models_own_template_is_asked_in_the_same_way():
    own, so_far = published("qwen3"), Conversation([ASKED])
    assert prompt(so_far, own, None, True).endswith("<|im_start|>assistant\n")
    assert prompt(so_far, own, None, None).endswith("<|im_start|>assistant\n")
    assert prompt(so_far, own, None, False).endswith("<|im_start|>assistant\n" + EMPTY)
    assert prompt(so_far, published("deepseek_r1_distill"), None, True).endswith("<｜Assistant｜><think>\n")


@pytest.mark.parametrize(
    ("text", "turn"),
    [
        ("<think>\nsix\n</think>\n\n42", Message("assistant", "42", "six")),
        ("six\n</think>\n\n四十二 ", Message("assistant", "四十二", "six")),
        (EMPTY + "42", Message("assistant", "42", "")),
        ("<think>\nsix", Message("assistant", "<think>\nsix")),
        ("six</think>", Message("assistant", "six</think>")),
        ("42", Message("assistant", "42")),
        ("", Message("assistant", "")),
    ],
)
def test_the_thought_of_an_answer_is_taken_apart(text, turn):
    assert reply(text) == turn
    said = Conversation([ASKED, turn, Message("user", "再来")])
    asked = prompt(said, tiny_model.tokenizer(), TEMPLATES["qwen3"], True)
    assert "six\n</think>\n\n42" not in asked  # a thought before the last user turn is forgotten


def test_no_prompt_of_a_measurement_has_the_thought_or_the_answer():
    lm = tiny_model.loaded()
    rows = [chosen(ROW, KEEP), chosen(ROW, MASK), chosen(ROW, DROP)]
    answers = [generate_answers(lm, [row], "chatml", 12) for row in rows]
    assert answers[0] == answers[1] == answers[2]
    thinks, *others = (generate_answers(lm, [row], "qwen3", 12) for row in rows)
    assert others[0] == others[1] != thinks


@pytest.mark.parametrize(("reasoning", "thinks"), [(KEEP, True), (DROP, False)])
def test_a_run_notes_whether_its_rows_think_and_chat_asks_so(tmp_path, reasoning, thinks):
    model = tiny_model.save(tmp_path / "model")
    data = tmp_path / "rows.jsonl"
    messages = [
        {"role": "user", "content": "六乘七？"},
        {"role": "assistant", "content": "42", "thinking": "six sevens"},
    ]
    data.write_text("\n".join(json.dumps({"messages": messages}) for _ in range(2)), "utf-8")
    lora = LoraOptions(model=str(model), template="qwen3", epochs=1, max_length=200, reasoning=reasoning)
    run([str(data)], str(tmp_path / "out"), TrainOptions(lora=lora, precision="fp32"))
    noted = json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
    assert (noted["reasoning"], noted["thinks"]) == (reasoning, thinks)
    tuned = chat.load(str(tmp_path / "out"))
    assert (tuned.reasoning, tuned.thinks) == (reasoning, thinks)
    assert (EMPTY in chat.prompt([ASKED], tuned)) == (not thinks)
    assert chat.load(str(model)).thinks is None
