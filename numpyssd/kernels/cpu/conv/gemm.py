"""The matrix product (GEMM) c = a @ b with a register block: where nearly all arithmetic of the network happens.

    for j in range(0, C, 2 * L):                                   # a packed panel of b: two vectors of L numbers
        for i in range(0, R, ROWS):                                # a block of c: ROWS x 2 L numbers, in registers
            block = np.zeros((ROWS, 2 * L))
            for k in range(K):
                block += a[i : i + ROWS, k, None] * b[k, j : j + 2 * L]
            c[i : i + ROWS, j : j + 2 * L] = block

What changes: 16 sums (ROWS 8, two vectors) stay in registers while k runs. Each step of k loads 2 vectors of b,
broadcasts 8 numbers of a, and does 16 multiply-adds: 5 / 8 of a load for each, where a plain loop needs 2 loads and a
store. With AVX2 it is 12 sums, and 2 / 3 of a load. On Arm an instruction multiplies by one number of a vector, so four
numbers of a are one load: 1 / 4 of a load for each. The block is right for any number of rows, also for few, where BLAS
spends its time on copying b.

While a panel of b is multiplied, the next one is asked for, a cache line at a time (prefetch). The processor looks
ahead by itself, but only along what is read just then. So without this the first block of rows of each panel waits
where the weights come from memory.

``python -m benchmarks.inner_loop`` counts the instructions that each step becomes.
"""

from typing import NamedTuple

from numpyssd.kernels.cpu.runtime import vectors
from numpyssd.kernels.cpu.runtime.jit import inner, unrolled

# Of 32 registers 16 hold sums and 2 hold b. Of 16 registers 12 and 2, or 8 and 2 where a product needs one of its own.
ROWS = 8 if vectors.MANY_REGISTERS else 6 if vectors.REGISTER_BYTES == 32 else 4
HEIGHTS = {8: (8, 4, 1), 6: (6, 4, 2, 1), 4: (4, 1)}[ROWS]  # of the blocks that any number of rows is made of
UNROLL = 4 if vectors.BY_ELEMENT else 2  # steps of k written out; with 4, AVX-512 took up to twice as long in some runs


class Size(NamedTuple):
    """The sizes of a product: c (rows, columns) = a (rows, depth) @ b (depth, columns)."""

    rows: int
    columns: int  # whole vectors
    depth: int


def _step(numbers, width):
    """Write out one step of k; numbers: for each row of the block, the text for its number of a as a vector."""
    lines = [f"        b{j} = load(b, at + {j} * lanes)" for j in range(width)]
    for i, number in enumerate(numbers):
        lines += [f"        x = {number}"]
        lines += [f"        s{i}{j} = multiply_add(x, b{j}, s{i}{j})" for j in range(width)]
    return [*lines, f"        at += {width} * lanes"]


def _steps_along_rows(rows, width):
    """Write out the loop over k for an a of which each row lies together, and rows are ``apart``."""
    lines = [f"    a{i} = a_start + {i} * apart" for i in range(rows)]
    lines += [f"    for k in range(0, depth - {UNROLL - 1}, {UNROLL}):", f"        prefetch(b, ahead + k * {rows})"]
    if vectors.BY_ELEMENT:
        lines += [f"        four{i} = load_four(a, a{i} + k)" for i in range(rows)]
    for u in range(UNROLL):
        number = f"lane(four{{i}}, {u})" if vectors.BY_ELEMENT else f"broadcast(a, a{{i}} + (k + {u}))"
        lines += _step([number.format(i=i) for i in range(rows)], width)
    lines += [f"    for k in range(depth // {UNROLL} * {UNROLL}, depth):"]
    return lines + _step([f"broadcast(a, a{i} + k)" for i in range(rows)], width)


