"""The language of a text, as far as its script and its small words tell."""

from __future__ import annotations

from collections.abc import Sequence

BY_SCRIPT = {"Han": "zh", "Kana": "ja", "Hangul": "ko", "Greek": "el", "Hebrew": "he", "Thai": "th"}
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
LOOKED_AT = 300
# Function words are about half of running text; a text with fewer than this share of them is code, names or numbers.
SHARE = 0.08


def language(text: str, script: str, words: Sequence[str]) -> str:
    """ISO code of a text's language; `und` where script and small words do not tell.

    Args:
        text: the text itself.
        script: its script, as `script` names it.
        words: those of the text, in lower case.
    """
    if script != "Latin":
        return BY_SCRIPT.get(script, "und")
    looked_at = words[:LOOKED_AT]
    counts: dict[str, int] = {}
    for word in looked_at:
        name = _LANGUAGE.get(word)
        if name:
            counts[name] = counts.get(name, 0) + 1
    if not counts:
        # Short answers have no small words; in plain letters they are taken for English, as elsewhere.
        return "en" if looked_at and text.isascii() and len(looked_at) <= 12 else "und"
    best = max(counts, key=lambda name: (counts[name], name == "en"))
    return best if counts[best] >= SHARE * len(looked_at) else "und"
