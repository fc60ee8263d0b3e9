# One command each; what they need they install themselves, into .venv.
.DEFAULT_GOAL := help
ARGS ?=
.PHONY: help run test lint format smoke fuzz torture torture-plain bench images openapi lock clean
SHELL := /bin/sh
BASE_URL ?= http://localhost:8001
BIN := .venv/bin
# Tests wait more than they compute. The tests of one file share what they start, so they stay together.
PARALLEL ?= 3
CODE := app worker schemas tracing simulator tests docker
INSTALLED := .venv/installed

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{printf "make %-14s %s\n", $$1, $$2}'

run: $(INSTALLED) ## the whole stack in this terminal: Redis, Twilio simulator, web, worker, beat
	@exec $(BIN)/python docker/local.py

test: $(INSTALLED) ## all tests
	@$(BIN)/python -m pytest -q -n $(PARALLEL) --dist loadfile tests

lint: $(INSTALLED) ## formatting, lint, types, and which package may import which
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo

format: $(INSTALLED) ## put the code into its standard form
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

smoke: $(INSTALLED) ## walk through the API of a running server: make smoke BASE_URL=http://localhost:8001
	@$(BIN)/python -m tests.smoke $(BASE_URL)

fuzz: $(INSTALLED) ## send tens of thousands of odd requests and count what is not as documented: make fuzz ARGS='--seed 7'
	@$(BIN)/python -m tests.fuzz $(ARGS)

torture: $(INSTALLED) ## break everything for ten minutes and count what was lost: make torture ARGS='--seed 7'
	@$(BIN)/python -m tests.e2e.torture $(ARGS)

bench: $(INSTALLED) ## measure beside others doing the same work, in one table: make bench ARGS='web'
	@$(BIN)/python -m tests.benchmarks $(ARGS)

torture-plain: $(INSTALLED) ## the torture on a plain Celery task, to compare with
	@$(BIN)/python -m tests.benchmarks.torture_plain $(ARGS)

images: $(INSTALLED) ## build the images with buildah and place a call with them; as root: make images ARGS=--debootstrap
	@$(BIN)/python docker/try_images.py $(ARGS)

openapi: $(INSTALLED) ## write openapi.yaml anew from the handlers
	@$(BIN)/python -m app.openapi > openapi.yaml.new && mv openapi.yaml.new openapi.yaml \
		|| { rm -f openapi.yaml.new; exit 1; }

# uv, because it resolves for every supported Python and platform at once; pip only for the one it runs on.
# What is locked stays as it is unless setup.cfg rules it out; UPGRADE=--upgrade takes the newest of all.
lock: $(INSTALLED) ## write requirements.lock anew from setup.cfg (UPGRADE=--upgrade for the newest versions)
	@rm -rf .venv/lock && $(BIN)/python -m venv .venv/lock && .venv/lock/bin/pip install --quiet uv
	@{ sed -n 's/^requires = \["\(.*\)"\]/\1/p' pyproject.toml; echo wheel; } > .venv/lock/build.txt
	@sed '/^#/d' requirements.lock > .venv/lock/pins.txt
	@.venv/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-annotate \
		--no-header --allow-unsafe $(UPGRADE) --output-file .venv/lock/pins.txt \
		setup.cfg .venv/lock/build.txt
	@{ sed -n '/^#/p' requirements.lock; sed '/^#/d' .venv/lock/pins.txt; } > .venv/lock/new.txt
	@mv .venv/lock/new.txt requirements.lock && rm -rf .venv/lock

clean: ## remove what was installed and cached (not .data, where waiting calls are)
	@rm -rf .venv build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock setup.cfg pyproject.toml
	@for python in python3.11 python3.12 python3; do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' \
			2>/dev/null; then found=$$python; break; fi; done; \
	if [ -z "$$found" ]; then \
		echo 'Python 3.11 or 3.12 with its venv module is needed, and none is on the PATH' \
			'(on Debian and Ubuntu: apt install python3.11-venv).' >&2; exit 1; fi; \
	echo "installing into .venv with $$found (about half a minute, once)"; \
	rm -rf .venv && "$$found" -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
