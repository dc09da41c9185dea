# %% [markdown]
# # 03 · Convolution
#
# **Goal.** Say of each number of a convolution's output which numbers of the input it comes from, and how many there
# are.
#
# You need: NumPy's slices, and what a layer, a weight, a bias and a ReLU are
# ([lesson 02](02_what_a_network_is.ipynb)). Time: 45 minutes, 20 of them for the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import numpy as np

from numpyssd.datasets.shapes import example
from numpyssd.drawing import new_figure
from numpyssd.kernels.reference.conv2d import (
    conv2d_forward,
    draw_kernel_positions,
    draw_window,
    kernel_positions,
)
from numpyssd.kernels.shapes import conv_output_size
from lessons.course import check
from lessons.course.widgets import grids as grid_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here

you_are_here("base network", "feature maps")

# %% [markdown]
# Nearly all the work of a detector is one operation, done a few dozen times. A small window of weights, the **kernel**,
# is moved over an image. At each place the numbers under it are multiplied by the weights and added up. The weights are
# the same everywhere: what finds an edge at the left finds it at the right too. It is a layer as in lesson 02, but each
# output reads only a small window of the inputs, and all outputs share their weights. Training finds the weights; here
# they are given.
#
# ## The figure
#
# A kernel of 3 x 3 weights that responds to vertical edges: dark on the left, bright on the right. It has nine *kernel
# positions*. The weight at each position multiplies a copy of the whole image, shifted by a pixel. The sum of the nine
# is the result.

# %%
image, _, _, _ = example(size=96)
figure, axes = new_figure(3, 4, size=(8.4, 8.2))
draw_kernel_positions(axes, image[::4, ::4])
show(figure, "Nine shifted copies of an image, and their sum: a map of vertical edges.")

# %% [markdown]
# Now number by number. Point at a number of the output: blue is the window that it comes from. Each number of the
# window is multiplied by the weight at the same place in the kernel.

# %%
x = np.array([
    [1, 2, 0, 1, 4, 0],
    [0, 1, 3, 1, 0, 2],
    [2, 0, 1, 0, 1, 1],
    [1, 1, 0, 2, 3, 0],
    [0, 2, 1, 1, 0, 1],
], float)  # fmt: skip
kernel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)
figure, axes = new_figure(1, 2, size=(8, 4))
draw_window(axes, x, kernel, 1, 2)
widget = grid_widgets.convolution(x, kernel, first=6)
show_widget(widget, figure, "A window of 3 x 3 numbers, and the output number.")

# %% [markdown]
# ## By hand
#
# A kernel of 2 x 2 on the upper left corner of that input: multiply the numbers that lie on top of each other, and add.
#
# $$1 \cdot 1 + 2 \cdot 0 + 0 \cdot 0 + 1 \cdot (-1) = 0$$

# %%
small = np.array([[1, 0], [0, -1]])
window = x[0:2, 0:2]  # rows 0 and 1, columns 0 and 1
assert (window * small).sum() == 1 * 1 + 2 * 0 + 0 * 0 + 1 * -1 == 0
print("output (0, 0):", (window * small).sum())
print("output (0, 1):", (x[0:2, 1:3] * small).sum(), "(2 - 3)")

# %% [markdown]
# How large is the output? A window of 3 fits into 6 columns in four places: 0, 1, 2, 3. Three things change that.
# **Padding** p puts a frame of zeros around the image, on both sides. **Stride** s moves the window by s pixels instead
# of one. **Dilation** d spreads the kernel: its weights are d pixels apart. It then covers d (k - 1) + 1 pixels.
#
# $$\mathrm{out} = \left\lfloor \frac{\mathrm{in} + 2 p - d (k - 1) - 1}{s} \right\rfloor + 1$$

# %%
settings = [(6, 3, 1, 0, 1), (6, 3, 1, 1, 1), (7, 3, 2, 0, 1), (19, 3, 1, 6, 6)]
for size, k, s, p, d in settings:
    starts = [i for i in range(-p, size + p) if i + d * (k - 1) < size + p]
    places = starts[::s]  # where a window can begin
    out = (size + 2 * p - d * (k - 1) - 1) // s + 1
    assert out == len(places) == conv_output_size(size, k, s, p, d)
    print(f"in {size:2}, kernel {k}, stride {s}, padding {p}, dilation {d}: out {out}")

