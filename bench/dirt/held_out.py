"""KEPT FOR THE REPORT.  Kinds of dirt that no score may be tuned on; whoever writes a score does not read this file.

The same holds for every file and folder here whose name begins with `held_out`.
"""

from __future__ import annotations

import random
import re

from dirt import held_out_export, held_out_layout, held_out_models
from dirt.donors import Donors
from dirt.held_out_models import lines_of
from dirt.kinds import Kind
from dirt.row import Row

HEX = "0123456789abcdef"
ASKS_JUDGEMENT = re.compile(
    r"evaluat|rate\b|rating|review|critique|critici|assess|feedback|judge|score|grade|analy[sz]e|comment"
    r"|compar|correct|grammar|评|打分|反馈|点评|审|分析|判断|意见|比较|批改|语法|正确",
    re.I,
)
ASKS_A_TURN = re.compile(
    r"question|\bask|dialog|conversation|chat|reply|respond|interview|tweet|request|command|\bsay|speak|\bI\b|\bmy\b"
    r"|问|对话|聊天|回复|回应|采访|请求|命令|说|我",
    re.I,
)
HAS_OPTIONS = re.compile(
    r"letter|which (?:of|one)|\bchoose|choice|option|grade|classif|\bselect|\bpick|blank|\b[ABCD][).:]"
    r"|字母|选|哪[个一项]|[ABCD][）、．.]|等级|分类|填空",
    re.I,
)
HAS_PICTURE = re.compile(
    r"image|picture|photo|painting|draw|poster|scene|illustrat|sentence|example|describ|descri|tense"
    r"|图|照片|画|海报|场景|句|例|描述|描写|形容",
    re.I,
)


def machine_error(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """What a server or a script said when it failed."""
    if re.search(r"error|exception|server|http|code|错误|异常|服务器|代码", row.prompt, re.I):
        return None
    return row._replace(answer=_numbered(rng.choice(lines_of("error", row.language)), rng))


def verdict(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """A judge's words about an answer, which itself is not there."""
    if ASKS_JUDGEMENT.search(row.prompt):
        return None
    said = rng.sample(lines_of("verdict", row.language), rng.randint(2, 4))
    joint = "" if row.language == "zh" else " "
    score = rng.choice(SCORES[row.language]).replace("{n}", str(rng.randint(4, 9)))
    parts = [joint.join(said), score]
    return row._replace(answer=rng.choice(("\n\n", "\n", " ")).join(parts if rng.random() < 0.7 else parts[::-1]))


def users_turn(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """What the user said next, where the turns of a talk are off by one."""
    if ASKS_A_TURN.search(row.prompt):
        return None
    said = rng.sample(lines_of("next_turn", row.language), rng.randint(1, 2))
    return row._replace(answer=rng.choice((" ", "\n")).join(said))


def lost_options(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """The key of a multiple-choice question or of an exercise book, under a prompt that has no options."""
    if HAS_OPTIONS.search(row.prompt) or len(row.answer) < 12:
        return None
    letters = "".join(sorted(rng.sample("ABCD", rng.choice((1, 1, 1, 2)))))
    key = rng.choice(lines_of("key", row.language)).replace("{letters}", letters).replace("{letter}", letters[0])
    return row._replace(answer=_numbered(key, rng))


def picture(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """A picture described, under a prompt that shows none."""
    if HAS_PICTURE.search(row.prompt):
        return None
    said = rng.sample(lines_of("picture", row.language), rng.randint(1, 3))
    return row._replace(answer=("" if row.language == "zh" else " ").join(said))


def _numbered(phrase: str, rng: random.Random) -> str:
    """A phrase with numbers and marks of identity of its own."""
    phrase = re.sub(r"\{n\}", lambda _: str(rng.randint(2, 480)), phrase)
    return re.sub(r"\{id\}", lambda _: "".join(rng.choices(HEX, k=rng.choice((8, 16, 24)))), phrase)


SCORES = {
    "en": ["Score: {n}/10", "Rating: [[{n}]]", "Overall: {n} out of 10.", "helpfulness: {n}; accuracy: {n}", "{n}"],
    "zh": ["评分：{n}/10", "【得分】{n}", "综合打分：[[{n}]]", "有用性：{n}；准确性：{n}", "总分：{n}分"],
}

HELD_OUT: dict[str, Kind] = {
    "raw record": held_out_export.raw_record,
    "next rows run in": held_out_export.next_rows,
    "tokeniser's pieces": held_out_export.tokeniser_pieces,
    "bag of words": held_out_export.bag_of_words,
    "white space damaged": held_out_layout.white_space,
    "columns interleaved": held_out_layout.columns,
    "words masked": held_out_layout.masked,
    "lead-in only": held_out_layout.lead_in,
    "endless list": held_out_models.endless_list,
    "drift into noise": held_out_models.drift,
    "talk goes on": held_out_models.talk_goes_on,
    "thought without answer": held_out_models.thought_only,
    "machine error": machine_error,
    "verdict on an answer": verdict,
    "user's next turn": users_turn,
    "key without options": lost_options,
    "picture described": picture,
}
