# `make` alone prints the list of targets. Each recipe is one call; the logic is in the program.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
# Where the audit store lives: `make report user=srhea data=/srv/raytrail`.
data ?= data
# Where `make report` puts HTML, CSV, JSON and Parquet.
reports ?= reports
# What the suites draw from: `make long-soak seed=17`. Random when empty.
seed ?=
# Where `make mutants` breaks the product, and at how many places: `rooms="store/intake queries"`.
rooms ?=
sample ?=

BIN := .venv/bin
READY := .venv/.ready
READY_DEV := .venv/.ready-dev
READY_OLDEST := .venv/.ready-oldest
READY_AXE := .venv/.ready-axe
READY_BENCH := .venv/.ready-bench
READY_SCALE := .venv/.ready-scale
ARROW_PEER := bench/arrow/target/release/libarrow_peer.so
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links
# The tests start many processes; with cached bytecode they need not all compile the same modules, and
# with the base of the SQL as it is now they need not all define the same views.
PYTEST := $(BIN)/python -m queries.shell_base && env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest
# `COVERAGE=1 make test` counts branches, beside those counted before, and draws the same examples each time.
COUNTED := $(if $(COVERAGE),--cov --cov-append --cov-report= --hypothesis-profile same,--hypothesis-profile quick)
# Three on two cores: many tests wait for a process or a disk.
PARALLEL := --numprocesses 3 --dist worksteal
# The tests of a file share the service that they kill.
SUITES := --numprocesses 3 --dist loadfile
# The long form of a suite runs for minutes to hours. `make long-kills seed=17` draws as that seed does.
LONG := long-deaths long-kills long-soak long-sequences long-disk long-large long-properties long-findings
# Bytes become values in these rooms, or become permanent: each of their branches is tested.
NEVER_FAILS := schema/*,store/lifetimes.py,store/files/*,store/parquet/*,store/catalog/*,store/intake/*,store/loading/*,store/compaction/*,store/retention/*,store/replay/*,store/backup/*,store/fsck/*
# Files of these rooms with a branch that no test takes yet.
NOT_YET := store/catalog/catalog.py,store/catalog/databases/expressions.py,store/catalog/databases/mark.py,store/catalog/databases/postgresql.py,store/catalog/databases/postgresql_connection.py,store/catalog/databases/postgresql_engine.py,store/catalog/databases/postgresql_reading.py,store/catalog/databases/postgresql_store.py,store/files/layout.py,store/fsck/schema_check.py,store/parquet/footer.py,store/catalog/read_only.py,store/catalog/sqlite_errors.py,store/compaction/compactor.py,store/compaction/older_formats.py,store/compaction/progress.py,store/compaction/rewriter.py
PRODUCT := schema native store receiver queries upstream completeness archives publishing raytrail
SOURCES := $(PRODUCT) bench docs tests

# A value from the command line goes through the environment, so neither make nor the shell expands it.
export REPORT_USER := $(value user)
export REPORT_SINCE := $(value since)
export REPORT_UNTIL := $(value until)
export REPORT_DATA := $(value data)
export REPORT_FOLDER := $(value reports)
export TEST_SEED := $(value seed)
export MUTANT_ROOMS := $(value rooms)
export MUTANT_SAMPLE := $(value sample)
# Otherwise make would expand them, including `$(shell ...)`, to pass them to every recipe.
unexport user since until data reports seed rooms sample

.PHONY: help setup demo serve report shell status test test-all test-questions test-years test-service test-deaths test-postgres test-catalogs test-browser test-scale test-faults long $(LONG) fuzz fuzz-long mutants mutants-native coverage docs picture bench bench-smoke check format lock clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*##/\t/' | expand -t 16

setup: $(READY)  ## Install Raytrail and everything it needs into .venv

# The native decoder is built if there is a Rust toolchain; otherwise the Python one is used.
NATIVE := native/Cargo.toml $(wildcard native/src/*.rs native/src/*/*.rs native/src/*/*/*.rs)

