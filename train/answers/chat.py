"""Answers of a trained model, and of the model that it was trained from, to the same prompt."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from curate.errors import CurateError
from curate.models import language_model, masking
from curate.models.language_model import LanguageModel
from schemas.reasoning import KEEP
from schemas.record import Conversation, Message
from train.answers import prompts
from train.answers.options import AnswerOptions
from train.lora import card

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class TunedModel:
    """A trained model, with adapters or whole.

    Attributes:
        lm: the model.
        adapted: whether there are adapters, which can be disabled.
        template: that it was trained with.
        max_length: that it was trained with, in tokens.
        reasoning: what became of thoughts in training, see `schemas.reasoning.chosen`.
        thinks: whether it was trained to think before it answers; None where that is not known.
    """

    lm: LanguageModel
    adapted: bool
    template: str
    max_length: int
    reasoning: str = KEEP
    thinks: bool | None = None

    def base_model(self) -> Any:
        """While this lasts, the model is the one it was trained from."""
        return self.lm.model.disable_adapter() if self.adapted else contextlib.nullcontext()


def load(folder: str, precision: str = "auto") -> TunedModel:
    """The model of a folder that `curate train` (or peft) wrote, on the base model that it names; or a whole model.

    Args:
        folder: with adapter_config.json, or anything that `curate.models.language_model.load` takes.
        precision: of the frozen weights; `auto` takes that of training.

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
    lm = language_model.load(base, run.get("precision", precision) if precision == "auto" else precision)
    try:
        model = peft.PeftModel.from_pretrained(lm.model, folder)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise CurateError(f"the adapters in {folder} cannot be put on {base}: {str(error).splitlines()[0]}") from None
    adapted = replace(lm, model=model.eval(), name=folder)
    reasoning = run.get("reasoning", KEEP)
    return TunedModel(
        adapted, True, run.get("template", "auto"), run.get("max_length", 1024), reasoning, run.get("thinks")
    )


def prompt(messages: Sequence[Message], tuned: TunedModel) -> str:
    """The text after which the model is to answer, as it was written in training."""
    tokenizer = tuned.lm.tokenizer
    template = masking.resolve(tuned.template, tokenizer)
    return prompts.prompt(Conversation([*messages]), tokenizer, template, tuned.thinks)


def answer(messages: Sequence[Message], tuned: TunedModel, options: AnswerOptions) -> str:
    """The model's next turn.

    Args:
        messages: the conversation so far.
        tuned: the model.
        options: of the answer.

    Raises:
        CurateError: if the conversation is too long for the model.
    """
    import torch

    max_tokens = options.max_tokens
    tokenizer, model = tuned.lm.tokenizer, tuned.lm.model
    ids = tokenizer(prompt(messages, tuned), add_special_tokens=False, return_tensors="pt").to(tuned.lm.device)
    length = ids["input_ids"].shape[1]
    limit = getattr(model.config, "max_position_embeddings", None)
    if limit and length + max_tokens > limit:
        raise CurateError(
            f"{length:,} tokens and {max_tokens:,} to come are more than the {limit:,} that the model reads"
        )
    torch.manual_seed(options.seed)
    sampling: dict[str, Any] = {"do_sample": options.temperature > 0}
    if options.temperature > 0:
        sampling["temperature"] = options.temperature
    stops = _stops(tokenizer, tuned)
    with torch.inference_mode():
        output = model.generate(
            **ids, max_new_tokens=max_tokens, pad_token_id=tokenizer.pad_token_id, eos_token_id=stops, **sampling
        )
    return tokenizer.decode(output[0, length:], skip_special_tokens=True).strip()


def _stops(tokenizer: Any, tuned: TunedModel) -> list[int]:
    """Tokens that end an answer: the tokenizer's, and the one that its template puts after an answer."""
    conversation = Conversation([Message("user", "a"), Message("assistant", "b")])
    rendered = masking.write(conversation, tokenizer, masking.resolve(tuned.template, tokenizer))
    span = rendered.spans[-1]
    ending = tokenizer(rendered.text[span.start + 1 : span.end], add_special_tokens=False)["input_ids"]
    special = [token for token in ending if token in set(tokenizer.all_special_ids)]
    return sorted({tokenizer.eos_token_id, *special[:1]} - {None})
