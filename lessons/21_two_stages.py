# %% [markdown]
# # 21 · Two stages
#
# **Goal.** Follow an image through Faster R-CNN, from anchors to proposals and regions, and say which cells of the map
# each region really reads.
#
# You need: default boxes ([lesson 08](08_default_boxes.ipynb)), matching ([lesson 09](09_matching_and_encoding.ipynb)),
# NMS ([lesson 14](14_nms_and_decoding.ipynb)) and pooling ([lesson 05](05_pooling.ipynb)).
# Time: 90 minutes with the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
from dataclasses import replace

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.datasets.shapes import example
from numpyssd.drawing import new_figure
from numpyssd.inference.nms import nms
from numpyssd.kernels import using
from lessons.course import check
from lessons.course.display import show, show_source, show_widget, you_are_here
from lessons.course.widgets import two_stages as two_stage_widgets
from numpyssd.model.box_coding import encode

you_are_here("feature maps", "default boxes", "matching", "NMS")

# %% tags=["setup"]
from numpyssd.rivals.faster_rcnn import anchor_targets, roi_align, roi_pooling
from numpyssd.rivals.faster_rcnn.anchor_targets import label_anchors, sample_anchors
from numpyssd.rivals.faster_rcnn.anchors import anchors, inside_image
from numpyssd.rivals.faster_rcnn.faster_rcnn_loss import draw_sigma, smooth_l1_sigma
from numpyssd.rivals.faster_rcnn.network import FasterRCNN
from numpyssd.rivals.faster_rcnn.proposals import decoded_anchors, draw_proposals
from numpyssd.rivals.faster_rcnn.recipes import PRESETS
from numpyssd.rivals.faster_rcnn.summary import draw_costs, multiply_adds
from numpyssd.training.losses import smooth_l1

# %% [markdown]
# SSD says in one step what is where. **Faster R-CNN** (Ren and others, 2015), which SSD's paper compares itself with,
# looks twice:
#
# 1. **The first stage**, the *region proposal network* (RPN). It has default boxes as SSD has, but on a single feature
#    map, and calls them *anchors*. Of each it says "object or not", without a class, and moves it. The best of the
#    moved boxes are the *proposals*, 300 of them.
# 2. **The second stage**, the *head*. It takes one proposal after the other, reads the same feature map again where that
#    box is (*RoI pooling*; a region of interest is a box to be looked at), and says the class, and the box once more.
#
# So most of what SSD does is the first stage, with classes. What SSD leaves out is the second.
#
# Both have a history. A *sliding window* runs a classifier at every place and in every size. **R-CNN** (Girshick and
# others, 2014) runs a network on proposed regions only; an older algorithm, *selective search*, proposes them. **Fast
# R-CNN** (Girshick, 2015) runs the convolutions once for the whole image, and pools each region from the feature map.
# **Faster R-CNN** lets the network propose the regions as well.
#
# ## The figure
#
# On the left: what the first stage should answer for an image of four objects (green). The blue anchors should say
# "object", 60 red dots are the centers of some that should say "background". In the middle and on the right: the 60
# best boxes before and after NMS.
#
# No network is trained here. The first stage is *simulated*: the score of an anchor is its IoU with the best object plus
# noise, and its offsets lead most of the way to that object.

# %%
image, objects, labels, names = example(size=300)
config = replace(PRESETS["compact"], anchor_scales=(32, 72, 160))
every = anchors(config)  # (3249, 4) cxcywh, in units of the image


def simulated_first_stage(boxes, seed):
    """Return scores (K,) of "object", and offsets (K, 4), of all anchors."""
    rng = np.random.default_rng(seed)
    overlaps = iou(boxes, cxcywh_to_xyxy(every))  # (M, K)
    highest, best = overlaps.max(axis=0), overlaps.argmax(axis=0)
    way = encode(boxes[best], every, variances=(1, 1)) * (highest > 0.2)[:, None]
    scores = np.clip(highest + rng.normal(0, 0.08, len(every)), 0, 1)
    return scores, 0.7 * way + rng.normal(0, 0.08, way.shape)


# %%
wanted, _ = label_anchors(objects / 300, every)
sampled = sample_anchors(wanted, np.random.default_rng(0), count=71)
scores, offsets = simulated_first_stage(objects / 300, seed=0)
moved = decoded_anchors(offsets, every)  # (3249, 4) xyxy
kept = nms(moved, scores, 0.7)
assert [(sampled == label).sum() for label in (1, 0)] == [11, 60]

