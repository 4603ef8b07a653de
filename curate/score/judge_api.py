"""Questions to an OpenAI-compatible API: several at a time, at a set pace, tried again where that may help."""

from __future__ import annotations

import asyncio
import math
import os
import random
from collections.abc import Callable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from curate.errors import CurateError
from curate.extras import require
from curate.score.options import Judge

if TYPE_CHECKING:
    import httpx

MOST_TOKENS = 32
# Further tries of a request that failed in a way that may pass, and the seconds that one try may take.
RETRIES = 5
TIMEOUT = 120.0
# Failures that may pass: time-outs, conflicts, too many requests, the server's own.
MAY_PASS = {408, 409, 425, 429, 500, 502, 503, 504, 529}
# Failures that are about the one row, which is then not measured.
OF_THE_ROW = {400, 413, 422}
HINTS = {
    401: "; is the key right?",
    403: "; is the key right?",
    404: "; does the address end in /v1, and is the model there?",
}


class Question(NamedTuple):
    """What the judge is asked about one row.

    Attributes:
        system: the system message.
        user: the user's message.
    """

    system: str
    user: str


class Refused(Exception):
    """The judge will not answer about this row."""


class _MayPass(Exception):
    """A failure after which the request is tried again.

    Args:
        message: what failed.
        wait: the seconds that the server asks to wait.
        unreachable: whether there was no answer at all.
    """

    def __init__(self, message: str, wait: float = 0.0, unreachable: bool = False) -> None:
        super().__init__(message)
        self.wait, self.unreachable = wait, unreachable


async def ask_all(questions: dict[bytes, Question], judge: Judge, keep: Callable[[bytes, str], None]) -> None:
    """Ask all questions, several at a time.

    Args:
        questions: by their keys.
        judge: whom to ask; its key is read from the environment.
        keep: called with the key of a question and its answer, as each comes.

    Raises:
        CurateError: if httpx is missing, the judge cannot be reached or refuses the key, or refuses every question.
    """
    httpx = require("httpx", "judge", "a judge's score")
    secret = os.environ.get(judge.key_from, "")
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    limits = httpx.Limits(max_connections=judge.concurrency, max_keepalive_connections=judge.concurrency)
    async with httpx.AsyncClient(headers=headers, timeout=TIMEOUT, limits=limits) as client:
        refusals = await _work(_JudgeClient(client, judge), questions, keep)
    if refusals and len(refusals) == len(questions):
        raise CurateError(f"the judge at {judge.url} refused every question; it says: {refusals[0]}")


async def _work(
    client: _JudgeClient, questions: dict[bytes, Question], keep: Callable[[bytes, str], None]
) -> list[str]:
    """Why questions were refused, once all are answered or refused."""
    waiting, refusals = iter(questions.items()), []

    async def work(waiting: Iterator[tuple[bytes, Question]]) -> None:
        for k, question in waiting:
            try:
                keep(k, await client.ask(question))
            except Refused as error:
                refusals.append(str(error))

    count = max(1, min(client.judge.concurrency, len(questions)))
    workers = [asyncio.create_task(work(waiting)) for _ in range(count)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return refusals


class _Pace:
    """Lets at most so many requests begin in a minute, evenly spread."""

    def __init__(self, per_minute: int) -> None:
        self.gap = 60 / per_minute if per_minute > 0 else 0.0
        self.next = 0.0

    async def wait(self) -> None:
        """Return when the next request may begin."""
        now = monotonic()
        begin = max(now, self.next)
        self.next = begin + self.gap
        if begin > now:
            await asyncio.sleep(begin - now)


class _JudgeClient:
    """Requests to one judge.

    Args:
        client: sends them.
        judge: whom to ask.

    Attributes:
        reached: whether any request was ever answered.
    """

    def __init__(self, client: httpx.AsyncClient, judge: Judge) -> None:
        self.client, self.judge = client, judge
        self.url = f"{judge.url.rstrip('/')}/chat/completions"
        self.pace = _Pace(judge.per_minute)
        self.reached = False

    async def ask(self, question: Question) -> str:
        """The answer to a question.

        Raises:
            Refused: if the judge will not answer about this row.
            CurateError: if it cannot be reached, refuses the key, or fails again and again.
        """
        message = ""
        for again in range(RETRIES + 1):
            await self.pace.wait()
            wait = min(60.0, 2.0**again) * random.uniform(0.5, 1)
            try:
                return await self._try(question)
            except _MayPass as failure:
                message = str(failure)
                wait = max(wait, failure.wait)
                if failure.unreachable and not self.reached and again == 1:
                    # Most likely the address is wrong, or nothing runs there.
                    raise CurateError(f"the judge at {self.url} {message}") from None
            if again < RETRIES:
                await asyncio.sleep(wait)
        raise CurateError(f"the judge at {self.url} {message} (tried {RETRIES + 1} times)")

    async def _try(self, question: Question) -> str:
        import httpx

        body = {
            "model": self.judge.model,
            "messages": [{"role": "system", "content": question.system}, {"role": "user", "content": question.user}],
            "temperature": 0,
            "max_tokens": MOST_TOKENS,
        }
        try:
            response = await self.client.post(self.url, json=body)
        except httpx.InvalidURL as error:
            raise CurateError(f"--judge-url {self.judge.url!r} is no address: {error}") from None
        except httpx.TransportError as error:
            raise _MayPass(f"cannot be reached: {error or type(error).__name__}", unreachable=True) from None
        self.reached = True
        status = response.status_code
        if status == 200:
            return _text(response, self.judge)
        message = f"answers {status}: {response.text.strip()[:300]}"
        if status in OF_THE_ROW:
            raise Refused(message)
        if status not in MAY_PASS:
            raise CurateError(f"the judge at {self.url} {message}{HINTS.get(status, '')}")
        raise _MayPass(message, wait=_seconds_to_wait(response))


def _seconds_to_wait(response: Any) -> float:
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
            f"the judge at {judge.url} does not speak OpenAI's protocol; it answered: {response.text[:200]}"
        ) from None
    return text if isinstance(text, str) else ""
