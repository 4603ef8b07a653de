"""Rows token by token, with their loss mask and the weight of each trained token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from curate.models.masking import EncodedRows, TrainingExample
from curate.report.paint import REST, SPECIAL, TRAINED, TRAINED_SPECIAL, pair, visible

if TYPE_CHECKING:
    from rich.text import Text


def page(encoded: EncodedRows, tokenizer: Any, titles: Sequence[str], coloured: bool) -> Text:
    """All rows under their titles, those that are not trained on with the reason.

    Args:
        encoded: the rows.
        tokenizer: that they were encoded with.
        titles: of the conversations that were encoded.
        coloured: whether colours alone show the trained tokens; otherwise they stand between brackets. A token ends
            at ·; a weight other than 1 stands behind its token.
    """
    from rich.text import Text

    examples = {example.index: example for example in encoded.examples}
    brackets = ("", "") if coloured else pair(tokenizer.decode(example.ids) for example in encoded.examples)
    reasons = {dropped.index: dropped.reason for dropped in encoded.dropped}
    text = Text("· stands between tokens; ")
    if coloured:
        text.append("trained", TRAINED).append(" and ").append("not trained", REST).append("\n")
    else:
        text.append(f"trained tokens stand between {brackets[0]} and {brackets[1]}\n")
    for index, title in enumerate(titles):
        text.append(f"\n{title}: ", "bold")
        if index in reasons:
            text.append(f"not trained on: {reasons[index]}\n")
            continue
        example = examples[index]
        text.append(f"{example.trained} of {len(example)} tokens are trained\n")
        _append_row(text, example, tokenizer, brackets)
        text.append("\n")
    return text


def _append_row(text: Text, example: TrainingExample, tokenizer: Any, brackets: tuple[str, str]) -> None:
    special = set(tokenizer.all_special_ids)
    texts = token_texts(example.ids.tolist(), tokenizer)
    in_trained = False
    for token, token_text, weight in zip(example.ids.tolist(), texts, example.weights.tolist(), strict=True):
        trained = weight != 0
        if trained != in_trained:
            text.append(brackets[0] if trained else brackets[1])
        in_trained = trained
        style = (TRAINED_SPECIAL if trained else SPECIAL) if token in special else (TRAINED if trained else REST)
        # A trained line end must be seen.
        text.append(visible(token_text).replace("\n", "↵\n"), style)
        if trained and weight != 1:
            text.append(f"×{weight:g}", "yellow")
        text.append("·", "dim")
    if in_trained:
        text.append(brackets[1])


def token_texts(ids: Sequence[int], tokenizer: Any) -> list[str]:
    """The text that each token adds; of tokens that share a character, the last one has it, the others a ⋯."""
    texts, prefix = [], ""
    start = 0
    for end in range(1, len(ids) + 1):
        decoded = tokenizer.decode(ids[start:end], clean_up_tokenization_spaces=False)
        if decoded.endswith("\ufffd") and end < len(ids):
            texts.append("⋯")
            continue
        texts.append(decoded[len(prefix) :])
        # Decoding from where characters are whole keeps this linear.
        start, prefix = end, ""
        lead = tokenizer.decode(ids[end - 1 : end], clean_up_tokenization_spaces=False)
        if end < len(ids) and "\ufffd" not in lead and lead:
            start, prefix = end - 1, lead
    return texts
