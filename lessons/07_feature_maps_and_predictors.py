# %% [markdown]
# # 07 · Feature maps and predictors
#
# **Goal.** Say which of SSD's six feature maps predicts an object of a given size, how many numbers each cell gives,
# and to which map, cell and box a row of the output belongs.
#
# You need: what a detector outputs (lesson 00), convolution (lesson 03), and what a receptive field is (lesson 06).
# Time: 50 minutes with the exercises.

# %% tags=["setup"]
from pathlib import Path

import here  # finds numpyssd, one folder up
import numpy as np

from lessons.course import check
from lessons.course.widgets import output as output_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here

you_are_here("feature maps")

# %% tags=["setup"]
from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.config import SSD300, TINY
from numpyssd.datasets.loading import load_dataset
from numpyssd.images.preprocess import preprocess
from numpyssd.datasets.shapes import example
from numpyssd.drawing import new_figure
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.extra_layers import draw_grids
from numpyssd.model.architecture import draw_architecture
from numpyssd.model.summary import summary

# %% [markdown]
# A bird far away is 20 pixels large, a bus near by 280. The same network has to find both, in one pass. A fine grid of
# cells has a place for every bird, but the receptive field of a single cell is too small for a bus. A coarse grid has
# receptive fields for the whole bus, but twenty birds fall into one cell. SSD predicts from **several** feature maps,
# fine ones and coarse ones, each for objects of its own size. Each cell of a map has 4 or 6 **default boxes**: fixed
# boxes around its center, which the network names and moves. Lesson 08 makes them; here we only count them.
#
# ## The figure
#
# One image, the six grids of SSD300, and above each the size of its objects. Green objects have about this size; the
# gray cell is the one that holds their center. (Some grids reach a little beyond the image: lesson 08.)

# %%
image, objects, _, _ = example(size=300)
figure, axes = new_figure(3, 2, size=(6.2, 9.6))
draw_grids(axes, image, SSD300.feature_maps, objects)
show(
    figure,
    "Six grids from 38 x 38 cells to one; each has the objects of about its size.",
)

# %% [markdown]
# Where do the six grids come from? From the network itself. Its poolings and strides of 2 halve the map again and again;
# the last two steps, from 5 to 3 and to 1, are convolutions without padding. SSD reads six of these maps. Small
# convolutions, the **predictors**, say what is there. Here are all layers: 15 convolutions of the base network, 8 extra
# layers, and where the predictors read.

# %%
figure, ax = new_figure(size=(9.6, 4.6))
draw_architecture(ax, SSD300)
show(
    figure, "The image, all 23 convolutions, and below them the predictors of six maps."
)

# %% [markdown]
# A slab is as high as the root of its map's side, and as thick as the root of its channels. The number at an arrow is
# that of the map's default boxes: together 8732, of which most belong to the finest.
#
# ### A pyramid of images, or of features
#
# To find objects of several sizes is an old problem. The old answer is an **image pyramid**: make the image smaller again
# and again, and run the same detector on each size. OverFeat and SPP-net, detectors before SSD, did this with
# convolutional networks. It works, and costs one run for each size. SSD has a **feature pyramid**: *one* run over one
# image, whose maps become coarser by themselves. These maps are needed anyway. But they are not the same as those of an
# image pyramid, which applies the same layers at each size: a coarse map has had more layers than a fine one, and other
# ones. So the maps are not equally good (a later idea, FPN, is about that: [lesson 23](23_after_ssd.ipynb)).
#
# ### Why maps shrink while channels grow
#
# From left to right the slabs become lower and thicker: 300 x 300 x 64 at first, 19 x 19 x 1024 in the middle. A unit of
# a late map stands for a large piece of the image. In a small piece there can be little: an edge, a color. In a large
# one there can be many things, a wheel, fur, a letter, and each needs a channel that says so. *Where* it is matters less
# and less, *what* it is more and more. There is also a reason of cost. A convolution costs places · channels in · channels
# out. If the sides are halved and the channels doubled, a quarter of the places times four times the channels is the
# same work.

