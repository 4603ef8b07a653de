"""Runs in ms-swift's own environment: reads the configuration, loads the rows and encodes them by its template.

Standard input: a JSON list of jobs, each with folder (an export) and model (a folder with a tokenizer).
Standard output, last line: a JSON list with {"unknown", "ids", "labels"} or {"error"} for each.
"""

import json
import os
import sys
from dataclasses import fields

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1", "CUDA_VISIBLE_DEVICES": ""}

import yaml
from swift.arguments import SftArguments
from swift.dataset import load_dataset
from swift.model import get_processor
from swift.template import get_template


def read(job):
    os.chdir(job["folder"])
    with open("sft.yaml", encoding="utf-8") as file:
        given = yaml.safe_load(file)
    unknown = sorted(set(given) - {field.name for field in fields(SftArguments)})
    rows, _ = load_dataset(given["dataset"], strict=given["strict"], load_from_cache_file=False)
    processor = get_processor(job["model"], model_type="qwen2")
    # As its arguments do for a template that thinks and need not.
    loss = "default+ignore_empty_think" if given["template"] == "qwen3" else "default"
    template = get_template(processor, template_type=given["template"], max_length=given["max_length"], loss_scale=loss)
    template.set_mode("train")
    made = [template.encode(row) for row in rows]
    return {
        "unknown": unknown,
        "ids": [list(map(int, row["input_ids"])) for row in made],
        "labels": [list(map(int, row["labels"])) for row in made],
    }


def main():
    out = []
    for job in json.load(sys.stdin):
        try:
            out.append(read(job))
        except Exception as error:
            out.append({"error": f"{type(error).__name__}: {error}"})
    print()
    print(json.dumps(out))


main()
