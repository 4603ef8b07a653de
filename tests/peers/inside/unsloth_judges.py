"""Runs in Unsloth's own environment: standardizes files, writes their rows by a chat template and masks prompts.

Importing `unsloth` needs a GPU, so `unsloth_zoo` is taken alone, which standardize_sharegpt is from.
Standard input: a JSON list of jobs, each with path, template, instruction_part, response_part and model.
Standard output, last line: a JSON list with {"ids", "labels"} or {"error"} for each.
"""

import json
import logging
import os
import sys

os.environ |= {"HF_HUB_OFFLINE": "1", "UNSLOTH_IS_PRESENT": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}

from datasets import disable_caching, load_dataset
from transformers import AutoTokenizer
from unsloth_zoo import dataset_num_proc
from unsloth_zoo.dataset_utils import standardize_data_formats, train_on_responses_only

# A file of three rows needs no pool of processes.
dataset_num_proc.get_dataset_num_proc = lambda number: None


def read(job, tokenizer):
    rows = standardize_data_formats(load_dataset("json", data_files=job["path"], split="train"))
    tokenizer.chat_template = job["template"]
    texts = [tokenizer.apply_chat_template(turns, tokenize=False) for turns in rows["conversations"]]
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    mask = train_on_responses_only(
        None,
        instruction_part=job["instruction_part"],
        response_part=job["response_part"],
        tokenizer=tokenizer,
        return_function=True,
    )
    return {"ids": ids, "labels": [list(map(int, labels)) for labels in mask({"input_ids": ids})["labels"]]}


def main():
    disable_caching()
    logging.disable(logging.CRITICAL)
    jobs = json.load(sys.stdin)
    tokenizer = AutoTokenizer.from_pretrained(jobs[0]["model"])
    out = []
    for job in jobs:
        try:
            out.append(read(job, tokenizer))
        except Exception as error:
            out.append({"error": f"{type(error).__name__}: {error}"})
    print()
    print(json.dumps(out))


main()
