# %% [markdown]
# # 04 · Backprop through convolution
#
# **Goal.** From the gradient of a convolution's output, calculate the gradients of its input, weights and bias, and
# prove them right.
#
# You need: [gradient descent](02_what_a_network_is.ipynb) and [convolution](03_convolution.ipynb). Time: 70 minutes,
# half of them for the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import numpy as np

from numpyssd.drawing import new_figure
from numpyssd.kernels.reference.conv2d import (
    SOBEL,
    conv2d_backward,
    conv2d_forward,
    draw_backward,
)
from numpyssd.kernels.reference.relu import relu_backward, relu_forward
from lessons.course import check
from lessons.course.widgets import gradient as gradient_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here

you_are_here("base network", "loss", "training")

# %% [markdown]
# In lesson 02 one weight went downhill in five steps, `w -= 0.1 * slope`. A network does the same with all its weights:
# the loss says how large its errors are, and the gradient has a slope for each weight.
#
# One could *measure* the slopes: raise the weights one after the other, and run the whole network for each. That is
# millions of runs for one small step. **Backpropagation** (backprop) finds all slopes in one run backwards. This lesson
# does it for a convolution.
#
# Names: `dout` is short for "the gradient of `out`". It has the shape of `out`, and says for each of its numbers how
# the loss changes with it. In the same way `dx` has the shape of the input `x`, and `dweight` that of the weights.
#
# ## The figure
#
# Suppose that only one output changes the loss: raise it by 1, and the loss rises by 1. For all others the gradient is
# 0. This is a *one-hot gradient*. That output came from the nine numbers of its window, each multiplied by a weight. If
# a number of the window rises by 1, the output rises by its *weight*. If a weight rises by 1, the output rises by the
# *number* that it is multiplied by.

# %%
x = np.array([
    [1, 2, 0, 1, 4, 0],
    [0, 1, 3, 1, 0, 2],
    [2, 0, 1, 0, 1, 1],
    [1, 1, 0, 2, 3, 0],
    [0, 2, 1, 1, 0, 1],
], float)  # fmt: skip
kernel, one = np.array(SOBEL, float), np.zeros((3, 4))
one[1, 2] = 1
figure, axes = new_figure(1, 3, size=(7.4, 3))
draw_backward(axes, x, kernel, one)
show(figure, "One output's gradient: dx gets the kernel, and dweight the window of x.")
print(x[1:4, 2:5])

# %% [markdown]
# That is the input of lesson 03, and its kernel for vertical edges. In the middle, the kernel lies where the window
# was: that is `dx`. At the right, `dweight` is the window itself. The numbers printed below the figure are that window
# of x, for comparison.
#
# In a real network all outputs change the loss, and windows overlap. Each output sends back its part, times its own
# number in `dout`, and the parts add up. Here is a whole convolution on squared paper, first forwards, then backwards,
# one operation after the other. Which number of `dx` is written to four times, and which only once?

# %%
x = np.array([[1, 2, 0], [0, 1, 3], [2, 0, 1]], float)
weight = np.array([[1, 0], [2, -1]], float)
dout = np.array([[1, 2], [3, -1]], float)
figure, axes = new_figure(1, 3, size=(7.4, 3))
draw_backward(axes, x, weight, dout * [[1, 0], [0, 0]])
widget = gradient_widgets.convolution_steps(x, weight, dout)
alt = "What the first output sends back, before the other three."
show_widget(widget, figure, alt)

# %% [markdown]
# ## By hand
#
# Lesson 02 multiplied two slopes on the way from a weight to the loss. This is the rule behind it.
#
# **One step.** Let `y = 3 x`. Raise `x` by 1, and `y` rises by 3. This slope is also called the *derivative* of y by x,
# written dy/dx.
#
# **Two steps.** Let further `L = 5 y`. Raise `x` by 1: `y` rises by 3, and L by five times that, 15. Factors along a
# path *multiply*. That is the **chain rule**.
#
# **Two paths.** Let `L = 5 y + 2 z` with `y = 3 x` and `z = 4 x`. Now two paths lead from `x` to L, and their products
# *add up*:
#
# $$\frac{dL}{dx} = \frac{dL}{dy} \cdot \frac{dy}{dx} + \frac{dL}{dz} \cdot \frac{dz}{dx} = 5 \cdot 3 + 2 \cdot 4 = 23$$


