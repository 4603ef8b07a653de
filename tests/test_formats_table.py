"""The table of what each format carries is measured, says the truth, and is what the documentation shows."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from curate.reference import format_matrix
from curate.reference import formats as format_page
from curate.reference.format_matrix import BESIDE, KEPT, LOST, MOVED, PROBES, SILENT, outcome, outcomes, restored
from curate.reference.formats_chinese import CHINESE, in_chinese
from schemas.decode import Read, RowDecoder
from schemas.encode import RowEncoder
from schemas.problems import CODES, Invalid
from schemas.record import Conversation
from schemas.registry import FORMATS, lookup

ROOT = Path(__file__).parent.parent
LABELS = [*FORMATS, *(f"{f.name}/{v.name}" for f in FORMATS.values() for v in f.variants)]
FEATURES = {probe.feature: probe for probe in PROBES}


@pytest.mark.parametrize("label", LABELS)
def test_nothing_is_lost_in_silence(label):
    for feature, found in outcomes(lookup(label)).items():
        assert found in (KEPT, BESIDE, MOVED, LOST) or found in CODES, feature


@pytest.mark.parametrize("label", LABELS)
def test_lossless_restores_every_row_that_is_not_refused(label):
    for probe in PROBES:
        refused = outcome(probe, lookup(label)) in CODES
        assert restored(probe, lookup(label)) is (None if refused else True), probe.feature


@pytest.mark.parametrize("label", LABELS)
def test_on_loss_error_refuses_what_stands_beside_or_is_lost(label):
    """Such rows are refused, and those of which all is kept are not: table and encoder agree."""
    to = lookup(label)
    for probe in PROBES:
        found = outcome(probe, to)
        try:
            RowEncoder(to, "error", bool(to.bare)).encode(format_matrix.probe_record(probe, to))
            code = ""
        except Invalid as invalid:
            code = invalid.problem.code
        assert code == ("E304" if found in (BESIDE, LOST) else found if found in CODES else ""), probe.feature


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_keeps_its_own_probes(name):
    for probe in PROBES:
        if probe.format == name:
            # SFT has a home for all that turns hold; metadata is not of its description.
            assert outcome(probe, FORMATS[name]) in (KEPT, BESIDE)


def test_flags_of_the_formats_are_as_measured():
    for format_ in FORMATS.values():
        found = outcomes(format_)
        assert format_.multi_turn == (found["several exchanges"] == KEPT)
        assert format_.tool_turns == (found["tool calls and results"] == KEPT)
        assert found["system prompt"] in ((KEPT,) if "system" in format_.names else (KEPT, BESIDE))
        assert ("category" in format_.names) == (found["category"] == KEPT)


def test_some_cells():
    found = format_matrix.matrix()
    assert found["image among typed parts"]["sharegpt"] == "E302"
    assert found["ids of tool calls"]["sharegpt"] == KEPT
    assert found["weight of a turn"]["alpaca"] == LOST
    assert found["instruction/input apart"] == {
        **dict.fromkeys(["alpaca", "self-instruct", "dolly"], KEPT),
        **dict.fromkeys(["sharegpt", "sft", "chatml", "instruction-json"], MOVED),
    }
    assert format_matrix.differences(FORMATS["chatml"], "chatml/text")["weight of a turn"] == LOST


def test_a_format_that_forgets_in_silence_is_caught():
    sft = FORMATS["sft"]

    def forgetful(conversation: Conversation):
        messages = [msgspec.structs.replace(m, weight=None, parts=None) for m in conversation.messages]
        return sft.write(msgspec.structs.replace(conversation, messages=messages))

    broken = msgspec.structs.replace(sft, write=forgetful)
    found = outcomes(broken)
    assert found["weight of a turn"] == found["image among typed parts"] == SILENT
    assert found["name of a speaker"] == KEPT


def test_a_field_whose_name_the_target_needs_is_listed():
    row = b'{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "output": 3}'
    read = RowDecoder([FORMATS["sft"]]).one(row)
    assert RowEncoder(FORMATS["alpaca"]).encode(read.conversation).lost == ["output"]


def test_variants_drop_what_the_format_does_not_name():
    read = RowDecoder([FORMATS["sft"]]).one(FEATURES["tools on offer"].row.encode())
    for label in ("chatml", "chatml/messages", "chatml/text"):
        encoded = RowEncoder(lookup(label), "drop").encode(read.conversation)
        assert encoded.lost == ["tools"] and b"get_weather" not in encoded.data


@pytest.mark.parametrize("format_", FORMATS.values(), ids=list(FORMATS))
def test_examples_and_probes_are_valid(format_):
    assert isinstance(RowDecoder([format_]).one(format_.example.encode()), Read)
    assert format_.source


def test_printed_tables_fit_and_need_no_colour(curate):
    done = curate("formats")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert max(map(len, lines)) <= 80
    for feature, cells in format_matrix.matrix().items():
        (line,) = [line for line in lines if line.startswith(feature)]
        assert line.removeprefix(feature).split() == list(cells.values())


def test_formats_for_machines(curate):
    found = json.loads(curate("formats", "--json").stdout)
    assert [entry["format"] for entry in found] == list(FORMATS)
    for entry in found:
        assert entry["carries"] == outcomes(FORMATS[entry["format"]])


def test_page_is_what_the_command_prints(curate):
    done = curate("formats", "--markdown")
    assert done.stdout == (ROOT / "docs/formats.md").read_text(encoding="utf-8")
    for format_ in FORMATS.values():
        assert format_.example in done.stdout and format_.source in done.stdout
        for variant in format_.variants:
            assert f"`--to {format_.name}/{variant.name}`: {variant.about}" in done.stdout
    assert format_page.tables() in done.stdout


@pytest.mark.parametrize(("name", "language"), [("README.md", []), ("README.zh.md", ["--chinese"])])
def test_readme_shows_the_tables(curate, name, language):
    path = ROOT / name
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    between = re.search(r"<!-- formats -->\n(.*?)<!-- /formats -->", text, re.DOTALL)
    if between is None:
        pytest.skip(f"{name} does not show them")
    assert between[1].strip() == curate("formats", "--markdown", "--short", *language).stdout.strip()


def test_every_piece_of_the_tables_is_in_chinese():
    pieces = [*format_page.COLUMNS, *FEATURES, *format_page.NOTES.split("\n\n"), *format_matrix.OUTCOMES.values()]
    assert [piece for piece in pieces if piece not in CHINESE] == [], "translate them in formats_chinese.py"
    assert in_chinese("kept") == "保留" and in_chinese("E301") == "E301"
