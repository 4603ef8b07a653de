"""Every problem code is raised by its own example, and by it alone; the examples mend as the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from schemas.code import ProblemCode
from schemas.container import rows_of_line
from schemas.decode import Read, RowDecoder
from schemas.encode import RowEncoder
from schemas.problems import CODES, Invalid
from schemas.registry import FORMATS, lookup

ROOT = Path(__file__).parent.parent
READ = [code for code, about in CODES.items() if not about.to]
REFUSED = [code for code in READ if not CODES[code].is_valid]
WRITTEN = [code for code, about in CODES.items() if about.to]


def read(about: ProblemCode, row: bytes, repair: bool = False):
    return RowDecoder([FORMATS[about.format]], repair=repair).one(row)


def write(about: ProblemCode, row: bytes) -> bytes:
    result = read(about, row)
    assert isinstance(result, Read), result
    return RowEncoder(lookup(about.to), about.on_loss).encode(result.conversation).data


@pytest.mark.parametrize("code", REFUSED)
def test_bad_row_has_this_problem(code):
    about = CODES[code]
    found = read(about, about.row)
    assert not isinstance(found, Read)
    assert found.code == code
    assert found.remedy == about.remedy or (code == "E002" and "iconv -f WINDOWS-1252" in found.remedy)
    assert found.message


@pytest.mark.parametrize("code", [code for code in READ if code not in REFUSED])
def test_a_row_that_is_only_repaired_is_valid(code):
    about = CODES[code]
    assert isinstance(read(about, about.row), Read) and about.repair


@pytest.mark.parametrize("code", WRITTEN)
def test_bad_row_is_refused_by_the_target(code):
    about = CODES[code]
    with pytest.raises(Invalid) as refused:
        write(about, about.row)
    assert refused.value.problem.code == code


@pytest.mark.parametrize("code", READ)
def test_good_row_is_valid(code):
    about = CODES[code]
    assert isinstance(read(about, about.good.encode()), Read)


@pytest.mark.parametrize("code", WRITTEN)
def test_good_row_is_written(code):
    about = CODES[code]
    assert isinstance(RowDecoder([lookup(about.to)]).one(write(about, about.good.encode())), Read)


@pytest.mark.parametrize("code", READ)
def test_repair_mends_the_bad_row_where_the_page_says_so_and_only_there(code):
    about = CODES[code]
    if about.splits:
        rows = rows_of_line(about.row)
        assert about.repair and len(rows) > 1 and all(isinstance(read(about, row), Read) for row in rows)
        return
    mended = read(about, about.row, repair=True)
    assert isinstance(mended, Read) == bool(about.repair)
    if about.repair:
        good = read(about, about.good.encode())
        assert mended.conversation == good.conversation
        assert [repair.code for repair in mended.repairs] == [code]


def test_every_code_that_is_raised_is_explained_and_the_other_way_round():
    raised = set()
    for path in sorted((ROOT / "schemas").glob("*.py")):
        if not path.name.endswith("codes.py") and path.name != "repair.py":
            raised |= set(re.findall(r'"(E\d{3})"', path.read_text(encoding="utf-8")))
    assert raised == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_texts_are_whole(code):
    about = CODES[code]
    assert about.title[0].islower() or about.title.startswith("ChatML")
    assert re.search(r"[\u4e00-\u9fff]", about.zh) and len(about.zh) <= 24
    assert about.why.endswith(".") and not about.remedy.endswith(".")
    json.loads(about.good)


# Cases that once had a code that did not fit, or none at all.
@pytest.mark.parametrize(
    ("format_name", "row", "code", "path"),
    [
        ("mixed", '{"frage": "a", "antwort": "b"}', "E004", "$"),
        ("mixed", "{}", "E004", "$"),
        ("alpaca", '{"category": "b"}', "E102", "$.instruction"),
        ("self-instruct", '{"input": "b"}', "E102", "$.instruction"),
        ("self-instruct", '{"instruction": "a", "instances": [{"input": "b"}]}', "E102", "$.instances[0].output"),
        ("self-instruct", '{"instruction": "a", "instances": [{"output": 3}]}', "E101", "$.instances[0].output"),
        ("alpaca", r'{"instruction": "a", "output": "\\ud83d"}', "", ""),
        ("alpaca", r'{"instruction": "a", "output": "\ud83d\ude42"}', "", ""),
        ("alpaca", r'{"instruction": "a", "output": "\ude42"}', "E006", "$"),
        ("alpaca", r'{"instruction": "a", "output": "\ud83d", }', "E001", "$"),
        ("alpaca", '{"instruction": "a", "output": "NaN"}', "", ""),
        ("alpaca", '{"instruction": "a", "output": "NaN is', "E001", "$"),
        ("alpaca", '{"instruction": "a", "output": "b", "x": [-Infinity]}', "E007", "$"),
        ("sft", '{"messages": [{"role": "user", "content": []}, {"role": "assistant", "content": "b"}]}', "E203", None),
        (
            "sft",
            '{"messages": [{"role": "user", "content": "a"}, '
            '{"role": "assistant", "content": [{"type": "text", "text": " "}]}]}',
            "E202",
            "$.messages[1]",
        ),
        (
            "sft",
            '{"messages": [{"role": "user", "content": [{"type": "image"}]}, {"role": "assistant", "content": "b"}]}',
            "",
            "",
        ),
        (
            "sft",
            '{"messages": [{"role": "user", "content": [{"type": "image"}, {"type": "text"}]}]}',
            "E105",
            "$.messages[0].content[1]",
        ),
        (
            "sft",
            '{"messages": [{"role": "user", "content": "a", "tool_calls": [{"function": {"name": "f"}}]}]}',
            "E104",
            "$.messages[0].tool_calls",
        ),
        (
            "sharegpt",
            '{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b", "weight": -0.5}]}',
            "E108",
            "$.conversations[1].weight",
        ),
        ("sharegpt", '{"conversations": [{"value": "a"}]}', "E102", "$.conversations[0].from"),
        ("self-instruct", '{"instruction": "a", "instances": [{"output": "b", "n": 1e400}]}', "E101", "$"),
        (
            "sharegpt",
            '{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b", "loss": 1e400}]}',
            "",
            "",
        ),
    ],
)
def test_code_and_place(format_name, row, code, path):
    formats = list(FORMATS.values()) if format_name == "mixed" else [FORMATS[format_name]]
    found = RowDecoder(formats).one(row.encode())
    assert ("" if isinstance(found, Read) else found.code) == code
    if path and code:
        assert found.path == path


def test_wrong_value_is_shown_not_the_whole_row():
    row = b'{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": {"x": 1}}]}'
    assert RowDecoder([FORMATS["sharegpt"]]).one(row).message == 'found {"x": 1}, expected text | null'


def test_a_block_gives_what_single_rows_give():
    rows = [b'{"input": "b"}', b'{"x": 1}', b"{}", b'{"instruction": "a", "output": 2}']
    for repair in (False, True):
        alone = [RowDecoder([FORMATS["self-instruct"]], repair=repair).one(row) for row in rows]
        together = RowDecoder([FORMATS["self-instruct"]], repair=repair).block(rows)
        assert [getattr(r, "code", "") for r in alone] == ["E102", "E004", "E102", "" if repair else "E101"]
        assert together == alone


def test_explain_code_prints_all_about_a_code(curate):
    done = curate("explain-code", "e101", "E304")
    assert done.returncode == 0
    for code in ("E101", "E304"):
        about = CODES[code]
        for text in (f"{code} {about.title} ({about.zh})", about.shown, about.good, about.remedy):
            assert text in done.stdout
    assert "converted with --to instruction-json --on-loss error" in done.stdout


def test_explain_code_lists_all(curate):
    lines = curate("explain-code").stdout.splitlines()
    for code, about in CODES.items():
        assert any(line.startswith(code) and about.zh in line for line in lines)


def test_explain_code_for_machines(curate):
    found = json.loads(curate("explain-code", "E002", "--json").stdout)
    assert [entry["code"] for entry in found] == ["E002"]
    assert found[0]["bad"].endswith('"caf\\xe9"}')
    everything = json.loads(curate("explain-code", "--json").stdout)
    assert [entry["code"] for entry in everything] == list(CODES)


@pytest.mark.parametrize(("name", "near"), [("E1O3", "E103"), ("E999", "E"), ("role", "E103"), ("系统", "E207")])
def test_unknown_code_is_answered_with_the_nearest(curate, name, near):
    done = curate("explain-code", "E101", name)
    assert done.returncode == 2
    assert done.stdout == ""
    assert name in done.stderr and near in done.stderr


def test_page_is_what_the_command_prints(curate):
    assert curate("explain-code", "--markdown").stdout == (ROOT / "docs/problems.md").read_text(encoding="utf-8")
