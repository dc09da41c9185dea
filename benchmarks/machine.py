"""Where a benchmark was made: the processor, what it can do, and the versions of what was compared."""

import platform
from importlib import metadata
from pathlib import Path

import numpy as np

PACKAGES = ("numpy", "numba", "torch", "onnxruntime", "openvino", "opencv-python-headless")


def processor():
    """Return the name of the processor, as the system tells it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def vector_extension():
    """Return the widest vector instructions that the processor has, where the system tells, or nothing."""
    info = Path("/proc/cpuinfo")
    words = set(info.read_text().split()) if info.exists() else set()
    known = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("asimd", "NEON"))
    return next((name for flag, name in known if flag in words), "")


def versions():
    """Return {package: version} of what is installed, and of Python."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def describe():
    """Return all of it, for the results."""
    return {
        "processor": processor(),
        "vectors": vector_extension(),
        "system": platform.system(),
        "versions": versions(),
    }


class MatrixProduct:
    """What the processor can do: NumPy's BLAS multiplies two square matrices, about as much work as one SSD300."""

    name, size = "sgemm", 3072
    flops = 2 * size**3

    def __init__(self, job):
        from threadpoolctl import threadpool_limits

        self.limits = threadpool_limits(job.threads, user_api="blas")
        self.a, self.b = np.random.default_rng(job.seed).standard_normal((2, self.size, self.size), np.float32)

    def run(self):
        """Return the product."""
        return self.a @ self.b
