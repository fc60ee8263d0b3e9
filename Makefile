# One command each; what they need they install themselves, into .venv.
.DEFAULT_GOAL := help
ARGS ?=
.PHONY: help run reset test test-fast lint format smoke fuzz torture mutants bad-days attack mistakes clients axe large pictures long torture-plain bench images openapi lock clean
SHELL := /bin/sh
# What is run here is found in this folder, and in no other that the environment names.
unexport PYTHONSAFEPATH PYTHONHOME
BASE_URL ?= http://localhost:8001
BIN := .venv/bin
# Tests wait more than they compute. The tests of one file share what they start, so they stay together.
PARALLEL ?= 4
CODE := app worker schemas runtime simulator tests docker examples
# What running takes, and what developing takes besides.
RUNNING := .venv/running
INSTALLED := .venv/developing
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{printf "make %-14s %s\n", $$1, $$2}'

run: $(RUNNING) ## the whole stack in this terminal: Redis, Twilio simulator, web, worker, beat
	@exec $(BIN)/python -m docker.local

reset: $(RUNNING) ## forget what `make run` kept, waiting calls too (ARGS=--all: real ones as well)
	@$(BIN)/python -m docker.local.reset $(ARGS)

test: $(INSTALLED) ## all tests
	@$(BIN)/python -m pytest -q -n $(PARALLEL) --dist loadfile --no-loadscope-reorder tests

test-fast: $(INSTALLED) ## the tests that start no process, in half a minute
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m 'not processes' tests

lint: $(INSTALLED) ## formatting, lint of Python and Lua, types, and which package may import which
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python -m tests.lua

format: $(INSTALLED) ## put the code into its standard form
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

smoke: $(INSTALLED) ## walk through the API of a running server: make smoke BASE_URL=http://localhost:8001
	@$(BIN)/python -m tests.smoke $(BASE_URL)

fuzz: $(INSTALLED) ## send tens of thousands of odd requests and count what is not as documented: make fuzz ARGS='--seed 7'
	@$(BIN)/python -m tests.fuzz $(ARGS)

torture: $(INSTALLED) ## break everything for ten minutes and count what was lost: make torture ARGS='--seed 7'
	@$(BIN)/python -m tests.e2e.torture $(ARGS)

mutants: $(INSTALLED) ## take out each guard in turn and print those that no test misses: make mutants ARGS='--file admit'
	@$(BIN)/python -m tests.mutants $(ARGS)

bad-days: $(INSTALLED) ## a month of Twilio's bad days, and what became of every call: make bad-days ARGS='--seed 5'
	@$(BIN)/python -m tests.e2e.bad_days $(ARGS)

attack: $(INSTALLED) ## attack a running stack for five minutes, beside an honest client: make attack ARGS='--seed 3'
	@$(BIN)/python -m tests.attack $(ARGS)

mistakes: $(INSTALLED) ## err as operators do, at a running stack, and count what it costs: make mistakes ARGS='--seed 4'
	@$(BIN)/python -m tests.mistakes $(ARGS)

axe: $(INSTALLED) ## look at every page of the console for what keeps people out (axe-core, by npm)
	@$(BIN)/python -m tests.console.axe $(ARGS)

large: $(INSTALLED) ## show a campaign of 100,000 numbers in the console: how long pages take, what updates leave behind
	@$(BIN)/python -m tests.console.large $(ARGS)

pictures: $(INSTALLED) ## make the pictures of docs/pictures anew
	@$(BIN)/python -m tests.console.pictures $(ARGS)

long: fuzz torture mutants bad-days attack mistakes clients axe large ## what takes long and finds what no short test does, for before a release

clients: $(INSTALLED) ## lint openapi.yaml, and make and type-check a TypeScript client of it; needs npm
	@$(BIN)/python -m tests.clients

bench: $(INSTALLED) ## measure beside others doing the same work, in one table: make bench ARGS='web'
	@$(BIN)/python -m tests.benchmarks $(ARGS)

torture-plain: $(INSTALLED) ## the torture on a plain Celery task, to compare with
	@$(BIN)/python -m tests.benchmarks.torture_plain $(ARGS)

images: $(INSTALLED) ## build the images with buildah and place a call with them; as root: make images ARGS=--debootstrap
	@$(BIN)/python -m tests.docker.try_images $(ARGS)

openapi: $(INSTALLED) ## write openapi.yaml anew from the handlers
	@$(BIN)/python -m app.documentation.openapi > openapi.yaml.new && mv openapi.yaml.new openapi.yaml \
		|| { rm -f openapi.yaml.new; exit 1; }

# uv, because it resolves for every supported Python and platform at once; pip only for the one it runs on.
# What is locked stays as it is unless setup.cfg rules it out; UPGRADE=--upgrade takes the newest of all.
lock: $(INSTALLED) ## write requirements.lock anew from setup.cfg (UPGRADE=--upgrade for the newest versions)
	@sed '/^#/d' requirements.lock > .venv/pins.txt
	@sed -n 's/^requires = \["\(.*\)"\]/\1/p' pyproject.toml | $(BIN)/uv pip compile --quiet --universal \
		--python-version 3.11 --all-extras --generate-hashes --no-header --allow-unsafe $(UPGRADE) \
		--output-file .venv/pins.txt setup.cfg -
	@{ sed -n '/^#/p' requirements.lock; cat .venv/pins.txt; } > .venv/new.lock && mv .venv/new.lock requirements.lock

clean: ## remove what was installed and cached (not .data, where waiting calls are)
	@rm -rf .venv build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNNING): requirements.lock setup.cfg pyproject.toml docker/locked.py
	@for python in python3.11 python3.12 python3; do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' \
			2>/dev/null; then found=$$python; break; fi; done; \
	if [ -z "$$found" ]; then \
		echo 'Python 3.11 or 3.12 with its venv module is needed, and none is on the PATH' \
			'(on Debian and Ubuntu: apt install python3.11-venv).' >&2; exit 1; fi; \
	echo "installing into .venv with $$found (once)"; \
	rm -rf .venv && "$$found" -m venv .venv
	@$(BIN)/python docker/locked.py build run app worker flower simulator > .venv/part.txt
	@$(INSTALL) --require-hashes --requirement .venv/part.txt
	@$(INSTALL) --no-build-isolation --editable .
	@touch $@

$(INSTALLED): $(RUNNING)
	@echo 'installing what tests and tools need besides (once)'
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@touch $@
