"""What can go wrong between ``GPU`` and the driver, with a module in the place of numba.cuda that fails so."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from double import Double, in_place_of_the_gpu
from numba import cuda

from numpyssd.kernels.cuda.runtime import device, memory


class DriverError(Exception):
    """As Numba's CudaAPIError: a number and words."""


@pytest.fixture
def driver(monkeypatch):
    """A GPU that answers."""
    monkeypatch.setattr(cuda, "is_available", lambda: True)
    monkeypatch.setattr(cuda, "stream", lambda: "a queue")


def raising(error):
    def fail(*arguments, **named):
        raise error

    return fail


def test_without_a_gpu(monkeypatch):
    monkeypatch.setattr(cuda, "is_available", lambda: False)
    with pytest.raises(ImportError, match="cuda needs a GPU, and none answers here; pip install .* --backend cpu"):
        device.GPU()


def test_a_gpu_that_cannot_be_used(driver, monkeypatch):
    monkeypatch.setattr(cuda, "stream", raising(DriverError("device 0 has compute\n capability < (7, 5)")))
    with pytest.raises(ImportError, match=r"cannot use the GPU here \(device 0 has compute capability < \(7, 5\)\);"):
        device.GPU()


def test_small_grids_are_no_reason_for_a_warning(driver):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        device.GPU()
        warnings.warn("Grid size 9 will likely result in GPU under-utilization due to low occupancy.", stacklevel=1)
        warnings.warn("another", stacklevel=1)
    assert [str(warning.message) for warning in seen] == ["another"]


def test_a_full_gpu_is_a_memory_error(driver):
    gpu = device.GPU()
    gpu.cuda = SimpleNamespace(device_array=raising(DriverError(2, "cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY")))
    with pytest.raises(MemoryError, match="the GPU has no 3,000 MiB left"):
        gpu.allocate(3000 << 18, np.float32)
    gpu.cuda.device_array = raising(DriverError(700, "CUDA_ERROR_ILLEGAL_ADDRESS"))
    with pytest.raises(DriverError):
        gpu.allocate(1, np.float32)


class Small(Double):
    """A GPU with room for 100 numbers, counting what lies free."""

    def allocate(self, count, dtype):
        """Give what is left."""
        used = sum(m.size for (_, _, _), free in memory._free.items() for m in free)
        if used + count > 100:
            raise MemoryError("full")
        return super().allocate(count, dtype)


def test_what_lies_free_is_given_back_before_a_gpu_is_full():
    with in_place_of_the_gpu(Small(), reuse=True) as double:
        first = memory.empty((90,))
        del first
        memory.empty((90,))  # the same again
        assert double.allocations == 1
        assert memory.empty((20,)).shape == (20,)
        assert double.allocations == 2
        with pytest.raises(MemoryError):
            memory.empty((101,))
