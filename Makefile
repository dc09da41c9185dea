# make tiny, make test, make lint: each makes the virtual environment first, if it is not there yet. make benchmark
# and make oracle have one of their own each, because what numpyssd is compared with is large; so have the pages of the
# lessons and of the API, and make check-cuda, which checks the kernels for NVIDIA's GPUs without one.
PYTHON ?= python3
BIN := .venv/bin
# macOS has make 3.81, which cannot hold back what one of several targets prints until the target is done.
OUTPUT_SYNC := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

# make check-trust: damaged and hostile files, kills, full disks, long runs, and the kernels with every position checked.
.PHONY: tiny test check-trust check-trust-files check-trust-runs check-trust-kernels check-generic check-versions check-package
.PHONY: check-lessons check-lessons-code check-lessons-pages check-arm check-arm-kernels check-arm-processors check-arm-short check-arm-product check-arm-tiny
.PHONY: oracle lint samples pictures lessons site api check-browser check-cuda check-gpu check-video check-mpi mutants benchmark clean

tiny: .venv/ready
	$(BIN)/python -m numpyssd.train --tiny

# On several cores, a file of tests at a time; make test CORES=1 runs one after another.
CORES ?= auto
test: .venv/ready
	$(BIN)/python -m pytest --numprocesses=$(CORES) --maxprocesses=4 --dist=loadfile $(PYTEST_OPTIONS)

check-trust: .venv/ready
	$(MAKE) --jobs=2 $(OUTPUT_SYNC) check-trust-files check-trust-runs check-trust-kernels

check-trust-files: .venv/ready
	$(BIN)/python -m pytest -s tests/trust/test_fuzz.py tests/trust/test_fuzz_images.py tests/trust/test_long.py $(PYTEST_OPTIONS)

check-trust-runs: .venv/ready
	$(BIN)/python -m pytest -s tests/trust/test_kills.py tests/trust/test_disk.py tests/trust/test_same_bits.py $(PYTEST_OPTIONS)

# Kernels twice more: compiled with a check of every position, which needs a cache of its own; and as plain Python,
# which checks the vectors' positions too. Plain Python warns where NumPy overflows and compiled code does not.
# Left out of the second: what asks for compiled code or many threads, and Winograd's tests, too slow in Python;
# test_vectors.py runs a small Winograd convolution that way in every run.
PLAIN = $(addprefix tests/kernels/test_,arrays.py backends.py batchnorm.py conv2d.py l2norm.py maxpool2d.py relu.py) tests/kernels/cpu/test_gemm.py tests/kernels/cpu/test_loops.py
check-trust-kernels: .venv/ready
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=.venv/boundscheck $(BIN)/python -m pytest tests/kernels $(PYTEST_OPTIONS)
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -W ignore::RuntimeWarning $(PLAIN) $(PYTEST_OPTIONS)

# The same tests as on an older processor, without AVX or FMA: other code, other rounding, the same bounds.
check-generic: .venv/ready
	NUMBA_CPU_NAME=generic NUMBA_CACHE_DIR=.venv/generic $(BIN)/python -m pytest tests/kernels tests/model tests/run tests/training $(PYTEST_OPTIONS)

# Compiled for Arm (Apple's M1, Raspberry Pi) and run under qemu, in an environment that tests/arm/environment.sh makes
# of Debian's packages and of wheels for arm64, without root. check-arm takes about 20 minutes on two cores.
ARM = .venv-arm/bin/python -m pytest -p no:cacheprovider
check-arm: .venv-arm/ready
	$(MAKE) --jobs=2 $(OUTPUT_SYNC) check-arm-kernels check-arm-processors

check-arm-kernels: .venv-arm/ready
	$(ARM) tests/kernels $(PYTEST_OPTIONS)

check-arm-processors: .venv-arm/ready
	$(ARM) -s tests/arm $(PYTEST_OPTIONS)
	NUMBA_CPU_NAME=apple-m1 $(ARM) tests/kernels/cpu/test_gemm.py $(PYTEST_OPTIONS)
	NUMBA_CPU_NAME=cortex-a76 $(ARM) tests/kernels/cpu/test_gemm.py $(PYTEST_OPTIONS)

# The matrix product, vectors, and the tiny network, in which are convolutions by Winograd and by im2col.
check-arm-short: .venv-arm/ready
	$(MAKE) --jobs=2 $(OUTPUT_SYNC) check-arm-product check-arm-tiny

check-arm-product: .venv-arm/ready
	$(ARM) tests/kernels/cpu/test_gemm.py tests/kernels/cpu/test_vectors.py -k "not float64" $(PYTEST_OPTIONS)

check-arm-tiny: .venv-arm/ready
	$(ARM) -s "tests/arm/test_tiny.py::test_equals_reference[generic]" $(PYTEST_OPTIONS)

# The tests with each Python that is here, with the oldest packages and with the newest: a table in docs/versions.md.
# PYTHONS="/opt/python3.14/bin/python3" names others; VERSIONS_OPTIONS=--all runs the whole suite.
check-versions: .venv/ready
	$(BIN)/python -m tests.versions.run $(PYTHONS) $(VERSIONS_OPTIONS)

# The wheel in a fresh environment, in an empty folder; also mounted read-only and without a home.
check-package: .venv/ready
	$(BIN)/python -m pytest tests/package $(PYTEST_OPTIONS)

