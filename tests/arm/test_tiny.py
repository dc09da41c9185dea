"""The tiny network as compiled for several processors of Arm, against NumPy's; run by make check-arm, under qemu."""

import os
import platform
import subprocess
import sys

import numpy as np
import pytest

from tests.arm.tiny import passes

PROCESSORS = ("generic", "apple-m1", "cortex-a76")  # the oldest of 64 bits, a Mac's, a Raspberry Pi 5's
FORWARD, BACKWARD = 5e-6, 5e-5  # measured: 8e-7 and 5e-6, of the length of an array


@pytest.fixture(scope="module")
def compiled_for(tmp_path_factory):
    """A function from a processor's name to the network's arrays; Numba asks for the name when a process starts."""
    found = {}

    def arrays(processor):
        if processor not in found:
            file = tmp_path_factory.mktemp("tiny") / "arrays.npz"
            environment = os.environ | {"NUMBA_CPU_NAME": processor}
            subprocess.run([sys.executable, "-m", "tests.arm.tiny", "cpu", file], env=environment, check=True)
            with np.load(file) as arrays:
                found[processor] = dict(arrays)
        return found[processor]

    return arrays


def test_this_is_an_arm():
    assert platform.machine() == "aarch64"


@pytest.mark.parametrize("processor", PROCESSORS)
def test_equals_reference(compiled_for, processor):
    found, expected = compiled_for(processor), passes("reference")
    assert set(found) == set(expected)
    gaps = {name: np.linalg.norm(found[name] - a) / np.linalg.norm(a) for name, a in expected.items()}
    outputs = [gaps.pop("loc"), gaps.pop("conf")]
    print(f"{processor}: forward {max(outputs):.1e}, gradients {max(gaps.values()):.1e}")
    assert max(outputs) < FORWARD
    assert max(gaps.values()) < BACKWARD, gaps


@pytest.mark.parametrize("processor", PROCESSORS[1:])
def test_every_processor_computes_the_same_bits(compiled_for, processor):
    first, found = compiled_for(PROCESSORS[0]), compiled_for(processor)
    assert [name for name, a in first.items() if a.tobytes() != found[name].tobytes()] == []
