"""A causal language model and a tokenizer small enough to train in a second, made here."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from curate.models.language_model import LanguageModel

SPECIAL = ["<s>", "</s>", "<pad>"]
CHAT = (
    "{% for m in messages %}[{{ m.role }}]{{ m.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)


def tokenizer() -> PreTrainedTokenizerFast:
    """A token a byte, with offsets, and a chat template of its own."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: i for i, token in enumerate(SPECIAL + alphabet)}
    backend = Tokenizer(models.BPE(vocabulary, []))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens(SPECIAL)
    fast = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>", eos_token="</s>", pad_token="<pad>")
    fast.chat_template = CHAT
    return fast


def loaded(seed: int = 0) -> LanguageModel:
    """A two-layer model of width 32 in fp32, from a seed."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(SPECIAL) + 256,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=512,
        # The usual 0.02 is for training from scratch; with the head frozen its logits could never grow.
        initializer_range=0.3,
    )
    return LanguageModel(LlamaForCausalLM(config).eval(), tokenizer(), "tiny", "cpu", "fp32")


def save(folder: Path) -> Path:
    """The model and its tokenizer in a folder, as transformers keeps them."""
    lm = loaded()
    lm.model.save_pretrained(folder)
    lm.tokenizer.save_pretrained(folder)
    return folder
