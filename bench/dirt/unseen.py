"""KEPT FOR THE REPORT.  Kinds of dirt that no score may be tuned on; whoever writes a score does not read this file.

The same holds for every file here whose name begins with `unseen`.
"""

from __future__ import annotations

import random
from functools import cache

from dirt import unseen_code, unseen_damage, unseen_swaps
from dirt.donors import Donors, filled, phrases
from dirt.kinds import Kind
from dirt.row import Row
from dirt.wrong_answers import sentences_of

FOLDER = "unseen_phrases"


def _in_place(name: str) -> Kind:
    """The kind whose answers are phrases of a file."""

    def spoil(row: Row, _: Donors, rng: random.Random) -> Row:
        return row._replace(answer=filled(rng.choice(_pool(name, row.language)), row))

    return spoil


def advertisement(row: Row, _: Donors, rng: random.Random) -> Row:
    """One to three advertisements after the answer, or one in its middle."""
    adverts = rng.sample(_pool("advert", row.language), rng.randint(1, 3))
    sentences = sentences_of(row.answer)
    if len(sentences) > 3 and rng.random() < 0.3:
        middle = len(sentences) // 2
        return row._replace(answer="".join([*sentences[:middle], adverts[0], " ", *sentences[middle:]]))
    return row._replace(answer=row.answer.rstrip() + rng.choice((" ", "\n\n", "\n")) + "\n".join(adverts))


def chat_log(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """The answer as lines of a chat, with names, times and what others threw in."""
    sentences = [s.strip() for s in sentences_of(row.answer) if s.strip()][:8]
    names = rng.sample(NAMES[row.language], 3)
    lines, minute = [], rng.randint(0, 1300)
    shape = rng.choice(
        ("[{time}] {name}: {text}", "{name} {time}\n{text}", "{name} ({time}): {text}", "{time} <{name}> {text}")
    )
    for sentence in sentences:
        for name, text in (
            (names[0], sentence),
            (rng.choice(names[1:]), rng.choice(_pool("interjection", row.language))),
        ):
            minute = (minute + rng.randint(0, 4)) % 1440
            lines.append(shape.format(time=f"{minute // 60:02}:{minute % 60:02}", name=name, text=text))
    return row._replace(answer="\n".join(lines)) if sentences else None


@cache
def _pool(name: str, language: str) -> list[str]:
    return phrases(FOLDER, name, language)


NAMES = {
    "en": ["Anna", "mike_77", "Dave", "Priya", "xX_Leo_Xx", "Sandra K.", "Tom", "guest4411", "Olu", "Admin"],
    "zh": ["小李", "阿强", "王姐", "飞翔的鱼", "客服003", "老张", "Lily", "楼主", "豆豆妈", "管理员"],
}

UNSEEN: dict[str, Kind] = {
    "near question": unseen_swaps.near_question,
    "prompt on the topic": unseen_swaps.prompt_on_topic,
    "wrong format": unseen_swaps.wrong_format,
    "half the list": unseen_swaps.half_list,
    "instructions as answer": unseen_swaps.instructions,
    "half in another language": unseen_swaps.half_other_language,
    "OCR noise": unseen_damage.ocr_noise,
    "machine-translation garble": unseen_damage.translation_garble,
    "markup residue": unseen_damage.markup_residue,
    "romanised": unseen_damage.romanised,
    "encoding damage": unseen_damage.encoding_damage,
    "duplicated paragraph": unseen_damage.duplicated_paragraph,
    "beginning lost": unseen_damage.beginning_lost,
    "number soup": unseen_damage.number_soup,
    "code for a prose prompt": unseen_code.code_for_prose,
    "code cut off": unseen_code.code_cut,
    "chat log": chat_log,
    "advertisement": advertisement,
    "decline paraphrased": _in_place("decline"),
    "promise only": _in_place("promise"),
    "missing input asked for": _in_place("missing"),
    "empty politeness": _in_place("polite"),
    "spam": _in_place("spam"),
}
