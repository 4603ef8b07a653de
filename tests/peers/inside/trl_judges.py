"""Runs in TRL's own environment: hands files to SFTTrainer, and prints the tokens and labels that it makes of rows.

Standard input: a JSON list of jobs, each with path, assistant_only_loss, template and model (a folder).
Standard output, last line: a JSON list with {"ids", "labels"} or {"error"} for each.
"""

import json
import logging
import os
import sys
import tempfile

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}

from datasets import disable_caching, load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer


def read(job, model, tokenizer, folder):
    rows = load_dataset("json", data_files=job["path"], split="train")
    settings = {"max_length": None, "report_to": "none", "use_cpu": True, "bf16": False}
    config = SFTConfig(output_dir=folder, assistant_only_loss=job["assistant_only_loss"], **settings)
    made = SFTTrainer(model=model, args=config, train_dataset=rows, processing_class=tokenizer).train_dataset
    return {"ids": list(made["input_ids"]), "labels": list(made["labels"])}


def main():
    disable_caching()
    logging.disable(logging.CRITICAL)
    jobs = json.load(sys.stdin)
    model = AutoModelForCausalLM.from_pretrained(jobs[0]["model"])
    tokenizer = AutoTokenizer.from_pretrained(jobs[0]["model"])
    out = []
    with tempfile.TemporaryDirectory() as folder:
        for job in jobs:
            tokenizer.chat_template = job["template"]
            try:
                out.append(read(job, model, tokenizer, folder))
            except Exception as error:
                out.append({"error": f"{type(error).__name__}: {error}"})
    print()
    print(json.dumps(out))


main()
