# %% [markdown]
# # 24 · Making it fast
#
# **Goal.** Compute one convolution by five algorithms that agree, find by counting which can be fast, and do a 3x3
# convolution with a quarter of the products.
#
# You need: lesson 03 (convolution). Time: 90 minutes with the exercises. The parts marked *skip on first reading* are
# not needed for the rest.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import time
from fractions import Fraction

import numpy as np

from numpyssd.drawing import new_figure
from lessons.course.conv_cost import draw_algorithms, draw_tile
from lessons.course.conv_cost import multiplications, numbers_moved
from lessons.course import check
from lessons.course.widgets import speed as speed_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here

# %% tags=["setup"]
from numpyssd.kernels.cpu.conv import winograd
from numpyssd.kernels.cpu.conv2d import uses_winograd, conv2d_forward as fast
from numpyssd.kernels.cpu.runtime.threads import set_threads, thread_count
from numpyssd.kernels.cpu.runtime.tickets import take
from numpyssd.kernels.cuda.conv2d import conv2d_plain_kernel, conv2d_tile_kernel
from numpyssd.kernels.cuda.tile import draw_workers, fetched, multiply_k_tile
from numpyssd.kernels.reference.conv2d import conv2d_forward as reference

you_are_here("base network", "feature maps")

# %% [markdown]
# Nearly all the time of a detector goes into convolutions. Take one of SSD300's: `conv4_2` has an input of 38 x 38
# pixels and 512 channels, and an output of the same shape. Each number of the output is a sum over a 3x3 window and
# over 512 channels:
#
# $$\mathrm{products} = H' \cdot W' \cdot C_{\mathrm{out}} \cdot 3 \cdot 3 \cdot C_{\mathrm{in}}$$

# %%
products = multiplications((1, 38, 38, 512), channels_in=512)
assert products == 38 * 38 * 512 * 3 * 3 * 512
print(f"{products:,} products for one layer of one image")

# %% [markdown]
# 3.4 thousand million, for one of some twenty layers. A Python loop does about a million products a second, so it would
# take almost an hour. A processor core can do more than ten thousand million a second. The products are the same; this
# lesson explains the difference between these two speeds.
#
# ## The figure
#
# Five algorithms with the same result. On the left, how many products they need for one output; on the right, the cost
# of the fast ones: copies.

# %%
figure, axes = new_figure(1, 2, size=(11, 3.4))
draw_algorithms(axes)
show(figure, "Products: 9, 9, 9, then 4 and 2.25. Copies: 0, 0, 9, then 4 and 2.25.")

# %% [markdown]
# The first three do the same products in another order. The last two, **Winograd's** algorithm with small and with
# large tiles, need fewer products. They compute a whole tile of outputs at once, from one patch of the input, and the
# outputs of a tile share products. F(4x4, 3x3) means 4 x 4 outputs at once, of a kernel of 3 x 3. Choose the size of
# the tile, and see what is read (the orange frame) and what is written (blue).

# %%
figure, axes = new_figure(1, 3, size=(11, 4.2))
for ax, tile in zip(axes, (1, 2, 4)):
    draw_tile(ax, tile)
show_widget(
    speed_widgets.tiles(),
    figure,
    "3x3 pixels give 1 output, 4x4 give 4, and 6x6 give 16.",
)

