"""Runs in Axolotl's own environment: validates configurations by its schema and tokenises rows by its strategy.

Standard input: a JSON list of jobs, each with folder (an export) and model (a folder with a tokenizer).
Standard output, last line: a JSON list with {"config", "ids", "labels"} or {"error"} for each.
"""

import json
import os
import sys
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "AXOLOTL_DO_NOT_TRACK": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}

import yaml
from axolotl.prompt_strategies.chat_template import load
from axolotl.utils.dict import DictDefault
from axolotl.utils.schemas.config import AxolotlInputConfig
from datasets import load_dataset
from transformers import AutoTokenizer


def read(job):
    os.chdir(job["folder"])
    given = yaml.safe_load(Path("lora.yaml").read_text(encoding="utf-8"))
    checked = AxolotlInputConfig(**given).model_dump(exclude_none=True)
    unknown = sorted(set(given) - set(checked))
    unknown += [f"datasets.{name}" for name in set(given["datasets"][0]) - set(checked["datasets"][0])]
    config = DictDefault(checked)
    tokenizer = AutoTokenizer.from_pretrained(job["model"])
    strategy = load(tokenizer, config, DictDefault(checked["datasets"][0]))
    rows = load_dataset("json", data_files=config.datasets[0].path, split="train")
    made = rows.map(strategy.tokenize_prompt, batched=True, remove_columns=rows.column_names)
    return {"unknown": unknown, "ids": list(made["input_ids"]), "labels": list(made["labels"])}


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