# %% [markdown]
# The second line is the usual case: a kernel of 3 with a padding of 1 leaves the size as it is. The last one is conv6
# of SSD: with dilation 6, nine weights cover 13 x 13 places of its input, a map of 19 x 19, and padding 6 keeps the size.
#
# ### Colors, and many kernels
#
# An image has three numbers a pixel: its **channels**. A kernel has weights for each channel, and the sum runs over all
# of them. A layer has many kernels, and each gives one channel of the output. Such an output is called a **feature map**:
# a grid of places, with up to a thousand channels at each. In numpyssd:
#
# | | shape |
# | --- | --- |
# | images | `(N, H, W, C_in)` |
# | weights | `(kh, kw, C_in, C_out)` |
# | bias, one number for each kernel | `(C_out,)` |
# | output | `(N, H', W', C_out)` |
#
# ## Loops you can read
#
# Everything at once: for each image, row, column and kernel, the sum over the window and the channels.


# %%
def conv_by_loops(x, weight, bias, stride, padding, dilation):
    """Return the convolution (N, H', W', C_out) of x (N, H, W, C_in)."""
    p, d, (kh, kw, _, c_out) = padding, dilation, weight.shape
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    rows = (x.shape[1] - d * (kh - 1) - 1) // stride + 1
    columns = (x.shape[2] - d * (kw - 1) - 1) // stride + 1
    out = np.zeros((len(x), rows, columns, c_out))
    for n, i, j, c in np.ndindex(out.shape):
        top, left = i * stride, j * stride
        total = bias[c]
        for a, b in np.ndindex(kh, kw):
            total += (x[n, top + a * d, left + b * d] * weight[a, b, :, c]).sum()
        out[n, i, j, c] = total
    return out


# %% [markdown]
# ## The check
#
# Loops against the library, with odd sizes, two images, strides and dilation. The numbers are float64, and the sums
# have a few dozen products. We expect differences around 1e-15, and accept nothing above 1e-12.

# %%
rng = np.random.default_rng(0)
images, bias = rng.normal(size=(2, 7, 9, 3)), rng.normal(size=4)
weight = rng.normal(size=(3, 2, 3, 4))
settings = [(1, 0, 1), (1, 1, 1), (2, 1, 1), (1, 2, 2), (3, 2, 1)]
for setting in settings:  # stride, padding, dilation
    slow = conv_by_loops(images, weight, bias, *setting)
    fast = conv2d_forward(images, weight, bias, *setting)
    error = abs(slow - fast).max()
    assert error < 1e-12
    print(setting, fast.shape, "differs by", f"{error:.0e} (expected: below 1e-12)")

# %% [markdown]
# ## The library's code
#
# The loops over images, rows and columns are gone. One loop is left, over the nine *kernel positions*. Each multiplies
# a shifted view of all images at once, as in the first figure. A position has a weight for each pair of channels, so
# the multiplication is a matrix multiplication (a GEMM), `(N, H', W', C_in) @ (C_in, C_out)`.

# %%
show_source(kernel_positions, conv2d_forward)

# %% [markdown]
# `relu` is the ReLU of lesson 02, which follows nearly every convolution: two convolutions without it would be one. And
# `scale` multiplies each channel by a number, as batch normalization does in inference. Both are done in the same call.
# A view costs nothing: `x[:, top : … : stride]` copies no number. Lesson 24 makes it fast.
#
# ## Break it
#
# Mathematics defines convolution with a *flipped* kernel: rotated by 180 degrees. Here it is. For which kernels is the
# result the same?

