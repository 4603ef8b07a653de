"""What a model answers to held-out prompts: greedy, so that the same adapters always say the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from curate.models.language_model import LanguageModel
from schemas.record import Conversation
from train.lora.masking import resolve, write


def answers(
    model: Any, loaded: LanguageModel, conversations: Sequence[Conversation], template: str = "auto", new_tokens: int = 128
) -> list[str]:
    """(n,) the model's own last assistant turn of each conversation, cut at the template's end of a turn.

    The prompt is what the template writes before the last assistant turn, so that it is the very text that the
    model was trained behind.
    """
    chosen = resolve(template, loaded.tokenizer)
    model.eval()
    out = []
    for conversation in conversations:
        rendered = write(conversation, loaded.tokenizer, chosen)
        span = rendered.spans[-1]
        answer = conversation.turns("assistant")[-1].strip()
        ending = rendered.text[span.start : span.end].rpartition(answer)[2].strip()
        out.append(_answer(model, loaded, rendered.text[: span.start], ending, new_tokens))
    return out


def _answer(model: Any, loaded: LanguageModel, prompt: str, ending: str, new_tokens: int) -> str:
    tokenizer = loaded.tokenizer
    given = tokenizer([prompt], add_special_tokens=False, return_tensors="pt").to(loaded.device)
    first = tokenizer(ending, add_special_tokens=False)["input_ids"][:1]
    stops = {tokenizer.eos_token_id, *(i for i in first if i in tokenizer.all_special_ids)} - {None}
    device = torch.device(loaded.device).type
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=loaded.precision == "bf16"):
        ids = model.generate(
            input_ids=given["input_ids"],
            attention_mask=given["attention_mask"],
            max_new_tokens=new_tokens,
            do_sample=False,
            num_beams=1,
            # A model's own defaults may sample and punish repetition.
            temperature=None,
            top_p=None,
            top_k=None,
            repetition_penalty=1.0,
            eos_token_id=sorted(stops) or None,
            pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id,
        )
    text = tokenizer.decode(ids[0, given["input_ids"].shape[1] :], skip_special_tokens=False)
    for stop in (ending, *(tokenizer.decode([i]) for i in sorted(stops))):
        if stop:
            text = text.partition(stop)[0]
    return text.strip()
