"""The contract of a backend: which functions a package of kernels has, and what each of them promises.

``reference``, ``cpu`` and ``cuda`` are Python packages; each has the attributes and functions below as a module has
them (without ``self``). tests/kernels/test_backends.py compares the names and signatures. reference/ is the
specification of the numbers: see the docstrings there for shapes, formulas and errors.

Arrays are NumPy arrays, or arrays on a GPU where ON_DEVICE is true. Each function accepts both kinds of arrays and
returns its own kind. Images are NHWC.
"""

from typing import Any, NamedTuple, Protocol


class Backend(Protocol):
    """What layers, losses, optimizers and commands ask of every backend."""

    NAME: str  # "reference", "cpu" or "cuda"
    ON_DEVICE: bool  # whether arrays stay on a GPU; then the backend is a DeviceBackend too

    # ------------------------------------------------------------------------------------------------------- layers

    def conv2d_forward(self, x, weight, bias, stride=1, padding=0, dilation=1, relu=False, scale=None):
        """Convolve x (N, H, W, C_in) with weight (kh, kw, C_in, C_out), times scale (C_out,), plus bias, then ReLU.

        Without a bias (None) nothing is added, and without a scale nothing is multiplied.
        """

    def conv2d_backward(self, dout, x, weight, stride=1, padding=0, dilation=1, need_dx=True, out=None):
        """Return dx (None without need_dx), dweight and dbias; with ``out``, dout counts only where out > 0."""

    def conv2d_algorithm(self, weight, stride) -> str:
        """Return the name of the algorithm that convolves with these weights, for tables of timings."""

    def relu_forward(self, x):
        """Return max(x, 0)."""

    def relu_backward(self, dout, out):
        """Return dout where out > 0, and 0 elsewhere."""

    def maxpool2d_forward(self, x, size, stride, padding=0, ceil_mode=False):
        """Return the largest value of each window, and the position in the window that it came from (uint8)."""

    def maxpool2d_backward(self, dout, argmax, x_shape, size, stride, padding=0):
        """Return dx: each entry of dout goes to the position that argmax names."""

    def l2norm_forward(self, x, scale, epsilon=1e-10):
        """Divide each pixel by the L2 norm of its channels, times scale (C,)."""

    def l2norm_backward(self, dout, x, scale, epsilon=1e-10):
        """Return dx and dscale."""

    def batchnorm_statistics(self, x):
        """Return mean and biased variance (C,) of each channel."""

    def batchnorm_forward(self, x, mean, variance, scale, shift, epsilon=1e-5, relu=False):
        """Normalize each channel with mean and variance, times scale, plus shift, then ReLU."""

    def batchnorm_backward(self, dout, x, mean, variance, scale, epsilon=1e-5, batch_statistics=True, out=None):
        """Return dx, dscale and dshift; batch_statistics: whether mean and variance came from x itself."""

    def batchnorm_fold(self, bias, mean, variance, scale, shift, epsilon=1e-5):
        """Return factor and offset (C_out,) by which a convolution does its batch normalization itself."""

    def batchnorm_maxpool_forward(self, x, mean, variance, scale, shift, size, ceil_mode=False, epsilon=1e-5):
        """Normalize each channel, ReLU, and take the maximum of windows side by side: out, and what backward needs."""

    def batchnorm_maxpool_backward(
        self, dout, kept, x, mean, variance, scale, size, epsilon=1e-5, batch_statistics=True
    ):
        """Return dx, dscale and dshift; kept: what forward returned for it."""

    # -------------------------------------------------------------------------------------------------- whole arrays

    def add(self, a, b):
        """Return a + b for two arrays of one shape."""

    def scale(self, a, factor) -> None:
        """Multiply a by a number, in place."""

    def moving_average(self, running, new, momentum):
        """Return momentum running + (1 - momentum) new."""

    def norm(self, arrays) -> float:
        """Return the L2 norm of all arrays together, as of one vector."""

    def concatenate(self, maps, values):
        """Reshape each map (N, ...) to (N, rows, values), and return all of them along the second axis."""

    def split(self, concatenated, shapes) -> list:
        """Undo ``concatenate``: return maps of these shapes."""

    def rows(self, array, start, stop):
        """Return rows start .. stop - 1 of the first axis, in the same memory."""

    def sgd_step(self, value, grad, velocity, lr, momentum, weight_decay) -> None:
        """Do a step of SGD with momentum, in place: value and velocity change."""

    # ------------------------------------------------------------------------------------------- memory and machine

    def to_device(self, array):
        """Return the array where the backend computes; an array that is there already is returned as it is."""

    def to_host(self, array):
        """Return the array as a NumPy array; a NumPy array is returned as it is."""

    def synchronize(self) -> None:
        """Wait until all work is done: before a clock is read, for example."""

    def set_threads(self, count=None) -> None:
        """Use ``count`` CPU threads; without a count: the backend's default."""

    def thread_count(self) -> int:
        """Return how many CPU threads the kernels use."""

    def clear_weight_cache(self) -> None:
        """Free the memory of weights that are kept in the form that an algorithm needs."""

    def warm_up(self) -> None:
        """Compile every kernel, so that nothing that is timed or watched waits for the compiler."""


class Losses(NamedTuple):
    """What the loss of a batch is made of: loc + conf is the loss; positives and negatives are counts."""

    loc: float  # where the boxes are
    conf: float  # what is in them
    positives: int
    negatives: int

    @property
    def total(self) -> float:
        """The loss itself."""
        return self.loc + self.conf


class DeviceBackend(Backend, Protocol):
    """What a backend with ON_DEVICE has besides: what other backends leave to NumPy would need many downloads."""

    Prefetcher: Any  # a class: Prefetcher().send([(array, dtype), ...]) begins an upload, and .wait() ends it

    def describe(self) -> tuple[str, float]:
        """Return the name of the GPU, and its peak GFLOP/s in float32."""

    def multibox_loss(
        self, loc, conf, loc_targets, conf_targets, alpha=1, negative_ratio=3,
        *, scope="image", min_negatives=0, divisor="batch",
    ):  # fmt: skip
        """Return dloc, dconf and the sums for ``read_losses``; arguments as in training/multibox_loss.py."""

    def read_losses(self, sums) -> list[Losses]:
        """Return the Losses of a list of sums of ``multibox_loss``, with one download for the whole list."""

    def read_losses_and_norm(self, sums, gradients) -> tuple[list[Losses], float]:
        """Return what ``read_losses`` does, and the L2 norm of all gradients together, with one download for both."""

    def postprocess(
        self, loc, conf, default_boxes, score_threshold=0.01, nms_threshold=0.45, top_k=400, keep_top_k=200,
        clip_before_nms=False, size_limit=None,
    ) -> list:  # fmt: skip
        """Return boxes, labels and scores of each image of a batch; arguments as in inference/postprocess.py."""
