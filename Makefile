# Everything runs in .venv, made from uv.lock by a pinned uv that lives in .uv.
# `make help` lists the targets.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV_VERSION := 0.13.9
BIN := .venv/bin
DEMO ?= demo
# GPL, only measured against; without its dependencies, of which it needs rioxarray alone here
ZEIT := zeit-cdts==2.2.0 rioxarray==0.19.0
BROWSER := chromium libatomic1
export UV_PYTHON_DOWNLOADS := never
export UV_PYTHON := $(PYTHON)
# compiled once here: where Python may not write bytecode, every command would compile all anew
export UV_COMPILE_BYTECODE := 1

.PHONY: help demo test test-slow test-bare lint format words bench bench-peers clean browser
.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/.demo ## Build a case and its dossier from the images in this repository
	$(BIN)/gossan demo $(DEMO)
	@echo "Open $(DEMO)/dossier/index.html in a browser."

test: lint browser ## Lint, types, layers and all tests but the slow ones
	$(BIN)/pytest -n 2 --dist loadfile -m "not slow"

test-slow: .venv/.dev browser ## The tests that take minutes
	$(BIN)/pytest -m slow

test-bare: ## Both commands on a bare Debian 12 and 13 (root; about an hour)
	tools/bare-debian bookworm
	tools/bare-debian trixie

lint: .venv/.dev ## ruff, mypy strict, import layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev ## Format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

words: .venv/.dev ## Collect the words people read, bring the catalogues up to date, compile them
	$(BIN)/python -m tools.words

bench: .venv/.dev ## Cost of each stage, per scene and per pixel
	@set -e; for name in stages speed; do echo "== bench.$$name"; $(BIN)/python -m bench.$$name; done

bench-peers: .venv/.dev ## Accuracy of gossan and of other people's monitors on the same cubes
	.uv/bin/uv sync --frozen --inexact --group bench
	.uv/bin/uv pip install --python $(BIN)/python --quiet --no-deps $(ZEIT)
	$(BIN)/python -m bench.accuracy

clean: ## Remove what make made
	rm -rf .venv .uv $(DEMO) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# --inexact: the demo needs less than the tests, but takes nothing away from them
.venv/.demo: uv.lock pyproject.toml .uv/bin/uv
	.uv/bin/uv sync --frozen --no-dev --inexact
	@touch $@

.venv/.dev: uv.lock pyproject.toml .uv/bin/uv
	.uv/bin/uv sync --frozen
	@touch $@ .venv/.demo

# On Debian, venv is a package of its own; root may install it, others are told
.uv/bin/uv:
	@test -n "$(PYTHON)" || { echo "gossan needs Python 3.11 or newer: apt-get install python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "gossan needs Python 3.11 or newer; call make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
			&& apt-get update -qq && apt-get install -y -qq python3-venv; } \
		|| { echo "Python's venv is missing: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .uv
	.uv/bin/pip install --quiet uv==$(UV_VERSION)
	@touch $@

# Chromium, and what the Node of its driver is linked to; the wheels of PyPI bring all else
browser:
	@command -v chromium >/dev/null && $(PYTHON) -c 'import ctypes; ctypes.CDLL("libatomic.so.1")' 2>/dev/null \
		|| if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && apt-get install -y -qq --no-install-recommends $(BROWSER); \
		else \
			echo "Tests in a browser are skipped: sudo apt-get install $(BROWSER)"; \
		fi
