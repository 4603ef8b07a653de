"""Time conversion against its peers, in the same run.

    python bench/convert.py [FILE] [--runs 5] [--times 10]

FILE is an Alpaca or prompt/completion file in JSONL, plain or gzipped; without one, rows are made from sample_data.
Every run is a process of its own, the peers taking turns; the table gives medians, the ratio to the first peer run by
run, and the peak of memory.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROWS = 55_000

ORJSON = """
import sys, orjson
with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as out:
    for line in source:
        out.write(orjson.dumps(orjson.loads(line)) + b"\\n")
"""
BY_HAND = """
import sys, orjson
with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as out:
    for line in source:
        row = orjson.loads(line)
        asked = row["instruction"] + "\\n" + row["input"] if row.get("input") else row["instruction"]
        turns = [{"from": "human", "value": asked}, {"from": "gpt", "value": row["output"]}]
        out.write(orjson.dumps({"conversations": turns}) + b"\\n")
"""
JSON = (
    BY_HAND.replace("orjson.loads", "json.loads")
    .replace(
        'orjson.dumps({"conversations": turns})', 'json.dumps({"conversations": turns}, ensure_ascii=False).encode()'
    )
    .replace("import sys, orjson", "import sys, json")
)
DATASETS = """
import os, sys, tempfile, datasets
datasets.disable_progress_bars()
def convert(row):
    asked = row["instruction"] + "\\n" + row["input"] if row.get("input") else row["instruction"]
    return {"conversations": [{"from": "human", "value": asked}, {"from": "gpt", "value": row["output"]}]}
# A cache of its own, or a later run would find the work of an earlier one done.
cache = tempfile.mkdtemp(dir=os.path.dirname(sys.argv[2]))
rows = datasets.load_dataset("json", data_files=sys.argv[1], split="train", cache_dir=cache)
rows.map(convert, remove_columns=rows.column_names).to_json(sys.argv[2], force_ascii=False)
"""


def curate(to: str, workers: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "curate.cli",
        "convert",
        "IN",
        "OUT",
        "--to",
        to,
        "--quiet",
        "--workers",
        str(workers),
    ]


def script(text: str) -> list[str]:
    return [sys.executable, "-c", text, "IN", "OUT"]


COMMANDS = {
    "orjson loads + dumps": script(ORJSON),
    "orjson, dicts by hand": script(BY_HAND),
    "curate to sharegpt, 1 process": curate("sharegpt", 1),
    "curate to sft, 1 process": curate("sft", 1),
    "curate to sharegpt, 2 processes": curate("sharegpt", 2),
    "curate to sft, 2 processes": curate("sft", 2),
    "json of the standard library": script(JSON),
    "datasets load, map, to_json": script(DATASETS),
}
SLOW_COMMANDS = {"datasets load, map, to_json", "json of the standard library"}


def alpaca(path: str | None) -> Iterator[bytes]:
    """Lines of Alpaca rows."""
    if path is None:
        rows = json.loads((ROOT / "sample_data" / "alpaca.json").read_text("utf-8"))
        rows = [
            r for r in rows if isinstance(r.get("output"), str) and r["output"].strip() and r["instruction"].strip()
        ]
        for i in range(ROWS):
            row = rows[i % len(rows)]
            fields = {
                "instruction": f"{row['instruction']} ({i})",
                "input": row.get("input", ""),
                "output": row["output"],
            }
            yield json.dumps(fields, ensure_ascii=False).encode()
        return
    with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
        for line in file:
            row = json.loads(line)
            if "prompt" in row:
                row = {"instruction": row["prompt"], "input": "", "output": row["completion"]}
            yield json.dumps(row, ensure_ascii=False).encode()


def run(command: list[str], source: Path, out: Path) -> tuple[float, float]:
    """(seconds, peak MiB of the largest process) of a command."""
    arguments = [str(source) if part == "IN" else str(out) if part == "OUT" else part for part in command]
    code = (
        "import resource, subprocess, sys, time; began = time.perf_counter(); "
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); took = time.perf_counter() - began; "
        "print(took, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    )
    # A process between, so that the peak is that of this command alone.
    process = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    seconds, peak = map(float, process.stdout.split())
    return seconds, peak


def measure(source: Path, rows: int, runs: int, names: list[str]) -> None:
    print(f"\n{rows:,} rows, {source.stat().st_size / 1e6:,.0f} MB, median of {runs} runs")
    times: dict[str, list[float]] = {name: [] for name in names}
    peaks: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(runs):
            for name in names:
                seconds, peak = run(COMMANDS[name], source, Path(folder) / "out.jsonl")
                times[name].append(seconds)
                peaks[name] = max(peaks.get(name, 0), peak)
    first = times[names[0]]
    print(f"{'way':34}{'seconds':>9}{'rows/s':>11}{'x first':>9}{'peak MiB':>10}")
    for name in names:
        seconds = statistics.median(times[name])
        ratio = statistics.median(a / b for a, b in zip(times[name], first, strict=True))
        print(f"{name:34}{seconds:9.3f}{rows / seconds:11,.0f}{ratio:9.2f}{peaks[name]:10.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--times", type=int, default=10, help="how often the file is repeated for the large one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.jsonl", Path(folder) / "large.jsonl"
        lines = list(alpaca(arguments.file))
        small.write_bytes(b"\n".join(lines) + b"\n")
        with open(large, "wb") as file:
            for _ in range(arguments.times):
                file.write(small.read_bytes())
        measure(small, len(lines), arguments.runs, list(COMMANDS))
        measure(
            large,
            len(lines) * arguments.times,
            arguments.runs,
            [name for name in COMMANDS if name not in SLOW_COMMANDS],
        )
        os.unlink(large)


if __name__ == "__main__":
    main()
