# Everything needs only Python 3.11 or newer and make; all else is installed into .venv from
# requirements.lock, whose hashes are checked.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11 python
PYTEST_ARGS ?=
ARGS ?=

.PHONY: setup demo test up lint format types replay bench outage clean lock
.DEFAULT_GOAL := setup

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@python=""; \
	for candidate in $(PYTHON) $(CANDIDATES); do \
	  if "$$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    python="$$candidate"; break; \
	  fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "No Python 3.11 or newer was found ($$(python3 --version 2>&1))." >&2; \
	  echo "Install one, with its venv module, or name it: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; \
	  exit 1; \
	fi; \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  "$$python" -m venv --clear $(VENV) || { \
	    echo "$$python could not make $(VENV); its venv module may be missing (python3-venv)." >&2; \
	    exit 1; }; \
	fi
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	$(BIN)/dalo demo $(ARGS)

# Two at a time; tests/spread.py keeps those together that wait for processes of the product.
test: setup
	$(BIN)/python -m pytest --numprocesses 2 --no-loadscope-reorder $(PYTEST_ARGS)

up: setup
	$(BIN)/dalo up $(ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup
	$(BIN)/mypy

# Sets and dictionaries keyed by strings change their order with the hash seed: a workflow that
# depends on it replays under one seed and fails under the other.
replay: setup
	PYTHONHASHSEED=1 $(BIN)/python -m pytest tests/replay $(PYTEST_ARGS)
	PYTHONHASHSEED=4242 $(BIN)/python -m pytest tests/replay $(PYTEST_ARGS)

bench: setup
	$(BIN)/python -m bench $(ARGS)

# The database is stopped under load for so many minutes; afterwards the ledger is compared with the
# engine's histories event by event.
MINUTES ?= 10
outage: setup
	$(BIN)/python -m tests.chaos.outage $(MINUTES)

lock: setup
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --all-extras --no-emit-index-url \
	  --no-header --python-version 3.11 pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
