"""A language model as judge, behind any OpenAI-compatible API: asked at most once for each row, several at a time.

What it said is kept on disk as it comes, so that a run that was stopped, or run again, pays for nothing twice.
"""

from __future__ import annotations

import asyncio
import importlib
import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from curate.errors import CurateError
from curate.score.cache import Cache, key, place
from curate.score.options import Judge, Options
from curate.score.rows import Rows

if TYPE_CHECKING:
    import httpx
    import pyarrow as pa

MOST_TOKENS = 32
CHARACTERS = 12_000
# Failures that may pass: time-outs, conflicts, too many requests, the server's own.
MAY_PASS = {408, 409, 425, 429, 500, 502, 503, 504, 529}
# Failures that are about the one row, which is then not measured.
OF_THE_ROW = {400, 413, 422}
_NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?")


class Question(NamedTuple):
    """What the judge is asked about one row.

    Attributes:
        system: the two messages.
        user: the two messages.
    """

    system: str
    user: str


class Refused(Exception):
    """The judge will not answer about this row."""


def values(
    rows: Rows, options: Options, ask: Callable[[str, str], Question], lowest: float, highest: float, what: str
) -> list[float | None]:
    """(n,) the number that the judge gives each row; None where it gives none between lowest and highest.

    Args:
        ask: makes the question from prompt and response.

    Raises:
        CurateError: if no judge is named, or it cannot be reached or refuses the key.
    """
    questions = [ask(*row) for row in zip(rows.prompts, rows.responses, strict=True)]
    answers = answered(questions, options, what)
    return [None if text is None else number(text, lowest, highest) for text in answers]


def number(text: str, lowest: float, highest: float) -> float | None:
    """The first number of an answer that is a possible score; `4/5` and `4 out of 5` are 4."""
    return next((n for n in map(float, _NUMBER.findall(text)) if lowest <= n <= highest), None)


def clipped(text: str) -> str:
    """The text, its middle left out if it is very long."""
    if len(text) <= CHARACTERS:
        return text
    return f"{text[: CHARACTERS // 2]}\n[...]\n{text[-CHARACTERS // 2 :]}"


def answered(questions: Sequence[Question], options: Options, what: str) -> list[str | None]:
    """(n,) what the judge says to each question, from the cache where it was asked before; None where it refuses."""
    judge = options.judge
    if not judge.url or not judge.model:
        raise CurateError(
            "a judge's score needs an API and a model: --judge-url http://localhost:8000/v1 --judge-model NAME"
        )
    cache = Cache(place("judge") if options.cache else None)
    try:
        keys = [_key(question, judge) for question in questions]
        known = cache.get(keys)
        new = {k: question for k, question in zip(keys, questions, strict=True) if k not in known}

        def keep(k: bytes, text: str) -> None:
            known[k] = text
            cache.put([(k, text)])
            options.progress(f"{what} by {judge.model}", len(known), len(set(keys)))

        if new:
            try:
                asyncio.run(_ask_all(new, judge, keep))
            except CurateError as error:
                there = len(set(keys)) - len(new)
                raise CurateError(
                    f"{error}\n{len(known) - there:,} new answers are kept; run the same command again to go on",
                    error.code,
                ) from None
        return [known.get(k) for k in keys]
    finally:
        cache.close()


def _key(question: Question, judge: Judge) -> bytes:
    return key("1", judge.url.rstrip("/"), judge.model, question.system, question.user)


