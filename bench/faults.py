"""Precision and recall of each fault on the labelled rows.

python bench/faults.py                  both halves, as docs/scores.md shows them
python bench/faults.py --half tune -v   and every row that is wrong or missed
python bench/faults.py --clean FILE...  hits on rows that are thought to be clean, to read
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from curate.score.faults.registry import FAULTS, findings  # noqa: E402

LABELLED = ROOT / "tests" / "labelled"


class Counts(NamedTuple):
    """How one fault did on some rows.

    Attributes:
        rows: that have the fault.
        certain: right certain findings, and all of them.
        recalled: rows with the fault that a certain finding or a suspicion names.
        suspected: right suspicions, and all of them.
        wrong: (what happened, row) for each row that is wrong or missed.
    """

    rows: int
    certain: tuple[int, int]
    recalled: int
    suspected: tuple[int, int]
    wrong: list[tuple[str, dict]]


def labelled(half: str) -> list[dict]:
    """The rows of `tune` or `report`."""
    lines = (line for path in sorted((LABELLED / half).glob("*.jsonl")) for line in path.open(encoding="utf-8"))
    return [json.loads(line) for line in lines]


def measure(rows: list[dict]) -> dict[str, Counts]:
    """What each fault finds in labelled rows, by its name.

    A label with a question mark is debatable: it counts for no recall, certainty is wrong there, a suspicion right.
    """
    found = [{finding.fault: finding for finding in findings(row["prompt"], row["response"])} for row in rows]
    return {name: _counts(name, rows, found) for name in FAULTS}


def _counts(name: str, rows: list[dict], found: list[dict]) -> Counts:
    has = [name in row["faults"] for row in rows]
    debatable = [f"{name}?" in row["faults"] for row in rows]
    certain = [name in each and each[name].certain for each in found]
    suspected = [name in each and not each[name].certain for each in found]
    wrong = []
    for row, is_faulty, is_debatable, sure, guess, each in zip(
        rows, has, debatable, certain, suspected, found, strict=True
    ):
        if sure and not is_faulty:
            wrong.append((f"FALSE CERTAIN {each[name]}", row))
        elif guess and not is_faulty and not is_debatable:
            wrong.append((f"false suspicion {each[name]}", row))
        elif is_faulty and not sure:
            wrong.append(("only suspected" if guess else "MISSED", row))
    return Counts(
        sum(has),
        (sum(a and b for a, b in zip(certain, has, strict=True)), sum(certain)),
        sum(a and (b or c) for a, b, c in zip(has, certain, suspected, strict=True)),
        (sum(a and (b or c) for a, b, c in zip(suspected, has, debatable, strict=True)), sum(suspected)),
        wrong,
    )


def table(half: str, counts: dict[str, Counts]) -> Iterator[str]:
    """Lines of a Markdown table."""
    yield f"| fault ({half}) | rows | certain: precision | recall | suspected too: precision | recall |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, c in counts.items():
        both = (c.certain[0] + c.suspected[0], c.certain[1] + c.suspected[1])
        yield (
            f"| `{name}` | {c.rows} | {_share(*c.certain)} | {_share(c.certain[0], c.rows)} | {_share(*both)} |"
            f" {_share(c.recalled, c.rows)} |"
        )


def clean_rows(rows: list[dict]) -> str:
    """How many rows without any label get a certain fault or a suspicion."""
    found = [findings(row["prompt"], row["response"]) for row in rows if not row["faults"]]
    certain = sum(any(finding.certain for finding in each) for each in found)
    suspected = sum(bool(each) for each in found) - certain
    return f"Of {len(found)} clean rows {certain} get a certain fault and {suspected} a suspicion."


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f} ({part}/{whole})" if whole else "none"


def clean(paths: list[str]) -> Iterator[str]:
    """Every finding in files, to be read by eye."""
    from curate.table import table as tables

    rows = tables.read(paths).select(["file", "row", "prompt", "response", "record"]).to_pylist()
    for row in rows:
        if row["record"] is not None:
            for finding in findings(row["prompt"], row["response"], row["record"]):
                yield f"{'CERTAIN' if finding.certain else 'suspect'} {row['file']}:{row['row']} {finding}"


def main() -> None:
    """Print the tables, or the findings in files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("tune", "report"), help="Only these rows.")
    parser.add_argument("-v", "--verbose", action="store_true", help="Print the rows that are wrong or missed.")
    parser.add_argument("--clean", nargs="+", metavar="FILE", help="Print every finding in these files.")
    options = parser.parse_args()
    if options.clean:
        for line in clean(options.clean):
            print(line)
        return
    for half in [options.half] if options.half else ["tune", "report"]:
        rows = labelled(half)
        counts = measure(rows)
        print(*table(half, counts), "", clean_rows(rows), sep="\n", end="\n\n")
        if options.verbose:
            for name, count in counts.items():
                for what, row in count.wrong:
                    print(f"{name}: {what}\n    {row['prompt']!r}\n    {row['response'][-300:]!r}")


if __name__ == "__main__":
    main()
