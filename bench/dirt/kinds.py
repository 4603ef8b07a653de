"""The kinds of dirt that a score may be tuned on.

A kind is a function of (row, donors, random numbers) that returns the row spoilt, or None where a row cannot be spoilt
in this way.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from dirt import damage, intrusions, misfits, stock_phrases, transport, wrong_answers, wrong_code
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
    "stock phrase": stock_phrases.in_place("stock"),
    "placeholder": stock_phrases.in_place("placeholder"),
    "other language": wrong_answers.other_language,
    "web residue": stock_phrases.web_residue,
    "refusal": stock_phrases.in_place("refusal"),
    "end of another answer": wrong_answers.other_ending,
    "near question": misfits.near_question,
    "prompt on the topic": misfits.prompt_on_topic,
    "wrong format": misfits.wrong_format,
    "half the list": misfits.half_list,
    "instructions as answer": misfits.instructions,
    "half in another language": misfits.half_other_language,
    "OCR noise": transport.ocr_noise,
    "machine-translation garble": transport.translation_garble,
    "markup residue": transport.markup_residue,
    "romanised": transport.romanised,
    "encoding damage": transport.encoding_damage,
    "duplicated paragraph": transport.duplicated_paragraph,
    "beginning lost": transport.beginning_lost,
    "number soup": transport.number_soup,
    "code for a prose prompt": wrong_code.code_for_prose,
    "code cut off": wrong_code.code_cut,
    "chat log": intrusions.chat_log,
    "advertisement": intrusions.advertisement,
    "decline paraphrased": stock_phrases.in_place("decline"),
    "promise only": stock_phrases.in_place("promise"),
    "missing input asked for": stock_phrases.in_place("missing"),
    "empty politeness": stock_phrases.in_place("polite"),
    "spam": stock_phrases.in_place("spam"),
}
