"""Dolly's seven categories for rows that have none, by a classifier trained on the sample data's labelled rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from curate.extras import require
from curate.select.candidates import Candidates
from curate.table import fields
from curate.table.table import placed, with_columns
from curate.text.counted import counted

FOLDS = 5
STRENGTH = 10.0


class Assigned(NamedTuple):
    """Categories that a classifier has given to rows.

    Attributes:
        categories: n names.
        confidence: (n,) float64 in [0, 1], the probability that the classifier gives each.
        accuracy: in [0, 1], share of the sample's rows that it gets right when trained without rows of their topic.
        note: all that in a sentence.
    """

    categories: list[str]
    confidence: np.ndarray
    accuracy: float
    note: str


def assign(prompts: Sequence[str], embedder: str = "auto") -> Assigned:
    """A category for each prompt: logistic regression on embeddings of prompts.

    Responses are not looked at: in the sample data each category has a form of answer of its own, which others' answers
    do not have.

    Args:
        prompts: n texts.
        embedder: of prompts, beside character n-grams; see `curate.models.embed.embed`.

    Raises:
        CurateError: without scikit-learn, or if the sample data are not installed.
    """
    require("sklearn", "embed", "--assign-categories")
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from threadpoolctl import threadpool_limits

    from curate.models.embed import embed

    known, labels, topics = labelled()
    texts = [*known, *prompts]
    # Characters tell the two scripts and the wording of a request, a model its sense; together they tell most.
    vectors = np.hstack([embed(texts, kind).vectors for kind in dict.fromkeys(("tfidf", embedder))])
    train, rest = vectors[: len(known)], vectors[len(known) :]
    model = LogisticRegression(C=STRENGTH, max_iter=2000, class_weight="balanced")
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    # One thread: what it multiplies is small, and several would wait for one another.
    with threadpool_limits(1):
        guessed = cross_val_predict(model, train, labels, groups=topics, cv=folds)
        model.fit(train, labels)
    accuracy = float((guessed == np.array(labels)).mean())
    odds = model.predict_proba(rest) if len(rest) else np.ones((0, len(model.classes_)))
    best = odds.argmax(axis=1)
    note = (
        f"{counted(len(prompts), 'row without a category was', 'rows without a category were')} given one by a "
        "classifier; "
        "on topics of the sample data that "
        f"it did not see it is right for {accuracy:.1%} ({FOLDS}-fold), on other data for fewer; category_confidence "
        f"says how sure it is of each, {float(odds.max(axis=1).mean()):.2f} on average"
    )
    return Assigned([str(model.classes_[i]) for i in best], odds.max(axis=1, initial=0), accuracy, note)


def with_categories(candidates: Candidates, embedder: str) -> tuple[Candidates, dict[str, pa.Array], str]:
    """The candidates with every category filled, columns for the ledger that say which, and a sentence.

    Args:
        candidates: rows with or without a category; where all have one they stay as they are, without columns.
        embedder: see `assign`.
    """
    if all(value is not None for value in fields.values(candidates.columns, candidates.records, "category")):
        return candidates, {}, ""
    rows, positions, column = candidates.table.num_rows, candidates.positions, candidates.columns["category"]
    without = np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))
    records = candidates.records
    assigned = assign([records[i].prompt() for i in without], embedder)
    categories = column.to_pylist()
    for i, name in zip(without, assigned.categories, strict=True):
        categories[i] = name
    columns = {
        "category_assigned": placed(rows, positions[without], assigned.categories, pa.string()),
        "category_confidence": placed(rows, positions[without], assigned.confidence.tolist(), pa.float64()),
    }
    filled = with_columns(candidates.columns, category=pa.array(categories, pa.string()))
    return candidates._replace(columns=filled), columns, assigned.note


def labelled() -> tuple[list[str], list[str], list[str]]:
    """(prompts, categories, topics) of the sample data's valid rows that have a category, each once."""
    from curate.dedup import exact
    from curate.sample_data_folder import sample_data
    from curate.table import table

    files = [p for p in sorted(sample_data().glob("*.json*")) if p.stem not in ("MANIFEST", "heldout")]
    rows = exact.mark(table.read(files))
    prompts, labels, topics = [], [], []
    positions = [
        i
        for i, (category, of) in enumerate(
            zip(rows["category"].to_pylist(), rows["duplicate_of"].to_pylist(), strict=True)
        )
        if category is not None and of is None
    ]
    for i, record in zip(positions, table.records(rows, positions), strict=True):
        prompts.append(record.prompt())
        labels.append(rows["category"][i].as_py())
        topics.append((record.extra or {}).get("topic", f"row {i}"))
    return prompts, labels, topics
