# Everything a newcomer needs. `make help` lists the targets.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# One torch release, so that a result can be made again. The tests and training need it, prediction does not.
TORCH ?= torch==2.13.0
DATA ?=
CORPORA ?=
ENCODERS ?=
CONFIG ?= configs/train/minilm-l6.yaml
MODEL ?= bundled
REPORT ?= report

.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint corpus train evaluate benchmark report wheel clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/installed-dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet "$(TORCH)"
	$(BIN)/pip install --quiet --editable ".[dev]"
	touch $@ $(VENV)/installed

demo: $(VENV)/installed ## set up and label an example article with the bundled model
	$(BIN)/claimstance label claimstance/example_article.txt

test: $(VENV)/installed-dev ## set up and run the fast tests
	$(BIN)/pytest

test-all: $(VENV)/installed-dev ## run the slow tests too
	$(BIN)/pytest -m "slow or not slow"

lint: $(VENV)/installed-dev ## check style, docstrings, complexity and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHON=$(BIN)/python tools/typecheck

corpus: $(VENV)/installed-dev ## build the corpus (CORPORA=DIR for texts that lie on disk)
	$(BIN)/claimstance corpus build $(if $(CORPORA),--source $(CORPORA)) --out $(or $(DATA),data)

train: $(VENV)/installed-dev ## fine-tune a model (CONFIG=FILE, ENCODERS=BASE for a folder on disk)
	$(BIN)/claimstance train $(CONFIG) $(if $(DATA),--data $(DATA)) $(if $(ENCODERS),--base $(ENCODERS))

evaluate: $(VENV)/installed-dev ## score a model on the test split
	$(BIN)/claimstance evaluate $(MODEL) --data $(or $(DATA),data) --split test --out $(REPORT)

report: evaluate ## the same, and say where the report is
	@echo "$(REPORT)/report.html"

benchmark: $(VENV)/installed-dev ## measure speed against the transformers pipeline
	$(BIN)/claimstance benchmark

wheel: $(VENV)/installed-dev ## build the wheel
	$(BIN)/python -m build --wheel

clean: ## remove what was built
	rm -rf $(VENV) build dist *.egg-info
