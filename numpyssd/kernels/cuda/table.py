"""The table of kernels: the types of their arguments and their threads per block, for the checks without a GPU.

A kernel that is not in this table fails a test. Types are as Numba writes them: ``[:, ::1]`` is a matrix in C order.
Launches pass arrays and NumPy scalars of exactly these types.
"""

from typing import NamedTuple

from numpyssd.kernels.cuda import arrays, batchnorm, conv2d, conv2d_gradients, l2norm, maxpool2d, relu
from numpyssd.kernels.cuda.runtime import sums
from numpyssd.kernels.cuda.ssd import decode, losses, mining, multibox_loss, nms, postprocess, ranking

F1, F2, F3, F4 = "float32[::1]", "float32[:,::1]", "float32[:,:,::1]", "float32[:,:,:,::1]"
BYTES2, BYTES4 = "uint8[:,::1]", "uint8[:,:,:,::1]"
I1, I2, WORDS3 = "int32[::1]", "int32[:,::1]", "uint64[:,:,::1]"
U, SIGNED, F = "uint32", "int32", "float32"


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
    Row(conv2d_gradients.conv2d_input_gradient_kernel, (F4, F3, F4, U, U, U, U), 256),
    Row(conv2d_gradients.conv2d_weight_gradient_kernel, (F4, F4, F3, U, U, U, U, U), 256),
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
    Row(arrays.moving_average_kernel, (F1, F1, F1, F, F), 256),
    Row(arrays.scale_kernel, (F1, F), 256),
    Row(arrays.sgd_step_kernel, (F1, F1, F1, F, F, F), 256),
    Row(arrays.copy_rows_kernel, (F2, F2, U, U, U), 256),
    Row(losses.softmax_cross_entropy_kernel, (F2, I1, F1, F2), 128),
    Row(losses.smooth_l1_kernel, (F1, F1, F1), 256),
    Row(ranking.fill_kernel, (I1, SIGNED), 256),
    Row(ranking.best_kernel, (F2, I2), 256),
    Row(mining.positives_kernel, (I2, I1), 256),
    Row(mining.negatives_per_image_kernel, (I1, I1, I1), 32),
    Row(mining.negatives_kernel, (F1, I1, F1), 256),
    Row(mining.mining_kernel, (F2, I1, BYTES2), 256),
    Row(multibox_loss.background_loss_kernel, (F2, F1), 128),
    Row(multibox_loss.divisors_kernel, (I1, F1, U), 32),
    Row(multibox_loss.multibox_kernel, (F2, F2, F2, I2, BYTES2, F1, F2, F2, F3, F), 128),
    Row(decode.decode_kernel, (F2, F2, F2, F, F, F), 128),
    Row(decode.scores_kernel, (F2, F2, F3, F), 128),
    Row(nms.gather_kernel, (F3, F2, I2, F3, F2), 128),
    Row(nms.overlaps_kernel, (F3, WORDS3, F), 64),
    Row(nms.survivors_kernel, (I2, WORDS3, F2), 64),
    Row(postprocess.detections_kernel, (I2, I2, F2, F3, U, F3), 128),
)
