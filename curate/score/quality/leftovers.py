"""What generation, conversion and careless copying leave of an answer: corruptions of the form of a text."""

from __future__ import annotations

import json
import random
import re

from curate.score.quality.text_row import TextRow, language, sentences

_NEXT = {
    "en": (
        "\n\nInstruction: {prompt}\nResponse: {response}",
        "\n\n### Instruction:\n{prompt}\n\n### Response:\n{response}",
        "\n\nHuman: {prompt}\n\nAssistant: {response}",
        "\nUser: {prompt}\nAI: {response}",
        "\n\nQ: {prompt}\nA: {response}",
        "\n\nInput: {prompt}\nOutput: {response}",
    ),
    "zh": (
        "\n\n指令：{prompt}\n回答：{response}",
        "\n\n用户：{prompt}\n助手：{response}",
        "\n\n问：{prompt}\n答：{response}",
        "\n\n### 指令：\n{prompt}\n\n### 回答：\n{response}",
    ),
}
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
_NOTES = ("[1]", "[2]", "[citation needed]", "[edit]", "(Image credit)", "{{cite web}}", "[源代码]", "^", "（见图1）")
_SPOKEN = ("um,", "uh,", "[inaudible]", "[music]", "00:01:23", "(laughs)", "you know,", "嗯，", "呃，", "【笑】")


def next_task(row: TextRow, donor: TextRow, rng: random.Random) -> TextRow | None:
    """The model went on to write the next task, and perhaps its answer."""
    response = rng.choice(("", donor.response, donor.response[: rng.randint(10, 80)]))
    text = rng.choice(_NEXT[language(row.response)]).format(prompt=donor.prompt, response=response)
    return row._replace(response=row.response.rstrip() + text.rstrip())


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


def sentences_shuffled(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """The sentences of the answer in any order, the last of them first."""
    parts = sentences(row.response)
    if len(parts) < 4:
        return None
    middle = parts[:-1]
    rng.shuffle(middle)
    return row._replace(response=(" " if language(row.response) == "en" else "").join([parts[-1], *middle]))


def mixed_language(row: TextRow, donor: TextRow, rng: random.Random) -> TextRow | None:
    """Sentences of another language between those of the answer."""
    own, other = sentences(row.response), sentences(donor.response)
    if language(row.response) == language(donor.response) or len(own) < 2 or not other:
        return None
    for place in sorted(rng.sample(range(1, len(own) + 1), min(len(own), rng.randint(1, 3))), reverse=True):
        own.insert(place, rng.choice(other))
    return row._replace(response=" ".join(own))


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


def empty_items(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """A list whose items say nothing, under the answer's first line."""
    item = rng.choice(("", "item", "...", "TBD", "内容", "[text]", "第{}点"))
    lines = [f"{i}. {item.format(i)}".rstrip() for i in range(1, rng.randint(3, 7))]
    first = row.response.split("\n")[0]
    head = [first] if first.rstrip().endswith((":", "：")) else []
    return row._replace(response="\n".join([*head, *lines]))


def noted(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """Marks of an encyclopedia, a page or a transcript between the sentences."""
    parts = sentences(row.response)
    if not parts:
        return None
    marks = rng.choice((_NOTES, _SPOKEN))
    return row._replace(response=" ".join(f"{part} {rng.choice(marks)}" for part in parts))


def flattened(row: TextRow, _: TextRow, rng: random.Random) -> TextRow | None:
    """Code or a list that lost its lines or its indentation."""
    if row.response.count("\n") < 3:
        return None
    lines = [line.strip() for line in row.response.split("\n")]
    if rng.random() < 0.5 and any(line != line.lstrip() for line in row.response.split("\n")):
        return row._replace(response="\n".join(lines))
    return row._replace(response=rng.choice((" ", "")).join(lines))
