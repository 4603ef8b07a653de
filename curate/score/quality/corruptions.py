"""Ways in which a row goes bad: each makes of a good row one that nobody should train on.

The classifier of `classifier.py` learns to tell rows from their corruptions, so that a corruption must leave no good
answer.  Each is a function of a row, a donor (another row of the same fold) and a random generator.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable

from curate.score.quality import leftovers, mishaps
from curate.score.quality.composed import composed
from curate.score.quality.phrases import AFTER, BEFORE, FOREIGN, STOCK
from curate.score.quality.text_row import TextRow, language

_HAN_SAMPLE = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可"
    "主发年动同工也能下过子说产种面而方后多定行学法所民得经"
)
_UNIT = re.compile(r"\s*[^\s\u3400-\u9fff]+|\s*[\u3400-\u9fff]")


# Requests that hand over a text to work with.
MATERIAL = re.compile(
    r"\b(?:following|below|above|given|provided|summari[sz]e|rewrite|paraphrase|edit|proofread|correct|translate"
    r"|(?:this|the) (?:given |following )?(?:text|sentence|passage|article|paragraph|code|e-?mail|review|document|story"
    r"|poem|quote|headline|statement|list))\b"
    r"|以下|下面|下文|这[段篇句个首条]|该[段篇句文]|下列|给定|给出的|上述|概括|总结|改写|缩写|材料|文中",
    re.I,
)

Corruption = Callable[[TextRow, TextRow, random.Random], "TextRow | None"]


def other_answer(row: TextRow, donor: TextRow, _: random.Random) -> TextRow | None:
    """The answer of another row."""
    return row._replace(response=donor.response)


def other_prompt_part(row: TextRow, donor: TextRow, _: random.Random) -> TextRow | None:
    """The end of the answer is that of another row's."""
    own, other = _units(row.response), _units(donor.response)
    if len(own) < 8 or len(other) < 8:
        return None
    return row._replace(response="".join(own[: len(own) // 2]) + "".join(other[len(other) // 2 :]))


def appended(row: TextRow, donor: TextRow, rng: random.Random) -> TextRow | None:
    """Another answer, or its end, follows the answer."""
    lines = [line for line in re.split(r"(?<=[.!?。！？])\s*|\n+", donor.response) if line.strip()]
    end = lines[rng.randrange(len(lines)) :] if lines and rng.random() < 0.5 else [donor.response]
    joint = "" if language(donor.response) == "zh" else " "
    return row._replace(response=row.response + rng.choice(["\n", "\n\n", " "]) + joint.join(end))


def other_language(row: TextRow, donor: TextRow, rng: random.Random) -> TextRow | None:
    """An answer in another language than the row's."""
    if language(donor.response) != language(row.response):
        return row._replace(response=donor.response)
    return row._replace(response=" ".join(rng.sample(FOREIGN, rng.choice([1, 1, 2]))))


def cut_anywhere(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """The answer breaks off in the middle of a sentence."""
    text = row.response.rstrip()
    if len(text) < 24:
        return None
    for _try in range(8):
        at = int(len(text) * rng.uniform(0.15, 0.95))
        cut = text[:at].rstrip()
        if cut and cut[-1] not in ".!?。！？…)）]}\"'”’`|>:;；\n" and text[at : at + 1] not in ("\n", "", ".", "。"):
            return row._replace(response=cut)
    return None


def cut_short(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """Only the first words of the answer are there."""
    units = _units(row.response)
    if len(units) < 16:
        return None
    return row._replace(response="".join(units[: rng.randint(2, max(3, len(units) // 6))]).rstrip(".。"))


def shuffled_words(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """The words of the answer in any order."""
    units = [unit.strip() for unit in _units(row.response)]
    if len(units) < 6:
        return None
    rng.shuffle(units)
    return row._replace(response=("" if language(row.response) == "zh" else " ").join(units))


def shuffled_span(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """The words of a stretch of the answer in any order."""
    units = _units(row.response)
    if len(units) < 16:
        return None
    size = rng.randint(8, max(8, len(units) // 2))
    start = rng.randrange(len(units) - size + 1)
    span = units[start : start + size]
    rng.shuffle(span)
    return row._replace(response="".join([*units[:start], *span, *units[start + size :]]))


def dropped_words(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """Many words of the answer are missing."""
    units = _units(row.response)
    if len(units) < 10:
        return None
    share = rng.uniform(0.3, 0.6)
    return row._replace(response="".join(unit for unit in units if rng.random() > share))


def repeated_span(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """A stretch of the answer over and over."""
    units = _units(row.response)
    if len(units) < 3:
        return None
    size = rng.randint(1, min(12, len(units)))
    start = rng.randrange(len(units) - size + 1)
    loop = "".join(units[start : start + size])
    separator = rng.choice(["", " ", "\n"])
    return row._replace(
        response="".join(units[: start + size]) + separator + separator.join([loop] * rng.randint(4, 14))
    )


def mash(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """Keys struck at random."""
    zh = language(row.prompt) == "zh" and rng.random() < 0.5
    letters = (
        _HAN_SAMPLE
        if zh
        else rng.choice([string.ascii_lowercase, "asdfghjkl", string.ascii_letters + string.digits, "qwxzkvjbp"])
    )
    most = min(max(len(row.response), 8), 400)
    text = "".join(rng.choice(letters) for _ in range(int(most * rng.uniform(0.4, 1.1)) + 4))
    if not zh and rng.random() < 0.7:
        size = rng.randint(3, 9)
        text = " ".join(text[i : i + size] for i in range(0, len(text), size))
    return row._replace(response=text.strip())


def scrambled_letters(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """Letters of many words changed, as by bad recognition of a scan."""
    chars = list(row.response)
    if len(chars) < 16:
        return None
    rate = rng.uniform(0.12, 0.35)
    pool = _HAN_SAMPLE if language(row.response) == "zh" else "abcdefghijklmnopqrstuvwxyz1l0|~^"
    return row._replace(response="".join(rng.choice(pool) if c.isalnum() and rng.random() < rate else c for c in chars))


def echo(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """The prompt in place of the answer."""
    if not row.prompt.strip():
        return None
    tail = rng.choice(["", "", "?", "\n" + row.prompt, "..."])
    head = rng.choice(["", "", "", "You asked: ", "Question: ", "The instruction is: "])
    lines = row.prompt.split("\n")
    return row._replace(response=head + rng.choice([row.prompt, row.prompt, lines[0], lines[-1]]) + tail)


def stock(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """A phrase in place of the answer; a few phrases are far more frequent than the others, as in real pools."""
    phrases = STOCK[language(row.prompt)]
    at = int(rng.paretovariate(0.6)) - 1 if rng.random() < 0.6 else rng.randrange(len(phrases))
    return row._replace(response=phrases[at * 7 % len(phrases)])


def worded(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """A refusal, a promise or a generality in words of the prompt in place of the answer."""
    return row._replace(response=composed(row.prompt, language(row.prompt), rng))


def residue(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """What a web page or another chat left around the answer."""
    kind = language(row.response)
    before = rng.choice(BEFORE[kind]) if rng.random() < 0.5 else ""
    after = rng.choice(AFTER[kind]) if rng.random() < 0.7 or not before else ""
    return row._replace(response=before + row.response + after)


def marked_up(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """The answer with marks of HTML, escapes or damage to its encoding."""
    text = row.response
    choice = rng.randrange(4)
    if choice == 0:
        text = "<p>" + re.sub(r"\n+", "</p><p>", text) + "</p>"
    elif choice == 1:
        text = text.replace("\n", "\\n").replace('"', '\\"') + "\\n"
        text = text if "\\" in text[:-2] else text.replace(" ", "&nbsp;")
    elif choice == 2:
        text = re.sub(r"(\w{4,})", lambda m: m[0] if rng.random() < 0.8 else f"<b>{m[0]}</b>", text) + "<br>"
    elif text.isascii():
        text = re.sub(
            r"[' ,.]", lambda m: m[0] if rng.random() < 0.7 else rng.choice(["â€™", "Ã©", "Â ", "\ufffd"]), text
        )
    else:
        text = text.encode("utf-8").decode("latin-1")
    return row._replace(response=text)


def part_missing(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """The first part of the answer is missing, so that it begins in the middle of a sentence."""
    units = _units(row.response)
    at = int(len(units) * rng.uniform(0.3, 0.8))
    if len(units) < 20 or units[at - 1][-1] in ".!?。！？:：" or units[at].startswith("\n"):
        return None
    return row._replace(response="".join(units[at:]).strip())


def input_lost(row: TextRow, _: TextRow, __: random.Random) -> TextRow | None:
    """The prompt speaks of a text that it does not hold."""
    request, _break, given = row.prompt.partition("\n")
    if not MATERIAL.search(request) or len(given.strip()) < 40:
        return None
    return row._replace(prompt=request.rstrip(":： "))


def _units(text: str) -> list[str]:
    """Words with the white space before them, and each Han character by itself."""
    return _UNIT.findall(text)


CORRUPTIONS: dict[str, Corruption] = {
    function.__name__: function
    for function in (
        other_answer,
        other_prompt_part,
        appended,
        other_language,
        cut_anywhere,
        cut_short,
        shuffled_words,
        shuffled_span,
        dropped_words,
        repeated_span,
        mash,
        scrambled_letters,
        echo,
        stock,
        worded,
        residue,
        marked_up,
        part_missing,
        input_lost,
        leftovers.wrapped,
        leftovers.doubled,
        leftovers.letters_changed,
        leftovers.unfilled,
        mishaps.misread,
        mishaps.reordered,
        mishaps.repeated_part,
        mishaps.as_chat,
        mishaps.items_lost,
        mishaps.form_asked,
    )
}