# %%
work = {row.layer: row.multiply_adds / 1e9 for row in summary(SSD300)}
for name in ("conv2_2", "conv3_2", "conv4_2"):
    print(f"{name}: {work[name]:.2f} G multiply-adds")
assert 0.97 < work["conv3_2"] / work["conv2_2"] < 1.03
assert 0.97 < work["conv4_2"] / work["conv3_2"] < 1.07
values = [300 * 300 * 64, 38 * 38 * 512, 19 * 19 * 1024]
print("numbers in the maps of conv1_2, conv4_3, conv7:", values)
assert values == sorted(values, reverse=True)

# %% [markdown]
# Now a network that is already trained, `tiny` of lesson 00. It is small, so that the figure can show everything: five
# maps, and 1504 default boxes. Its output is a table with one row for each box. Below, every slot is a row, in the
# order of the rows in memory; orange ones have found something. Point at them: which map, which cell, which box is it?
# (In the image the cell is filled, and the box is the dashed one.) When you go one to the right, does the box change
# first, or the cell? Which maps have found the ring, which the other two?

# %%
from numpyssd.model.predictors import draw_scores
from numpyssd.softmax import softmax
from numpyssd.weights import load_model

DATA = Path(here.__file__).parents[1].resolve() / "data"
model = load_model("tiny")
photo = load_dataset(DATA / "samples", "test", model.class_names)[0][0]
loc, conf = model.infer(preprocess(photo, TINY))  # (1, 1504, 4), (1, 1504, 6)
scores = softmax(conf[0])
surest = int(scores[:, 1:].max(axis=1).argmax())
widget = output_widgets.output_rows(TINY, photo, scores, model.class_names, surest)
figure, axes = new_figure(1, 5, size=(10, 2.6))
draw_scores(axes, photo, scores, TINY.feature_maps, TINY.image_size)
show_widget(widget, figure, "The largest score of each cell, map by map.")

# %% [markdown]
# The box changes first. After the four boxes of one cell comes the next cell to the right, after a row of cells the
# next row, and after the last cell the next map. This order is half of the lesson. Which map has found what, with a
# score over 0.5?

# %%
start = 0
for f in TINY.feature_maps:
    count = f.size**2 * f.boxes_per_cell
    _, kinds = np.nonzero(scores[start : start + count, 1:] > 0.5)  # without background
    names = sorted({model.class_names[kind] for kind in kinds})
    print(f"{f.name:9} boxes of about {f.scale_px} px:", *names)
    start += count

# %% [markdown]
# The cross is small, and has been found on the finest map; the ring and the rectangle, which take up more than half of
# the image's width, on coarse ones.
#
# The [playground](playground.md) shows all channels of these five maps for what you draw. Stamp one shape small, and
# then large: the box comes from another map.
#
# ## By hand
#
# ### Where the maps come from
#
# The base network (lesson 06) is VGG-16: five blocks of convolutions, conv1_1 to conv5_3, with a pooling behind each,
# and behind them conv6 and conv7. It ends in conv7. But the *first* map that SSD predicts from comes from its middle,
# after conv4_3. The network itself continues, through pool4, to conv5_3 and conv7. The sizes:

# %%
rows = {row.layer: row for row in summary(SSD300)}
for name in ("pool3", "conv4_3", "pool4", "conv5_3", "conv7"):
    row = rows[name]
    role = f"predicts for {row.default_boxes} boxes" if row.default_boxes else ""
    print(f"{name:8} {row.size} x {row.size} x {row.channels:4}  {role}")
assert 300 // 2 // 2 == 75  # pool1, pool2
assert (75 + 1) // 2 == 38  # pool3 rounds up
assert rows["conv4_3"][1:3] == (38, 512)  # size and channels
assert rows["conv5_3"][1:3] == (19, 512)