# %%
def loss_of(x):
    y, z = 3 * x, 4 * x
    return 5 * y + 2 * z


assert loss_of(8) - loss_of(7) == 5 * 3 + 2 * 4 == 23
print("raise x by 1, and the loss rises by", loss_of(8) - loss_of(7))

# %% [markdown]
# **Multiply along a path, add up over all paths.** A convolution needs no more, because it only multiplies and adds.
# `dout` is dL/dout. It comes from the next layer, and we take it as given. The numbers of the widget once more:
#
# - the bias is added to each of the four outputs: four paths, each with the factor 1;
# - `weight[0, 0]` is multiplied with the upper left number of each of the four windows;
# - `x[0, 0]` is in the first window only, under `weight[0, 0]`;
# - `x[1, 1]`, in the middle, is in all four windows, each time under another weight.

# %%
found = conv2d_backward(
    dout[None, ..., None], x[None, ..., None], weight[..., None, None]
)
dx, dweight, dbias = (array.squeeze() for array in found)
assert dbias == 1 + 2 + 3 - 1 == 5
assert dweight[0, 0] == 1 * 1 + 2 * 2 + 3 * 0 + -1 * 1 == 4
assert dx[0, 0] == 1 * 1
assert dx[1, 1] == 1 * -1 + 2 * 2 + 3 * 0 + -1 * 1 == 2
print("dx", dx.astype(int), "dweight", dweight.astype(int), sep="\n")

# %% [markdown]
# Calculate one or two of the others on paper. For all of them at once, r, c is a place (row and column) of the output, i,
# j a place in the kernel, and y, z a place of the input. Where y - i, z - j is outside `dout`, take 0:
#
# $$\mathrm{dweight}[i, j] = \sum_{r} \sum_{c} \mathrm{dout}[r, c] \cdot x[r + i, c + j]$$
#
# $$\mathrm{dx}[y, z] = \sum_{i} \sum_{j} \mathrm{dout}[y - i, z - j] \cdot \mathrm{weight}[i, j]$$

# %%
for i, j in np.ndindex(2, 2):
    terms = [dout[r, c] * x[r + i, c + j] for r, c in np.ndindex(2, 2)]
    assert sum(terms) == dweight[i, j]
for y, z in np.ndindex(3, 3):
    inside = [(i, j) for i, j in np.ndindex(2, 2) if 0 <= y - i < 2 and 0 <= z - j < 2]
    assert sum(dout[y - i, z - j] * weight[i, j] for i, j in inside) == dx[y, z]
    print(f"dx[{y}, {z}]: paths {len(inside)}, sum {dx[y, z]:g}")

# %% [markdown]
# So this is the answer to the widget's question: the middle is written to four times, the corners once, the rest twice.
#
# ## Loops you can read
#
# The full case has channels, stride, padding and dilation. It is the loop of lesson 03; only its last line changes,
# into three. Where the forward pass *reads* a number, the backward pass *adds to* the same place.


# %%
def backward_by_loops(dout, x, weight, stride, padding, dilation):
    """Return dx, dweight, dbias; dout (N, H', W', C_out), the rest as in lesson 03."""
    p, (_, height, width, _) = padding, x.shape
    x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
    dbias = np.zeros(weight.shape[3])
    dx, dweight = np.zeros_like(x), np.zeros_like(weight)
    for n, r, c, o in np.ndindex(dout.shape):
        gradient = dout[n, r, c, o]
        dbias[o] += gradient
        for i, j in np.ndindex(weight.shape[:2]):
            row, column = r * stride + i * dilation, c * stride + j * dilation
            dweight[i, j, :, o] += gradient * x[n, row, column]
            dx[n, row, column] += gradient * weight[i, j, :, o]
    return dx[:, p : p + height, p : p + width], dweight, dbias  # without the frame