async def _ask_all(questions: dict[bytes, Question], judge: Judge, keep: Callable[[bytes, str], None]) -> None:
    """Ask all questions, some at a time, and keep each answer as it comes."""
    try:
        import httpx
    except ImportError:
        raise CurateError("a judge's score needs httpx: pip install 'curate-sft[judge]'") from None
    headers = {"Authorization": f"Bearer {judge.key}"} if judge.key else {}
    limits = httpx.Limits(max_connections=judge.concurrency, max_keepalive_connections=judge.concurrency)
    todo, pace, refused = iter(questions.items()), _Pace(judge.per_minute), []

    async def work(client: httpx.AsyncClient) -> None:
        for k, question in todo:
            try:
                keep(k, await _ask(client, question, judge, pace))
            except Refused as error:
                refused.append(str(error))

    async with httpx.AsyncClient(headers=headers, timeout=judge.timeout, limits=limits) as client:
        workers = [asyncio.create_task(work(client)) for _ in range(max(1, min(judge.concurrency, len(questions))))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
    if refused and len(refused) == len(questions):
        raise CurateError(f"the judge at {judge.url} refused every question; it says: {refused[0]}")


class _Pace:
    """Lets at most so many requests begin in a minute, evenly spread.  reached: whether any was ever answered."""

    def __init__(self, per_minute: int) -> None:
        self.gap = 60 / per_minute if per_minute > 0 else 0.0
        self.next = 0.0
        self.reached = False

    async def wait(self) -> None:
        now = monotonic()
        at = max(now, self.next)
        self.next = at + self.gap
        if at > now:
            await asyncio.sleep(at - now)


async def _ask(client: httpx.AsyncClient, question: Question, judge: Judge, pace: _Pace) -> str:
    import httpx

    url = f"{judge.url.rstrip('/')}/chat/completions"
    body = {
        "model": judge.model,
        "messages": [{"role": "system", "content": question.system}, {"role": "user", "content": question.user}],
        "temperature": 0,
        "max_tokens": MOST_TOKENS,
    }
    said = ""
    for again in range(judge.retries + 1):
        await pace.wait()
        wait = min(60.0, 2.0**again) * random.uniform(0.5, 1)
        try:
            response = await client.post(url, json=body)
        except httpx.InvalidURL as error:
            raise CurateError(f"--judge-url {judge.url!r} is no address: {error}") from None
        except httpx.TransportError as error:
            said = f"cannot be reached: {error or type(error).__name__}"
            if not pace.reached and again == 1:  # most likely the address is wrong, or nothing runs there
                raise CurateError(f"the judge at {url} {said}") from None
        else:
            pace.reached = True
            if response.status_code == 200:
                return _text(response, judge)
            said = f"answers {response.status_code}: {response.text.strip()[:300]}"
            if response.status_code in OF_THE_ROW:
                raise Refused(said)
            if response.status_code not in MAY_PASS:
                hint = "; is the key right?" if response.status_code in (401, 403) else ""
                hint = "; does the address end in /v1, and is the model there?" if response.status_code == 404 else hint
                raise CurateError(f"the judge at {url} {said}{hint}")
            wait = max(wait, _after(response))
        if again < judge.retries:
            await asyncio.sleep(wait)
    raise CurateError(f"the judge at {url} {said} (tried {judge.retries + 1} times)")


def _after(response: Any) -> float:
    """Seconds that the server wants us to wait."""
    try:
        seconds = float(response.headers.get("retry-after", 0))
    except ValueError:
        return 0.0
    return min(seconds, 300.0) if math.isfinite(seconds) else 0.0


def _text(response: Any, judge: Judge) -> str:
    try:
        text = response.json()["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError):
        raise CurateError(
            f"the judge at {judge.url} does not speak OpenAI's protocol; it said: {response.text[:200]}"
        ) from None
    return text if isinstance(text, str) else ""


def estimate(table: pa.Table, wanted: Sequence[str], options: Options) -> str:
    """What asking the judge for these scores of a table would take, in words."""
    from curate.score.score import column
    from curate.table.table import valid

    chosen = table.select(["prompt", "response"]).take(valid(table))
    pairs = list(zip(chosen["prompt"].to_pylist(), chosen["response"].to_pylist(), strict=True))
    judged = [name for name in wanted if column(name).needs == "judge"]
    cache = Cache(place("judge") if options.cache else None)
    asked = {k: q for name in judged for k, q in _questions(name, pairs, options.judge)}
    known = len(cache.get(list(asked)))
    new = cache.get(list(asked)).keys() ^ asked.keys()
    cache.close()
    tokens = sum(_tokens(asked[k].system) + _tokens(asked[k].user) + 8 for k in new)
    out = len(new) * MOST_TOKENS
    text = f"judge: {len(new):,} questions, about {tokens:,} tokens in and at most {out:,} out"
    if known:
        text += f"; {known:,} were answered before and cost nothing"
    price = (tokens * options.judge.price_in + out * options.judge.price_out) / 1e6
    return (
        f"{text}; about {price:,.2f} by the given price" if options.judge.price_in or options.judge.price_out else text
    )


def _questions(name: str, pairs: Sequence[tuple[str, str]], judge: Judge) -> Iterator[tuple[bytes, Question]]:
    ask = importlib.import_module(f"curate.score.metrics.{name}").ask
    for pair in pairs:
        question = ask(*pair)
        yield _key(question, judge), question


def _tokens(text: str) -> int:
    """About how many tokens a text is: four Latin characters each, one of other scripts."""
    others = 0 if text.isascii() else sum(c > "\u024f" for c in text)
    return others + (len(text) - others + 3) // 4


def made(options: Options) -> str:
    """The judge, for a column's metadata."""
    return msgspec.json.encode({"model": options.judge.model, "url": options.judge.url}).decode()
