"""`curate export` as users run it: files, checksums, and an account of every row."""

from __future__ import annotations

import json
import subprocess

import pytest

from curate.export import dataset_info, llamafactory
from curate.export.folder import folder
from tests.builders import ROOT

TOOLS = ["llamafactory", "axolotl", "unsloth", "trl", "deepspeed", "ms-swift", "xtuner", "verl", "openai"]
TALK = [
    {"role": "system", "content": "请简短。"},
    {"role": "user", "content": "一加一？"},
    {"role": "assistant", "content": "二。", "weight": 0},
    {"role": "user", "content": "二加二？"},
    {"role": "assistant", "content": "四。"},
]
CALLS = [
    {"role": "user", "content": "今天上海天气？"},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [{"id": "1", "type": "function", "function": {"name": "w", "arguments": '{"城市": "上海"}'}}],
    },
    {"role": "tool", "content": "晴", "tool_call_id": "1"},
    {"role": "assistant", "content": "晴天。"},
]
PICTURE = [
    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]},
    {"role": "assistant", "content": "a cat"},
]
HALF = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0.5}]
PLAIN = [{"role": "user", "content": "你好"}, {"role": "assistant", "content": "您好！🙂"}]
TOOL = {"type": "function", "function": {"name": "w", "parameters": {"type": "object", "properties": {}}}}


