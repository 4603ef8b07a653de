"""LoRA with Unsloth, on the replies alone.  Needs a GPU.

python train.py
"""

from pathlib import Path
from typing import Any

MODEL = "Qwen/Qwen2.5-0.5B-Instruct"
UNSLOTH_TEMPLATE = None
CHAT_TEMPLATE = None
INSTRUCTION_PART = None
RESPONSE_PART = None
MAX_LENGTH = 2048
HERE = Path(__file__).resolve().parent


def texts(tokenizer: Any, standardize: Any) -> Any:
    """The rows as the texts to train on.

    Args:
        tokenizer: of the model.
        standardize: Unsloth's standardize_sharegpt, which brings turns into the form of role and content.
    """
    from datasets import load_dataset

    rows = load_dataset("json", data_files=str(HERE / "train.jsonl"), split="train")

    def written(batch: dict[str, Any]) -> dict[str, list[str]]:
        return {"text": [tokenizer.apply_chat_template(turns, tokenize=False) for turns in batch["conversations"]]}

    return standardize(rows).map(written, batched=True, remove_columns=["conversations"])


def with_template(tokenizer: Any) -> Any:
    """The tokenizer with the chat template of the export, if that is not the model's own."""
    if CHAT_TEMPLATE:
        tokenizer.chat_template = (HERE / CHAT_TEMPLATE).read_text(encoding="utf-8")
    elif UNSLOTH_TEMPLATE:
        from unsloth.chat_templates import get_chat_template

        tokenizer = get_chat_template(tokenizer, chat_template=UNSLOTH_TEMPLATE)
    return tokenizer


def main() -> None:
    # Unsloth comes first, since it changes what the others do.
    from unsloth import FastLanguageModel, is_bfloat16_supported  # isort: skip
    from unsloth.chat_templates import standardize_sharegpt, train_on_responses_only  # isort: skip
    from trl import SFTConfig, SFTTrainer

    model, tokenizer = FastLanguageModel.from_pretrained(MODEL, max_seq_length=MAX_LENGTH, load_in_4bit=True)
    tokenizer = with_template(tokenizer)
    model = FastLanguageModel.get_peft_model(
        model,
        r=16,
        lora_alpha=32,
        lora_dropout=0,
        target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
        use_gradient_checkpointing="unsloth",
    )
    config = SFTConfig(
        output_dir=str(HERE / "output"),
        dataset_text_field="text",
        max_length=MAX_LENGTH,
        per_device_train_batch_size=2,
        gradient_accumulation_steps=8,
        learning_rate=1e-4,
        num_train_epochs=3,
        lr_scheduler_type="cosine",
        warmup_steps=10,
        bf16=is_bfloat16_supported(),
        fp16=not is_bfloat16_supported(),
        logging_steps=10,
        report_to="none",
    )
    rows = texts(tokenizer, standardize_sharegpt)
    trainer = SFTTrainer(model=model, processing_class=tokenizer, args=config, train_dataset=rows)
    trainer = train_on_responses_only(trainer, instruction_part=INSTRUCTION_PART, response_part=RESPONSE_PART)
    trainer.train()
    model.save_pretrained(str(HERE / "output"))
    tokenizer.save_pretrained(str(HERE / "output"))


if __name__ == "__main__":
    main()
