"""Runs in an environment with XTuner 1: tokenises the rows of exports by its own function.

Modules for images, which its data package imports and no row needs, are empty here.
Standard input: a JSON list of jobs, each with folder (an export) and model (a folder with a tokenizer).
Standard output, last line: a JSON list with {"ids", "labels"} or {"error"} for each.
"""

import json
import os
import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}


class Names(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return name


class Empty(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Names(name, (), {})


vision = ["torchvision", "torchvision.transforms", "torchvision.transforms.functional", "torchvision.transforms.v2"]
for name in [*vision, "torchvision.transforms.v2.functional", "cv2", "imageio", "decord", "av"]:
    module = Empty(name)
    module.__spec__, module.__path__, module.__version__ = ModuleSpec(name, None), [], "0.28.0"
    sys.modules[name] = module
    parent, _, own = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], own, module)

from transformers import AutoTokenizer  # noqa: E402
from xtuner.v1.datasets.sft_tokenize_fn import OpenaiTokenizeFunctionConfig  # noqa: E402


def read(job):
    settings = Path(job["folder"], "config.py").read_text("utf-8")
    constants = [line for line in settings.splitlines() if line.startswith(("CHAT_TEMPLATE", "MAX_LENGTH"))]
    scope = {}
    exec("\n".join(constants), scope)
    build = OpenaiTokenizeFunctionConfig(chat_template=scope["CHAT_TEMPLATE"], max_length=scope["MAX_LENGTH"])
    tokenize = build.build(AutoTokenizer.from_pretrained(job["model"]))
    with open(Path(job["folder"], "train.jsonl"), encoding="utf-8") as file:
        made = [tokenize(json.loads(line)) for line in file]
    return {"ids": [row["input_ids"] for row in made], "labels": [row["labels"] for row in made]}


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
