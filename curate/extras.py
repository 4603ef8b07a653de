"""Packages that only some commands need, and the extra that installs each."""

from __future__ import annotations

import importlib
from types import ModuleType

from curate.errors import CurateError

# Packages that are not called like the module they hold.
PACKAGES = {"faiss": "faiss-cpu", "sklearn": "scikit-learn", "umap": "umap-learn", "yaml": "pyyaml"}


def require(module: str, extra: str, feature: str) -> ModuleType:
    """Import a module that a base install does not have.

    Args:
        module: its full name, as `sklearn.cluster`.
        extra: the extra of curate-sft that installs it.
        feature: what needs it, as the subject of a sentence: `--engine ray`, `a model's own template`.

    Raises:
        CurateError: if it, or a module that it imports, is not installed; the message names the extra.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = package_of(error.name or module)
        raise CurateError(
            f"{feature} needs {package}, which is not installed: pip install 'curate-sft[{extra}]'"
        ) from None


def package_of(module: str) -> str:
    """The name under which the module's package is installed."""
    top = module.partition(".")[0]
    return PACKAGES.get(top, top.replace("_", "-"))
