"""How often the token that the model finds most likely is the right one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from curate.models.language_model import LanguageModel
from curate.models.masking import TrainingExample


def token_accuracy(lm: LanguageModel, examples: Sequence[TrainingExample]) -> float:
    """Share of the trained tokens of all examples that are the most likely ones, given the right tokens before them."""
    hits = tokens = 0
    causal = lm.model.get_base_model() if hasattr(lm.model, "get_base_model") else lm.model
    lm.model.eval()
    device = torch.device(lm.device).type
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16, enabled=lm.precision == "bf16"):
        for example in examples:
            ids = torch.from_numpy(example.ids.astype(np.int64))[None].to(lm.device)
            at = torch.from_numpy(np.flatnonzero(example.weights[1:])).to(lm.device)
            hidden = causal.get_decoder()(input_ids=ids, use_cache=False).last_hidden_state[0]
            likely = causal.get_output_embeddings()(hidden[at]).argmax(-1)
            hits += int((likely == ids[0, at + 1]).sum())
            tokens += len(at)
    return hits / max(tokens, 1)
