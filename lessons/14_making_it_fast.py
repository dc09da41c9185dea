# %% [markdown]
# # 14 · Making it fast
#
# **Goal.** Compute one convolution in four ways that agree, say by counting which can be fast, and do a 3x3 convolution
# with a quarter of the products.
#
# You need: lesson 02 (convolution). Time: 40 minutes.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import time
from fractions import Fraction

import numpy as np

from numpyssd.drawing import new_figure
from numpyssd.kernels.cpu.conv import winograd
from numpyssd.kernels.cpu.conv2d import uses_winograd, conv2d_forward as fast
from numpyssd.kernels.cpu.runtime.threads import parallel, set_threads, thread_count
from numpyssd.kernels.cuda.conv2d import conv2d_plain_kernel, conv2d_tile_kernel
from numpyssd.kernels.cuda.tile import draw_workers, fetched, multiply_k_tile
from numpyssd.kernels.reference.conv2d import conv2d_forward as reference
from lessons.course.conv_cost import (
    draw_tile,
    draw_ways,
    multiplications,
    numbers_moved,
)
from lessons.course import check
from lessons.course.widgets import speed as scenes_speed
from lessons.course.display import show, show_source, show_widget, you_are_here

you_are_here("base network", "feature maps")

# %% [markdown]
# Nearly all the time of a detector goes into convolutions. Take one of SSD300's: `conv4_2` makes 38 x 38 pixels of 512
# channels from as many. Each of these numbers is a sum over a 3x3 window and over 512 channels:
#
# $$\mathrm{products} = H' \cdot W' \cdot C_{\mathrm{out}} \cdot 3 \cdot 3 \cdot C_{\mathrm{in}}$$

# %%
products = multiplications((1, 38, 38, 512), channels_in=512)
assert products == 38 * 38 * 512 * 3 * 3 * 512
print(f"{products:,} products for one layer of one picture")

# %% [markdown]
# 3.4 thousand million, for one layer of some twenty. A Python loop does about a million products a second, so it would be
# busy for the better part of an hour. A processor core can do more than ten thousand million a second. The products are
# the same; this lesson is about what lies between those two numbers.
#
# ## The figure
#
# Five ways to the same result. On the left, how many products they need for an output; on the right, what the fast ones
# pay for it: copies.

# %%
figure, axes = new_figure(1, 2, size=(11, 3.4))
draw_ways(axes)
show(figure, "Products: 9, 9, 9, then 4 and 2.25. Copies: 0, 0, 9, then 4 and 2.25.")

# %% [markdown]
# The first three do the same products in another order. The last two, **Winograd's** way with small and with large tiles,
# really do fewer: they make a whole tile of outputs at once, from one patch of the input, and what the outputs of a tile
# have in common is multiplied only once. F(4x4, 3x3) is short for: 4 x 4 outputs at once, of a kernel of 3 x 3. Choose
# how much is made at once, and look at what is read (the orange frame) and what is written (blue).

# %%
figure, axes = new_figure(1, 3, size=(11, 4.2))
for ax, tile in zip(axes, (1, 2, 4)):
    draw_tile(ax, tile)
show_widget(
    scenes_speed.tiles(),
    figure,
    "3x3 pixels give 1 output, 4x4 give 4, and 6x6 give 16.",
)

# %% [markdown]
# ## By hand
#
# How can there be fewer? We take the smallest case: one row, a kernel of three taps $g$, and **two** outputs, which see
# four pixels $d$. Plainly, each output takes three products, six in all:
#
# $$y_0 = d_0 g_0 + d_1 g_1 + d_2 g_2$$
#
# $$y_1 = d_1 g_0 + d_2 g_1 + d_3 g_2$$

# %%
d, g = [1, 3, 2, 4], [1, 2, 3]
y0 = d[0] * g[0] + d[1] * g[1] + d[2] * g[2]
y1 = d[1] * g[0] + d[2] * g[1] + d[3] * g[2]
assert (y0, y1) == (1 + 6 + 6, 3 + 4 + 12) == (13, 19)
print("six products:", y0, y1)