# %% [markdown]
# ## By hand
#
# How can there be fewer products? We take the smallest case: one row, a kernel of three weights $g$, and **two**
# outputs, which depend on four pixels $d$. By the definition each output takes three products, six in all:
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
# Winograd needs four. First there are only sums of pixels and sums of weights, then one product for each pair:
#
# $$m_1 = (d_0 - d_2) \, g_0$$
#
# $$m_2 = (d_1 + d_2) \, \frac{g_0 + g_1 + g_2}{2}$$
#
# $$m_3 = (d_2 - d_1) \, \frac{g_0 - g_1 + g_2}{2}$$
#
# $$m_4 = (d_1 - d_3) \, g_2$$
#
# and then only sums again. Do it on paper before you run the cell: the sums of the weights are 1, 3, 1, 3, and those of
# the pixels -1, 5, -1, -1.
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
# To see why it works, multiply out: in $m_2 + m_3$ the terms $d_1 g_0$ and $d_1 g_2$ cancel, $d_1 g_1$ appears twice
# and is halved.
#
# (*Skip on first reading.* Where do these sums come from? Take the numbers as coefficients of polynomials. The product
# of two polynomials needs each coefficient times each. But a polynomial is also known by its *values* at enough
# points, and at a point one product of two values is enough: so a product for each point. Here the points are 0, 1, -1
# and "infinity", which means the leading coefficients. The first sum in each $m$ is such a value of the pixels, the
# second one of the weights.)
#
# The weights are the same for every tile and every image, so their sums are computed once and do not count. That is 4
# products instead of 6. In an image it is done along rows and then along columns, so the saving is squared:
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
# A larger tile saves more, but never a factor over 9. Why not 12 x 12? The library can derive the sums for any tile,
# exactly, in fractions. Their factors grow with the tile, and every rounding error is multiplied by them (how fast
# depends on the points; the 2187 at the end, 3 to the 7th, comes from the points 3 and -3, but others grow too):

# %%
points = [0, 1, -1, 2, -2, Fraction(1, 2), Fraction(-1, 2), 3, -3]
for outputs in (2, 4, 6, 8):
    A, G, B = winograd.cook_toom(outputs, 3, points[: outputs + 1])
    largest = max(abs(number) for matrix in (A, B) for row in matrix for number in row)
    print(f"{outputs} outputs: {outputs + 2} points, largest {float(largest):g}")

# %% [markdown]
# float32 keeps seven digits. Factors in the thousands, squared because there are rows and columns, would lose most of
# them. That is why numpyssd stops at 4 x 4, and uses the points 0, ±5/8, ±3/2, near 1.
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
# **Kernel positions.** Make the loop over the kernel the outer one: position (i, j) multiplies the whole image, shifted
# by i and j. That is one matrix product for each position, nine in all. It is the library's *reference*, shown in
# lesson 03.
#
# **im2col** ("image to columns") copies every window into one long row, and then *one* matrix product (a GEMM) computes
# all outputs. Libraries for matrix products have been optimized for fifty years. The cost is in the name: each pixel is
# copied nine times.


