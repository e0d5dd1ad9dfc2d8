# Two commands are all a new machine needs: `make demo` and `make test`.
ARGS ?=
PYTHON := .venv/bin/python

.PHONY: help demo test check lint format setup setup-test setup-nightly bench nightly chaos audit clean

help: ## What there is
	@grep -E '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: setup ## Set up and run a whole town: database, Asterisk, residents, robots, panel (ARGS="--agents 4 --until-done")
	@$(PYTHON) -m dialer demo $(ARGS)

test: setup-test ## Set up and run all checks and tests; with ARGS (paths, -k) these tests alone
	@scripts/test $(ARGS)

check: ## Format, lint, types, import direction
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

lint: check

format: ## Bring the code into form
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

bench: setup-test ## Print figures; docs/benchmarks.md keeps them
	@$(PYTHON) -m bench $(ARGS)

bench-%: setup-test ## One of them: bench-pacing, bench-reach, bench-load ... (python -m bench --help)
	@$(PYTHON) -m bench $* $(ARGS)

chaos: setup-test ## Break everything in turn, then ask the auditor (ARGS="--minutes 3 --seed 7")
	@$(PYTHON) -m tests.chaos $(ARGS)

nightly: setup-nightly ## The long proofs
	@$(PYTHON) -m pytest -m nightly --timeout 3600 $(ARGS)

audit: setup ## Known holes, licences, and the list of parts (CycloneDX) into dialer.cdx.json; asks the network
	@$(PYTHON) -m scripts.supply licences >/dev/null
	@$(PYTHON) -m scripts.supply sbom >dialer.cdx.json
	@$(PYTHON) -m scripts.supply audit

setup:
	@scripts/setup demo

setup-test:
	@scripts/setup test

setup-nightly:
	@scripts/setup nightly

clean: ## Remove what setup made; the data folder stays
	rm -rf .venv .state web/node_modules web/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
