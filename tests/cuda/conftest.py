"""The GPU's double, for every test that asks for it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # executor.py and double.py

from double import Double, in_place_of_the_gpu


@pytest.fixture
def gpu():
    """The double, with three orders of threads that must agree."""
    with in_place_of_the_gpu(Double(seeds=(0, 1, 2))) as double:
        yield double


@pytest.fixture
def reusing_gpu():
    """The double with one order of threads, and memory that is used again as on the GPU: for whole networks."""
    with in_place_of_the_gpu(Double(seeds=(3,)), reuse=True) as double:
        yield double
