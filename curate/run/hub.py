"""A finished subset to the Hugging Face hub."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from curate.errors import CurateError
from curate.extras import require
from curate.io.hub import reachable
from curate.run.recipe import Recipe

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def files(recipe: Recipe) -> list[str]:
    """Names of the files that are uploaded.

    The ledger and the report are not: they show rows outside the subset, which nobody asked to publish.
    """
    return [recipe.output.file, "README.md", "manifest.json", "recipe.yaml"]


def check(name: str) -> None:
    """Check the name of a data set.

    Raises:
        CurateError: unless it is OWNER/NAME.
    """
    if not _NAME.fullmatch(name) or ".." in name or "--" in name:
        raise CurateError(f"--push-to-hub {name!r}: a data set on the hub is named OWNER/NAME")


def ready(name: str) -> None:
    """Check that a data set can be uploaded, before long work begins.

    Raises:
        CurateError: for a wrong name, without a login, and if the hub cannot be reached.
    """
    check(name)
    hub = require("huggingface_hub", "embed", "--push-to-hub")
    if not hub.get_token():
        raise CurateError("--push-to-hub: not logged in to the hub; run `hf auth login`, or set HF_TOKEN")
    if not reachable():
        raise CurateError("--push-to-hub: the hub cannot be reached; check the network. Nothing was uploaded")


def push(name: str, folder: Path, recipe: Recipe, private: bool) -> str:
    """Upload the files of a finished run in one commit, into a data set that is created if it does not exist.

    Args:
        name: OWNER/NAME.
        folder: of the run.
        recipe: of the run.
        private: whether a new data set is private.

    Returns:
        The address of the data set.

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
        commit = api.create_commit(name, parts, repo_type="dataset", commit_message=f"{recipe.name}, made with curate")
    except Exception as error:
        message = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CurateError(f"--push-to-hub {name}: the hub refused: {message}; the files are in {folder}") from None
    return str(commit.repo_url if hasattr(commit, "repo_url") else f"{api.endpoint}/datasets/{name}")
