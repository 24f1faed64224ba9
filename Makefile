# Two commands: `make nightly` runs the job on the sample data, `make test` checks everything.
# Each sets up what it needs; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The oldest DuckDB that opens the publication; a folder of its own, as it cannot lie beside the job's.
OLDEST_DUCKDB := 1.4.5
# What the notebooks read.
LIFT_DUCKDB ?= $(CURDIR)/var/published/lift.duckdb

.DEFAULT_GOAL := help
.PHONY: nightly test lint bench notebooks help clean

nightly: $(VENV)/.installed  ## set everything up and run the night on data/sample
	@$(BIN)/lift nightly

test: $(VENV)/.installed-dev lint  ## set everything up and run every check and test
	@$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev  ## ruff, mypy and sqlfluff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --disable-progress-bar --processes 0 models tests/dbt

bench: $(VENV)/.installed-dev  ## measure speed against plain DuckDB, and lift on simulated experiments
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench --staging --visitors 720000 --runs 1
	@$(BIN)/python -m tests.bench --components
	@$(BIN)/python -m tests.bench --segments
	@$(BIN)/python -m tests.bench --experiences --visitors 720000
	@$(BIN)/python -m tests.bench --simulation

# Working copies: they stay as you leave them; delete one to get it from the project again.
notebooks: $(patsubst %.py,notebooks/copies/%.ipynb,$(notdir $(wildcard notebooks/*.py)))  ## open the notebooks on the published file, read-only
	@test -e "$(LIFT_DUCKDB)" || $(BIN)/lift nightly
	@LIFT_DUCKDB="$(LIFT_DUCKDB)" $(BIN)/jupyter lab notebooks/copies

notebooks/copies/%.ipynb: notebooks/%.py | $(VENV)/.installed-notebooks
	@mkdir -p notebooks/copies
	@test -e $@ || $(BIN)/jupytext --quiet --to ipynb --set-kernel python3 --output $@ $<

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

clean:  ## remove what runs have written; the virtual environment stays
	rm -rf var target logs

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (once; about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-notebooks: $(VENV)/.installed
	@echo "Setting up the notebooks (once; about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[notebooks]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade \
		--target $(VENV)/duckdb-1.4 duckdb==$(OLDEST_DUCKDB)
	@touch $@
