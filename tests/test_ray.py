"""The Ray engine on a real cluster of two nodes: the same bytes as here, whatever happens to the workers."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from curate import cli
from curate.convert.convert import convert
from curate.convert.options import ConvertOptions
from curate.convert.paths import rejects_path
from curate.convert.report import report, to_json
from curate.dedup import exact
from curate.engine import parts
from curate.engine.describe import describe_files
from curate.engine.local_engine import LocalEngine
from curate.engine.ray_engine import RayEngine
from curate.engine.validate import validate
from curate.errors import CurateError
from curate.models.model_vectors import PACKAGED
from curate.models.vectors import unit
from curate.select import partition
from curate.table import stats, table
from tests import ray_cluster
from tests.builders.lines import LINE
from tests.builders.processes import PROGRESS

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.long]

EMBEDDER = "static" if importlib.util.find_spec(PACKAGED["minilm"][0]) else "tfidf"
SAMPLE = Path(__file__).parent.parent / "sample_data"
FILES = [str(SAMPLE / name) for name in ("alpaca.json", "dolly.jsonl", "sft.jsonl")]


@pytest.fixture(scope="module")
def address():
    with ray_cluster.cluster() as found:
        yield found


@pytest.fixture(scope="module")
def connection(address):
    """A connection for all tests, since joining takes seconds."""
    from curate.engine import ray as engine

    with engine.connect(address):
        yield engine


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of a few rows, so that small files have many."""
    monkeypatch.setattr(parts, "LEAST_BYTES", 400)


@pytest.fixture
def in_process(connection, tmp_path):
    """What a command leaves and says on either engine; as a call, so that it takes the connection that is there."""

    def run(*args: object, out: str) -> dict[str, tuple]:
        output = {}
        for engine in ("local", "ray"):
            folder = tmp_path / engine
            folder.mkdir()
            given = [str(folder / out) if arg == "OUT" else str(arg) for arg in args]
            process = CliRunner().invoke(cli.curate, [*given, "--engine", engine], env={"COLUMNS": "200"})
            if process.exception is not None and not isinstance(process.exception, CurateError):
                raise process.exception
            said = str(process.exception or PROGRESS.sub("", process.stderr))
            files = {str(p.relative_to(folder / "out" if out == "out" else folder)): p for p in folder.rglob("*")}
            # A step's note of itself says how long it took.
            noted = {name: p.read_bytes() for name, p in files.items() if p.is_file() and ".cache/" not in name}
            noted |= {p.name: p.read_bytes() for p in folder.rglob(".cache/*") if p.suffix != ".json"}
            output[engine] = (noted, said.replace(str(folder), ""), process.stdout)
        return output

    return run


# Conversion


@given(
    st.lists(LINE, min_size=1, max_size=60),
    st.sampled_from(["sharegpt", "chatml", "alpaca"]),
    st.sampled_from([None, "mixed", "alpaca"]),
    st.sampled_from(["reject", "repair", "error"]),
    st.sampled_from(["keep", "drop"]),
)
@settings(deadline=None, max_examples=8)
def test_conversion_writes_the_same_bytes(connection, data, to, name, on_invalid, on_loss):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "LEAST_BYTES", 400)
        source, again = Path(folder) / "in.jsonl", Path(folder) / "again.jsonl"
        source.write_bytes(b"\n".join(data) + b"\n")
        again.write_bytes(b"\n".join([*data[::-1], b"", data[0]]))
        out = str(Path(folder) / "out.jsonl")
        options = ConvertOptions(to=to, name=name, on_invalid=on_invalid, on_loss=on_loss, digests=True, workers=1)
        contents = []
        for engine in (LocalEngine(), RayEngine()):
            try:
                summary = convert([str(source), str(again)], out, options, engine=engine)
                said = (summary, to_json(report(out, options, summary)))
            except CurateError as error:
                said = (str(error), error.code)
            files = [Path(out), Path(rejects_path(out))]
            contents.append((said, [file.read_bytes() if file.exists() else None for file in files]))
            for file in files:
                file.unlink(missing_ok=True)
        assert contents[0] == contents[1]


@pytest.mark.parametrize("out", ["out-*.parquet", "out.json.gz", "out.csv"])
def test_files_of_every_kind_are_read_and_written(connection, small_parts, tmp_path, out):
    made = []
    for engine in (LocalEngine(), RayEngine()):
        folder = tmp_path / engine.name
        folder.mkdir()
        options = ConvertOptions(to="sft", name="mixed", on_loss="drop", shard_rows=100)
        summary = convert(FILES, str(folder / out), options, engine=engine)
        made.append(({p.name: p.read_bytes() for p in folder.iterdir()}, summary))
    assert made[0] == made[1]


