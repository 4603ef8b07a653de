"""KEPT FOR THE REPORT: answers damaged on their way, by scanners, translators, encodings and editors."""

from __future__ import annotations

import html
import random
import re

from dirt.damage import pieces_of
from dirt.donors import Donors
from dirt.row import Row
from dirt.wrong_answers import sentences_of

OCR = {
    "en": {
        "m": "rn",
        "l": "1",
        "O": "0",
        "o": "0",
        "e": "c",
        "I": "l",
        "h": "li",
        "S": "5",
        "d": "cl",
        "w": "vv",
        "g": "9",
        "a": "ci",
    },
    "zh": {
        "的": "白勺",
        "是": "早",
        "日": "曰",
        "人": "入",
        "大": "犬",
        "己": "已",
        "未": "末",
        "土": "士",
        "不": "禾",
        "了": "孑",
        "和": "禾口",
        "在": "荏",
        "有": "冇",
        "中": "申",
        "这": "辺",
        "为": "力",
        "时": "吋",
        "们": "门",
        "以": "1又",
        "。": "o",
        "，": "丶",
    },
}
SYLLABLES = {
    "de": "的得地", "shi": "是时事使十市式师", "yi": "一以意义已易", "zai": "在再", "you": "有由又友", "he": "和合何河",
    "wo": "我", "ni": "你", "ta": "他她它", "men": "们门", "le": "了", "bu": "不部步", "ren": "人任认", "zhong": "中种重",
    "da": "大打达", "guo": "国过果", "xue": "学", "sheng": "生声", "hui": "会回", "ke": "可科", "neng": "能", "yao": "要药",
    "xing": "性行形", "fa": "法发", "xian": "现先显", "jie": "解结节界", "wen": "文问", "ti": "题体提", "zhe": "这着者",
    "ge": "个各", "lai": "来", "shang": "上", "xia": "下", "dao": "到道", "shuo": "说", "wei": "为位", "zi": "子自字",
}  # fmt: skip
BY_HAN = {han: syllable for syllable, characters in SYLLABLES.items() for han in characters}
SOME = tuple("ba chen dui feng gao hua jing kan liang ming nan ping qing rong song tian wan xin yang zhang".split())
GARBLED = {"the": "", "a": "", "an": "", "of": "by the", "is": "be", "are": "is to be", "to": "for to", "and": "as well as also",
           "you": "one's you", "can": "able may", "with": "together to", "in": "at inside", "for": "because for", "it": "that one"}  # fmt: skip
GARBLED_HAN = {
    "的": "之的其",
    "是": "被是为",
    "在": "在于里面在",
    "和": "与以及并且和",
    "可以": "能够被可以去",
    "了": "已经了过",
}


