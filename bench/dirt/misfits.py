"""Sound texts that do not do what the prompt asks."""

from __future__ import annotations

import random
import re

from dirt.donors import Donors, words
from dirt.row import Row
from dirt.wrong_answers import sentences_of

ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)、]|[a-z]\))\s*\S", re.M)
ASKED = {
    "en": [
        "Reply with a valid JSON object and nothing else.",
        'Give the result as JSON with the keys "answer" and "reason".',
        "Output only a Markdown table with two columns.",
        "Format the answer as XML with the root element <result>.",
        "Return YAML only, no other text.",
        "Answer with one word only.",
        "Respond with a single number between 1 and 5 and nothing else.",
        "Write the answer as CSV with a header line.",
        "Your answer must have exactly three words.",
        "Answer only yes or no.",
        "Write your whole answer in capital letters.",
        "Answer as a LaTeX table.",
    ],
    "zh": [
        "只输出一个合法的 JSON 对象，不要有其他内容。",
        "请用 JSON 返回，键为“答案”和“理由”。",
        "只输出一个两列的 Markdown 表格。",
        "请以 XML 格式回答，根元素为 <result>。",
        "只返回 YAML，不要其他文字。",
        "只用一个词回答。",
        "只回答一个 1 到 5 之间的数字，不要其他内容。",
        "请把答案写成带表头的 CSV。",
        "答案必须恰好三个字。",
        "只回答“是”或“否”。",
        "请用英文回答。",
        "请写成 LaTeX 表格。",
    ],
}


def near_question(row: Row, donors: Donors, _: random.Random) -> Row | None:
    """The answer to the question most like this one."""
    donor = donors.near(row)
    return row._replace(answer=donor.answer) if donor else None


def prompt_on_topic(row: Row, donors: Donors, _: random.Random) -> Row | None:
    """The prompt that has most words in common with the answer, of all that ask for something else."""
    donor, own = donors.near(row, "answer"), words(row.answer)
    # An answer whose words are nearly all in the prompt may answer that one, too: a summary of the same news, say.
    if donor is None or len(own & words(donor.prompt)) > 0.5 * len(own):
        return None
    return row._replace(prompt=donor.prompt)


def wrong_format(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """The prompt asks for a form that its answer, in plain prose, has not."""
    if len(row.answer) < 40 or re.search(r"[{}<>|]|```", row.answer) or row.answer.isupper():
        return None
    return row._replace(prompt=f"{row.prompt}\n{rng.choice(ASKED[row.language])}")


def half_list(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """A list of at least four items, the second half of it gone, under a prompt that says how many are wanted."""
    starts = [m.start() for m in ITEM.finditer(row.answer)]
    if len(starts) < 4:
        return None
    asked = f"请正好列出{len(starts)}项。" if row.language == "zh" else f"List exactly {len(starts)} items."
    left = rng.randint(1, len(starts) // 2)
    return row._replace(prompt=f"{row.prompt}\n{asked}", answer=row.answer[: starts[left]].rstrip())


def instructions(row: Row, donors: Donors, rng: random.Random) -> Row:
    """Two to five other prompts where the answer should be, as models that make up tasks write them."""
    prompts = [donors.other(row, rng).prompt for _ in range(rng.randint(2, 5))]
    word = (
        rng.choice(("任务", "指令", "问题"))
        if row.language == "zh"
        else rng.choice(("Task", "Instruction", "Question"))
    )
    shape = rng.choice(("{i}. {text}", "{word} {i}: {text}", "### {word} {i}\n{text}"))
    return row._replace(answer="\n".join(shape.format(i=i, word=word, text=text) for i, text in enumerate(prompts, 1)))


def half_other_language(row: Row, donors: Donors, rng: random.Random) -> Row | None:
    """The answer goes over into the other language, and another subject, before its middle."""
    sentences = sentences_of(row.answer)
    other = sentences_of(donors.other(row, rng, "en" if row.language == "zh" else "zh").answer)
    if len(sentences) < 2 or len("".join(other)) < 20:
        return None
    return row._replace(
        answer="".join(sentences[: max(1, len(sentences) // 2)]) + "".join(other[-max(2, len(other) // 2) :])
    )