# Looking at files


@pytest.mark.parametrize("name", [None, "mixed"])
def test_problems_of_parts_are_those_of_the_file(connection, small_parts, tmp_path, name):
    rows = [json.dumps({"instruction": f"ask {i}", "output": "answer"}) for i in range(200)]
    rows[3] = rows[77] = rows[199] = "{"
    rows[40] = ""
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(rows))
    sources = [str(source), FILES[0], FILES[1], str(source)]
    assert len(RayEngine().parts([str(source)])) >= 2 * parts.PARTS_PER_WORKER
    found = []
    for engine in (LocalEngine(), RayEngine()):
        checked = list(validate(sources, name, engine))
        found.append((sum(some.rows for some in checked), [p for some in checked for p in some.problems]))
    assert found[0] == found[1]
    assert [p.row for p in found[1][1] if p.file == str(source)] == [4, 78, 200] * 2


def test_statistics_of_parts_add_up_to_those_of_the_files(connection, small_parts, tmp_path):
    ledger = str(tmp_path / "ledger.parquet")
    table.write(exact.mark(table.read([FILES[1], FILES[2]])), ledger)
    sources = [*FILES, ledger]
    here, there = (describe_files(sources, None, engine) for engine in (LocalEngine(), RayEngine()))
    assert here == there == stats.describe(table.batches(sources))
    assert list(here["scripts"]) == list(there["scripts"])


@pytest.mark.parametrize("command", [["validate"], ["validate", "--json", "-"], ["stats"], ["stats", "--json"]])
def test_a_look_at_files_is_the_same(connection, small_parts, command):
    said = []
    for engine in ("local", "ray"):
        done = CliRunner().invoke(cli.curate, [*command, *FILES, "--engine", engine], env={"COLUMNS": "200"})
        said.append((done.exit_code, done.stdout, done.stderr))
    assert said[0] == said[1] and said[0][1]


# The table


@given(st.lists(LINE, min_size=1, max_size=60), st.booleans())
@settings(deadline=None, max_examples=6)
def test_a_table_is_read_as_here(connection, data, repair):
    from curate.engine import ray_read as read

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "LEAST_BYTES", 400)
        source, ledger = Path(folder) / "in.jsonl", Path(folder) / "ledger.parquet"
        source.write_bytes(b"\n".join([*data, b"", data[0]]))
        marked = table.read(FILES[1:2]).slice(0, 20)
        table.write(marked.append_column("duplicate_of", pa.array([*range(-1, 9), *[None] * 10])), ledger)
        files = [source, SAMPLE / "sft.jsonl", ledger, source]
        here, there = table.read(files, "mixed", repair), read.read(files, "mixed", repair)
        assert there.thin.schema.equals(here.schema, check_metadata=True)
        assert pa.concat_tables(there.whole()).equals(here)


def test_what_workers_find_comes_back_at_its_rows(connection):
    from curate.engine import ray_rows as rows

    pool = table.read(FILES)
    there = rows.of(pool)
    there = there.with_thin(there.thin.append_column("mine", pa.array(range(pool.num_rows))))
    found = there.columns(ray_cluster.numbered, ["response", "mine", "row"], 7)
    assert found["sum"].to_pylist() == [
        len(text or "") + mine + row + 7
        for text, mine, row in zip(
            pool["response"].to_pylist(), range(pool.num_rows), pool["row"].to_pylist(), strict=True
        )
    ]
    again = [positions for positions, _ in there.gather(ray_cluster.numbered, ["response", "mine", "row"], 7)]
    assert sorted(at for positions in again for at in positions.tolist()) == list(range(pool.num_rows))


# Scores, choices, recipes


@pytest.mark.parametrize(
    ("out", "scores"), [("out.jsonl", "lexical"), ("out.parquet", "profanity,relevance"), ("out-*.json", "length")]
)
def test_scores_are_written_as_here(in_process, out, scores):
    found = in_process("score", *FILES, "OUT", "--with", scores, "--embedder", EMBEDDER, "--json", out=out)
    assert found["local"] == found["ray"]
    assert len(found["ray"][0]) == (1 if out.endswith(".parquet") else 2)


def test_the_first_row_that_does_not_fit_is_named(in_process):
    found = in_process("score", *FILES, "OUT", "--with", "length", "--to", "dolly", out="out.jsonl")
    assert found["local"] == found["ray"]
    assert "or write another format with --to" in found["ray"][1] and not found["ray"][0]


