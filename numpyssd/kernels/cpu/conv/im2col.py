"""im2col: the pixels under each window side by side as a row, so that a convolution is one matrix product.

    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(1, 2))    # (N, H', W', C_in, kh, kw)
    columns = windows.transpose(0, 1, 2, 4, 5, 3).reshape(N * H' * W', kh * kw * C_in)
    out = columns @ weight.reshape(kh * kw * C_in, C_out)                                # (N H' W', C_out)

What changes: the columns of a whole image would be kh kw times the image, and would go to memory and back. Here they
are made strip by strip, for some output rows at a time, and stay in the core's cache. A 1x1 convolution needs no copy.
"""

from typing import NamedTuple

from numpyssd.kernels.cpu.runtime.jit import inner
from numpyssd.kernels.cpu.runtime.threads import spans
from numpyssd.kernels.cpu.runtime.vectors import REGISTER_BYTES, load, store

STRIP_FLOATS = 98304  # of columns: 384 KiB in float32, well inside the cache of one core (L2)
STRIP_PIXELS = 192  # but at least so many output pixels, so that the weights are read often enough


class Windows(NamedTuple):
    """Which pixel of x belongs to output pixel (y, x) at kernel position (i, j).

    It is row (y up + offset_y + i step) / down of x, and the same for columns. Outside of x, or where the division
    leaves a rest, it is zero. Forward: up is the stride, step the dilation, the offset -padding. For the gradient of x,
    which runs backward through the stride, down is the stride.
    """

    height: int  # of the output
    width: int
    kh: int
    kw: int
    up: int
    down: int
    offset_y: int
    offset_x: int
    step: int

    def are_pixels(self):
        """Return whether each window is the one pixel at its own place, so that nothing has to be copied."""
        return self[2:] == (1, 1, 1, 1, 0, 0, 1)


def windows_of(height, width, kernel, stride, padding, dilation):
    """Return the Windows of a convolution with an output of height x width."""
    kh, kw = kernel
    return Windows(height, width, kh, kw, stride, 1, -padding, -padding, dilation if kh * kw > 1 else 1)


@inner
def gather(x, first, last, windows, columns):
    """Copy windows of x: a row of kh kw C_in columns for each output pixel of the rows first .. last of all images.

    columns is 1-D, and a vector longer than its rows: whole vectors are copied, and the next copy overwrites what is
    too much.
    """
    height, width, channels = x.shape[1], x.shape[2], x.shape[3]
    flat, lanes = x.reshape(-1), REGISTER_BYTES // x.itemsize
    down, step = windows.down, windows.step
    side_by_side = step == 1 and down == 1  # then the positions of one kernel row lie side by side in memory too
    length = windows.kw * channels
    to = 0
    for row in range(first, last):
        image, out_y = row // windows.height, row % windows.height
        for out_x in range(windows.width):
            left = out_x * windows.up + windows.offset_x
            inside = side_by_side and left >= 0 and left + windows.kw <= width
            for i in range(windows.kh):
                y = out_y * windows.up + windows.offset_y + i * step
                row_exists = y >= 0 and (down == 1 or y % down == 0)
                y = y if down == 1 else y // down
                row_exists = row_exists and y < height
                source = ((image * height + y) * width + left) * channels
                if row_exists and inside and source + length + lanes <= flat.size:
                    for c in range(0, length, lanes):
                        store(columns, to + c, load(flat, source + c))
                    to += length
                    continue
                for j in range(windows.kw):
                    x_in = left + j * step
                    exists = row_exists and x_in >= 0 and (down == 1 or x_in % down == 0)
                    x_in = x_in if down == 1 else x_in // down
                    target = columns[to : to + channels]
                    if exists and x_in < width:
                        source = ((image * height + y) * width + x_in) * channels
                        for c in range(channels):
                            target[c] = flat[source + c]
                    else:
                        target[:] = 0
                    to += channels


def strips_of(images, windows, depth, limit):
    """Cut the output rows of all images into strips, and the strips into at most ``limit`` jobs.

    depth: columns of a row. Returns the strips (strips, 2), which of them each job has (jobs, 2), and the most output
    pixels that a strip has.
    """
    pixels = max(STRIP_FLOATS // depth, STRIP_PIXELS)
    rows = max(1, min(pixels // windows.width, -(-images * windows.height // limit)))
    strips = spans(images * windows.height, rows)
    jobs = spans(len(strips), -(-len(strips) // limit))
    longest = int((strips[:, 1] - strips[:, 0]).max(initial=0))  # no images, no strips
    return strips, jobs, longest * windows.width
