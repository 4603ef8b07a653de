"""Words and characters that sentences never or seldom end with."""

from __future__ import annotations

import re

# Words that no sentence ends with, and others that few do.
NEVER_LAST = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "nor",
        "but",
        "because",
        "my",
        "your",
        "our",
        "their",
        "its",
        "whose",
        "into",
        "onto",
        "although",
        "whereas",
        "unless",
        "including",
    ]
)
SELDOM_LAST = frozenset(
    [
        "of",
        "to",
        "that",
        "which",
        "who",
        "whom",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "than",
        "as",
        "if",
        "while",
        "when",
        "where",
        "so",
        "such",
        "very",
        "his",
        "her",
        "this",
        "these",
        "those",
        "has",
        "have",
        "had",
        "can",
        "will",
        "would",
        "should",
        "may",
        "might",
        "must",
        "during",
        "between",
        "through",
    ]
)
NEVER_LAST_HAN = re.compile(
    r"(?:以及|或者|并且|而且|因为|所以|但是|例如|比如|包括|(?<![参给缓温柔饱总平谐调随附暖祥共之的])[和与]"
    r"|(?<![普危涉顾波触企])及|(?<!抑)或|(?<!掌)把|(?<!棉)被"
    r"|(?<![然反从进时因继])而|(?<![自])从|(?<![水火])至)\s*$"
)
SELDOM_LAST_HAN = tuple("的是在对于将以但由跟給给為为一了让使到敢")