figure, axes = new_figure(1, 3, size=(12.6, 3.8))
anchor_targets.draw_anchor_targets(axes[0], image, objects, every, sampled)
_ = axes[0].set_title("11 anchors: object; 60: background", fontsize=10)
draw_proposals(axes[1], image, moved, scores, 60, "60 best, before NMS")
draw_proposals(axes[2], image, moved[kept], scores[kept], 60, "60 best, after NMS")
show(figure, "Anchors that should answer; 60 boxes before NMS, and 60 after it.")

# %% [markdown]
# Before NMS, the best boxes lie in thick bundles on the objects with high scores. One of a bundle is enough, since the
# second stage moves it anyway. NMS at 0.7 leaves room for others: the small ring at the upper right has no box among the
# 60 before, and several after. In the end fewer boxes would do, so why not a lower threshold? Move the slider. When are
# objects missed, and when do the boxes get worse?

# %%
widget = two_stage_widgets.proposals_and_nms(image, moved * 300, scores, objects)
figure, ax = new_figure(size=(5.2, 4.2))
draw_proposals(ax, image, moved[kept], scores[kept], 30, "the best 30 after NMS")
show_widget(widget, figure, "The best 30 proposals after NMS at 0.7.")

# %% [markdown]
# At the left end, one object has no proposal among the best 30. At the right end all have, but NMS keeps the box with
# the best *score* of each bundle, and not the one that fits best. At 0.7 it keeps several of each.
#
# Now the second stage. It reads cells of the map, and a cell is 16 pixels large here. Drag the green box: which cells
# (orange) does RoI pooling read? And how far can you move the box before they change? The figure has a map of 5 x 5
# cells, an image of 80 pixels. The box from (40, 8) to (60, 28) lies at 2.5 to 3.75 cells across and 0.5 to 1.75 down.

# %%
box = np.array([40.0, 8, 60, 28])  # 20 pixels wide and high
figure, axes = new_figure(1, 2, size=(8.5, 5.2))
paper = np.full((80, 80, 3), 255, np.uint8)
roi_pooling.draw_cells_read(axes[0], paper, box, 5, 5, 5)
roi_align.draw_sample_points(axes[1], paper, box, 5)
for ax in axes:  # the whole map
    ax.set(xlim=(-1, 81), ylim=(81, -1))
assert (box / 16).tolist() == [2.5, 0.5, 3.75, 1.75]
widget = two_stage_widgets.cells_of_a_region()
show_widget(
    widget, figure, "A box, the four cells RoI pooling reads, RoIAlign's points."
)

# %% [markdown]
# The numbers in the cells belong to **RoIAlign**, which came two years later (He and others, 2017) and rounds nothing:
# it takes 2 x 2 points in each bin and interpolates between cells. The numbers are the share of each cell, in percent.
# They change with every quarter of a cell, and the largest stands where the box is.
#
# ## By hand
#
# ### What should an anchor answer?
#
# One dimension is enough. Two objects, P from 2 to 6 and Q from 10 to 12, and six anchors. The IoU with the object that
# each overlaps most:
#
# | A = 1..5 | B = 2..6 | C = 2..7 | D = 11..15 | E = 16..20 | F = 4..8 |
# | --- | --- | --- | --- | --- | --- |
# | P 3/5 | P 4/4 | P 4/5 | Q 1/5 | 0 | P 2/6 |
#
# Three rules, in this order, and a later one wins:
#
# 1. below 0.3 with every object: *background*. D, E.
# 2. the largest IoU of some object: *object*, however small it is, and all that tie. B (for P), D (for Q).
# 3. 0.7 or more: *object*. B, C.
#
# What is left, A and F, is *neither*. They are no part of the loss. SSD has no such gap: there 0.5 divides all.

# %%
places = [(1, 5), (2, 6), (2, 7), (11, 15), (16, 20), (4, 8)]
strips = np.array([[(a + b) / 2, 0.5, b - a, 1] for a, b in places])  # cxcywh
pq = np.array([[2, 0, 6, 1], [10, 0, 12, 1]], float)
table = iou(pq, cxcywh_to_xyxy(strips))  # (2, 6)
assert np.allclose(table.max(axis=0), [3 / 5, 4 / 4, 4 / 5, 1 / 5, 0, 2 / 6])
answer, _ = label_anchors(pq, strips)
assert answer.tolist() == [-1, 1, 1, 1, 0, -1]
words = [("background", "object", "neither")[k] for k in answer]
print(", ".join(f"{name} {word}" for name, word in zip("ABCDEF", words)))

