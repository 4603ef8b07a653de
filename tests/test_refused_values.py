"""Files that are not there and numbers beyond all bounds: a line that names them, and no number of an error."""

from __future__ import annotations

import json

import pytest

from curate.errors import CurateError
from curate.options import check
from curate.score.options import Score
from curate.score.score import check as check_scores
from train.lora.options import LoraOptions
from train.study.advice import parameters, read_study


@pytest.fixture
def rows(tmp_path):
    path = tmp_path / "rows.jsonl"
    lines = ['{"instruction": "甲", "output": "乙", "stars": 2}', '{"instruction": "a", "output": "b", "stars": 1e999}']
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["filter", "ROWS", "OUT", "--where", "stars > 1"], "ROWS:2: the field 'stars' is 1e999, which cannot be"),
        (["dedup", "ROWS", "OUT", "--best", "stars"], "ROWS:2: the field 'stars' is 1e999, which cannot be compared"),
        (
            ["select", "ROWS", "OUT", "--quality", "stars", "--method", "top_score"],
            "ROWS:2: the field 'stars' is 1e999",
        ),
        (["score", "ROWS", "OUT", "--words", "nofile"], "nofile: cannot read the list of words: No such file"),
        (["score", "ROWS", "OUT", "--price", "1e999,0"], "--price '1e999,0': prices are finite and not below 0"),
        (["score", "ROWS", "OUT", "--price", "nan,1"], "--price 'nan,1': prices are finite"),
        (
            ["render", "ROWS", "--template", "nofile.jinja"],
            "no template is called 'nofile.jinja'; templates are alpaca",
        ),
        (
            ["advise", "--model-params", "7B", "--study", "nofolder"],
            "nofolder/ablation.json: cannot read: No such file",
        ),
        (["advise", "--model-params", "1e999"], "'1e999' is not a number of parameters, as 135M"),
        (["doctor", "ROWS", "--for", "llamafactory", "--dataset-info", "nofile", "--dataset", "x"], "nofile: cannot"),
    ],
)
def test_what_is_wrong_is_named(curate, rows, tmp_path, arguments, message):
    places = {"ROWS": str(rows), "OUT": str(tmp_path / "out.parquet")}
    done = curate(*(places.get(word, word) for word in arguments))
    assert done.returncode == 2 and not (tmp_path / "out.parquet").exists()
    assert message.replace("ROWS", str(rows)) in done.stderr, done.stderr
    assert "Errno" not in done.stderr and "Traceback" not in done.stderr


def test_words_are_read_before_any_row(tmp_path):
    words = tmp_path / "words.txt"
    for content in ("甲".encode("gbk"), b"# none\n"):
        words.write_bytes(content)
        with pytest.raises(CurateError, match=r"words.txt: (cannot read the list of words: it is not UTF-8|the list)"):
            check_scores(Score(words=str(words)))
    words.write_text("甲\n", encoding="utf-8")
    check_scores(Score(words=str(words)))


@pytest.mark.parametrize("value", [float("inf"), float("nan"), float("-inf")])
def test_no_option_takes_a_number_that_is_not_finite(value):
    with pytest.raises(CurateError, match=r"--lr is -?(inf|nan); it must be finite"):
        check(LoraOptions(lr=value), "--")
    with pytest.raises(CurateError, match="not a number of parameters"):
        parameters(f"{value}B")


def test_a_study_that_is_no_study(tmp_path):
    (tmp_path / "ablation.json").write_bytes(json.dumps({"a": "é"}, ensure_ascii=False).encode("latin-1"))
    with pytest.raises(CurateError, match=r"ablation.json: cannot read: it is not UTF-8 \(byte 7\); give the --out"):
        read_study(str(tmp_path))
