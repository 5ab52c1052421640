# The one vocabulary of people, hooks and CI. It needs make and Python 3.11 to 3.13, or make and uv.
#   make run [DATASET=folder|.zip|.tar.gz|https://...|s3://...] [NAME=second-endpoint] [PARAMS='{"training": {"epochs": 2}}']
#   make test [ARGS='tests/flows -k approve']
#   make bootstrap PROFILE=aws-profile [REGION=us-east-1] [PROJECT=pedigree]
#   make preflight [PROFILE=aws-profile] [REGION=us-east-1] [PROJECT=pedigree] [PARAMS=...]

PYTHON ?= python3
VENV := .venv/bin
STAMP := .venv/synced
SUITABLE := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))

PROJECT ?= pedigree

NAME :=# from the command line only: WSL has an environment variable of this name

export DATASET NAME PARAMS PROFILE REGION PROJECT

.PHONY: help run quick test fuzz test-clients up down bootstrap preflight bench-deploy bench-plan bench-footprint chaos check clean
.DEFAULT_GOAL := help

help: ## show these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile

run: $(STAMP) ## run the whole mission and print its report; DATASET=, NAME= and PARAMS= change what runs
	@$(VENV)/python -m deployments.laptop.run --dataset "$$DATASET" --name "$$NAME" --params "$$PARAMS"

quick: $(STAMP) ## run the tests that need no server and are not slow, in about a minute; ARGS= goes to pytest
	@$(VENV)/python -m pytest -m quick $(ARGS)

test: $(STAMP) ## run all tests in five processes side by side; with ARGS= one pytest that takes these arguments
	@$(VENV)/python -m tests $(ARGS)

fuzz: $(STAMP) ## send 50 allowed and 50 broken inputs to each operation of the embedded AWS; takes about five minutes
	@FUZZ=50 $(VENV)/python -m pytest tests/local_aws/test_fuzz.py $(ARGS)

test-clients: $(STAMP) ## run other people's clients and moto's own tests against the embedded AWS, in environments of their own; ARGS= names services of moto
	@$(VENV)/python -m pytest tests/clients/client_*.py
	@$(VENV)/python -m tests.clients.moto_tests $(ARGS)

up: $(STAMP) ## start the stack: embedded AWS, bootstrap stack, Prefect server, worker, deployments
	@$(VENV)/python -m deployments.laptop.up

down: ## end every process of the stack; its account stays
	@if [ -x $(VENV)/python ]; then $(VENV)/python -m deployments.laptop.down; fi

bootstrap: $(STAMP) ## deploy the stack around pedigree to an AWS account: PROFILE=, REGION=, PROJECT=
	@$(VENV)/python -m deployments.bootstrap --profile "$$PROFILE" --region "$$REGION" --project "$$PROJECT"

preflight: $(STAMP) ## check what a run needs of an account, or of this machine's stack without PROFILE=
	@$(VENV)/python -m deployments.preflight --profile "$$PROFILE" --region "$$REGION" --project "$$PROJECT" --params "$$PARAMS"

bench-deploy: $(STAMP) ## update a live endpoint 20 times under load, every second time with a broken model
	@$(VENV)/python -m benchmarks.deploy

bench-plan: $(STAMP) ## drive a ramp and a spike of traffic against autoscaling, and compare with what `plan` predicts
	@$(VENV)/python -m benchmarks.plan

bench-footprint: $(STAMP) ## measure CPU and memory of the embedded AWS: to start, to idle, and for 20,000 requests
	@$(VENV)/python -m benchmarks.footprint

chaos: $(STAMP) ## kill, fail and deny flows at every call to AWS, and judge what is left; ARGS= names scenarios
	@$(VENV)/python -m benchmarks.chaos $(ARGS)

check: $(STAMP) ## lint, format, types, import laws and dependencies
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports --no-logo
	@$(VENV)/deptry .
	@$(VENV)/cfn-lint deployments/bootstrap.yaml

clean: down ## end the stack, forget its account and the installation
	@rm -rf .pedigree .venv .clients
	@if grep -qs '^# written by make up' prefect.toml; then rm prefect.toml; fi

# uv alone can do it all, Python included; without it a virtual environment is made first and uv fetched into it.
$(STAMP): pyproject.toml uv.lock
	@echo "Installing what uv.lock names into .venv; with PyTorch it is about 6 GB."
	@if command -v uv >/dev/null; then uv sync --frozen --quiet; else $(MAKE) --no-print-directory $(VENV)/uv && $(VENV)/uv sync --frozen --quiet; fi
	@touch $@

$(VENV)/uv:
	@for python in $(PYTHON) python3.13 python3.12 python3.11; do \
		if $$python -c '$(SUITABLE)' 2>/dev/null; then \
			$$python -m venv .venv && $(VENV)/python -m pip install --quiet uv && exit 0; \
			rm -rf .venv; exit 1; \
		fi; \
	done; \
	echo "pedigree needs Python 3.11, 3.12 or 3.13, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	echo "Install one, or name it by adding PYTHON=/path/to/python3.12 to the command." >&2; \
	exit 1
