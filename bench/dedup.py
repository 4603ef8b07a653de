"""Time near-duplicate search against its peers, in the same run, and check all of them against exact Jaccard.

    python bench/dedup.py [FILE] [--threshold 0.7] [--sample 3000] [--runs 3] [--memory ROWS] [--embed TEXTS]

FILE is a file of rows in any format; without one, the sample data are taken.  Every way starts from the same texts
(prompt, newline, response) and ends with pairs; each run is a process of its own, the ways taking turns.  The peers
make five-word shingles the way their users do, in Python.  Recall and precision are over the pairs among the first
--sample texts, against exact Jaccard of all their pairs by plain Python sets.  `cpu` is the processor time of all
threads, which a busy machine changes less than the seconds.  Needs the extra `bench`.
--memory repeats the file, words changed, up to so many rows, and shows the peak of `curate dedup --near`.
--embed times the embedders on so many texts.
"""

from __future__ import annotations

import argparse
import json
import pickle
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZE = 5
SLOTS = 128
WORDS = re.compile(r"\w+")

# (seconds, pairs of texts).
TimedPairs = tuple[float, list[tuple[int, int]]]


def shingled(text: str) -> list[str]:
    """The five-word shingles of a text, each once."""
    words = WORDS.findall(text.casefold())
    return list({" ".join(words[i : i + SIZE]) for i in range(max(1, len(words) - SIZE + 1))})


def curate(texts: list[str], threshold: float, sample: int) -> TimedPairs:
    from curate.dedup import near
    from curate.dedup.links import NEAR, links, with_implied_links

    began = time.perf_counter()
    result = near.pairs(texts, threshold)
    seconds = time.perf_counter() - began
    # Texts of the same shingles come once in the result; the peers name all their pairs.
    full = with_implied_links(len(texts), links(result.left, result.right, result.similarity, NEAR))
    return seconds, within(zip(full.better.tolist(), full.worse.tolist(), strict=True), sample)


def datasketch(texts: list[str], threshold: float, sample: int) -> TimedPairs:
    from datasketch import MinHash, MinHashLSH

    began = time.perf_counter()
    index = MinHashLSH(threshold=threshold, num_perm=SLOTS)
    hashes = []
    for text in texts:
        signature = MinHash(num_perm=SLOTS)
        signature.update_batch([shingle.encode() for shingle in shingled(text)])
        hashes.append(signature)
    for i, signature in enumerate(hashes):
        index.insert(i, signature)
    pairs = [(i, j) for i, signature in enumerate(hashes) for j in index.query(signature) if i < j]
    return time.perf_counter() - began, within(pairs, sample)


def datasketch_verified(texts: list[str], threshold: float, sample: int) -> TimedPairs:
    """datasketch with the bands that curate takes and exact verification: the same pairs, so the same F1."""
    from datasketch import MinHash, MinHashLSH

    from curate.dedup.minhash import bands_for

    began = time.perf_counter()
    index = MinHashLSH(num_perm=SLOTS, params=tuple(bands_for(threshold)))
    hashes, sets = [], []
    for text in texts:
        shingles = shingled(text)
        signature = MinHash(num_perm=SLOTS)
        signature.update_batch([shingle.encode() for shingle in shingles])
        hashes.append(signature)
        sets.append(set(shingles))
    for i, signature in enumerate(hashes):
        index.insert(i, signature)
    pairs = []
    for i, signature in enumerate(hashes):
        for j in index.query(signature):
            if i < j and len(sets[i] & sets[j]) >= threshold * len(sets[i] | sets[j]):
                pairs.append((i, j))
    return time.perf_counter() - began, within(pairs, sample)


def raw_rensa(texts: list[str], threshold: float, sample: int) -> TimedPairs:
    """rensa's own index, whose candidates are not verified; banded as its README bands 128 slots at such thresholds."""
    from rensa import RMinHash, RMinHashLSH

    from curate.dedup.minhash import bands_for

    began = time.perf_counter()
    bands = max(b for b in range(1, SLOTS + 1) if SLOTS % b == 0 and b <= bands_for(threshold).bands)
    hashes = RMinHash.from_token_sets([shingled(text) for text in texts], SLOTS, 42)
    index = RMinHashLSH(threshold, SLOTS, bands)
    index.insert_many(hashes)
    pairs = [(i, j) for i, close in enumerate(index.query_all(hashes)) for j in close if i < j]
    return time.perf_counter() - began, within(pairs, sample)


