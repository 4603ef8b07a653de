"""Features of rows by themselves are the same whether they are measured or come from the cache."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.models.cached_folder import cache_home
from curate.models.embed import embed
from curate.score.quality import own
from curate.score.quality.classifier import score_pool
from curate.score.quality.pairs import Pairs
from curate.score.quality.prior import prior_rows

TEXTS = st.text(st.sampled_from("ab 1.\n?谢。`({é"), max_size=40)
ROWS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=8)


def pairs(rows: list[tuple[str, str]]) -> Pairs:
    return Pairs([prompt for prompt, _ in rows], [response for _, response in rows])


@pytest.fixture
def empty_cache(monkeypatch, tmp_path):
    """The folder of stored features, which is not there yet; models in the cache stay."""
    home = tmp_path / "curate"
    home.mkdir()
    for folder in cache_home().glob("*"):
        if folder.name != "quality":
            (home / folder.name).symlink_to(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return home / "quality"


@given(rows=ROWS, stored=ROWS, known=st.integers(0, 3))
def test_stored_features_are_those_that_would_be_measured(rows, stored, known):
    """A row is stored by its texts; counts of faults that are given come before both."""
    faults = np.full((min(known, len(rows)), 2), 7, np.float32)
    before = pairs([*stored, rows[-1]])
    hashes, first = np.unique(own.row_hashes(before), return_index=True)
    kept = own.Stored(hashes, own.features(before)[first])
    found = own.features(pairs(rows), faults, kept)
    np.testing.assert_array_equal(found, own.features(pairs(rows), faults))
    assert (found[: len(faults), -2:] == 7).all()


def test_what_is_stored_is_read_in_place_of_what_other_code_stored(empty_cache):
    assert own.load() is None
    empty_cache.mkdir(parents=True)
    (empty_cache / "0123456789abcdef.npz").write_bytes(b"of other code")
    rows = pairs([("Name a colour.", "Green."), ("Name a colour.", "Green."), ("1 + 1", "2")])
    own.store(own.row_hashes(rows), own.features(rows))
    kept = own.load()
    assert len(kept.hashes) == 2 and [file.suffix for file in empty_cache.iterdir()] == [".npz"]
    np.testing.assert_array_equal(own.features(rows, stored=kept), own.features(rows))


def test_a_cache_that_cannot_be_read_or_written_costs_time_only(empty_cache):
    rows = pairs([("1 + 1", "2")])
    own.store(own.row_hashes(rows), own.features(rows))
    (file,) = empty_cache.iterdir()
    file.write_bytes(file.read_bytes()[:200])
    assert own.load() is None
    file.unlink()
    empty_cache.rmdir()
    empty_cache.write_text("a file where the folder should be")
    own.store(own.row_hashes(rows), own.features(rows))
    assert own.load() is None


@pytest.mark.slow
def test_a_pool_is_scored_alike_with_and_without_the_cache(empty_cache):
    pytest.importorskip("sklearn")
    prompts, responses = prior_rows()
    prior = prompts[60:360], responses[60:360]

    def scores(cached):
        texts = prompts[:60], responses[:60]
        return score_pool(*texts, lambda t: embed(list(t)).vectors, prior, cached=cached).scores

    measured = scores(False)
    np.testing.assert_array_equal(scores(True), measured)  # stores them
    assert own.load() is not None
    np.testing.assert_array_equal(scores(True), measured)
