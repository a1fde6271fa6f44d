# Two commands on a fresh machine: `make run`, `make test`. `make help` lists them all.

PYTHON ?= python3
WORKERS ?= auto
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run setup test check test-long faults bench demo-call clean python

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: setup ## install what is missing and run the demo center; Ctrl-C stops it
	@$(BIN)/python -m demo.run

setup: python ## install what is missing, and nothing else
	@$(PYTHON) -m console.install

# Telephones need their turn within milliseconds: one that a busy machine starved is tried again, and
# pytest counts it. What fails twice has failed.
test: setup ## the tests, with a real Asterisk and real SIP callers; under 20 minutes
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal --reruns 1 -m "not long"

check: setup ## format, lint, types, import map
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test-long: setup ## the tests that take longer
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal --reruns 1 -m long

faults: setup ## the table of faults, one row after the other
	@$(BIN)/pytest -m faults

bench: setup ## how fast it is: every program in bench/
	@set -e; for name in $(notdir $(basename $(wildcard bench/*.py))); do \
	  echo "== bench.$$name"; $(BIN)/python -m "bench.$$name"; done

demo-call: setup ## a scripted caller rings the running demo and tells what it hears
	@$(BIN)/python -m demo.call

clean: ## remove what `make setup` installed; centers and their state stay
	rm -rf .venv .asterisk build *.egg-info .mypy_cache .pytest_cache .ruff_cache

# The one thing the installer cannot bring is the Python that it runs on.
python:
	@command -v $(PYTHON) >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || \
	  { apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends python3-venv; }
	@command -v $(PYTHON) >/dev/null || \
	  { echo "Python 3.11 or newer is missing; on Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
	  "Python 3.11 or newer is needed, this is %d.%d: make PYTHON=/path/to/python3 ..." % sys.version_info[:2])'
