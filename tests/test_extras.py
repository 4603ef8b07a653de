"""What a base install answers to commands that need more."""

from __future__ import annotations

import sys

import pytest

from curate.errors import CurateError
from curate.extras import require
from curate.io.hub import hub_blocks
from curate.io.remote import listed
from curate.models.chat_template import load_tokenizer


def test_the_message_names_package_and_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(CurateError) as raised:
        require("sklearn", "embed", "clustering")
    assert str(raised.value) == (
        "clustering needs scikit-learn, which is not installed: pip install 'curate-sft[embed]'"
    )


@pytest.mark.parametrize(
    ("module", "extra", "call"),
    [
        ("datasets", "train", lambda: next(hub_blocks("hf://owner/name"))),
        ("fsspec", "remote", lambda: listed("s3://bucket/rows.jsonl")),
        ("transformers", "train", lambda: load_tokenizer("owner/name")),
    ],
)
def test_a_package_that_is_missing_is_one_line(monkeypatch, module, extra, call):
    for name in [name for name in sys.modules if name == module or name.startswith(f"{module}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(CurateError) as raised:
        call()
    assert f"needs {module}" in str(raised.value) and f"curate-sft[{extra}]" in str(raised.value)
    assert "\n" not in str(raised.value)
