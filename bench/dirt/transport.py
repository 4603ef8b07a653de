"""Answers damaged on their way, by scanners, translators, encodings and editors."""

from __future__ import annotations

import html
import json
import random
import re
from difflib import SequenceMatcher
from pathlib import Path

from dirt.damage import pieces_of
from dirt.donors import Donors
from dirt.row import Row
from dirt.wrong_answers import sentences_of

# `ocr`: what a letter is taken for; `syllables`: Chinese characters by syllable; `garbled`: small words by wrong ones.
TABLES = json.loads((Path(__file__).parent / "phrases" / "tables.json").read_text(encoding="utf-8"))
BY_HAN = {han: syllable for syllable, characters in TABLES["syllables"].items() for han in characters}


def ocr_noise(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """Characters taken for others that look like them, and white space where none belongs; one in 14 at least."""
    if len(row.answer) < 20:
        return None
    table, rate = TABLES["ocr"][row.language], rng.uniform(0.15, 0.4)
    letters = [table[c] if c in table and rng.random() < rate else _neighbour(c, rate, rng) for c in row.answer]
    letters = [
        c + " " if rng.random() < rate / 8 else "" if c == " " and rng.random() < rate / 2 else c for c in letters
    ]
    answer = "".join(letters)
    same = sum(block.size for block in SequenceMatcher(None, row.answer, answer, False).get_matching_blocks())
    return row._replace(answer=answer) if same <= 0.93 * len(row.answer) else None


def _neighbour(character: str, rate: float, rng: random.Random) -> str:
    """A Chinese character taken, now and then, for a neighbour in Unicode, often of the same radical."""
    if "一" <= character <= "鿀" and rng.random() < rate / 2:
        return chr(ord(character) + rng.choice((-3, -2, -1, 1, 2, 3)))
    return character


def translation_garble(row: Row, _: Donors, rng: random.Random) -> Row | None:
    """Word for word from another language: neighbours in the wrong order, small words wrong, some said twice."""
    pieces, garbled = pieces_of(row), TABLES["garbled"][row.language]
    if len(pieces) < 8:
        return None
    for start in range(0, len(pieces) - 2, 3):
        window = pieces[start : start + 3]
        rng.shuffle(window)
        pieces[start : start + 3] = [*window, window[-1]] if rng.random() < 0.1 else window
    if row.language == "en":
        words = (garbled.get(w.lower(), w) for w in pieces)
        return row._replace(answer=" ".join(w for w in words if w))
    answer = "".join(pieces)
    for right, wrong in garbled.items():
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
    joint, some = rng.choice((" ", " ", "")), TABLES["some_syllables"]
    letters = (BY_HAN.get(c, some[ord(c) % len(some)]) + joint if "一" <= c <= "鿿" else c for c in row.answer)
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
