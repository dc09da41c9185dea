# make tiny, make test, make lint: each makes the virtual environment first, if it is not there yet.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: tiny test lint samples pictures clean

tiny: .venv/ready
	$(BIN)/python -m numpyssd.train --tiny

test: .venv/ready
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

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

.venv/ready: requirements.txt
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'numpyssd needs Python 3.11 or newer: make PYTHON=python3.11')"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

clean:
	rm -rf .venv .pytest_cache .ruff_cache
