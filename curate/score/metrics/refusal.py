"""Refusals, and answers that speak of themselves as an AI."""

from __future__ import annotations

import re

from curate.score.column import Column
from curate.score.texts import RowTexts

COLUMN = Column(
    "refusal",
    "the response refuses, or speaks of itself as an AI",
    "1 = it does",
    "lower",
    "phrases that curators of open chat data filter by; prefixes as in Zou et al. 2023 (GCG)",
    limit=0,
    kind="flag",
)
# A refusal comes first or not at all.
BEGINNING = 300
_SELF = re.compile(
    r"\bas an? (?:ai\b|artificial intelligence|(?:large )?language model)(?!\w)(?=,| i\b| language| assistant| model"
    r"| chatbot| text| program| system|$)"
    r"|\bi(?:'m| am) (?:just |only |merely )?an? (?:ai\b|artificial intelligence|(?:large )?language model)"
    r"|[作身][为為](?:一[个個名款位种種])?(?:人工智[能慧]|ai\b|ai(?=[助语語模,，])|大?型?[语語]言模型)"
    r"|我(?:只|仅|僅)?是一?[个個名款]?(?:人工智[能慧]|ai[助语語模]|大?型?[语語]言模型)"
)
_REFUSES = re.compile(
    r"(?:^|[.!?,;:\n]\s*|\b(?:but|however|unfortunately),? )i (?:really |simply )?"
    r"(?:can ?not|can['’]t|won['’]t|will not|am (?:not able|unable) to|['’]m (?:not able|unable) to)"
    r" (?:help(?! but)|assist|answer|provide|fulfil|comply|do (?:that|this)|complete|generate|create|write|discuss"
    r"|support|engage|give|offer|share|produce|respond|process|access)"
    r"|^(?:i(?:'m| am)(?: very| so| really)? sorry|i apologi[sz]e|sorry)\b[^.!?\n]{0,60}?"
    r"(?:can ?not|can['’]t|unable|not able|won['’]t|do not have|don['’]t have)"
    r"|(?:很抱歉|[对對]不起|抱歉|非常抱歉|[遗遺]憾)[^。！？\n]{0,16}?(?:[无無]法|不能|[没沒][办辦]法|不可以|[没沒]有能力)"
    r"|(?:^|[，。！？,\n])\s*我(?:[暂暫][时時])?(?:[无無]法|不能|[没沒][办辦]法)"
    r"(?:回答|[帮幫]助|提供|完成|[满滿]足|[协協]助|生成|[处處]理|[执執]行)"
)


def refuses(text: str) -> bool:
    """Whether a response refuses or speaks of itself as an AI."""
    text = text.replace("’", "'").lower() if not text.isascii() else text.lower()
    head = text[:BEGINNING].lstrip()
    # The expressions are slow, and few texts have what any of their matches has.
    others = not text.isascii()
    speaks = others or any(words in text for words in ("as a", "'m ", "i am "))
    says_no = others or any(words in head for words in ("can", "unable", "able to", "won't", "will not", "not have"))
    return bool((speaks and _SELF.search(text)) or (says_no and _REFUSES.search(head)))


def values(texts: RowTexts) -> list[int]:
    """(n,) 1 for each response that refuses."""
    return [int(refuses(text)) for text in texts.responses]
