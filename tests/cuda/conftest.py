"""The card's double, for every test that asks for it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # executor.py and double.py

from double import Double, in_place_of_the_card


@pytest.fixture
def card():
    """The double, with three orders of threads that must agree."""
    with in_place_of_the_card(Double(seeds=(0, 1, 2))) as double:
        yield double


@pytest.fixture
def reusing_card():
    """The double with one order of threads, and memory that is used again as on the card: for whole networks."""
    with in_place_of_the_card(Double(seeds=(3,)), reuse=True) as double:
        yield double