def rensa_shingling(texts: list[str], threshold: float, sample: int) -> TimedPairs:
    """Shingling and signatures only: what any use of rensa on tokens from Python costs before it finds a pair."""
    from rensa import RMinHash

    began = time.perf_counter()
    RMinHash.digest_matrix_from_token_sets([shingled(text) for text in texts], SLOTS, 42)
    return time.perf_counter() - began, []


def semhash(texts: list[str], threshold: float, sample: int) -> TimedPairs:
    """Semantic, by the same static embedder; its pairs are not of the same kind, so only its time is shown."""
    from semhash import SemHash

    from curate.models import embed, static_embedder

    model = static_embedder.load(embed._place("minilm"), embed._cache("static-1", "minilm", ""))
    began = time.perf_counter()
    SemHash.from_records(texts, model=model).self_deduplicate(threshold=0.95)
    return time.perf_counter() - began, []


def curate_semantic(texts: list[str], threshold: float, sample: int) -> TimedPairs:
    """Semantic, all pairs compared, without the measurement of agreement that the command makes."""
    from curate.dedup import semantic
    from curate.models.embed import _cache, _clipped, _place, unit
    from curate.models.static_embedder import encode, load

    model = load(_place("minilm"), _cache("static-1", "minilm", ""))
    began = time.perf_counter()
    vectors = unit(encode(model, [_clipped(text) for text in texts]))
    if semantic.all_pairs(vectors, 0.95) is None:
        semantic.pairs_with_kept(vectors, 0.95)
    return time.perf_counter() - began, []


METHODS: dict[str, Callable[[list[str], float, int], TimedPairs]] = {
    "datasketch": datasketch,
    "datasketch verified": datasketch_verified,
    "curate": curate,
    "rensa pairs": raw_rensa,
    "rensa signatures": rensa_shingling,
    "semhash semantic": semhash,
    "curate semantic": curate_semantic,
}
JUDGED = {"datasketch", "datasketch verified", "curate", "rensa pairs"}


def within(pairs: Iterator | list, sample: int) -> list[tuple[int, int]]:
    return [(i, j) for i, j in pairs if i < sample and j < sample]


def truth(texts: list[str], threshold: float) -> set[tuple[int, int]]:
    """All pairs by plain sets: an index of shingles counts what each two texts share."""
    sets = [set(shingled(text)) for text in texts]
    holders: dict[str, list[int]] = defaultdict(list)
    pairs = set()
    for j, shingles in enumerate(sets):
        common: dict[int, int] = defaultdict(int)
        for shingle in shingles:
            for i in holders[shingle]:
                common[i] += 1
            holders[shingle].append(j)
        pairs |= {(i, j) for i, n in common.items() if n / (len(shingles) + len(sets[i]) - n) >= threshold}
    return pairs


def child(name: str, file: str, threshold: float, sample: int) -> None:
    texts = pickle.loads(Path(file).read_bytes())
    before = time.process_time()
    seconds, pairs = METHODS[name](texts, threshold, sample)
    cpu = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.buffer.write(pickle.dumps((seconds, cpu, pairs, peak)))


def compare(texts: list[str], threshold: float, sample: int, runs: int, names: list[str]) -> None:
    true = truth(texts[:sample], threshold)
    print(f"\n{len(texts):,} texts, threshold {threshold:g}, median of {runs} runs")
    print(f"{len(true):,} true pairs among the first {min(sample, len(texts)):,} texts")
    times: dict[str, list[float]] = {name: [] for name in names}
    cpus: dict[str, list[float]] = {name: [] for name in names}
    pairs: dict[str, set] = {}
    peaks: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts"
        file.write_bytes(pickle.dumps(texts))
        for _ in range(runs):
            for name in names:
                command = [sys.executable, __file__, "--child", name, str(file), "--threshold", str(threshold)]
                done = subprocess.run([*command, "--sample", str(sample)], cwd=ROOT, check=True, stdout=subprocess.PIPE)
                seconds, cpu, pairs_of_way, peak = pickle.loads(done.stdout)
                times[name].append(seconds)
                cpus[name].append(cpu)
                pairs[name], peaks[name] = set(pairs_of_way), peak
    print(
        f"{'way':26}{'seconds':>9}{'cpu':>8}{'texts/s':>10}{'faster':>8}{'recall':>8}{'precis.':>8}{'F1':>7}{'MiB':>8}"
    )
    for name in names:
        seconds = statistics.median(times[name])
        ratio = statistics.median(a / b for a, b in zip(times[names[0]], times[name], strict=True))
        line = f"{name:26}{seconds:9.2f}{statistics.median(cpus[name]):8.2f}{len(texts) / seconds:10,.0f}{ratio:7.1f}x"
        if name in JUDGED:
            got = pairs[name]
            recall, precision = len(got & true) / max(len(true), 1), len(got & true) / max(len(got), 1)
            f1 = 2 * recall * precision / max(recall + precision, 1e-9)
            line += f"{recall:8.4f}{precision:8.4f}{f1:7.4f}"
        else:
            line += f"{'':23}"
        print(f"{line}{peaks[name]:8,.0f}")