# %% [markdown]
# ### RoI pooling, with halves
#
# A map of 4 x 4 cells, 16 pixels each, and a box from (8, 16) to (40, 40). In cells its corners are (0.5, 1) and (2.5,
# 2.5). **Round**: halves go away from zero, as C does it, and the corners become (1, 1) and (3, 3). The released code
# counts the last cell as covered, too: columns 1 to 3 and rows 1 to 3, nine cells.
#
# | | 0 | 1 | 2 | 3 |
# | --- | --- | --- | --- | --- |
# | **0** | 1 | 5 | 2 | 0 |
# | **1** | 3 | **8** | **1** | **4** |
# | **2** | 7 | **2** | **6** | **9** |
# | **3** | 0 | **3** | **5** | **1** |
#
# The head needs a fixed number of bins: 7 x 7, and here 2 x 2. Bin j of n cells and s bins has the cells from
#
# $$\lfloor j \, n / s \rfloor \quad \mathrm{to} \quad \lceil (j + 1) \, n / s \rceil$$
#
# of the region, the last one not included. With n = 3 and s = 2, that is 0 to 2 and 1 to 3: the bins share the middle.
# The maxima are 8 and 9 above, 6 and 9 below.

# %%
x = np.array([[1, 5, 2, 0], [3, 8, 1, 4], [7, 2, 6, 9], [0, 3, 5, 1]], float)
region = np.array([[8, 16, 40, 40]]) / 64  # in units of the image
assert roi_pooling.roi_cells(region, 4).tolist() == [
    [1, 1, 3, 3]
]  # first row, column; how many
n, s = 3, 2
bins = [(int(np.floor(j * n / s)), int(np.ceil((j + 1) * n / s))) for j in range(s)]
assert bins == [(0, 2), (1, 3)]
rows, columns = roi_pooling.roi_bins(region, 4, s, 4, 4)
assert (rows[0] - 1).tolist() == (columns[0] - 1).tolist() == [[0, 2], [1, 3]]
out, argmax = roi_pooling.roi_pooling_forward(x[None, :, :, None], [0], rows, columns)
assert out[0, :, :, 0].tolist() == [[8, 9], [6, 9]]
print(out[0, :, :, 0].astype(int), "won by cells", argmax[0, :, :, 0].ravel())

# %% [markdown]
# ### The gradient sums
#
# Say the loss sends back 10, 20 for the two bins above and 30, 40 for those below. The 8 gets 10, the 6 gets 30. The 9
# has won *two* bins: it gets 20 + 40. If you raise the 9 a little, both outputs rise, and the loss changes through both.
# A gradient counts every way from a number to the loss.
#
# The same holds **between regions**. There are 300, and dozens may lie on one object and read the same cell. Its
# gradient is the sum of theirs. (The loss is divided by the number of regions, so this is no explosion.)

# %%
dout = np.array([[10, 20], [30, 40]], float)[None, :, :, None]
dx = roi_pooling.roi_pooling_backward(dout, argmax, [0], (1, 4, 4, 1))[0, :, :, 0]
assert (dx[1, 1], dx[2, 2], dx[2, 3]) == (10, 30, 20 + 40)
assert dx.sum() == dout.sum()
twice = [np.concatenate([a, a]) for a in (dout, argmax)]  # a second region, the same
assert (
    roi_pooling.roi_pooling_backward(*twice, [0, 0], (1, 4, 4, 1))[0, :, :, 0] == 2 * dx
).all()
print(dx.astype(int))

# %% [markdown]
# ### What is read is not what was proposed
#
# A box of 20 pixels from 24 to 44 in both directions: in cells 1.5 to 2.75, rounded 2 to 3, and with the last cell that
# is two cells, the pixels 32 to 64. Of the box's 400 pixels, 12 x 12 are among the 1024 that are read:
#
# $$\mathrm{IoU} = \frac{144}{400 + 1024 - 144} = 0.11$$