def ocr_noise(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """Characters taken for others that look like them, and white space where none belongs or missing."""
    if len(row.answer) < 20:
        return None
    table, rate = OCR[row.language], rng.uniform(0.15, 0.4)
    letters = [table[c] if c in table and rng.random() < rate else _neighbour(c, rate, rng) for c in row.answer]
    letters = [
        c + " " if rng.random() < rate / 8 else "" if c == " " and rng.random() < rate / 2 else c for c in letters
    ]
    return row._replace(answer="".join(letters))


def _neighbour(character: str, rate: float, rng: random.Random) -> str:
    """A Chinese character taken, now and then, for one near it in Unicode, where those of one radical stand together."""
    if "一" <= character <= "鿀" and rng.random() < rate / 2:
        return chr(ord(character) + rng.choice((-3, -2, -1, 1, 2, 3)))
    return character


def translation_garble(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """Word for word from another language: neighbours in the wrong order, small words wrong, some said twice."""
    pieces = pieces_of(row)
    if len(pieces) < 8:
        return None
    for start in range(0, len(pieces) - 2, 3):
        window = pieces[start : start + 3]
        rng.shuffle(window)
        pieces[start : start + 3] = [*window, window[-1]] if rng.random() < 0.1 else window
    if row.language == "en":
        words = (GARBLED.get(w.lower(), w) for w in pieces)
        return row._replace(answer=" ".join(w for w in words if w))
    answer = "".join(pieces)
    for right, wrong in GARBLED_HAN.items():
        answer = answer.replace(right, wrong)
    return row._replace(answer=answer)


def markup_residue(row: Row, _: Donors, rng: random.Random) -> Row:
    """The answer inside tags, escaped a time too often, or full of an editor's marks."""
    shape = rng.randrange(4)
    sentences = [s.strip() for s in sentences_of(row.answer) if s.strip()]
    if shape == 0:
        body = "".join(f'<p style="margin:0;font-family:Arial">{html.escape(s)}</p><br/>' for s in sentences)
        return row._replace(answer=f'<div class="post-content" id="c{rng.randint(1, 9999)}">{body}</div></td></tr>')
    if shape == 1:
        body = "&lt;br&gt;&nbsp;&nbsp;".join(html.escape(html.escape(s)) for s in sentences)
        return row._replace(answer=f"&lt;span class=&quot;txt&quot;&gt;{body}&lt;/span&gt;&nbsp;")
    if shape == 2:
        body = " ".join(
            f"{s}[[{i}]](#cite_note-{i}) ![](data:image/gif;base64,R0lGOD)" for i, s in enumerate(sentences, 1)
        )
        return row._replace(
            answer=f"{{{{Infobox}}}} [[File:thumb.jpg|200px]] '''{body}''' [edit] {{{{cn|date=May 2012}}}}"
        )
    body = "[/size][/font]\n".join(f"[font=Verdana][size=2]{s}" for s in sentences)
    return row._replace(
        answer=f"[quote=user{rng.randint(1, 999)}][color=#333]{body}[/size][/font][/color][/quote][url=#]#[/url]"
    )


def romanised(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """A Chinese answer in Latin letters without tones; rare characters get a syllable that need not be theirs."""
    if row.language == "en" or len(row.answer) < 8:
        return None
    joint = rng.choice((" ", " ", ""))
    letters = (BY_HAN.get(c, SOME[ord(c) % len(SOME)]) + joint if "一" <= c <= "鿿" else c for c in row.answer)
    return row._replace(answer="".join(letters).translate(str.maketrans("，。：；？！", ",.:;?!")))


def encoding_damage(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """Bytes read in the wrong encoding."""
    if len(row.answer) < 12:
        return None
    if row.language == "zh":
        shape = rng.randrange(3)
        wrong = ("latin-1", "gbk", "ascii")[shape]
        return row._replace(answer=row.answer.encode().decode(wrong, "ignore" if shape == 0 else "replace"))
    text = re.sub(r" ", lambda m: "Â\xa0" if rng.random() < 0.15 else m[0], row.answer)
    text = re.sub(r"['’]", "â€™", re.sub(r'"', "â€œ", text))
    text = re.sub(
        r"(?<=[a-z])[aeiou](?=[a-z])", lambda m: rng.choice(("Ã©", "�", "Ã¼")) if rng.random() < 0.12 else m[0], text
    )
    return row._replace(answer=text.replace("- ", "â€“ ")) if text != row.answer else None


def duplicated_paragraph(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """A third of the answer at least, or all of it, stands there two or three times."""
    sentences = sentences_of(row.answer)
    if len(row.answer) < 40:
        return None
    length = max(1, rng.randint(len(sentences) // 3, len(sentences)))
    start = rng.randint(0, len(sentences) - length)
    part = "".join(sentences[start : start + length]).rstrip()
    again = "\n\n".join([part] * rng.randint(2, 3))
    return row._replace(answer="".join(sentences[:start]) + again + "\n\n" + "".join(sentences[start + length :]))


def beginning_lost(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """The answer begins in mid-sentence; what came before, a third of it or more, is lost."""
    inside = r"(?<=[一-鿿]{3})(?=[一-鿿]{2})" if row.language == "zh" else r"(?<=[a-z]) (?=[a-z])"
    low, high = 0.3 * len(row.answer), 0.7 * len(row.answer)
    places = [m.end() for m in re.finditer(inside, row.answer) if low <= m.start() <= high]
    return row._replace(answer=row.answer[rng.choice(places) :].lstrip()) if places and len(row.answer) > 40 else None


def number_soup(row: Row, _: Donors, rng: random.Random) -> Row:
    """Numbers, dates and signs without words."""
    shapes = (
        "{a}",
        "{a}.{b}",
        "{a},{b}",
        "{a}-{b}-{a}",
        "0x{a:04x}",
        "{a}%",
        "({a}, {b})",
        "{a}:{b}",
        "{a}e-{b}",
        "|",
        ";",
    )
    pieces = [
        rng.choice(shapes).format(a=rng.randint(0, 99999), b=rng.randint(0, 99)) for _ in range(rng.choice((4, 12, 40)))
    ]
    return row._replace(answer=rng.choice((" ", "\t", "\n", ", ")).join(pieces))
