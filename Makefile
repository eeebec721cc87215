PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCK := uv pip compile -q --universal --generate-hashes --no-header --no-emit-index-url

.PHONY: help install run chaos test check bench format lint types imports lock clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(STAMP)  ## Make .venv from the hash-pinned requirements

$(STAMP): requirements/dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

run: install  ## Start the whole system on this machine and feed it; Ctrl-C stops it
	$(BIN)/sealwatch local up

test: install  ## Install what tests need and run every test
	$(BIN)/pytest

chaos: install  ## The long proof: 100 kills, 10,000 histories
	CHAOS_KILLS=100 CHAOS_HISTORIES=10000 CHAOS_SUBJECTS=100000 $(BIN)/pytest -s tests/chaos

bench: install  ## Measure intake, scoring, scoring anew and delivery on this machine, some four minutes
	$(BIN)/python -m bench all

check: lint types imports  ## Everything CI checks besides the tests, in the same order

format: install  ## Put the code into its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: install  ## Format and lint rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: install  ## Static types
	$(BIN)/mypy

imports: install  ## Who may import whom
	$(BIN)/lint-imports

lock:  ## Pin every dependency with its hashes (needs uv)
	$(LOCK) pyproject.toml -o requirements/run.lock
	$(LOCK) --group build -o requirements/build.lock
	$(LOCK) pyproject.toml --extra local --group dev -o requirements/dev.lock

clean:  ## Remove the environment, caches and local data
	rm -rf $(VENV) .local .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist
