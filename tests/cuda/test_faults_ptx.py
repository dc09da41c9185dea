"""Faults planted into the kernels' own text, which no result would show, but what the assembler says does."""

import assemble
import pytest
from planting import plant
from test_ptx import complaints

from numpyssd.kernels.cuda import batchnorm, maxpool2d, relu
from numpyssd.kernels.cuda.runtime import sums
from numpyssd.kernels.cuda.table import KERNELS, Row

LOCAL = """        kept = cuda.local.array(64, float32)
        for r in range(uint32(dout.size)):
            kept[uint32(r % uint32(61))] = dout[r]
"""
# module, old, new, kernel, what it is called a breach of
FAULTS = {
    "a literal": (relu, "float32(0.0) if x[index]", "0.1 * x[index] if x[index]", "relu_forward_kernel", "float64"),
    "an integer": (sums, "+= parts[part, index]", "+= parts[part, index] / 3", "add_parts_kernel", "float64"),
    "a power": (
        batchnorm, "factor[c] = scale[c] / math.sqrt(variance[c] + epsilon)",
        "factor[c] = scale[c] * (variance[c] + epsilon) ** -0.5", "batchnorm_fold_kernel", "float64",
    ),
    "an index that only the run tells": (
        relu, "        dx[index] = dout[index] if",
        LOCAL + "        dx[index] = kept[uint32(index % uint32(61))] if", "relu_backward_kernel", "stack frame",
    ),
    "a signed division": (
        maxpool2d, "y < uint32(x.shape[1]) and", "oy // (x.shape[0] - 3) < 9 and", "maxpool2d_forward_kernel", "64-bit",
    ),
}  # fmt: skip
TEXT = """import importlib.util
from numpyssd.kernels.cuda.table import Row
ROWS = []
for path, name, types, threads in {kernels}:
    spec = importlib.util.spec_from_file_location("planted" + str(len(ROWS)), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ROWS.append(Row(getattr(module, name), types, threads))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """Return {kernel: numbers} of the faulty kernels, all compiled in one process."""
    rows = []
    for module, old, new, name, _ in FAULTS.values():
        faulty = plant(module, old, new, tmp_path_factory.mktemp("planted"))
        (row,) = [row for row in faulty.rows if row.kernel.__name__ == name]
        rows.append((faulty.__file__, name, row.types, row.threads))
    table = tmp_path_factory.mktemp("table") / "rows.py"
    table.write_text(TEXT.format(kernels=repr(rows)), encoding="utf-8")
    return assemble.in_a_process("8.0", table)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_it_shows(found, fault):
    *_, name, complaint = fault
    (row,) = [row for row in KERNELS if row.kernel.__name__ == name]
    assert any(complaint in sentence for sentence in complaints(row, found[name])), found[name]


def test_too_many_registers_or_too_much_shared_memory_for_a_block_is_a_complaint():
    numbers = {"registers": 65, "shared": 48 * 1024, "stack": 0, "spills": 4, "float64": 0, "signed64": 0}
    assert len(complaints(Row(None, (), 1024), numbers)) == 3
    assert complaints(Row(None, (), 256), {**numbers, "shared": 48 * 1024 - 1, "spills": 0}) == []
