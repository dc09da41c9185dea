# %% [markdown]
# # 05 · Pooling
#
# **Goal.** Shrink a map by keeping the largest number of each window, send the gradient back to the number that won,
# and say how 75 becomes 38.
#
# You need: what a convolution, its stride and its padding are ([lesson 03](03_convolution.ipynb)), and what a gradient
# is ([lesson 02](02_what_a_network_is.ipynb)). Time: 45 minutes, half of them for the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import numpy as np

from numpyssd.datasets.shapes import example
from numpyssd.drawing import new_figure
from numpyssd.kernels.reference.maxpool2d import (
    draw_winners,
    maxpool2d_backward,
    maxpool2d_forward,
)
from numpyssd.kernels.shapes import pool_output_size
from lessons.course import check
from lessons.course.widgets import grids as grid_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here

you_are_here("base network")

# %% [markdown]
# A convolution says how strongly something (an edge, a wheel) is present at each place. For the next question, "is
# there a car around here?", the exact place matters little. **Max pooling** keeps the strongest answer of each 2 x 2
# window and drops the other three. The map gets half as wide and half as high, and all later layers have a quarter of
# the work.
#
# ## The figure
#
# On the left a map of 5 x 7 numbers and its windows (blue); on the right the pooled map.

# %%
grid = np.random.default_rng(2).integers(0, 10, (5, 7))
figure, axes = new_figure(1, 2, size=(10, 4.7))
draw_winners(axes, grid)
show(figure, "5 x 7 numbers, 3 x 4 windows; each window's winner is marked.")

# %% [markdown]
# 5 and 7 are odd, so that the last windows hang over the edge: they hold two numbers, or only one. That is allowed.
# Now point at the maxima, and see where each comes from. Which ones had an equal number in their window?

# %%
figure, axes = new_figure(1, 2, size=(9, 4.2))
draw_winners(axes, grid)
words = "Each maximum on the right has a window and a winner on the left."
show_widget(grid_widgets.winners(grid, first=5), figure, words)

# %% [markdown]
# ## By hand
#
# Take a map of 3 x 3 numbers, and put windows of 2 x 2 on it, side by side (stride 2). The first one holds 1, 5, 0, 3.
# The second one hangs over the right edge and holds only 2 and 4; the last one holds only 8.

# %%
x = np.array([[1.0, 5, 2],
              [0.0, 3, 4],
              [6.0, 1, 8]])  # fmt: skip
maxima = [[max(1, 5, 0, 3), max(2, 4)], [max(6, 1), 8]]
out, argmax = maxpool2d_forward(x[None, :, :, None], 2, 2, ceil_mode=True)
assert out[0, :, :, 0].tolist() == maxima == [[5, 4], [6, 8]]
print(out[0, :, :, 0])

# %% [markdown]
# The library wants maps of the shape (images, rows, columns, channels), hence the `None`s: one image, one channel.
# Every channel is pooled for itself.
#
# How many windows are there along a side of n numbers? The first one stands at the edge, and each further one is a
# stride s farther. With windows of k numbers, and p numbers of padding on both sides, they have n + 2p - k numbers to
# walk. If that is not a multiple of the stride, we have to **round**. Rounding down leaves numbers out; rounding up
# lets a window hang over.
#
# $$\mathrm{windows} = \left\lceil \frac{n + 2p - k}{s} \right\rceil + 1$$

# %%
n, k, s, p = 75, 2, 2, 0
up = int(np.ceil((n + 2 * p - k) / s)) + 1
down = int(np.floor((n + 2 * p - k) / s)) + 1
assert up == pool_output_size(n, k, s, p, ceil_mode=True) == 38
assert down == pool_output_size(n, k, s, p, ceil_mode=False) == 37
print("75 numbers:", up, "windows if rounded up,", down, "if rounded down")