# %% [markdown]
# 300 halved three times is 37.5, and SSD's third pooling rounds up: 38 (lesson 05). The 512 are conv4_3's channels.
# conv5_3 has 512 channels too, but after pool4 its map is 19 x 19: too coarse for birds. So the finest map is taken
# before pool4.
#
# Two of the six maps, conv4_3 and conv7, lie in the base network. The other four are SSD's own **extra layers**, pairs
# of convolutions that each make the map smaller:

# %%
for f in SSD300.feature_maps:
    where = "base network" if f.name in ("conv4_3", "conv7") else "extra layer"
    size = f"{f.size} x {f.size}".ljust(8)
    print(f"{f.name:9} {size} {where:13} for objects of about {f.scale_px} px")
assert [f.size for f in SSD300.feature_maps] == [38, 19, 10, 5, 3, 1]

# %% [markdown]
# ### How many numbers a cell gives
#
# Each default box of a cell needs a number for each class, background among them, and 4 offsets (lesson 00). So a
# predictor gives each cell
#
# $$N = \mathrm{boxes} \cdot (\mathrm{classes} + 4)$$
#
# numbers. For VOC's 20 kinds of object and the background that is 4 · 25 = 100 on conv4_3, and 6 · 25 = 150 on conv7. A
# predictor is a 3 x 3 convolution with N kernels, and nothing else. (In numpyssd there are two of them, one for the
# offsets, one for the classes: their kernels together are N.)

# %%
assert 4 * (21 + 4) == 100
assert 6 * (21 + 4) == 150
assert rows["loc.0"].channels + rows["conf.0"].channels == 100
assert rows["loc.1"].channels + rows["conf.1"].channels == 150
weights = 3 * 3 * 512 * 100 + 100  # and a bias each
assert rows["loc.0"].parameters + rows["conf.0"].parameters == weights
total = sum(f.size**2 * f.boxes_per_cell * 25 for f in SSD300.feature_maps)
assert total == 8732 * 25 == 218300
print("conv4_3's predictors:", weights, "weights; outputs of all six:", total)

# %% [markdown]
# All cells of a map use the same kernels, as in every convolution: what finds a bird at the left finds it at the right.
# Another map has other kernels.
#
# ### conv4_3 is normalized first
#
# conv4_3 lies in the middle of the base network, and its numbers have another size than those of later maps (section
# 3.1 of the paper). So it is normalized before its predictors. Batch normalization (lesson 02) brings a *channel* to
# one size, over all images. This one brings each *place* to one size, over its channels: it divides the place by its
# **L2 norm**, the root of the sum of squares. Then it multiplies by a scale for each channel, which begins at 20 and is
# learned.
#
# $$\mathrm{out}_c = \mathrm{scale}_c \cdot \frac{x_c}{\sqrt{\sum_i x_i^2 + \epsilon}}$$
#
# ε is tiny, 1e-10, and avoids 0 / 0. For channels 3 and 4 the norm is 5, and 20 · 3 / 5 = 12:

# %%
from numpyssd.kernels.reference.l2norm import l2norm_backward, l2norm_forward

place = np.array([3.0, 4.0])
out = l2norm_forward(place[None, None, None], np.array([20.0, 20.0]))[0, 0, 0]
assert np.allclose(out, 20 * place / np.sqrt((place**2).sum() + 1e-10))
assert np.allclose(out, [12, 16])
print(out, "has the norm", np.sqrt((out**2).sum()).round(6))
first_map = model.stages[0].infer(preprocess(photo, TINY))
normed = l2norm_forward(first_map, np.full(first_map.shape[3], 20.0))
for name, values in (("before", first_map), ("after", normed)):
    norms = np.sqrt((values**2).sum(axis=3))
    print(f"{name}: the tiny map's norms are {norms.min():.1f} to {norms.max():.1f}")

