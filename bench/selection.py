"""Time selection against its peers, in the same run.

    python bench/selection.py [--rows 5000,10000,20000] [--alone 50000] [--peers PYTHON] [--million]

Peers: apricot-select and submodlib-py (facility location, lazy) and a plain numpy loop (k-center).  Each run is a
process of its own, one after the other; seconds are without imports and reading, and with making similarities.  The
peers keep all similarities, so that --alone rows are for our own ways.  PYTHON is an interpreter with the peers
installed, if this one has them not; a peer that is missing or fails is left out, and why is said.
f is the mean coverage, counted alike for all; radius is the largest cosine distance to a chosen row.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent

HEAD = """
import json, resource, sys, time
import numpy as np
vectors, size, out = np.load(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
"""
TAIL = """
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
np.save(out, np.asarray(chosen, np.int64))
print(json.dumps([time.perf_counter() - began, time.process_time() - busy, peak]))
"""
BEGIN = "began, busy = time.perf_counter(), time.process_time()\n"
APRICOT = """
from apricot import FacilityLocationSelection
# numba compiles when it is first called; that is not counted.
FacilityLocationSelection(2, metric="precomputed", optimizer="lazy").fit(np.eye(4))
BEGIN
near = np.empty((len(vectors), len(vectors)))  # it takes nothing but doubles
for at in range(0, len(vectors), 1024):
    near[at : at + 1024] = np.maximum(vectors[at : at + 1024] @ vectors.T, 0)
chosen = FacilityLocationSelection(size, metric="precomputed", optimizer="lazy").fit(near).ranking
"""
AS_DOCUMENTED = """
from apricot import FacilityLocationSelection
FacilityLocationSelection(2, metric="precomputed", optimizer="lazy").fit(np.eye(4))
BEGIN
chosen = FacilityLocationSelection(size, metric="cosine", optimizer="lazy").fit(vectors).ranking
"""
SUBMODLIB = """
from submodlib import FacilityLocationFunction
BEGIN
near = np.maximum(vectors @ vectors.T, 0)
found = FacilityLocationFunction(n=len(near), mode="dense", sijs=near, separate_rep=False).maximize(
    budget=size, optimizer="LazyGreedy", stopIfZeroGain=False, stopIfNegativeGain=False, show_progress=False)
chosen = [i for i, _ in found]
"""
K_CENTER = """
BEGIN
chosen = [int((vectors @ vectors.mean(axis=0)).argmax())]
near = vectors @ vectors[chosen[0]]
while len(chosen) < size:
    chosen.append(int(near.argmin()))
    near = np.maximum(near, vectors @ vectors[chosen[-1]])
"""
OURS = """
from curate.select import greedy_coverage
BEGIN
chosen = greedy_coverage.greedy(vectors, size).order
"""
PARTS = """
from curate.select import partition
BEGIN
chosen = partition.greedy_in_parts(vectors, size)[0].order
"""
OUR_K_CENTER = """
from curate.select import k_center
BEGIN
chosen = k_center.greedy(vectors, size)[0]
"""
NOVELSUM = """
from curate.select import novelsum
BEGIN
chosen = novelsum.greedy(vectors, novelsum.density(vectors, vectors), size)[0]
"""
# name: script, whether it is a peer
COVERAGE = {
    "apricot": (AS_DOCUMENTED, True),
    "apricot, similarities given": (APRICOT, True),
    "submodlib, lazy": (SUBMODLIB, True),
    "curate facility_location": (OURS, False),
    "curate, in parts": (PARTS, False),
}
RADIUS = {"numpy k-center loop": (K_CENTER, True), "curate k_center": (OUR_K_CENTER, False)}
ALONE = {
    "curate facility_location": (OURS, False),
    "curate, in parts": (PARTS, False),
    "curate novelsum": (NOVELSUM, False),
}


def clustered(n: int, d: int = 384, topics: int = 200, seed: int = 0) -> np.ndarray:
    """(n, d) float32 of unit length, about topics of very different sizes, with a direction that all share."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(topics, d)).astype(np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    often = random.pareto(1.5, topics) + 0.2
    vectors = centres[random.choice(topics, n, p=often / often.sum())]
    vectors += 0.3 * centres.mean(axis=0) * np.sqrt(topics)
    for start in range(0, n, 50_000):
        part = vectors[start : start + 50_000]
        part += 0.9 / np.sqrt(d) * random.standard_normal(part.shape, np.float32)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return vectors


def run(script: str, vectors: Path, size: int, out: Path, python: str, threads: int) -> tuple[float, float, float]:
    """(seconds, seconds of processors, peak MiB) of a way of selecting."""
    limits = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"), str(threads))
    code = HEAD + script.replace("BEGIN\n", BEGIN) + TAIL
    process = subprocess.run(
        [python, "-c", code, str(vectors), str(size), str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **limits},
    )
    if process.returncode:
        reason = process.stderr.strip().splitlines()[-1:] or [f"ended by signal {-process.returncode}"]
        raise RuntimeError(reason[0])
    seconds, busy, peak = map(float, process.stdout.splitlines()[-1].strip("[]").split(","))
    return seconds, busy, peak


def worth(vectors: np.ndarray, chosen: np.ndarray) -> tuple[float, float]:
    """(mean coverage, radius) of the chosen rows."""
    total, least = 0.0, 1.0
    for start in range(0, len(vectors), 4096):
        near = (vectors[start : start + 4096] @ vectors[chosen].T).max(axis=1)
        total += float(np.maximum(near, 0).sum(dtype=np.float64))
        least = min(least, float(near.min()))
    return total / len(vectors), 1 - least


def measure(scripts: dict[str, tuple[str, bool]], n: int, arguments: argparse.Namespace, folder: Path) -> None:
    path, out = folder / "vectors.npy", folder / "chosen.npy"
    vectors = clustered(n)
    np.save(path, vectors)
    print(
        f"\n{arguments.size:,} of {n:,} rows, 384 dimensions, {arguments.threads} thread(s) each, "
        f"best of {arguments.runs}"
    )
    print(f"{'way':28}{'seconds':>9}{'cpu s':>9}{'first / it':>12}{'(cpu)':>8}{'f':>11}{'radius':>9}{'peak MiB':>10}")
    first: tuple[float, float] | None = None
    for name, (script, is_peer) in scripts.items():
        if not any(part in name for part in arguments.only.split(",")):
            continue
        try:
            python = arguments.peers if is_peer else sys.executable
            times = [run(script, path, arguments.size, out, python, arguments.threads) for _ in range(arguments.runs)]
        except RuntimeError as error:
            print(f"{name:28} left out: {error}")
            continue
        seconds, busy = min(t[0] for t in times), min(t[1] for t in times)
        first = first or (seconds, busy)
        f, radius = worth(vectors, np.load(out))
        print(
            f"{name:28}{seconds:9.2f}{busy:9.2f}{first[0] / seconds:12.1f}{first[1] / busy:8.1f}{f:11.6f}{radius:9.4f}"
            f"{max(t[2] for t in times):10.0f}",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", default="5000,10000,20000", help="pools for ours and the peers")
    parser.add_argument("--alone", default="50000", help="pools for our own ways, and k-center")
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON")
    parser.add_argument(
        "--threads", type=int, default=1, help="of BLAS and numba; several wait on a machine that is busy"
    )
    parser.add_argument("--only", default="", metavar="WAY,...", help="ways whose names have one of these in them")
    parser.add_argument("--million", action="store_true", help="a million rows in parts")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for n in filter(None, arguments.rows.split(",")):
            measure(COVERAGE, int(n), arguments, Path(folder))
        for n in filter(None, arguments.alone.split(",")):
            measure(RADIUS, int(n), arguments, Path(folder))
            measure(ALONE, int(n), arguments, Path(folder))
        if arguments.million:
            measure({"curate, in parts": ALONE["curate, in parts"]}, 1_000_000, arguments, Path(folder))


if __name__ == "__main__":
    main()
