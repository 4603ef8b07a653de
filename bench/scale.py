"""How time and memory of each step grow with the number of rows.

    python bench/scale.py FILE [--rows 50000,500000] [--steps validate,convert,...] [--limit 4]

FILE, of any format, is enlarged: its rows again and again, in each copy one word in fifty changed, with a seed.
Each step is a command of its own.  `own` is the most memory that it had for itself at a time (RssAnon), `peak` that
with the files that were mapped into it (VmHWM), which the system takes back when it needs the room.
--limit: GiB of memory of its own that a command may have at most (RLIMIT_DATA); more kills it.
The exponent is the slope of log time over log rows: 1 is linear.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import resource
import subprocess
import sys
import tempfile
import time
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
}


def memory_of(pid: int) -> tuple[int, int]:
    """(RssAnon, VmHWM) of a process in MiB; zeros when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0
    found = {line.split(":")[0]: line for line in lines}
    anonymous, peak = (int(found[name].split()[1]) >> 10 if name in found else 0 for name in ("RssAnon", "VmHWM"))
    return anonymous, peak


def measured(command: list[str], limit: float | None) -> tuple[float, int, int]:
    """(seconds, own, peak) of a command.  Raises RuntimeError if it fails."""

    def limited() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_DATA, (int(limit * 2**30),) * 2)

    began = time.perf_counter()
    run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=limited)
    own = peak = 0
    while run.poll() is None:
        anonymous, most = memory_of(run.pid)
        own, peak = max(own, anonymous), max(peak, most)
        time.sleep(0.02)
    seconds = time.perf_counter() - began
    if run.returncode not in (0, 1):
        raise RuntimeError(run.stderr.read().decode()[-500:])  # type: ignore[union-attr]
    return seconds, own, peak


def digest(folder: Path) -> str:
    """Of all that a step wrote."""
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        with open(path, "rb") as file:
            while piece := file.read(1 << 20):
                found.update(piece)
    return found.hexdigest()[:12]


def exponent(rows: list[int], seconds: list[float]) -> float:
    """Slope of log seconds over log rows."""
    x, y = [math.log(n) for n in rows], [math.log(s) for s in seconds]
    middle, height = sum(x) / len(x), sum(y) / len(y)
    return sum((a - middle) * (b - height) for a, b in zip(x, y, strict=True)) / sum((a - middle) ** 2 for a in x)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--rows", default="50000,500000")
    parser.add_argument("--steps", default=",".join(STEPS))
    parser.add_argument("--limit", type=float)
    given = parser.parse_args()
    from bench.dedup import enlarged
    from curate import table

    rows = table.read([given.file])
    rows = rows.filter(rows["record"].is_valid())
    texts = [f"{p}\n{r}" for p, r in zip(rows["prompt"].to_pylist(), rows["response"].to_pylist(), strict=True)]
    numbers = [int(n) for n in given.rows.split(",")]
    times: dict[str, list[float]] = {}
    print(f"{'step':15}{'rows':>10}{'seconds':>9}{'rows/s':>10}{'own MiB':>9}{'peak MiB':>10}  written")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        test = Path(folder) / "test.jsonl"
        enlarged(texts[::500], len(texts[::500]), test)
        for count in numbers:
            source = Path(folder) / f"{count}.jsonl"
            enlarged(texts, count, source)
            for step in given.steps.split(","):
                with tempfile.TemporaryDirectory(dir=folder) as written:
                    names = {"in": str(source), "out": f"{written}/out.jsonl", "test": str(test)}
                    command = [part.format(**names) for part in STEPS[step]]
                    seconds, own, peak = measured([sys.executable, "-m", "curate.cli", *command], given.limit)
                    said = digest(Path(written))
                times.setdefault(step, []).append(seconds)
                print(
                    f"{step:15}{count:10,}{seconds:9.1f}{count / seconds:10,.0f}{own:9,}{peak:10,}  {said}", flush=True
                )
            source.unlink()
    if len(numbers) > 1:
        for step, seconds in times.items():
            print(f"{step:15} time grows with rows to the power of {exponent(numbers, seconds):.2f}")


if __name__ == "__main__":
    main()
