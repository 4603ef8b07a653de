"""Runs in LLaMA-Factory's own environment: reads data sets with its loader, and prints what it makes of them.

Standard input: a JSON list of jobs, each with dataset_dir, dataset, template, model (a folder with a tokenizer) and
cutoff_len, or `yaml`, a training configuration to read them from (model and dataset_dir still count).  `stage` is sft,
rm or kto.
Standard output, last line: a JSON list with {"ids", "labels"} or {"error"} for each.  Of a pair both conversations
stand in one list; rows of kto have their {"tags"} too.
"""

import functools
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

KEYS = ("template", "dataset", "cutoff_len", "mask_history", "enable_thinking", "stage")


@functools.cache
def setting(text, scratch):
    """(arguments of the model, of the data and of training, tokenizer, template) of a job without its data set."""
    job = json.loads(text)
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
    return model, data, training, tokenizer, get_template_and_fix_tokenizer(tokenizer, data)


def read(job, scratch):
    dataset = job.pop("dataset", None)
    named = job if "yaml" in job else job | {"dataset": "any"}
    model, data, training, tokenizer, template = setting(json.dumps(named), scratch)
    if dataset:
        data.dataset = [dataset]
    stage = job.get("stage", "sft")
    processor = Pictures() if job.get("template") == "llava" else None
    made = get_dataset(template, model, data, training, stage=stage, tokenizer=tokenizer, processor=processor)
    made = made["train_dataset"]
    if stage == "rm":
        return {
            "ids": [a + b for a, b in zip(made["chosen_input_ids"], made["rejected_input_ids"], strict=True)],
            "labels": [a + b for a, b in zip(made["chosen_labels"], made["rejected_labels"], strict=True)],
        }
    tags = {"tags": list(made["kto_tags"])} if stage == "kto" else {}
    return {"ids": list(made["input_ids"]), "labels": list(made["labels"]), **tags}


class Pictures:
    """What LLaMA-Factory asks of a model's processor; those that transformers has need torchvision."""

    patch_size, num_additional_image_tokens, vision_feature_select_strategy = 14, 1, "default"
    feature_extractor = True

    def image_processor(self, images, return_tensors):
        import torch

        return {"pixel_values": torch.zeros(len(images), 3, 28, 28)}


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