# %% [markdown]
# The last line drops what falls on the padding: those zeros are not part of the input, and their gradient is not
# needed.
#
# ## The check
#
# First, loops against library, as in lesson 03. Sums of a few dozen products in float64: expected around 1e-15,
# accepted below 1e-12.

# %% tags=["varies"]
rng = np.random.default_rng(0)
settings = [(1, 0, 1), (1, 1, 1), (2, 1, 1), (1, 2, 2), (3, 2, 1)]
images, weights = rng.normal(size=(2, 6, 7, 2)), rng.normal(size=(3, 2, 2, 3))
for setting in settings:  # stride, padding, dilation
    out = conv2d_forward(images, weights, np.zeros(3), *setting)
    given = rng.normal(size=out.shape)
    slow = backward_by_loops(given, images, weights, *setting)
    fast = conv2d_backward(given, images, weights, *setting)
    error = max(abs(a - b).max() for a, b in zip(slow, fast))
    assert error < 1e-12
    print(setting, f"differ by {error:.0e} (expected: below 1e-12)")

# %% [markdown]
# But loops and library could be wrong *together*: both come from the same formulas. The measured gradient of lesson 02
# needs no formula. It is called the **numerical gradient**. Raise one number by a tiny h, lower it by h, and see how
# the loss changes:
#
# $$\frac{dL}{dx} \approx \frac{L(x + h) - L(x - h)}{2 h}$$


# %%
def numeric_gradient(loss, array, h=1e-3):
    """Return the gradient of loss(), of array, by changing each number."""
    gradient = np.zeros_like(array)
    for place in np.ndindex(array.shape):
        before = array[place]
        array[place] = before + h
        above = loss()
        array[place] = before - h
        gradient[place] = (above - loss()) / (2 * h)
        array[place] = before
    return gradient


point = np.array([2.0])
slope = numeric_gradient(lambda: point[0] ** 2, point)[0]
assert abs(slope - 2 * 2.0) < 1e-9
print(f"the slope of x squared at 2: {slope:.6f} (expected: 4)")

# %% [markdown]
# As a loss we take `(given * out).sum()`: its gradient with respect to `out` is `given`, for any numbers. A convolution
# is a straight line in each of its numbers. Without rounding, the quotient would be exact. How large is the rounding
# error? float64 rounds in the 16th digit; the losses are sums of some tens, so about 1e-14 is lost, and we divide by 2
# h = 0.002: we expect errors around 1e-11, and accept nothing above 1e-10.

# %% tags=["varies"]
trial = rng.normal(size=3)  # the bias


def largest_errors(backward, setting):
    """Return how far dx, dweight and dbias are from the numerical gradients."""
    arrays = images, weights, trial
    shape = conv2d_forward(*arrays, *setting).shape
    given = np.random.default_rng(1).normal(size=shape)

    def loss():
        return (given * conv2d_forward(*arrays, *setting)).sum()

    found = backward(given, images, weights, *setting)
    return [abs(a - numeric_gradient(loss, b)).max() for a, b in zip(found, arrays)]


for setting in settings:
    errors = largest_errors(conv2d_backward, setting)
    assert max(errors) < 1e-10
    print(setting, *(f"{error:.0e}" for error in errors), "(expected: below 1e-10)")

# %% [markdown]
# The three numbers of a line are those of dx, dweight and dbias.
#
# **In float32** the same step is useless: it rounds in the 7th digit, and 1e-6 divided by 0.002 is an error of 5e-4. So
# gradients are checked in float64, and training is done in float32.
#
# **Not at a kink.** A convolution is usually followed by a ReLU, a line with a kink at 0: slope 0 at the left, 1 at the
# right. What is the numerical gradient at the kink itself?