# %% [markdown]
# Only the *direction* is left: how strong the channels are relative to each other. Why 20, and not 1? With a norm of 1
# over 512 channels, most numbers would be near 0.04, and learning from them would be slow. Only the predictors read the
# result. pool4 reads conv4_3 without normalization.
#
# ### One grid, or six?
#
# Lesson 00 described YOLO's first version: *one* grid of 7 x 7 cells, two boxes each, 98 boxes together, and one kind
# of object for each cell. So its cell gives 2 · 5 + 20 = 30 numbers (four for the box, one for its confidence). Say
# twelve birds of 20 pixels sit on a wire fence, 25 pixels from each other. Into how many cells do their centers fall?

# %%
birds = np.array([(90 + 25 * i, 120 + 25 * j) for i in range(4) for j in range(3)])
for size in (7, 38):
    cells = {tuple(cell) for cell in (birds * size // 300).tolist()}
    print(f"{size} x {size}: {len(birds)} birds in {len(cells)} cells")
assert 7 * 7 * 2 == 98

# %% [markdown]
# With 7 x 7, several birds are in one cell. A cell has two boxes, so the third bird of a cell is lost for certain. On
# 38 x 38 each bird has a cell of its own.
#
# Faster R-CNN also lays boxes on a grid. But its outputs are only *proposals*: for each, the features inside are cut
# out of the map, and a second network reads them. SSD's predictors give class and offsets at once, so it needs only one
# stage. The published table of all three, with mAP and speed, is in [lesson 00](00_what_a_detector_outputs.ipynb).
#
# What do six maps bring? The paper takes maps away and gives their boxes to the maps that are left, so that there are
# always about as many (Table 3; mAP in percent on VOC 2007):
#
# | maps that predict | default boxes | mAP | without the boxes that cross the border |
# | --- | --- | --- | --- |
# | all six | 8732 | 74.3 | 63.4 |
# | conv4_3 to conv10_2 | 8764 | **74.6** | 63.1 |
# | conv4_3 to conv9_2 | 8942 | 73.8 | 68.4 |
# | conv4_3, conv7, conv8_2 | 9864 | 70.7 | 69.2 |
# | conv4_3, conv7 | 9025 | 64.2 | 64.4 |
# | conv7 alone | 8664 | 62.4 | 64.0 |
#
# Without the last map the mAP is even 0.3 higher. Without three maps it is 3.6 lower, without four 10.1, with as many
# boxes. The last column leaves out boxes that reach beyond the image, as Faster R-CNN does in training. With six maps this
# costs 10.9, because on some coarse maps nearly all boxes do:

# %%
corners = cxcywh_to_xyxy(default_boxes(SSD300))
crosses = ((corners < -1e-6) | (corners > 1 + 1e-6)).any(axis=1)
first = 0
for f in SSD300.feature_maps:
    rows = slice(first, first + f.size**2 * f.boxes_per_cell)
    print(f"{f.name:8} {crosses[rows].mean():3.0%} of {len(crosses[rows])} boxes")
    first = rows.stop
assert first == len(crosses) == 8732

# %% [markdown]
# ### The order of the outputs
#
# An output of a predictor is `(N, H, W, boxes * values)`. Memory has no axes: the numbers lie in one long line, the
# last axis fastest. Take a map of 2 x 2 cells with 2 boxes of 3 values:

# %%
from numpyssd.model.predictors import draw_flattening

figure, axes = new_figure(1, 3, size=(7.6, 4))
draw_flattening(axes, 2, 2, 3)
show(figure, "A map as cards; its rows in the right order, and in a wrong one.")

# %% [markdown]
# Left: the map, each cell with its own color; a card says *box value*. Middle: the same cards in memory order, cut into
# rows of 3. Every row is one box of one cell: this is `reshape(-1, 3)`. (The right part is for later.) So the row of
# box b in cell (r, c) of a map of n x n cells with B boxes each is
#
# $$\mathrm{row} = \mathrm{before} + (r \cdot n + c) \cdot B + b$$
#
# where *before* counts the rows of all maps before. Division with remainder goes back, from a row to its place:

# %%
n, B, before = 10, 6, 38**2 * 4 + 19**2 * 6  # conv8_2
r, c, b = 5, 7, 2
row = before + (r * n + c) * B + b
cell, box = divmod(row - before, B)
assert (*divmod(cell, n), box) == (r, c, b)
assert row == 8286
print("conv8_2, cell (5, 7), box 2 is row", row, "and back:", divmod(cell, n), box)

# %% [markdown]
# ## Loops you can read
#
# A predictor, for each cell, box and value: the kernels of box 0 come first, then those of box 1.


# %%
def predict_by_loops(x, weight, bias, values):
    """Return the rows (H * W * B, values) of a map x (H, W, C)."""
    height, width, _ = x.shape
    x = np.pad(x, ((1, 1), (1, 1), (0, 0)))  # a frame of zeros
    rows = []
    for r, c in np.ndindex(height, width):
        for box in range(len(bias) // values):
            numbers = []
            for k in range(box * values, (box + 1) * values):  # its kernels
                total = bias[k]
                for i, j in np.ndindex(3, 3):
                    total += (x[r + i, c + j] * weight[i, j, :, k]).sum()
                numbers.append(total)
            rows.append(numbers)
    return np.array(rows)


# %% [markdown]
# ## The check
#
# On the tiny network's last two maps, with its trained weights. The library calculates in float32, which has 7 digits.
# For sums of 9 · 128 products of sizes around 1 we expect differences of 1e-6 to 1e-5, and accept nothing above 1e-4.

# %% tags=["varies"]
features, x = [], preprocess(photo, TINY)
for stage in model.stages:
    x = stage.infer(x)
    features.append(x)  # (1, H, W, channels)
for i, first in ((3, 1424), (4, 1488)):
    layer = model.predictors.conf[i]
    args = features[i][0], layer.weight.value, layer.bias.value
    slow = predict_by_loops(*args, 6)
    error = abs(slow - conf[0, first : first + len(slow)]).max()
    assert error < 1e-4
    print(layer.name, slow.shape, f"differs by {error:.0e} (expected: below 1e-4)")

# %% [markdown]
# Now the order, for all 1504 rows. A row of the output belongs to the default box in the same row of `default_boxes`
# (lesson 08). In a wrong order, the network moves the wrong boxes. Numbers that are all different prove the order. So we
# set the weights by hand, such that each row should give a number that we know.
#
# First a map of two cells in a row, with 2 boxes of 2 values in each. The map has one channel, the number of the cell.
# The output has 2 · 2 = 4 channels: box 0 value 0, box 0 value 1, box 1 value 0, box 1 value 1. Value 0 is to be the
# number of the *cell*, so channels 0 and 2 copy the input (a weight of 1). Value 1 is to be the number of the *box*, which
# no input knows: it is the bias of channels 1 and 3.

# %%
cells = np.array([0.0, 1.0])  # the only channel of a map of 1 x 2 cells
weight, bias = np.array([1.0, 0, 1, 0]), np.array([0.0, 0, 0, 1])
out = cells[:, None] * weight + bias  # (2 cells, 4 channels)
rows_of_boxes = out.reshape(-1, 2)  # (2 cells * 2 boxes, 2 values)
print(rows_of_boxes.astype(int).tolist(), "are (cell, box) of each row")
assert rows_of_boxes.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
assert weight[0::2].tolist() == [1, 1]
assert bias[1::2].tolist() == [0, 1]

# %% [markdown]
# `weight[0::2]` are channels 0 and 2: value 0 of every box. With four values, value 0 of every box is `[0::4]`. Now the
# same for the real predictors: the four values of each row are to be the center and the size of its own default box. The
# center of a cell is in the features, the size of a box in the biases.


# %%
from numpyssd.kernels.reference.arrays import concatenate
from numpyssd.model.default_boxes import cell_sizes, centers


def set_weights(f, layer, channels):
    """Set weights; return features (1, n, n, channels) with each cell's center."""
    x = np.zeros((1, f.size, f.size, channels), np.float32)
    center = centers(f, TINY.image_size) / TINY.image_size  # (n,)
    x[0, :, :, 0], x[0, :, :, 1] = center[None, :], center[:, None]
    layer.weight.value[:] = 0
    layer.weight.value[1, 1, 0, 0::4] = 1  # value 0 of each box: cx
    layer.weight.value[1, 1, 1, 1::4] = 1  # value 1: cy
    sizes = cell_sizes(f) / TINY.image_size  # (B, 2)
    layer.bias.value[2::4], layer.bias.value[3::4] = sizes[:, 0], sizes[:, 1]
    return x


# %% tags=["varies"]
from numpyssd.model.ssd import SSD

outputs = []
for f, layer in zip(TINY.feature_maps, SSD(TINY).predictors.loc):
    outputs.append(layer.infer(set_weights(f, layer, layer.weight.value.shape[2])))
said = concatenate(outputs, 4)[0]  # (1504, 4), as the library puts the maps together
error = abs(said - default_boxes(TINY)).max()
assert len(np.unique(default_boxes(TINY), axis=0)) == 1504  # all are different
assert error < 1e-6
print(
    f"all {len(said)} rows give their own box; error {error:.0e} (expected: below 1e-6)"
)

# %% [markdown]
# ## The library's code

# %%
from numpyssd.model.predictors import Predictors

show_source(Predictors.infer, Predictors._together, concatenate)

# %% [markdown]
# What is new:
#
# - `norm`: the L2 normalization of conv4_3 ([entry 14](paper_caffe_others.md#14-conv4_3-and-its-normalization)).
# - `concatenate`: one reshape for each map, and then all maps one after the other. No transpose is needed, since
#   numpyssd keeps the channels last (NHWC). Caffe and PyTorch keep them first, `(N, channels, H, W)`, and have to move
#   them to the end first.
# - `kernels.active` is the chosen *backend*, a set of the same operations for one kind of machine: this `concatenate` is
#   that of NumPy, and a GPU has one of its own.
#
# ## Break it
#
# Here are the classes of the last but one map in PyTorch's layout, `(N, channels, H, W)`, and two ways to make rows of
# them. Both give the same shape. Which is right, and how many rows are equal in both?

# %%
layout = [
    layer.infer(x).transpose(0, 3, 1, 2)  # (1, boxes * 6, n, n), as elsewhere
    for layer, x in zip(
        model.predictors.conf, [model.predictors.norm.infer(features[0]), *features[1:]]
    )
]
with_transpose = [out.transpose(0, 2, 3, 1).reshape(1, -1, 6) for out in layout]
without = [out.reshape(1, -1, 6) for out in layout]
same = (with_transpose[3] == without[3]).all(axis=2).sum()
assert with_transpose[3].shape == without[3].shape == (1, 64, 6)
print(f"both {without[3].shape}; rows that agree: {same}")

# %% [markdown]
# It is the right part of the figure with the cards: without the transpose, a row has cards of several colors. It holds
# the *same* value of the *same* box, from neighboring cells. All numbers are there; mean, largest and smallest are
# right. What do the detections look like?

# %%
from numpyssd.inference.postprocess import postprocess

boxes = default_boxes(TINY)
for name, parts in (("with", with_transpose), ("without", without)):
    table = np.concatenate(parts, axis=1)[0]  # (1504, 6)
    _, labels, found = postprocess(loc[0], table, boxes, score_threshold=0.5)
    names = [model.class_names[label - 1] for label in labels]
    print(f"{name:8} mean {table.mean():.4f}; {len(names)} detections:", names[:3])

# %% [markdown]
# Three objects, or the limit of 200 detections, all nonsense. *Training* with the bug gives no warning: there is no
# error, and the loss still falls. Most rows have the target "background", which can be learned in any order.
#
# Within a cell the same can happen. `jwyang/fpn.pytorch`, issue 6, "inconsistant anchor reference (may be the cause of
# the lower accuracy …)": there each of k boxes has two values, "something" and "nothing". One line uses the order
# value, box: the first k channels are "nothing" of all boxes, the next k "something". A later line reads the same
# channels in the order box, value. With k = 3:

# %%
channels = np.array(["n0", "n1", "n2", "s0", "s1", "s2"])  # nothing, something
written, read = channels.reshape(2, 3).T, channels.reshape(3, 2)
print("written:", written.tolist())
print("read:   ", read.tolist())
agree = written == read
assert agree.sum() == 2
print("places that agree:", agree.sum(), "of", agree.size)

# %% [markdown]
# A pair of "n0" and "n1" is not a probability. Again there is no error. The only sign, as the title of the issue says,
# is perhaps a lower accuracy. A test with known numbers, as above, finds all of these bugs.
#
# ### A place of zeros
#
# The second bug is in the gradient of the L2 normalization. The norm is a root, and ε avoids a division by 0. Does it
# matter whether ε stands inside the root or outside? The output is the same to nine digits. Look at the gradient before
# you read on. (By the chain rule, the part along x goes through the norm, whose gradient is x / root.)


# %%
def backward_with_a_bug(dout, x, scale, epsilon=1e-10):
    root = np.sqrt((x * x).sum(axis=3, keepdims=True))
    norm = root + epsilon  # outside the root
    dunit = dout * scale
    slope = x / root  # the gradient of the norm
    return dunit / norm - slope * (dunit * x).sum(axis=3, keepdims=True) / norm**2


# %%
rng = np.random.default_rng(5)
x = abs(rng.normal(size=(1, 38, 38, 8)))
dout, scale = rng.normal(size=x.shape), np.full(8, 20.0)
right = l2norm_backward(dout, x, scale)[0]
assert np.allclose(backward_with_a_bug(dout, x, scale), right)
x[0, 7, 30] = 0  # a ReLU may leave a place with nothing but zeros
with np.errstate(invalid="ignore"):
    wrong = backward_with_a_bug(dout, x, scale)
assert np.isfinite(l2norm_backward(dout, x, scale)[0]).all()
before_relu = wrong * (x > 0)  # a ReLU's gradient, as a product
dbias = before_relu.sum(axis=(0, 1, 2))  # of the convolution before it
print("NaN in the gradient:", np.isnan(wrong).sum(), "of", wrong.size)
print("NaN in the gradient of the biases before it:", np.isnan(dbias).sum(), "of 8")
assert np.isnan(dbias).all()

# %% [markdown]
# As long as no place is all zeros, the bug stays hidden. Then *one* place of 1444 is: its gradient is 0 / 0, which is
# NaN ("not a number"). A ReLU that multiplies by 0 does not stop it, because NaN · 0 is NaN. (A ReLU that *selects* 0,
# as numpyssd's does, stops it, but one should not rely on that.) A NaN in a sum makes the sum NaN. The gradient of each
# bias and each weight is a sum over all places, and so the whole layer would be lost in one step. amdegroot's
# ssd.pytorch has ε = 1e-10 outside the root; its issue 419 is about the NaN gradient of a place of zeros. Inside, the
# root is never 0.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("outputs_per_cell")` helps twice, and then gives the answer.
#
# ### Warm-up: how many numbers?
#
# For one cell. `classes` counts the background.


# %%
def my_outputs_per_cell(boxes, classes):
    """Return how many numbers the predictors give a cell."""
    ...


check.outputs_per_cell(my_outputs_per_cell)
check.answer("outputs_per_cell")

# %% [markdown]
# ### Core: flatten it
#
# An output of one image in PyTorch's layout, `(boxes * values, H, W)`. Return its rows in the order of this lesson.


# %%
def my_flatten_map(out, values):
    """Return the rows (H * W * B, values)."""
    ...


check.flatten_map(my_flatten_map)
check.answer("flatten_map")

# %% [markdown]
# ### Core: which box?
#
# `maps` has (cells a side, boxes a cell) for each map: SSD300's are (38, 4), (19, 6), (10, 6), (5, 6), (3, 4), (1, 4).


# %%
def my_place_of(maps, index):
    """Return the number of the map, row, column and box of a row of the output."""
    ...


check.place_of(my_place_of)
check.answer("place_of")

# %% [markdown]
# ### Core: L2 normalization
#
# All places at once, without a loop; and a place of zeros stays zeros.


# %%
def my_normalize(x, scale):
    """Return x (H, W, C) with each place of norm 1, times scale (C,)."""
    ...


check.normalize(my_normalize)
check.answer("normalize")

# %% [markdown]
# ### Stretch: a predictor, for one cell
#
# All outputs of one cell: a window of 3 x 3 cells around it, the weights, the biases. Outside the map all numbers are
# 0.


# %%
def my_predict_cell(x, weight, bias, row, column):
    """Return the outputs (C_out,) of a cell of x (H, W, C_in)."""
    ...


check.predict_cell(my_predict_cell)
check.answer("predict_cell")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | six maps for 300 pixels; predictors are 3 x 3 convolutions; the norm of conv4_3 is scaled to 20, and learned |
# | **Caffe** | the same, with ε inside the root; keeps channels first, and permutes before it flattens; its extra layers are called conv6_1 to conv9_2, the paper's conv8_1 to conv11_2 |
# | **others** | amdegroot: ε outside the root; qfgaohao: batch normalization in its place. NVIDIA: size before place. ssd_keras: boxes in any order. mmdetection: background is the last class |
# | **numpyssd** | as Caffe, but channels last, so that nothing has to be permuted |
#
# More of it: [34. The order of things](paper_caffe_others.md#34-the-order-of-things) and
# [14. conv4_3 and its normalization](paper_caffe_others.md#14-conv4_3-and-its-normalization).
#
# ## Questions readers ask
#
# **Does an object belong to one map only?** No. Neighboring maps have boxes of similar sizes, and an object is matched
# to every box that fits it well enough (lesson 09). The grids above show the nearest size.
#
# **May I add a map, or leave one out?** Yes: a map needs a row in the config, its scales, and predictors. SSD512 has
# seven.
#
# **Why can the fine map not find large objects?** The receptive field of conv4_3 is 92 x 92 pixels (lesson 06). That of
# its predictor, with a window of 3 x 3 cells, is 108 x 108. A bus of 280 pixels is larger than that.
#
# **Is the middle of the network worse for small objects?** Yes. conv4_3 has fewer layers before it than conv7, so its
# features are simpler. Later detectors (FPN, [lesson 23](23_after_ssd.ipynb)) carry features of coarse maps back to the
# fine ones; SSD does not.
#
# **If I change the number of classes, what changes in the network?** Only the class predictors: they have boxes times
# classes kernels.
#
# **Are four offsets enough, if several objects lie in a cell?** Each default box of the cell has its own four. And most
# objects have boxes of several cells.
#
# ## Recap
#
# 1. Six maps, from 38 x 38 to 1 x 1; two from the base network (conv4_3, conv7), four from extra layers; fine for
#    small.
# 2. A predictor is a 3 x 3 convolution: boxes · (classes + 4) numbers for each cell, the same kernels for all cells of
#    a map. conv4_3 is normalized to a norm of 20 before it; ε belongs inside the root.
# 3. Rows come as map, row, column, box, exactly as the default boxes do; channels first must be transposed first.