# %% [markdown]
# Winograd needs four. First only sums of pixels and sums of taps, then one product for each pair:
#
# $$m_1 = (d_0 - d_2) \, g_0$$
#
# $$m_2 = (d_1 + d_2) \, \frac{g_0 + g_1 + g_2}{2}$$
#
# $$m_3 = (d_2 - d_1) \, \frac{g_0 - g_1 + g_2}{2}$$
#
# $$m_4 = (d_1 - d_3) \, g_2$$
#
# and then only sums again. Do it on paper before you run the cell: the sums of the taps are 1, 3, 1, 3, and those of the
# pixels -1, 5, -1, -1.
#
# $$y_0 = m_1 + m_2 + m_3 \qquad y_1 = m_2 - m_3 - m_4$$

# %%
m1 = (d[0] - d[2]) * g[0]
m2 = (d[1] + d[2]) * (g[0] + g[1] + g[2]) // 2
m3 = (d[2] - d[1]) * (g[0] - g[1] + g[2]) // 2
m4 = (d[1] - d[3]) * g[2]
assert (m1, m2, m3, m4) == (-1, 15, -1, -3)
assert (m1 + m2 + m3, m2 - m3 - m4) == (y0, y1)
print("four products:", m1, m2, m3, m4, "give", m1 + m2 + m3, m2 - m3 - m4)

# %% [markdown]
# Why it works you see by multiplying out: in $m_2 + m_3$ the terms $d_1 g_0$ and $d_1 g_2$ cancel, $d_1 g_1$ appears
# twice and is halved. Behind it stands an idea: a convolution multiplies two polynomials, and polynomials can also be
# multiplied by their *values* at enough points. Here the points are 0, 1, -1 and infinity.
#
# The taps are the same for every tile and every picture, so that their sums are made once and do not count. That is
# 4 products instead of 6. In a picture it is done along rows and then along columns, so that the saving is squared:
#
# $$\frac{3 \cdot 3 \cdot 2 \cdot 2}{4 \cdot 4} = 2.25 \qquad \frac{3 \cdot 3 \cdot 4 \cdot 4}{6 \cdot 6} = 4$$

# %%
for tile, saving in ((2, 2.25), (4, 4), (6, 5.0625)):
    patch = tile + 3 - 1
    assert (3 * 3 * tile * tile) / (patch * patch) == saving
    print(
        f"{tile} x {tile} outputs: {patch**2} products, not {9 * tile**2}: {saving:.2f}"
    )

# %% [markdown]
# The larger the tile, the larger the saving, and it never exceeds 9. Then why not 12 x 12? The library can derive the
# sums for any tile, exactly, in fractions. Look at the numbers in them grow: what is rounded is multiplied by them.

# %%
points = [0, 1, -1, 2, -2, Fraction(1, 2), Fraction(-1, 2), 3, -3]
for outputs in (2, 4, 6, 8):
    A, G, B = winograd.cook_toom(outputs, 3, points[: outputs + 1])
    largest = max(abs(number) for matrix in (A, B) for row in matrix for number in row)
    print(
        f"{outputs} outputs of 3 taps: {outputs + 2} points, largest {float(largest):g}"
    )

# %% [markdown]
# In float32 seven digits are kept. Numbers in the thousands, squared because there are rows and columns, would cost most
# of them. That is why numpyssd stops at 4 x 4, and takes the points 0, ±5/8, ±3/2, near 1.
#
# ## Loops you can read
#
# The definition, one product at a time. It is the specification.


# %%
def by_loops(x, weight):
    """Convolve x (H, W, C_in) with weight (3, 3, C_in, C_out), without padding."""
    height, width = x.shape[0] - 2, x.shape[1] - 2
    out = np.zeros((height, width, weight.shape[3]))
    count = 0
    for y, column, to in np.ndindex(out.shape):
        for i, j, of in np.ndindex(weight.shape[:3]):
            out[y, column, to] += x[y + i, column + j, of] * weight[i, j, of, to]
            count += 1
    return out, count