# %% [markdown]
# An image of 300 pixels is pooled to 150, then to 75, and then the size is odd. SSD rounds **up**: 38, and then 19. A
# program that rounds down has 37 and 18. Both run, and no weight has another shape. But all that SSD lays on these maps
# (lesson 08 shows it) is made for 38.
#
# Compare the three kinds of pooling that matter here; the third is explained below.

# %%
figure, axes = new_figure(1, 2, size=(9, 4.2))
draw_winners(axes, grid, ceil_mode=False)
words = "Rounded down: the last row and the last column are in no window."
show_widget(grid_widgets.poolings(grid), figure, words)

# %% [markdown]
# ## Loops you can read
#
# Forward: look through each window, and store the largest number *and its place*. A later number must be larger, not
# only equal, to take over: **of equals the first wins**.


# %%
def pool_by_loops(x, size=2, stride=2):
    """Return the maxima, rounded up, and for each the (row, column) of its winner."""
    rows, columns = (pool_output_size(n, size, stride, 0, True) for n in x.shape)
    out, winner = np.zeros((rows, columns)), {}
    for row, column in np.ndindex(rows, columns):
        best = -np.inf
        for y in range(row * stride, min(row * stride + size, x.shape[0])):
            for c in range(column * stride, min(column * stride + size, x.shape[1])):
                if x[y, c] > best:
                    best, winner[row, column] = x[y, c], (y, c)
        out[row, column] = best
    return out, winner


out, winner = pool_by_loops(x)
print(out.tolist(), "won at", list(winner.values()))

# %% [markdown]
# Backward: how does the output change if I change one number of the map a little? If it won its window, by just as
# much. If it lost, not at all. So each number of the gradient goes, whole, to the winner, and all other numbers get 0.
# Where windows overlap, one number may win several times, and then the gradients add up (`+=`).


# %%
def pool_backward_by_loops(dout, winner, shape):
    """Return dx: each number of dout at the place of its winner."""
    dx = np.zeros(shape)
    for place in np.ndindex(dout.shape):
        dx[winner[place]] += dout[place]
    return dx


dx = pool_backward_by_loops(np.array([[10, 20], [30, 40]]), winner, x.shape)
assert dx.tolist() == [[0, 10, 0], [0, 0, 20], [30, 0, 40]]
print(dx)

# %% [markdown]
# The 10 went to the 5, which won the first window. Five of nine numbers got no gradient: the layers before learn
# nothing from these five places in this step.
#
# ### pool5: windows that overlap
#
# The last pooling of SSD's base network is another one: 3 x 3 windows with stride 1, and padding 1. Every number has a
# window of its own with itself in the middle, and so the map keeps its size. A number that is larger than all its
# neighbors wins nine times.

# %%
assert pool_output_size(19, 3, 1, 1, ceil_mode=False) == (19 + 2 * 1 - 3) // 1 + 1 == 19
peak = -np.ones((1, 5, 5, 1))
peak[0, 2, 2, 0] = 7
out, argmax = maxpool2d_forward(peak, 3, 1, padding=1)
gradient = maxpool2d_backward(np.ones_like(out), argmax, peak.shape, 3, 1, padding=1)
assert gradient[0, 2, 2, 0] == 9
assert gradient.sum() == 25  # nothing is lost, nothing is added
print(out[0, :, :, 0].astype(int))

# %% [markdown]
# At the edges, windows hang over, where padding is. The padding is not a number: **padding never wins**. Look at the
# corners: the largest is -1. With a padding of 0 it would be 0.
#
# ## The check
#
# Loops against the library, on maps of many sizes with few different numbers, so that there are many equals. Nothing is
# added or multiplied, so we expect no difference at all.