# %%
box = np.array([[24, 24, 44, 44]], float)
read = roi_pooling.cells_read(box / 304, 19, 19, 19) * 304  # 19 cells of 16 pixels
assert np.allclose(read, [[32, 32, 64, 64]])
assert np.isclose(iou(box, read)[0, 0], 144 / (400 + 1024 - 144))
for side in (21, 56, 103):
    low = np.random.default_rng(side).uniform(0, 304 - side, (2000, 2))
    boxes = np.concatenate([low, low + side], axis=1)  # (2000, 4)
    with_one, without = (
        roi_pooling.cells_read(boxes / 304, 19, 19, 19, one) for one in (True, False)
    )
    middle = [np.median([iou(a[None], b[None])[0, 0] for a, b in zip(boxes / 304, r)])
              for r in (with_one, without)]  # fmt: skip
    print(f"{side:3} px: median IoU {middle[0]:.2f}, without the +1 {middle[1]:.2f}")

# %% [markdown]
# The three sizes are those of the three kinds of blood cells in BCCD, a small data set, on 300 x 300 pixels: platelets,
# red cells, white cells. With the boxes of its annotation the medians are 0.27, 0.54 and 0.70, and 0.52, 0.77 and 0.86
# without the +1. On the paper's images, 600 pixels and more, objects are larger, and rounding costs less.
#
# Is the head blind, then? No. Each cell has a receptive field of many pixels (lesson 06), so it has seen the platelet
# even if it lies beside. But what *this* box has that a neighboring one has not, is lost.
#
# ### Smooth L1 with sigma
#
# In the first stage, offsets are plain: no division by 0.1 and 0.2 as in SSD (lesson 09). So errors are small numbers,
# and smooth L1 would treat nearly all of them as squares. The released code therefore lets the square end earlier, at
# $1 / \sigma^2$ with $\sigma = 3$:
#
# $$s_\sigma(x) = 0.5 \, \sigma^2 x^2 \quad \mathrm{where} \; |x| < 1 / \sigma^2$$
#
# $$s_\sigma(x) = |x| - 0.5 / \sigma^2 \quad \mathrm{elsewhere}$$
#
# You need no new function. With SSD's $s$, and its gradient $s'$ (lesson 10):
#
# $$s_\sigma(x) = s(\sigma^2 x) / \sigma^2 \qquad s_\sigma'(x) = s'(\sigma^2 x)$$
#
# The chain rule multiplies by $\sigma^2$, and the division takes it away.

# %%
errors, sigma = np.array([-2, -0.1, 0.05, 0.11, 0.12, 1]), 3
short = abs(errors) < 1 / sigma**2
by_definition = np.where(
    short, 0.5 * sigma**2 * errors**2, abs(errors) - 0.5 / sigma**2
)
value, gradient = smooth_l1(sigma**2 * errors)
assert np.allclose(value / sigma**2, by_definition)
assert np.allclose(gradient, np.where(short, sigma**2 * errors, np.sign(errors)))
assert np.allclose(smooth_l1_sigma(errors, sigma), [by_definition, gradient])

figure, ax = new_figure(size=(6.5, 3.8))
draw_sigma(ax)
show(figure, "Smooth L1 and its gradient for sigma 1 and sigma 3.")

# %% [markdown]
# The *second* stage divides its targets by (0.1, 0.1, 0.2, 0.2) and has $\sigma = 1$. SSD took both over from there.
#
# ## Loops you can read
#
# The labels of anchors, from a table of overlaps (objects in rows):


# %%
def labels_by_loops(overlaps):
    """Return 1 for object, 0 for background, -1 for neither, for each anchor."""
    labels = []
    for k in range(overlaps.shape[1]):
        best = overlaps[:, k].max(initial=0)
        label = 0 if best < 0.3 else -1
        for row in overlaps:
            if row[k] == row.max() > 0:
                label = 1
        labels.append(1 if best >= 0.7 else label)
    return np.array(labels)


print(labels_by_loops(table))

# %% [markdown]
# RoI pooling, forward and backward, on a map of one channel. The box is given in cells.


