"""Runs in LLaMA-Factory's own environment: reads data sets with its loader, and prints what it makes of them.

Standard input: a JSON list of jobs, each with dataset_dir, dataset, template, model (a folder with a tokenizer) and
cutoff_len, or `yaml`, a training configuration to read them from (model and dataset_dir still count).
Standard output, last line: a JSON list with {"ids", "labels"} or {"error"} for each.
"""

import json
import os
import sys
import types
from importlib.machinery import ModuleSpec

os.environ |= {"DISABLE_VERSION_CHECK": "1", "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
# Its module for images and sound imports torchaudio, which has no build for the torch that is here.  No row has sound.
sound = types.ModuleType("torchaudio")
sound.__spec__ = ModuleSpec("torchaudio", None)
sys.modules["torchaudio"] = sound

import yaml  # noqa: E402
from llamafactory.data import get_dataset, get_template_and_fix_tokenizer  # noqa: E402
from llamafactory.hparams import get_train_args  # noqa: E402
from transformers import AutoTokenizer  # noqa: E402

KEYS = ("template", "dataset", "cutoff_len", "mask_history")


def read(job, scratch):
    arguments = {
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "lora",
        "output_dir": os.path.join(scratch, "out"),
        "overwrite_cache": True,
        "report_to": "none",
        "model_name_or_path": job["model"],
        "dataset_dir": job["dataset_dir"],
    }
    if "yaml" in job:
        with open(job["yaml"], encoding="utf-8") as file:
            given = yaml.safe_load(file)
        for name in ("model_name_or_path", "dataset_dir", "output_dir", "bf16"):
            given.pop(name, None)
        arguments |= given
    arguments |= {key: job[key] for key in KEYS if key in job}
    model, data, training, _, _ = get_train_args(arguments)
    tokenizer = AutoTokenizer.from_pretrained(job["model"])  # anew, since a template changes its end token
    template = get_template_and_fix_tokenizer(tokenizer, data)
    made = get_dataset(template, model, data, training, stage="sft", tokenizer=tokenizer)["train_dataset"]
    return {"ids": list(made["input_ids"]), "labels": list(made["labels"])}


def main():
    import tempfile

    out = []
    with tempfile.TemporaryDirectory() as scratch:
        for job in json.load(sys.stdin):
            try:
                out.append(read(job, scratch))
            except Exception as error:
                out.append({"error": f"{type(error).__name__}: {error}"})
    print()
    print(json.dumps(out))


main()