# %%
points = np.array([-2.0, -0.0004, 0.0, 0.0004, 2.0])
numeric = numeric_gradient(lambda: relu_forward(points).sum(), points)
ours = relu_backward(np.ones(5), relu_forward(points))
assert ours.tolist() == [0, 0, 0, 1, 1]
print("x      ", [f"{each:g}" for each in points])
print("numeric", [f"{each:.1f}" for each in numeric])
print("ours   ", [f"{each:.1f}" for each in ours])

# %% [markdown]
# At 0 it is 0.5, and up to one h beside it something between 0 and 1: one step lies left of the kink, the other right
# of it. There the *numerical* gradient is not useful: at a kink there is no single slope, and the library takes 0. So a
# check keeps away from kinks by more than h. Here it would leave out the three numbers in the middle. Pooling has kinks
# at equal numbers (lesson 05). Smooth L1 has none, but its *gradient* has, at ±1 (lesson 10).
#
# A last check needs no h at all, and is exact in whole numbers. Without its bias, a convolution is linear: twice the
# input gives twice the output. For such a function, taking `dout` back and multiplying with x must give the same sum as
# taking x forward and multiplying with `dout`. (It is called the *adjoint test*.) The same holds for the weights.
#
# $$\sum \mathrm{dout} \cdot \mathrm{out} = \sum \mathrm{dx} \cdot x$$
#
# $$\sum \mathrm{dout} \cdot \mathrm{out} = \sum \mathrm{dweight} \cdot \mathrm{weight}$$

# %%
x4, w4 = x[None, ..., None], weight[..., None, None]
out = conv2d_forward(x4, w4, np.zeros(1)).squeeze()
assert (dout * out).sum() == (dx * x).sum() == (dweight * weight).sum() == 14
print("all three sums:", (dout * out).sum())

# %% [markdown]
# ## The library's code
#
# The same three lines as in the loops, for one kernel position and all places at once.

# %%
show_source(conv2d_backward)

# %% [markdown]
# What is new:
#
# - `kernel_positions` yields *views*, so that `dview += …` writes into the padded gradient. Within one kernel position
#   no number comes twice; over all positions the loop adds up.
# - `dout @ weight[i, j].T` is "times the weight, and add up over all kernels": the matrix of lesson 03, the other way.
# - `need_dx=False`: the gradient of the image itself is not needed.
# - `out`: if the convolution ends with a ReLU, outputs that became 0 send no gradient back.
#
# ## Break it
#
# Index arrays can replace the loop over kernel positions: `rows` and `columns` name the place in x for all outputs and
# all positions. It is one line, and it has a `+=`. What is wrong?

# %%
# (output, position): its row, or column, of x
places = np.arange(2)[:, None] + np.arange(2)
rows, columns = places[:, None, :, None], places[None, :, None, :]
parts = dout[:, :, None, None] * weight  # (2, 2, 2, 2): (output, position)
broken = np.zeros((3, 3))
broken[rows, columns] += parts
print("broken:\n", broken.astype(int), "\nright:\n", dx.astype(int))

# %% [markdown]
# Where windows overlap, a place is named several times. NumPy reads the old numbers first, adds, and then writes. Of
# several writes to one place only the *last* is left. The corners, which are in only one window, are right. By chance,
# the middle of the upper row is right, too: its other part is 0. Everything has the right shape, and there is no error.
# `np.add.at` adds each time:

# %%
right = np.zeros((3, 3))
np.add.at(right, (rows, columns), parts)
assert (right == dx).all()
different = broken != right
assert not different[::2, ::2].any()  # the corners
print(
    "wrong at", different.sum(), "of 9 places; the middle:", broken[1, 1], right[1, 1]
)

