"""Features that see damage (subword pieces, repeated sentences, mixed-up words, beginnings), and what makes it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from curate.score.quality import beginnings, damage, mishaps, pieces
from curate.score.quality.pairs import Pairs
from curate.score.quality.requested_form import missed
from curate.score.quality.text_row import TextRow

ENGLISH = (
    "The harbour was built by masons from the north. They stayed for the whole summer and slept in tents. "
    "In the autumn most of them went home. Some bought a house near the quay and kept a shop there."
)
HAN = (
    "港口是由北方来的石匠建成的。他们整个夏天都住在帐篷里。"
    "到了秋天，大多数人回家去了。有些人在码头附近买了房子，开了店。"
)
ITEMS = "1. Bread\n2. Butter\n3. Cheese\n4. Olives\n5. Tea"


def column(module, prompt, text, name):
    return float(module.features(Pairs([prompt], [text]))[0, module.NAMES.index(name)])


@pytest.mark.parametrize("text", [ENGLISH, HAN])
@pytest.mark.parametrize("seed", range(4))
def test_misread_letters_fall_into_more_and_rarer_pieces(text, seed):
    bad = mishaps.misread(TextRow("Tell me.", text), TextRow("", ""), random.Random(seed)).response
    assert column(pieces, "", bad, "pieces_per_letter") > column(pieces, "", text, "pieces_per_letter")
    assert column(pieces, "", bad, "piece_probability") < column(pieces, "", text, "piece_probability")


def test_pieces_of_nothing_are_nothing():
    assert not pieces.features(Pairs(["a", "b"], ["", "  "])).any()


@pytest.mark.parametrize("text", [ENGLISH, HAN])
@pytest.mark.parametrize("seed", range(4))
def test_a_repeated_part_is_seen_and_a_sound_text_has_none(text, seed):
    assert column(damage, "", text, "repeated_text") == 0
    bad = mishaps.repeated_part(TextRow("Tell me.", text), TextRow("", ""), random.Random(seed)).response
    assert column(damage, "", bad, "repeated_text") > 0.15


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The rnasons of the n0rth bui1t the harb0ur in thrce sumrners.", "mixed_words"),
        ("[10:31] Ann: They came in May.\n[10:32] Bo: nice\n[10:32] Ann: And stayed.", "stamped_lines"),
        ("Ann: They came in May.\nBo: nice\nAnn: And stayed.", "addressed_lines"),
        ("港 口 是 由 北 方 来 的 石 匠 建 成 的 。", "stray_spaces"),
    ],
)
def test_damage_is_seen_where_it_is_and_not_in_sound_texts(text, name):
    assert column(damage, "Who built it?", text, name) > 0.2
    for sound in (ENGLISH, HAN, ITEMS, "```python\nuser2name = {}\n```"):
        assert column(damage, "Who built it?", sound, name) == 0


def test_times_that_the_prompt_has_are_no_damage():
    assert column(damage, "Plan my day from 9:00 on.", "9:00 breakfast\n10:30 museum", "stamped_lines") == 0


def test_first_words_that_begin_no_other_sentence_are_seen():
    texts = [f"The {noun} is near the {other}. People of the {noun} like it." for noun in "abcdefgh" for other in "xyz"]
    pairs = Pairs(["Where is it?"] * (len(texts) + 2), [*texts, "The quay is near.", "near the quay it is."])
    folds = np.arange(len(pairs)) % 5
    counts = beginnings.BeginningCounts(pairs, folds, 5)
    good, bad = beginnings.features(counts, pairs, folds)[-2:]
    assert good[0] > bad[0]


@pytest.mark.parametrize("make", [mishaps.reordered, mishaps.as_chat, mishaps.misread, mishaps.repeated_part])
@pytest.mark.parametrize("text", [ENGLISH, HAN])
def test_mishaps_change_the_answer_alone_and_the_same_way_again(make, text):
    row = TextRow("Tell me about the harbour.", text)
    made = [make(row, TextRow("", ""), random.Random(7)) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0].prompt == row.prompt and made[0].response != text


def test_items_are_lost_and_forms_asked_for_only_where_they_are_missed():
    for seed in range(20):
        lost = mishaps.items_lost(TextRow("What do I need?", ITEMS), TextRow("", ""), random.Random(seed))
        assert missed(*lost) == ["so many items"]
        asked = mishaps.form_asked(TextRow("Who built it?", ENGLISH), TextRow("", ""), random.Random(seed))
        assert asked is None or missed(*asked)
    assert mishaps.items_lost(TextRow("Who built it?", ENGLISH), TextRow("", ""), random.Random(0)) is None
