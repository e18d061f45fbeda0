# Every target makes what it needs first: `make run` on a fresh machine is enough.
# Python: the first of these that is 3.12 or newer (`python3` may obey .python-version).
NEW_ENOUGH := import sys; sys.exit("too old") if sys.version_info < (3, 12) else None
PYTHON = $(shell for python in python3 python3.14 python3.13 python3.12; do \
	$$python -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
STAMP := .venv/installed-$(shell cksum < requirements/dev.txt | cut -d' ' -f1)

.PHONY: run serve quick shuffled test check fix migrations screenshots bench lock sbom clean
.DEFAULT_GOAL := run

$(STAMP): requirements/dev.txt
	@$(BIN)/python -c '$(NEW_ENOUGH); import pip' 2>/dev/null || { \
		test -n "$(PYTHON)" || { echo "Python 3.12 or newer is needed and was not found: install it and try again." >&2; exit 1; }; \
		rm -rf .venv && $(PYTHON) -m venv .venv || \
		{ echo "The environment could not be made: install your system's package for Python's venv module." >&2; exit 1; }; }
	@echo "Installing into .venv (once, about a minute)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt \
		|| { echo "The packages could not be installed: check the network and try again." >&2; exit 1; }
	@rm -f .venv/installed-* && touch $@

.env:
	@echo "DEBUG=true" > .env

run: $(STAMP) .env ## the site on http://127.0.0.1:8000 (PORT=8123 make run), with its database and demo data
	@exec $(BIN)/python manage.py run

serve: $(STAMP) ## the site in production form: Granian, one worker a core
	@echo "Collecting the static files…"
	@DEBUG=false $(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@exec env DEBUG=false $(BIN)/python manage.py serve

quick: $(STAMP) .env ## the tests that open no page and are not slow, two in three: about two minutes on 2 cores
	@$(BIN)/python -m pytest -q -m "not slow and not browser and not page"

shuffled: $(STAMP) .env ## all tests but those marked slow or browser, in a random order, which is printed; SEED=n repeats one
	@$(BIN)/python -m pytest -m "not slow and not browser" -p pytest_randomly $(if $(SEED),--randomly-seed=$(SEED))

test: $(STAMP) .env ## every test, in parallel, with a Chromium found or installed
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m pytest --cov

check: $(STAMP) .env ## ruff, djade, mypy, Django's deployment checks, migrations: none pending, each safe to apply
	@echo "ruff" && $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "djade" && $(BIN)/djade --check --target-version 6.1 $$(find templates -name '*.html')
	@echo "mypy" && $(BIN)/mypy .
	@echo "check --deploy" && DJANGO_SETTINGS_MODULE=tests.production $(BIN)/python manage.py check --deploy --fail-level WARNING
	@echo "pending migrations" && $(BIN)/python manage.py makemigrations --check --dry-run
	@echo "safe migrations" && $(BIN)/python manage.py lint_migrations

fix: $(STAMP) ## format everything
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .
	@$(BIN)/djade --target-version 6.1 $$(find templates -name '*.html')

# In the order in which their tables refer to each other.
MIGRATED := profiles common rollout certifications verification sourcing impact spend integrations
migrations: $(STAMP) .env ## write the generated migrations anew, from the models
	@rm -f */migrations/*_initial.py
	@for app in $(MIGRATED); do $(BIN)/python manage.py makemigrations --name initial --no-header --verbosity 0 $$app || exit 1; done

screenshots: $(STAMP) .env ## draw the pictures under docs/screenshots anew, from the demo
	@$(BIN)/python -m tests.browser.chromium
	@SCREENSHOTS=$(CURDIR)/docs/screenshots $(BIN)/python -m pytest -q -n 0 tests/browser/screenshots.py

bench: $(STAMP) .env ## the benchmarks, as ratios measured in one run
	@$(BIN)/python -m benchmarks

lock: $(STAMP) ## compile requirements/*.txt from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header \
		--no-emit-index-url --no-annotate pyproject.toml -o requirements/base.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header \
		--no-emit-index-url --no-annotate --extra dev -c requirements/base.txt pyproject.toml -o requirements/dev.txt

sbom: $(STAMP) ## list what the product is made of, in CycloneDX: sbom.json
	@$(BIN)/uv tool run --quiet --from cyclonedx-bom==7.5.0 cyclonedx-py requirements requirements/base.txt \
		--pyproject pyproject.toml --output-reproducible --output-file sbom.json

clean: ## remove the environment and all local data
	rm -rf .venv .data staticfiles
