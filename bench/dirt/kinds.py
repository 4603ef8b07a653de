"""The kinds of dirt that a score may be tuned on.

A kind is a function of (row, donors, random numbers) that returns the row spoilt, or None where a row cannot be spoilt
in this way.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from dirt import damage, stock_phrases, wrong_answers
from dirt.donors import Donors
from dirt.row import Row

Kind = Callable[[Row, Donors, random.Random], Row | None]

TUNE: dict[str, Kind] = {
    "answer of another row": wrong_answers.other_answer,
    "cut in mid-word": damage.cut_word,
    "shuffled words": damage.shuffled_words,
    "looped span": damage.looped_span,
    "keyboard mash": damage.mash,
    "prompt echoed": wrong_answers.echo,
    "stock phrase": stock_phrases.stock,
    "placeholder": stock_phrases.placeholder,
    "other language": wrong_answers.other_language,
    "web residue": stock_phrases.web_residue,
    "refusal": stock_phrases.refusal,
    "end of another answer": wrong_answers.other_ending,
}
