"""These tests need MPI: ``make check-mpi`` has it. Each of them must leave nothing in the shared memory."""

import os
from pathlib import Path

import pytest

SHARED = Path("/dev/shm")


@pytest.fixture(autouse=True)
def nothing_left_behind():
    def names():
        return {name for name in os.listdir(SHARED) if "mpi" in name or "ucx" in name} if SHARED.is_dir() else set()

    before = names()
    yield
    assert names() - before == set()