def test_duplicates_are_written_as_here(in_process):
    options = ("--near", "0.6", "--semantic", "0.95", "--embedder", EMBEDDER)
    found = in_process("dedup", *FILES, "OUT", *options, out="out.jsonl")
    assert found["local"] == found["ray"] and len(found["ray"][0]) == 2


def test_a_choice_is_the_same(in_process):
    options = ("--size", "40", "--balance", "category", "--embedder", EMBEDDER, "--seed", "3")
    found = in_process("select", *FILES, "OUT", *options, out="out.jsonl")
    assert found["local"] == found["ray"] and len(found["ray"][0]) == 2


def test_parts_of_a_large_pool_are_ordered_the_same(connection, monkeypatch):
    monkeypatch.setattr(partition, "PART", 500)
    vectors = unit(np.random.default_rng(0).normal(size=(3000, 16)).astype(np.float32))
    weights = np.random.default_rng(1).random(3000)
    engines = (LocalEngine(), RayEngine())
    here, there = (partition.greedy_in_parts(vectors, 40, weights, engine) for engine in engines)
    assert here[1] == there[1] and "6 parts" in here[1]
    assert all(np.array_equal(a, b) for a, b in zip(here[0], there[0], strict=True))


def test_a_recipe_comes_to_the_same(in_process, tmp_path):
    recipe = tmp_path / "quick.yaml"
    recipe.write_text(f"""
name: quick
embedder: {EMBEDDER}
decontaminate: {{against: [sample_data/heldout.jsonl], near: 0.6}}
score: {{with: [lexical]}}
select: {{size: 60}}
report: {{random: 2, examples: 2, measures: [distinct_2]}}
""")
    found = in_process("run", recipe, "--input", *FILES, "--out", "OUT", out="out")
    assert found["local"] == found["ray"]
    assert {"manifest.json", "ledger.parquet", "report.html", "subset.jsonl"} < found["ray"][0].keys()
    assert any(name.startswith("score-") for name in found["ray"][0])


# What goes wrong


def kill_first(folder: Path) -> threading.Thread:
    """Kills the first process that leaves a note in the folder."""

    def wait() -> None:
        while not (notes := list(folder.iterdir())) or not notes[0].read_text().strip():
            time.sleep(0.01)
        time.sleep(0.1)
        os.kill(int(notes[0].read_text().split()[0]), signal.SIGKILL)

    # Where no worker ever leaves one, the test fails; the thread must not keep the tests from ending.
    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def test_a_worker_that_is_killed_loses_nothing(connection, tmp_path):
    killer = kill_first(tmp_path)
    found = list(connection.in_order(ray_cluster.slowly, range(8), str(tmp_path)))
    killer.join()
    assert found == [(n, n * n) for n in range(8)]
    assert sum(len(note.read_text().split()) for note in tmp_path.iterdir()) > 8  # a task was done again


def test_what_the_user_can_mend_comes_back_as_it_was_raised(connection):
    with pytest.raises(CurateError, match=r"^file.jsonl: row 3 is not to be had; take another$") as raised:
        list(connection.in_order(ray_cluster.refused, range(8)))
    assert raised.value.code == 1


def test_a_fault_of_the_program_keeps_its_traceback(connection):
    with pytest.raises(ZeroDivisionError, match="in broken"):
        list(connection.in_order(ray_cluster.broken, range(8)))


def test_nothing_to_do_gives_nothing(connection):
    assert list(connection.in_order(ray_cluster.refused, [])) == []


# The command line


def test_the_command_line_joins_a_cluster(address, curate, tmp_path):
    lines = [json.dumps({"instruction": f"ask {i}", "output": "answer"}) for i in range(50)]
    lines[7] = lines[31] = "{"
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(lines) + "\n")
    said = {}
    for engine in (["local"], ["ray", "--ray-address", address]):
        out = tmp_path / f"{engine[0]}.jsonl"
        done = curate("convert", source, out, "--to", "sft", "--engine", *engine)
        said[engine[0]] = (done.returncode, done.stdout, done.stderr.replace(engine[0], ""), out.read_bytes())
    assert said["local"] == said["ray"]
    assert "rejected 2" in said["ray"][2]


@pytest.mark.parametrize("given_address", ["127.0.0.1:1", "nonsense", "ray://127.0.0.1:10001"])
def test_an_address_that_does_not_answer_is_said(curate, tmp_path, given_address):
    options = ("--to", "sft", "--engine", "ray", "--ray-address", given_address)
    done = curate("convert", FILES[1], tmp_path / "out.jsonl", *options)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: --ray-address {given_address}: ") and done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
