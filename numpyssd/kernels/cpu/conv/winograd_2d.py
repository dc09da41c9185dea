"""Winograd's transforms in two dimensions, of a whole vector of channels: first the columns of a square, then its rows.

    middle = np.array([transform(*column) for column in square.T])     # (columns, new rows)
    result = np.array([transform(*row) for row in middle.T])           # (new rows, new columns)

A square has up to 36 vectors. Written out, each is a variable that the compiler keeps in a register where it can; so
the functions are generated from the 1-D transforms of winograd.py. source and target are 1-D arrays. Vector (i, j) of a
square lies at start + i row + j step of its layout, a Matrix.
"""

from numpyssd.kernels.cpu.conv import winograd
from numpyssd.kernels.cpu.conv.winograd import KERNEL, PATCH, TILE
from numpyssd.kernels.cpu.runtime import vectors
from numpyssd.kernels.cpu.runtime.jit import unrolled


def _square(name, transform, size, new_size, finish=False):
    """Write out a transform of size x size vectors to new_size x new_size, and compile it.

    finish: whether scale, bias and ReLU are applied to the results before they are stored.
    """
    parameters = "source, source_at, target, target_at" + (", scale, bias, with_relu" if finish else "")
    lines = [f"def {name}({parameters}):"]
    for j in range(size):
        column = (f"source_at.start + {i} * source_at.row + {j} * source_at.step" for i in range(size))
        lines += [f"    c{j} = transform({', '.join(f'load(source, {at})' for at in column)})"]
    y = [f"y{j}" for j in range(new_size)]
    for i in range(new_size):
        lines += [f"    {', '.join(y)} = transform({', '.join(f'c{j}[{i}]' for j in range(size))})"]
        if finish:
            lines += [f"    {v} = multiply_add(scale, {v}, bias)" for v in y]
            lines += ["    if with_relu:", *(f"        {v} = relu({v})" for v in y)]
        for j in range(new_size):
            at = f"target_at.start + {i} * target_at.row + {j} * target_at.step"
            lines += [f"    store(target, {at}, y{j})"]
    # Inlined, the distances between the vectors are multiplied once and not for each square: 5 % of a convolution.
    return unrolled(name, lines, {**vars(vectors), "transform": transform}, forceinline=True)


transform_kernel = _square("transform_kernel", winograd.weight_transform, KERNEL, PATCH)  # G g G^T
transform_patch = _square("transform_patch", winograd.input_transform, PATCH, PATCH)  # B d B^T
transform_sums = _square("transform_sums", winograd.output_transform, PATCH, TILE, finish=True)  # A^T M A, finished
transform_gradient = _square("transform_gradient", winograd.gradient_transform, TILE, PATCH)  # A dY A^T
transform_kernel_gradient = _square(  # G^T dU G
    "transform_kernel_gradient", winograd.weight_gradient_transform, PATCH, KERNEL
)