# %%
rng = np.random.default_rng(0)
difference = 0
for shape in ((1, 1), (2, 2), (5, 7), (6, 3), (9, 8), (75, 75)):
    x = rng.integers(-2, 3, shape).astype(float)
    ours, winner = pool_by_loops(x)
    out, argmax = maxpool2d_forward(x[None, :, :, None], 2, 2, ceil_mode=True)
    dout = rng.normal(size=ours.shape)
    dx = maxpool2d_backward(dout[None, :, :, None], argmax, (1, *shape, 1), 2, 2)
    mine = pool_backward_by_loops(dout, winner, shape)
    difference += abs(ours - out[0, :, :, 0]).sum() + abs(mine - dx[0, :, :, 0]).sum()
assert difference == 0
print("differences forward and backward:", difference, "(expected: 0)")

# %% [markdown]
# And is it the gradient? Change each number by a tiny step and look how much `(out * dout).sum()` changes. In float64,
# with steps of 1e-6, about nine digits can be right.

# %% tags=["varies"]
x, step = rng.permutation(35).reshape(1, 5, 7, 1).astype(float), 1e-6  # all different
dout = rng.normal(size=(1, 3, 4, 1))
numeric = np.zeros(x.shape)
for place in np.ndindex(x.shape):
    for sign in (1, -1):
        x[place] += sign * step
        numeric[place] += sign * (maxpool2d_forward(x, 2, 2, 0, True)[0] * dout).sum()
        x[place] -= sign * step
argmax = maxpool2d_forward(x, 2, 2, 0, True)[1]
dx = maxpool2d_backward(dout, argmax, x.shape, 2, 2)
error = abs(numeric / (2 * step) - dx).max()
assert error < 1e-7
print(f"largest difference {error:.0e} (expected: below 1e-7)")

# %% [markdown]
# Why "all different"? Where two numbers are equal, the maximum has a *kink*: raise either, and the output rises; lower
# either, and it stays. There is no single gradient there. Choosing the first is one of the right answers. The tiny
# steps would give the mean of two of them, which is different. So such a check avoids kinks, and the rule for them (the
# first) was tested in the cell before.
#
# ## The library's code

# %%
show_source(maxpool2d_forward, maxpool2d_backward)

# %% [markdown]
# Compare it with the loops. It goes through the k x k *places of a window* instead of through the windows: a `view`
# holds number (i, j) of every window at once. `valid` is false where a window hangs over, so that padding can't win,
# and `argmax` keeps which of the k x k places won, in one byte. The backward pass uses the same loop and adds `dout`
# where the place won. One thing is new: a NaN ("not a number", the result of 0 / 0) wins over everything. Pooling must
# not hide it.
#
# ## Break it
#
# Must one really store the winner? The backward pass could ask "which number equals the maximum?". That is one line and
# runs fast. Before you read on: when is that wrong?


# %%
def backward_with_a_bug(dout, x, out):
    each_max = out.repeat(2, axis=0).repeat(2, axis=1)  # over its window
    each_dout = dout.repeat(2, axis=0).repeat(2, axis=1)
    return (x == each_max) * each_dout


image = example(size=64)[0]
red = image[:, :, 0].astype(float)
out, winner = pool_by_loops(red)
came_in = np.ones(out.shape)
right = pool_backward_by_loops(came_in, winner, red.shape)
wrong = backward_with_a_bug(came_in, red, out)
assert right.sum() == came_in.sum() < wrong.sum()
print("gradient that came in:", int(came_in.sum()))
print("went on, right:       ", int(right.sum()))
print("went on, with the bug:", int(wrong.sum()))

