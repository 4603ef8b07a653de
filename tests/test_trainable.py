"""What of a row is trained on: rendering, masks, exports and scores say the same of it."""

from __future__ import annotations

import importlib.util
import json

import pytest

from curate.export.axolotl import _row as for_axolotl
from curate.export.llamafactory import row as for_llamafactory
from curate.export.messages import messages
from curate.export.trl import split as for_trl
from curate.export.unsloth import row as for_unsloth
from curate.models.chat_template import TemplateError, render_own
from curate.models.masking import encode, write
from curate.score.pieces import cut
from schemas.decode import Read, RowDecoder
from schemas.reasoning import DROP, MASK, chosen
from schemas.record import Conversation, Message
from schemas.registry import FORMATS
from schemas.templates import TEMPLATES, prompt, render
from schemas.trainable import TurnPiece, Untrainable, trainable
from tests.test_own_template import published
from train.lora.masks import page

if importlib.util.find_spec("transformers") is None:
    pytest.skip("transformers is not installed", allow_module_level=True)

from tests.tiny_model import tokenizer

ASKED = {"role": "user", "content": "How many legs has a spider?"}
LEGS = {"role": "assistant", "content": "Eight."}


def record(*turns: dict, name: str = "sft") -> Conversation:
    result = RowDecoder([FORMATS[name]]).one(json.dumps({"messages": turns}).encode())
    assert isinstance(result, Read), result
    return result.conversation


def trained(rendered) -> list[str]:
    return [rendered.text[span.start : span.end] for span in rendered.spans]


# A part that is not text, in each of the places where the shapes of the wild have one, and the turn that it refuses.
TEXT_AFTER = {"type": "text", "text": "I look it up."}
IMAGE = {"type": "image_url", "image_url": {"url": "spider.png"}}
SEARCHED = {"type": "web_search_tool_result", "tool_use_id": "s1", "content": []}
LATE = {"type": "thinking", "thinking": "an afterthought"}
PARTS = {
    "image_url": (0, [{"role": "user", "content": [{"type": "text", "text": "What?"}, IMAGE]}, LEGS]),
    "thinking": (1, [ASKED, {"role": "assistant", "content": [{"type": "text", "text": "8"}, LATE]}]),
    "redacted_thinking": (
        1,
        [
            ASKED,
            {
                "role": "assistant",
                "content": [{"type": "redacted_thinking", "data": "x"}, {"type": "text", "text": "8"}],
            },
        ],
    ),
    "web_search_tool_result": (
        1,
        [ASKED, {"role": "assistant", "content": [SEARCHED, {"type": "text", "text": "8"}]}],
    ),
    "tool_result": (
        2,
        [ASKED, LEGS, {"role": "user", "content": [{"type": "tool_result", "content": [IMAGE]}]}, LEGS],
    ),
}


THOUGHT = "write the thought as the turn's reasoning_content"
TOOL = "write calls as the turn's tool_calls, and results as turns of role tool"
MEDIA = "remove the part, or train a multimodal model on the row elsewhere"
REMEDIES = {
    "image_url": MEDIA,
    "thinking": THOUGHT,
    "redacted_thinking": THOUGHT,
    "web_search_tool_result": TOOL,
    "tool_result": TOOL,
}


@pytest.mark.parametrize("kind", PARTS)
def test_a_part_that_is_not_text_refuses_the_row_everywhere_in_the_same_words(kind):
    index, turns = PARTS[kind]
    row = record(*turns)
    words = f"$.messages[{index}]: the turn has a part of type '{kind}', and only text is trained on; {REMEDIES[kind]}"
    chatml, tiny = TEMPLATES["chatml"], tokenizer()
    for refuses in (
        lambda: trainable(row),
        lambda: render(row, chatml),
        lambda: render(row, TEMPLATES["qwen3"]),
        lambda: render_own(row, tiny),
        lambda: write(row, tiny, None),
        lambda: write(row, tiny, chatml),
        lambda: messages(row, None),
        lambda: for_llamafactory(row, chatml),
        lambda: for_axolotl(row, None, False, False),
        lambda: for_unsloth(row, chatml),
        lambda: for_trl(row, None),
    ):
        with pytest.raises((Untrainable, TemplateError)) as refused:
            refuses()
        assert str(refused.value) == words
    for template in ("auto", "chatml", "qwen3"):
        encoded = encode([row, record(ASKED, LEGS)], tiny, template)
        assert [(dropped.index, dropped.reason) for dropped in encoded.dropped] == [(0, words)]
    assert [len(piece.ids) for piece in cut([row], tiny, 99)] == [0]


