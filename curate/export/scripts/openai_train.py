"""Uploads train.jsonl to OpenAI and starts a fine-tuning job.

OPENAI_API_KEY=... python train.py
"""

from pathlib import Path

from openai import OpenAI

MODEL = "gpt-4.1-mini-2025-04-14"
SUFFIX = "curated"
DATA = Path(__file__).resolve().parent / "train.jsonl"


def main() -> None:
    client = OpenAI()
    with DATA.open("rb") as rows:
        file = client.files.create(file=rows, purpose="fine-tune")
    job = client.fine_tuning.jobs.create(
        model=MODEL, training_file=file.id, suffix=SUFFIX, method={"type": "supervised"}
    )
    print(f"file {file.id}, job {job.id}: {job.status}")


if __name__ == "__main__":
    main()
