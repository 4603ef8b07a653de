"""A static embedder: one vector a token, distilled from a sentence-transformers model, averaged over a text.

Made once and kept in the cache.  The token vectors are the model's answers to single tokens, reduced by principal
components and weighted by the rank of the token (model2vec, Tulkens and van Dongen 2024; the weights are those of
Arora, Liang and Ma 2017).  What all texts have in common, the mean over the sample data, is taken off; that alone
brings the neighbours closer to the model's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from curate.errors import CurateError
from curate.models.cached_folder import cached_folder
from curate.sample_data_folder import sample_data

if TYPE_CHECKING:
    from model2vec import StaticModel

DIMENSIONS = 256
RARE = 1e-4
BATCH = 1024
VERSION = 1


def load(model_place: str, cache: Path) -> StaticModel:
    """The static model of a sentence-transformers model; distilled if the cache does not hold it yet.

    Args:
        model_place: folder of the sentence-transformers model.
        cache: folder of the static model.
    """
    from model2vec import StaticModel

    cached_folder(cache, "model.safetensors", lambda scratch: distil(model_place).save_pretrained(str(scratch)))
    return StaticModel.from_pretrained(str(cache))


def distil(model_place: str) -> StaticModel:
    """The static model of the sentence-transformers model in a folder."""
    from model2vec import StaticModel
    from tokenizers import Tokenizer

    tokens = _answers(model_place)
    centred = tokens - tokens.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    vectors = centred @ directions[:, : -DIMENSIONS - 1 : -1]
    # Tokens stand in the vocabulary about as often as they occur, so their rank tells how often (Zipf).
    share = 1 / np.arange(2, len(vectors) + 2)
    vectors *= (RARE / (RARE + share / share.sum()))[:, None]
    tokenizer = Tokenizer.from_file(str(Path(model_place) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    sample = [encoding.ids for encoding in tokenizer.encode_batch(_sample(), add_special_tokens=False)]
    if sample:
        # A mean of token vectors less a constant is the mean of the vectors less that constant.
        vectors -= np.mean([vectors[ids].mean(axis=0) for ids in sample if ids], axis=0)
    return StaticModel(vectors.astype(np.float32), tokenizer, config={"normalize": False}, normalize=False)


def encode(model: StaticModel, texts: Sequence[str]) -> np.ndarray:
    """(n, DIMENSIONS) float32 vectors of n texts, not of unit length."""
    return model.encode(list(texts), max_length=None, use_multiprocessing=False)


def _answers(model_place: str) -> np.ndarray:
    """(vocabulary, width) float32: the model's vector of each token alone."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    model = SentenceTransformer(model_place)
    tokenizer, transformer = model.tokenizer, model[0].auto_model
    answers = []
    with torch.inference_mode():
        for tokens in torch.arange(len(tokenizer), device=model.device).split(BATCH):
            ends = [torch.full_like(tokens, end) for end in (tokenizer.cls_token_id, tokenizer.sep_token_id)]
            ids = torch.stack([ends[0], tokens, ends[1]], dim=1)
            states = transformer(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state  # type: ignore[operator]
            answers.append(states.mean(dim=1).float().cpu().numpy())
    return np.concatenate(answers)


def _sample() -> list[str]:
    """English texts of the sample data, or none where they are not installed."""
    try:
        rows = json.loads((sample_data() / "alpaca.json").read_text(encoding="utf-8"))
    except CurateError:
        return []
    texts = ["\n".join(str(row.get(name) or "") for name in ("instruction", "input", "output")) for row in rows]
    return [text for text in texts if text.isascii()]
