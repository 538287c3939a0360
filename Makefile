# Every verb sets up what it needs. `make` alone lists them.

VENV := .venv
BIN  := $(VENV)/bin
ARGS ?=
# Which Python the virtualenv is made with: make PYTHON=/usr/bin/python3 test
PYTHON ?=
export PYTHON

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test check lint types docs maps screenshots bench mutants simulate nightly lock wheel floors clean system typescript

help:  ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo '  ARGS="..." is handed on: make demo ARGS="--port 9000", make test ARGS="-k recovery"'
	@echo '  PYTHON=... names the Python to use: make PYTHON=/usr/bin/python3 test'

demo: $(VENV)/.demo.stamp  ## serve everything on this machine, with an inbox page
	@exec $(BIN)/monespace demo $(ARGS)

# Tests start the program again and again: what is compiled once is kept, whatever the environment
# says, among what `make clean` removes.  Three at a time, on two cores too: each waits now and then
# for a browser, a server or a database.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/.dev.stamp system typescript  ## run every test, then check that src/ is covered to the last branch
	@$(BIN)/pytest -n 3 --dist worksteal --cov --cov-report= --cov-fail-under=0 $(ARGS)
	@$(if $(ARGS),echo 'Coverage is judged on whole runs only.',$(BIN)/coverage report --include='src/*')

# The rules, the journeys, what is called about them, the JSON they are served as, the locks.
QUICK := tests/flows tests/journeys tests/stories tests/http/test_contract.py tests/install/test_locks.py

check: lint types  ## before each commit, under a minute: style, types and the quick tests
	@$(BIN)/pytest -q -n 2 --dist worksteal -m 'not slow' $(QUICK) $(ARGS)

lint: $(VENV)/.dev.stamp  ## check style, format and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo

types: $(VENV)/.dev.stamp  ## check types, tests included
	@$(BIN)/mypy

docs: $(VENV)/.docs.stamp  ## write the generated pages, then build the manual in docs/_build/html
	@$(BIN)/python docs/generate.py
	@$(BIN)/sphinx-build -q -W -b html docs docs/_build/html
	@$(BIN)/pytest -q tests/docs/test_manual.py

maps: $(VENV)/.dev.stamp  ## write the maps of the journeys, and the flows as support reads them
	@$(BIN)/python docs/generate.py maps

screenshots: $(VENV)/.dev.stamp system  ## take the pictures of the manual (ARGS=console: of the console only)
	@PYTHONPATH=. $(BIN)/python docs/screenshots.py $(ARGS)

bench: $(VENV)/.dev.stamp  ## measure
	@$(BIN)/python -m bench $(ARGS)

# So many steps from a seed: make simulate N=1000000 SEED=other ARGS="--world 17"
N ?= 100000
SEED ?= mon-espace
simulate: $(VENV)/.dev.stamp  ## run a world where everything breaks (N=1000000 steps, SEED=name)
	@$(BIN)/python -m tests.simulation --steps $(N) --seed $(SEED) $(ARGS)

# What takes longer than a change may wait: walks that go further, from other seeds each day.
nightly: $(VENV)/.dev.stamp  ## walk at random for long, and run a million steps of a world
	@$(BIN)/pytest -q -n 2 tests/properties --hypothesis-profile=search $(ARGS)
	@$(BIN)/python -m tests.simulation --steps 1000000 --seed "$$(date -u +%F)"

mutants: $(VENV)/.dev.stamp  ## change one thing at a time in the code, and tell what no test noticed
	@$(BIN)/python -m tests.mutants $(ARGS)

TYPESCRIPT := tests/http/typescript
NPM = npm --prefix $(TYPESCRIPT) --silent --ignore-scripts --no-audit --no-fund

# Keeps what is locked where it can; make lock ARGS=--upgrade takes the newest of everything.
# demo.txt and docs.txt follow dev.txt, so that one virtualenv can hold them all.
LOCK = .venv-lock/bin/uv pip compile --quiet --generate-hashes --no-strip-extras --universal \
	--python-version 3.11 --no-emit-index-url --custom-compile-command "make lock" $(ARGS)

