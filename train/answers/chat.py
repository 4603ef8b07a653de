"""Answers of a trained model, and of the model that it was trained from, to the same prompt."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.errors import CurateError
from curate.models import language_model
from schemas.record import Conversation, Message
from train.lora import card, masking

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class TunedModel:
    """A loaded model, with adapters or whole.

    Attributes:
        adapted: whether there are adapters, which can be taken off.
        template: what it was trained with.
        max_length: what it was trained with.
    """

    loaded: language_model.LanguageModel
    adapted: bool
    template: str
    max_length: int

    def off(self) -> Any:
        """While this lasts, the model is the one it was trained from."""
        return self.loaded.model.disable_adapter() if self.adapted else contextlib.nullcontext()


def load(folder: str, precision: str = "auto") -> TunedModel:
    """The model of a folder that `curate train` (or peft) wrote, on the base model that it names; or a whole model.

    Args:
        folder: with adapter_config.json, or anything that `curate.models.language_model.load` takes.

    Raises:
        CurateError: if the adapters or their base model cannot be loaded.
    """
    path = Path(folder)
    if not (path / "adapter_config.json").is_file():
        return TunedModel(language_model.load(folder, precision), False, "auto", 1024)
    import json

    import peft

    run = card.read(path)
    base = run.get("model") or json.loads((path / "adapter_config.json").read_text("utf-8"))["base_model_name_or_path"]
    loaded = language_model.load(base, run.get("precision", precision) if precision == "auto" else precision)
    try:
        model = peft.PeftModel.from_pretrained(loaded.model, folder)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise CurateError(f"the adapters in {folder} cannot be put on {base}: {str(error).splitlines()[0]}") from None
    adapted = language_model.LanguageModel(model.eval(), loaded.tokenizer, folder, loaded.device, loaded.precision)
    return TunedModel(adapted, True, run.get("template", "auto"), run.get("max_length", 1024))


def prompt(messages: Sequence[Message], tuned: TunedModel) -> str:
    """The text after which the model is to answer, as it was written in training."""
    tokenizer = tuned.loaded.tokenizer
    conversation = Conversation([*messages, Message("assistant", "answer")])
    written = masking.write(conversation, tokenizer, masking.resolve(tuned.template, tokenizer))
    return written.text[: written.spans[-1].start]


def answer(
    messages: Sequence[Message],
    tuned: TunedModel,
    most: int = 256,
    temperature: float = 0.0,
    seed: int = 0,
    on_text: Callable[[str], None] | None = None,
) -> str:
    """What the model says next.

    Args:
        most: tokens at most.
        temperature: 0 takes the likeliest token each time.
        seed: of the draws.

    Raises:
        CurateError: if the conversation is too long for the model.
    """
    import torch

    tokenizer, model = tuned.loaded.tokenizer, tuned.loaded.model
    ids = tokenizer(prompt(messages, tuned), add_special_tokens=False, return_tensors="pt").to(tuned.loaded.device)
    length = ids["input_ids"].shape[1]
    limit = getattr(model.config, "max_position_embeddings", None)
    if limit and length + most > limit:
        raise CurateError(f"{length:,} tokens and {most:,} to come are more than the {limit:,} that the model reads")
    torch.manual_seed(seed)
    sampling = {"do_sample": True, "temperature": temperature} if temperature > 0 else {"do_sample": False}
    stops = _stops(tokenizer, tuned)
    with torch.inference_mode():
        made = model.generate(
            **ids, max_new_tokens=most, pad_token_id=tokenizer.pad_token_id, eos_token_id=stops, **sampling
        )
    return tokenizer.decode(made[0, length:], skip_special_tokens=True).strip()


def _stops(tokenizer: Any, tuned: TunedModel) -> list[int]:
    """Tokens that end an answer: the tokenizer's, and the one that its template puts after an answer."""
    conversation = Conversation([Message("user", "a"), Message("assistant", "b")])
    written = masking.write(conversation, tokenizer, masking.resolve(tuned.template, tokenizer))
    span = written.spans[-1]
    ending = tokenizer(written.text[span.start + 1 : span.end], add_special_tokens=False)["input_ids"]
    special = [token for token in ending if token in set(tokenizer.all_special_ids)]
    return sorted({tokenizer.eos_token_id, *special[:1]} - {None})
