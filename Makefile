# make demo | run | test | chaos | check | bench | screenshots | lock: each works on a fresh clone with Python 3.11 and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
SIMULATOR_PORT ?= 8765
# One process more than there are processors, because tests often wait for a browser or a worker.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
SUITE = $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal
STACK ?= sqlite
export PORT SIMULATOR_PORT STACK
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help demo run test postgres chaos check lint format types bench screenshots lock clean

help:
	@echo "make demo    run a demo with a simulated TorBox and sample people, without configuration"
	@echo "make run     run the app with the real TorBox, data in ./data"
	@echo "make test    run the whole suite on SQLite, or with STACK=postgres on PostgreSQL and Redis"
	@echo "make check   check lint, format, types, and migrations, and run the suite on both stacks"
	@echo "make chaos   let everything fail for three minutes, and check that nothing is lost"
	@echo "make bench   run the benchmarks into bench/results.md: about an hour, with ARGS=--quick five minutes"
	@echo "make screenshots   take pictures of every page and state into screenshots/"

# Some packages are compiled for 64 bits only. pip's messages about that, and about an old Python, are hard to understand.
NEEDED = import sys; \
	old, short = sys.version_info < (3, 11), sys.maxsize < 2**32; \
	needs = "Python 3.11 or newer" if old else "a 64-bit Python, and this one is 32-bit"; \
	sys.exit("TorBox Web needs %s. See docs/installing.md for supported systems." % needs if old or short else 0)

$(BIN)/.run: requirements.txt
	@$(PYTHON) -c '$(NEEDED)'
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing. Install it with: apt install python3-venv"; exit 1; }
	@echo "Installing dependencies ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(BIN)/.dev: $(BIN)/.run requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $@

demo: export DATA_DIR := $(CURDIR)/demo-data
demo: $(BIN)/.run
	@rm -rf demo-data
	@$(BIN)/python serve.py --demo

run: $(BIN)/.run
	@$(BIN)/python serve.py

test: $(BIN)/.dev
	@$(SUITE) $(ARGS)

chaos: $(BIN)/.dev
	@$(BIN)/python -m tests.chaos --seconds 180 $(if $(SEED),--seed $(SEED)) $(ARGS)

lint: $(BIN)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 --check {} +
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	@$(BIN)/hadolint Dockerfile

format: $(BIN)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} +

types: $(BIN)/.dev
	@$(BIN)/mypy

check: lint
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(MAKE) --no-print-directory --jobs 3 types test postgres

# Runs next to `test`, so it uses one process less.
postgres: export STACK := postgres
postgres: $(BIN)/.dev
	@$(SUITE) --numprocesses $$(getconf _NPROCESSORS_ONLN)

bench: $(BIN)/.dev
	@$(BIN)/python -m bench $(ARGS)

screenshots: $(BIN)/.dev
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

lock: $(BIN)/.dev
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt
	@$(BIN)/python -m tests.dependencies

clean:
	@rm -rf $(VENV) demo-data staticfiles .mypy_cache .ruff_cache
