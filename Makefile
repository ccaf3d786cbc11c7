# Two commands, each doing its own set-up in .venv:
#   make quickstart   screen a few hosts with a pretrained potential and print the ranked tables
#   make test         style, types, spelling and all tests
# and the long one: make review screens every host of the review (an hour), resumable.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
EXTRAS := sevennet,chgnet,xtb,d3,postgres,report,dev

# One thread a process: workers and test processes already fill the cores.
export OMP_NUM_THREADS := 1

.PHONY: setup quickstart review test lint clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$(EXTRAS)]'
	touch $@

quickstart review: $(READY)
	mkdir -p results/$@
	@$(BIN)/alkascreen run workflows/$@.yaml --db results/$@/alkascreen.db; status=$$?; \
	test $$status -le 1 || exit $$status; \
	$(BIN)/alkascreen rank --db results/$@/alkascreen.db || exit; \
	for format in csv json md; do \
	  $(BIN)/alkascreen export --db results/$@/alkascreen.db --format $$format \
	    -o results/$@/ranking.$$format || exit; \
	done; \
	exit $$status

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/codespell

test: lint
	$(BIN)/pytest -n 2

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
