# Two commands, each doing its own set-up in .venv:
#   make quickstart   screen a few hosts with a pretrained potential and print the ranked tables
#   make test         style, types, spelling and all tests
# and longer ones, resumable: make review screens every host of the review, make full computes every
# descriptor for twelve of them (a few minutes each); make validation
# measures every engine against the reference set (ten minutes) and refreshes docs/validation.md;
# make dft adds GPAW, compiled on the spot (three minutes; its libraries: CONTRIBUTING.md).
PYTHON ?= python3
ENGINES := emt sevennet sevennet:7net-l3i5 sevennet:7net-mf-0 chgnet chgnet:r2scan xtb
BIN := .venv/bin
DATABASES = $(wildcard results/*/alkascreen.db)
READY := .venv/.ready
DFT := .venv/.dft
PIP := $(BIN)/python -m pip install --quiet
# The tested machine takes what locks/ holds, by hash; others what constraints.txt allows.
TESTED := import platform, sys; \
  sys.exit((sys.platform, platform.machine(), sys.version_info[:2]) != ("linux", "x86_64", (3, 11)))
LOCKED := --require-hashes --no-deps --no-build-isolation --requirement
# What other packages are built with, and what is installed apart: locks/.
BUILD := setuptools|hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers|editables|numpy|pybind11
DFT_ONLY := gpaw|gpaw-data
HASHES = $(BIN)/uv pip compile - --quiet --no-deps --generate-hashes --no-annotate --no-header \
  --python-version 3.11 --output-file
UNLOCKED := torch
EXTRAS := sevennet,chgnet,xtb,d3,postgres,report,dask,chemiscope,docs,dev

# One thread a process: workers and test processes already fill the cores.
export OMP_NUM_THREADS := 1

.PHONY: setup locks dft quickstart review full validation test lint docs coverage compat wheel clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt locks/build.txt locks/setup.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	if $(BIN)/python -c '$(TESTED)'; then \
	  $(PIP) $(LOCKED) locks/build.txt && $(PIP) $(LOCKED) locks/setup.txt && \
	  $(PIP) --constraint constraints.txt $(UNLOCKED) && \
	  $(PIP) --no-deps --no-build-isolation --editable .; \
	else \
	  $(PIP) --constraint constraints.txt --editable '.[$(EXTRAS)]'; \
	fi
	touch $@

# After a change of constraints.txt, in a .venv that stands: the hashes of what it pins.
locks:
	grep -E '^($(BUILD))==' constraints.txt | $(HASHES) locks/build.txt
	grep -E '^($(DFT_ONLY))==' constraints.txt | $(HASHES) locks/dft.txt
	grep -Ev '^(#|($(BUILD)|$(DFT_ONLY)|$(UNLOCKED))==)' constraints.txt | $(HASHES) locks/setup.txt

dft: $(DFT)

$(DFT): export GPAW_CONFIG := $(CURDIR)/locks/gpaw.py
$(DFT): $(READY) locks/dft.txt locks/gpaw.py
	if $(BIN)/python -c '$(TESTED)'; then \
	  $(PIP) $(LOCKED) locks/dft.txt; \
	else \
	  $(PIP) --constraint constraints.txt --editable '.[dft]'; \
	fi
	touch $@

quickstart review full: $(READY)
	mkdir -p results/$@
	@$(BIN)/alkascreen run workflows/$@.yaml --db results/$@/alkascreen.db; status=$$?; \
	test $$status -le 1 || exit $$status; \
	$(BIN)/alkascreen rank --db results/$@/alkascreen.db || exit; \
	$(BIN)/alkascreen export --db results/$@/alkascreen.db \
	  $(foreach format,csv json md,-o results/$@/ranking.$(format)) || exit; \
	$(BIN)/alkascreen report --db results/$@/alkascreen.db -o results/$@/report.html || exit; \
	echo "Report: $(CURDIR)/results/$@/report.html"; \
	exit $$status

# Exit status 2 is an engine that is not installed; it has said so.
validation: $(READY)
	@for engine in $(ENGINES); do \
	  file=results/validation/$$(echo $$engine | tr : -); \
	  $(BIN)/alkascreen validate --calculator $$engine -o $$file.csv --plot $$file.png \
	    --db results/validation/tasks.db; status=$$?; \
	  test $$status -ne 2 || echo "$$engine is left out"; \
	  test $$status -eq 0 || test $$status -eq 2 || exit $$status; \
	done
	$(if $(DATABASES),$(BIN)/alkascreen validate --literature $(DATABASES:%=--db %) \
	  -o results/validation/literature.csv)
	$(BIN)/python benchmarks/validation_page.py results/validation docs/validation.md

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/codespell

test: lint
	$(BIN)/pytest -n 2

# The site, in build/site; warnings are errors, and every link has to lead somewhere.
docs: $(READY)
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet \
	  --conf-dir docs --doctree-dir build/doctrees . build/site
	$(BIN)/python docs/links.py build/site
	@echo "Site: $(CURDIR)/build/site/index.html"

coverage: $(READY)
	$(BIN)/pytest -n 2 --cov --cov-report=term:skip-covered

# Other Pythons, the lowest versions that pyproject.toml allows, the wheel elsewhere: noxfile.py.
compat: $(READY)
	$(BIN)/nox

wheel: $(READY)
	$(BIN)/nox --session wheel

clean:
	rm -rf .venv build dist .nox .mypy_cache .pytest_cache .ruff_cache .hypothesis
