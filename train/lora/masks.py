"""Rows token by token, with what is learnt of them and how much it counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from curate.report.paint import LEARNT, LEARNT_SPECIAL, REST, SPECIAL, pair, visible
from train.lora.masking import EncodedRows, TrainingExample

if TYPE_CHECKING:
    from rich.text import Text


def page(encoded: EncodedRows, tokenizer: Any, titles: Sequence[str], coloured: bool) -> Text:
    """All rows under their titles, those that are not trained on with the reason.

    Args:
        titles: of the conversations that were encoded.
        coloured: colours alone say what is learnt; otherwise learnt tokens stand between brackets. A token ends at ·; a
            weight other than 1 stands behind its token.
    """
    from rich.text import Text

    examples = {example.index: example for example in encoded.examples}
    brackets = ("", "") if coloured else pair(tokenizer.decode(example.ids) for example in encoded.examples)
    reasons = {dropped.index: dropped.reason for dropped in encoded.dropped}
    made = Text("· stands between tokens; ")
    if coloured:
        made.append("learnt", LEARNT).append(" and ").append("not learnt", REST).append("\n")
    else:
        made.append(f"what is learnt stands between {brackets[0]} and {brackets[1]}\n")
    for index, title in enumerate(titles):
        made.append(f"\n{title}: ", "bold")
        if index in reasons:
            made.append(f"not trained on: {reasons[index]}\n")
            continue
        example = examples[index]
        made.append(f"{example.trained} of {len(example)} tokens are learnt\n")
        _row(made, example, tokenizer, brackets)
        made.append("\n")
    return made


def _row(made: Text, example: TrainingExample, tokenizer: Any, brackets: tuple[str, str]) -> None:
    special = set(tokenizer.all_special_ids)
    pieces = token_texts(example.ids.tolist(), tokenizer)
    inside = False
    for token, piece, weight in zip(example.ids.tolist(), pieces, example.weights.tolist(), strict=True):
        learnt = weight != 0
        if learnt != inside:
            made.append(brackets[0] if learnt else brackets[1])
        inside = learnt
        style = (LEARNT_SPECIAL if learnt else SPECIAL) if token in special else (LEARNT if learnt else REST)
        # A learnt line end must be seen.
        made.append(visible(piece).replace("\n", "↵\n"), style)
        if learnt and weight != 1:
            made.append(f"×{weight:g}", "yellow")
        made.append("·", "dim")
    if inside:
        made.append(brackets[1])


def token_texts(ids: Sequence[int], tokenizer: Any) -> list[str]:
    """The text that each token adds; of tokens that share a character, the last one has it, the others a ⋯."""
    texts, before = [], ""
    start = 0
    for end in range(1, len(ids) + 1):
        now = tokenizer.decode(ids[start:end], clean_up_tokenization_spaces=False)
        if now.endswith("\ufffd") and end < len(ids):
            texts.append("⋯")
            continue
        texts.append(now[len(before) :])
        # Decoding from where characters are whole keeps this linear.
        start, before = end, ""
        lead = tokenizer.decode(ids[end - 1 : end], clean_up_tokenization_spaces=False)
        if end < len(ids) and "\ufffd" not in lead and lead:
            start, before = end - 1, lead
    return texts
