"""Files in other encodings: which one is said, with the command that makes them UTF-8."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess

import pytest

from schemas.encodings import encoding_of

TEXTS = {
    "GBK": "请列出三种常见的树木，并说明它们的用途。",
    "BIG5": "請列出三種常見的樹木，並說明它們的用途。",
    "SHIFT_JIS": "よく見られる木を三つ挙げて、その使い道を説明してください。",
    "EUC-JP": "よく見られる木を三つ挙げて、その使い道を説明してください。",
    "EUC-KR": "흔히 볼 수 있는 나무 세 가지를 들고 그 쓰임새를 설명하세요.",
    "WINDOWS-1251": "Назови три обычных дерева и расскажи о них.",
    "WINDOWS-1252": "Où poussent les chênes ? “À l’orée de la forêt.”",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_the_encoding_is_told_and_the_command_works(curate, tmp_path, encoding):
    path, new = tmp_path / "a file.jsonl", tmp_path / "new.jsonl"
    row = {"instruction": TEXTS[encoding], "output": "ok"}
    path.write_bytes(json.dumps(row, ensure_ascii=False).encode(encoding) + b"\n")
    done = curate("validate", path)
    assert done.returncode == 1 and f", as in {encoding}: " in done.stdout
    command = done.stdout.strip().rpartition("; convert the file: ")[2]
    assert command == f"iconv -f {encoding} -t UTF-8 {shlex.quote(str(path))} > NEW"
    if shutil.which("iconv"):
        subprocess.run(command.replace("NEW", shlex.quote(str(new))), shell=True, check=True)
        assert json.loads(new.read_text("utf-8")) == row
    out = tmp_path / "out.jsonl"
    assert curate("convert", path, out, "--to", "sft", "--from", "alpaca").returncode in (0, 1)
    assert json.loads((tmp_path / "out.jsonl.rejects.jsonl").read_text())["remedy"] == f"convert the file: {command}"
    assert command in curate("dedup", path, out, "--format", "alpaca").stderr


def test_stray_bytes_in_utf8_are_no_other_encoding():
    text = json.dumps({"instruction": TEXTS["GBK"]}, ensure_ascii=False).encode()
    assert encoding_of(text[:40] + b"\xff" + text[40:]) == "" and encoding_of(text) == ""
    assert encoding_of(b'{"a": "\x81\xfe\x00\xff"}') == "" and encoding_of(b"") == ""