$(READY): requirements.lock pyproject.toml $(NATIVE)
	@echo "setting up .venv (a minute or two the first time) ..." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q $(PRODUCT)
	@$(BIN)/python -m queries.shell_base
	@$(BIN)/python -m raytrail.decoder
	@touch $@

$(READY_DEV): $(READY) requirements-dev.lock
	@echo "adding the test and lint tools ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements-dev.lock
	@touch $@

demo: $(READY)  ## Receive, load and report sample batches
	@$(BIN)/raytrail demo --data "$$REPORT_DATA"

serve: $(READY)  ## Receive Logpush batches; settings come from RAYTRAIL_* and .env
	@exec $(BIN)/raytrail serve --data "$$REPORT_DATA"

report: $(READY)  ## Print and save where one person went:  make report user=srhea [since=2026-11-01 until=2026-11-08]
	@exec $(BIN)/raytrail report --data "$$REPORT_DATA" --user "$$REPORT_USER" --since "$$REPORT_SINCE" --until "$$REPORT_UNTIL" --save "$$REPORT_FOLDER"

shell: $(READY)  ## Open the store in the duckdb shell
	@exec $(BIN)/raytrail shell --data "$$REPORT_DATA"

status: $(READY)  ## Show what the store holds and how far loading is behind
	@exec $(BIN)/raytrail status --data "$$REPORT_DATA"

test: $(READY_DEV)  ## Run the tests that take little (two minutes on two cores); the others:  make test-all
	@$(PYTEST) -m "not questions and not slow and not deaths and not service and not years and not browser and not catalogs and not scale" $(PARALLEL) $(COUNTED)

test-all: test test-questions test-catalogs test-years test-service test-deaths test-browser test-faults  ## Run every test but the long forms (half an hour)

test-questions: $(READY_DEV)  ## Run the tests of what is asked of a store: trails, reports, findings, SQL, the shell
	@$(PYTEST) -m "questions and not slow and not deaths and not service" $(PARALLEL) $(COUNTED)

test-years: $(READY_DEV)  ## Run the tests of long-term storage: archives, merging, retention, erasure, backup, damage
	@$(PYTEST) -m "years and not slow and not deaths and not service" $(PARALLEL) $(COUNTED)

test-service: $(READY_DEV)  ## Run the tests that start a service, or a stand-in for Cloudflare's API
	@$(PYTEST) -m "service and not slow and not deaths" $(PARALLEL) $(COUNTED)

test-deaths: $(READY_DEV)  ## Kill the system, or fail its disk, at each durable call in turn
	@$(PYTEST) -m "deaths" $(PARALLEL) $(COUNTED)

$(READY_AXE): $(READY_DEV) requirements-axe.lock
	@echo "adding axe-core, which judges a report in the browser ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade --target .venv/axe --requirement requirements-axe.lock
	@touch $@

test-postgres: $(READY_DEV)  ## Run the store's tests with every catalog on a PostgreSQL that the tests start (some minutes)
	@$(PYTEST) tests/store --catalog postgresql -m "not slow and not deaths and not service" $(PARALLEL) --hypothesis-profile quick -W ignore::ResourceWarning -W ignore::pytest.PytestUnraisableExceptionWarning

test-catalogs: $(READY_DEV)  ## Run what both kinds of catalog promise, on SQLite and on PostgreSQL (under a minute)
	@$(PYTEST) -m "catalogs" $(PARALLEL) $(COUNTED)

test-browser: $(READY_AXE)  ## Compare what a real Chromium sends with the golden table, and judge a report (a minute)
	@$(PYTEST) tests/browser

$(READY_SCALE): $(READY_DEV) requirements-scale.lock
	@echo "adding other engines, which read the published tables ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade --target .venv/scale --requirement requirements-scale.lock
	@touch $@