def jsonl(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def rows(tmp_path):
    made_rows = [{"messages": messages} for messages in (PLAIN, TALK, CALLS, PICTURE, HALF)]
    made_rows[0]["category"] = "Chat"
    made_rows[2]["tools"] = [TOOL]
    made_rows.append({"messages": [{"role": "user", "content": "no answer"}]})
    made_rows += [{"messages": PLAIN}] * 10  # openai takes no fewer
    return jsonl(tmp_path / "rows.jsonl", made_rows)


def read(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("tool", TOOLS)
def test_every_row_is_written_or_listed(curate, rows, tmp_path, tool):
    out = tmp_path / "out"
    done = curate("export", rows, out, "--for", tool, "--json")
    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["rows"] + len(outcome["left_out"]) == 16
    assert outcome["lost"]["category"] == 1
    folder = out / "rows" if tool == "llamafactory" else out
    assert read(folder / "left_out.jsonl") == outcome["left_out"]
    by_row = {row["row"]: row["why"] for row in outcome["left_out"]}
    assert by_row.keys() >= {4, 5, 6}
    assert "image_url" in by_row[4] and "weight 0.5" in by_row[5]
    plain = tool in ("unsloth", "verl")  # which know neither weights nor tools
    assert ("no weight" in by_row[2]) if tool == "llamafactory" else (2 in by_row) == plain
    assert (3 in by_row) == plain
    assert outcome["command"] in (folder / "README.md").read_text("utf-8")


@pytest.mark.parametrize("tool", TOOLS)
def test_checksums_are_those_of_sha256sum(curate, rows, tmp_path, tool):
    assert curate("export", rows, tmp_path / "out", "--for", tool).returncode == 0
    folder = tmp_path / "out" / "rows" if tool == "llamafactory" else tmp_path / "out"
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    listed = {line.split("  ", 1)[1] for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines()}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert listed == there - {"SHA256SUMS"}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_same_rows_give_the_same_bytes(curate, rows, tmp_path, tool):
    sums = []
    for name in ("a", "b"):
        assert curate("export", rows, tmp_path / name, "--for", tool).returncode == 0
        sums.append(next((tmp_path / name).rglob("SHA256SUMS")).read_text())
    assert sums[0] == sums[1]


def test_llamafactory_rows_and_entry(curate, rows, tmp_path):
    out = tmp_path / "out"
    assert curate("export", rows, out, "--for", "llamafactory", "--template", "chatml").returncode == 0
    first, calls, *_ = read(out / "rows" / "train.jsonl")
    assert first == {
        "conversations": [{"from": "human", "value": "你好"}, {"from": "gpt", "value": "您好！🙂"}],
        "system": "",
        "tools": "",
    }
    assert [turn["from"] for turn in calls["conversations"]] == ["human", "function_call", "observation", "gpt"]
    assert json.loads(calls["conversations"][1]["value"]) == {"name": "w", "arguments": {"城市": "上海"}}
    assert json.loads(calls["tools"]) == [TOOL]
    assert "上海" in (out / "rows" / "train.jsonl").read_text("utf-8")
    entry = json.loads((out / "dataset_info.json").read_text())["rows"]
    assert (out / entry["file_name"]).is_file()
    assert "template: chatml" in (out / "rows" / "lora.yaml").read_text()


def test_a_ledger_gives_the_selected_rows_in_order(curate, tmp_path):
    rows = jsonl(tmp_path / "pool.jsonl", [{"instruction": f"q{i}", "output": "a" * (i + 1)} for i in range(20)])
    best = tmp_path / "best.jsonl"
    assert curate("select", rows, best, "--method", "random", "--size", 5, "--quiet").returncode == 0
    for source, out in ((best, "a"), (f"{best}.ledger.parquet", "b")):
        assert curate("export", source, tmp_path / out, "--for", "axolotl").returncode == 0
    assert read(tmp_path / "a" / "train.jsonl") == read(tmp_path / "b" / "train.jsonl")
    assert len(read(tmp_path / "a" / "train.jsonl")) == 5


def test_files_of_the_user_are_not_overwritten(curate, rows, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "README.md").write_text("mine")
    process = curate("export", rows, out, "--for", "trl")
    assert process.returncode == 2 and "not of an earlier export" in process.stderr
    assert [path.name for path in out.iterdir()] == ["README.md"]
    assert curate("export", rows, out, "--for", "trl", "--force").returncode == 0
    assert curate("export", rows, out, "--for", "trl").returncode == 0
    script = out / "train.py"
    script.write_text(script.read_text() + "# mine\n")
    process = curate("export", rows, out, "--for", "trl", "--max-length", 99)
    assert process.returncode == 2 and "was changed since it was exported" in process.stderr
    assert script.read_text().endswith("# mine\n")
    assert curate("export", rows, out, "--for", "unsloth", "--force").returncode == 0
    assert not (out / "data" / "train.parquet").exists()  # which the other export had


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--for", "llamafactory", "--model", "who/knows"], 2, "does not tell which; name it with --template"),
        (["--for", "llamafactory", "--template", "alpaca_input"], 2, "has no template that writes the same text"),
        (["--for", "ms-swift", "--template", "alpaca"], 2, "ms-swift has no template that writes the same text"),
        (["--for", "xtuner", "--template", "llama3"], 2, "XTuner has no template that writes the same text"),
        (["--for", "verl", "--template", "gpt_oss"], 2, "writes the last reply in another way"),
        (["--for", "openai", "--template", "chatml"], 2, "leave --template out"),
        (["--for", "openai", "--model", "Qwen/Qwen3-8B"], 2, "OpenAI tunes models of its own"),
        (["--for", "axolotl", "--template", "chatlm"], 2, "did you mean 'chatml'?"),
        (["--for", "axolotl", "--name", "a/b"], 2, "characters other than letters"),
        (["--for", "vicuna"], 2, "is not one of"),
    ],
)
def test_mistakes_are_answered_in_one_line(curate, rows, tmp_path, options, code, message):
    done = curate("export", rows, tmp_path / "out", *options)
    assert done.returncode == code
    assert message in " ".join(done.stderr.split()) and "Traceback" not in done.stderr
    assert not list((tmp_path / "out").rglob("*.*"))


def test_rows_of_which_none_fits_end_with_exit_code_1(curate, tmp_path):
    rows = jsonl(tmp_path / "rows.jsonl", [{"messages": HALF}])
    done = curate("export", rows, tmp_path / "out", "--for", "unsloth")
    assert done.returncode == 1 and "no row of 1 can be handed over" in done.stderr
    assert not (tmp_path / "out" / "README.md").exists()


INFO = '{\r\n    "a": {"file_name": "a.json",\t"columns": {}},\r\n    "中文": {"n": 1.50, "x": [1,\n2]}\r\n}\r\n'


