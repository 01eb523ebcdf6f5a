# demo and test need only python3 (3.11 or newer), git and make; each makes .venv first when it is missing.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
# the tests start the program hundreds of times: with bytecode beside it, as an installed one has
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help demo test check bench clean

help: ## what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

.venv/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("readiness-fix needs Python 3.11 or newer; try make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: .venv/ready ## a session on a sample repository in a temporary folder
	@$(BIN)/readiness-fix demo

test: check ## everything: lint, types, all tests
	$(BIN)/pytest -q -n auto

check: .venv/ready ## the quick subset: lint, types, layers, every rule's example
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -q tests/test_layers.py tests/test_every_rule.py

bench: .venv/ready ## side-by-side figures against peers (see benchmarks/README.md)
	$(BIN)/python -m benchmarks

clean: ## remove what make made
	rm -rf .venv dist build
