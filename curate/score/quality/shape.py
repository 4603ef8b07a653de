"""Features of a response by itself: how it begins and ends, what it is made of, whether it repeats itself."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from itertools import pairwise

import numpy as np

from curate.score.quality.pairs import Pairs
from curate.text.words import CLOSING, END, HAN

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,80}>|&(?:nbsp|amp|lt|gt|quot|#\d+);")
_URL = re.compile(r"https?://|www\.|@\w+\.\w")
_ESCAPE = re.compile(r'\\[ntr"\']|\\u[0-9a-f]{4}')
_SPEAKER = re.compile(
    r"(?:^|\n)\s*(?:#+\s*)?(?:user|human|assistant|ai|bot|chatgpt|q|a|question|answer|instruction|input|response|用户|助手|人类|问|答|指令|输入)\s*[:：]",
    re.I,
)
_DAMAGE = re.compile("[\ufffd\u00c2-\u00ef][\u0080-\u00bf]|\ufffd|â€|Ã.|ï¿½")
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"), ("（", "）"), ("“", "”"), ("《", "》"), ("「", "」"))
_CODE = re.compile(
    r"[{};=<>]|\w\(|^\s*(?:def|class|import|from|return|for|if|select|public|const|let|var|#include)\b", re.I | re.M
)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)、]|[a-zA-Z][.)]|[一二三四五六七八九十]+、)\s*", re.M)

# Which way is better: 1 higher, -1 lower, 0 as the other features say.
DIRECTIONS = {
    "length": 0,
    "words": 0,
    "mean_word": 0,
    "longest_word": -1,
    "digits": -1,
    "punctuation": -1,
    "capitals": -1,
    "spaces": 0,
    "han": 0,
    "other_letters": 0,
    "compression": 1,
    "distinct_words": 1,
    "commonest_word": -1,
    "repeated_bigrams": -1,
    "repeated_lines": -1,
    "longest_run": -1,
    "vowels": 0,
    "distinct_start": 1,
    "tags": -1,
    "urls": -1,
    "escapes": -1,
    "speakers": -1,
    "damage": -1,
    "open_brackets": -1,
    "open_quotes": -1,
    "open_fences": -1,
    "code": 0,
    "bullets": 0,
    "lines": 0,
    "short_lines": 0,
    "ends_stop": 1,
    "ends_closing": 0,
    "ends_comma": -1,
    "ends_colon": -1,
    "ends_letter": 0,
    "ends_digit": 0,
    "ends_other": -1,
    "begins_capital": 1,
    "begins_lower": -1,
    "begins_mark": -1,
    "last_line_words": 0,
    "last_line_stop": 1,
    "lines_end_alike": 1,
    "bare_item": -1,
}
NAMES = tuple(DIRECTIONS)
# Features of which what is usual is better.
USUAL = ("mean_word", "spaces", "vowels", "other_letters")


def features(pairs: Pairs) -> np.ndarray:
    """(n, len(NAMES)) float32 features of the responses."""
    values = np.zeros((len(pairs), len(NAMES)), np.float32)
    for i, (text, words) in enumerate(zip(pairs.responses, pairs.response_words, strict=True)):
        values[i] = [
            *_surface(text, words),
            *_repetition(text, words),
            *_residue(text),
            *_form(text),
            *_ends(text),
        ]
    return values


def _surface(text: str, words: list[str]) -> list[float]:
    size = max(len(text), 1)
    han = len(HAN.findall(text))
    letters = sum(map(str.isalpha, text))
    latin = sum(c.isascii() and c.isalpha() for c in text)
    lengths = [len(word) for word in words] or [0]
    data = text.encode("utf-8", "surrogatepass")
    return [
        np.log1p(len(text)),
        np.log1p(len(words)),
        float(np.mean(lengths)),
        float(np.log1p(max(lengths))),
        sum(map(str.isdigit, text)) / size,
        sum(not c.isalnum() and not c.isspace() for c in text) / size,
        sum(map(str.isupper, text)) / max(latin, 1),
        sum(map(str.isspace, text)) / size,
        han / max(letters, 1),
        (letters - latin - han) / max(letters, 1),
        len(zlib.compress(data, 6)) / (len(data) ** 0.92 + 12),
    ]


def _repetition(text: str, words: list[str]) -> list[float]:
    n = max(len(words), 1)
    counts = Counter(words)
    bigrams = Counter(pairwise(words))
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    run = longest = 1
    for before, after in pairwise(text):
        run = run + 1 if before == after and not after.isspace() else 1
        longest = max(longest, run)
    latin = [word for word in words if word.isascii() and word.isalpha()]
    vowels = sum(sum(c in "aeiouy" for c in word) for word in latin) / max(sum(map(len, latin)), 1)
    return [
        len(counts) / n**0.85,
        max(counts.values(), default=0) / n,
        1 - len(bigrams) / max(len(words) - 1, 1),
        1 - len(set(lines)) / max(len(lines), 1),
        np.log(longest),
        vowels if latin else 0.4,
        float(len(set(words[:20])) / max(len(words[:20]), 1)),
    ]


def _residue(text: str) -> list[float]:
    tags = len(_TAG.findall(text))
    return [
        np.log1p(tags),
        np.log1p(len(_URL.findall(text))),
        np.log1p(len(_ESCAPE.findall(text))),
        np.log1p(len(_SPEAKER.findall(text))),
        np.log1p(len(_DAMAGE.findall(text))),
    ]


def _form(text: str) -> list[float]:
    opened = sum(max(text.count(a) - text.count(b), 0) for a, b in _BRACKETS)
    lines = [line for line in text.split("\n") if line.strip()]
    return [
        float(opened),
        float(text.count('"') % 2),
        float(text.count("```") % 2),
        len(_CODE.findall(text)) / (len(lines) + 1),
        len(_BULLET.findall(text)) / max(len(lines), 1),
        np.log1p(len(lines)),
        sum(len(line) < 30 for line in lines) / max(len(lines), 1),
    ]


def _ends(text: str) -> list[float]:
    text = text.strip()
    last = text[-1:] or " "
    bare = text.rstrip(CLOSING)[-1:] or " "
    lines = [line.strip() for line in text.split("\n") if line.strip()] or [""]
    first = text[:1] or " "
    stops = [line.rstrip(CLOSING).endswith(END) for line in lines]
    return [
        float(bare in END),
        float(last in CLOSING),
        float(last in ",，、;；"),
        float(last in ":："),
        float(last.isalpha()),
        float(last.isdigit()),
        float(not last.isalnum() and last not in CLOSING and last not in END),
        float(first.isupper() or "\u3400" <= first <= "\u9fff"),
        float(first.islower()),
        float(not first.isalnum()),
        np.log1p(len(lines[-1].split())),
        float(stops[-1]),
        float(np.mean(np.array(stops) == stops[-1])) if len(lines) > 1 else 0.5,
        float(bool(_BULLET.fullmatch(lines[-1] + " ")) or lines[-1].startswith("#")),
    ]
