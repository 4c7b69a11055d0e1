# The way in. `make run`, `make test` and `make meme PHOTO=me.jpg` each set up what they need first.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: setup setup-training run test meme lint bench package clean

setup: .venv/setup
setup-training: .venv/setup-training

.venv/setup: requirements.txt requirements-dev.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "MemeGen needs Python 3.11 and found no '$(PYTHON)'. Name yours: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.txt -r requirements-dev.txt
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

.venv/setup-training: .venv/setup requirements-training.txt
	$(BIN)/pip install --quiet -r requirements.txt -r requirements-dev.txt -r requirements-training.txt
	@touch $@

run: setup
	$(BIN)/python -m infra.local $(ARGS)

meme: setup
	@test -n "$(PHOTO)" || { echo "Name a photo: make meme PHOTO=me.jpg" >&2; exit 2; }
	$(BIN)/memegen "$(PHOTO)" -o "$(or $(MEME),meme.jpg)"

test: setup
	@sh tests/install-chromium.sh
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m tests.benchmarks

# Only the standard library is needed: whoever deploys needs no .venv for it.
package:
	@$(PYTHON) -m infra.package

clean:
	rm -rf .venv .local *.egg-info
