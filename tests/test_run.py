"""`curate run` as users run it: real processes, killed ones among them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pyarrow.parquet as pq
import pytest

from curate.errors import CurateError
from curate.run import plan, recipe_file
from curate.run.card import selected_rows
from curate.table import ledger, table
from tests.builders import ROOT
from tests.builders.processes import wait_until

FILES = [f"sample_data/{name}" for name in ("alpaca.json", "dolly.jsonl", "sft.jsonl")]
OUTPUTS = ("subset.jsonl", "ledger.parquet", "recipe.yaml", "report.html", "README.md", "manifest.json")
STEPS = ("load", "exact", "score", "dedup", "embed", "select", "compare")
# Character TF-IDF needs no model, so that these runs are quick.
QUICK = """
name: quick
embedder: tfidf
decontaminate: {against: [sample_data/heldout.jsonl], near: 0.6}
score: {with: [lexical, relevance]}
select: {size: 120}
report: {random: 5, examples: 4, measures: [novelsum, distinct_2]}
"""


@pytest.fixture(scope="module")
def recipe(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "quick.yaml"
    path.write_text(QUICK)
    return path


@pytest.fixture(scope="module")
def finished_run(recipe, tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder that an undisturbed run leaves, and what it said."""
    out = tmp_path_factory.mktemp("finished") / "out"
    process = subprocess.run(command(recipe, out), cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert process.returncode == 0, process.stderr
    return out, process


@pytest.fixture
def out(finished_run, tmp_path) -> Path:
    """A copy of that folder, with what it keeps of its steps."""
    shutil.copytree(finished_run[0], tmp_path / "out")
    return tmp_path / "out"


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file that a run leaves."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in OUTPUTS}


def command(recipe: Path, out: Path, *more: object, inputs=FILES) -> list[str]:
    arguments = [sys.executable, "-m", "curate.cli", "run", recipe, "--input", *inputs, "--out", out, *more]
    return list(map(str, arguments))


def cache_times(folder: Path) -> dict[str, int]:
    """When each step that is done was cached."""
    return {path.name.split("-")[0]: path.stat().st_mtime_ns for path in (folder / ".cache").glob("*-*.json")}


def test_every_row_has_its_fate_and_the_manifest_its_digests(curate, finished_run):
    out, done = finished_run
    assert "Diversity: " in done.stderr and "novelsum (" in done.stderr
    assert "Quality by an auditor that selection did not see" in done.stderr and "mean score" not in done.stderr
    rows = table.read([str(out / "ledger.parquet")])
    assert rows.num_rows == table.read(FILES).num_rows
    assert rows["fate"].null_count == 0
    assert rows["fate"].to_pylist() == [ledger.fate(rows, i) for i in range(rows.num_rows)]
    chosen = (out / "subset.jsonl").read_text("utf-8").splitlines()
    assert len(chosen) == 120 == rows.num_rows - rows["rank"].null_count
    assert {"problem", "duplicate_cluster", "score", "relevance", "rank", "select_reason"} <= set(rows.column_names)
    manifest = json.loads((out / "manifest.json").read_bytes())
    found = {entry["file"]: entry["sha256"] for entry in manifest["outputs"]}
    assert found == {name: digest for name, digest in digests(out).items() if name != "manifest.json"}
    assert [entry["file"] for entry in manifest["inputs"]] == sorted(FILES)
    assert manifest["funnel"]["read"] == rows.num_rows and manifest["funnel"]["selected"] == 120
    assert manifest["recipe"]["select"]["floor"] == "auto"
    assert not (out / ".outputs").exists()
    explained = curate("explain", out / "ledger.parquet", "alpaca.json:178").stdout
    kept = "sample_data/dolly.jsonl row 155, which was kept of its group and then left out: "
    assert f"exact duplicate of {kept}" in explained


def test_the_same_bytes_in_any_order_of_shards_and_on_any_number_of_threads(recipe, finished_run, tmp_path):
    out = tmp_path / "other"
    environment = {**os.environ, "OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4"}
    subprocess.run(command(recipe, out, "--quiet", inputs=FILES[::-1]), cwd=ROOT, env=environment, check=True)
    assert digests(out) == digests(finished_run[0])


def test_done_steps_are_not_done_again(curate, recipe, finished_run, out):
    arguments = ("run", recipe, "--input", *FILES, "--out", out)
    first, at = digests(out), cache_times(out)
    again = curate(*arguments)
    assert sum(line.endswith("cached") for line in again.stderr.splitlines()) == len(STEPS) + 1
    assert digests(out) == first and cache_times(out) == at
    # Another size leaves all but the choice as it is.
    curate(*arguments, "--size", 40)
    states = {path.name for path in (out / ".cache").glob("*.json")}
    assert len([name for name in states if name.startswith(("load", "exact", "dedup", "score", "embed"))]) == 5
    assert len([name for name in states if name.startswith(("select", "compare"))]) == 4
    assert len((out / "subset.jsonl").read_text("utf-8").splitlines()) == 40
    redone = curate(*arguments, "--from-step", "select")
    lines = {line.split()[0]: line for line in redone.stderr.splitlines()[:8]}
    assert lines["embed"].endswith("cached") and not any(lines[s].endswith("cached") for s in ("select", "compare"))
    assert digests(out) == first
    assert "unknown step 'emebd'" in curate(*arguments, "--from-step", "emebd").stderr


def test_the_recipe_that_was_written_makes_the_same_again(curate, finished_run, tmp_path):
    done = curate("run", finished_run[0] / "recipe.yaml", "--out", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "again") == digests(finished_run[0])


def test_a_kept_result_that_is_broken_is_made_anew(curate, recipe, finished_run, out):
    for path in [*(out / ".cache").glob("dedup-*.parquet"), *(out / ".cache").glob("score-*.json")]:
        path.write_bytes(path.read_bytes()[:-9])
    again = curate("run", recipe, "--input", *FILES, "--out", out)
    assert again.returncode == 0, again.stderr
    assert digests(out) == digests(finished_run[0])
    lines = {line.split()[0]: line for line in again.stderr.splitlines()[:8]}
    assert not lines["dedup"].endswith("cached") and lines["embed"].endswith("cached")


def killed_after(recipe: Path, out: Path, step: str | None, seconds: float = 0) -> bool:
    """Whether a run was killed, that long after it had kept a step (or begun, for None)."""
    process = subprocess.Popen(
        command(recipe, out), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    wait_until(lambda: step is None or step in cache_times(out), f"past the step {step}", process)
    time.sleep(seconds)
    alive = process.poll() is None
    os.killpg(process.pid, signal.SIGKILL) if alive else None
    process.wait()
    return alive


def resumed(curate, recipe: Path, out: Path, expected: dict[str, str]) -> None:
    """The run goes on, does nothing again, and leaves what an undisturbed one does."""
    before = cache_times(out)
    done = curate("run", recipe, "--input", *FILES, "--out", out)
    assert done.returncode == 0, done.stderr
    after = cache_times(out)
    assert {name: after[name] for name in before} == before
    assert digests(out) == expected


def test_a_killed_run_goes_on_where_it_was(curate, recipe, finished_run, tmp_path):
    out = tmp_path / "killed"
    assert killed_after(recipe, out, "load")
    assert "load" in cache_times(out) and not (out / "manifest.json").exists()
    resumed(curate, recipe, out, digests(finished_run[0]))


@pytest.mark.slow
def test_a_run_killed_again_and_again_comes_to_the_same_end(curate, recipe, finished_run, tmp_path):
    expected = digests(finished_run[0])
    for i, step in enumerate(STEPS):
        out = tmp_path / f"killed-{step}"
        killed_after(recipe, out, step, 0.05 * i)
        resumed(curate, recipe, out, expected)
    out = tmp_path / "often"
    for i in range(8):
        killed_after(recipe, out, None, 0.4 + 0.4 * i)
    resumed(curate, recipe, out, expected)


def test_a_run_killed_on_the_way_leaves_the_old_files(curate, recipe, out):
    old = digests(out)
    process = subprocess.Popen(command(recipe, out, "--size", 50, "--quiet"), cwd=ROOT, start_new_session=True)
    wait_until(lambda: len(list((out / ".cache").glob("select-*.json"))) >= 2, "past the choice", process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert digests(out) == old
    done = curate("run", recipe, "--input", *FILES, "--out", out)
    assert done.returncode == 0 and digests(out) == old
    assert not (out / ".outputs").exists()


def test_a_dry_run_does_nothing_and_says_what_it_would(curate, recipe, out, tmp_path):
    given = ("run", recipe, "--input", *FILES, "--out")
    done = curate(*given, tmp_path / "new", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "new").exists()
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == [
        *STEPS[:2],
        "decontaminate",
        STEPS[2],
        "where",
        *STEPS[3:],
    ]
    states = {line.split()[0]: line for line in done.stdout.splitlines()[1:]}
    assert "left out" in states.pop("where"), "the recipe has no conditions"
    assert all("to do" in line for line in states.values())
    plan = json.loads(curate(*given, out, "--size", 9, "--dry-run", "--json").stdout)["plan"]
    assert [line["state"] for line in plan] == [*["cached"] * 4, "left out", "cached", "cached", "to do", "to do"]
    assert plan[0]["rows"].endswith("valid")


def test_what_is_uploaded_is_said_without_asking_anybody(curate, recipe, out, tmp_path):
    given = ("run", recipe, "--input", *FILES, "--push-to-hub", "me/best-120", "--dry-run", "--out")
    assert "size known after the run" in curate(*given, tmp_path / "new").stdout
    said = curate(*given, out).stdout
    for name in ("subset.jsonl", "README.md", "manifest.json", "recipe.yaml"):
        assert f"{name:20} {(out / name).stat().st_size:,} bytes" in said
    assert "ledger.parquet and report.html stay here" in said
    wrong = curate("run", recipe, "--input", *FILES, "--push-to-hub", "best", "--dry-run")
    assert wrong.returncode == 2 and "named OWNER/NAME" in wrong.stderr


def test_uploading_without_being_logged_in_or_without_a_network_is_said_before_the_work(recipe, tmp_path):
    given = command(recipe, tmp_path / "out", "--push-to-hub", "me/best")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING")) and "proxy" not in k.lower()}
    clean |= {"HF_HOME": str(tmp_path / "home"), "HF_ENDPOINT": "http://nowhere.invalid"}
    for token, said in (({}, "not logged in to the hub"), ({"HF_TOKEN": "hf_x"}, "the hub cannot be reached")):
        done = subprocess.run(given, cwd=ROOT, env={**clean, **token}, capture_output=True, text=True)
        assert done.returncode == 2 and said in done.stderr, done.stderr
        assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("select.sise=4", "did you mean 'size'?"),
        (
            "select.method=limo",
            "select.method is 'limo'; did you mean 'lima'? it must be one of facility_location, random",
        ),
        ("score.with=[lexicall]", "did you mean 'lexical'?"),
        ("dedup.near=7", "dedup.near is 7; it must be in (0, 1]"),
        ("output.file=a/b.jsonl", "the plain name of a file"),
        ("output.file=best.doc", "the ending does not say what to write"),
        ("output.format=alpacca", "alpacca"),
        ("select.allocation=fair", "select.allocation is 'fair'; it must be one of equal, square-root"),
        ("select.balance=null", "select.min needs select.balance"),
        ("report.measures=[novel]", "unknown measure 'novel'"),
    ],
)
def test_mistakes_are_told_before_any_work(change, said):
    with pytest.raises(CurateError) as error:
        given = recipe_file.load("lima-1000", ["inputs=[sample_data/dolly.jsonl]", "select.min=1", change])
        plan.check(plan.resolved(given, Path("out")))
    assert said in str(error.value) and error.value.code == 2


def test_mistakes_on_the_command_line(curate, recipe, tmp_path):
    for arguments, message in (
        ((recipe,), "names no inputs"),
        ((recipe, "--input", "nowhere.jsonl"), "no such file"),
        ((recipe, "--input", "-"), "save standard input to a file"),
        (("nowhere.yaml",), "there is no such recipe"),
        ((), "name a recipe"),
        ((recipe, "--input", FILES[0], "--set", "select.sise=4", "--out", tmp_path / "out"), "did you mean 'size'?"),
    ):
        done = curate("run", *arguments, stdin="")
        assert done.returncode == 2 and message in done.stderr, done.stderr
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_pool_smaller_than_the_size_is_a_message(curate, recipe, out, tmp_path):
    done = curate("run", recipe, "--input", *FILES, "--out", out, "--size", 5000)
    assert done.returncode == 0, done.stderr
    assert "not the 5,000 asked for: not enough rows to choose from" in done.stderr
    none = tmp_path / "none.jsonl"
    none.write_text('{"instruction": "a", "output": 4}\n{"instruction": "b", "output": 5}\n')
    done = curate("run", recipe, "--input", none, "--out", tmp_path / "none", "--set", "format=alpaca")
    assert done.returncode == 1 and "error: all 2 rows are invalid: rejected 2 for E101" in done.stderr, done.stderr


REFUSALS = (
    "I'm sorry, but I can't help with that.",
    "As an AI language model, I do not have a view on this.",
    "Unfortunately, I am unable to provide information on {}.",
)


def test_no_refusal_is_selected_while_there_are_other_rows(curate, tmp_path):
    things = [
        f"{colour} {boat}" for colour in ("red", "blue", "old", "long") for boat in ("ferry", "tug", "raft", "yawl")
    ]
    asks = (
        "Explain how to steer a {}.",
        "Rewrite this sentence as a question.\nHe owns a {}.",
        "Write a poem on a {}.",
    )
    rows = []
    for i, (thing, ask) in enumerate((thing, ask) for thing in things for ask in asks):
        answer = (
            REFUSALS[i // 3 % 3].format(thing) if i % 10 in (1, 5, 9) else f"Number {i} is the {thing} by the quay."
        )
        rows.append({"instruction": ask.format(thing), "output": answer})
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    changes = ("score.with=[lexical]", "embedder=tfidf", "dedup.near=null", "dedup.semantic=null", "select.size=20")
    arguments = ("--input", tmp_path / "rows.jsonl", "--out", tmp_path / "out")
    done = curate("run", "lima-1000.yaml", *arguments, *(word for change in changes for word in ("--set", change)))
    assert done.returncode == 0, done.stderr
    subset = [json.loads(line)["output"] for line in (tmp_path / "out" / "subset.jsonl").read_text().splitlines()]
    assert len(subset) == 20 and all(answer.startswith("Number") for answer in subset)
    columns = pq.read_table(tmp_path / "out" / "ledger.parquet", columns=["rank", "suspicions"]).to_pylist()
    assert not any(row["suspicions"] for row in columns if row["rank"] is not None)


def test_any_format_and_container(curate, recipe, finished_run, out):
    arguments = ("run", recipe, "--input", *FILES, "--out", out)
    process = curate(*arguments, "--set", "output.file=best.parquet", "--set", "output.format=sharegpt")
    assert process.returncode == 0, process.stderr
    back = table.read([str(out / "best.parquet")])
    assert set(back["format"].to_pylist()) == {"sharegpt"}
    ranked = selected_rows(table.read([str(out / "ledger.parquet")]))
    assert back["response"].to_pylist() == ranked["response"].to_pylist()
    # Rows that the format cannot hold are named, and what was there stays.
    old = digests(out)
    process = curate(*arguments, "--set", "output.format=dolly", "--size", 5000)
    assert process.returncode == 1 and "E30" in process.stderr and "sample_data/" in process.stderr, process.stderr
    assert digests(out) == old


def test_the_ledger_of_a_run_can_be_curated_again(curate, recipe, finished_run, tmp_path):
    out = finished_run[0]
    done = curate("run", recipe, "--input", out / "ledger.parquet", "--out", tmp_path / "twice")
    assert done.returncode == 0, done.stderr
    assert (out / "subset.jsonl").read_bytes() == (tmp_path / "twice" / "subset.jsonl").read_bytes()
    assert pq.read_schema(tmp_path / "twice" / "ledger.parquet").names.count("rank") == 1


class Hub(BaseHTTPRequestHandler):
    """As much of the hub's interface as its own client needs to upload small files."""

    received: ClassVar[dict[str, bytes]] = {}

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(size) if size else b"".join(self.chunks())
        said: dict = {}
        if self.path == "/api/repos/create":
            said = {"url": f"http://{self.headers['Host']}/datasets/me/best", "name": "me/best"}
        elif "/preupload/" in self.path:
            files = [
                {"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in json.loads(sent)["files"]
            ]
            said = {"files": files}
        elif "/commit/" in self.path:
            for line in map(json.loads, sent.splitlines()):
                if line["key"] == "file":
                    self.received[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            said = {"commitUrl": f"http://{self.headers['Host']}/datasets/me/best/commit/1", "commitOid": "1"}
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


def test_what_was_said_is_what_is_uploaded(recipe, out, tmp_path):
    pytest.importorskip("huggingface_hub")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING")) and "proxy" not in k.lower()}
    clean |= {"HF_HOME": str(tmp_path), "HF_TOKEN": "hf_x", "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}"}
    given = command(recipe, out, "--push-to-hub", "me/best")
    done = subprocess.run(given, cwd=ROOT, env=clean, capture_output=True, text=True)
    server.shutdown()
    assert done.returncode == 0, done.stderr
    assert "uploaded to http://127.0.0.1" in done.stderr
    assert set(Hub.received) == {"subset.jsonl", "README.md", "manifest.json", "recipe.yaml"}
    assert all((out / name).read_bytes() == data for name, data in Hub.received.items())


def test_what_a_run_left_in_its_folder_is_no_input(curate, recipe, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(ROOT / FILES[1], data / "dolly.jsonl")
    for _ in range(2):
        done = curate("run", recipe, "--input", data, "--out", data / "best")
        assert done.returncode == 0, done.stderr
        inputs = json.loads((data / "best" / "manifest.json").read_bytes())["inputs"]
        assert [Path(entry["file"]).name for entry in inputs] == ["dolly.jsonl"]
