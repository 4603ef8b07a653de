"""LoRA with TRL, on the replies alone.

python train.py
"""

import argparse
from pathlib import Path

import torch
from datasets import load_dataset
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

MODEL = "Qwen/Qwen2.5-0.5B-Instruct"
CHAT_TEMPLATE = None
MAX_LENGTH = 2048
HERE = Path(__file__).resolve().parent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--max-steps", type=int, default=-1, help="Stop after so many steps; -1 for all epochs.")
    parser.add_argument("--output", default=str(HERE / "output"), help="The folder for the adapters.")
    arguments = parser.parse_args()
    rows = load_dataset("parquet", data_files=str(HERE / "data" / "train.parquet"), split="train")
    config = SFTConfig(
        output_dir=arguments.output,
        max_length=MAX_LENGTH,
        completion_only_loss=True,
        chat_template_path=str(HERE / CHAT_TEMPLATE) if CHAT_TEMPLATE else None,
        per_device_train_batch_size=2,
        gradient_accumulation_steps=8,
        learning_rate=1e-4,
        num_train_epochs=3,
        max_steps=arguments.max_steps,
        lr_scheduler_type="cosine",
        warmup_steps=10,
        bf16=torch.cuda.is_available() and torch.cuda.is_bf16_supported(),
        logging_steps=10,
        save_strategy="epoch",
        report_to="none",
    )
    lora = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
    trainer = SFTTrainer(model=MODEL, args=config, train_dataset=rows, peft_config=lora)
    trainer.train()
    trainer.save_model()


if __name__ == "__main__":
    main()