# %%
flipped_kernel = kernel[::-1, ::-1]
args = (x[None, :, :, None], flipped_kernel[:, :, None, None], np.zeros(1))
flipped = conv2d_forward(*args)[0, :, :, 0]
right = conv2d_forward(args[0], kernel[:, :, None, None], np.zeros(1))[0, :, :, 0]
print("right:\n", right)
print("with the kernel flipped:\n", flipped)
blur = np.ones((3, 3))
assert (blur[::-1, ::-1] == blur).all()
assert (flipped == -right).all()

# %% [markdown]
# Here every sign is wrong: bright-to-dark has become dark-to-bright. With a symmetric kernel, such as one that blurs,
# nothing changes. A network that is *trained* with flipped kernels simply learns flipped weights. It breaks when
# weights move from one program to another.
#
# This has happened. Theano flipped kernels and TensorFlow did not, and Keras ran on either (keras issue 3015: "an
# upside down result"). Published weights gave worse images on one than on the other (prednet issue 46). In mathematics,
# the operation of networks is called *cross-correlation*. In deep learning it is called convolution.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("output_size")` helps twice, and then gives the answer.
#
# ### Warm-up: how large is the output?
#
# Along one axis, in whole numbers.


# %%
def my_output_size(size, kernel, stride, padding, dilation):
    """Return how many output pixels there are."""
    ...


check.output_size(my_output_size)
check.answer("output_size")

# %% [markdown]
# ### Core: the loops
#
# One image, one channel, no padding, stride 1. Two loops and a slice are enough.


# %%
def my_convolve(x, kernel):
    """Return the convolution (H - kh + 1, W - kw + 1) of x (H, W)."""
    ...


check.convolve(my_convolve)
check.answer("convolve")

# %% [markdown]
# ### Stretch: as a matrix multiplication
#
# Write every window as a row of a matrix (*im2col*). A convolution is then one multiplication of that matrix by the
# kernel (GEMM), which processors do very fast. The price is memory: every pixel is stored many times.
#
# $$\mathrm{out} = \mathrm{im2col}(x) \cdot \mathrm{kernel}$$

# %%
im2col = check.EXERCISES["im2col"].answer
matrix = im2col(x, 3, 3)  # (windows, 9)
assert ((matrix @ kernel.ravel()).reshape(right.shape) == right).all()
print(x.size, "numbers became", matrix.size)


def my_im2col(x, kh, kw):
    """Return the windows (windows, kh * kw) of x (H, W), row by row."""
    ...


check.im2col(my_im2col)
check.answer("im2col")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | the base network is VGG-16: kernels of 3 x 3, padding 1; its fully connected layers fc6 and fc7 become convolutions, by *à trous* (lesson 06) |
# | **Caffe** | conv6 has a dilation of 6, and keeps every third weight of fc6's 7 x 7 |
# | **others** | the same; NVIDIA has another base network, ResNet-50 |
# | **numpyssd** | the same; and the kernel is not flipped |
#
# What the dilation is for: [13. The dilation of conv6](paper_caffe_others.md#13-the-dilation-of-conv6).
#
# ## Questions readers ask
#
# **Why are kernels mostly 3 x 3?** Two of them in a row read 5 x 5 pixels, three 7 x 7 (lesson 06). They have fewer
# weights than one large kernel: 27 instead of 49 for each pair of channels.
#
# **Why does the size fall from 300 to 38?** Not by convolutions, which are padded, but by pooling (lesson 05).
#
# **What does padding with zeros do at the edges?** The network reads a frame of zeros that is not in the image, and
# learns to ignore it. Around the image the frame is not black: the mean color has been subtracted before, so that 0 is
# gray.
#
# **Where do the weights come from?** They start at random, and training changes them (lesson 02).
#
# **Is the bias added once, or for each kernel position?** Once for each output number.
#
# **What is a kernel of 1 x 1 good for?** It mixes the channels of one pixel. SSD's extra layers use it to go from many
# channels to few before the expensive 3 x 3.
#
# ## Recap
#
# 1. An output number is the sum of a window's numbers times the kernel's weights, over all channels, plus the bias.
# 2. `out = (in + 2p - d(k - 1) - 1) // s + 1`.
# 3. The library adds one shifted view for each kernel position; networks do not flip the kernel.