# %%
def pool_by_loops(x, box, size):
    """Return the maxima (size, size), and the place of the winner of each bin."""
    x1, y1, x2, y2 = (int(np.trunc(c + np.copysign(0.5, c))) for c in box)  # as C
    height, width = max(y2 - y1 + 1, 1), max(x2 - x1 + 1, 1)
    out, winners = np.zeros((size, size)), {}
    for i, j in np.ndindex(size, size):
        rows = range(y1 + i * height // size, y1 - (-(i + 1) * height // size))
        columns = range(x1 + j * width // size, x1 - (-(j + 1) * width // size))
        places = [(r, c) for r in rows for c in columns]
        places = [(r, c) for r, c in places if 0 <= r < len(x) and 0 <= c < len(x[0])]
        if places:
            winners[i, j] = max(places, key=lambda p: x[p])  # the first of equals
            out[i, j] = x[winners[i, j]]
    return out, winners


# %%
def pool_back_by_loops(dout, winners, shape):
    """Return dx: each number of dout at the place of its winner, and added there."""
    dx = np.zeros(shape)
    for place, winner in winners.items():  # an empty bin has none
        dx[winner] += dout[place]
    return dx


# %% [markdown]
# ## The check
#
# Loops against the library. Labels: 30 random scenes on the anchors of the tiny network. Labels are whole numbers, and
# must be equal.

# %%
rng, tiny = np.random.default_rng(0), anchors(PRESETS["tiny"])  # (576, 4)
differences = 0
for _ in range(30):
    low = rng.uniform(0, 0.8, (rng.integers(0, 6), 2))
    scene = np.concatenate([low, low + rng.uniform(0.03, 0.4, low.shape)], axis=1)
    ours = labels_by_loops(iou(scene, cxcywh_to_xyxy(tiny)))
    differences += (ours != label_anchors(scene, tiny)[0]).sum()
assert differences == 0
print(f"{differences} of {30 * len(tiny)} labels differ (expected: 0)")

# %% [markdown]
# RoI pooling: 200 boxes on maps of 9 x 7 cells, many with corners at halves, and some outside. Maxima are not rounded,
# and the gradients that come in are whole numbers, so no digit may differ.

# %%
difference = 0
for _ in range(200):
    x, dout = rng.permutation(63).reshape(9, 7), rng.integers(-9, 10, (3, 3))
    low = rng.integers(-4, 14, 2) / 2
    box = np.concatenate([low, low + rng.integers(0, 14, 2) / 2])  # in cells
    mine, winners = pool_by_loops(x, box, 3)
    bins = roi_pooling.roi_bins(box[None], 1, 3, 9, 7)  # boxes in cells
    out, argmax = roi_pooling.roi_pooling_forward(x[None, :, :, None], [0], *bins)
    shaped = dout[None, :, :, None], argmax, [0], (1, 9, 7, 1)
    dx = roi_pooling.roi_pooling_backward(*shaped)[0, :, :, 0]
    difference += abs(mine - out[0, :, :, 0]).sum()
    difference += abs(pool_back_by_loops(dout, winners, (9, 7)) - dx).sum()
assert difference == 0
print(f"differences forward and backward: {difference:g} (expected: 0)")

# %% [markdown]
# And a whole network, with random weights, on noise. The feature map has two readers, the first stage and the second. So
# its gradient, and with it that of every weight of the trunk, must be **the sum of two**: send back only the first
# stage's, then only the second's, then both. In float32, with seven digits, we expect a difference of some 1e-7 of the
# largest.

# %% tags=["varies"]
model, pixels = FasterRCNN(PRESETS["tiny"], seed=0), rng.normal(size=(1, 64, 64, 3))
pixels = pixels.astype(np.float32)


def slope(first, second):
    """Return the gradient of the first weights; first and second are 0 or 1."""
    logits, offsets = model.first_stage(pixels)  # (1, 576, 2), (1, 576, 4)
    regions = model.propose(logits[0], offsets[0], keep=20)
    conf, loc = model.second_stage(regions, np.zeros(len(regions), int))
    assert (conf.shape, loc.shape) == ((len(regions), 6), (len(regions), 6, 4))
    model.backward(first * logits, first * offsets, second * conf, second * loc)
    return model.parameters()["conv1_1.weight"].grad.copy()


with using("reference"):  # the readable kernels of these lessons
    both, apart = slope(1, 1), slope(1, 0) + slope(0, 1)
error = abs(both - apart).max() / abs(both).max()
assert error < 1e-5
print(f"both at once, and one after the other: {error:.0e} (expected: below 1e-5)")

# %% [markdown]
# The proposals themselves are *constants* here. The gradient goes into the values of the cells that were read, and not
# into where the box was: the paper calls this *approximate joint training*. The widget has shown why that is no great
# loss with RoI pooling: move a box by a quarter of a cell, and most often the same cells are read. The slope is 0, or
# there is a jump.
#
# ## The library's code

# %%
show_source(
    roi_pooling.roi_cells,
    roi_pooling.roi_bins,
    roi_pooling.roi_pooling_backward,
    smooth_l1_sigma,
)

# %% [markdown]
# Against the loops: all bins of all regions at once, rows and columns apart. An `argmax` of -1 is an empty bin, and it
# must stay out of the backward pass, since as an index -1 is the last cell. The backend `cpu` has a compiled twin.
#
# ### What a second stage costs
#
# The first stage is a convolution and costs the same for any image. The head runs **once for each region**. Here is
# the miniature that is compared with SSD in the next lesson; its head is slim, 256 wide where VGG has 4096. (NMS often
# leaves fewer than 300 regions; the next lesson counts those.)

# %%
costs = [multiply_adds(PRESETS["compact"], regions) for regions in (0, 1, 300)]
one = costs[1]["second stage"]
assert costs[2]["second stage"] == 300 * one
print(f"one region: {one / 1e6:.2f} M multiply-adds")
for part, count in costs[2].items():
    print(f"{part:12} {count / 1e6:7.1f} M")
figure, ax = new_figure(size=(8, 2.8))
draw_costs(ax, [PRESETS["compact"]])
show(
    figure,
    "Multiply-adds of trunk, first stage and second stage; 300, 100, 50 regions.",
)

# %% [markdown]
# ## Break it
#
# Rule 2 gives every object the anchor that fits best, and all that tie for it. The released code looks for "equal to the
# object's largest IoU". In the paper's network, anchors that cross the edge of the image are not used in training. The
# smallest anchors are 128 pixels large. Now a small object lies in the corner, 6 pixels wide, beside two others. Before
# you read on: which anchors equal its largest IoU?


# %%
def labels_with_a_bug(overlaps):
    labels = np.where(overlaps.max(axis=0) < 0.3, 0, -1)
    for row in overlaps:
        labels[row == row.max()] = 1
    return np.where(overlaps.max(axis=0) >= 0.7, 1, labels)


# %%
scene = np.array([[0, 0, 6, 6], [100, 150, 300, 350], [350, 60, 560, 420]]) / 600
usual = anchors(PRESETS["vgg600"])
usual = usual[inside_image(usual)]  # (3938, 4)
overlaps = iou(scene, cxcywh_to_xyxy(usual))  # (3, 3938)
right, wrong = labels_by_loops(overlaps), labels_with_a_bug(overlaps)
assert (right == label_anchors(scene, usual)[0]).all()
assert (wrong == 1).all()
print(f"the largest IoU of the object in the corner: {overlaps[0].max():g}")
print(f"right:        {sum(right == 1):4} of {len(usual)} anchors are positive")
print(f"with the bug: {sum(wrong == 1):4} of {len(usual)}")

# %% [markdown]
# No anchor inside the image touches the object, so its largest IoU is **0**, and all anchors that lie beside it tie for
# that. Here these are *all* anchors. They become positive, and with no background left, the network learns from this
# image that everything is an object. There is no error, and the loss goes down.
#
# Issue 406 of `rbgirshick/py-faster-rcnn` has asked about this line since 2016, and many ports copied it. In large
# photographs most objects are larger than this one, which hides it. The library asks for an IoU above 0.
#
# A second one is about the *order*. If "below 0.3" is applied last, the weak best anchor of a small object is made
# background again (mx-rcnn, issue 104, had "object" and "background" overlap; in py-faster-rcnn it is the option
# `RPN_CLOBBER_POSITIVES`, issue 764).
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("roi_pool")` helps twice, and then gives the answer.
#
# ### Warm-up: the cells of a region
#
# From a box in pixels to the cells that it covers. `step` is the size of a cell. Halves are rounded away from zero, and
# the last cell counts.


# %%
def my_cells_of_region(box, step):
    """Return first column, first row, number of columns, number of rows."""
    ...


check.cells_of_region(my_cells_of_region)
check.answer("cells_of_region")

# %% [markdown]
# ### Core: RoI pooling
#
# On a map of one channel, with the box in cells. An empty bin gives 0.


# %%
def my_roi_pool(x, box, size):
    """Return the maxima (size, size) of the bins of a region of x (H, W)."""
    ...


check.roi_pool(my_roi_pool)
check.answer("roi_pool")

# %% [markdown]
# ### Core: its gradient
#
# `argmax` says for each bin of each region the winner, as `row * W + column`, and -1 if the bin was empty.


# %%
def my_roi_pool_gradient(dout, argmax, shape):
    """Return dx of shape (H, W) for dout and argmax (R, size, size)."""
    ...


check.roi_pool_gradient(my_roi_pool_gradient)
check.answer("roi_pool_gradient")

# %% [markdown]
# ### Core: smooth L1 with sigma
#
# You may call `smooth_l1(x)`, which returns values and gradients.


# %%
def my_smooth_l1_of_sigma(x, sigma):
    """Return value and gradient, both (N,)."""
    ...


check.smooth_l1_of_sigma(my_smooth_l1_of_sigma)
check.answer("smooth_l1_of_sigma")

# %% [markdown]
# ### Stretch: the labels of anchors
#
# Without a loop over the anchors. There are images without any object, and objects that no anchor touches.


# %%
def my_label_anchors(overlaps, positive, negative):
    """Return labels (K,) in 1, 0, -1 from overlaps (M, K)."""
    ...


check.label_anchors(my_label_anchors)
check.answer("label_anchors")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# Here "Caffe" is py-faster-rcnn, the released code, which has its own layers for Caffe.
#
# | | the paper | Caffe | others |
# | --- | --- | --- | --- |
# | **anchors** | 3 scales, 3 ratios | sides rounded to whole pixels | ChainerCV does not round; torchvision puts them on the *corner* of a cell (pytorch/vision, issue 1765) |
# | **anchors over the edge** | left out, else training diverges (3.3) | left out | torchvision keeps them; Detectron, issue 393: no difference was found later |
# | **balance of the losses** | 1/256 and 10/2400 | both over the sampled 256 | nearly the same: 10/2400 is 1/240 |
# | **sigma** | not mentioned | 3 in the first stage, 1 in the second | torchvision has 3 in both |
# | **smallest proposal** | not mentioned | 16 pixels | torchvision 0.001; 4 instead of 16 helped a user (py-faster-rcnn, issue 586) |
# | **rounding** | not mentioned | corners rounded, last cell included | RoIAlign rounds nothing |
# | **training** | the two stages in turns, four steps | also jointly, one step | joint nearly everywhere |
#
# numpyssd does what Caffe does, but for the tie at 0. The miniature keeps anchors over the edge (a quarter of BCCD's
# objects touch it), and proposals from 1 pixel on. What SSD has of all this: [5.
# Variances](paper_caffe_others.md#5-variances), [6. Neither positive nor
# negative](paper_caffe_others.md#6-neither-positive-nor-negative), [7. Objects that nothing
# overlaps](paper_caffe_others.md#7-objects-that-nothing-overlaps), [28. A limit on decoded
# sizes](paper_caffe_others.md#28-a-limit-on-decoded-sizes).
#
# ## Questions readers ask
#
# **Why NMS twice?** After the first stage, so that the 300 regions are not all on one object: at 0.7 and without
# classes. After the second, as in SSD: one box an object, within each class. (The released code has 0.3 there.)
#
# **Can the second stage find an object that the first has missed?** No. It only looks at proposals.
#
# **Why has the first stage no classes?** It has to be quick, and "is there something?" is an easier question. And it may
# propose things that nobody has a class for.
#
# **Is a second stage better on small objects?** On COCO, SSD's paper has 7.7 AP on small ones for Faster R-CNN and 5.3
# for SSD300 (its Table 5), and gives the second stage as the reason. But SSD512 has 9.0, and the inputs differ; the
# next lesson looks at that.
#
# **Why 4 offsets for each *class* in the head?** Each class may learn its own habits: people are narrow. The loss is
# that of the true class alone.
#
# **Is the order of regions important?** No. But add in one order always, and a repeated run gives the same bits.
#
# **Why not let the gradient into the boxes?** With RoI pooling there is hardly any. With RoIAlign there would be one,
# and it is still left out nearly everywhere.
#
# ## Recap
#
# 1. The first stage scores and moves anchors, NMS at 0.7 spreads the best, and the second stage reads the map again for each proposal, at a cost for each.
# 2. RoI pooling rounds to cells: of a small object it may read mostly what lies beside; where regions share a winner, gradients add up.
# 3. Each object has its best anchors, unless no anchor touches it: a tie at an IoU of 0 is none.
