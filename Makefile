# 文脉. `make demo` and `make test` set up all they need.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
SHARED ?= ../shared
export PYTHONPATH := src

.venv/.ready: requirements.lock
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新"; exit 1; }
	@test -x $(PY) || python3 -m venv .venv
	@# pip keeps no cache here: a full home must not stop the set-up
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@touch $@

setup: .venv/.ready ## make .venv from the lock

demo: setup ## the sample district from files to report, then the workbench
	@$(PY) -m wenmai.cli demo

test: setup ## all tests (installs the Debian packages they need, when it may)
	@bash tools/test-deps
	@bash tools/run-tests

lint: setup ## ruff, mypy, import-linter
	@.venv/bin/ruff check src tests benchmarks
	@.venv/bin/lint-imports
	@.venv/bin/mypy

accuracy: setup ## accuracy of the classifier on the shared labels
	@$(PY) benchmarks/accuracy.py --shared $(SHARED)
	@$(PY) benchmarks/second_reading.py --shared $(SHARED)

bench: setup ## speed and memory, beside the named peers
	@$(PY) benchmarks/pipeline.py

acceptance: setup ## the pipeline on the real files; prints the reconciliation of each
	@$(PY) benchmarks/acceptance.py --shared $(SHARED)
	@$(PY) benchmarks/replays.py --shared $(SHARED)

docs: setup ## build the documentation into out/site
	@.venv/bin/mkdocs build --quiet --strict --site-dir out/site

bundle: ## the offline installer into out/bundle (needs the package index once)
	@bash tools/bundle

lock: ## renew requirements.lock
	uv pip compile --quiet --generate-hashes --no-header --extra dev --python-version 3.11 pyproject.toml -o requirements.lock

help:
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*## /\t/'

.PHONY: setup demo test lint accuracy bench acceptance docs bundle lock help
