"""How time and memory of each step grow with the number of rows, on one machine and on Ray.

    python bench/scale.py FILE [--rows 50000,500000] [--steps validate,convert,...] [--engines local,ray] [--limit 4]

FILE, of any format, is enlarged: its rows again and again, in each copy half of the vocabulary replaced, with a seed.
So rows of one copy are as like one another as those of FILE are, rows of different copies are not alike, and a file
twice as large has twice as many duplicates.
Each step is a command of its own.  `own` is the most memory that it and its processes had for themselves at a time
(RssAnon), `peak` that with the files that were mapped into its first process (VmHWM), which the system takes back when
it needs the room.  `core seconds` are those of all its processes; on Ray, of the driver alone, which is what a cluster
does not divide.  `written` stands for the bytes of all files that the step wrote.
--limit: GiB of memory of its own that a command on the local engine may have at most (RLIMIT_DATA); more kills it.
--ray-address: of a cluster that runs; else each command starts one of its own on this machine.
--made: a folder in which the enlarged files stay for the next time; else they are deleted.
The exponent is the slope of log time over log rows: 1 is linear.  It prints Markdown.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

STEPS = {
    "validate": ["validate", "{in}"],
    "convert": ["convert", "{in}", "{out}", "--to", "sharegpt"],
    "stats": ["stats", "{in}"],
    "exact": ["dedup", "{in}", "{out}", "--exact"],
    "near": ["dedup", "{in}", "{out}", "--near", "0.7"],
    "decontaminate": ["decontaminate", "{in}", "{out}", "--against", "{test}"],
    "score": ["score", "{in}", "{out}", "--with", "lexical"],
    "select": ["select", "{in}", "{out}", "--size", "1000", "--embedder", "static"],
}
STREAMING = ["validate", "convert", "stats", "exact", "near", "decontaminate", "score"]
ON_RAY = {"validate", "convert", "stats", "exact", "near", "score", "select"}


def status(pid: str) -> dict[str, str]:
    """What the system says of a process; nothing when it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return {}


def mebibytes(fields: dict[str, str], name: str) -> int:
    """A size of a process in MiB."""
    return int(fields[name].split()[0]) >> 10 if name in fields else 0


def memory_of(pid: int) -> tuple[int, int]:
    """(RssAnon of a process and all that it started, its own VmHWM) in MiB."""
    children = defaultdict(list)
    statuses = {path.name: status(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()}
    for name, found in statuses.items():
        children[found.get("PPid")].append(name)
    total, pids = 0, [str(pid)]
    while pids:
        name = pids.pop()
        total += mebibytes(statuses.get(name, {}), "RssAnon")
        pids += children[name]
    return total, mebibytes(statuses.get(str(pid), {}), "VmHWM")


def used_by(pid: int) -> float:
    """Core seconds of a process and of those that it has waited for; 0 when it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError, IndexError):
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def measure_command(command: Sequence[str], limit: float | None = None) -> tuple[float, float, float, int, int]:
    """(seconds, core seconds of all and of the first process, own, peak) of a command.

    Raises RuntimeError if it fails.
    """

    def limited() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_DATA, (int(limit * 2**30),) * 2)

    def used() -> float:
        found = resource.getrusage(resource.RUSAGE_CHILDREN)
        return found.ru_utime + found.ru_stime

    own = peak = 0
    first_cpu = 0.0
    with tempfile.TemporaryFile() as messages:
        start, cpu_before = time.perf_counter(), used()
        run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=messages, preexec_fn=limited)
        while run.poll() is None:
            anonymous, most = memory_of(run.pid)
            own, peak, first_cpu = max(own, anonymous), max(peak, most), max(first_cpu, used_by(run.pid))
            with suppress(subprocess.TimeoutExpired):
                run.wait(0.2)
        seconds = time.perf_counter() - start
        if run.returncode not in (0, 1):
            messages.seek(0)
            raise RuntimeError(f"{' '.join(command)}: exit {run.returncode}: {messages.read().decode()[-800:]}")
    return seconds, used() - cpu_before, first_cpu, own, peak


def digest(folder: Path) -> str:
    """Of all that a step wrote."""
    content = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        with open(path, "rb") as file:
            while piece := file.read(1 << 20):
                content.update(piece)
    return content.hexdigest()[:12]


def exponent(rows: list[int], seconds: list[float]) -> float:
    """Slope of log seconds over log rows."""
    x, y = [math.log(n) for n in rows], [math.log(s) for s in seconds]
    middle, height = sum(x) / len(x), sum(y) / len(y)
    return sum((a - middle) * (b - height) for a, b in zip(x, y, strict=True)) / sum((a - middle) ** 2 for a in x)


def texts_of_file(file: str) -> list[str]:
    """The texts of the valid rows of a file."""
    from curate.table import table
    from curate.table.texts import texts_of

    rows = table.read([file])
    return texts_of(rows.filter(rows["record"].is_valid()))


def enlarge(texts: list[str], rows: int, out: Path) -> None:
    """So many rows of Instruction-Tuning JSON: the texts, then in each copy with half of the vocabulary replaced."""
    split = [text.split(" ") for text in texts]
    vocabulary = sorted({word for words in split for word in words if word})
    with open(out, "w", encoding="utf-8") as file:
        for copy in range(-(-rows // len(texts))):
            seed = f"{copy} ".encode()
            chosen = (w for w in vocabulary if copy and zlib.crc32(seed + w.encode("utf-8", "replace")) & 1)
            other = {word: f"{word}{copy}" for word in chosen}
            for i, words in enumerate(split[: rows - copy * len(texts)]):
                row = {"input_text": " ".join(map(other.get, words, words)), "target_text": f"{i % 1000}"}
                file.write(json.dumps(row) + "\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--rows", default="50000,500000")
    parser.add_argument("--steps", default=",".join(STREAMING))
    parser.add_argument("--engines", default="local")
    parser.add_argument("--ray-address")
    parser.add_argument("--limit", type=float)
    parser.add_argument("--made", type=Path)
    return parser.parse_args()


def run_step(step: str, engine: str, source: Path, test: Path, options: argparse.Namespace) -> tuple[float, str]:
    """(seconds, the rest of the line of the table) of a step on an engine."""
    with tempfile.TemporaryDirectory(dir=source.parent) as folder:
        names = {"in": str(source), "out": f"{folder}/out.jsonl", "test": str(test)}
        command = [part.format(**names) for part in STEPS[step]]
        if engine == "ray":
            command += ["--engine", "ray"]
            command += ["--ray-address", options.ray_address] if options.ray_address else []
        limit = options.limit if engine == "local" else None
        seconds, cores, first, own, peak = measure_command([sys.executable, "-m", "curate.cli", *command], limit)
        written = digest(Path(folder))
    count = int(source.stem)
    cores = cores if engine == "local" else first
    return seconds, (
        f"{count:,} | {seconds:,.1f} | {cores:,.1f} | {count / seconds:,.0f} | {own:,} | {peak:,} | {written} |"
    )


def print_summary(times: dict[tuple[str, str], list[float]], numbers: list[int], first_engine: str) -> None:
    print()
    for (step, engine), seconds in times.items():
        if len(numbers) > 1:
            print(f"- {step}, {engine}: time grows with rows to the power of {exponent(numbers, seconds):.2f}")
        elif engine != first_engine:
            ratio = seconds[0] / times[step, first_engine][0]
            print(f"- {step}: {engine} takes {ratio:.2f}x the time of {first_engine}")


def main() -> None:
    options = arguments()
    numbers = [int(n) for n in options.rows.split(",")]
    steps, engines = options.steps.split(","), options.engines.split(",")
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    print("| step | engine | rows | seconds | core seconds | rows/s | own MiB | peak MiB | written |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory(dir=options.made or Path.cwd()) as folder:
        inputs = options.made or Path(folder)
        test = inputs / "test.jsonl"
        texts = [] if test.exists() else texts_of_file(options.file)
        if texts:
            enlarge(texts[::500], len(texts[::500]), test)
        for count in numbers:
            source = inputs / f"{count}.jsonl"
            if not source.exists():
                texts = texts or texts_of_file(options.file)
                enlarge(texts, count, source)
            for step in steps:
                for engine in engines if step in ON_RAY else engines[:1]:
                    seconds, line = run_step(step, engine, source, test, options)
                    times[step, engine].append(seconds)
                    print(f"| {step} | {engine} | {line}", flush=True)
            if not options.made:
                source.unlink()
    print_summary(times, numbers, engines[0])


if __name__ == "__main__":
    main()
