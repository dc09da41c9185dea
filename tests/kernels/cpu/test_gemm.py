"""gemm and layout: every register block against NumPy, in whole numbers, so that the results are exact."""

import numba
import numpy as np
import pytest

from numpyssd.kernels.cpu.conv import gemm as module
from numpyssd.kernels.cpu.conv.gemm import Size
from numpyssd.kernels.cpu.conv.layout import Matrix, pack, packed, padded_columns
from numpyssd.kernels.cpu.runtime.jit import OPTIONS
from numpyssd.kernels.cpu.runtime.vectors import lanes

gemm, gemm_transposed = module.gemm, module.gemm_transposed  # inner functions: only compiled code may call them
each_dtype = pytest.mark.parametrize("dtype", [np.float32, np.float64])
NOWHERE = -77  # what lies where nobody may write


@numba.njit(**OPTIONS)
def run_along_rows(a, at, row, step, rows, b, b_at, c, c_at, c_row, c_panel, columns, steps, add):
    gemm(a, Matrix(at, row, step), b, b_at, b_at, c, Matrix(c_at, c_row, c_panel), Size(rows, columns, steps), add)


@numba.njit(**OPTIONS)
def run_across_rows(a, at, row, step, rows, b, b_at, c, c_at, c_row, c_panel, columns, steps, add):
    layout, size = Matrix(at, row, step), Size(rows, columns, steps)
    gemm_transposed(a, layout, b, b_at, b_at, c, Matrix(c_at, c_row, c_panel), size, add)


def run(a, at, row, step, *rest):
    """Multiply with the function that this layout of a is for."""
    (run_along_rows if step == 1 else run_across_rows)(a, at, row, step, *rest)


def whole_numbers(rng, shape, dtype):
    return rng.integers(-9, 10, shape).astype(dtype)


def check(a, b, matrix_a, c_row, c_panel, add, rng):
    """Multiply ``matrix_a``, described by a = (array, at, row, step), by b; compare every number of c's memory."""
    (rows, steps), columns, dtype = matrix_a.shape, b.shape[1], b.dtype
    whole, wide, c_at = padded_columns(columns, dtype), 2 * lanes(dtype), 5
    panels = np.concatenate([whole_numbers(rng, 3, dtype), packed(b), np.full(wide, np.nan, dtype)])
    places = c_at + np.arange(rows)[:, None] * c_row  # of c in its memory: (rows, whole)
    places = places + (np.arange(whole) // wide * c_panel + np.arange(whole) % wide)
    c = np.full(places.max() + 2 * wide, NOWHERE, dtype)
    before = whole_numbers(rng, (rows, whole), dtype)
    c[places] = before
    expected = c.copy()
    expected[places] = (before if add else 0) + matrix_a @ np.pad(b, ((0, 0), (0, whole - columns)))
    array, at, row, step = a
    run(array, at, row, step, rows, panels, 3, c, c_at, c_row, c_panel, whole, steps, add)
    np.testing.assert_array_equal(c, expected)


@pytest.mark.parametrize("add", [0, 1])
@each_dtype
def test_any_number_of_rows(dtype, add, rng):
    for rows in range(1, 21):  # 8, 4 and 1 at a time
        for columns in (1, lanes(dtype) + 1, 2 * lanes(dtype), 5 * lanes(dtype) - 3):
            matrix, b = whole_numbers(rng, (rows, 7), dtype), whole_numbers(rng, (7, columns), dtype)
            row = padded_columns(columns, dtype) + 3
            check((matrix.ravel(), 0, 7, 1), b, matrix, row, 2 * lanes(dtype), add, rng)


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 16, 70])
@each_dtype
def test_any_number_of_steps(dtype, steps, rng):
    for columns in (lanes(dtype) - 1, 3 * lanes(dtype)):
        for add in (0, 1):
            matrix, b = whole_numbers(rng, (13, steps), dtype), whole_numbers(rng, (steps, columns), dtype)
            row = padded_columns(columns, dtype)
            check((matrix.ravel(), 0, steps, 1), b, matrix, row, 2 * lanes(dtype), add, rng)


@each_dtype
def test_columns_of_all_widths(dtype, rng):
    for columns in range(1, 4 * lanes(dtype) + 2):
        matrix, b = whole_numbers(rng, (9, 5), dtype), whole_numbers(rng, (5, columns), dtype)
        check((matrix.ravel(), 0, 5, 1), b, matrix, padded_columns(columns, dtype), 2 * lanes(dtype), 0, rng)


@pytest.mark.parametrize("rows", [1, 6, 15])
@each_dtype
def test_a_may_lie_transposed_or_apart_and_c_in_panels(dtype, rows, rng):
    columns, wide = 3 * lanes(dtype) - 2, 2 * lanes(dtype)
    b = whole_numbers(rng, (11, columns), dtype)
    memory = whole_numbers(rng, 4000, dtype)
    for at, row, step in ((2, 1, rows), (0, 1, rows + 5), (900, 1, -33), (7, 40, 1), (900, -33, 1)):
        matrix = memory[at + np.arange(rows)[:, None] * row + np.arange(11) * step]
        for add in (0, 1):
            check((memory, at, row, step), b, matrix, wide, wide * (rows + 1), add, rng)  # with a row between panels


