# Cảnh Giác. `make demo` and `make test` need nothing but Python 3.11+ and make.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
INDEX ?=
ARGS ?=
SECONDS ?= 60
# Processes that share the tests out, a file at a time, the longest folders first: one a core, at most four. They share the
# real servers; each process holds up to 400 MB.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(4, len(os.sched_getaffinity(0))))' 2>/dev/null || echo 1)
SHARED_OUT = -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: help setup setup-dev demo run test lint check format unit pages corpus contract parity hostile crash e2e test-elasticsearch-9 bench prove fuzz lock clean

help: ## Print this list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 24

setup: ## Install into .venv only (then .venv/bin/canhgiac exists)
	@scripts/setup run

setup-dev: setup
	@scripts/setup dev

demo: setup ## Set up and run the main job on the bundled town (ARGS=--once, INDEX=elasticsearch)
	@scripts/system-packages $(if $(filter elasticsearch,$(INDEX)),tests,browser)
	@.venv/bin/canhgiac demo $(if $(INDEX),--index $(INDEX)) $(ARGS)

run: setup ## Worker and console for real
	@.venv/bin/canhgiac run $(ARGS)

test: setup-dev ## Set up and pass all tests, real servers included
	@scripts/system-packages tests
	$(PYTEST) tests $(SHARED_OUT) --durations=15 $(ARGS)

lint: setup-dev ## Lint, types and import contracts
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

check: lint ## Lint, types, import contracts, unit tests
	$(PYTEST) tests/unit $(SHARED_OUT) -q

format: setup-dev ## Rewrite the code as the formatter wants it
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

unit pages corpus contract hostile crash e2e: setup-dev ## Run one folder of tests
	$(PYTEST) tests/$@ $(SHARED_OUT) $(ARGS)

parity: setup-dev ## One query, the same hits: SQLite, Elasticsearch, matcher, and the plain rules
	@scripts/system-packages tests
	$(PYTEST) tests/contract/test_parity.py $(ARGS)

test-elasticsearch-9: setup-dev ## The tests that need Elasticsearch, on 9.x (Java 21 or later)
	@scripts/system-packages tests
	ELASTICSEARCH_VERSION=9.2.0 $(PYTEST) tests -m elasticsearch $(SHARED_OUT) $(ARGS)

bench: setup-dev ## Measure us beside the best peers and print ratios
	@for part in bench/[a-z]*.py; do echo "== $$part"; $(PYTHON) $$part || exit 1; done

prove: setup-dev ## `make test` with every fault point, more seeds, documents and made-up queries: an hour and more
	CANHGIAC_PROVE=1 $(PYTEST) tests $(SHARED_OUT) $(ARGS)

fuzz: setup-dev ## Fuzz the readers, coverage-guided (SECONDS=60 each, ARGS="extract kql article vietqr")
	@scripts/fuzz $(SECONDS) $(ARGS)

lock: ## Compile requirements/*.txt from *.in (needs uv)
	sh requirements/compile.sh

clean: ## Remove the environment and everything that was made
	rm -rf .venv var build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
