# adlib. `make` alone lists what there is. Needs make and Python 3.11 or newer; everything else goes into .venv.
PYTHON ?= python3
JOBS ?= 2
PIP_INSTALL := install --quiet --disable-pip-version-check

# Three environments, each made of its lock: what everything uses, the oldest versions we promise, and Google Colab's.
# A stamp in each says what it was made of: it is made anew when its lock or the Python that is used changes, adlib is
# linked into it anew when pyproject.toml or the folder's place changes, and otherwise nothing happens.
PYTHON_KEY := $(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
PROJECT_KEY := $(shell { pwd; cat pyproject.toml; } | cksum | cut -d' ' -f1)

# An environment: its lock, its folder, the last Python 3 that its versions have wheels for, and the same in words.
define environment
KEY_$(1) := $$(shell cksum < tests/locks/$(1).txt | cut -d' ' -f1)-$$(PYTHON_KEY)
LOCKED_$(1) := $(2)/locked-$$(KEY_$(1))
READY_$(1) := $(2)/ready-$$(KEY_$(1))-$$(PROJECT_KEY)

$$(LOCKED_$(1)):
	@"$$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $(3)))' || \
		{ echo "$(2) needs Python $(4), and $$(PYTHON) is none. Say which: make PYTHON=python3.12" >&2; exit 1; }
	@echo "making $(2) (a minute, once)"
	@"$$(PYTHON)" -m venv --clear $(2)
	@$(2)/bin/python -m pip $$(PIP_INSTALL) --require-hashes --only-binary :all: -r tests/locks/$(1).txt
	@touch $$@

$$(READY_$(1)): | $$(LOCKED_$(1))
	@$(2)/bin/python -m pip $$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $$@
endef

$(eval $(call environment,newest,.venv,99,3.11 or newer))
$(eval $(call environment,oldest,.venv-oldest,12,3.11 or 3.12))
$(eval $(call environment,colab,.venv-colab,13,3.11 to 3.13))
READY := $(READY_newest)
PY := .venv/bin/python
OLDEST_PY := .venv-oldest/bin/python
COLAB_PY := .venv-colab/bin/python

# The user's own settings of Jupyter, IPython and Matplotlib have no say in tests and pictures.
PLACE = "$$PWD"/build/private
PRIVATE = JUPYTER_NO_CONFIG=1 JUPYTER_CONFIG_DIR=$(PLACE)/config JUPYTER_DATA_DIR=$(PLACE)/data \
	JUPYTER_RUNTIME_DIR=$(PLACE)/runtime IPYTHONDIR=$(PLACE)/ipython MPLCONFIGDIR=$(PLACE)/matplotlib \
	PYDEVD_DISABLE_FILE_VALIDATION=1
STRICT_NBVAL = -p no:cacheprovider --nbval --nbval-current-env --nbval-cell-timeout=120 -n $(JOBS) --dist loadfile -W default

# Where a machine forbids to keep compiled files, every kernel of every notebook would compile Matplotlib anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup lab test browser lint test-unit test-notebooks test-browser test-peers calls test-oldest test-colab notebooks figures reference bench mutants coverage lock links clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv from the lock (the other commands do this themselves)

# In a container everybody is root, which JupyterLab wants to be told.
CONTAINER := $(if $(filter 0,$(shell id -u)),--allow-root)
lab: $(READY) ## open the notebooks in JupyterLab
	$(PY) -m jupyterlab $(CONTAINER) $(LAB_OPTIONS) notebooks/00_start_here.ipynb

test: browser lint test-unit test-notebooks test-browser ## everything: style, types, units, notebooks, figures, JupyterLab in Chromium

browser: $(READY) ## find a Chromium for the browser tests, or bring one (make test does this itself)
	@$(PY) -m tests.browser.chromium

lint: $(READY) ## style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

test-unit: $(READY) ## unit, property and oracle tests, docstring examples, notebooks' form
	@mkdir -p build/private
	$(PRIVATE) $(PY) -m pytest -n $(JOBS) --dist loadfile -m "not browser and not peers" $(PYTEST_OPTIONS)

test-notebooks: $(READY) ## run every notebook and compare each output with the saved one
	@mkdir -p build/private
	$(PRIVATE) $(PY) -m pytest $(STRICT_NBVAL) notebooks/*.ipynb $(PYTEST_OPTIONS)

test-browser: browser ## run every notebook in JupyterLab in Chromium and move its sliders
	$(PY) -m pytest -m browser tests/browser $(PYTEST_OPTIONS)

test-peers: $(READY) ## hold recorded numbers against PyTorch and scikit-learn, and run array-API code; first: pip install torch scikit-learn einops array-api-compat
	@mkdir -p build/private
	$(PRIVATE) $(PY) -m pytest -m peers tests/peers $(PYTEST_OPTIONS)

N ?= 100000
SEED ?= $(shell date +%j%H%M)
calls: $(READY) ## hold N generated calls of NumPy's functions against NumPy and difference quotients: make calls N=1000000
	@mkdir -p build/private
	@echo "SEED=$(SEED)"
	$(PRIVATE) ADLIB_CALLS=$(N) ADLIB_SEED=$(SEED) $(PY) -m pytest -n $(JOBS) --dist load tests/unit/test_like_numpy.py tests/unit/test_optional_arguments.py $(PYTEST_OPTIONS)

test-oldest: $(READY_oldest) ## unit tests, and notebooks without comparing, on the oldest versions that pyproject.toml admits
	@mkdir -p build/private
	# old packages use what newer ones deprecate; our own numbers still may not warn
	$(PRIVATE) $(OLDEST_PY) -m pytest -W default -W error::RuntimeWarning -n $(JOBS) --dist loadfile -m "not browser and not peers and not newest" $(PYTEST_OPTIONS)
	$(PRIVATE) $(OLDEST_PY) -m tests.tools.notebooks run

test-colab: $(READY_colab) ## the explorers, every control to both ends, and the notebooks on Google Colab's versions
	@mkdir -p build/private
	$(PRIVATE) $(COLAB_PY) -m pytest -W default -W error::RuntimeWarning -n $(JOBS) --dist loadfile -m "not newest" tests/viz $(PYTEST_OPTIONS)
	$(PRIVATE) $(COLAB_PY) -m tests.tools.notebooks run

notebooks: $(READY) ## make notebooks/*.ipynb from notebooks/text/*.py: run in order, outputs saved
	@mkdir -p build/private
	$(PRIVATE) $(PY) -m tests.tools.notebooks build $(NOTEBOOKS)

figures: $(READY) ## draw every picture in figures/
	$(PRIVATE) $(PY) -m adlib.viz.figures figures

reference: $(READY) ## write the API reference to build/reference/index.html, to read without network
	@mkdir -p build/private
	$(PRIVATE) $(PY) -m tests.tools.api build/reference

mutants: $(READY) ## change the engines one operator at a time, and see that a test fails; first: pip install cosmic-ray
	PATH="$$PWD/.venv/bin:$$PATH" $(PRIVATE) $(PY) -m tests.mutation $(MUTATION_OPTIONS)

bench: $(READY) ## measure against NumPy by hand and, where installed, other libraries; AGAINST=commit: against adlib as it was
ifdef AGAINST
	$(PRIVATE) $(PY) -m tests.benchmarks.against $(AGAINST) $(BENCH_OPTIONS)
else
	$(PRIVATE) $(PY) -m tests.benchmarks $(BENCH_OPTIONS)
endif

coverage: $(READY) ## which lines of adlib no test runs
	$(PRIVATE) $(PY) -m coverage run -m pytest -m "not browser and not peers"
	$(PY) -m coverage report

lock: $(READY) ## choose versions anew: writes the files in tests/locks
	$(PY) -m tests.tools.locks

links: $(READY) ## write the owner's name on GitHub into every link: make links OWNER=name
	$(PY) -m tests.tools.links $(OWNER)

clean: ## remove everything that make made
	rm -rf .venv .venv-oldest .venv-colab build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