def test_the_commands_name_the_row_that_is_refused(curate, tmp_path):
    file = tmp_path / "rows.jsonl"
    rows = [turns for _, turns in PARTS.values()]
    file.write_text("\n".join(json.dumps({"messages": turns}) for turns in rows))
    for template in ("chatml", "qwen3"):
        done = curate("render", file, "--template", template, "--rows", 9, "--format", "sft")
        assert done.returncode == 1  # no row was written
        assert done.stdout.count("and only text is trained on; ") == len(PARTS)
    assert curate("validate", file, "--format", "sft").returncode == 0
    done = curate("export", file, tmp_path / "out", "--for", "trl", "--model", "m", "--format", "sft")
    assert done.returncode == 1 and "$.messages[0]: the turn has a part of type 'image_url'" in done.stderr
    tiny = tokenizer()
    shown = page(encode([record(*turns) for turns in [*rows, [ASKED, LEGS]]], tiny), tiny, list("12345"), False).plain
    assert shown.count(": not trained on: $.messages[") == len(PARTS)


def test_what_each_turn_says():
    call = [{"type": "function", "function": {"name": "legs", "arguments": "{}"}}]
    row = record(
        {"role": "system", "content": "Be brief."},
        ASKED,
        {"role": "assistant", "content": None, "reasoning_content": "look it up", "tool_calls": call},
        {"role": "tool", "content": "8", "tool_call_id": "c"},
        {"role": "assistant", "content": "<think>so</think>Eight.", "weight": 0.5},
    )
    said = trainable(row)
    assert [[(piece.kind, piece.text, piece.weight) for piece in turn.pieces] for turn in said.turns] == [
        [("text", "Be brief.", 0)],
        [("text", ASKED["content"], 0)],
        [("thought", "look it up", 1), ("call", json.dumps(call), 1)],
        [("result", "8", 0)],
        [("thought", "so", 0.5), ("text", "Eight.", 0.5)],
    ]
    assert said.is_trained
    assert said.turns[3].call_id == "c"
    with pytest.raises(Untrainable, match=r"\$.messages\[2\]: the turn has a call, which cannot be written"):
        trainable(row, frozenset({"text", "thought", "result"}))


def test_masked_and_dropped_thoughts():
    row = record(ASKED, {**LEGS, "thinking": "an arachnid"})
    masked, dropped = trainable(chosen(row, MASK)), trainable(chosen(row, DROP))
    assert masked.turns[1].pieces == (TurnPiece("thought", "an arachnid", 0), TurnPiece("text", "Eight.", 1))
    assert dropped.turns[1].pieces == (TurnPiece("text", "Eight.", 1),)
    row.messages[1].reasoning_weight = 0.25
    assert [piece.weight for piece in trainable(row).turns[1].pieces] == [0.25, 1]
    row.messages[1].weight = 0
    assert not trainable(row).is_trained


def test_thought_and_answer_have_a_weight_each():
    row = record(ASKED, {**LEGS, "thinking": "an arachnid", "weight": 2})
    row.messages[1].reasoning_weight = 0.5
    for rendered in (render(row, TEMPLATES["qwen3"]), render_own(row, tokenizer())):
        assert [span.weight for span in rendered.spans] == [0.5, 2]
        assert trained(rendered)[0].endswith("</think>\n\n") and trained(rendered)[1].startswith("Eight.")


def test_an_empty_thought_is_trained_only_where_the_row_has_one():
    plain, empty = record(ASKED, LEGS), record(ASKED, {**LEGS, "content": "<think>\n\n</think>\n\nEight."})
    own = published("qwen3")
    for rendered in (render(plain, TEMPLATES["qwen3"]), render_own(plain, own)):
        assert "<think>\n\n</think>\n\nEight." in rendered.text
        assert trained(rendered) == ["Eight.<|im_end|>\n"]
    for rendered in (render(empty, TEMPLATES["qwen3"]), render_own(empty, own)):
        assert trained(rendered) == ["<think>\n\n</think>\n\nEight.<|im_end|>\n"]
    asked = Conversation(plain.messages[:1])
    rendered = render(plain, TEMPLATES["qwen3"])
    assert prompt(asked, TEMPLATES["qwen3"]) == rendered.text[: rendered.spans[0].start]
    assert prompt(asked, TEMPLATES["qwen3"], thinks=True).endswith("<|im_start|>assistant\n")


def test_the_models_own_template_has_the_thought_in_its_own_way_or_the_row_is_refused():
    row = record(ASKED, {**LEGS, "thinking": "an arachnid"})
    assert trained(render_own(row, published("qwen3"))) == ["<think>\nan arachnid\n</think>\n\nEight.<|im_end|>\n"]
    # A template that knows no thoughts has it as text.
    assert trained(render_own(row, tokenizer())) == ["<think>\nan arachnid\n</think>\n\nEight.</s>"]
    forgets = tokenizer()
    forgets.chat_template += "{# message.reasoning_content #}"
    with pytest.raises(TemplateError, match="leaves part of it out"):
        render_own(row, forgets)


