# make tiny, make test, make lint: each makes the virtual environment first, if it is not there yet. make benchmark
# and make oracle have one of their own each, because what numpyssd is compared with is large; so have the lessons' pages,
# and make check-cuda, which checks the kernels for NVIDIA's cards without one.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: tiny test oracle lint samples pictures lessons site check-lessons check-cuda check-gpu benchmark clean

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

check-cuda: .venv-cuda/ready
	.venv-cuda/bin/python -m pytest tests/cuda $(PYTEST_OPTIONS)
	NUMBA_ENABLE_CUDASIM=1 .venv-cuda/bin/python -m pytest tests/cudasim $(PYTEST_OPTIONS)

check-gpu: .venv-gpu/ready
	.venv-gpu/bin/python -m pytest tests/gpu $(PYTEST_OPTIONS)
	.venv-gpu/bin/python -m benchmarks.gpu

benchmark: .venv-benchmark/ready
	.venv-benchmark/bin/python -m benchmarks.forward
	.venv-benchmark/bin/python -m benchmarks.training_step

.venv/ready: requirements.txt
.venv-benchmark/ready: requirements.txt requirements-benchmark.txt
.venv-oracle/ready: requirements.txt requirements-oracle.txt
.venv-lessons/ready: requirements.txt requirements-lessons.txt
.venv-cuda/ready: requirements.txt requirements-cuda-check.txt
.venv-gpu/ready: requirements.txt requirements-cuda.txt
.venv/ready .venv-benchmark/ready .venv-oracle/ready .venv-lessons/ready .venv-cuda/ready .venv-gpu/ready:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'numpyssd needs Python 3.11 or newer: make PYTHON=python3.11')"
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $(lastword $^)
	touch $@

clean:
	rm -rf .venv .venv-benchmark .venv-oracle .venv-lessons .venv-cuda .venv-gpu .pytest_cache .ruff_cache
