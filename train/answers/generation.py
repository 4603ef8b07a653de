"""A model's answers to held-out prompts: greedy, so that the same adapters always give the same answer."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import torch

from curate.models.language_model import LanguageModel
from curate.models.masking import resolve, write
from schemas.reasoning import teaches_thoughts
from schemas.record import Conversation
from train.answers.prompts import prompt, reply


def generate_answers(
    lm: LanguageModel, conversations: Sequence[Conversation], template: str = "auto", new_tokens: int = 128
) -> list[str]:
    """(n,) the model's own last assistant turn of each conversation, cut at the template's end of a turn.

    The prompt is what the template writes before the last assistant turn, so that it is the very text that answers
    followed in training; where that turn teaches a thought, the model writes one, which is not part of its answer.

    Args:
        lm: the model.
        conversations: n of them, each with an assistant turn.
        template: see `curate.models.masking.encode`.
        new_tokens: the longest answer, in tokens.
    """
    resolved = resolve(template, lm.tokenizer)
    lm.model.eval()
    answers = []
    for conversation in conversations:
        rendered = write(conversation, lm.tokenizer, resolved)
        span = rendered.spans[-1]
        last = max(i for i, message in enumerate(conversation.messages) if message.role == "assistant")
        asked, reference = conversation.messages[:last], conversation.messages[last]
        ending = rendered.text[span.start : span.end].rpartition(reference.content.strip())[2].strip()
        thinks = teaches_thoughts(Conversation([reference]))
        so_far = msgspec.structs.replace(conversation, messages=asked)
        text = _answer(lm, prompt(so_far, lm.tokenizer, resolved, thinks), ending, new_tokens)
        answers.append(reply(text).content)
    return answers


def _answer(lm: LanguageModel, prompt: str, ending: str, new_tokens: int) -> str:
    tokenizer = lm.tokenizer
    encoded = tokenizer([prompt], add_special_tokens=False, return_tensors="pt").to(lm.device)
    first = tokenizer(ending, add_special_tokens=False)["input_ids"][:1]
    stops = {tokenizer.eos_token_id, *(i for i in first if i in tokenizer.all_special_ids)} - {None}
    device = torch.device(lm.device).type
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=lm.precision == "bf16"):
        ids = lm.model.generate(
            input_ids=encoded["input_ids"],
            attention_mask=encoded["attention_mask"],
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
    text = tokenizer.decode(ids[0, encoded["input_ids"].shape[1] :], skip_special_tokens=False)
    for stop in (ending, *(tokenizer.decode([i]) for i in sorted(stops))):
        if stop:
            text = text.partition(stop)[0]
    return text.strip()
