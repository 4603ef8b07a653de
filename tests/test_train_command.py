"""`curate train`, `chat` and `eval` from the command line, on a tiny real model."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch")
pytest.importorskip("peft")

from curate import cli as curate_cli  # noqa: E402
from curate.errors import CurateError  # noqa: E402
from tests import tiny_model  # noqa: E402
from tests.builders import ROOT  # noqa: E402
from tests.builders.processes import Reader, wait_until  # noqa: E402

GOLDEN = Path(__file__).parent / "golden" / "masks.txt"


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    return tiny_model.save(tmp_path_factory.mktemp("model") / "tiny")


def rows(path: Path, count: int, begin: int = 0) -> Path:
    lines = [
        {"instruction": f"say {i}", "output": f"it is {i}", "category": "ab"[i % 2]}
        for i in range(begin, begin + count)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


@pytest.fixture(scope="module")
def tuned(model, tmp_path_factory) -> Path:
    """An adapter trained by the command, with the files it was trained on."""
    folder = tmp_path_factory.mktemp("tuned")
    data, held = rows(folder / "data.jsonl", 16), rows(folder / "held.jsonl", 6, 16)
    done = run("train", data, "--model", model, "--out", folder / "out", "--eval", held, "--epochs", 20, "--lr", 0.02,
               "--dropout", 0.05, "--merge", "--tensorboard", "--precision", "fp32")  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


class CommandResult(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object, stdin: str | None = None) -> CommandResult:
    """The command line in this process, since importing torch takes seconds."""
    result = CliRunner().invoke(curate_cli.curate, [*map(str, arguments)], input=stdin)
    if isinstance(result.exception, CurateError):
        return CommandResult(result.exception.code, result.stdout, result.stderr + str(result.exception))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return CommandResult(result.exit_code, result.stdout, result.stderr)


def start_process(*arguments: object, launch: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """The command line in a process of its own."""
    command = [sys.executable, "-m", *launch, *(["-m"] if launch else []), "curate.cli", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def test_a_run_writes_all_it_says(tuned):
    out = tuned / "out"
    steps = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert [step["step"] for step in steps] == list(range(1, 41))
    assert steps[-1]["heldout"] < steps[1]["heldout"]
    assert (out / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert list((out / "tensorboard").iterdir())
    assert not (out / "checkpoint.pt").exists()
    card = (out / "README.md").read_text("utf-8")
    noted = json.loads((out / "run.json").read_text("utf-8"))
    assert noted["data"][0]["sha256"] in card and noted["digest"] in card
    assert noted["settings"]["dropout"] == 0.05
    assert noted["result"]["heldout"][-1][1] < noted["base_heldout"]


def test_the_merged_model_says_what_the_adapters_say(tuned):
    import peft
    import transformers

    adapted = peft.AutoPeftModelForCausalLM.from_pretrained(tuned / "out").eval()
    merged = transformers.AutoModelForCausalLM.from_pretrained(tuned / "out" / "merged").eval()
    ids = torch.arange(5, 25)[None]
    with torch.no_grad():
        assert torch.allclose(adapted(ids).logits, merged(ids).logits, atol=1e-3)


def test_chat_answers_before_and_after(tuned):
    done = run("chat", "--model", tuned / "out", "--max-tokens", 12, "--json", "say 3")
    said = json.loads(done.stdout)
    assert set(said) == {"prompt", "before", "after"} and said["before"] != said["after"]
    assert said["after"].startswith("it is")
    piped = run("chat", "--model", tuned / "out", "--max-tokens", 12, "--no-base", stdin="say 3")
    assert piped.stdout.strip() == said["after"]


def test_eval_measures_both_by_category(tuned):
    done = run("eval", tuned / "out", "--data", tuned / "held.jsonl", "--json")
    found = json.loads(done.stdout)["measured"]
    assert [m["name"] for m in found] == ["all", "a", "b"]
    noted = json.loads((tuned / "out" / "run.json").read_text("utf-8"))
    assert found[0]["loss"] == pytest.approx(noted["result"]["heldout"][-1][1], abs=2e-2)
    assert found[0]["base"] == pytest.approx(noted["base_heldout"], abs=2e-2)
    assert found[0]["gain_low"] <= found[0]["gain"] <= found[0]["gain_high"]
    assert "ppl" in run("eval", tuned / "out", "--data", tuned / "held.jsonl", "--quiet").stdout


def test_masks_are_shown_token_by_token(model, tmp_path):
    talk = {
        "messages": [
            {"role": "user", "content": "说"},
            {"role": "assistant", "content": "no", "weight": 0},
            {"role": "user", "content": "more"},
            {"role": "assistant", "content": "好\nyes", "weight": 0.5},
        ]
    }
    long = {"messages": [{"role": "user", "content": "x" * 99}, {"role": "assistant", "content": "y"}]}
    data = tmp_path / "rows.jsonl"
    data.write_text("\n".join(json.dumps(row) for row in (talk, long)), "utf-8")
    done = run("train", data, "--model", model, "--show-masks", "--max-length", 80)
    shown = done.stdout.replace(str(data), "rows.jsonl")
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(shown, "utf-8")
    assert shown == GOLDEN.read_text("utf-8")


@pytest.mark.slow
def test_a_killed_run_goes_on_as_if_it_had_not_been(model, tmp_path):
    data, held = rows(tmp_path / "data.jsonl", 24), rows(tmp_path / "held.jsonl", 4, 24)
    arguments = ["train", data, "--model", model, "--eval", held, "--epochs", 60, "--dropout", 0.1, "--lr", 0.01,
                 "--checkpoint-every", 3, "--eval-every", 20]  # fmt: skip
    whole = start_process(*arguments, "--out", tmp_path / "whole")
    said = whole.communicate()[1]
    assert whole.returncode == 0, said
    killed = tmp_path / "killed"
    process = start_process(*arguments, "--out", killed)
    Reader(process.stderr.fileno())
    lines = killed / "metrics.jsonl"
    wait_until(lambda: lines.exists() and lines.read_text().count("\n") >= 25, "at its 25th step", process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (killed / "checkpoint.pt").exists(), "the run was over before it could be killed"
    other = run(*arguments, "--out", killed, "--lr", 0.02)
    assert other.returncode == 2 and "learning_rate was 0.01, is 0.02" in other.stderr
    again = start_process(*arguments, "--out", killed)
    assert "going on" in again.communicate()[1] and again.returncode == 0
    for name in ("loss", "norm", "rate", "heldout"):
        found = [
            [json.loads(line).get(name) for line in (tmp_path / run_ / "metrics.jsonl").read_text().splitlines()]
            for run_ in ("whole", "killed")
        ]
        assert found[0] == found[1]
    weights = [(tmp_path / name / "adapter_model.safetensors").read_bytes() for name in ("whole", "killed")]
    assert weights[0] == weights[1]


def test_it_stops_early_and_keeps_the_best(model, tmp_path):
    data, heldout_file = rows(tmp_path / "data.jsonl", 8), tmp_path / "held.jsonl"
    heldout_file.write_text(json.dumps({"instruction": "say 1", "output": "QQQQ ZZZZ"}) + "\n")
    result = run("train", data, "--model", model, "--out", tmp_path / "out", "--eval", heldout_file, "--epochs", 200,
                 "--lr", 0.02, "--patience", 2, "--eval-every", 5)  # fmt: skip
    noted = json.loads((tmp_path / "out" / "run.json").read_text())["result"]
    losses = [loss for _, loss in noted["heldout"]]
    assert noted["stopped"] and noted["steps"] < 200
    assert losses.index(min(losses)) == len(losses) - 3
    evaluation = json.loads(run("eval", tmp_path / "out", "--data", heldout_file, "--no-base", "--json").stdout)
    assert evaluation["measured"][0]["loss"] == pytest.approx(min(losses), abs=2e-2)
    assert "stopped early" in result.stderr


BAD = {
    "an unknown target": (["--targets", "nothing"], 2, "its linear modules are"),
    "a length over the limit": (["--max-length", 4096], 2, "reads at most 512 tokens"),
    "a rate that is none": (["--lr", "nan"], 2, "--lr is nan"),
    "a rank of zero": (["--rank", 0], 2, "rank is 0"),
    "all cut away": (["--max-length", 8], 1, "beyond the maximum length of 8"),
    "four bits without a GPU": (["--qlora"], 2, "need a GPU"),
    "no such schedule": (["--schedule", "sine"], 2, "sine"),
    "eight bits without a GPU": (["--optimizer", "adamw_8bit"], 2, "needs a GPU and bitsandbytes"),
    "no out": (["--out", ""], 2, "--out"),
    "a loss that is no number": (["--lr", "1e30", "--clip", 0, "--epochs", 9], 2, "lower --lr"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_settings_are_clear_errors(case, model, tmp_path):
    if torch.cuda.is_available() and "GPU" in case:
        pytest.skip("there is a GPU")
    options, code, said = BAD[case]
    done = run("train", rows(tmp_path / "d.jsonl", 4), "--model", model, "--out", tmp_path / "out", *options)
    assert done.returncode == code and said in done.stderr and "Traceback" not in done.stderr, done.stderr


def test_rows_that_are_left_out_are_named(model, tmp_path):
    data = rows(tmp_path / "d.jsonl", 3)
    data.write_text(data.read_text() + json.dumps({"instruction": "x" * 90, "output": "y"}) + "\n")
    done = run("train", data, "--model", model, "--out", tmp_path / "out", "--max-length", 50)
    assert f"not trained on, {data} row 4: the answer starts at token 1" in done.stderr
    assert "3 rows, 1 not trained on, 1 cut" in done.stderr


def test_bad_files_are_clear_errors(model, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"instruction": "", "output": ""}\n')
    done = run("train", bad, "--model", model, "--out", tmp_path / "out")
    assert done.returncode == 1 and "no valid row" in done.stderr
    config = tmp_path / "ds.json"
    for text, said in (("{", "not JSON"), ('{"zero_optimization": {"stage": 7}}', "expected 0, 1, 2 or 3")):
        config.write_text(text)
        done = run("train", bad, "--model", model, "--out", tmp_path / "out", "--deepspeed", config)
        assert done.returncode == 2 and said in done.stderr


@pytest.mark.slow
def test_two_processes_have_the_losses_of_one(model, tmp_path):
    pytest.importorskip("accelerate")
    data = rows(tmp_path / "data.jsonl", 15)
    arguments = ["train", data, "--model", model, "--epochs", 3, "--precision", "fp32", "--batch-size", 4]
    assert run(*arguments, "--out", tmp_path / "one").returncode == 0
    launch = ("torch.distributed.run", "--nproc-per-node", "2")
    process = start_process(*arguments, "--out", tmp_path / "two", launch=launch)
    said = process.communicate()[1]
    assert process.returncode == 0, said[-2000:]
    assert json.loads((tmp_path / "two" / "run.json").read_text())["processes"] == 2
    losses = [
        [json.loads(line)["loss"] for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()]
        for name in ("one", "two")
    ]
    assert len(losses[0]) == 12 and losses[0] == pytest.approx(losses[1], abs=1e-5)


def test_what_a_deepspeed_config_leaves_open_comes_from_the_options():
    from train.lora.deepspeed import fill_config
    from train.lora.settings import LoraSettings

    auto = {"train_batch_size": "auto", "optimizer": {"type": "Adam"}, "bf16": {"enabled": "auto"}}
    made = fill_config(
        auto | {"zero_optimization": {"stage": 2, "reduce_bucket_size": "auto"}}, LoraSettings(), 2, "bf16"
    )
    assert made["train_batch_size"] == 8 and made["train_micro_batch_size_per_gpu"] == 4
    assert made["zero_optimization"] == {"stage": 2} and made["bf16"] == {"enabled": True}
    assert "optimizer" not in made
    with pytest.raises(CurateError, match="train_batch_size 64, the options make it 8"):
        fill_config({"train_batch_size": 64}, LoraSettings(), 2, "fp32")


@pytest.mark.slow
@pytest.mark.parametrize("stage", [2, 3])
def test_deepspeed_has_the_losses_of_one_process(stage, model, tmp_path):
    pytest.importorskip("deepspeed")
    config = tmp_path / "zero.json"
    config.write_text(json.dumps({"train_batch_size": "auto", "zero_optimization": {"stage": stage}}))
    arguments = ["train", rows(tmp_path / "data.jsonl", 15), "--model", model, "--precision", "fp32", "--batch-size", 4]
    assert run(*arguments, "--out", tmp_path / "one").returncode == 0
    launch = ("torch.distributed.run", "--nproc-per-node", "2")
    process = start_process(*arguments, "--out", tmp_path / "two", "--deepspeed", config, launch=launch)
    said = process.communicate()[1]
    assert process.returncode == 0, said[-2000:]
    losses = [
        [json.loads(line)["loss"] for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()]
        for name in ("one", "two")
    ]
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
