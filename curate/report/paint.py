"""A rendered conversation with its loss mask and its special tokens made visible."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from schemas.template_tools import fill
from schemas.templates import Rendered, Template

if TYPE_CHECKING:
    from rich.text import Text

# Names that all tools understand; `dim` and `reverse` read on dark and light grounds alike.
TRAINED, REST, SPECIAL, TRAINED_SPECIAL = "green", "dim", "magenta", "bold green reverse"
_PAIRS = (("⟦", "⟧"), ("⟪", "⟫"), ("⦃", "⦄"), ("⦅", "⦆"))
_TOKEN = re.compile(r"<[|｜][^<>|｜\s]+[|｜]>|<(?:start|end)_of_turn>|</?(?:s|bos|eos)>|\[/?[A-Z_]{4,}\]")
# Control characters from a file could drive the terminal, so their pictures are shown; tab and line end stay.
_CONTROLS = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {0x7F: 0x2421}


def specials(template: Template | None, tokenizer: object | None) -> tuple[str, ...]:
    """Special tokens to point out, longest first: the tokenizer's, or else those that the template writes."""
    tokens: set[str] = set()
    if tokenizer is not None:
        tokens.update(tokenizer.all_special_tokens)  # type: ignore[attr-defined]
        tokens.update(str(token) for token in tokenizer.added_tokens_decoder.values())  # type: ignore[attr-defined]
    elif template is not None:
        pieces = [template.prefix, template.system, template.user, template.observation, template.reply]
        pieces += [template.thinking, template.assistant, template.last, *template.stop]
        pieces += [template.tools.offer, template.tools.calls] if template.tools else []
        marks = {"bos": template.bos, "eos": template.eos}
        tokens.update(token for piece in pieces for token in _TOKEN.findall(fill(piece, marks)))
    return tuple(sorted((token for token in tokens if token.strip()), key=lambda token: (-len(token), token)))


def within(texts: Iterable[str], tokens: Iterable[str]) -> list[str]:
    """The tokens that stand in any of the texts, each once."""
    texts = list(texts)
    return [token for token in tokens if any(token in text for text in texts)]


def pair(texts: Iterable[str]) -> tuple[str, str]:
    """Two brackets that stand in none of the texts."""
    texts = list(texts)
    times = 1
    while True:
        for opening, closing in _PAIRS:
            if not any(opening * times in text or closing * times in text for text in texts):
                return opening * times, closing * times
        times += 1


def bracketed(rendered: Rendered, brackets: tuple[str, str]) -> str:
    """The text with brackets around what is trained on."""
    pieces, position = [], 0
    for span in rendered.spans:
        pieces += [rendered.text[position : span.start], brackets[0], rendered.text[span.start : span.end], brackets[1]]
        position = span.end
    return visible("".join([*pieces, rendered.text[position:]]))


def coloured(rendered: Rendered, tokens: tuple[str, ...]) -> Text:
    """The text in colours: what is trained on, the rest, and the special tokens in either.

    Line ends that close a trained span are shown as ↵, since they are trained on too.
    """
    from rich.text import Text

    marked = Text()
    position = 0
    for span in rendered.spans:
        _paint(marked, rendered.text[position : span.start], REST, SPECIAL, tokens)
        trained = rendered.text[span.start : span.end]
        body = trained.rstrip("\n")
        _paint(marked, body, TRAINED, TRAINED_SPECIAL, tokens)
        marked.append("↵\n" * (len(trained) - len(body)), TRAINED)
        position = span.end
    _paint(marked, rendered.text[position:], REST, SPECIAL, tokens)
    return marked


def visible(text: str) -> str:
    """The text with control characters replaced by their pictures."""
    return text.translate(_CONTROLS)


def _paint(marked: Text, text: str, style: str, special: str, tokens: tuple[str, ...]) -> None:
    pieces = re.split(f"({'|'.join(map(re.escape, tokens))})", text) if tokens else [text]
    for i, piece in enumerate(pieces):
        marked.append(visible(piece), special if i % 2 else style)
