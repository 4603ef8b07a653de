"""Time scores and diversity against their peers, in the same run.

    python bench/score.py [FILE] [--part rows,vendi,bleu,ifd,planted] [--runs 3]

FILE is an Alpaca or prompt/completion file in JSONL, plain or gzipped, for the row scores; without one, rows are made
from sample_data.  Peers that are not installed are left out: vendi-score, sacrebleu and datasets come with
`pip install '.[bench,train]'`.  Each figure is the median of the runs; peers take turns.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.convert import alpaca

ROOT = Path(__file__).resolve().parent.parent
IFD_ROWS = 48


def timed(functions: dict[str, Callable[[], object]], runs: int) -> dict[str, tuple[float, object]]:
    """Median seconds and last result of each way, the ways taking turns."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    results: dict[str, object] = {}
    for _ in range(runs):
        for name, run in functions.items():
            began = perf_counter()
            results[name] = run()
            times[name].append(perf_counter() - began)
    return {name: (statistics.median(times[name]), results[name]) for name in functions}


def print_times(title: str, results: dict[str, tuple[float, object]], heading: str = "") -> None:
    """A table with the ratio of each way's time to the first one's."""
    print(f"\n{title}\n{'way':44}{'seconds':>10}{'x first':>9}  {heading}")
    first = next(iter(results.values()))[0]
    for way, (seconds, result) in results.items():
        value = f"{result:.6g}" if isinstance(result, float) else ""
        print(f"{way:44}{seconds:10.3f}{seconds / first:9.2f}  {value}", flush=True)


def rows(path: str | None, runs: int) -> None:
    """All scores that need no model, against one pass of `datasets.map` over trivial code."""
    from curate.score.options import Score
    from curate.score.registry import GROUPS
    from curate.score.score import add_scores
    from curate.table import table

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "rows.jsonl"
        source.write_bytes(b"\n".join(alpaca(path)) + b"\n")
        began = perf_counter()
        pool = table.read([source])
        read = perf_counter() - began
        options = Score(with_=["lexical"])
        count = len(GROUPS["lexical"])
        functions: dict[str, Callable[[], object]] = {f"curate, {count} scores": lambda: add_scores(pool, options)}
        if importlib.util.find_spec("datasets"):
            import datasets

            datasets.disable_progress_bars()
            loaded = datasets.load_dataset("json", data_files=str(source), split="train", cache_dir=folder)

            def trivial() -> object:
                return loaded.map(lambda row: {"length": len(row["output"])}, load_from_cache_file=False)

            functions["datasets.map of len(output) alone"] = trivial
        megabytes = source.stat().st_size / 1e6
        print_times(
            f"{pool.num_rows:,} rows, {megabytes:,.0f} MB, one process (read in {read:.1f} s)", timed(functions, runs)
        )


def vendi(runs: int, n: int = 10_000, d: int = 384) -> None:
    """The Vendi score of n rows of d dimensions, against vendi_score's n x n and dual forms."""
    from curate.score.diversity.vendi import vendi as ours

    random = np.random.default_rng(0)
    x = random.normal(size=(200, d))[random.integers(0, 200, n)] + random.normal(size=(n, d)) * 0.5
    x = (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)
    functions: dict[str, Callable[[], object]] = {"curate": lambda: ours(x)}
    if importlib.util.find_spec("vendi_score"):
        import scipy.sparse

        # Its 0.0.3 asks for a module that scipy has since renamed.
        sys.modules.setdefault("scipy.sparse.csr", scipy.sparse)
        scipy.sparse.csr = scipy.sparse  # type: ignore[attr-defined]
        from vendi_score import vendi as theirs

        functions["vendi_score, dual form"] = lambda: float(theirs.score_dual(x.astype(np.float64)))
        print_times(f"Vendi, {n:,} x {d}", timed(functions, runs), "value")
        functions = {"curate": functions["curate"], "vendi_score, n x n form": lambda: float(theirs.score_X(x))}
        print_times(f"Vendi, {n:,} x {d}, one run", timed(functions, 1), "value")
    else:
        print_times(f"Vendi, {n:,} x {d}", timed(functions, runs), "value")


def bleu(runs: int) -> None:
    """Self-BLEU of real responses, against sacrebleu asked text by text."""
    from curate.score.diversity.self_bleu import self_bleu
    from curate.table import table
    from curate.text.words import words

    pool = table.read([ROOT / "sample_data" / "heldout.jsonl"])
    texts = [words(text) for text in pool["response"].to_pylist() if text.isascii()]
    functions: dict[str, Callable[[], object]] = {"curate": lambda: self_bleu(texts)}
    if importlib.util.find_spec("sacrebleu"):
        from sacrebleu.metrics import BLEU

        # The same smoothing: a count of 0 becomes 0.1.
        metric = BLEU(tokenize="none", smooth_method="floor", smooth_value=0.1, effective_order=False)
        joined = [" ".join(tokens) for tokens in texts]

        logging.getLogger("sacrebleu").setLevel(logging.ERROR)  # it would warn at every text

        def theirs() -> float:
            scores = [
                metric.sentence_score(text, joined[:i] + joined[i + 1 :]).score / 100 for i, text in enumerate(joined)
            ]
            return float(np.mean(scores))

        functions["sacrebleu, each against all others"] = theirs
    print_times(f"self-BLEU, {len(texts)} texts", timed(functions, runs), "value")


