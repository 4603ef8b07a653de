"""A classifier that tells rows of a pool from corruptions of them, and scores each row by models that did not see it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import blake2b

import numpy as np

from curate.score.quality import company, language_model, request, shape
from curate.score.quality.corruptions import CORRUPTIONS, Row, language
from curate.score.quality.phrases import STOCK
from curate.score.quality.pairs import Pairs
from curate.text.normal import normal
from curate.text.words import words

FOLDS = 5
# Rows that the classifier is trained on, at most.
TRAINED = 6000
# Corruptions of each row.
VARIANTS = 3
ROUNDS = 3
# Corruptions whose text comes from lists of phrases.
PHRASED = ("stock", "residue", "other_language")
Embed = Callable[[Sequence[str]], np.ndarray]
DIRECTIONS = {
    **shape.DIRECTIONS, **request.DIRECTIONS, **language_model.DIRECTIONS, **company.POPULAR, **company.NEAR,
    **{f"unusual_{name}": -1 for name in (*shape.USUAL, *request.USUAL)}, "too_short": 1,
}  # fmt: skip
NAMES = tuple(DIRECTIONS)
LEVELS = 40


def folds_of(pairs: Pairs) -> np.ndarray:
    """(n,) fold of each row; rows with the same answer are in one."""
    return np.array([_hash(normal(response)) % FOLDS for response in pairs.responses], np.int64)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def corrupted(pairs: Pairs, folds: np.ndarray, rows: np.ndarray, variant: int, without: Sequence[str] = ()) -> tuple[Pairs, np.ndarray, list[str]]:
    """Corruptions of rows: the corrupted pairs, (k,) which row each is of, and (k,) its kind."""
    kinds = [kind for kind in CORRUPTIONS if kind not in without]
    by_fold = {fold: rows[folds[rows] == fold] for fold in range(FOLDS)}
    prompts, responses, origins, names = [], [], [], []
    for i in rows.tolist():
        row = Row(pairs.prompts[i], pairs.responses[i])
        seed = _hash(f"{variant}\x1f{row.prompt}\x1f{row.response}")
        rng = random.Random(seed)
        kind = kinds[seed % len(kinds)]
        donors = by_fold[int(folds[i])]
        if kind == "other_language":
            own = language(row.response)
            foreign = [j for j in rng.sample(donors.tolist(), min(40, len(donors))) if language(pairs.responses[j]) != own]
            donor = foreign[0] if foreign else i
        else:
            donor = int(donors[rng.randrange(len(donors))])
        result = CORRUPTIONS[kind](row, Row(pairs.prompts[donor], pairs.responses[donor]), rng)
        if result is None or normal(result.response) == normal(row.response):
            continue
        prompts.append(result.prompt)
        responses.append(result.response)
        origins.append(i)
        names.append(kind)
    return Pairs(prompts, responses), np.array(origins, np.int64), names


class Space:
    """Features of sets of rows of one pool."""

    def __init__(self, pairs: Pairs, folds: np.ndarray, embed: Embed) -> None:
        self.embed = embed
        once = unrepeated(pairs)
        texts = once + pairs.prompts
        self.counts = language_model.NgramCounts(texts, [*map(words, once), *pairs.prompt_words], np.tile(folds, 2), FOLDS)
        self.reference: list[tuple[np.ndarray, np.ndarray]] = []
        self.folds = folds

    def features(self, pairs: Pairs, folds: np.ndarray, vectors: np.ndarray, popular: np.ndarray) -> np.ndarray:
        n = len(pairs)
        parts = [vectors[k * n : (k + 1) * n] for k in range(5)]
        near = np.empty((n, len(company.NEAR_NAMES)), np.float32)
        for fold in range(FOLDS):
            members = np.flatnonzero(folds == fold)
            if len(members):
                near[members] = company.near_features(*(v[members] for v in parts), self.reference[fold], self.phrases)
        return np.hstack([
            shape.features(pairs), request.features(pairs), language_model.features(self.counts, pairs.responses, pairs.response_words, folds),
            popular, near,
        ])  # fmt: skip


def unrepeated(pairs: Pairs) -> list[str]:
    """Responses without the sentences that other rows have too: what is said often is not for that reason well said."""
    seen = Counter(sentence for sentences in pairs.sentences for sentence in set(sentences))
    return [" ".join(s for s in sentences if seen[s] == 1) for sentences in pairs.sentences]


def _texts(pairs: Pairs) -> list[str]:
    parts = [company.halves(text) for text in pairs.responses]
    firsts = [company.first_sentence(s, r) for s, r in zip(pairs.sentences, pairs.responses, strict=True)]
    return [*pairs.prompts, *pairs.responses, *(a for a, _ in parts), *(b for _, b in parts), *firsts]


def scores(
    prompts: Sequence[str], responses: Sequence[str], embed: Embed, prior: tuple[Sequence[str], Sequence[str]] = ((), ()), without: Sequence[str] = (),
    debug: dict | None = None, variants: int = VARIANTS, rounds: int = ROUNDS, trim: float = 0.6, undetected: float = 0.6,
) -> np.ndarray:
    """(n,) probability that a row is no corruption, out of fold."""
    n = len(prompts)
    pairs = Pairs([*prompts, *prior[0]], [*responses, *prior[1]])
    folds = folds_of(pairs)
    order = sorted(range(n), key=lambda i: _hash(pairs.prompts[i] + "\x1f" + pairs.responses[i]))
    rows = np.array(sorted(order[:TRAINED]) + list(range(n, len(pairs))))
    sets = [corrupted(pairs, folds, rows, variant, without) for variant in range(variants)]
    texts = _texts(pairs)
    sizes = [len(texts)]
    for bad, _, _ in sets:
        more = _texts(bad)
        sizes.append(len(more))
        texts += more
    phrases = [phrase for group in STOCK.values() for phrase in group]
    texts += phrases
    sizes.append(len(phrases))
    vectors = np.split(embed(texts), np.cumsum(sizes)[:-1])
    space = Space(pairs, folds, embed)
    space.phrases = vectors.pop()
    m = len(pairs)
    for fold in range(FOLDS):
        outside = [i for i in rows.tolist() if folds[i] != fold]
        sample = np.array(sorted(outside, key=lambda i: _hash(pairs.responses[i]))[: company.OTHERS])
        space.reference.append((vectors[0][sample], vectors[0][m + sample]))
    own = company.AnswerCounts(pairs)
    good = space.features(pairs, folds, vectors[0], company.popular_features(pairs, own))
    bads = [
        space.features(bad, folds[origin], v, _popular(bad, names, own))
        for (bad, origin, names), v in zip(sets, vectors[1:], strict=True)
    ]
    usual = Usual(good[rows])
    good, bads = usual.add(good), [usual.add(b) for b in bads]
    bad, origin = np.vstack(bads), np.concatenate([o for _, o, _ in sets])
    kinds = np.array([k for _, _, names in sets for k in names])
    kept = np.zeros(m, bool)
    kept[rows] = True
    is_prior = np.arange(m) >= n
    result = np.full(m, np.nan)
    seen = np.ones(len(bad), bool)
    models = {}
    for round_ in range(rounds):
        for fold in range(FOLDS):
            train = np.flatnonzero(kept & (folds != fold))
            train_bad = np.flatnonzero(kept[origin] & seen & (folds[origin] != fold))
            model = Model(good[train], bad[train_bad], kinds[train_bad])
            members = np.flatnonzero(folds == fold)
            result[members] = model.predict(good[members])
            models[fold] = model
        if debug is not None:
            debug.setdefault("rounds", []).append(result[:n].copy())
        kept[rows] = (result[rows] >= trim * np.median(result[rows])) | is_prior[rows]
        for fold in range(FOLDS):
            members = folds[origin] == fold
            seen[members] = models[fold].predict(bad[members]) < undetected
    if debug is not None:
        debug.update(models=models, good=good, bad=bad, kinds=kinds, origin=origin, folds=folds, sets=sets)
    return result[:n]


def _popular(bad: Pairs, names: list[str], own: company.AnswerCounts) -> np.ndarray:
    """How popular the answers of corruptions are: those made of phrases among one another, others among the rows."""
    phrased = [name in PHRASED for name in names]
    made = Pairs(
        [p for p, is_phrase in zip(bad.prompts, phrased, strict=True) if is_phrase],
        [r for r, is_phrase in zip(bad.responses, phrased, strict=True) if is_phrase],
    )
    values = company.popular_features(bad, own)
    counts = company.AnswerCounts(made)
    counts.size = own.size
    if len(made):
        values[np.flatnonzero(phrased)] = np.maximum(values[np.flatnonzero(phrased)], company.popular_features(made, counts))
    return values


class Usual:
    """What is usual among rows, and how far others are from it.

    Args:
        good: (n, f) features of the rows.
    """

    def __init__(self, good: np.ndarray) -> None:
        names = (*shape.NAMES, *request.NAMES)
        self.columns = [names.index(name) for name in (*shape.USUAL, *request.USUAL)]
        self.han = shape.NAMES.index("han")
        self.middle, self.spread = {}, {}
        for script in (False, True):
            members = good[(good[:, self.han] > 0.5) == script][:, self.columns]
            members = members if len(members) > 20 else good[:, self.columns]
            self.middle[script] = np.median(members, 0)
            self.spread[script] = np.median(np.abs(members - self.middle[script]), 0) * 1.5 + 0.02
        context = self._context(good)
        gram = context.T @ context + 5 * np.eye(context.shape[1])
        self.expected = np.linalg.solve(gram, context.T @ good[:, 0])
        self.residual = np.std(good[:, 0] - context @ self.expected) + 1e-6

    def _context(self, x: np.ndarray) -> np.ndarray:
        at = len(shape.NAMES)
        asked = [at + request.NAMES.index(n) for n in ("prompt_length", "asks_short", "asks_long", "asks_code", "items_asked", "prompt_question")]
        han = (x[:, self.han] > 0.5).astype(float)[:, None]
        return np.hstack([np.ones((len(x), 1)), han, x[:, asked]]).astype(np.float64)

    def add(self, x: np.ndarray) -> np.ndarray:
        """The features with those of how unusual they are."""
        unusual = np.empty((len(x), len(self.columns)), np.float32)
        for script in (False, True):
            members = (x[:, self.han] > 0.5) == script
            unusual[members] = np.abs(x[members][:, self.columns] - self.middle[script]) / self.spread[script]
        short = np.minimum((x[:, 0] - self._context(x) @ self.expected) / self.residual + 0.7, 0)
        return np.hstack([x, np.minimum(unusual, 8), short[:, None].astype(np.float32)])


# Features that say nothing of quality by themselves, but how the others are to be read.
CONTEXT = (
    "length", "han", "asks_short", "asks_long", "asks_code", "gives_code", "translation", "material_missing", "prompt_length", "code", "lines",
    "ends_letter", "ends_closing", "last_line_words", "bullets",
)  # fmt: skip
USED = [i for i, (name, direction) in enumerate(DIRECTIONS.items()) if direction or name in CONTEXT]


class Model:
    """A boosted classifier whose features count in one direction only."""

    def __init__(self, good: np.ndarray, bad: np.ndarray, kinds: np.ndarray) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier

        x = np.vstack([good, bad])[:, USED]
        self.cuts = [np.unique(np.quantile(x[:, j], np.linspace(0, 1, LEVELS + 1)[1:-1])) for j in range(x.shape[1])]
        y = np.r_[np.ones(len(good)), np.zeros(len(bad))]
        self.model = HistGradientBoostingClassifier(
            max_iter=150, learning_rate=0.08, max_leaf_nodes=8, min_samples_leaf=max(20, len(x) // 200), l2_regularization=2.0, max_features=0.5,
            early_stopping=False, random_state=0, monotonic_cst=[DIRECTIONS[NAMES[i]] for i in USED],
        )  # fmt: skip
        self.model.fit(self._levels(x), y, sample_weight=_weights(good, bad, kinds))

    def _levels(self, x: np.ndarray) -> np.ndarray:
        return np.column_stack([np.searchsorted(cuts, x[:, j], "right") for j, cuts in enumerate(self.cuts)]).astype(np.float32)

    def predict(self, x: np.ndarray) -> np.ndarray:
        return self.model.predict_proba(self._levels(x[:, USED]))[:, 1]


def _weights(good: np.ndarray, bad: np.ndarray, kinds: np.ndarray, power: float = 0.5) -> np.ndarray:
    """Weights by which originals and corruptions of each length and script weigh the same, so that neither tells them apart."""
    def cell(x: np.ndarray) -> np.ndarray:
        return np.floor(x[:, 0] * 1.0).astype(int) * 2 + (x[:, shape.NAMES.index("han")] > 0.5)

    bad_weights = np.ones(len(bad))
    for kind in np.unique(kinds):
        bad_weights[kinds == kind] = len(bad) / max((kinds == kind).sum(), 1)
    good_weights = np.ones(len(good))
    good_cells, bad_cells = cell(good), cell(bad)
    for value in np.unique(np.r_[good_cells, bad_cells]):
        a, b = good_cells == value, bad_cells == value
        total = a.sum()
        if total and b.sum():
            ratio = (total / bad_weights[b].sum() * len(bad) / len(good)) ** power
            bad_weights[b] *= ratio
        elif b.sum():
            bad_weights[b] *= 0.3 * len(good) / len(bad) / max(np.mean(bad_weights[b]), 1e-9)
    good_weights *= len(good) / good_weights.sum()
    return np.r_[good_weights, bad_weights]
