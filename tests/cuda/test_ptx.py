"""What NVIDIA's compiler and assembler make of the kernels, for several kinds of GPUs: nothing spilled, no float64.

registers.json has how many registers each kernel took when it was last looked at: more registers are fewer threads at
once on a GPU. A rise fails; after a look at its reason, python tests/cuda/assemble.py --accept writes the file anew.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import assemble
import pytest

from numpyssd.kernels.cuda.table import KERNELS

GPUS = assemble.kinds_of_gpus()
ROWS = {row.kernel.__name__: row for row in KERNELS}


@pytest.fixture(scope="module")
def found():
    """Return {compute capability: {kernel: numbers}}."""
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(GPUS, pool.map(assemble.in_a_process, GPUS)))


@pytest.mark.parametrize("cc", GPUS)
def test_every_kernel_fits_a_gpu(found, cc):
    assert sorted(found[cc]) == sorted(ROWS)
    for name, numbers in found[cc].items():
        assert complaints(ROWS[name], numbers) == [], f"{name} for {cc}"


def complaints(row, numbers):
    """Return what is wrong with a kernel's numbers, as sentences."""
    rules = {
        "it computes in float64, which is slow on GPUs: look for a literal without float32(...)": numbers["float64"],
        "it divides signed 64-bit integers: look for an index without uint32(...)": numbers["signed64"],
        "it has a stack frame: a local array is indexed by what only the run tells": numbers["stack"],
        "it spills registers": numbers["spills"],
        "it uses 48 KB of shared memory or more": numbers["shared"] >= 48 * 1024,
        "it has more registers than a block may": numbers["registers"] * row.threads > 65536,
    }
    return [sentence for sentence, broken in rules.items() if broken]


@pytest.mark.parametrize("cc", GPUS)
def test_no_kernel_takes_more_registers_than_before(found, cc):
    before = json.loads(assemble.REGISTERS.read_text()).get(cc, {})
    rises = [
        f"{name}: {numbers['registers']}, before {before.get(name)}"
        for name, numbers in found[cc].items()
        if numbers["registers"] > before.get(name, 0)
    ]
    assert not rises, f"for {cc}, registers: {'; '.join(rises)}; to accept: python tests/cuda/assemble.py --accept"