lock: .venv-lock/.lock.stamp  ## resolve the requirements again
	@$(LOCK) pyproject.toml --extra all --group build --group dev -o requirements/dev.txt
	@$(LOCK) pyproject.toml --extra demo --group build -c requirements/dev.txt -o requirements/demo.txt
	@$(LOCK) --group docs -c requirements/dev.txt -o requirements/docs.txt
	@$(LOCK) --group lock -o requirements/lock.txt
	@$(LOCK) --group peers --no-annotate -o bench/peers/requirements.txt
	@if command -v npm >/dev/null; then $(NPM) install --package-lock-only --omit-lockfile-registry-resolved && \
		.venv-lock/bin/python requirements/bare.py $(TYPESCRIPT)/package-lock.json; \
		else echo 'npm is missing: $(TYPESCRIPT)/package-lock.json stays as it is.'; fi
	@if grep -n '://' requirements/*.txt bench/peers/requirements.txt $(TYPESCRIPT)/package-lock.json; then echo 'An address came into a lock file.'; exit 1; fi
	@.venv-lock/bin/python requirements/wants.py

wheel: .venv-lock/.lock.stamp  ## build what is published, and install it with each extra on each Python here
	@.venv-lock/bin/python requirements/release.py wheel

floors: .venv-lock/.lock.stamp  ## run tests on the oldest versions that pyproject.toml declares
	@.venv-lock/bin/python requirements/release.py floors $(ARGS)

clean:  ## remove the virtualenv and what tools left (the demo's data stays)
	@rm -rf $(VENV) .venv-lock .venv-peers build dist docs/_build htmlcov mutants .coverage .coverage.* \
		.hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache $(TYPESCRIPT)/node_modules
	@find src adapters tests bench docs -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# --- the virtualenv ----------------------------------------------------------------------------

# Where the Python of a virtualenv is gone, or is not the one asked for, the installer runs again
# whatever the stamps say, and decides.
WHO := import sys; print(sys.version, sys.base_prefix)
.PHONY: $(foreach venv,$(wildcard $(VENV) .venv-lock .venv-peers),$(shell \
	who=$$($(venv)/bin/python -c '$(WHO)' 2>/dev/null); \
	if [ -z "$$who" ] || { [ -n '$(PYTHON)' ] && \
		[ "$$who" != "$$($(PYTHON) -c '$(WHO)' 2>/dev/null)" ]; }; then \
		echo $(venv)/.dev.stamp $(venv)/.demo.stamp $(venv)/.docs.stamp $(venv)/.lock.stamp \
		$(venv)/.peers.stamp; fi))

$(VENV)/.demo.stamp $(VENV)/.dev.stamp: $(VENV)/.%.stamp: requirements/%.txt pyproject.toml
	@sh requirements/install.sh $(VENV) $*

$(VENV)/.docs.stamp: requirements/docs.txt $(VENV)/.dev.stamp
	@sh requirements/install.sh $(VENV) docs

.venv-lock/.lock.stamp: requirements/lock.txt
	@sh requirements/install.sh .venv-lock lock

# Our rivals, which `python -m bench peers` asks for.
.venv-peers/.peers.stamp: bench/peers/requirements.txt
	@sh requirements/install.sh .venv-peers peers $<

# --- what tests take from the system -----------------------------------------------------------

# Chromium, the library that Playwright's own program needs, a PostgreSQL and a Redis server,
# PgBouncer, nginx and npm.  Whatever cannot be brought is named; the tests that want Redis, PgBouncer
# or nginx then fail and say so, the others skip and say so.
system:
	@missing=''; \
	[ -x /usr/bin/chromium ] || missing="$$missing chromium"; \
	ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1 || missing="$$missing libatomic1"; \
	ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$$missing postgresql"; \
	[ -x /usr/bin/redis-server ] || missing="$$missing redis-server"; \
	command -v npm >/dev/null || missing="$$missing npm"; \
	[ -x /usr/sbin/pgbouncer ] || missing="$$missing pgbouncer"; \
	[ -x /usr/sbin/nginx ] || missing="$$missing nginx-light"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing$$missing"; \
		if apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
			apt-get -qq install -y --no-install-recommends $$missing >/dev/null; \
		then exit 0; fi; \
	fi; \
	echo "Missing:$$missing. Some tests may skip or fail. To run them all, type:"; \
	echo "  sudo apt-get update && sudo apt-get install --no-install-recommends$$missing"

# What makes TypeScript of the JSON's description, and reads it: as it is locked.  The test that wants
# it skips without it, and says so.
typescript:
	@if [ $(TYPESCRIPT)/node_modules/.stamp -nt $(TYPESCRIPT)/package-lock.json ]; then exit 0; fi; \
	if ! command -v npm >/dev/null; then \
		echo 'npm is missing: the test of TypeScript will skip.'; \
	elif $(NPM) ci; then touch $(TYPESCRIPT)/node_modules/.stamp; \
	else echo 'npm could not bring what is locked: the test of TypeScript will skip. When it can:  make typescript'; fi