# Videos and cameras, which need PyAV; without it these tests are skipped.
check-video: .venv-video/ready
	.venv-video/bin/python -m pytest tests/video tests/cli/test_videos.py $(PYTEST_OPTIONS)

# Training in several processes, which needs MPI; without it these tests are skipped. NUMPYSSD_RANK_KILLS=30 kills more.
check-mpi: .venv-mpi/ready
	.venv-mpi/bin/python -m pytest -s tests/mpi $(PYTEST_OPTIONS)

oracle: .venv-oracle/ready
	.venv-oracle/bin/python -m pytest tests/oracle $(PYTEST_OPTIONS)

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

samples: .venv/ready
	$(BIN)/python -m numpyssd.datasets.shapes --out data/samples --train 0 --val 0 --test 6 --size 192

DRAW = $(BIN)/python -m numpyssd
pictures: .venv/ready
	$(DRAW).model.default_boxes --out data/pictures/default_boxes.png
	$(DRAW).training.matching --out data/pictures/matching.png
	$(DRAW).training.multibox_loss --out data/pictures/multibox_loss.png
	$(DRAW).cli.gallery --weights tiny --out data/pictures/detections.png

lessons: .venv/ready
	$(BIN)/python -m lessons.course.notebook

site: .venv-lessons/ready
	.venv-lessons/bin/python -m lessons.course.site --out site

# Optional: with these files (Pyodide's, 17 MB), make site writes pages in which the exercises run.
.venv-lessons/pyodide: | .venv-lessons/ready
	.venv-lessons/bin/python -m lessons.course.in_page.runtime --out $@

# The docstrings as pages: api/index.html. The backend cuda is left out, which needs Numba-CUDA to be imported.
api: .venv-lessons/ready
	.venv-lessons/bin/python -W error -m pdoc --docformat markdown --output-directory api numpyssd '!numpyssd.kernels.cuda'

check-lessons: .venv-lessons/ready
	$(MAKE) --jobs=2 $(OUTPUT_SYNC) check-lessons-code check-lessons-pages

# That the lessons run and their notebooks are of today, and the checker of one's own SSD. One thread, since the pages
# take the other core: two threads that wait for each other would take five times as long.
CODE_OF_LESSONS = tests/lessons/test_lessons.py tests/lessons/test_own_ssd.py
check-lessons-code: .venv-lessons/ready
	NUMPYSSD_THREADS=1 .venv-lessons/bin/python -m pytest $(CODE_OF_LESSONS) $(PYTEST_OPTIONS)

# The lessons' pages in Chromium.
check-lessons-pages: .venv-lessons/ready
	.venv-lessons/bin/python -m pytest tests/lessons $(addprefix --ignore=,$(CODE_OF_LESSONS)) $(PYTEST_OPTIONS)

# The page of a detector in Chromium.
check-browser: .venv-lessons/ready
	.venv-lessons/bin/python -m pytest tests/browser $(PYTEST_OPTIONS)

check-cuda: .venv-cuda/ready
	.venv-cuda/bin/python -m pytest tests/cuda $(PYTEST_OPTIONS)
	NUMBA_ENABLE_CUDASIM=1 .venv-cuda/bin/python -m pytest tests/cudasim $(PYTEST_OPTIONS)

check-gpu: .venv-gpu/ready
	.venv-gpu/bin/python -m pytest tests/gpu $(PYTEST_OPTIONS)
	.venv-gpu/bin/python -m benchmarks.gpu

mutants: .venv-mutants/ready
	.venv-mutants/bin/python -m tests.mutation.run

benchmark: .venv-benchmark/ready
	.venv-benchmark/bin/python -m benchmarks.forward
	.venv-benchmark/bin/python -m benchmarks.training_step

# Where no wheel of Numba is, pip would try for minutes to build it.
NO_WHEEL = "If pip finds no Numba for this Python: numpyssd needs a 64-bit Python from 3.11 to 3.14, and not Alpine Linux; docs/versions.md lists what there is."
.venv/ready: requirements.txt
.venv-benchmark/ready: requirements.txt requirements-benchmark.txt
.venv-oracle/ready: requirements.txt requirements-oracle.txt
.venv-lessons/ready: requirements.txt requirements-lessons.txt
.venv-cuda/ready: requirements.txt requirements-cuda-check.txt
.venv-gpu/ready: requirements.txt requirements-cuda.txt
.venv-mutants/ready: requirements.txt requirements-mutants.txt
.venv-video/ready: requirements.txt requirements-video.txt
.venv-mpi/ready: requirements.txt requirements-mpi.txt
.venv-arm/ready: .venv/ready requirements.txt tests/arm/environment.sh
	sh tests/arm/environment.sh $(@D) "$(BIN)/python -m pip"
	touch $@

.venv/ready .venv-benchmark/ready .venv-oracle/ready .venv-lessons/ready .venv-cuda/ready .venv-gpu/ready .venv-mutants/ready .venv-video/ready .venv-mpi/ready:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'numpyssd needs Python 3.11 or newer: make PYTHON=python3.11')"
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --only-binary=numba,llvmlite -r $(lastword $^) || { echo $(NO_WHEEL) >&2; exit 1; }
	touch $@

clean:
	rm -rf .venv .venv-arm .venv-benchmark .venv-oracle .venv-lessons .venv-cuda .venv-gpu .venv-mutants .venv-video .venv-mpi .venv-versions .mutants
	rm -rf .pytest_cache .ruff_cache .mypy_cache api build
