"""Win rates, by a judge over HTTP that always knows which answer is the good one."""

from __future__ import annotations

import pytest

pytest.importorskip("httpx")
pytest.importorskip("torch")

from curate.errors import CurateError
from curate.score.options import Judge
from schemas.record import Conversation, Message
from tests.builders.judge_server import Server, reply
from train.answers.win_rate import points, win_rates

HELD = {"test": [Conversation([Message("user", f"ask {i}"), Message("assistant", "x")]) for i in range(3)]}


def run(arm, size, answers):
    return {"arm": arm, "size": size, "seed": 0, "heldout": "test", "generations": answers, "win_rate": None}


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    judge = Server()

    def answer(body, count):
        first, second = body["messages"][1]["content"].split("Second answer:")
        return reply(str(0 if ("good" in first) == ("good" in second) else 1 if "good" in first else 2))

    judge.answer = answer
    return judge


def test_win_rates_count_ties_as_half(server):
    results = [run("base", 0, ["bad", "bad", "good"]), run("a", 8, ["good", "bad", "bad"])]
    told = win_rates(results, HELD, Judge(server.url, "judge"))
    assert told[0]["win_rate"] is None
    assert told[1]["win_rate"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert len(server.requests) == 5  # two answers are alike, and asked about once
    win_rates(results, HELD, Judge(server.url, "judge"))
    assert len(server.requests) == 5  # two answers are alike, and asked about once


def test_a_judge_that_always_says_the_first_makes_ties(server):
    server.answer = lambda body, count: reply("1")
    results = [run("base", 0, ["a", "b", "c"]), run("a", 8, ["d", "e", "f"])]
    assert win_rates(results, HELD, Judge(server.url, "judge"))[1]["win_rate"] == 0.5


def test_verdicts():
    assert [points(1, 2), points(2, 1), points(1, 1), points(0, 0), points(None, 1)] == [1.0, 0.0, 0.5, 0.5, None]


def test_nothing_to_judge_is_a_clear_error(server):
    with pytest.raises(CurateError, match="give --generate N"):
        win_rates([run("base", 0, None), run("a", 8, None)], HELD, Judge(server.url, "judge"))
