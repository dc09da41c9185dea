"""Output sizes of convolution and pooling, and the checks that every backend makes on its arguments."""

import numpy as np


def conv_output_size(size, kernel, stride, padding, dilation):
    """Return the number of output rows (or columns) of a convolution over ``size`` input rows (or columns)."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def pool_output_size(size, window, stride, padding, ceil_mode):
    """Return the number of pooling windows over ``size`` rows (or columns).

    With ceil_mode the last window may hang over the edge, as in Caffe (pooling_layer.cpp), but never starts after
    the last pixel.
    """
    span = size + 2 * padding - window
    windows = (-(-span // stride) if ceil_mode else span // stride) + 1
    if ceil_mode and (windows - 1) * stride >= size + padding:
        windows -= 1
    return windows


def check_conv2d(x, weight, bias, stride, padding, dilation):
    """Return the output shape of a convolution; raise a ValueError that names the argument if these make none."""
    if x.ndim != 4:
        raise ValueError(f"x must be (N, H, W, C_in), not {x.shape}")
    if weight.ndim != 4 or weight.shape[2] != x.shape[3]:
        raise ValueError(f"weight must be (kh, kw, {x.shape[3]}, C_out) for x {x.shape}, not {weight.shape}")
    if x.dtype != weight.dtype:
        raise ValueError(f"x is {x.dtype}, but weight is {weight.dtype}; both must be float32 or both float64")
    if bias is not None and bias.shape != weight.shape[3:]:
        raise ValueError(f"bias must be ({weight.shape[3]},) for weight {weight.shape}, not {bias.shape}")
    if stride < 1 or dilation < 1 or padding < 0:
        raise ValueError(
            f"stride {stride} and dilation {dilation} must be at least 1, and padding {padding} at least 0"
        )
    height = conv_output_size(x.shape[1], weight.shape[0], stride, padding, dilation)
    width = conv_output_size(x.shape[2], weight.shape[1], stride, padding, dilation)
    if height < 1 or width < 1:
        raise ValueError(f"x {x.shape} is smaller than the window of weight {weight.shape} with padding {padding}")
    return x.shape[0], height, width, weight.shape[3]


def check_pool2d(x, size, stride, padding, ceil_mode):
    """Return the output shape of a pooling; raise a ValueError that names the argument if these make none."""
    if x.ndim != 4:
        raise ValueError(f"x must be (N, H, W, C), not {x.shape}")
    if not 0 <= padding < size <= 15 or stride < 1:
        raise ValueError(f"size {size} must be 1 to 15, padding {padding} less than it, and stride {stride} at least 1")
    height = pool_output_size(x.shape[1], size, stride, padding, ceil_mode)
    width = pool_output_size(x.shape[2], size, stride, padding, ceil_mode)
    if min(height, width, *x.shape[1:3]) < 1:
        raise ValueError(f"x {x.shape} is smaller than the pooling window of size {size}")
    return x.shape[0], height, width, x.shape[3]


def check_pool2d_gradient(dout, argmax, x_shape):
    """Raise a ValueError unless dout and argmax belong together, and to x_shape."""
    check_same_shape("dout", dout, argmax.shape)
    if len(x_shape) != 4 or (x_shape[0], x_shape[3]) != (dout.shape[0], dout.shape[3]):
        raise ValueError(f"x_shape must be (N, H, W, C) with the N and C of dout {dout.shape}, not {x_shape}")


def check_windows(dout, out, x, size):
    """Raise a ValueError unless dout is of out's shape, and out can be of size x size windows side by side in x."""
    check_same_shape("dout", dout, out.shape)
    fits = all(windows in (n // size, -(-n // size)) for windows, n in zip(out.shape[1:3], x.shape[1:3]))
    if not fits or (out.shape[0], out.shape[3]) != (x.shape[0], x.shape[3]):
        raise ValueError(f"x {x.shape} is not what the windows of {out.shape} with size {size} were taken from")


def check_same_shape(name, array, expected):
    """Raise a ValueError unless ``array`` has the expected shape."""
    if array.shape != tuple(expected):
        raise ValueError(f"{name} must be {tuple(expected)}, not {array.shape}")


def check_channels(x, **arrays):
    """Raise a ValueError unless each of the named arrays has one value for each channel of x (N, H, W, C)."""
    for name, array in arrays.items():
        check_same_shape(name, array, x.shape[3:])


def check_not_empty(name, array):
    """Raise a ValueError if there is nothing in the array, where the mean of nothing would be NaN."""
    if array.size == 0:
        raise ValueError(f"{name} must have at least one value, not {array.shape}")


def check_nms(boxes, scores, iou_threshold, top_k):
    """Raise a ValueError unless boxes (N, 4) can be ranked by scores and suppressed; see inference/nms.py."""
    if scores.shape != (len(boxes),):
        raise ValueError(f"scores must have the shape ({len(boxes)},), one for each box, but has {scores.shape}")
    if np.isnan(scores).any():
        raise ValueError(f"scores {scores.shape} must not hold NaN, which can't be ranked")
    if np.isnan(iou_threshold):
        raise ValueError("iou_threshold must be a number, not NaN")
    if top_k is not None and top_k < 0:
        raise ValueError(f"top_k must be 0 or more, or None for all boxes, not {top_k}")
