"""Whether a model of the hub can be had, seen at once: without a network the hub's client retries for a minute."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from curate.errors import CurateError, did_you_mean
from curate.extras import require
from curate.io.hub import reachable

# Where sentence-transformers looks for a name without an owner.
OWNER = "sentence-transformers"


def check_hub_model(name: str, what: str, known: Sequence[str] = ()) -> None:
    """Check that a name is a folder or file, a model that was fetched before, or one that can be asked for.

    What was fetched before is loaded without asking the hub where the hub cannot be reached.

    Args:
        name: as the user gave it.
        what: it is for, as `the embedder`.
        known: names that are no hub ids, for the nearest one.

    Raises:
        CurateError: for a name that only the hub can know while it cannot be reached.
    """
    if Path(name).expanduser().exists():
        return
    require("huggingface_hub", "embed", f"{what} {name!r}")
    from huggingface_hub import constants, try_to_load_from_cache

    if not constants.HF_HUB_OFFLINE and reachable():
        return
    for full in (name, f"{OWNER}/{name}"):
        with suppress(ValueError):  # no name of a model
            if isinstance(try_to_load_from_cache(full, "config.json"), str):
                constants.HF_HUB_OFFLINE = True
                return
    raise CurateError(
        f"{what} {name!r}: there is no such folder, no model of this name was fetched before, and the hub cannot be "
        f"reached; {did_you_mean(name, known)}name a folder that holds the model, or connect to the network"
    )
