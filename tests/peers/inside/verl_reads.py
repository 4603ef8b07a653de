"""Runs in verl's own environment: composes the configuration on top of verl's, and reads the rows by its data set.

Standard input: a JSON list of jobs, each with folder (an export) and model (a folder with a tokenizer).
Standard output, last line: a JSON list with {"ids", "labels"} or {"error"} for each.
"""

import json
import os
import sys

os.environ |= {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}

from hydra import compose, initialize_config_module
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin
from transformers import AutoTokenizer
from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset

FOLDER = []


class ConfigDir(SearchPathPlugin):
    """What `--config-dir` does on the command line."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        search_path.append("command-line", f"file://{FOLDER[0]}")


def read(job):
    FOLDER[:] = [job["folder"]]
    os.chdir(job["folder"])
    with initialize_config_module("verl.trainer.config", version_base=None):
        config = compose("sft")
    tokenizer = AutoTokenizer.from_pretrained(job["model"])
    if config.model.custom_chat_template:
        tokenizer.chat_template = config.model.custom_chat_template
    rows = MultiTurnSFTDataset(config.data.train_files, tokenizer, config.data)
    made = [rows[i] for i in range(len(rows))]
    ids = [row["input_ids"].tolist() for row in made]
    masks = [row["loss_mask"].tolist() for row in made]
    return {
        "ids": ids,
        "labels": [[t if m else -100 for t, m in zip(*row, strict=True)] for row in zip(ids, masks, strict=True)],
        "lora": config.model.lora_rank,
    }


def main():
    Plugins.instance().register(ConfigDir)
    out = []
    for job in json.load(sys.stdin):
        try:
            out.append(read(job))
        except Exception as error:
            out.append({"error": f"{type(error).__name__}: {error}"})
    print()
    print(json.dumps(out))


main()
