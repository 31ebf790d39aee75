# What a stranger types. Everything is installed into .venv; a stamp file makes the second run quick.

PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14 python; do \
  $$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
  && echo $$name && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --require-virtualenv

# One line that tells what pip is at, and pip's own exit code.
define install
@{ $(PIP) install --require-hashes --requirement $(1) && echo ok >.venv/.installed; } | while read -r line; do \
  case "$$line" in (Collecting*|Downloading*|Installing*) [ ! -t 1 ] || printf '\r\033[K  %.76s' "$$line";; esac; \
  done; [ ! -t 1 ] || printf '\r\033[K'
@rm .venv/.installed 2>/dev/null || { echo 'The packages could not be installed: see above.' >&2; exit 1; }
@$(PIP) install --quiet --no-deps --no-build-isolation --no-index --editable .
endef

.PHONY: help clients demo test test-long test-fast test-containers soak fuzz lint types format bench clean
.DEFAULT_GOAL := help

help: ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 12

demo: .venv/.run ## set up, load the demo's data, refresh, serve, and show the cast's answers
	@$(BIN)/plural demo

test: lint types ## lint, types, import contracts and all tests, on a real Neo4j that the run starts and throws away
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-long: .venv/.dev ## the tests that take minutes each, on real parts: clients built and installed, and the like; the promises with 200 cases
	@$(BIN)/python -m pytest -m long -n 2 --dist loadfile --no-loadscope-reorder --durations=12
	@PLURAL_EXAMPLES=200 $(BIN)/python -m pytest tests/promises -n 2 --dist loadfile --no-loadscope-reorder

test-fast: .venv/.dev ## only the tests that need no database
	@$(BIN)/python -m pytest tests/unit

fuzz: .venv/.dev ## the promises with 5,000 generated cases each, each API operation with 1,000, and 200 rounds of kills; takes hours
	@PLURAL_EXAMPLES=5000 PLURAL_FUZZ_EXAMPLES=1000 $(BIN)/python -m pytest tests/promises tests/api/test_openapi_fuzz.py
	@PLURAL_KILL_ROUNDS=200 $(BIN)/python -m pytest -m long -n 2 tests/kills

test-containers: .venv/.dev ## the compose file and the official image for real; says so and passes where no Docker engine is
	@.ci/containers

lint: .venv/.dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports

types: .venv/.dev
	@PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright

format: .venv/.dev ## put the code into shape
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: .venv/.dev ## measure latency, event rates, refresh time and memory
	@$(BIN)/python -m tests.bench

clients: .venv/.dev ## build the Python and the npm client from the OpenAPI document into dist/clients
	@clients/build

soak: .venv/.dev ## half an hour of mixed clients with two refreshes inside: errors, p99 and the slope of memory
	@$(BIN)/python -m tests.bench.soak

clean: ## remove what this file made; the demo's data stays in PLURAL_HOME
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist

# The stamps: a requirements file that changed is installed again, nothing else is.
.venv/.run: requirements.txt pyproject.toml | .venv/bin/python
	@echo 'Installing the packages, once ...'
	$(call install,requirements.txt)
	@touch $@

.venv/.dev: requirements-dev.txt pyproject.toml | .venv/bin/python
	@echo 'Installing the packages and the tools of the tests, once ...'
	$(call install,requirements-dev.txt)
	@touch $@ .venv/.run

.venv/bin/python:
	@test -n '$(PYTHON)' || { echo 'Plural needs Python 3.11 or newer with its venv module, and none is here:' \
	  'install one, or name it: make PYTHON=/path/to/python3 demo' >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Plural needs Python 3.11 or' \
	  'newer, and $(PYTHON) is not: name another one with make PYTHON=/path/to/python3' >&2; exit 1; }
	@'$(PYTHON)' -m venv .venv || { rm -rf .venv; echo 'Python cannot make a virtual environment here, see above:' \
	  'on Debian install python3-venv; else look at the folder'"'"'s rights and the free disk space.' >&2; exit 1; }
