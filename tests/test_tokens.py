"""Token reports: tokens of rows by part, which agree with the masks that training has, and what is made of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

from curate.engine.local_engine import LocalEngine
from curate.engine.parts import cut_files
from curate.errors import CurateError
from curate.models import masking
from curate.models.masking import MaskedRow, masked, resolve
from curate.options import described
from curate.tokens import counts as token_counts
from curate.tokens.count import add, count_files
from curate.tokens.counts import NAMES, TokenCounts
from curate.tokens.histogram import MOST_BINS, bins, quantile
from curate.tokens.options import TokenOptions
from curate.tokens.report import report
from curate.tokens.row import ANSWER, PROMPT, THOUGHT, parts
from schemas.reasoning import CHOICES, chosen
from schemas.record import Conversation, Message, dumps
from tests import tiny_model
from train.lora import masks
from train.lora.options import LoraOptions, lora_settings

TOKENIZER = tiny_model.tokenizer()
TEMPLATES = ("auto", "chatml", "qwen3", "deepseek_r1", "gpt_oss", "mistral", "llama3")
TEXTS = st.text("ab 好🙂\n<", min_size=1, max_size=12).filter(str.strip)
CALLS = json.dumps([{"type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}])
TOOLS = json.dumps([{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}])


@st.composite
def replies(draw) -> Message:
    message = Message("assistant", draw(TEXTS), weight=draw(st.sampled_from([None, None, 0, 0.5, 1])))
    if draw(st.booleans()):
        message.reasoning = draw(st.one_of(TEXTS, st.just("")))
        message.reasoning_weight = draw(st.sampled_from([None, 0, 1, 0.25]))
    if draw(st.integers(0, 4)) == 0:
        message.tool_calls = CALLS
        message.content = draw(st.sampled_from(["", message.content]))
    return message


@st.composite
def rows(draw) -> Conversation:
    messages = [Message("system", draw(TEXTS))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, 3))):
        messages.append(Message("user", draw(TEXTS)))
        messages.append(draw(replies()))
        if messages[-1].tool_calls:
            messages += [Message("tool", draw(TEXTS)), draw(replies())]
    return Conversation(messages, tools=TOOLS if any(m.tool_calls for m in messages) else None)


def counted(conversations: list[Conversation], options: TokenOptions, tokenizer=TOKENIZER) -> TokenCounts:
    counts = TokenCounts()
    template = resolve(options.template, tokenizer)
    records = [chosen(each, options.reasoning) for each in conversations]
    for number, row in enumerate(masked(records, tokenizer, options.template), 1):
        own = row if isinstance(row, MaskedRow) else None
        kinds = parts(own, records[number - 1], tokenizer, template) if own else np.zeros(0, np.int8)
        counts.add("f", number, row, kinds, options.max_length)
    return counts


@settings(max_examples=150)
@given(
    st.lists(rows(), min_size=1, max_size=4),
    st.sampled_from(TEMPLATES),
    st.sampled_from(CHOICES),
    st.integers(2, 300),
)
def test_tokens_are_those_of_the_masks(conversations, template, reasoning, length):
    options = TokenOptions("tiny", template, reasoning, length)
    counts = counted(conversations, options)
    assert counts.rows == len(conversations)
    records = [chosen(each, reasoning) for each in conversations]
    try:
        encoded = masking.encode(records, TOKENIZER, template, length)
    except CurateError as error:
        assert not counts.trained_rows and not counts.fitting["trained"]
        assert str(error).endswith(counts.untrained[0].reason)
        return
    assert [(row.row - 1, row.reason) for row in counts.untrained] == [(d.index, d.reason) for d in encoded.dropped]
    assert counts.cut == encoded.truncated_rows
    assert (counts.fitting["trained"], counts.fitting["all"]) == (
        sum(example.trained for example in encoded.examples),
        sum(map(len, encoded.examples)),
    )
    # What `curate train --show-masks` prints, which no text of these rows can look like.
    shown = masks.page(encoded, TOKENIZER, [""] * len(records), coloured=False).plain
    pairs = [tuple(map(int, pair)) for pair in re.findall(r"^: (\d+) of (\d+) tokens are trained$", shown, re.M)]
    assert (sum(t for t, _ in pairs), sum(n for _, n in pairs)) == (counts.fitting["trained"], counts.fitting["all"])


@settings(max_examples=150)
@given(rows(), st.sampled_from(TEMPLATES), st.sampled_from(CHOICES))
def test_every_token_is_of_one_part_and_no_trained_one_of_the_prompt(conversation, template, reasoning):
    record = chosen(conversation, reasoning)
    (row,) = masked([record], TOKENIZER, template)
    if not isinstance(row, MaskedRow):
        return
    kinds = parts(row, record, TOKENIZER, resolve(template, TOKENIZER))
    assert kinds.shape == row.weights.shape and set(kinds.tolist()) <= {PROMPT, ANSWER, THOUGHT}
    assert (kinds[row.weights != 0] != PROMPT).all()
    texts = {kind: TOKENIZER.decode(np.asarray(row.ids)[kinds == kind]) for kind in (PROMPT, ANSWER, THOUGHT)}
    unsaid = {note.path for note in row.text.unsaid}
    for i, message in enumerate(record.messages):
        if message.role != "assistant":
            assert message.content.strip() in texts[PROMPT]
        elif message.content.strip():
            assert message.content.strip() in texts[ANSWER]
            thought = (message.reasoning or "").strip()
            if thought and f"$.messages[{i}].reasoning" not in unsaid:
                assert thought in texts[THOUGHT]
    if all(message.reasoning is None for message in record.messages):
        assert not (kinds == THOUGHT).any()


def test_a_masked_thought_is_a_thought_and_a_reply_of_weight_0_an_answer():
    first, second = Message("assistant", "no", weight=0), Message("assistant", "yes", "hmm", reasoning_weight=0.0)
    record = Conversation([Message("user", "?"), first, Message("user", "!"), second])
    counts = counted([record], TokenOptions("tiny", "chatml"))
    whole = {name: next(iter(counts.lengths[name])) for name in NAMES}
    ends = len("<|im_end|>\n")
    assert whole["thought"] == len("<think>\nhmm\n</think>\n\n")
    assert whole["answer"] == len("no") + len("yes") + 2 * ends
    assert whole["trained"] == len("yes") + ends
    assert whole["prompt"] == whole["all"] - whole["thought"] - whole["answer"]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    return str(tiny_model.save(tmp_path_factory.mktemp("model") / "tiny"))


def table(conversations: list[Conversation]) -> pa.Table:
    texts = pa.array([None, *map(dumps, conversations)], pa.string())  # a row that is not valid has no record
    return pa.table({"file": ["f"] * len(texts), "row": range(len(texts)), "record": texts})


@settings(max_examples=30)
@given(st.lists(rows(), max_size=6), st.lists(rows(), max_size=6))
def test_counts_of_parts_add_up_to_those_of_all(model, first, second):
    options = TokenOptions(model, max_length=60)
    of_parts, of_all = TokenCounts(), TokenCounts()
    for some in (first, second):
        counts = TokenCounts()
        add(counts, table(some), options)
        of_parts.merge(counts)
    add(of_all, pa.concat_tables([table(first), table(second)]), options)
    assert report(of_parts, options) == report(of_all, options)
    for longest in (False, True):
        samples = [counts.sample(3, longest) for counts in (of_parts, of_all)]
        assert [row.ids.tolist() for row in samples[0]] == [row.ids.tolist() for row in samples[1]]


def test_the_rows_that_are_kept_to_measure_with_are_few_and_the_longest():
    talks = [Conversation([Message("user", "?"), Message("assistant", "a" * n)]) for n in range(1, 200)]
    counts = counted(talks, TokenOptions("tiny", max_length=400))
    assert len(counts.random) < 2 * token_counts.MOST_SAMPLED and len(counts.longest) < 2 * token_counts.MOST_SAMPLED
    longest = [len(row) for row in counts.sample(5, longest=True)]
    assert longest == sorted(counts.lengths["all"], reverse=True)[:5]
    backwards = counted(talks[::-1], TokenOptions("tiny", max_length=400))
    assert [len(row) for row in backwards.sample(9)] == [len(row) for row in counts.sample(9)]
    assert {len(row) for row in counts.sample(9)} != {len(row) for row in counts.sample(9, longest=True)}


class CutEngine(LocalEngine):
    """Files in parts of some bytes, as a cluster reads them."""

    def parts(self, sources, format_name=None, adapter=None, repair=False):
        return list(cut_files(sources, 400, format_name, adapter, repair))


def test_rows_of_a_file_that_is_cut_keep_their_numbers(tmp_path, model):
    lines = [{"instruction": f"say {i}", "output": "x" * (80 if i % 7 else 1)} for i in range(40)]
    lines[5]["instruction"] = lines[33]["instruction"] = "long " * 30
    files = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for file in files:
        file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    options = TokenOptions(model, max_length=100)
    engine = CutEngine()
    assert len(engine.parts([str(files[0])])) > 3
    found = count_files(list(map(str, files)), None, options, engine)
    assert [(row.file, row.row) for row in found.untrained] == [(str(file), n) for file in files for n in (6, 34)]
    whole = count_files(list(map(str, files)), None, options, LocalEngine())
    assert report(found, options) == report(whole, options)


LENGTHS = st.dictionaries(st.integers(1, 5000), st.integers(1, 50), min_size=1, max_size=60)


@given(LENGTHS, st.integers(2, 6000))
def test_the_bins_of_a_histogram_have_every_row_once(lengths, most):
    made = bins(lengths, most)
    assert sum(each.rows for each in made) == sum(lengths.values())
    assert all(after.low == before.high + 1 for before, after in pairwise(made))
    assert made[0].low <= min(lengths) and made[-1].high >= max(lengths)
    for each in made:
        assert each.rows == sum(rows for tokens, rows in lengths.items() if each.low <= tokens <= each.high)
    assert sum(each.rows for each in made if each.cut) == sum(n for tokens, n in lengths.items() if tokens > most)
    assert len(made) <= MOST_BINS + 1


@given(LENGTHS, st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_numpys(lengths, share):
    values = np.array(sorted(Counter(lengths).elements()))
    assert quantile(lengths, share) == np.quantile(values, share, method="inverted_cdf")


@given(st.integers(1, 10_000), st.integers(1, 64), st.integers(1, 8), st.integers(1, 9))
def test_steps_are_those_of_a_run(rows, batch, accumulate, epochs):
    options = TokenOptions("tiny", batch_size=batch, accumulate=accumulate, epochs=epochs)
    lora = LoraOptions(batch_size=batch, accumulate=accumulate, epochs=epochs)
    assert options.steps(rows) == lora_settings(lora, 0).steps(rows)


def test_options_are_those_of_training():
    of_training = {field.name: field for field in described(LoraOptions)}
    for field in described(TokenOptions):
        if field.name != "model":
            own = of_training[field.name]
            assert (field.default, field.text, field.limits) == (own.default, own.text, own.limits)
