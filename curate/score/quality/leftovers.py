"""What generation, conversion and careless copying leave of an answer: corruptions of the form of a text."""

from __future__ import annotations

import json
import random
import re

from curate.score.quality.text_row import TextRow, language, sentences

_UNFILLED = (
    "[name]",
    "{name}",
    "____",
    "XXX",
    "[insert here]",
    "<topic>",
    "{{value}}",
    "[...]",
    "【待补充】",
    "（略）",
)


def wrapped(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """The answer in the quotation marks and escapes of a data structure."""
    text = json.dumps(row.response, ensure_ascii=rng.random() < 0.3)
    shapes = ('{{"output": {0}}}', "{{'response': {0}}}", "[{0}]", "{0},", "output: {0}", '"answer": {0}}}]', "b{0}")
    return row._replace(response=rng.choice(shapes).format(text))


def doubled(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """The whole answer again, or each of its sentences."""
    parts = sentences(row.response)
    if len(row.response) < 8:
        return None
    if len(parts) > 1 and rng.random() < 0.5:
        return row._replace(response="\n".join(f"{part} {part}" for part in parts))
    return row._replace(response=row.response + rng.choice(("\n", "\n\n", " ")) + row.response)


def letters_changed(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """Capitals, stops or spaces lost, or letters set apart."""
    text = row.response
    if len(text) < 20:
        return None
    if language(text) == "zh":
        bare = re.sub(r"[，。！？、；：“”\n]", "", text)
        return row._replace(response=rng.choice((bare, " ".join(bare))))
    bare = re.sub(r"[^\w\s]", "", text)
    ways = (text.upper(), bare.lower().replace("\n", " "), re.sub(r"\s", "", text), " ".join(text.replace(" ", "  ")))
    return row._replace(response=rng.choice(ways))


def unfilled(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """Words of the answer replaced by marks of what was to be filled in."""
    units = re.findall(r"\s*[^\s\u3400-\u9fff]+|\s*[\u3400-\u9fff]{1,3}", row.response)
    if len(units) < 6:
        return None
    mark = rng.choice(_UNFILLED)
    for place in rng.sample(range(len(units)), max(1, len(units) // rng.randint(5, 12))):
        units[place] = f" {mark}"
    return row._replace(response="".join(units))
