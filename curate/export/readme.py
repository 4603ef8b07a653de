"""The README of an export."""

from __future__ import annotations

from curate.export.job import Job, Outcome
from curate.text.counted import counted

FILES = {
    "SHA256SUMS": "checksums: `sha256sum --check SHA256SUMS`",
    "accelerate_zero2.yaml": "how `accelerate` starts ZeRO-2",
    "accelerate_zero3.yaml": "how `accelerate` starts ZeRO-3",
    "chat_template.jinja": "the prompt template",
    "config.py": "the configuration",
    "data/train.parquet": "the examples, as `datasets` loads them",
    "deepspeed_zero2.json": "DeepSpeed's ZeRO-2, to be named as `deepspeed` in the configuration for several GPUs",
    "deepspeed_zero3.json": "DeepSpeed's ZeRO-3, for models too large for one GPU",
    "left_out.jsonl": "rows that are not in the data, with place, reason and remedy",
    "lora.yaml": "the configuration",
    "sft.yaml": "the configuration",
    "train.jsonl": "the rows, one a line",
    "train.py": "the training script",
}
INSTALL = {
    "LLaMA-Factory": "pip install llamafactory",
    "Axolotl": "pip install axolotl",
    "Unsloth": "pip install unsloth",
    "TRL": "pip install trl peft",
    "DeepSpeed": "pip install trl peft deepspeed",
    "ms-swift": "pip install ms-swift",
    "XTuner": "pip install git+https://github.com/InternLM/xtuner@v1.0.1",
    "verl": "pip install verl",
    "OpenAI": "pip install openai",
}


def readme(title: str, job: Job, outcome: Outcome, files: list[str]) -> str:
    """Markdown: the command, the files, and what is not in them."""
    where = "the folder above this one" if title == "LLaMA-Factory" else "this folder"
    lines = [
        f"# {job.name} for {title}",
        "",
        f"{_count(outcome)} for {job.model}, template: {outcome.template}, at most "
        f"{outcome.max_length or job.max_length:,} tokens a row.",
        "",
        f"Run in {where}:",
        "",
        "```",
        INSTALL[title],
        outcome.command,
        "```",
        "",
        "| file | what it is |",
        "| --- | --- |",
        *(f"| `{name}` | {FILES[name]} |" for name in [*files, "SHA256SUMS"] if name in FILES),
        "",
    ]
    lines += [f"- {note}" for note in outcome.notes]
    lines += [
        f"- Not handed over, since no tool trains on it: {name} ({counted(n, 'row')})."
        for name, n in untrained(outcome)
    ]
    if outcome.left_out:
        lines.append(f"- Left out: {counted(len(outcome.left_out), 'row')}, listed with reasons in `left_out.jsonl`.")
    return "\n".join(lines).rstrip() + "\n"


def untrained(outcome: Outcome) -> list[tuple[str, int]]:
    """The fields that are not handed over, by name, with the number of rows that have each."""
    return sorted(outcome.lost.items())


def _count(outcome: Outcome) -> str:
    if outcome.written == outcome.rows:
        return counted(outcome.rows, "row")
    return f"{counted(outcome.rows, 'row')}, {counted(outcome.written, 'example')},"
