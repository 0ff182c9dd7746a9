# `make reproduce` judges every claim, `make test` checks the project; both make .venv themselves.
PYTHON ?= python3
CORES ?= all
BIN := .venv/bin
# SCALE=smoke or SCALE=paper overlays workflow/scales/; empty is config.yaml as it stands.
SCALE ?=
CONFIG := $(if $(SCALE),--config scale=$(SCALE))

.PHONY: reproduce stability unlock test test-slow test-faults test-vectors fuzz check verify report \
	docs site tables benchmark dist format clean help

reproduce: .venv/installed
	$(BIN)/snakemake --cores $(CORES) --rerun-incomplete $(CONFIG)

# Simulation and training again with other seeds, hours of it: how often each verdict comes.
stability: .venv/installed
	$(BIN)/snakemake stability --cores $(CORES) --rerun-incomplete $(CONFIG)

# After a run was killed, and only when no other runs here.
unlock: .venv/installed
	$(BIN)/snakemake --unlock $(CONFIG)

# What .pre-commit-config.yaml runs as well.
check: .venv/installed
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/tests.yml .github/workflows/release.yml
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/mypy

# The fast tier, before every commit, and the rest of the tests, before a change is handed in.
# ARGS="-k edge" runs some.
PYTEST := $(BIN)/pytest --numprocesses logical --dist loadfile --no-loadscope-reorder
test: check
	$(BIN)/snakemake --lint
	$(PYTEST) --tier fast $(ARGS)

test-slow: .venv/installed
	$(PYTEST) --tier slow $(ARGS)

# Small faults, each in a copy of the project, and which tier notices it: hours. TIER=fast stops
# at the fast tier.
test-faults: .venv/installed
	$(BIN)/python tests/faults/run.py $(if $(TIER),--tier $(TIER)) $(ARGS)

# The fast tier as on processors with other vector units: four times `make test`.
test-vectors: .venv/installed
	$(BIN)/python tests/vectors.py $(ARGS)

# Activations drawn from a grammar against a slow path, hours of it; SEED=n repeats a run.
EXAMPLES ?= 10000
fuzz: .venv/installed
	$(BIN)/python tests/fuzz/run.py --examples $(EXAMPLES) $(if $(SEED),--seed $(SEED))

verify: .venv/installed
	$(BIN)/python scripts/manifest.py --verify results/manifest.json

report: .venv/installed
	$(BIN)/snakemake --report report.html $(CONFIG)

# The site, from docs/ and the docstrings, without network; a warning is an error.
docs: .venv/installed
	$(BIN)/sphinx-build --fail-on-warning --nitpicky --keep-going --quiet docs build/site
	@echo "open build/site/index.html"

site: docs

# What the README and docs/ show of the results.
tables: reproduce
	$(BIN)/python scripts/docs.py

# Beside its peers, into docs/explanation/benchmarks.md: twenty minutes of two cores with nothing else
# on them. ARGS="--only edge maps" for some, --quick for small sizes.
benchmark: .venv/installed
	$(BIN)/python -m benchmarks $(ARGS)

# The wheel and the sdist, in dist/.
dist: .venv/installed
	mkdir -p dist
	$(BIN)/python -c "from setuptools import build_meta as b; b.build_sdist('dist'); b.build_wheel('dist')"

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

clean:
	rm -rf results/theory results/claims results/figures results/report results/logs \
		results/benchmarks results/simulation results/training results/manifest.json \
		results/.sha256 results/.damaged .checkpoints .stability report.html .snakemake build/site dist

help:
	@echo "make reproduce [SCALE=smoke|paper] [CORES=2]   compute and judge everything"
	@echo "make stability [SCALE=smoke|paper] [CORES=2]   judge 20 more runs with other seeds, hours"
	@echo "make unlock    after a run was killed: let the next one start"
	@echo "make check     style and types, in seconds"
	@echo "make test      checks and the tests to run before a commit, in minutes"
	@echo "make test-slow   all other tests: kills, Slurm, whole workflows"
	@echo "make test-faults [TIER=fast]   which tests notice small faults, hours"
	@echo "make test-vectors   the tests as on processors with other vector units"
	@echo "make fuzz [EXAMPLES=10000] [SEED=1]   drawn activations against a slow path, hours"
	@echo "make verify    compare results with their manifest"
	@echo "make report    Snakemake's own report, report.html"
	@echo "make docs      the site, build/site/index.html (make site is the same)"
	@echo "make tables    write the results into docs/ and the README"
	@echo "make benchmark [ARGS=--quick]   time it beside its peers, and write that into docs/"
	@echo "make clean     remove the results"

# Made anew when the lock or the project's metadata changes.
.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -c "import sys; sys.exit('Python 3.11 or newer is needed, this is ' + sys.version) if sys.version_info < (3, 11) else None"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e '.[workflow]'
	touch $@
