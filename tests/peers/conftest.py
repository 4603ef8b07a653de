"""A tokenizer that all peers can read, with the pre-tokenizer of current models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.builders import ROOT

# How Llama 3 and Qwen cut text before they look for tokens: line ends stay together whatever follows.
SPLIT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
SPLIT += r"|\s*[\r\n]+|\s+(?!\S)|\s+"
TOKENS = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"]
TOKENS += ["<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
TOKENS += ["<start_of_turn>", "<end_of_turn>"]


@pytest.fixture(scope="session")
def tokenizer_folder(tmp_path_factory) -> Path:
    """A folder with a tokenizer of 4,000 tokens, trained on the sample data, and a two-layer model of width 32."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    model = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(SPLIT), "isolated")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    model.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    model.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=4000,
        special_tokens=TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [row["instruction"] + str(row.get("output", "")) for row in _alpaca() if "instruction" in row]
    model.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=model,
        bos_token=TOKENS[0],
        eos_token=TOKENS[1],
        pad_token=TOKENS[1],
        extra_special_tokens=TOKENS[2:],
    )
    folder = tmp_path_factory.mktemp("tokenizer")
    fast.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(fast),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=4096,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def _alpaca() -> list[dict]:
    return json.loads((ROOT / "sample_data" / "alpaca.json").read_text("utf-8"))
