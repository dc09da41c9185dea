"""The matrix product (GEMM) c = a @ b with a register block: where nearly all arithmetic of the network happens.

    for j in range(0, C, 2 * L):                                   # a packed panel of b: two vectors of L numbers
        for i in range(0, R, ROWS):                                # a block of c: ROWS x 2 L numbers, in registers
            block = np.zeros((ROWS, 2 * L))
            for k in range(K):
                block += a[i : i + ROWS, k, None] * b[k, j : j + 2 * L]
            c[i : i + ROWS, j : j + 2 * L] = block

What changes: 16 sums (ROWS 8, two vectors) stay in registers while k runs. Each step of k loads 2 vectors of b,
broadcasts 8 numbers of a, and does 16 multiply-adds: 5 / 8 of a load for each, where a plain loop needs 2 loads and a
store. The block is right for any number of rows, also for few, where BLAS spends its time on copying b.
"""

from typing import NamedTuple

from numpyssd.kernels.cpu.runtime import vectors
from numpyssd.kernels.cpu.runtime.jit import inner, unrolled

ROWS = 8 if vectors.MANY_REGISTERS else 4  # 16 sums, 2 vectors of b and some numbers of a; or 8 and 2 of 16 registers
HEIGHTS = (8, 4, 1) if ROWS == 8 else (4, 1)  # of the blocks that any number of rows is made of


class Size(NamedTuple):
    """The sizes of a product: c (rows, columns) = a (rows, depth) @ b (depth, columns)."""

    rows: int
    columns: int  # whole vectors
    depth: int


def _block(rows, width):
    """Write out the product for ``rows`` rows and ``width`` vectors of c, every sum a variable, and compile it."""
    name = f"block_{rows}_{width}"
    sums = [(i, j) for i in range(rows) for j in range(width)]
    lines = [
        f"def {name}(a, a_start, a_row, a_step, b, b_start, c, c_start, c_row, depth, add, lanes):",
        *(f"    a{i} = a_start + {i} * a_row" for i in range(rows)),
        *(f"    s{i}{j} = load(c, c_start + {i} * c_row + {j} * lanes) if add else zero(c)" for i, j in sums),
        "    for k in range(depth):",
        *(f"        b{j} = load(b, b_start + k * {width} * lanes + {j} * lanes)" for j in range(width)),
    ]
    for i in range(rows):
        lines += [f"        x = broadcast(a, a{i} + k * a_step)"]
        lines += [f"        s{i}{j} = multiply_add(x, b{j}, s{i}{j})" for j in range(width)]
    lines += [f"    store(c, c_start + {i} * c_row + {j} * lanes, s{i}{j})" for i, j in sums]
    return unrolled(name, lines, vars(vectors))


BLOCKS = {f"block_{rows}_{width}": _block(rows, width) for rows in HEIGHTS for width in (1, 2)}


def _panel(width):
    """Write out the product with a panel of ``width`` vectors: blocks of rows, the highest first, and compile it."""
    name = f"panel_{width}"
    lines = [f"def {name}(a, a_at, b, b_start, c, c_start, c_row, rows, depth, add, lanes):", "    i = 0"]
    for height in HEIGHTS:
        lines += [
            f"    while i + {height} <= rows:",
            f"        block_{height}_{width}(a, a_at.start + i * a_at.row, a_at.row, a_at.step, b, b_start,",
            "            c, c_start + i * c_row, c_row, depth, add, lanes)",
            f"        i += {height}",
        ]
    return unrolled(name, lines, {**vars(vectors), **BLOCKS})


_panel_1, _panel_2 = _panel(1), _panel(2)


@inner
def gemm(a, a_at, b, b_start, c, c_at, size, add):
    """Make c = a @ b, or c += a @ b with add = 1.

    - a: 1-D array, in which the matrix has the layout a_at (a Matrix).
    - b: 1-D array, in which packed panels begin at b_start.
    - c: 1-D array with the layout c_at; its columns come in panels, c_at.step apart (two vectors for a plain matrix).
    - size: a Size.
    - add: 0 or 1, an int64.
    """
    lanes = vectors.REGISTER_BYTES // a.itemsize
    for first in range(0, size.columns, 2 * lanes):
        panel, target = b_start + first * size.depth, c_at.start + first // (2 * lanes) * c_at.step
        if first + lanes < size.columns:
            _panel_2(a, a_at, b, panel, c, target, c_at.row, size.rows, size.depth, add, lanes)
        else:
            _panel_1(a, a_at, b, panel, c, target, c_at.row, size.rows, size.depth, add, lanes)
