# Two commands do everything: «make build» shows the example site, «make test» runs all tests.
# Both make a virtual environment in .venv first, with the versions in constraints.txt.
# A second run does only what is left to do.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Half as many processes again as processors, since tests wait for browsers and servers a third of their time.
TEST_JOBS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((n + n / 2)))
PYTEST_ARGS ?= -n $(TEST_JOBS) --dist loadfile --no-loadscope-reorder
PORT ?= 8000

.PHONY: help docs build test lint format tools wheel clean
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

help:
	@echo "make build   install into .venv, build example_site and say how to look at it"
	@echo "make test    install all that the tests need, then run lint, type check and tests"
	@echo "make lint    ruff and mypy alone"
	@echo "make format  let ruff rewrite the code as it should stand"
	@echo "make tools   install the browser, the HTML validator and the accessibility rules for tests"
	@echo "make docs    write the tables of the reference pages anew"
	@echo "make wheel   sdist and wheel, in dist/"
	@echo "make clean   remove everything that these commands made"
	@echo "Choose another Python with PYTHON=…, as in: make build PYTHON=python3.12"

build: $(VENV)/.installed
	$(BIN)/kommunebeta build example_site
	@echo
	@echo "The site lies in $(CURDIR)/example_site/public"
	@echo "Look at it:  $(BIN)/python -m http.server --directory example_site/public $(PORT)"
	@echo "and open http://localhost:$(PORT)/ in a browser (Ctrl+C stops the server)."

# Lint and types go on beside the tests, since each of them uses one processor; both have to be well.
test: $(VENV)/.installed-for-tests tools
	@$(MAKE) --no-print-directory lint & lint=$$!; \
	$(BIN)/python -m pytest $(PYTEST_ARGS); code=$$?; \
	wait $$lint && exit $$code

lint: $(VENV)/.installed-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed-for-tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

tools:
	@.ci/tools

wheel: $(VENV)/.installed-for-tests
	$(BIN)/python -m build --no-isolation

docs: $(VENV)/.installed-for-tests
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) node_modules dist build example_site/public example_site/.kommunebeta
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find kommunebeta tests -type d -name __pycache__ -prune -exec rm -rf {} +

# The first Python that is new enough; one that only a version manager's shim names is passed over.
$(VENV)/.created:
	@python=; \
	for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3 python); do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	    then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "Kommunebeta needs Python 3.11 or newer. Found: $$(python3 --version 2>&1)" >&2; \
	    echo "Install a newer one, or name it: make build PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	    package=$$(basename "$$python")-venv; \
	    if command -v apt-get >/dev/null && [ "$$(id -u)" -eq 0 ]; then \
	        export DEBIAN_FRONTEND=noninteractive; \
	        apt-get update -qq </dev/null; apt-get install -qq -y "$$package" </dev/null >/dev/null; \
	    fi; \
	    if ! "$$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then \
	        echo "$$python cannot make virtual environments: its venv module is missing." >&2; \
	        echo "On Debian and Ubuntu: sudo apt-get install $$package" >&2; exit 1; \
	    fi; \
	fi; \
	echo "Making $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV)
	@touch $@

# The build backend comes first, so that it is pinned like everything else.
$(VENV)/.installed: $(VENV)/.created pyproject.toml constraints.txt
	@echo "Installing Kommunebeta and what it needs"
	@$(PIP) install -c constraints.txt hatchling
	@$(PIP) install -c constraints.txt --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-for-tests: $(VENV)/.created pyproject.toml constraints.txt
	@echo "Installing Kommunebeta and what the tests need"
	@$(PIP) install -c constraints.txt hatchling
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[test]'
	@touch $(VENV)/.installed $@