@pytest.mark.parametrize("template", ["auto", "chatml", "qwen3"])
def test_the_masks_of_training_have_the_thought(template):
    tiny = tokenizer()
    (example,) = encode([record(ASKED, {**LEGS, "reasoning": "an arachnid"})], tiny, template).examples
    said = tiny.decode([token for token, weight in zip(example.ids, example.weights, strict=True) if weight])
    assert said.startswith("<think>\nan arachnid\n</think>\n\nEight.")


def test_exports_hand_the_thought_over():
    row = record(ASKED, {**LEGS, "reasoning": "an arachnid"})
    text = "<think>\nan arachnid\n</think>\n\nEight."
    qwen3 = TEMPLATES["qwen3"]
    assert messages(row, None)[1]["content"] == messages(row, qwen3)[1]["content"] == text
    assert for_llamafactory(row, qwen3)["conversations"][1]["value"] == text
    assert for_unsloth(row, qwen3)["conversations"][1]["value"] == text
    assert for_trl(row, None)[0]["completion"][0]["content"] == text
    row.messages[1].reasoning_weight = 0
    with pytest.raises(Untrainable, match="the thought is weighted apart from its answer"):
        messages(row, None)


@pytest.mark.parametrize("name", ["weight", "loss_weight", "loss", "train", "trainable"])
def test_a_turn_of_no_weight_is_written_and_not_trained_whatever_the_name(name):
    bad = {"role": "assistant", "content": "Six.", name: False if name != "weight" else 0}
    row = record(ASKED, bad, {"role": "user", "content": "Sure?"}, LEGS)
    for rendered in (render(row, TEMPLATES["qwen3"]), render_own(row, tokenizer())):
        assert "Six." in rendered.text and len(rendered.spans) == 1 and "Eight." in trained(rendered)[0]
    assert [len(example["prompt"]) for example in for_trl(row, None)] == [3]
    assert [turn["train"] for turn in for_axolotl(row, None, True, False)["messages"]] == [False, False, False, True]


@pytest.mark.parametrize(("reasoning", "what"), [("hm", "a thought and no answer"), (None, "no text")])
def test_an_empty_reply_is_never_trained_on(reasoning, what):
    row = Conversation([Message("user", "a"), Message("assistant", " ", reasoning)])
    with pytest.raises(Untrainable, match=rf"\$.messages\[1\]: the reply has {what}; write the answer"):
        render(row, TEMPLATES["chatml"])
    row.messages[1].weight = 0
    assert render(row, TEMPLATES["chatml"]).spans == ()


def test_scores_measure_the_answer_and_not_the_thought():
    tiny = tokenizer()
    row = record(ASKED, {**LEGS, "thinking": "Eight. I am sure."})
    (pieces,) = cut([row], tiny, 999)
    assert tiny.decode(pieces.turns[0]) == "Eight."
    assert tiny.decode(pieces.ids).endswith("<think>\nEight. I am sure.\n</think>\n\nEight.")


def test_scores_measure_every_answer_where_the_template_forgets_a_thought():
    own = tokenizer()
    own.chat_template = published("qwen3").chat_template
    again = {"role": "user", "content": "Sure?"}
    row = record(ASKED, {**LEGS, "thinking": "an arachnid"}, again, {**LEGS, "content": "是的。", "thinking": "八条"})
    (pieces,) = cut([row], own, 999)
    assert [own.decode(turn) for turn in pieces.turns] == ["Eight.", "是的。"]


def test_the_empty_thought_of_a_template_is_masked_in_llamafactory_unless_rows_think(curate, tmp_path):
    for name, turn in (("plain", LEGS), ("thinks", {**LEGS, "thought": "an arachnid"})):
        file = tmp_path / f"{name}.jsonl"
        file.write_text(json.dumps({"messages": [ASKED, turn]}))
        done = curate("export", file, tmp_path / "out", "--for", "llamafactory", "--model", "Qwen/Qwen3-8B")
        assert done.returncode == 0, done.stderr
        config = (tmp_path / "out" / name / "lora.yaml").read_text("utf-8")
        assert ("enable_thinking: false" in config) == (name == "plain")
        note = "qwen3 begins a reply without a thought with an empty one, and LLaMA-Factory trains on it."
        assert (note in (tmp_path / "out" / name / "README.md").read_text("utf-8")) == (name == "thinks")