@each_dtype
def test_golden(dtype):
    # By hand: [[1, 2], [3, 4]] @ [[5, 6], [7, 8]] = [[19, 22], [43, 50]].
    a, b = np.array([1, 2, 3, 4], dtype), packed(np.array([[5, 6], [7, 8]], dtype))
    c, wide = np.full(2 * lanes(dtype), NOWHERE, dtype), lanes(dtype)
    run(a, 0, 2, 1, 2, b, 0, c, 0, wide, 2 * wide, wide, 2, 0)
    np.testing.assert_array_equal(c.reshape(2, -1)[:, :2], [[19, 22], [43, 50]])
    run(a, 0, 2, 1, 2, b, 0, c, 0, wide, 2 * wide, wide, 2, 1)
    np.testing.assert_array_equal(c.reshape(2, -1)[:, :2], [[38, 44], [86, 100]])


@each_dtype
def test_nan_and_infinity_stay_in_their_row_and_column(dtype, rng):
    matrix, b = whole_numbers(rng, (13, 5), dtype), rng.uniform(1, 2, (5, 3 * lanes(dtype))).astype(dtype)
    matrix[9, 3], b[2, 40 % b.shape[1]] = np.nan, np.inf
    c = np.zeros((13, b.shape[1]), dtype)
    row = b.shape[1]
    run(matrix.ravel(), 0, 5, 1, 13, packed(b), 0, c.reshape(-1), 0, row, 2 * lanes(dtype), row, 5, 0)
    expected = np.ones_like(c, bool)
    expected[9] = expected[:, 40 % row] = False
    np.testing.assert_array_equal(np.isfinite(c), expected)
    assert np.isnan(c[9]).all()


@each_dtype
def test_panels_are_their_definition(dtype, rng):
    for steps in (0, 1, 3, 20):
        for columns in (1, lanes(dtype) - 1, lanes(dtype), lanes(dtype) + 1, 4 * lanes(dtype), 5 * lanes(dtype) + 2):
            matrix = whole_numbers(rng, (steps, columns), dtype)
            whole, wide = padded_columns(columns, dtype), 2 * lanes(dtype)
            out = np.full(steps * whole + 4, NOWHERE, dtype)
            pack(matrix, out)
            for k, j in np.ndindex(steps, whole):
                first = j // wide * wide
                place = first * steps + k * min(wide, whole - first) + j - first
                assert out[place] == (matrix[k, j] if j < columns else 0)
            assert (out[steps * whole :] == NOWHERE).all()
            np.testing.assert_array_equal(packed(matrix), out[: steps * whole])


@each_dtype
def test_padded_is_the_next_multiple_of_a_vector(dtype):
    wide = lanes(dtype)
    assert wide * np.dtype(dtype).itemsize in (16, 32, 64)
    for columns in range(3 * wide + 1):
        assert padded_columns(columns, dtype) == min(n for n in range(0, 5 * wide, wide) if n >= columns)


def test_each_block_has_a_name_of_its_own():
    # Compiled code on disk finds its parts by name: six that were all called "block" were once taken for each other,
    # when some functions were loaded and others compiled anew.
    panels = module._panel_1, module._panel_2, module._panel_1_transposed, module._panel_2_transposed
    functions = {getattr(block, "py_func", block) for block in (*module.BLOCKS.values(), *panels)}
    assert len({function.__name__ for function in functions}) == 4 * len(module.HEIGHTS) + 4


@each_dtype
@pytest.mark.parametrize("by_element", [False, True])
@pytest.mark.parametrize("form", ["", module.TRANSPOSED])
def test_blocks_of_other_processors(dtype, by_element, form, monkeypatch, rng):
    # The blocks of Arm (by element) and of x86 are compiled here, whichever this processor is.
    monkeypatch.setattr(module.vectors, "BY_ELEMENT", by_element)
    monkeypatch.setattr(module, "UNROLL", 4 if by_element else 2)
    wide = lanes(dtype)
    for rows in (8, 1):
        block = module._block(rows, 2, form)

        @numba.njit(**OPTIONS)
        def call(a, apart, b, c, depth, block=block):
            block(a, 3, apart, b, 0, 0, c, 0, c.size // 8, depth, 0, c.size // 16)

        for depth in (0, 1, 3, 4, 11):
            a = whole_numbers(rng, 3 + 8 * (depth + 2) + 4, dtype)
            apart = rows + 1 if form else depth + 1
            at = 3 + (np.arange(rows)[:, None] + np.arange(depth) * apart if form else
                      np.arange(rows)[:, None] * apart + np.arange(depth))  # fmt: skip
            b, c = whole_numbers(rng, (depth, 2 * wide), dtype), np.zeros((8, 2 * wide), dtype)
            call(a if depth else np.resize(a, 99), apart, b.reshape(-1), c.reshape(-1), depth)
            np.testing.assert_array_equal(c[:rows], a[at] @ b if depth else 0)
