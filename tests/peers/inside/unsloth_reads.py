"""Runs in Unsloth's own environment: runs the data part of an export's script, and Unsloth's masking of prompts.

Importing `unsloth` needs a GPU, so its chat templates and `unsloth_zoo` are taken from their files.
Standard input: a JSON list of jobs, each with folder (an export) and model (a folder with a tokenizer).
Standard output, last line: a JSON list with {"ids", "labels"} or {"error"} for each.
"""

import importlib.util
import json
import os
import sys
import types
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "UNSLOTH_IS_PRESENT": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}

from transformers import AutoTokenizer
from unsloth_zoo.dataset_utils import standardize_data_formats, train_on_responses_only


def chat_templates():
    """Unsloth's chat templates by name, without running the package's own start."""
    spec = importlib.util.find_spec("unsloth")
    package = types.ModuleType("unsloth")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["unsloth"] = package
    text = (Path(package.__path__[0]) / "chat_templates.py").read_text("utf-8")
    # Up to the functions that need the rest of the package.
    head = text[: text.index("\ndef get_chat_template(")]
    module = types.ModuleType("unsloth.chat_templates")
    module.__package__ = "unsloth"
    exec(compile(head, "chat_templates.py", "exec"), module.__dict__)
    default = module.DEFAULT_SYSTEM_MESSAGE
    # What get_chat_template does with the place for a default system text.
    return {
        name: value[0].replace("{system_message}", default.get(name) or "")
        for name, value in module.CHAT_TEMPLATES.items()
    }


def script(folder):
    spec = importlib.util.spec_from_file_location("train", Path(folder) / "train.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(job, templates):
    module = script(job["folder"])
    tokenizer = AutoTokenizer.from_pretrained(job["model"])
    if module.UNSLOTH_TEMPLATE:
        tokenizer.chat_template = templates[module.UNSLOTH_TEMPLATE]
    else:
        tokenizer = module.with_template(tokenizer)
    rows = module.texts(tokenizer, standardize_data_formats)
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in rows["text"]]
    mask = train_on_responses_only(
        None,
        instruction_part=module.INSTRUCTION_PART,
        response_part=module.RESPONSE_PART,
        tokenizer=tokenizer,
        return_function=True,
    )
    labels = mask({"input_ids": ids})["labels"]
    return {"ids": ids, "labels": [list(map(int, label)) for label in labels]}


def main():
    out, templates = [], chat_templates()
    for job in json.load(sys.stdin):
        try:
            out.append(read(job, templates))
        except Exception as error:
            out.append({"error": f"{type(error).__name__}: {error}"})
    print()
    print(json.dumps(out))


main()
