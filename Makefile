# Every target works on a machine with Python 3.11+, make and a package index.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: venv demo test test-full lint bench lock clean

venv: $(VENV)/.runtime

$(VENV)/.runtime: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "qcisim needs Python 3.11 or newer; try: make PYTHON=python3.13 $(MAKECMDGOALS)" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.runtime tests/requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.lock
	@touch $@

demo: venv
	$(BIN)/qcisim run first_link --keep-keys

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy && $(BIN)/mypy protocols
	$(BIN)/lint-imports --no-cache

test: lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n 2 --dist loadfile -m "not full"

test-full: lint
	HYPOTHESIS_PROFILE=explore $(BIN)/python -m pytest -q

bench: $(VENV)/.test
	@for name in help clicks cascade ldpc toeplitz link day passes pass_key space events pairs chains e91 mdi squidasm deliveries; do $(BIN)/python benchmarks/$$name.py || exit 1; done

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --group build pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet --extra netqasm --group build --group test pyproject.toml -c requirements.lock -o tests/requirements.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
