"""The report of a conversion: that it says what happened, and that nothing in a row can break it."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.convert.paths import rejects_path
from curate.convert.report import ConvertReport, report, to_json
from curate.convert.report_file import write_report
from curate.convert.report_page import _folder, _names, html
from curate.engine import parts
from schemas.registry import FORMATS
from tests.builders.lines import LINE, LINES
from tests.builders.pages import Page, report_of_lines

GOLDEN = Path(__file__).parent / "golden" / "report"
UPDATE = bool(os.environ.get("UPDATE_GOLDEN"))


def rows_of(places: dict[str, list[tuple[int, int]]]) -> list[tuple[str, int]]:
    return [(file, n) for file, ranges in places.items() for first, last in ranges for n in range(first, last + 1)]


@pytest.mark.parametrize("ending", ["json", "html"])
def test_golden(ending, tmp_path, monkeypatch):
    for name in ("alpaca.jsonl", "对话.json"):
        shutil.copy(GOLDEN / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    options = ConvertOptions(to="alpaca", on_loss="drop", on_invalid="repair", digests=True)
    summary = convert(["alpaca.jsonl", "对话.json"], "out.jsonl", options)
    write_report(f"report.{ending}", "out.jsonl", options, summary)
    found = Path(f"report.{ending}").read_text("utf-8").replace(version("curate-sft"), "VERSION")
    golden = GOLDEN / f"report.{ending}"
    if UPDATE:
        golden.write_text(found, "utf-8")
    assert found == golden.read_text("utf-8"), "set UPDATE_GOLDEN=1 if the change is meant, and look at it"


@given(
    LINES,
    st.sampled_from(sorted(FORMATS)),
    st.sampled_from(["keep", "drop", "error"]),
    st.sampled_from(["reject", "repair"]),
)
@settings(deadline=None, max_examples=60)
def test_the_report_says_what_is_in_the_files(lines, to, on_loss, on_invalid):
    with tempfile.TemporaryDirectory() as folder:
        result, out = report_of_lines(Path(folder), lines, to, on_loss=on_loss, on_invalid=on_invalid)
        rejects = Path(rejects_path(out))
        rejected = [json.loads(line) for line in rejects.read_bytes().splitlines()] if rejects.exists() else []
        counts = result.counts
        assert counts.read == len(lines)
        assert counts.written == len(Path(out).read_bytes().splitlines())
        assert counts.rejected == len(rejected)
        by_code = {code: rows_of(entry.places) for code, entry in result.codes.items()}
        assert {(code, *row) for code, rows in by_code.items() for row in rows} == {
            (problem["code"], problem["file"], problem["row"]) for problem in rejected
        }
        for entry in (
            *result.codes.values(),
            *result.repairs.values(),
            *result.lost.values(),
        ):
            assert entry.rows == len(rows_of(entry.places)) > 0
            assert 0 < len(entry.examples) <= 3
        gone = {(problem["file"], problem["row"]) for problem in rejected}
        mended = {row for entry in result.repairs.values() for row in rows_of(entry.places)}
        lossy = {row for entry in result.lost.values() for row in rows_of(entry.places)}
        assert (counts.repaired, counts.lossy) == (len(mended), len(lossy))
        assert not gone & (mended | lossy)
        assert result.inputs[0].counts == counts
        assert result.inputs[0].digest.sha256 == sha256((Path(folder) / "in.jsonl").read_bytes()).hexdigest()
        assert result.output.sha256 == sha256(Path(out).read_bytes()).hexdigest()


@given(LINES)
@settings(deadline=None, max_examples=30)
def test_lost_fields_are_those_that_are_gone(lines):
    with tempfile.TemporaryDirectory() as folder:
        found, _ = report_of_lines(Path(folder), lines, "sharegpt", on_loss="drop")
        rejected = {row for entry in found.codes.values() for _, row in rows_of(entry.places)}
        rows = {n: json.loads(line) for n, line in enumerate(lines, 1) if n not in rejected}
        for field in ("topic", "category"):
            lost = {row for _, row in rows_of(found.lost[field].places)} if field in found.lost else set()
            assert lost == {n for n, row in rows.items() if field in row}


@given(LINES)
@settings(deadline=None, max_examples=20)
def test_the_same_input_gives_the_same_bytes_that_can_be_read_back(lines):
    with tempfile.TemporaryDirectory() as folder:
        found, again = (report_of_lines(Path(folder), lines, on_invalid="repair")[0] for _ in range(2))
        assert to_json(found) == to_json(again)
        assert html(found) == html(again)
        assert msgspec.json.decode(to_json(found), type=ConvertReport) == found


@given(st.lists(LINE, min_size=1, max_size=40))
@settings(deadline=None, max_examples=10)
def test_any_number_of_processes_reports_the_same(lines):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_BYTES", 400)
        source, out = Path(folder) / "in.jsonl", str(Path(folder) / "out.jsonl")
        source.write_bytes(b"\n".join(lines))
        found = []
        for workers in (1, 2):
            options = ConvertOptions(
                to="sft", name="mixed", on_loss="drop", on_invalid="repair", digests=True, workers=workers
            )
            found.append(to_json(report(out, options, convert([str(source)] * 2, out, options))))
        assert found[0] == found[1]


def test_schema_is_generated_and_described():
    schema = msgspec.json.schema(ConvertReport)["$defs"]
    assert set(schema["ConvertReport"]["required"]) == set(ConvertReport.__struct_fields__)
    for name in (
        "ConvertReport",
        "ReportEntry",
        "SourceAccount",
        "RowCounts",
        "RowExample",
        "Excerpt",
        "OutputFile",
        "Digest",
    ):
        described = schema[name]["description"]
        missing = [key for key in schema[name]["properties"] if not re.search(rf"\b{key}\b", described)]
        assert not missing, (name, missing)


# The rows of sources


def test_a_file_given_twice_is_counted_twice(tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text('{"instruction": "a", "output": "b"}\n{"instruction": "a"}\n')
    options = ConvertOptions(to="sft", name="alpaca")
    found = report(str(tmp_path / "o.jsonl"), options, convert([str(source)] * 2, str(tmp_path / "o.jsonl"), options))
    assert [item.counts.rejected for item in found.inputs] == [1, 1]
    assert found.codes["E102"].rows == 2 == len(rows_of(found.codes["E102"].places))


def test_a_row_that_is_mended_and_then_refused_is_rejected_only(tmp_path):
    call = '{"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}'
    row = f'{{"messages": [{{"role": "user", "content": "a"}}, {call},]}}'
    found, _ = report_of_lines(tmp_path, [row.encode()], "alpaca", name="sft", on_invalid="repair")
    assert found.headline == "1 row read: none written, 1 rejected, nothing lost."
    assert list(found.codes) == ["E303"] and not found.repairs


def test_mixed_files_say_their_shares(tmp_path):
    lines = [b'{"instruction": "a", "output": "b"}'] * 3 + [b'{"input_text": "a", "target_text": "b"}', b"{"]
    found, _ = report_of_lines(tmp_path, lines, name="mixed")
    assert found.inputs[0].format == "mixed"
    assert found.inputs[0].formats == {"alpaca": 3, "instruction-json": 1}
    assert "mixed (alpaca 75.0%, instruction-json 25.0%), jsonl" in Page(html(found)).text


def test_an_empty_source_is_told_too(tmp_path):
    found, _ = report_of_lines(tmp_path, [])
    assert found.headline == "No rows read: there was nothing in the input."
    assert [(s.format, s.counts.read) for s in found.inputs] == [("", 0)]
    assert "no rows, jsonl" in Page(html(found)).text


@pytest.mark.parametrize(
    "files, folder, names",
    [
        (["a/b/x.jsonl", "a/c/y.json"], "a", ["b/x.jsonl", "c/y.json"]),
        (["/a/x.jsonl"], "/a", ["x.jsonl"]),
        (["x.jsonl", "a/y.json"], "", ["x.jsonl", "a/y.json"]),
        (["/a/x.jsonl", "b/y.json"], "", ["/a/x.jsonl", "b/y.json"]),
        (["-", "a/x.jsonl"], "", ["standard input or output", "a/x.jsonl"]),
        (["hf://owner/name", "hf://owner/other"], "", ["hf://owner/name", "hf://owner/other"]),
        ([], "", []),
    ],
)
def test_files_are_called_by_what_tells_them_apart(files, folder, names):
    assert _folder(files) == folder
    assert list(_names(files).values()) == names


def test_split_and_restored_rows_have_places(tmp_path):
    turns = '{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}'
    rows = [f'{{"messages": [{turns}, {turns}]}}'.encode(), f'{{"messages": [{turns}]}}'.encode()]
    found, _ = report_of_lines(tmp_path, rows, "alpaca", name="sft", turns="split")
    assert (found.counts.more, rows_of(found.others["split"].places)) == (1, [(found.inputs[0].file, 1)])
    assert "2 rows read: 3 written (1 more than read, since rows were split)" in found.headline

    _, out = report_of_lines(tmp_path, rows, "sharegpt", name="sft", lossless=True)
    options = ConvertOptions(to="sft")
    found = report(str(tmp_path / "b.jsonl"), options, convert([out], str(tmp_path / "b.jsonl"), options))
    assert rows_of(found.others["restored"].places) == [(out, 1), (out, 2)]
    assert found.counts.restored == 2 == found.others["restored"].rows


def test_places_of_many_rows_that_follow_one_another_are_one_range(tmp_path):
    found, _ = report_of_lines(tmp_path, [b'{"instruction": "a", "output": "b", "topic": 1}'] * 5000, on_loss="drop")
    assert list(found.lost["topic"].places.values()) == [[(1, 5000)]]


# The command line


def test_report_of_a_real_run(curate, tmp_path):
    source, out, page = tmp_path / "in.jsonl", tmp_path / "out.jsonl", tmp_path / "r.HTML"
    source.write_text('{"instruction": "说", "output": "b"}\n{"instruction": "a", "output": {}}\n', "utf-8")
    done = curate("convert", source, out, "--to", "dolly", "--report", page)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-2:] == [
        f"which rows, and examples of each: {page}",
        "read 2, wrote 1, rejected 1",
    ]
    assert "2 rows read: 1 written, 1 rejected, nothing lost." in Page(page.read_bytes()).text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl", "out.jsonl.rejects.jsonl", "r.HTML"]


@pytest.mark.parametrize("name", ["r.txt", "r", "no/r.html", "out.json", "in.json", "out.json.rejects.jsonl"])
def test_a_report_that_cannot_be_is_refused_before_anything_is_written(curate, tmp_path, name):
    source, out = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text('[{"instruction": "a", "output": "b"}]')
    done = curate("convert", source, out, "--to", "sft", "--report", tmp_path / name)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --report") and len(done.stderr.splitlines()) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["in.json"]


def test_a_source_that_is_replaced_is_described_as_it_was(tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text('{"instruction": "a", "output": "b"}\n')
    before = sha256(source.read_bytes()).hexdigest()
    # Only from Python: the command writes over no input.
    options = ConvertOptions(to="sft", digests=True)
    summary = convert([str(source)], str(source), options)
    write_report(str(tmp_path / "r.json"), str(source), options, summary)
    found = json.loads((tmp_path / "r.json").read_bytes())
    assert found["inputs"][0]["digest"]["sha256"] == before
    assert found["output"]["sha256"] == sha256(source.read_bytes()).hexdigest() != before


def test_streams_have_no_digest(curate, tmp_path):
    row = '{"instruction": "a", "output": "b"}\n{"instruction": "a"}\n'
    done = curate("convert", "-", "-", "--to", "sft", "--report", tmp_path / "r.json", stdin=row)
    found = json.loads((tmp_path / "r.json").read_bytes())
    assert len(done.stdout.splitlines()) == 1
    assert found["inputs"][0]["digest"] is None and found["inputs"][0]["file"] == "-"
    assert found["output"] == {"file": "-", "bytes": None, "sha256": None} and found["rejects"] is None
    assert (found["counts"]["read"], found["counts"]["rejected"]) == (2, 1)