# %% [markdown]
# With a stride as large as the kernel no windows overlap, and the bug stays hidden. It has happened:
#
# - `jmschrei/cherimoya`, issue 25: in a convolution for GPUs, neighboring outputs are computed at the same time. Each
#   reads `dx`, adds, and writes; the issue shows how one overwrites what another has added.
# - Caffe itself, pull request 3254: two lines wrote gradients where they should have added them, which is wrong as soon
#   as a layer's weights are used twice. "We should really have better testing for this situation", says the thread.
# - `Kulbear/deep-learning-coursera`, pull request 34, another bug: "stride missing in conv_backward". With stride 1 it
#   makes no difference.
#
# So: check with a stride that is not 1, windows that overlap, a kernel that is not symmetric, an image that is not
# square.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("bias_gradient")` helps twice, and then gives the answer.
#
# ### Warm-up: the bias
#
# `dout` has the gradients of several images, `(N, H', W', C_out)`.


# %%
def my_bias_gradient(dout):
    """Return dbias (C_out,)."""
    ...


check.bias_gradient(my_bias_gradient)
check.answer("bias_gradient")

# %% [markdown]
# ### Core: the weights
#
# One image, one channel, a square kernel, no padding; but a stride.


# %%
def my_weight_gradient(dout, x, kernel, stride):
    """Return dweight (kernel, kernel) for dout (H', W') and x (H, W)."""
    ...


check.weight_gradient(my_weight_gradient)
check.answer("weight_gradient")

# %% [markdown]
# ### Core: the input
#
# Think of windows that overlap, and of numbers that are in no window.


# %%
def my_input_gradient(dout, weight, x_shape, stride):
    """Return dx of shape x_shape for dout (H', W') and weight (kh, kw)."""
    ...


check.input_gradient(my_input_gradient)
check.answer("input_gradient")

# %% [markdown]
# ### Stretch: it is a convolution itself
#
# Instead of spreading each output's gradient over its window, *gather* the parts for each number of x. With stride 1
# that is a convolution: of `dout`, padded with zeros, and the flipped kernel of lesson 03.


# %%
def my_input_gradient_as_convolution(dout, weight):
    """Return dx for dout (H', W') and weight (k, k), stride 1, no padding."""
    ...


check.input_gradient_as_convolution(my_input_gradient_as_convolution)
check.answer("input_gradient_as_convolution")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | nothing about how gradients are calculated; its loss is divided by the number of matched boxes (lesson 09), and so is every gradient |
# | **Caffe** | writes windows as a matrix (im2col, lesson 03), multiplies, and adds them up again where they overlap; biases learn at twice the rate of weights |
# | **others** | leave gradients to their framework, which applies the same two rules to every operation; not all double the rate of biases |
# | **numpyssd** | by kernel position as above, and compiled for speed; both are tested against the numerical gradient |
#
# More of it: [8. What the loss is divided by](paper_caffe_others.md#8-what-the-loss-is-divided-by) and
# [12. What decays](paper_caffe_others.md#12-what-decays), where the rate of biases is.
#
# ## Questions readers ask
#
# **Why is the loss here `(given * out).sum()`?** Because its gradient with respect to `out` is simple: `given`. It
# stands for all that comes after the layer. For small changes, every loss depends on `out` in this way.
#
# **Why does dweight need x, and dx the weights?** In a product, each factor's slope is the other factor. That is why a
# layer has to keep x from the forward pass, and why training needs so much more memory than detecting.
#
# **Why sums, and not means?** A weight is used at every place, and each use changes the loss. If a mean is wanted, the
# loss divides, once.
#
# **How does it go through many layers?** The `dx` of a layer is the `dout` of the layer before it. That is the chain
# rule, and the "back" in backpropagation.
#
# **Can one train with the numerical gradient?** For each weight it runs the network twice, and SSD300 has 26 million
# weights.
#
# **Is a gradient a direction?** For one number it is a slope. All of them together give the direction in which the loss
# rises fastest. Training goes in the opposite direction.
#
# ## Recap
#
# 1. Multiply along a path, add up over all paths: that is the chain rule, and all of backpropagation.
# 2. Where the forward pass reads, the backward pass adds: dbias gets `dout`, dweight `dout · x`, dx `dout · weight`.
# 3. Prove it by small steps in float64, away from kinks, with windows that overlap and a stride that is not 1.
