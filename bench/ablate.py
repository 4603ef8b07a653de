"""What an ablation costs besides the bare training runs: planning, bookkeeping, analysis, pictures and page.

    python bench/ablate.py [--model M] [--sizes 16,32] [--seeds 2] [--repeats 2]

The bare runs are the same runs on the same rows in one loop: fresh adapters, `lora.train`, `lora.evaluate`, nothing
written.  Both are done in alternation, and the fastest of each counts, in seconds of processor time, so that other work
on the machine does not count.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import process_time

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # in this folder other files have the names of packages

from curate.models import language_model  # noqa: E402
from curate.table import table  # noqa: E402
from train.lora import trainer  # noqa: E402
from train.study import ablation, heldout, plan  # noqa: E402
from train.study import files as study_files  # noqa: E402
from train.study.processes import threads_of_torch  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--sizes", default="16,32")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--heldout", type=int, default=16)
    parser.add_argument("--repeats", type=int, default=2)
    arguments = parser.parse_args()
    sizes = [int(n) for n in arguments.sizes.split(",")]
    base = language_model.load(arguments.model)
    rows = table.read([ROOT / "sample_data" / "dolly.jsonl"])
    rows = rows.take(table.valid(rows))
    heldout_rows = heldout.sample(table.read([ROOT / "sample_data" / "heldout.jsonl"]), arguments.heldout)
    pool = table.records(rows, np.arange(rows.num_rows))
    tests = table.records(heldout_rows, np.arange(heldout_rows.num_rows))
    settings = trainer.LoraSettings(epochs=1, batch_size=4)
    lm = trainer.attach(base, settings)
    arms = {"random": lambda seed: np.random.default_rng(seed).permutation(len(pool))}
    design = ablation.Design(arms, sizes, range(arguments.seeds), settings, max_length=256)
    bare_times, times = [], []
    for _ in range(arguments.repeats):
        start = process_time()
        study = ablation.prepare(
            pool,
            {"heldout": tests},
            design,
            base,
        )
        encode_end = process_time()
        throughput = plan.warm_up(study, lm, 1)
        plan.make(study, [], throughput, 1).summary_lines()
        heldout.check_contamination(rows.take(study.trained_positions()), [heldout_rows])
        plan_end = process_time()
        with tempfile.TemporaryDirectory() as folder:
            results = ablation.run(study, lm, Path(folder))
            run_end = process_time()
            about = {"model": lm.name, "compute": study.setup.compute.describe(), "command": "bench"}
            study_files.write(results, about, Path(folder))
        end = process_time()
        times.append((end - start, encode_end - start, plan_end - encode_end, run_end - plan_end, end - run_end))
        bare_times.append(_bare(lm, study))
    best = min(times)
    print(
        f"{len(study.runs)} runs, sizes {arguments.sizes}, {arguments.seeds} seeds, {arguments.heldout} held-out rows, "
        "1 thread"
    )
    print(f"bare runs                {min(bare_times):8.1f} s")
    for name, seconds in zip(
        ("tokenising", "warm-up, plan and proof", "runs", "analysis, page"), best[1:], strict=True
    ):
        print(f"ablation: {name:24} {seconds:8.1f} s")
    print(f"overhead of the runs     {best[3] / min(bare_times) - 1:8.1%}")
    print(
        f"overhead of it all       {best[0] / min(bare_times) - 1:8.1%}, of which "
        f"{best[0] - best[3]:.1f} s are the same for a study of hours"
    )


def _bare(lm: language_model.LanguageModel, study: ablation.Study) -> float:
    """Seconds of processor time for the runs alone."""
    began = process_time()
    with threads_of_torch(1):
        for r in study.runs:
            trainer.reset(lm, r.seed)
            if r.size:
                trainer.train(lm, study.setup.rows(r), replace(study.setup.settings, seed=r.seed))
            trainer.evaluate(lm, study.setup.heldout[0].examples)
    return process_time() - began


if __name__ == "__main__":
    main()