@pytest.mark.parametrize("text", [INFO, "{}", '{"a":1}', '{\n\t"a": {}\n}\n', "", ' { "a" : null } '])
def test_other_entries_keep_every_byte(tmp_path, text):
    path = tmp_path / "dataset_info.json"
    path.write_bytes(text.encode())
    entry = llamafactory.entry("new")
    merged = dataset_info.merged(path, "new", entry)
    before = json.loads(text or "{}")
    assert list(json.loads(merged).items()) == [*before.items(), ("new", entry)]
    kept = text.rstrip().removesuffix("}").rstrip()
    assert merged.startswith(kept)
    path.write_bytes(merged.encode())
    assert dataset_info.merged(path, "new", entry) == merged


def test_entries_of_other_data_and_broken_files_are_refused(curate, rows, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    info = out / "dataset_info.json"
    for text, message in (
        ('{"rows": {"file_name": "mine.json"}}', "has an entry 'rows' already"),
        ('{"rows": ', "is not JSON"),
        ("[]", "holds no JSON object"),
    ):
        info.write_text(text)
        done = curate("export", rows, out, "--for", "llamafactory")
        assert done.returncode == 2 and message in done.stderr
        assert info.read_text() == text and [path.name for path in out.iterdir()] == ["dataset_info.json"]


def test_yaml_is_read_as_it_was_meant(tmp_path):
    import yaml

    values = {
        "words": ["assistant", "no", "1e5", "a: b", "", "- x", "#", "中文", "0x1", "null", "a'b", "~", "1_000", "="],
        "numbers": [1, 0.0001, 2.0, True, None],
        "nested": {"a": {"b": "c"}, "d": []},
        "list": [{"x": 1, "y": {"z": "on"}, "w": [{"v": 2}]}, {"x": 2}],
        "path": "./out/x.json",
    }
    with folder(tmp_path) as files:
        files.yaml("values.yaml", values)
    read_back = yaml.safe_load((tmp_path / "values.yaml").read_text("utf-8"))
    assert read_back == values and list(read_back) == list(values)


def test_scripts_are_python(curate, rows, tmp_path):
    for tool in ("trl", "unsloth"):
        curate("export", rows, tmp_path / tool, "--for", tool, "--model", 'it\'s/"odd"', "--template", "chatml")
        scope: dict = {"__file__": str(tmp_path / tool / "train.py"), "__name__": "script"}
        text = (tmp_path / tool / "train.py").read_text("utf-8")
        # The settings stand before the first function, among imports of what may not be installed here.
        lines = [line for line in text.split("\ndef ")[0].splitlines() if not line.startswith(("import", "from"))]
        exec("from pathlib import Path\n" + "\n".join(lines), scope)
        assert scope["MODEL"] == 'it\'s/"odd"' and scope["MAX_LENGTH"] == 2048


def test_the_sample_data_can_be_exported(curate, tmp_path):
    for name in ("alpaca.json", "dolly.jsonl", "instruction_json.jsonl", "self_instruct_seed.jsonl"):
        done = curate("export", ROOT / "sample_data" / name, tmp_path / name, "--for", "llamafactory", "--json")
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", ["README.md", "README.zh.md", "docs/export.md"])
def test_the_versions_in_the_documentation_are_those_that_are_tested(file):
    lines = (ROOT / file).read_text("utf-8").splitlines()
    titles = {"llamafactory": "LLaMA-Factory", "axolotl": "Axolotl", "unsloth": "Unsloth", "deepspeed": "DeepSpeed"}
    titles |= {"ms-swift": "ms-swift", "verl": "verl"}
    for peer, title in titles.items():
        required = (ROOT / "tests" / "peers" / "requirements" / f"{peer}.txt").read_text()
        version = next(line.split("==")[1] for line in required.splitlines() if line.startswith(f"{peer}=="))
        assert any(line.startswith(f"| {title} | {version} |") for line in lines), (title, version)
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    row = next(line for line in lines if line.startswith("| TRL"))
    assert pins["trl"] in row and pins["peft"] in row
