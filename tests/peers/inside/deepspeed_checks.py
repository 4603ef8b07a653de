"""Runs in an environment with DeepSpeed: transformers' check of ZeRO configurations, and two steps of training.

Arguments: a folder with an export for deepspeed, a folder with a model, and check or train.
Standard output, last line: JSON.
"""

import json
import os
import sys
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "DS_ACCELERATOR": "cpu", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
folder, model, what = Path(sys.argv[1]), sys.argv[2], sys.argv[3]


def check():
    """The values that transformers fills in for "auto", for each stage."""
    from transformers import AutoConfig, TrainingArguments
    from transformers.integrations.deepspeed import HfTrainerDeepSpeedConfig

    configs = {}
    for stage in (2, 3):
        given = json.loads((folder / f"deepspeed_zero{stage}.json").read_text())
        config = HfTrainerDeepSpeedConfig(given)
        arguments = TrainingArguments(
            output_dir=str(folder / "out"), per_device_train_batch_size=2, gradient_accumulation_steps=8, use_cpu=True
        )
        config.trainer_config_process(arguments)

        class Holder:
            config = AutoConfig.from_pretrained(model)

        config.trainer_config_finalize(arguments, Holder, 10)
        assert not config.mismatches
        configs[stage] = {"config": config.config, "stage": config.is_zero3(), "left": _auto(config.config)}
    print(json.dumps(configs))


def _auto(values, at=""):
    """Places that are still "auto"."""
    if isinstance(values, dict):
        return [place for name, value in values.items() for place in _auto(value, f"{at}.{name}")]
    return [at] if values == "auto" else []


def train():
    """Two steps with ZeRO on one process of the CPU; gives the loss of each."""
    import deepspeed
    import torch
    from transformers import AutoModelForCausalLM

    os.environ |= {
        "RANK": "0",
        "WORLD_SIZE": "1",
        "LOCAL_RANK": "0",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": "29511",
    }
    deepspeed.init_distributed("gloo")
    losses = {}
    for stage in (2, 3):
        config = json.loads((folder / f"deepspeed_zero{stage}.json").read_text())
        config |= {"train_batch_size": 2, "train_micro_batch_size_per_gpu": 2, "gradient_accumulation_steps": 1}
        config |= {"gradient_clipping": 1.0, "bf16": {"enabled": True}, "fp16": {"enabled": False}}
        zero = config["zero_optimization"]
        zero.update({name: 10_000 for name, value in zero.items() if value == "auto"})
        torch.manual_seed(0)
        loaded = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
        optimizer = torch.optim.AdamW(loaded.parameters(), lr=1e-2)
        engine, _, _, _ = deepspeed.initialize(model=loaded, optimizer=optimizer, config=config)
        ids = torch.arange(40).reshape(2, 20) % 7 + 20
        losses[stage] = []
        for _ in range(2):
            loss = engine(input_ids=ids, labels=ids).loss
            engine.backward(loss)
            engine.step()
            losses[stage].append(float(loss))
    print()
    print(json.dumps(losses))


check() if what == "check" else train()