rng = np.random.default_rng(0)
x, weight = rng.normal(size=(10, 14, 3)), rng.normal(size=(3, 3, 3, 4))
looped, count = by_loops(x, weight)
assert count == multiplications((1, *looped.shape), channels_in=3)
print(f"{count:,} products for a result of {looped.shape}")

# %% [markdown]
# **Taps.** Turn the loops inside out: tap (i, j) sees the whole picture, shifted by i and j. One matrix product a tap,
# nine in all. That is the library's *reference*, which lesson 02 has shown.
#
# **im2col** ("image to columns") lays every window side by side as one long row, and then *one* matrix product does it
# all. Matrix products are what people have tuned for fifty years. The price is in the name: each pixel is copied nine
# times.


# %%
def by_im2col(x, weight):
    """The same as by_loops, as one product of windows and weights."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(0, 1))
    height, width = windows.shape[:2]  # (H', W', C_in, 3, 3)
    # The channels of a pixel go last, as in the weights.
    windows = windows.transpose(0, 1, 3, 4, 2).reshape(height * width, -1)
    out = windows @ weight.reshape(-1, weight.shape[3])  # (H' W', C_out)
    return out.reshape(height, width, -1)


print("windows side by side:", (8 * 12, 3 * 3 * 3), "from a picture of", x.size)

# %% [markdown]
# **Winograd**, in two dimensions. `A`, `G`, `B` hold the sums: a row for each point. `U` and the lines in the
# loop of `by_winograd_tiles` below are
#
# $$Y = A^T \left[ (G g G^T) * (B^T d B) \right] A$$
#
# where $*$ multiplies number by number, and the library's `B` has the rows of $B^T$. The assertion tries it on whole
# numbers, in fractions, where nothing is rounded: it must be *equal*. In the function, `np.einsum("pi,qj,ijc->pqc", B, B, d)`
# multiplies numbers that share a letter, and adds up over the letters that are missing on the right: $B^T d B$ for each
# channel.

# %%
A, G, B = (np.array(m) for m in winograd.cook_toom(2, 3, [0, 1, -1]))
patch = np.array([[1, 3, 2, 4], [0, 1, 5, 2], [2, 2, 1, 0], [3, 0, 1, 1]])
kernel = np.array([[1, 2, 3], [0, 1, 0], [2, 0, 1]])
Y = A.T @ ((G @ kernel @ G.T) * (B @ patch @ B.T)) @ A  # (2, 2)
plain = [[(patch[i : i + 3, j : j + 3] * kernel).sum() for j in (0, 1)] for i in (0, 1)]
assert (plain == Y).all()
print("16 products:", [[int(y) for y in row] for row in Y], "- as by 36")


# %%
def by_winograd_tiles(x, weight):
    """The same as by_loops; the output is a whole number of 4 x 4 tiles."""
    A, G, B = (np.array(matrix) for matrix in (winograd.A, winograd.G, winograd.B))
    U = np.einsum("pi,qj,ijco->pqco", G, G, weight)  # (6, 6, C_in, C_out), once
    out = np.empty((x.shape[0] - 2, x.shape[1] - 2, weight.shape[3]))
    for y in range(0, out.shape[0], 4):
        for column in range(0, out.shape[1], 4):
            d = x[y : y + 6, column : column + 6]  # (6, 6, C_in)
            V = np.einsum("pi,qj,ijc->pqc", B, B, d)  # (6, 6, C_in)
            M = np.einsum("pqc,pqco->pqo", V, U)  # (6, 6, C_out): the products
            out[y : y + 4, column : column + 4] = np.einsum("pi,qj,pqo->ijo", A, A, M)
    return out


print("tiles:", (x.shape[0] - 2) // 4, "x", (x.shape[1] - 2) // 4)

# %% [markdown]
# ## The check
#
# All of them against the loops. In float64 we expect differences of about 1e-14 and accept nothing over 1e-12; Winograd
# may be off by more than the others, because of the numbers that grow. (This cell's output may differ from machine to
# machine in the last digit.)

# %% tags=["varies"]
results = {
    "taps": reference(x[None], weight, np.zeros(4))[0],
    "im2col": by_im2col(x, weight),
    "Winograd": by_winograd_tiles(x, weight),
}
for name, result in results.items():
    error = abs(result - looped).max()
    assert error < 1e-12
    print(f"{name:9} largest difference {error:.0e} (expected: below 1e-12)")

# %% [markdown]
# And the library's own fast one: Python functions that **Numba**, a compiler, turns into the processor's own
# instructions. It works in float32, and goes by Winograd on a layer with enough channels. float32 keeps seven digits, each
# output is a sum of 288 products, so that we expect about 1e-6 of the largest output.

# %% tags=["varies"]
small = rng.normal(size=(1, 19, 19, 32)).astype(np.float32)
taps = rng.normal(size=(3, 3, 32, 32)).astype(np.float32)
assert uses_winograd(taps, stride=1)
exact = reference(small.astype(float), taps.astype(float), np.zeros(32), padding=1)
result = fast(small, taps, np.zeros(32, np.float32), padding=1)
error = abs(result - exact).max() / abs(exact).max()
assert error < 1e-5
print(f"relative error {error:.0e} (expected: below 1e-5)")

# %% [markdown]
# ### Threads
#
# The library cuts the work into strips, and every thread takes the next strip that is free. Where the cuts are depends on
# the shapes alone, never on the number of threads, so that the result has the *same bits* with one thread as with three.

# %%
before, by_threads = thread_count(), []
for threads in (1, 2, 3):
    set_threads(threads)
    by_threads.append(fast(small, taps, np.zeros(32, np.float32), padding=1).copy())
set_threads(before)
assert all((other == by_threads[0]).all() for other in by_threads)
print("1, 2 and 3 threads: the same bits in all", by_threads[0].size, "numbers")

# %% [markdown]
# How much do threads bring? If a share $s$ of the time can be spread over $n$ threads, and the rest can't, then
#
# $$\mathrm{speedup} = \frac{1}{(1 - s) + s / n}$$
#
# which is Amdahl's law. What is not spread sets the limit, however many cores you buy.

# %%
for share in (0.5, 0.9, 0.99):
    times = [1 / ((1 - share) + share / n) for n in (2, 8, 64)]
    assert all(t < 1 / (1 - share) for t in times)
    words = ", ".join(f"{t:.2f}" for t in times)
    print(
        f"{share:.0%} spread: {words} with 2, 8, 64; never over {1 / (1 - share):.0f}"
    )

# %% [markdown]
# ### Memory against arithmetic
#
# A processor multiplies faster than memory can deliver. What matters, then, is how often a number is used once it is
# there:
#
# $$\mathrm{intensity} = \frac{\mathrm{products}}{\mathrm{numbers\ read\ and\ written}}$$

# %%
layers = {
    "conv1_1, 3x3": ((1, 300, 300, 3), (3, 3, 3, 64), (1, 300, 300, 64)),
    "conv4_2, 3x3": ((1, 38, 38, 512), (3, 3, 512, 512), (1, 38, 38, 512)),
    "conv7,   1x1": ((1, 19, 19, 1024), (1, 1, 1024, 1024), (1, 19, 19, 1024)),
    "conv11_1, 1x1": ((1, 3, 3, 256), (1, 1, 256, 128), (1, 3, 3, 128)),
}
for name, (image, kernel, out) in layers.items():
    products = multiplications(out, image[3], taps=kernel[0])
    moved = numbers_moved(image, kernel, out)
    assert moved == np.prod(image) + np.prod(kernel) + np.prod(out)
    print(f"{name:13} {products / 1e6:6.1f} million, {products / moved:5.1f} a number")

# %% [markdown]
# Products in all, and products for each number moved. A core can do ten products or more in the time in which one
# number comes from memory. `conv4_2` has hundreds of products for each: there the arithmetic is what takes time, and
# Winograd helps. `conv11_1` has eight: it waits for its weights, and no trick with products helps it. More pictures
# at once do, because they share the weights. A rectifier by itself has no product at all and reads and writes
# everything: so the library applies it *while* it writes the sums.
#
# Im2col of `conv4_2` would write and read nine copies of the picture. So nobody who is in a hurry copies the whole: the
# library gathers windows strip by strip, each small enough for the core's cache, and never sends them to memory.
#
# ### On a graphics card: loop, thread, tile
#
# A graphics card has thousands of small workers. The program that each of them runs is a **kernel**, and it begins with
# the question *which one am I?* A worker is a **thread**; threads come in **blocks** of, say, 256, and the threads of a
# block share a little fast memory and can wait for each other. (The kernel of a convolution, its weights, is something
# else with the same name.)
#
# Lay all windows side by side as rows, as im2col does: then a convolution is one product of two tables of numbers. Here it
# is in three ways. Light blue is what is made at the same time or was made before, dark blue what one worker makes,
# orange what is fetched for it.

# %%
figure, axes = new_figure(1, 3, size=(11, 4.4))
draw_workers(axes)
show(
    figure,
    "One entry after the other; a thread for each; a block for a tile of entries.",
)

# %% [markdown]
# A thread for each entry is the easiest, and it waits nearly all the time: for each product it fetches two numbers from
# far away. A block that makes a tile of $T \times T$ entries fetches a **slab**, a few terms of $T$ rows and $T$ columns,
# into the memory that it shares; every number in it is then used $T$ times. With $P$ pixels, $C$ channels and $K$ terms:
#
# $$\mathrm{fetched} = \frac{2 \, P \, C \, K}{T}$$

# %%
assert fetched(1444, 512, 4608) == 2 * 1444 * 512 * 4608
assert fetched(1472, 512, 4608, tile=64) == 2 * 1472 * 512 * 4608 / 64
print(f"conv4_2 by threads: {fetched(1444, 512, 4608) / 1e6:,.0f} million numbers")
print(f"in tiles of 64: {fetched(1472, 512, 4608, tile=64) / 1e6:,.0f} million")

# %% [markdown]
# (38 x 38 pixels are 1444; 64 divides 1472, the next that fits.) Now both in plain Python, with a count, for what one
# thread does, and what one block does.


# %%
def one_thread(windows, weights, row, column):
    """Return an entry, and how many numbers it took."""
    total = 0
    for k in range(len(weights)):
        total += windows[row, k] * weights[k, column]
    return total, 2 * len(weights)


# %%
def one_block(windows, weights, row, column, tile, slab):
    """Return tile x tile entries, and how many numbers it took."""
    sums, count = np.zeros((tile, tile)), 0
    for start in range(0, len(weights), slab):
        left = windows[row : row + tile, start : start + slab]  # to the shared memory
        right = weights[start : start + slab, column : column + tile]
        count += left.size + right.size
        sums += left @ right  # each thread of the block does this for its own entries
    return sums, count


# %%
rows = rng.integers(-9, 9, (8, 12)).astype(float)  # 8 pixels, 12 terms
columns = rng.integers(-9, 9, (12, 8)).astype(float)  # 8 channels
product, plain, tiled = rows @ columns, 0, 0
for r, c in np.ndindex(8, 8):
    total, count = one_thread(rows, columns, r, c)
    assert total == product[r, c]
    plain += count
for r, c in ((0, 0), (0, 4), (4, 0), (4, 4)):
    entries, count = one_block(rows, columns, r, c, tile=4, slab=3)
    assert (entries == product[r : r + 4, c : c + 4]).all()
    tiled += count
assert (plain, tiled) == (fetched(8, 8, 12), fetched(8, 8, 12, tile=4))
print(f"the same 64 whole numbers; fetched by threads {plain}, by blocks {tiled}")

# %% [markdown]
# And the library's own, for the card, to set beside `by_loops` above. First a thread for each number of the result: it
# asks for its place (`cuda.grid`) and goes through its window. Then the tile: 256 threads, 64 x 64 numbers, of which each
# thread makes 4 x 4. They fetch a slab together, **wait** until all have (`syncthreads`), multiply, and wait again before
# the slab is overwritten. Forget either wait, and some threads work with numbers that are not there yet, or no more: not
# always, only when the card happens to run them in that order. numpyssd's tests leave each out on purpose, run the kernel
# on the processor with its threads in shuffled orders, and must see the result go wrong.

# %%
show_source(conv2d_plain_kernel, conv2d_tile_kernel, multiply_k_tile.py_func)

# %% [markdown]
# All the `uint32` are for speed: a card divides whole numbers of 32 bits much faster than those of 64, and without a sign
# faster still. They also save a test: a row above the picture is not -1 but some four billion, which is not in the
# picture either. How far these kernels have been checked, and on what, stands in docs/gpu.md.
#
# ### Measure it yourself
#
# Times differ from machine to machine and from run to run, so none is printed on this page. Set `MEASURE = True`. The
# first call of the fast one compiles it, for some seconds, once; that is why it is called before the clock starts.

# %%
MEASURE = False


def seconds(function, *arguments):
    """Return the best of five times: what disturbs can only make it slower."""
    function(*arguments)  # compile, and warm the memory
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        function(*arguments)
        times.append(time.perf_counter() - begin)
    return min(times)


if MEASURE:
    image = rng.normal(size=(1, 75, 75, 64)).astype(np.float32)
    kernel, zero = np.ones((3, 3, 64, 64), np.float32), np.zeros(64, np.float32)
    for name, way in (("taps", reference), ("library", fast)):
        print(f"{name}: {1000 * seconds(way, image, kernel, zero):.2f} ms")

# %% [markdown]
# `python -m numpyssd.benchmark` does this for every layer of a network; with `--growth` also for pixels, batch and threads.
#
# ## The library's code
#
# One function decides between two ways, another one derives Winograd's sums, and a third takes the strips to the threads.

# %%
show_source(uses_winograd, winograd.cook_toom, winograd.input_transform.py_func, parallel)

# %% [markdown]
# `input_transform` is $B^T d$, written out: the points come in pairs $p$, $-p$, so that the even powers are shared by
# both and the odd ones only change their sign. That halves the work. `multiply_add` is one instruction of the processor.
# `parallel` hands out tickets: whoever is free takes the next strip. Then 36 matrix products over all tiles do the rest.
#
# ## Break it
#
# A sum is easy to spread over threads: each adds up its own piece, and the pieces are added at the end. Here it is done
# for 1, 2 and 4 threads, in float32. What is wrong with it?


# %%
def sum_by_threads(numbers, threads):
    """Add float32 numbers in order, a piece for each thread, then the pieces."""
    pieces = np.array_split(numbers, threads)
    # accumulate adds one after the other, as a loop does
    return np.add.accumulate([np.add.accumulate(p)[-1] for p in pieces])[-1]


numbers = np.float32(1) / np.arange(1, 100_001, dtype=np.float32)
sums = [sum_by_threads(numbers, threads) for threads in (1, 2, 4)]
assert len(set(sums)) > 1
for threads, total in zip((1, 2, 4), sums):
    print(f"threads {threads}: {total:.6f}")
print(f"float64:   {numbers.astype(float).sum():.6f}")

# %% [markdown]
# No number is wrong by much, but the result depends on *how many threads* there are: train on another machine, and after
# a thousand steps you have another network. That is what Numba's `prange` does with a sum (`s += x` in a parallel loop):
# each thread has a sum of its own. And a last digit can do more than look different. Caffe's cropping compared two such
# numbers, `a <= b`, and stopped with "0 vs. -1.19e-07" in the middle of training (weiliu89/caffe, issues 669 and 198):
# the difference should have been 0, and was one step of float32.
#
# The remedy is the one above: cut by the shapes, not by the threads, and add the pieces in a fixed order.

# %% [markdown]
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("speedup")` helps twice, then gives the answer.
#
# ### Warm-up: count the products
#
# Of a convolution with an output of `height` x `width` pixels, and `taps` x `taps` windows.


# %%
def my_count(height, width, channels_in, channels_out, taps):
    """Return how many products the plain way takes."""
    ...


check.count_products(my_count)
check.answer("count_products")

# %% [markdown]
# ### Warm-up: Amdahl's law
#
# From memory, if you can. `shared` is the share of the time that is spread over the threads.


# %%
def my_speedup(shared, threads):
    """Return how many times as fast it becomes."""
    ...


check.speedup(my_speedup)
check.answer("speedup")

# %% [markdown]
# ### Core: windows side by side
#
# Write im2col with two loops. The channels of a pixel stay together.


# %%
def my_windows(x, taps):
    """Return the windows of x (H, W, C) as rows, (H' * W', taps * taps * C)."""
    ...


check.windows_as_rows(my_windows)
check.answer("windows_as_rows")

# %% [markdown]
# ### Core: what blocks fetch
#
# The formula above wants tiles that divide both sides. Count for any: what hangs over the edge is not fetched. `depth` is
# $K$, the number of terms.


# %%
def my_fetched(pixels, channels, depth, tile):
    """Return how many numbers all blocks together fetch."""
    ...


check.numbers_fetched(my_fetched)
check.answer("numbers_fetched")

# %% [markdown]
# ### Stretch: Winograd's four products
#
# Without looking up: what are the sums of pixels and of taps? It helps to multiply out.


# %%
def my_four_products(d, g):
    """Return m1 to m4 (4,) for the pixels d (4,) and the taps g (3,)."""
    ...


check.four_products(my_four_products)
check.answer("four_products")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | 59 frames a second for SSD300, in batches of 8, on a Titan X |
# | **Caffe** | im2col of the whole picture and one matrix product, or NVIDIA's cuDNN, which chooses among ways, Winograd's among them |
# | **others** | 46 and 59 frames a second are quoted crosswise: the one is for single pictures |
# | **numpyssd** | Winograd in tiles of 4 x 4 for 3x3 with stride 1, windows in strips for the rest; the same bits for any number of threads |
#
# More of it: [25. Frames a second](paper_caffe_others.md#25-frames-a-second). A figure without batch and machine says
# nothing.
#
# ## Questions readers ask
#
# **Is Winograd four times as fast, then?** No. The products are a quarter, but the sums before and after, and the copies,
# cost time too. It comes near where there are many channels, because each sum is shared by all channels of the other
# side.
#
# **Why not the Fourier transform?** Same idea, other points: it pays for large kernels. For 3x3 Winograd's points are
# real numbers, and tiles may be small.
#
# **Why is stride 2 not done so?** Three quarters of the outputs of a tile would be thrown away, and with them the saving.
#
# **Does the lost digit hurt the detector?** No: it is about 1e-6 of the largest value, and nobody reads a score beyond its
# third digit.
#
# **Would `float16` be twice as fast?** On hardware made for it. Winograd's larger numbers then need care.
#
# **Why does my first picture take so long?** Numba compiles at the first call and keeps the result on disk. Measure the
# second.
#
# ## Recap
#
# 1. Loops, taps and im2col do the same products; the order decides how often a number that came from memory is used.
# 2. Winograd makes a tile at once: 36 products instead of 144, paid for by sums, copies and a digit.
# 3. Cut work by shapes and not by threads, and any number of threads gives the same bits; on a card, let a block fetch
#    once what all its threads use.