# %%
def by_im2col(x, weight):
    """The same as by_loops, as one matrix product of windows and weights."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(0, 1))
    height, width = windows.shape[:2]  # (H', W', C_in, 3, 3)
    # The channels of a pixel go last, as in the weights.
    windows = windows.transpose(0, 1, 3, 4, 2).reshape(height * width, -1)
    out = windows @ weight.reshape(-1, weight.shape[3])  # (H' W', C_out)
    return out.reshape(height, width, -1)


print("windows as rows:", (8 * 12, 3 * 3 * 3), "from an image of", x.size)

# %% [markdown]
# **Winograd**, in two dimensions. `A`, `G`, `B` hold the sums: a row for each point. `U` and the lines in the
# loop of `by_winograd_tiles` below are
#
# $$Y = A^T \left[ (G g G^T) * (B^T d B) \right] A$$
#
# where $*$ multiplies number by number, and the library's `B` has the rows of $B^T$. The assertion tries it on whole
# numbers, in fractions, where nothing is rounded: it must be *equal*. In the function, `np.einsum("pi,qj,ijc->pqc", B,
# B, d)` multiplies numbers that share a letter, and adds up over the letters that are missing on the right: $B^T d B$
# for each channel.

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
# All of them against the loops. In float64 we expect differences of about 1e-14 and accept nothing over 1e-12. The
# error of Winograd may be larger than the others, because of its larger factors. (This cell's output may differ from
# machine to machine in the last digit.)

# %% tags=["varies"]
results = {
    "positions": reference(x[None], weight, np.zeros(4))[0],
    "im2col": by_im2col(x, weight),
    "Winograd": by_winograd_tiles(x, weight),
}
for name, result in results.items():
    error = abs(result - looped).max()
    assert error < 1e-12
    print(f"{name:9} largest difference {error:.0e} (expected: below 1e-12)")

# %% [markdown]
# And the library's fast convolution: Python functions that **Numba**, a compiler, translates into machine code. It
# computes in float32, and uses Winograd on a layer with enough channels. float32 keeps seven digits, and each output is
# a sum of 288 products, so we expect about 1e-6 of the largest output.

# %% tags=["varies"]
small = rng.normal(size=(1, 19, 19, 32)).astype(np.float32)
weights = rng.normal(size=(3, 3, 32, 32)).astype(np.float32)
assert uses_winograd(weights, stride=1)
exact = reference(small.astype(float), weights.astype(float), np.zeros(32), padding=1)
result = fast(small, weights, np.zeros(32, np.float32), padding=1)
error = abs(result - exact).max() / abs(exact).max()
assert error < 1e-5
print(f"relative error {error:.0e} (expected: below 1e-5)")

# %% [markdown]
# ### Threads
#
# The library cuts the work into strips, and every thread takes the next strip that is free. The cuts depend on the
# shapes alone, never on the number of threads, so the result has the *same bits* with one thread as with three.

# %%
before, by_threads = thread_count(), []
for threads in (1, 2, 3):
    set_threads(threads)
    by_threads.append(fast(small, weights, np.zeros(32, np.float32), padding=1).copy())
set_threads(before)
assert all((other == by_threads[0]).all() for other in by_threads)
print("1, 2 and 3 threads: the same bits in all", by_threads[0].size, "numbers")

# %% [markdown]
# How much do threads help? If a fraction $s$ of the time can be spread over $n$ threads, and the rest can't, then
#
# $$\mathrm{speedup} = \frac{1}{(1 - s) + s / n}$$
#
# which is Amdahl's law. The part that is not spread sets the limit, for any number of cores.

# %%
for fraction in (0.5, 0.9, 0.99):
    times = [1 / ((1 - fraction) + fraction / n) for n in (2, 8, 64)]
    limit = 1 / (1 - fraction)
    assert all(t < limit for t in times)
    words = ", ".join(f"{t:.2f}" for t in times)
    print(f"{fraction:.0%} spread: {words} with 2, 8, 64; never over {limit:.0f}")

# %% [markdown]
# ### Memory against arithmetic
#
# A processor multiplies faster than memory can deliver numbers. So it matters how often a number is used after it is
# loaded:
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
    products = multiplications(out, image[3], kernel=kernel[0])
    moved = numbers_moved(image, kernel, out)
    assert moved == np.prod(image) + np.prod(kernel) + np.prod(out)
    print(f"{name:13} {products / 1e6:6.1f} million, {products / moved:5.1f} a number")

# %% [markdown]
# These are all products, and the products for each number moved. A core can do ten products or more while one number
# comes from memory. `conv4_2` has hundreds of products for each number: its time is spent on arithmetic, and Winograd
# helps. `conv11_1` has eight: it waits for its weights, and fewer products do not help. More images at once help,
# because they share the weights. A ReLU by itself has no product at all, but reads and writes everything. So the
# library applies it *while* it writes the sums.
#
# im2col of `conv4_2` would write and read nine copies of the image. So a fast implementation does not copy the whole
# image: the library gathers windows strip by strip. Each strip is small enough for the core's cache and never goes to
# memory.
#
# ### On a GPU: loop, thread, tile
#
# A GPU runs thousands of **threads** at once. The program that each of them runs is a **kernel**, and it begins by
# asking for the thread's index. Threads form **blocks** of, say, 256. The threads of a block share a small, fast memory
# and can wait for each other. (The kernel of a convolution, its weights, is something else with the same name.)
#
# With all windows as rows, as in im2col, a convolution is one product of two matrices. Here are three algorithms for
# it. Light blue entries are computed at the same time or earlier, dark blue entries by one thread or block. Orange
# numbers are fetched for the dark blue ones.

# %%
figure, axes = new_figure(1, 3, size=(11, 4.4))
draw_workers(axes)
show(
    figure,
    "One entry after the other; a thread for each; a block for a tile of entries.",
)

# %% [markdown]
# One thread for each entry is the simplest, but it waits nearly all the time: for each product it fetches two numbers
# from slow memory. A block that computes a tile of $T \times T$ entries fetches a **K tile**, a few terms of $T$ rows
# and $T$ columns, into its shared memory. Every number of it is then used $T$ times. With $P$ pixels, $C$ channels and
# $K$ terms:
#
# $$\mathrm{fetched} = \frac{2 \, P \, C \, K}{T}$$

# %%
assert fetched(1444, 512, 4608) == 2 * 1444 * 512 * 4608
assert fetched(1472, 512, 4608, tile=64) == 2 * 1472 * 512 * 4608 / 64
print(f"conv4_2 by threads: {fetched(1444, 512, 4608) / 1e6:,.0f} million numbers")
print(f"in tiles of 64: {fetched(1472, 512, 4608, tile=64) / 1e6:,.0f} million")

# %% [markdown]
# (38 x 38 pixels are 1444; 64 divides 1472, the next that fits.) Now both in plain Python, with a count: the work of
# one thread, and the work of one block.


# %%
def one_thread(windows, weights, row, column):
    """Return an entry, and how many numbers it took."""
    total = 0
    for k in range(len(weights)):
        total += windows[row, k] * weights[k, column]
    return total, 2 * len(weights)


# %%
def one_block(windows, weights, row, column, tile, k_tile):
    """Return tile x tile entries, and how many numbers it took."""
    sums, count = np.zeros((tile, tile)), 0
    for start in range(0, len(weights), k_tile):
        left = windows[row : row + tile, start : start + k_tile]  # to shared memory
        right = weights[start : start + k_tile, column : column + tile]
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
    entries, count = one_block(rows, columns, r, c, tile=4, k_tile=3)
    assert (entries == product[r : r + 4, c : c + 4]).all()
    tiled += count
assert (plain, tiled) == (fetched(8, 8, 12), fetched(8, 8, 12, tile=4))
print(f"the same 64 whole numbers; fetched by threads {plain}, by blocks {tiled}")

# %% [markdown]
# And the library's own kernels for the GPU, to compare with `by_loops` above. First one thread for each number of the
# result: it asks for its index (`cuda.grid`) and loops over its window. Then the tile: 256 threads compute 64 x 64
# numbers, 4 x 4 by each thread. They fetch a K tile together, **wait** until all have finished (`syncthreads`),
# multiply, and wait again before the K tile is overwritten. Without either wait, some threads would use numbers that
# are not there yet, or are already overwritten. The error would not always show: it depends on the order in which the
# GPU runs the threads. numpyssd's tests remove each wait and run the kernel on the CPU with its threads in shuffled
# orders; the result must then be wrong. (The code itself: *skip on first reading*.)

# %%
show_source(conv2d_plain_kernel, conv2d_tile_kernel, multiply_k_tile.py_func)

# %% [markdown]
# The `uint32` are for speed: a GPU divides integers of 32 bits much faster than those of 64, and unsigned ones faster
# still. They also save a test: a row above the image is not -1 but some four billion, which is not in the image either.
# docs/gpu.md says how these kernels were checked, and what was not checked.
#
# ### Measure it yourself
#
# Times differ from machine to machine and from run to run, so none is printed on this page. Set `MEASURE = True`. The
# first call of the fast function compiles it, which takes some seconds; so it is called once before the clock starts.

# %%
MEASURE = False


def seconds(function, *arguments):
    """Return the best of five times: any disturbance only makes it slower."""
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
    for name, function in (("positions", reference), ("library", fast)):
        print(f"{name}: {1000 * seconds(function, image, kernel, zero):.2f} ms")

# %% [markdown]
# `python -m numpyssd.benchmark` does this for every layer of a network; with `--growth` also for pixels, batch and
# threads.
#
# ## The library's code
#
# One function chooses between two algorithms, another derives Winograd's sums, the third is one of the transforms, and
# the last gives a thread the number of its next strip.

# %%
show_source(
    uses_winograd, winograd.cook_toom, winograd.input_transform.py_func, take.py_func
)

# %% [markdown]
# `input_transform` is $B^T d$, written out. The points come in pairs $p$, $-p$: their even powers are equal, and their
# odd powers differ only in sign. That halves the work. `multiply_add` is one instruction of the processor.
# `add_one` raises a counter that all threads share, and no other thread comes in between, so each number goes to one of
# them. A thread that has no strip left does not sleep at once. Waking up takes 50 microseconds, as long as a whole
# convolution of a small network. The rest is 36 matrix products over all tiles.
#
# ## Break it
#
# A sum is easy to spread over threads: each thread adds up its own piece, and the sums of the pieces are added at the
# end. Here it is done for 1, 2 and 4 threads, in float32. What is wrong with it?


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
# The errors are small, but the result depends on the *number of threads*. On another machine, a thousand steps of
# training give another network. Numba's `prange` does this with a sum (`s += x` in a parallel loop): each thread has a
# sum of its own. A wrong last digit can even stop a program. Caffe's cropping compared two such numbers, `a <= b`, and
# stopped with "0 vs. -1.19e-07" during training (weiliu89/caffe, issues 669 and 198). The difference should have been
# 0, and was one step of float32.
#
# The remedy is the one above: cut by the shapes, not by the number of threads, and add the pieces in a fixed order.

# %% [markdown]
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("speedup")` helps twice, then gives the answer.
#
# ### Warm-up: count the products
#
# Of a convolution with an output of `height` x `width` pixels, and windows of `size` x `size`.


# %%
def my_count(height, width, channels_in, channels_out, size):
    """Return how many products the loops take."""
    ...


check.count_products(my_count)
check.answer("count_products")

# %% [markdown]
# ### Warm-up: Amdahl's law
#
# From memory, if you can. `parallel` is the fraction of the time that is spread over the threads.


# %%
def my_speedup(parallel, threads):
    """Return how many times as fast it becomes."""
    ...


check.speedup(my_speedup)
check.answer("speedup")

# %% [markdown]
# ### Core: windows side by side
#
# Write im2col with two loops. The channels of a pixel stay together.


# %%
def my_windows(x, size):
    """Return the windows of x (H, W, C) as rows, (H' * W', size * size * C)."""
    ...


check.windows_as_rows(my_windows)
check.answer("windows_as_rows")

# %% [markdown]
# ### Core: what blocks fetch
#
# The formula above needs tiles that divide both sides. Count for any sides: the part of a tile beyond the edge is not
# fetched. `depth` is $K$, the number of terms.


# %%
def my_fetched(pixels, channels, depth, tile):
    """Return how many numbers all blocks together fetch."""
    ...


check.numbers_fetched(my_fetched)
check.answer("numbers_fetched")

# %% [markdown]
# ### Stretch: Winograd's four products
#
# Do not look above: what are the sums of pixels and of weights? It helps to multiply out.


# %%
def my_four_products(d, g):
    """Return m1 to m4 (4,) for the pixels d (4,) and the weights g (3,)."""
    ...


check.four_products(my_four_products)
check.answer("four_products")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | 59 frames a second for SSD300, in batches of 8, on a Titan X |
# | **Caffe** | im2col of the whole image and one matrix product, or NVIDIA's cuDNN, which chooses among algorithms, Winograd's among them |
# | **others** | 46 and 59 frames a second are often confused: 46 is for single images |
# | **numpyssd** | Winograd in tiles of 4 x 4 for 3x3 with stride 1, windows in strips for the rest; the same bits for any number of threads |
#
# More of it: [25. Frames a second](paper_caffe_others.md#25-frames-a-second). A speed without batch size and machine
# says nothing.
#
# ## Questions readers ask
#
# **Is Winograd four times as fast, then?** No. The products are a quarter, but the sums before and after, and the
# copies, cost time too. It comes close with many channels, because each sum of pixels serves all output channels, and
# each sum of weights all tiles.
#
# **Why not the Fourier transform?** It is the same idea with other points, and is faster for large kernels. For 3x3,
# Winograd's points are real numbers, and tiles may be small.
#
# **Why is Winograd not used for stride 2?** Three quarters of the outputs of a tile would be thrown away, and with them
# the saving.
#
# **Does the lost digit make the detector worse?** No: the error is about 1e-6 of the largest value, and a score needs
# only about three digits.
#
# **Would `float16` be twice as fast?** On hardware made for it. But Winograd's larger factors lose too many of its
# digits without extra care.
#
# **Why does my first image take so long?** Numba compiles at the first call and keeps the result on disk. Measure the
# second.
#
# ## Recap
#
# 1. Loops, kernel positions and im2col do the same products; the order decides how often a loaded number is used.
# 2. Winograd computes a tile at once: 36 products instead of 144, at the cost of sums, copies and one digit.
# 3. Cut work by shapes and not by threads, so that any number of threads gives the same bits; on a GPU, let a block
#   fetch once what all its threads use.