test-scale: $(READY_SCALE)  ## Ask ClickHouse, Sail, Polars and DuckDB what Raytrail answers (a minute, and one to install them)
	@$(PYTEST) tests/scale

$(READY_OLDEST): $(READY_DEV) requirements-oldest.lock
	@echo "adding the oldest duckdb that must read our views ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade --target .venv/oldest --requirement requirements-oldest.lock
	@touch $@

test-faults: $(READY_OLDEST)  ## Run the short form of the long suites: kills, full disks, large uploads, random sequences
	@$(PYTEST) -m "slow" $(SUITES) --hypothesis-profile quick --timeout 1200

long: $(LONG) fuzz-long  ## Run every suite in its long form (hours); one of them:  make long-kills [seed=17]

$(LONG): long-%: $(READY_OLDEST)
	@$(PYTEST) -m "$*" --long --capture no --hypothesis-profile thorough --timeout 7200

fuzz: $(READY_DEV)  ## Feed irregular lines to both decoders for a minute
	@$(BIN)/python -m tests.fuzz --seconds 60

fuzz-long: $(READY_DEV)  ## Feed ten million irregular lines to both decoders
	@$(BIN)/python -m tests.fuzz

mutants: $(READY_DEV)  ## Break the product at random places; which do the tests miss?  [rooms=store/intake sample=20 seed=1]
	@$(BIN)/python -m tests.mutation

mutants-native: $(READY_DEV)  ## The same for the Rust code, where cargo-mutants is installed  [sample=30 seed=1]
	@$(BIN)/python -m tests.mutation.native

coverage: $(READY_DEV)  ## Check what COVERAGE=1 counted: 95 % of all branches, 100 % in rooms that must not fail
	@$(BIN)/coverage report --fail-under 95 --format total
	@$(BIN)/coverage report --fail-under 100 --include "$(NEVER_FAILS)" --omit "$(NOT_YET)"

docs: $(READY)  ## Write the pages on commands and settings from the program
	@$(BIN)/python -m docs.generate

picture: $(READY)  ## Draw the README's picture of a report from the demo
	@$(BIN)/python -m docs.picture

$(READY_BENCH): $(READY) requirements-bench.lock
	@echo "adding the peers to be measured against ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement requirements-bench.lock
	@touch $@

# Building it takes minutes, so the smoke form, and a machine without a Rust toolchain, go without this peer.
$(ARROW_PEER): bench/arrow/Cargo.toml bench/arrow/src/lib.rs
	@-cargo build --quiet --release --manifest-path bench/arrow/Cargo.toml

bench: $(READY_BENCH) $(ARROW_PEER)  ## Measure the speed beside other engines and print the table of goals (some minutes)
	@exec $(BIN)/python -m bench all

bench-smoke: $(READY_BENCH)  ## Check that the bench still runs and that all engines agree; measures no speed
	@$(BIN)/python -m bench smoke

check: $(READY_DEV)  ## Check format, lint and types, as CI does
	@$(BIN)/ruff format --check $(SOURCES)
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/mypy

format: $(READY_DEV)  ## Let ruff format the code and fix what it can
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

lock: $(READY_DEV)  ## Pin the dependencies again: hashes, no addresses
	@$(LOCK) pyproject.toml --group build --output-file requirements.lock
	@$(LOCK) --group pdf --constraints requirements.lock --output-file requirements-pdf.lock
	@$(LOCK) --group iceberg --constraints requirements.lock --output-file requirements-iceberg.lock
	@$(LOCK) --group dev --constraints requirements.lock --output-file requirements-dev.lock
	@$(LOCK) --group bench --constraints requirements.lock --output-file requirements-bench.lock
	@$(LOCK) --group scale --output-file requirements-scale.lock

clean:  ## Remove what can be made again; never touches the data folder
	@rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov bench/.bodies bench/.work bench/*/target queries/audit.base
