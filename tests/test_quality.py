"""The score of quality: spoilt rows come last, whatever the order of the rows, though nobody said which they are."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn")
from curate.models.embed import embed
from curate.score.quality.classifier import score_pool
from curate.score.quality.corruptions import CORRUPTIONS
from curate.score.quality.features import DIRECTIONS
from curate.score.quality.model import CONTEXT, USED
from curate.score.quality.prior import prior_rows


def spoilt(prompts, responses):
    """Every fifth answer replaced: by keys struck at random, by a placeholder, by another row's answer, by turns."""
    random = np.random.default_rng(0)
    result = list(responses)
    for turn, i in enumerate(range(0, len(result), 5)):
        mash = "".join(random.choice(list("qzxkvjw "), 60))
        result[i] = (mash, "TODO: write this", responses[(i + 7) % len(responses)])[turn % 3]
    return result


@pytest.mark.slow
def test_spoilt_rows_come_last_in_any_order():
    prompts, responses = (list(texts) for texts in prior_rows())
    pool, prior = slice(0, 150), slice(150, 700)
    bad = np.arange(150) % 5 == 0
    answers = spoilt(prompts[pool], responses[pool])

    def score(order):
        texts = [prompts[i] for i in order], [answers[i] for i in order]
        return score_pool(*texts, lambda t: embed(list(t)).vectors, (prompts[prior], responses[prior])).scores

    order = np.random.default_rng(1).permutation(150)
    quality = score(range(150))
    np.testing.assert_allclose(score(order), quality[order], atol=1e-9)
    better = (quality[~bad][:, None] > quality[bad]).mean()
    assert better > 0.9
    assert set(np.argsort(-quality)[:60]).isdisjoint(np.flatnonzero(bad))


def test_every_feature_has_a_direction_or_is_context():
    assert set(CONTEXT) <= set(DIRECTIONS)
    assert len(USED) < len(DIRECTIONS) and set(DIRECTIONS.values()) == {-1, 0, 1}
    assert len(CORRUPTIONS) >= 15
