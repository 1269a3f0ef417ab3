# make demo | run | test | chaos | check | bench | screenshots | lock - each works on a fresh clone with Python 3.11 and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
SIMULATOR_PORT ?= 8765
# One process more than there are processors: tests that wait for a browser or a worker leave room.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
SUITE = $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal
STACK ?= sqlite
export PORT SIMULATOR_PORT STACK
unexport PYTHONDONTWRITEBYTECODE
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help demo run test postgres chaos check lint format types bench screenshots lock clean

help:
	@echo "make demo    try it: simulated TorBox, sample people, nothing to configure"
	@echo "make run     use it: the real TorBox, data in ./data"
	@echo "make test    the whole suite, on SQLite; STACK=postgres for PostgreSQL and Redis"
	@echo "make check   lint, format, types, migrations, and the suite on SQLite and on PostgreSQL with Redis"
	@echo "make chaos   three minutes in which everything fails, and nothing is lost"
	@echo "make bench   the benchmarks, into bench/results.md; about an hour, ARGS=--quick five minutes"
	@echo "make screenshots   every page and state, into screenshots/"

$(BIN)/.run: requirements.txt
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: apt install python3-venv"; exit 1; }
	@echo "Installing what the app needs ..."
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
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	@$(BIN)/hadolint Dockerfile

format: $(BIN)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(BIN)/.dev
	@$(BIN)/mypy

check: lint
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(MAKE) --no-print-directory --jobs 3 types test postgres

# Beside `test`, so with a process less.
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