# %% [markdown]
# With equals in a window, each of them gets the *whole* gradient. In plain areas of an image, neighbors are equal, and
# up to four times as much gradient goes out as came in. A check with random numbers does not find this, because random
# numbers are never equal.
#
# It has happened: Theano's max pooling on a CPU sent the gradient to *all* equals (Theano issue 5248). MXNet's maximum
# did too: of four equal numbers each got the gradient 1 (mxnet issue 18563). There is a third answer: the equals may
# *share* the gradient. The fast max pooling of Stanford's CS231n course (`max_pool_backward_reshape`) does so, in the
# copies that we have read: its last line divides by their number. Nothing is lost or added there, so this is right too.
# The mistake is to give each of them everything.
#
# After a ReLU equals are common: windows full of zeros. There, the ReLU's own gradient is 0, and the bug does no harm.
# In a plain area it does.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("max_pool")` helps twice, and then gives the answer.
#
# ### Warm-up: how many windows?
#
# `ceil_mode` says whether to round up. Then there is one more rule, from Caffe. The last window is dropped if it would
# start after the last pixel: `(windows - 1) * stride >= size + padding`. (Caffe asks this only where there is padding.
# Without padding it changes something only if the stride is larger than the window.)


# %%
def my_pooled_size(size, window, stride, padding, ceil_mode):
    """Return how many windows there are along one side."""
    ...


check.pooled_size(my_pooled_size)
check.answer("pooled_size")

# %% [markdown]
# ### Core: forward
#
# 2 x 2 windows, stride 2, rounded up. Some maps have only negative numbers.


# %%
def my_max_pool(x):
    """Return the maxima of a grid (H, W), rounded up."""
    ...


check.max_pool(my_max_pool)
check.answer("max_pool")

# %% [markdown]
# ### Core: backward
#
# Here H and W are even. Of equals the first wins (and `argmax` of NumPy thinks so too).


# %%
def my_pool_gradient(x, dout):
    """Return dx (H, W) for x (H, W) and dout (H / 2, W / 2)."""
    ...


check.pool_gradient(my_pool_gradient)
check.answer("pool_gradient")

# %% [markdown]
# ### Stretch: pool5
#
# 3 x 3 windows, stride 1, padding 1. What do you have to pad with, so that it never wins?


# %%
def my_pool5(x):
    """Return the maxima (H, W) of 3 x 3 windows around each number of x (H, W)."""
    ...


check.pool5(my_pool5)
check.answer("pool5")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | changes pool5 "from 2 x 2 - s2 to 3 x 3 - s1" (section 3); of rounding it only shows the result, the 38 in Figure 2 |
# | **Caffe** | in the SSD release, pooling always rounds up (`pooling_layer.cpp`), convolution down; it never had to say so |
# | **others** | PyTorch rounds down unless asked: torchvision's SSD sets `ceil_mode` at the third pooling of its VGG, amdegroot writes "C" in its list of layers, Keras ports pad by "same" |
# | **numpyssd** | `ceil_mode=True` for pool1 to pool4, as Caffe; the first of equals wins; a NaN wins |
#
# What the last pooling's change of stride leads to: [13. The dilation of
# conv6](paper_caffe_others.md#13-the-dilation-of-conv6).
#
# ## Questions readers ask
#
# **Why the maximum, and not the mean?** The mean of one strong answer and three weak ones is weak. A detector asks
# whether something is there at all. (Means are good for shrinking *images*, where every pixel counts.)
#
# **Does pooling learn anything?** No. It has no weights.
#
# **The place is lost. How can a detector say where a box is?** Within a window it is lost here, yes. But each channel
# may have another winner, and the convolutions before have already written "edge at the left" and "edge at the right"
# in different channels. And the map with the finest cells, for small objects, is taken early.
#
# **Does it need a ReLU, as a convolution does?** No. A maximum has kinks of its own. In SSD the ReLU comes before it.
#
# **Why not a convolution with stride 2?** Many newer networks do that, and so do SSD's own extra layers. VGG-16 is from
# 2014, and its weights are made for pooling.
#
# **Is rounding up better than down?** Not as such. But the weights, the default boxes and the code must agree.
#
# ## Recap
#
# 1. Max pooling keeps the largest number of each window; its gradient goes, whole, to the first winner.
# 2. SSD rounds up, 75 to 38. Padding never wins.
# 3. Store the winner; `x == max` gives every equal number the whole gradient.
