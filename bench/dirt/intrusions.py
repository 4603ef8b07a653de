"""What others threw in: phrases in place of an answer, advertisements in it, and answers as lines of a chat."""

from __future__ import annotations

import random

from dirt.donors import Donors, phrases
from dirt.row import Row
from dirt.wrong_answers import sentences_of

FOLDER = "phrases"


def advertisement(row: Row, _: Donors, rng: random.Random) -> Row:
    """One to three advertisements after the answer, or one in its middle."""
    adverts = rng.sample(phrases(FOLDER, "advert", row.language), rng.randint(1, 3))
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
            (rng.choice(names[1:]), rng.choice(phrases(FOLDER, "interjection", row.language))),
        ):
            minute = (minute + rng.randint(0, 4)) % 1440
            lines.append(shape.format(time=f"{minute // 60:02}:{minute % 60:02}", name=name, text=text))
    return row._replace(answer="\n".join(lines)) if sentences else None


NAMES = {
    "en": ["Anna", "mike_77", "Dave", "Priya", "xX_Leo_Xx", "Sandra K.", "Tom", "guest4411", "Olu", "Admin"],
    "zh": ["小李", "阿强", "王姐", "飞翔的鱼", "客服003", "老张", "Lily", "楼主", "豆豆妈", "管理员"],
}
