# make tiny, make test, make lint: each makes the virtual environment first, if it is not there yet. make benchmark
# and make oracle have one of their own each, because what numpyssd is compared with is large; so have the lessons' pages.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: tiny test oracle lint samples pictures lessons site check-lessons check-trust mutants benchmark clean

tiny: .venv/ready
	$(BIN)/python -m numpyssd.train --tiny

test: .venv/ready
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

oracle: .venv-oracle/ready
	.venv-oracle/bin/python -m pytest tests/oracle $(PYTEST_OPTIONS)

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

samples: .venv/ready
	$(BIN)/python -m numpyssd.datasets.shapes --out data/samples --train 0 --val 0 --test 6 --size 192

DRAW = $(BIN)/python -m numpyssd
pictures: .venv/ready
	$(DRAW).model.default_boxes --out data/pictures/default_boxes.png
	$(DRAW).training.matching --out data/pictures/matching.png
	$(DRAW).training.multibox_loss --out data/pictures/multibox_loss.png
	$(DRAW).run.gallery --weights data/tiny.npz --out data/pictures/detections.png

lessons: .venv/ready
	$(BIN)/python -m numpyssd.learn.notebook

site: .venv-lessons/ready
	.venv-lessons/bin/python -m numpyssd.learn.site --out site

check-lessons: .venv-lessons/ready
	.venv-lessons/bin/python -m pytest tests/lessons $(PYTEST_OPTIONS)

# Kernels twice more: compiled with a check of every position, which needs a cache of its own; and as plain Python,
# which checks the vectors' positions too. Plain Python warns where NumPy overflows and compiled code does not.
# Left out of the second: what asks for compiled code or many threads, and Winograd's tests, too slow in Python;
# test_vectors.py runs a small Winograd convolution that way in every run.
PLAIN = arrays backends batchnorm conv2d l2norm maxpool2d product relu work
check-trust: .venv/ready
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=.venv/boundscheck $(BIN)/python -m pytest tests/kernels $(PYTEST_OPTIONS)
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -W ignore::RuntimeWarning $(PLAIN:%=tests/kernels/test_%.py) $(PYTEST_OPTIONS)

mutants: .venv-mutants/ready
	.venv-mutants/bin/python -m tests.mutation.run

benchmark: .venv-benchmark/ready
	.venv-benchmark/bin/python -m benchmarks.forward
	.venv-benchmark/bin/python -m benchmarks.training_step

.venv/ready: requirements.txt
.venv-benchmark/ready: requirements.txt requirements-benchmark.txt
.venv-oracle/ready: requirements.txt requirements-oracle.txt
.venv-lessons/ready: requirements.txt requirements-lessons.txt
.venv-mutants/ready: requirements.txt requirements-mutants.txt
.venv/ready .venv-benchmark/ready .venv-oracle/ready .venv-lessons/ready .venv-mutants/ready:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'numpyssd needs Python 3.11 or newer: make PYTHON=python3.11')"
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $(lastword $^)
	touch $@

clean:
	rm -rf .venv .venv-benchmark .venv-oracle .venv-lessons .venv-mutants .mutants .pytest_cache .ruff_cache
