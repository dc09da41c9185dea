"""The backend for cards can be imported anywhere, with plain Numba too: nothing asks for a driver before it is used."""

import subprocess
import sys

SCRIPT = """
import importlib, pkgutil
from numba import cuda  # which looks for the driver's file itself, and is content without
from numba.cuda.cudadrv import driver


def refuse(self, *_):
    raise AssertionError("the driver was asked")


type(driver.driver).ensure_initialized = refuse
type(driver.driver).__getattr__ = refuse
import numpyssd.kernels.cuda
for module in pkgutil.walk_packages(numpyssd.kernels.cuda.__path__, "numpyssd.kernels.cuda."):
    importlib.import_module(module.name)
    print(module.name)
try:
    cuda.device_array(3)
except AssertionError:
    print("and it would have been noticed")
"""


def test_importing_the_backend_for_cards_asks_no_driver():
    result = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert "numpyssd.kernels.cuda.conv2d\n" in result.stdout
    assert result.stdout.endswith("and it would have been noticed\n")
