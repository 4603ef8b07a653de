"""Shared by the tests of exports."""

from __future__ import annotations

from curate.export.choice import named
from curate.export.job import Job


def job(name: str, model: str, template: str = "auto", max_length: int = 2048) -> Job:
    return Job(name=name, model=model, template=named(template), max_length=max_length)