def _steps_across_rows(rows, width):
    """Write out the loop over k for an a of which each column lies together, and columns are ``apart``."""
    lines = ["    for k in range(depth):", "        column = a_start + k * apart"]
    lines += [f"        prefetch(a, column + {rows})", f"        prefetch(b, ahead + k * {rows})"]
    if vectors.BY_ELEMENT and rows >= 4:
        lines += [f"        four{i} = load_four(a, column + {4 * i})" for i in range(rows // 4)]
        return lines + _step([f"lane(four{i // 4}, {i % 4})" for i in range(rows)], width)
    return lines + _step([f"broadcast(a, column + {i})" for i in range(rows)], width)


def _block(rows, width, form):
    """Write out the product for ``rows`` rows and ``width`` vectors of c, every sum a variable, and compile it."""
    name = f"block_{rows}_{width}{form}"
    sums = [(i, j) for i in range(rows) for j in range(width)]
    lines = [
        f"def {name}(a, a_start, apart, b, b_start, ahead, c, c_start, c_row, depth, add, lanes):",
        *(f"    s{i}{j} = load(c, c_start + {i} * c_row + {j} * lanes) if add else zero(c)" for i, j in sums),
        "    at = b_start",
        *(_steps_across_rows if form == TRANSPOSED else _steps_along_rows)(rows, width),
        *(f"    store(c, c_start + {i} * c_row + {j} * lanes, s{i}{j})" for i, j in sums),
    ]
    return unrolled(name, lines, vars(vectors))


TRANSPOSED = "_transposed"
SIZES = [(rows, width, form) for rows in HEIGHTS for width in (1, 2) for form in ("", TRANSPOSED)]
BLOCKS = {f"block_{rows}_{width}{form}": _block(rows, width, form) for rows, width, form in SIZES}


def _panel(width, form):
    """Write out the product with a panel of ``width`` vectors: blocks of rows, the highest first, and compile it."""
    name = f"panel_{width}{form}"
    parameters = "a, a_start, apart, b, b_start, ahead, c, c_start, c_row, rows, depth, add, lanes"
    lines = [f"def {name}({parameters}):", "    i = 0"]
    row = "i" if form == TRANSPOSED else "i * apart"
    for height in HEIGHTS:
        lines += [
            f"    while i + {height} <= rows:",
            f"        block_{height}_{width}{form}(a, a_start + {row}, apart, b, b_start, ahead + i * depth,",
            "            c, c_start + i * c_row, c_row, depth, add, lanes)",
            f"        i += {height}",
        ]
    return unrolled(name, lines, {**vars(vectors), **BLOCKS})


_panel_1, _panel_2 = _panel(1, ""), _panel(2, "")
_panel_1_transposed, _panel_2_transposed = _panel(1, TRANSPOSED), _panel(2, TRANSPOSED)


@inner
def gemm(a, a_at, b, b_start, b_next, c, c_at, size, add):
    """Make c = a @ b, or c += a @ b with add = 1.

    - a: 1-D array, in which the matrix has the layout a_at (a Matrix) whose step is 1: each row lies together.
    - b: 1-D array, in which packed panels begin at b_start.
    - b_next: where in b the panels of the next product begin, or b_start.
    - c: 1-D array with the layout c_at; its columns come in panels, c_at.step apart (two vectors for a plain matrix).
    - size: a Size.
    - add: 0 or 1, an int64.
    """
    lanes = vectors.REGISTER_BYTES // a.itemsize
    start, apart, rows, depth = a_at.start, a_at.row, size.rows, size.depth
    for first in range(0, size.columns, 2 * lanes):
        panel, target = b_start + first * depth, c_at.start + first // (2 * lanes) * c_at.step
        ahead = panel + 2 * lanes * depth if first + 2 * lanes < size.columns else b_next
        if first + lanes < size.columns:
            _panel_2(a, start, apart, b, panel, ahead, c, target, c_at.row, rows, depth, add, lanes)
        else:
            _panel_1(a, start, apart, b, panel, ahead, c, target, c_at.row, rows, depth, add, lanes)


@inner
def gemm_transposed(a, a_at, b, b_start, b_next, c, c_at, size, add):
    """Make c = a @ b as ``gemm`` does, for a layout a_at whose row is 1: each column of a lies together."""
    lanes = vectors.REGISTER_BYTES // a.itemsize
    start, apart, rows, depth = a_at.start, a_at.step, size.rows, size.depth
    for first in range(0, size.columns, 2 * lanes):
        panel, target = b_start + first * depth, c_at.start + first // (2 * lanes) * c_at.step
        ahead = panel + 2 * lanes * depth if first + 2 * lanes < size.columns else b_next
        if first + lanes < size.columns:
            _panel_2_transposed(a, start, apart, b, panel, ahead, c, target, c_at.row, rows, depth, add, lanes)
        else:
            _panel_1_transposed(a, start, apart, b, panel, ahead, c, target, c_at.row, rows, depth, add, lanes)
