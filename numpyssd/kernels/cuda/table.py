"""Every kernel with the types of its arguments and its threads a block: what the checks without a card go by.

A kernel that is not in this table fails a test. Types are as Numba writes them: ``[:, ::1]`` is a matrix in C order.
Launches pass arrays and NumPy scalars of exactly these types.
"""

from typing import NamedTuple

from numpyssd.kernels.cuda import arrays, batchnorm, conv2d, conv2d_gradient, l2norm, maxpool2d, relu, sums

F1, F2, F3, F4 = "float32[::1]", "float32[:,::1]", "float32[:,:,::1]", "float32[:,:,:,::1]"
BYTES4 = "uint8[:,:,:,::1]"
U, F = "uint32", "float32"


class Row(NamedTuple):
    """A kernel, the types of its arguments, and how many threads a block has."""

    kernel: object
    types: tuple
    threads: int

    @property
    def signature(self):
        """The types as Numba reads them."""
        return f"void({', '.join(self.types)})"


KERNELS = (
    Row(conv2d.conv2d_plain_kernel, (F4, F4, F1, F1, F4, U, U, U, U), 256),
    Row(conv2d.conv2d_tile_kernel, (F4, F2, F1, F1, F4, U, U, U, U, U), 256),
    Row(conv2d_gradient.conv2d_input_gradient_kernel, (F4, F3, F4, U, U, U, U), 256),
    Row(conv2d_gradient.conv2d_weight_gradient_kernel, (F4, F4, F3, U, U, U, U, U), 256),
    Row(sums.add_parts_kernel, (F2, F1), 256),
    Row(sums.column_sums_kernel, (F2, F2), 32),
    Row(sums.squares_kernel, (F1, F1), 256),
    Row(relu.relu_forward_kernel, (F1, F1), 256),
    Row(relu.relu_backward_kernel, (F1, F1, F1), 256),
    Row(maxpool2d.maxpool2d_forward_kernel, (F4, F4, BYTES4, U, U, U), 256),
    Row(maxpool2d.maxpool2d_backward_kernel, (F4, BYTES4, F4, U, U, U), 256),
    Row(l2norm.l2norm_forward_kernel, (F2, F1, F2, F), 128),
    Row(l2norm.l2norm_backward_kernel, (F2, F2, F1, F2, F2, F), 128),
    Row(batchnorm.batchnorm_deviations_kernel, (F2, F1, F2), 256),
    Row(batchnorm.batchnorm_forward_kernel, (F2, F1, F1, F1, F1, F2, F, U), 256),
    Row(batchnorm.batchnorm_products_kernel, (F2, F2, F1, F1, F2, F), 256),
    Row(batchnorm.batchnorm_backward_kernel, (F2, F2, F1, F1, F1, F1, F1, F2, F, F), 256),
    Row(batchnorm.batchnorm_fold_kernel, (F1, F1, F1, F1, F1, F1, F1, F), 256),
    Row(arrays.add_kernel, (F1, F1, F1), 256),
    Row(arrays.average_kernel, (F1, F1, F1, F, F), 256),
    Row(arrays.multiply_kernel, (F1, F), 256),
    Row(arrays.sgd_step_kernel, (F1, F1, F1, F, F, F), 256),
    Row(arrays.copy_rows_kernel, (F2, F2, U, U, U), 256),
)
