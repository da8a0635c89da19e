# adlib. `make` alone lists what there is. Needs make and Python 3.11 or newer; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
OLDEST := .venv-oldest
NEWEST_LOCK := tests/locks/newest.txt
OLDEST_LOCK := tests/locks/oldest.txt
JOBS ?= 2
PIP_INSTALL := install --quiet --disable-pip-version-check

# Names of stamps: .venv is made anew when its lock or the Python that is used changes, adlib is linked into it anew when
# pyproject.toml changes, and otherwise nothing happens.
PYTHON_KEY := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
PROJECT_KEY := $(shell cksum < pyproject.toml | cut -d' ' -f1)
NEWEST_KEY := $(shell cksum < $(NEWEST_LOCK) | cut -d' ' -f1)-$(PYTHON_KEY)
OLDEST_KEY := $(shell cksum < $(OLDEST_LOCK) | cut -d' ' -f1)-$(PYTHON_KEY)
LOCKED := $(VENV)/locked-$(NEWEST_KEY)
READY := $(VENV)/ready-$(NEWEST_KEY)-$(PROJECT_KEY)
OLDEST_LOCKED := $(OLDEST)/locked-$(OLDEST_KEY)
OLDEST_READY := $(OLDEST)/ready-$(OLDEST_KEY)-$(PROJECT_KEY)
PY := $(VENV)/bin/python
OLDEST_PY := $(OLDEST)/bin/python

# The user's own settings of Jupyter, IPython and Matplotlib have no say in tests and pictures.
PRIVATE = JUPYTER_NO_CONFIG=1 JUPYTER_CONFIG_DIR=$(CURDIR)/build/private/config JUPYTER_DATA_DIR=$(CURDIR)/build/private/data \
	JUPYTER_RUNTIME_DIR=$(CURDIR)/build/private/runtime IPYTHONDIR=$(CURDIR)/build/private/ipython MPLCONFIGDIR=$(CURDIR)/build/private/matplotlib \
	PYDEVD_DISABLE_FILE_VALIDATION=1
STRICT_NBVAL = -p no:cacheprovider --nbval --nbval-current-env --nbval-cell-timeout=120 -n $(JOBS) --dist loadfile -W default

# Where a machine forbids to keep compiled files, every kernel of every notebook would compile Matplotlib anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup lab test lint test-unit test-notebooks test-browser test-peers test-oldest notebooks figures reference bench mutants coverage lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv from the lock (the other commands do this themselves)

$(LOCKED):
	@$(PYTHON) -c 'import sys; sys.exit("adlib needs Python 3.11 or newer; this is %s. Try: make PYTHON=python3.12" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "making $(VENV) (a minute, once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PY) -m pip $(PIP_INSTALL) --require-hashes --only-binary :all: -r $(NEWEST_LOCK)
	@touch $@

$(READY): | $(LOCKED)
	@$(PY) -m pip $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(OLDEST_LOCKED):
	@echo "making $(OLDEST) (a minute, once)"
	@$(PYTHON) -m venv --clear $(OLDEST)
	@$(OLDEST_PY) -m pip $(PIP_INSTALL) --require-hashes --only-binary :all: -r $(OLDEST_LOCK)
	@touch $@

$(OLDEST_READY): | $(OLDEST_LOCKED)
	@$(OLDEST_PY) -m pip $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

# In a container everybody is root, which JupyterLab wants to be told.
CONTAINER := $(if $(filter 0,$(shell id -u)),--allow-root)
lab: $(READY) ## open the notebooks in JupyterLab
	$(PY) -m jupyterlab $(CONTAINER) $(LAB_OPTIONS) notebooks/00_start_here.ipynb

test: lint test-unit test-notebooks test-browser ## everything: style, types, units, notebooks, figures, JupyterLab in Chromium

lint: $(READY) ## style and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

test-unit: $(READY) ## unit, property and oracle tests, docstring examples, notebooks' form
	@mkdir -p build/private
	$(PRIVATE) $(PY) -m pytest -n $(JOBS) --dist loadfile -m "not browser and not peers" $(PYTEST_OPTIONS)

test-notebooks: $(READY) ## run every notebook and compare each output with the saved one
	@mkdir -p build/private
	$(PRIVATE) $(PY) -m pytest $(STRICT_NBVAL) notebooks/*.ipynb $(PYTEST_OPTIONS)

test-browser: $(READY) ## run every notebook in JupyterLab in Chromium and move its sliders
	$(PY) -m pytest -m browser tests/browser $(PYTEST_OPTIONS)

test-peers: $(READY) ## hold recorded numbers against PyTorch and scikit-learn; first: pip install torch scikit-learn
	@mkdir -p build/private
	$(PRIVATE) $(PY) -m pytest -m peers tests/peers $(PYTEST_OPTIONS)

test-oldest: $(OLDEST_READY) ## unit tests, and notebooks without comparing, on the oldest dependencies
	@mkdir -p build/private
	# old packages use what newer ones deprecate; our own numbers still may not warn
	$(PRIVATE) $(OLDEST_PY) -m pytest -W default -W error::RuntimeWarning -n $(JOBS) --dist loadfile -m "not browser and not peers and not newest" $(PYTEST_OPTIONS)
	$(PRIVATE) $(OLDEST_PY) -m tests.tools.notebooks run

notebooks: $(READY) ## make notebooks/*.ipynb from notebooks/text/*.py: run in order, outputs saved
	@mkdir -p build/private
	$(PRIVATE) $(PY) -m tests.tools.notebooks build $(NOTEBOOKS)

figures: $(READY) ## draw every picture in figures/
	$(PRIVATE) $(PY) -m adlib.viz.figures figures

reference: $(READY) ## write the API reference to build/reference/index.html, to read without network
	@mkdir -p build/private
	$(PRIVATE) $(PY) -m tests.tools.api build/reference

mutants: $(READY) ## change the engines one operator at a time, and see that a test fails; first: pip install cosmic-ray
	PATH=$(CURDIR)/$(VENV)/bin:$$PATH $(PRIVATE) $(PY) -m tests.mutation $(MUTATION_OPTIONS)

bench: $(READY) ## measure against NumPy by hand and, where installed, other libraries
	$(PRIVATE) $(PY) -m tests.benchmarks $(BENCH_OPTIONS)

coverage: $(READY) ## which lines of adlib no test runs
	$(PRIVATE) $(PY) -m coverage run -m pytest -m "not browser and not peers"
	$(PY) -m coverage report

lock: $(READY) ## choose versions anew: writes both files in tests/locks
	$(PY) -m tests.tools.locks

clean: ## remove everything that make made
	rm -rf $(VENV) $(OLDEST) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
