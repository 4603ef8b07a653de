"""The command line as a user meets it: real processes, real files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from curate import cli

ROOT = Path(__file__).parent.parent
GOOD = {"instruction": "说出一个质数。", "input": "", "output": "2"}
BAD = {"instruction": "Name a prime.", "output": {"answer": 2}}


def lines(path: Path) -> list:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom curate.cli import curate\n"
        "assert CliRunner().invoke(curate, ['--help']).exit_code == 0\n"
        "heavy = {'torch', 'datasets', 'pandas', 'transformers', 'sklearn', 'pyarrow', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_help_lists_every_command(curate):
    done = curate("--help")
    assert done.returncode == 0
    for name in ("formats", "detect", "validate", "convert", "stats", "dedup", "select", "explain", "train", "ablate"):
        assert f"\n  {name} " in done.stdout


def test_help_has_a_whole_line_for_each_command_in_its_group(curate):
    groups = curate("--help").stdout.split("Options:")[1].split("\n\n")[1:]
    assert [group.split(":")[0] for group in groups] == [
        *("Look", "Convert", "Clean", "Score", "Select", "Train", "Hand over", "Reference")
    ]
    for line in "\n".join(groups).splitlines():
        assert re.fullmatch(r"[A-Z][a-z ]+:|  [a-z-]+ +[A-Z].*\.", line) and len(line) <= 80 and "..." not in line


def test_an_option_has_one_wording():
    wordings: dict[str, set[str]] = {}
    context = click.Context(cli.curate)
    for name in cli.curate.list_commands(context):
        for option in cli.curate.get_command(context, name).params:
            if isinstance(option, click.Option):
                assert option.help, f"{name} {option.opts}"
                wordings.setdefault(option.opts[0], set()).add(option.help)
    for option in ("--embedder", "--engine", "--format", "--judge-model", "--precision", "--ray-address"):
        assert len(wordings[option]) == 1, f"{option} is the same everywhere: take it from one place"
    # validate's is a file of its own, which `-` makes standard output.
    assert all("standard output" in text for text in wordings["--json"])


def test_mistyped_command_is_answered_with_the_right_one(curate):
    done = curate("convrt")
    assert done.returncode == 2
    assert "did you mean 'convert'?" in done.stderr


def test_convert_says_what_became_of_every_row(curate, tmp_path):
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in [GOOD, BAD, GOOD]) + "\n{broken\n", "utf-8")
    out = tmp_path / "out.jsonl"
    done = curate("convert", source, out, "--to", "sharegpt")
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == "read 4, wrote 2, rejected 2"
    assert len(lines(out)) == 2
    rejects = lines(Path(f"{out}.rejects.jsonl"))
    assert [(r["row"], r["code"], r["path"]) for r in rejects] == [(2, "E101", "$.output"), (4, "E001", "$")]
    assert json.loads(rejects[0]["text"]) == BAD
    assert rejects[1]["text"] == "{broken"


def test_rejects_of_an_earlier_run_do_not_outlive_it(curate, tmp_path):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps(GOOD) + "\n" + json.dumps(BAD))
    curate("convert", source, out, "--to", "dolly")
    assert Path(f"{out}.rejects.jsonl").exists()
    source.write_text(json.dumps(GOOD))
    curate("convert", source, out, "--to", "dolly")
    assert not Path(f"{out}.rejects.jsonl").exists()


def test_malformed_array_is_one_readable_error_and_no_output(curate, tmp_path):
    source, out = tmp_path / "in.json", tmp_path / "out.jsonl"
    source.write_text('[\n{"instruction": "a", "output": "b"},\n{"instruction": "a" "output": "b"}\n]')
    out.write_text("what was here before")
    done = curate("convert", source, out, "--to", "sft", "--from", "alpaca")
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {source}: row 2: $[1]: E001 the file is not JSON")
    assert "line 3, column 21" in done.stderr
    assert "Traceback" not in done.stderr
    assert out.read_text() == "what was here before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.json", "out.jsonl"]


def test_on_invalid_error_writes_nothing_and_exits_1(curate, tmp_path):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps(GOOD) + "\n" + json.dumps(BAD))
    done = curate("convert", source, out, "--to", "sft", "--on-invalid", "error")
    assert done.returncode == 1
    assert f"{source}:2: $.output: E101" in done.stderr
    assert not out.exists()


@pytest.mark.parametrize("name", ["missing.jsonl", "folder.json", "file.txt"])
def test_unreadable_input_exits_2(curate, tmp_path, name):
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "file.txt").write_text("x")
    done = curate("validate", tmp_path / name)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1


def test_validate_exit_codes(curate, tmp_path):
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text(json.dumps(GOOD))
    bad.write_text(json.dumps(GOOD) + "\n" + json.dumps(BAD))
    assert curate("validate", good).returncode == 0
    done = curate("validate", good, bad)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{bad}:2: $.output: E101 ")
    assert done.stderr.splitlines()[-1] == "read 3 rows, 2 valid, 1 invalid"


def test_standard_input_and_output(curate):
    done = curate("convert", "-", "-", "--to", "instruction-json", stdin=json.dumps(GOOD, ensure_ascii=False))
    assert json.loads(done.stdout) == {"input_text": "说出一个质数。", "target_text": "2"}
    assert done.stderr.splitlines()[-1] == "read 1, wrote 1, rejected 0"


def test_killed_conversion_leaves_the_old_output(tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text("what was here before")
    command = [sys.executable, "-m", "curate.cli", "convert", "-", str(out), "--to", "sft", "--from", "alpaca"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    assert process.stdin is not None
    for _ in range(3):
        process.stdin.write((json.dumps(GOOD) + "\n").encode() * 30_000)
        process.stdin.flush()
    process.kill()
    process.wait()
    assert out.read_text() == "what was here before"


def test_containers_hold_the_same_rows(curate, tmp_path):
    source = tmp_path / "in.jsonl"
    rows = [{**GOOD, "category": "Open QA", "n": i} for i in range(3)]
    source.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows))
    for ending in ("json", "jsonl", "jsonl.gz", "parquet"):
        middle, out = tmp_path / f"m.{ending}", tmp_path / f"back-{ending}.jsonl"
        assert curate("convert", source, middle, "--to", "sft").returncode == 0
        assert curate("convert", middle, out, "--to", "alpaca").returncode == 0
        assert lines(out) == rows, ending


def test_every_row_of_real_files_is_accounted_for(curate, real_data, tmp_path):
    for path in sorted(real_data.glob("*.json*")):
        if path.suffix == ".gz":
            continue
        for to in ("alpaca", "sharegpt", "sft", "chatml", "dolly", "self-instruct", "instruction-json"):
            done = curate("convert", path, tmp_path / "out.jsonl", "--to", to)
            assert done.returncode == 0, done.stderr
            counts = done.stderr.splitlines()[-1].replace(",", "").split()
            read, wrote, rejected = (int(counts[i]) for i in (1, 3, 5))
            assert read == wrote + rejected
            assert wrote == len(lines(tmp_path / "out.jsonl"))
            if rejected:
                assert rejected == len(lines(tmp_path / "out.jsonl.rejects.jsonl"))


def test_a_mixed_file_is_said_to_be_and_read_row_by_row(curate, tmp_path):
    from schemas.registry import FORMATS, IN_TABLE

    source, out = tmp_path / "mixed.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(FORMATS[name].example for name in IN_TABLE))
    said = curate("detect", source).stdout
    assert "mixed, mostly" in said and "--format mixed" in said
    noted = curate("convert", source, out, "--to", "sft").stderr
    assert f"{source} has rows of several formats (14.3% alpaca, " in noted
    assert "--format mixed reads each by its own" in noted
    done = curate("convert", source, out, "--to", "sft", "--from", "mixed")
    assert done.stderr.splitlines()[-1] == "read 7, wrote 7, rejected 0"
    assert {row["messages"][-1]["content"] for row in lines(out)} == {"2"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("alpaca_en_demo.json", "alpaca"),
        ("alpaca_zh_demo.json", "alpaca"),
        ("identity.json", "alpaca"),
        ("glaive_toolcall_en_demo.json", "sharegpt"),
        ("fastchat_dummy_conversation.json", "sharegpt"),
        ("v1_sft_demo.jsonl", "sft"),
        ("self_instruct_seed_tasks.jsonl", "self-instruct"),
        ("t0_train_50k.prompt_completion.jsonl.gz", "self-instruct"),
    ],
)
def test_real_files_are_told_apart(curate, real_data, name, expected):
    found = json.loads(curate("detect", real_data / name, "--json").stdout)
    assert found["format"] == expected
    assert found["shares"] == {expected: 1.0}


def test_detect_takes_several_files(curate):
    files = [ROOT / "sample_data" / name for name in ("alpaca.json", "sharegpt.json")]
    said = curate("detect", *files).stdout
    assert said == "".join(curate("detect", file).stdout for file in files)
    both = json.loads(curate("detect", *files, "--json").stdout)
    assert both == [json.loads(curate("detect", file, "--json").stdout) for file in files]


def test_detect_has_the_exit_code_of_the_worst_file(curate, tmp_path):
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    done = curate("detect", ROOT / "sample_data" / "alpaca.json", empty)
    assert done.returncode == 1
    assert "alpaca in json" in done.stdout and f"error: {empty}: the file has no rows" in done.stderr


@pytest.mark.parametrize("command", [["dedup"], ["select", "--method", "random"], ["decontaminate", "--against"]])
def test_an_input_is_not_overwritten_by_fewer_rows(curate, tmp_path, command):
    file = tmp_path / "rows.jsonl"
    before = '{"instruction": "Name a prime.", "output": "2"}\n' * 2
    file.write_text(before)
    against = [file] if "--against" in command else []
    done = curate(*command, *against, file, tmp_path / ".." / tmp_path.name / "rows.jsonl")
    assert done.returncode == 2 and "is an input and the output" in done.stderr
    assert file.read_text() == before and [*tmp_path.iterdir()] == [file]


def test_a_folder_as_output(curate, tmp_path):
    done = curate("convert", ROOT / "sample_data" / "alpaca.json", tmp_path, "--to", "sft")
    assert done.returncode == 2 and f"{tmp_path}: is a folder; name a file in it" in done.stderr


def test_format_is_named_alike_in_all_commands(curate, tmp_path):
    odd = tmp_path / "odd.jsonl"
    odd.write_text('{"foo": 1, "bar": "x"}\n')
    for command in (["validate"], ["stats"], ["convert", "--to", "sft"], ["dedup"]):
        out = [] if command[0] in ("validate", "stats") else [tmp_path / "out.jsonl"]
        error = curate(*command, odd, *out).stderr
        assert "row 1 has foo and bar" in error and "name it with --format" in error
        assert curate(*command, odd, *out, "--format", "alpaca").returncode in (0, 1)
