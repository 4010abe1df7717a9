# One command each. Everything is installed into .venv; nothing outside the checkout is touched.
# `make check` never writes; `make fix` does.

PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.installed
DEV := .venv/.installed-dev
DATA ?= ../shared/data
TRAIN_BIN := .venv-train/bin
TRAINING := .venv-train/.installed
AUDIT_BIN := .venv-audit/bin
AUDITING := .venv-audit/.installed
EXAMPLES ?= 60
MINUTES ?= 80
MINUTES_MORE ?= 20
TRAINED := build/train/$(if $(filter 0,$(MINUTES_MORE)),run,averaged)/model.safetensors
BESIDE := -n auto --maxprocesses 8 --dist worksteal# a worker takes a run of tests that lie together, and so their servers
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

export PYTHONDONTWRITEBYTECODE =# empty: where it is set, each start of a process compiles all modules anew

.DEFAULT_GOAL := help
.PHONY: help install run train test test-processes test-judge test-clients test-vllm test-scale test-training test-fuzz bench soak eval check fix lock starter-embeddings picture licences audit clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(RUNTIME) ## Install into .venv, with the console script .venv/bin/touchstone

run: $(RUNTIME) ## Start the server on 127.0.0.1:3001, send it a sample, keep serving
	$(BIN)/touchstone serve --sample

test: $(DEV) ## Run what needs no process of its own; some two and a half minutes on two cores
	$(BIN)/python -m pytest $(BESIDE) -m "not service and not process and not judge"

test-processes: $(DEV) ## Run what starts processes: real servers, workers, commands
	$(BIN)/python -m pytest $(BESIDE) -m "process and not service"

test-judge: $(DEV) ## Run what takes its time in the real network: how right verdicts are, over many claims
	$(BIN)/python -m pytest $(BESIDE) -m "judge and not process and not service"

test-clients: $(DEV) ## Run real clients against a real server; installs them first, outside the checkout
	$(BIN)/python -m pytest tests/clients -p no:xdist -o timeout=900 # with the time that installing takes

test-vllm: $(DEV) ## Run against a real vLLM on the CPU with a tiny model; installs it first, outside the checkout, 2.5 GB
	$(BIN)/python -m pytest tests/vllm -p no:xdist

test-scale: $(DEV) ## Run the store on a real PostgreSQL, blobs on a real S3 server, limits on a real Redis, and what needs several machines; installs them first
	TOUCHSTONE_TESTS_INSTALL=1 $(BIN)/python -m pytest -m service -p no:xdist

test-training: $(DEV) $(TRAINING) ## Run the training recipe from end to end on tiny made data; installs PyTorch first
	$(BIN)/python -m pytest tests/recipe -p no:xdist

bench: $(RUNTIME) ## Measure rates, latency, start-up and memory, as ratios to a floor; about twelve minutes
	@for name in start_up memory mcp_rate rest_rate gateway limits latency judge batch_scan batch slow_clients; do $(BIN)/python -m benchmarks.$$name && echo || exit 1; done

soak: $(RUNTIME) ## See whether memory stays flat under ten minutes of mixed traffic
	$(BIN)/python -m benchmarks.soak

eval: $(DEV) ## Measure the judge on labelled data: DATA=folder, and options in EVAL="--sets a,b --limit 100"
	$(BIN)/python -m training.evaluation --data "$(DATA)" $(EVAL)

train: $(TRAINING) ## Make the CPU judge's model anew from DATA=folder, in MINUTES=80 and MINUTES_MORE=20, into build/train/judge
	$(TRAIN_BIN)/python -m training.prepare "$(DATA)" build/train/prepared
	$(TRAIN_BIN)/python -m training.train build/train/prepared build/train/run --minutes $(MINUTES)
ifneq ($(MINUTES_MORE),0)
	$(TRAIN_BIN)/python -m training.train build/train/prepared build/train/run-more --minutes $(MINUTES_MORE) \
	  --weights build/train/run/model.safetensors --rate-max 3e-5 --seed 8
	$(TRAIN_BIN)/python -m training.average build/train/run/model.safetensors build/train/run-more/model.safetensors $(TRAINED)
endif
	$(TRAIN_BIN)/python -m training.export $(TRAINED) build/train/prepared build/train/judge
	$(TRAIN_BIN)/python -m training.heard "$(DATA)" build/train/judge build/train/heard.jsonl
	$(TRAIN_BIN)/python -m training.calibrate build/train/heard.jsonl build/train/judge

test-fuzz: $(DEV) ## Run the long searches for bad input; EXAMPLES=1000 for hours, 60 an operation if not given
	TOUCHSTONE_FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/robustness -m fuzz -n auto

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv .venv

$(RUNTIME): $(BIN)/python pyproject.toml requirements.lock
	$(PIP) install -r requirements.lock
	$(PIP) install --no-deps --editable .
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.lock
	$(PIP) install -r requirements-dev.lock
	@touch $@

$(TRAINING): requirements.lock training/requirements.txt
	$(PYTHON) -m venv .venv-train
	$(TRAIN_BIN)/python -m pip --disable-pip-version-check --quiet install -r requirements.lock -r training/requirements.txt
	@touch $@

check: $(DEV) ## Lint, types and formatting; writes nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers auto

fix: $(DEV) ## Mend what the linters can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## Pin the newest versions that fit pyproject.toml
	$(PIP) install uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --custom-compile-command "make lock" -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --custom-compile-command "make lock" --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	@for name in crewai guides today; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --custom-compile-command "make lock" --no-annotate \
	    -o tests/clients/requirements-$$name.txt tests/clients/requirements-$$name.in || exit 1; done

starter-embeddings: $(RUNTIME) ## Embed the starter corpus anew, after a change of its passages
	PYTHONPATH=. $(BIN)/python training/embed_starter.py

picture: $(RUNTIME) ## Draw the picture of the README anew
	PYTHONPATH=. $(BIN)/python docs/make_picture.py

licences: $(RUNTIME) ## List anew under what licence each thing comes that ships, after a change of requirements.lock or NOTICE
	PYTHONPATH=. $(BIN)/python docs/make_licences.py

$(AUDITING): tests/audit/requirements.txt
	$(PYTHON) -m venv .venv-audit
	$(AUDIT_BIN)/python -m pip --disable-pip-version-check --quiet install -r tests/audit/requirements.txt
	@touch $@

audit: $(DEV) $(AUDITING) ## Look for known vulnerabilities of what is pinned (AUDIT=--strict: fail for what is not known), and for licences that may not ship
	PYTHONPATH=. $(AUDIT_BIN)/python tests/audit/audit.py $(AUDIT) requirements.lock requirements-dev.lock training/requirements.txt
	$(BIN)/python -m pytest tests/project/test_licences.py -p no:xdist

clean: ## Remove what was installed and built
	rm -rf .venv .venv-train .venv-audit build *.egg-info .pytest_cache .mypy_cache .ruff_cache node_modules