def ifd(runs: int, model: str = "smollm2-135m") -> None:
    """Likelihoods with prompt and alone: by length with the head on response tokens, against a loop over rows.

    The loop in fp32 is what the authors of IFD publish (Superfiltering, code_ifd/data_analysis.py).
    """
    import torch

    from curate.models.language_model import load
    from curate.score import likelihood
    from curate.score.pieces import cut
    from curate.table import table
    from schemas.record import loads

    pool = table.read([ROOT / "sample_data" / name for name in ("dolly.jsonl", "alpaca.json")])
    texts = [text for text in pool["record"].to_pylist() if text][: IFD_ROWS * 6 : 6]
    functions: dict[str, Callable[[], object]] = {}
    for precision in ("auto", "fp32"):
        loaded = load(model, precision)
        pieces = cut([loads(text) for text in texts], loaded.tokenizer, 1024)
        tokens = sum(len(piece.ids) + sum(map(len, piece.turns)) for piece in pieces)

        def per_row(loaded=loaded, pieces=pieces) -> np.ndarray:  # type: ignore[no-untyped-def]
            # As usual: a sequence at a time, labels of -100 where nothing is measured, the loss from the model.
            found = np.zeros((len(pieces), 3))
            for i, piece in enumerate(pieces):
                found[i, 2] = piece.is_measured.sum()
                alone = [(1, ids, np.arange(len(ids)) > 0) for ids in piece.turns]
                for which, ids, said in [(0, piece.ids, piece.is_measured), *alone]:
                    labels = np.where(said, ids, -100)
                    if not said.any():
                        continue
                    with torch.inference_mode():
                        out = loaded.model(torch.from_numpy(ids)[None], labels=torch.from_numpy(labels)[None])
                    found[i, which] += float(out.loss) * int(said.sum())
            return found

        def ours(loaded=loaded, pieces=pieces) -> np.ndarray:  # type: ignore[no-untyped-def]
            return likelihood.chunk(pieces, loaded)

        functions |= {f"curate, {loaded.precision}": ours, f"a row at a time, {loaded.precision}": per_row}
    found = timed(functions, runs)
    print_times(f"IFD, {len(texts)} rows, {tokens:,} tokens", found)
    print("tokens/s: " + ", ".join(f"{way} {tokens / seconds:,.0f}" for way, (seconds, _) in found.items()))
    ratios = {way: np.exp((v[:, 0] - v[:, 1]) / v[:, 2]) for way, (_, v) in found.items()}  # type: ignore[index]
    truth = ratios.pop("a row at a time, fp32")
    for way, values in ratios.items():
        ranks = np.corrcoef(values.argsort().argsort(), truth.argsort().argsort())[0, 1]
        print(f"{way}: IFD within {np.abs(values - truth).max():.4f} of a row at a time in fp32, ranks {ranks:.4f}")


def planted() -> None:
    """How far each score puts sample_data's planted bad rows below the others: the area under the ROC curve.

    1: every bad row is below every good one; 1/2: no better than chance.  A score without a direction is not ranked.
    """
    from curate.score.column import of_table
    from curate.score.combine import combine
    from curate.score.options import Score
    from curate.score.score import add_scores
    from curate.table import table

    folder = ROOT / "sample_data"
    manifest = json.loads((folder / "MANIFEST.json").read_text("utf-8"))
    kinds = {
        (d["file"], d["row"]): d["note"].partition(":")[0] for d in manifest["defects"] if d["kind"] == "low_quality"
    }
    pool = table.read([folder / name for name in manifest["files"] if name != "heldout.jsonl"])
    pool = pool.take(table.valid(pool))
    pool = add_scores(pool, Score(with_=["lexical", "relevance", "ifd"])).table()
    places = zip(pool["file"].to_pylist(), pool["row"].to_pylist(), strict=True)
    kind = np.array([kinds.get((Path(file).name, row), "") for file, row in places])
    columns = ("any", "refusal", "truncated", "repeated", "off_topic")
    print(f"\nArea under the ROC curve, {pool.num_rows:,} valid rows, {int((kind != '').sum())} of them bad")
    print(f"{'score':30}" + "".join(f"{name:>11}" for name in columns))

    def line(name: str, values: np.ndarray) -> None:
        found = []
        for wanted in columns:
            bad = values[(kind != "") if wanted == "any" else (kind == wanted)]
            good, bad = values[(kind == "") & ~np.isnan(values)], bad[~np.isnan(bad)]
            found.append(np.mean([np.mean(good > v) + np.mean(good == v) / 2 for v in bad]))
        print(f"{name:30}" + "".join(f"{value:11.3f}" for value in found))

    for name, column in of_table(pool).items():
        if column.direction != "none":
            values = pool[name].to_numpy(zero_copy_only=False).astype(float)
            line(name, values if column.direction == "higher" else -values)
    for rule in ("rank", "rank:relevance", "rank:relevance,-ifd"):
        line(f"--combine {rule}", combine(pool, rule)[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--part", default="rows,vendi,bleu,ifd,planted")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    for part in arguments.part.split(","):
        if part == "rows":
            rows(arguments.file, arguments.runs)
        elif part == "planted":
            planted()
        else:
            {"vendi": vendi, "bleu": bleu, "ifd": ifd}[part](arguments.runs)


if __name__ == "__main__":
    main()
