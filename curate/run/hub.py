"""A finished subset to the Hugging Face hub."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from curate.errors import CurateError
from curate.io.hub import reachable
from curate.run.recipe import Recipe

# The ledger and the report show rows that were left out, which nobody asked to publish.
STAYING = ("ledger.parquet", "report.html")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def files(recipe: Recipe) -> list[str]:
    """Names of the files that are uploaded."""
    return [recipe.output.file, "README.md", "manifest.json", "recipe.yaml"]


def check(name: str) -> None:
    """Raises CurateError for a name that is no OWNER/NAME."""
    if not _NAME.fullmatch(name) or ".." in name or "--" in name:
        raise CurateError(f"--push-to-hub {name!r}: a data set on the hub is named OWNER/NAME")


def ready(name: str) -> None:
    """Raises CurateError if nobody is logged in or the hub cannot be reached; to be asked before long work."""
    check(name)
    try:
        from huggingface_hub import get_token
    except ImportError:
        raise CurateError("--push-to-hub takes the package huggingface_hub: pip install huggingface_hub") from None
    if not get_token():
        raise CurateError("--push-to-hub: not logged in to the hub; run `hf auth login`, or set HF_TOKEN")
    if not reachable():
        raise CurateError("--push-to-hub: the hub cannot be reached; check the network. Nothing was uploaded")


def push(name: str, folder: Path, recipe: Recipe, private: bool) -> str:
    """Upload the files of a finished run in one commit, into a data set made if need be; gives its address.

    Raises:
        CurateError: for whatever the hub refuses.
    """
    ready(name)
    import huggingface_hub

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    huggingface_hub.utils.disable_progress_bars()
    api = huggingface_hub.HfApi()
    try:
        api.create_repo(name, repo_type="dataset", private=private, exist_ok=True)
        parts = [
            huggingface_hub.CommitOperationAdd(path_in_repo=file, path_or_fileobj=folder / file)
            for file in files(recipe)
        ]
        done = api.create_commit(name, parts, repo_type="dataset", commit_message=f"{recipe.name}, made with curate")
    except Exception as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CurateError(f"--push-to-hub {name}: the hub refused: {said}; the files are in {folder}") from None
    return str(done.repo_url if hasattr(done, "repo_url") else f"{api.endpoint}/datasets/{name}")
