"""Runs in Axolotl's own environment: loads files, tokenises their rows and drops those without trained tokens.

Standard input: a JSON list of jobs, each with path, entry (an item of `datasets`), chat_template and model.
Standard output, last line: a JSON list with {"ids", "labels"} or {"error"} for each.
"""

import functools
import json
import logging
import os
import sys

os.environ |= {"HF_HUB_OFFLINE": "1", "AXOLOTL_DO_NOT_TRACK": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}

from axolotl.utils.data.wrappers import get_dataset_wrapper
from axolotl.utils.dict import DictDefault
from axolotl.utils.schemas.config import AxolotlInputConfig
from axolotl.utils.trainer import process_datasets_for_packing
from datasets import disable_caching, load_dataset
from transformers import AutoTokenizer

logging.disable(logging.CRITICAL)


@functools.cache
def loaded(model):
    tokenizer = AutoTokenizer.from_pretrained(model)
    tokenizer.eos_token = "<|im_end|>"
    return tokenizer


@functools.cache
def checked(entry, template, model):
    given = {"base_model": model, "datasets": [json.loads(entry)], "sequence_len": 100_000, "chat_template": template}
    given |= {"micro_batch_size": 1, "gradient_accumulation_steps": 1, "num_epochs": 1, "learning_rate": 0.0001}
    given |= {"dataset_num_proc": None, "sample_packing": False}
    return DictDefault(AxolotlInputConfig(**given).model_dump(exclude_none=True))


def read(job):
    entry = {"ds_type": "json", "chat_template": job["chat_template"], **job["entry"]}
    config = checked(json.dumps({**entry, "path": "data.jsonl"}), job["chat_template"], job["model"])
    rows = load_dataset("json", data_files=job["path"], split="train")
    dataset = DictDefault({**config.datasets[0], "path": job["path"]})
    kind = dataset.type.split(":")
    style = kind[1] if len(kind) > 1 else None
    made, _ = get_dataset_wrapper(dataset, loaded(job["model"]), config, kind[0], rows, dataset_prompt_style=style)
    made, _ = process_datasets_for_packing(config, made, None)
    return {"ids": list(made["input_ids"]), "labels": list(made["labels"])}


def main():
    disable_caching()
    out = []
    for job in json.load(sys.stdin):
        try:
            out.append(read(job))
        except Exception as error:
            out.append({"error": f"{type(error).__name__}: {error}"})
    print()
    print(json.dumps(out))


main()
