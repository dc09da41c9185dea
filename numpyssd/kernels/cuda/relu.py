"""ReLU on the device."""

from numba import cuda, float32, uint32

from numpyssd.kernels.cuda.runtime.device import blocks_for, launch
from numpyssd.kernels.cuda.runtime.memory import empty, to_device
from numpyssd.kernels.shapes import check_same_shape


def relu_forward_kernel(x, out):
    """One thread = one number; grid: all of them; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(out.size):
        out[index] = float32(0.0) if x[index] < float32(0.0) else x[index]  # NaN is not below zero, and stays


def relu_backward_kernel(dout, out, dx):
    """One thread = one number; grid: all of them; nothing is shared."""
    index = uint32(cuda.grid(1))
    if index < uint32(out.size):
        dx[index] = dout[index] if out[index] > float32(0.0) else float32(0.0)


def relu_forward(x):
    """Return max(x, 0) for x of any shape; see reference/relu.py."""
    x = to_device(x)
    out = empty(x.shape)
    launch(relu_forward_kernel, blocks_for(x.size, 256), 256, x.reshape(x.size), out.reshape(x.size))
    return out


def relu_backward(dout, out):
    """Return dx: dout where the output was positive; see reference/relu.py."""
    check_same_shape("dout", dout, out.shape)
    dout, out = to_device(dout), to_device(out)
    dx = empty(out.shape)
    flat = (dout.reshape(out.size), out.reshape(out.size), dx.reshape(out.size))
    launch(relu_backward_kernel, blocks_for(out.size, 256), 256, *flat)
    return dx