def embedders(texts: list[str], count: int) -> None:
    from curate.models import static_embedder
    from curate.models.embed import _cache, _clipped, _encoder, _place, agreement, unit

    sample = [_clipped(text) for text in random.Random(0).sample(texts, min(count, len(texts)))]
    model = static_embedder.load(_place("minilm"), _cache("static-1", "minilm", ""))
    static_embedder.encode(model, sample[:10])
    began = time.perf_counter()
    static_embedder.encode(model, [_clipped(text) for text in texts])
    static = len(texts) / (time.perf_counter() - began)
    encode = _encoder("minilm")
    encode(sample[:4])
    began = time.perf_counter()
    exact = encode(sample)
    slow = len(sample) / (time.perf_counter() - began)
    vectors = unit(static_embedder.encode(model, sample))
    print(
        f"\nall-MiniLM-L6-v2 {slow:,.0f} texts/s, its static distillation {static:,.0f} texts/s: {static / slow:,.0f}x"
    )
    print(f"of the 10 nearest neighbours {agreement(vectors, exact):.0%} are the same, on {len(sample):,} texts")


def enlarged(texts: list[str], rows: int, out: Path) -> None:
    """The texts again and again, in each copy one word in fifty changed, as rows of Instruction-Tuning JSON."""
    with open(out, "w", encoding="utf-8") as file:
        for n in range(rows):
            copy, i = divmod(n, len(texts))
            text = texts[i]
            if copy:
                words = text.split(" ")
                r = random.Random(n)
                for _ in range(max(1, len(words) // 50)):
                    words[r.randrange(len(words))] = f"w{r.randrange(100_000)}"
                text = " ".join(words)
            file.write(json.dumps({"input_text": text, "target_text": f"{n % 1000}"}) + "\n")


def memory(texts: list[str], rows: int, threshold: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.jsonl", Path(folder) / "out.jsonl"
        enlarged(texts, rows, source)
        size = source.stat().st_size
        code = (
            "import resource, subprocess, sys, time; began = time.perf_counter(); "
            "subprocess.run(sys.argv[1:], check=True); took = time.perf_counter() - began; "
            "print(f'{took:.0f} s, peak {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2:.2f} GiB')"
        )
        print(f"\ncurate dedup --near {threshold:g} on {rows:,} rows, {size / 1e9:.2f} GB", flush=True)
        run = [sys.executable, "-m", "curate.cli", "dedup", str(source), str(out), "--near", str(threshold)]
        subprocess.run([sys.executable, "-c", code, *run], cwd=ROOT, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--threshold", type=float, default=0.7)
    parser.add_argument("--sample", type=int, default=3000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ways", help=f"comma-separated, of: {', '.join(METHODS)}; the first is compared with")
    parser.add_argument("--memory", type=int, metavar="ROWS")
    parser.add_argument("--embed", type=int, metavar="TEXTS")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if arguments.child:
        child(arguments.child, arguments.file, arguments.threshold, arguments.sample)
        return
    from curate.table import table
    from curate.table.texts import texts_of

    if arguments.file:
        rows = table.read([arguments.file])
    else:
        rows = table.read([p for p in (ROOT / "sample_data").glob("*.json*") if p.stem != "MANIFEST"])
    rows = rows.filter(rows["record"].is_valid())
    texts = texts_of(rows)
    if arguments.memory:
        memory(texts, arguments.memory, arguments.threshold)
    if arguments.embed:
        embedders(texts, arguments.embed)
    if not arguments.memory and not arguments.embed:
        ways = arguments.ways.split(",") if arguments.ways else list(METHODS)
        compare(texts, arguments.threshold, arguments.sample, arguments.runs, ways)


if __name__ == "__main__":
    main()
