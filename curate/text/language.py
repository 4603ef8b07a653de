"""The language of a text: by its script, by small words, and where these do not tell, by py3langid."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from functools import lru_cache
from typing import Any

from curate.text.script import SCRIPTS
from curate.text.words import words

UNKNOWN = "und"
BY_SCRIPT = {"Han": "zh", "Kana": "ja", "Hangul": "ko", "Greek": "el", "Hebrew": "he", "Thai": "th"}
# What other scripts are taken for without py3langid.
COMMONEST = {"Cyrillic": "ru", "Arabic": "ar", "Devanagari": "hi"}
# The commonest words of each language that are not among those of another one here.
SMALL_WORDS = {
    "en": "the of and to is that for it with was are this be by not you from have they which can your there its",
    "de": "der und den von das mit sich des auf für ist nicht ein eine dem auch wird sind oder als zu",
    "fr": "le les et des du une est dans qui pour pas sur plus par avec ce sont il aux vous",
    "es": "el los las y del por con una su para como más pero al lo es muy este está",
    "pt": "os do da em um não uma dos mais ao das seu sua são você pelo ou isso",
    "it": "il di che è per della sono gli nel alla dei più questo anche ha delle come",
    "nl": "het een en van dat op te zijn voor met niet aan er ook als bij naar maar",
}
_LANGUAGE = {word: name for name, text in SMALL_WORDS.items() for word in text.split()}
# Languages that py3langid may name in a script.
NAMED = {
    "Latin": "af az ca cs cy da de en es et eu fi fr ga gl hr hu id is it lt lv ms nl nn no pl pt ro sk sl sq sv sw tl "
    "tr uz vi",
    "Cyrillic": "be bg kk mk mn ru sr uk",
    "Arabic": "ar fa ps ur",
    "Devanagari": "hi mr ne",
}
# How much more often some are met than the others: short texts need a prior.
PRIOR = {"en": 8.0, "ru": 8.0, "ar": 8.0, "hi": 4.0, "de": 3.0, "es": 3.0, "fr": 3.0, "it": 1.5, "pt": 1.5, "nl": 1.5}
LOOKED_AT = 300
# Small words are about half of running text; with fewer than this share they do not tell, with so many they do alone.
SHARE, SURE_SHARE, SURE_COUNT = 0.08, 0.2, 3
# py3langid is asked about so many characters.
ASKED_ABOUT = 300
# Code has more of its own signs for a letter than this, and lines that look like it.
CODE_SIGNS = 0.12
_SIGNS = re.compile(r"[{}()\[\];=<>_$#|\\/*+&^\"~:]")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_CODE_LINE = re.compile(
    r"[;{}]\s*$|^\s*(?:def|class|import|from|return|const|let|var|fn|func|public|#include|SELECT|INSERT|<\w+)\b"
    r"|^\s*[$>] \w|\w\(.*\)|\w\s*(?:=|:=|->|=>|\^)\s*\w",
    re.MULTILINE,
)
# A character of these scripts says as much as several letters.
_LETTERS = {name: re.compile(f"[{block}]") for name, block in SCRIPTS.items()}
_WEIGHT = {"Han": 3, "Kana": 3, "Hangul": 3}


def language(text: str) -> str:
    """ISO code of a text's language; `und` for code, numbers, and what does not tell."""
    prose = _CODE.sub(" ", text[:2000])
    name = _script(prose)
    if name != "Latin":
        return BY_SCRIPT.get(name) or (_identified(prose, name, COMMONEST[name]) if name in COMMONEST else UNKNOWN)
    looked_at = words(prose)[:LOOKED_AT]
    counts = Counter(_LANGUAGE[word] for word in looked_at if word in _LANGUAGE)
    best = max(counts, key=lambda code: (counts[code], code == "en"), default=UNKNOWN)
    count = counts[best]
    if count >= max(SURE_COUNT, SURE_SHARE * len(looked_at)) and 2 * count >= sum(counts.values()):
        return best
    if _is_code(prose):
        return UNKNOWN
    if count < SHARE * len(looked_at):
        # Short answers have no small words; in plain letters they are taken for English, as elsewhere.
        best = "en" if prose.isascii() and len(looked_at) <= 12 else UNKNOWN
    return _identified(prose, name, best)


def _script(text: str) -> str:
    """The script that most is written in; `none` for a text without letters of these scripts."""
    if text.isascii():
        return "Latin" if _LETTERS["Latin"].search(text) else "none"
    counts = {name: _WEIGHT.get(name, 1) * len(letters.findall(text)) for name, letters in _LETTERS.items()}
    if 2 * counts["Kana"] >= counts["Han"] > 0:
        counts["Kana"] += counts.pop("Han")
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else "none"


def _is_code(text: str) -> bool:
    letters = sum(map(str.isalpha, text))
    return len(_SIGNS.findall(text)) > CODE_SIGNS * letters and _CODE_LINE.search(text) is not None


def _identified(text: str, script: str, otherwise: str) -> str:
    """The language of a script that py3langid names, of short texts by what is met most often.

    `otherwise` where py3langid is missing.
    """
    identifier = _identifier()
    if identifier is None:
        return otherwise
    ranked = [(float(share) * PRIOR.get(code, 1.0), code) for code, share in identifier.rank(text[:ASKED_ABOUT])]
    return max(pair for pair in ranked if pair[1] in NAMED[script].split())[1]


@lru_cache(maxsize=1)
def _identifier() -> Any:
    """py3langid's own model, held to the languages in NAMED; None where it is not installed."""
    if importlib.util.find_spec("py3langid") is None:
        return None
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for codes in NAMED.values() for code in codes.split()])
    return identifier
