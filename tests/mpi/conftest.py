"""These tests need MPI: ``make check-mpi`` has it. Each of them must leave nothing in the shared memory."""

import mpiexec
import pytest


@pytest.fixture(autouse=True)
def nothing_left_behind():
    before = mpiexec.in_shared_memory()
    yield
    assert mpiexec.in_shared_memory() - before == set()
