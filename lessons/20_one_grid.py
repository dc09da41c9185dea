# %% [markdown]
# # 20 · One grid
#
# **Goal.** Compute what YOLO learns from an image and what it detects, and say in numbers what SSD's default boxes add
# to one grid of cells, and what they cost.
#
# You need: matching ([lesson 09](09_matching_and_encoding.ipynb)), losses ([lesson 10](10_losses.ipynb)) and NMS
# ([lesson 14](14_nms_and_decoding.ipynb)). Time: 90 minutes with the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up

import numpy as np

from numpyssd.boxes import iou
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset, example
from numpyssd.drawing import new_figure
from lessons.course import check
from lessons.course.widgets import one_grid as grid_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here
from numpyssd.rivals.yolo.decoding import decode, draw_decoding
from numpyssd.rivals.yolo.grid_targets import draw_cells, grid_targets, objects_of_cells
from numpyssd.rivals.yolo.responsibility import draw_responsible, responsible_boxes
from numpyssd.rivals.yolo.yolo_loss import draw_roots, yolo_loss

you_are_here("matching", "loss", "decoding")

# %% [markdown]
# **YOLO** (*You Only Look Once*, its first version, 2016) is the other one-stage detector of SSD's first page. It has
# no default boxes. It lays one grid of 7 x 7 *cells* over the image, and the cell that holds the center of an object is
# responsible for it. SSD's paper compares itself with YOLO first of all, so we take it apart, with the same care.
#
# Each cell predicts two boxes, and one class for both. A box is five numbers: its center x, y, the roots of its width
# and height, and a *confidence*, which says how well the box fits an object. There is no class for background: where
# nothing is, the confidence should be 0.
#
# ## The figure
#
# First we need a crowd. A flock of 20 small shapes, a tenth of the image wide:

# %%
from numpyssd.datasets.shapes.outlines import Outline
from numpyssd.datasets.shapes.painting import paint
from numpyssd.datasets.shapes.scene import Cover, place

random, cover = np.random.RandomState(2), Cover()
names = ("ellipse", "cross", "triangle", "ring", "rectangle")
while len(cover.outlines) < 20:  # add says no where too much would be covered
    x, y = random.normal((0.5, 0.5), 0.14)
    cover.add(Outline(names[len(cover.outlines) % 5], x, y, 0.047, 0.047, 1.0, 0.0))
objects = place(cover.outlines)
flock = paint(random, objects, 256)  # (256, 256, 3)
boxes = np.array([item.outline.box() for item in objects])  # (20, 4) xyxy in [0, 1]
labels = np.array([item.label for item in objects])  # (20,)

# %% [markdown]
# On the left each object is joined to the middle of its cell. **A cell learns one object only.** It predicts two boxes,
# but they are two tries at the same object. If two objects have their center in one cell, one of them is lost (red). On
# the right, SSD's matching for one of the lost objects, as in lesson 09: it has default boxes of its own.

# %%
from numpyssd.config import TINY
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.matching import draw_matching, match

defaults = default_boxes(TINY)  # (1504, 4) cxcywh
kept = objects_of_cells(boxes, 7)
lost = np.setdiff1d(np.arange(20), kept)
figure, axes = new_figure(1, 2, size=(11, 5))
draw_cells(axes[0], flock, boxes * 256, 7)
draw_matching(axes[1], flock, boxes * 256, defaults, lost[0])
_ = axes[1].set_title("SSD: a lost object and its default boxes", fontsize=11)
show(figure, "Seven of 20 objects lost to shared cells; one and its own default box.")

# %%
matched = np.bincount(match(boxes, defaults) + 1, minlength=21)[1:]
print(f"YOLO, 7 x 7 cells: {len(lost)} of 20 objects are never learned")
print(f"SSD, 1504 default boxes: each object has {matched.min()} to {matched.max()}")
assert (len(lost), matched.min()) == (7, 1)

# %% [markdown]
# Try it. Drag the flat object into the cell of the tall one. It is lost, though the two have different shapes and
# hardly overlap; it is found again one step farther, beyond the line. The slider makes the grid finer. The red
# number counts the objects that 200 scenes of the built-in test set lose. They have five objects at most, and so few
# collide.

# %%
scenes = ShapesDataset(200, 64, split="test")
scenes = [scenes[i].boxes / 64 for i in range(len(scenes))]
figure, ax = new_figure(size=(5, 5))
paper = np.full((400, 400, 3), 255, np.uint8)
draw_cells(ax, paper, np.array([[60, 90, 120, 210], [240, 220, 340, 260]]), 7)
widget = grid_widgets.two_objects(scenes)
show_widget(widget, figure, "A tall and a flat object in two cells of a 7 x 7 grid.")

# %% [markdown]
# And the flock. How fine must the grid be to lose none? On photographs of blood cells (BCCD's test images), grids of 5,
# 7, 10 and 19 cells a side lose 11.0, 4.8, 1.6 and 0.1 % of the 945 objects, counted by the same function.

# %%
figure, ax = new_figure(size=(4, 4))
draw_cells(ax, flock, boxes * 256, 7)
widget = grid_widgets.crowd_under_grids(flock, boxes)
show_widget(widget, figure, "The flock under 7 x 7 cells, seven objects lost.")
counts = {grid: grid_widgets.lost_of([boxes], grid)[0] for grid in grid_widgets.GRIDS}
print("cells along a side: lost objects of the flock:", counts)
assert counts == {5: 11, 7: 7, 10: 2, 19: 0}

# %% [markdown]
# Why then not 19 x 19 cells? The paper's network ends in two connected layers, in which each number of the output
# depends on the whole image, and 361 cells would need 7 times as many weights in the last one. SSD replaces the
# connected layers by small convolutions, and so can afford 38 x 38.
#
# ## By hand
#
# ### What a cell should say
#
# An image of 64 x 64 pixels, 4 x 4 cells of 16. An object has its corners at (16, 36) and (32, 52). Its center is (24,
# 44): that is 1.5 cells to the right and 2.75 down. So it belongs to **column 1, row 2**, and lies at x = 0.5, y = 0.75
# in this cell. It is 16 wide, a quarter of the image; the root of 1/4 is 1/2. The cell should say (0.5, 0.75, 0.5,
# 0.5). (The library's targets hold the sides themselves, 0.25, and the loss takes their roots.)
#
# With S cells along a side, and the center $c_x$ and the width w in units of the image:
#
# $$x = S \, c_x - \mathrm{column} \qquad a = \sqrt{w}$$
#
# A second object of 4 x 4 pixels has its center at (20, 40), in the same cell. It comes later, and has no cell.

# %%
two = np.array([[16, 36, 32, 52], [18, 38, 22, 42]]) / 64  # (2, 4)
assert 4 * (24 / 64) - 1 == 0.5
assert np.sqrt(16 / 64) == 0.5
cell_boxes, cell_labels = grid_targets(two, [2, 1], 4)  # (16, 4), (16,)
assert cell_labels.reshape(4, 4)[2, 1] == 2
assert cell_boxes[2 * 4 + 1].tolist() == [0.5, 0.75, 0.25, 0.25]
print("objects:", len(two), " cells with an object:", (cell_labels > 0).sum())

# %% [markdown]
# ### Which of the two boxes learns it
#
# Now the network predicts two boxes in this cell (a and b are the roots of width and height):
#
# | | x | y | a | b | confidence | in pixels | IoU |
# | --- | --- | --- | --- | --- | --- | --- | --- |
# | **box 1** | 0.75 | 0.75 | 0.5 | 0.5 | 0.9 | 16 x 16, 4 too far right | 12·16 / (2·256 - 192) = **0.6** |
# | **box 2** | 0.5 | 0.75 | 0.25 | 0.25 | 0.4 | 4 x 4, in the middle | 16 / 256 = 0.0625 |
#
# The box with the largest IoU *now* is **responsible** for the object: box 1. Only it learns the object, and its
# confidence should be 0.6, which is its IoU. It says 0.9, so it is too sure. Box 2 should say 0: nothing.
#
# In a figure, with boxes of another cell:

# %%
image, example_boxes, _, _ = example(size=300)
figure, ax = new_figure(size=(5, 5))
truth = example_boxes[1]
pair = np.stack([truth + [-70, 30, 20, -40], truth + [10, -14, 4, 8]])
draw_responsible(ax, image, truth, pair)
show(figure, "A wide box and a box that fits; the second is responsible.")

# %% [markdown]
# ### What it costs
#
# Equation 3 of the paper sums squares. For our cell, with 2 as the right class of three, and the class numbers (0.2,
# 0.7, 0.1):
#
# | term | weight | | |
# | --- | --- | --- | --- |
# | x, y of the responsible box | 5 | 5 · (0.75 - 0.5)² | 0.3125 |
# | a, b of the responsible box | 5 | 5 · 0 | 0 |
# | its confidence | 1 | (0.9 - 0.6)² | 0.09 |
# | the confidence of every other box, also of box 2 | 0.5 | 0.5 · 0.4² | 0.08 |
# | classes, in cells with an object | 1 | 0.2² + 0.3² + 0.1² | 0.14 |
#
# The sum is 0.6225. Here is the gradient of the two confidences $C_1$ and $C_2$. The IoU of box 1 counts as a
# *constant*: no gradient goes through it.
#
# $$\partial L / \partial C_1 = 2 \, (C_1 - \mathrm{IoU}) = 0.6$$
#
# $$\partial L / \partial C_2 = 2 \cdot 0.5 \, C_2 = 0.4$$

# %%
out = np.zeros((1, 4, 4, 13))  # row, column; two boxes of five numbers, three classes
box_1, box_2 = [0.75, 0.75, 0.5, 0.5, 0.9], [0.5, 0.75, 0.25, 0.25, 0.4]
out[0, 2, 1] = box_1 + box_2 + [0.2, 0.7, 0.1]
loss, dout, terms = yolo_loss(out, cell_boxes[None], cell_labels[None])
assert np.allclose(terms[:5], [0.3125, 0, 0.09, 0.08, 0.14])
assert np.isclose(loss, 0.6225)
assert np.allclose(dout[0, 2, 1, [4, 9]], [0.6, 0.4])
assert np.isclose(dout[0, 2, 1, 0], 2 * 5 * 0.25)
print(f"loss {loss:.4f}; responsible boxes of each kind: {terms.wins}")

# %% [markdown]
# `wins` counts how often the first and the second box were responsible. If one of them never wins, it is never trained.
#
# ### Why small objects suffer
#
# Let x and y be wrong by 0.1. In YOLO this is a tenth of a *cell*. If a cell has 40 pixels, the box is 4 pixels off,
# however large it is. For an object of 20 pixels, an intersection of 16 x 16 is left:
#
# $$\mathrm{IoU} = 256 / (2 \cdot 400 - 256) = 0.47$$
#
# In SSD the unit is a tenth of the *default box*. An error of 1 is 2 pixels for a box of 20, and 10 for a box of 100.
# The IoU is the same for all:
#
# $$\mathrm{IoU} = 0.9^2 / (2 - 0.9^2) = 0.68$$

# %%
from numpyssd.model.box_coding import decode as decode_offsets

for side in (20, 60, 100):
    at = np.array([[100, 100, 100 + side, 100 + side]], float)
    center_and_size = np.array([[100 + side / 2, 100 + side / 2, side, side]])
    yolo = iou(at, at + 4)[0, 0]  # a tenth of a cell of 40 pixels
    ssd = iou(at, decode_offsets(np.array([[1.0, 1, 0, 0]]), center_and_size))[0, 0]
    print(f"object of {side:3} px: YOLO {yolo:.2f}, SSD {ssd:.2f}")
    assert side > 20 or np.isclose(yolo, 256 / (2 * 400 - 256))
    assert np.isclose(ssd, 0.9**2 / (2 - 0.9**2))

# %% [markdown]
# At the usual threshold of 0.5, YOLO's box of the small object counts as wrong, and those of the large ones as right.
# The loss does not see a difference: the same error in x costs the same.
#
# For the size, the paper does something: it lets the network predict *roots*. An error of the width then costs more in
# a small box. It is only a part of the remedy.

# %%
figure, ax = new_figure(size=(6, 3.8))
draw_roots(ax)
show(
    figure,
    "The same error of a width costs more in a narrow box, if roots are compared.",
)

# %% [markdown]
# ## Loops you can read
#
# First the targets: one object after the other takes its cell, unless it is taken.


# %%
def targets_by_loops(boxes, labels, grid):
    """Return for each cell (row, column) its class, and x, y, width, height."""
    classes, found = np.zeros((grid, grid), int), np.zeros((grid, grid, 4))
    for (x1, y1, x2, y2), label in zip(boxes, labels):
        x, y = (x1 + x2) / 2 * grid, (y1 + y2) / 2 * grid
        column, row = min(int(x), grid - 1), min(int(y), grid - 1)
        if classes[row, column] == 0:
            classes[row, column] = label
            found[row, column] = x - column, y - row, x2 - x1, y2 - y1
    return classes, found


classes, _ = targets_by_loops(boxes, labels, 7)
print("cells with an object:", (classes > 0).sum(), "of 49, for 20 objects")

# %% [markdown]
# The `min` is for an object whose center lies on the right edge of the image: the cell to the right of the last does
# not exist.
#
# Then the loss of a cell. A box is a row (x, y, a, b, confidence); for its IoU we need its corners.


# %%
def corners(row, grid):
    """Return a box (1, 4) xyxy in units of the image, from the corner of its cell."""
    x, y, w, h = row[0] / grid, row[1] / grid, row[2] ** 2, row[3] ** 2
    return np.array([[x - w / 2, y - h / 2, x + w / 2, y + h / 2]])


def overlap(row, truth, grid):
    """Return the IoU of a row with x, y, width, height."""
    truth = [*truth[:2], *np.sqrt(truth[2:])]
    return iou(corners(row, grid), corners(truth, grid)).item()


# %% [markdown]
# `values` are the 5 B + C numbers of a cell, `truth` is x, y, width, height, or `None`.


# %%
def loss_of_a_cell(values, truth, label, grid, boxes_per_cell=2):
    rows = values[: 5 * boxes_per_cell].reshape(boxes_per_cell, 5)
    if truth is None:
        return sum(0.5 * row[4] ** 2 for row in rows)
    overlaps = [overlap(row, truth, grid) for row in rows]
    best = int(np.argmax(overlaps))
    x, y, a, b, confidence = rows[best]
    loss = 5 * ((x - truth[0]) ** 2 + (y - truth[1]) ** 2)
    loss += 5 * ((a - truth[2] ** 0.5) ** 2 + (b - truth[3] ** 0.5) ** 2)
    loss += (confidence - overlaps[best]) ** 2
    loss += sum(0.5 * row[4] ** 2 for i, row in enumerate(rows) if i != best)
    for c, p in enumerate(values[5 * boxes_per_cell :], start=1):
        loss += (p - (c == label)) ** 2
    return loss


# %%
print(f"{loss_of_a_cell(out[0, 2, 1], cell_boxes[9], 2, 4):.4f}")

# %% [markdown]
# That is the number by hand. `corners` may leave out the column and the row of the cell: both boxes lack them, and no
# IoU changes. To *decode* a box they must be added:


# %%
def decode_by_loops(out, boxes_per_cell=2):
    """Return boxes (K, 4) xyxy in units of the image; out: (S, S, 5 B + C)."""
    grid, found = len(out), []
    for row in range(grid):
        for column in range(grid):
            for k in range(boxes_per_cell):
                x, y, a, b, _ = out[row, column, 5 * k : 5 * k + 5]
                place = [x + column, y + row, a, b]
                found.append(corners(place, grid)[0])
    return np.array(found)  # (K, 4)


print((decode_by_loops(out[0])[18:20] * 64).round(1))

# %% [markdown]
# These are box 1 and box 2 in pixels: they are at the indices 18 and 19, because row 2, column 1 is the tenth cell.
#
# ## The check
#
# The loops against the library, on 30 scenes of up to 12 objects and random outputs. Cells are indices, and not a
# single one may differ. The losses are sums of some hundred numbers around 1 in float64: we expect a relative error of
# some 1e-16 and accept 1e-12.

# %%
rng, differences, error, decoded = np.random.default_rng(0), 0, 0, 0
for _ in range(30):
    count = rng.integers(1, 13)
    low = rng.uniform(0, 0.8, (count, 2))
    scene = np.concatenate([low, low + rng.uniform(0.05, 0.2, (count, 2))], axis=1)
    kinds = rng.integers(1, 4, count)
    cell_boxes, cell_labels = grid_targets(scene, kinds, 7)  # (49, 4), (49,)
    classes, found = targets_by_loops(scene, kinds, 7)
    differences += (classes.ravel() != cell_labels).sum()
    said = rng.uniform(0.2, 0.8, (1, 7, 7, 13))
    ours = yolo_loss(said, cell_boxes[None], cell_labels[None])[0] * (classes > 0).sum()
    truths = [t if c else None for t, c in zip(found.reshape(-1, 4), classes.ravel())]
    rows = zip(said.reshape(-1, 13), truths, classes.ravel())
    error = max(error, abs(sum(loss_of_a_cell(*row, 7) for row in rows) / ours - 1))
    decoded = max(decoded, abs(decode(said, 2)[0][0] - decode_by_loops(said[0])).max())

# %% [markdown]
# The library divides the loss by the number of objects of the batch; we multiply by it again to compare the sums.

# %%
assert differences == 0
assert error < 1e-12
assert decoded < 1e-12
print(f"{differences} of {30 * 49} cells differ (expected: 0)")
print(f"loss: relative error {error:.0e} (expected: below 1e-12)")
print(f"decoding: largest difference {decoded:.0e} (expected: below 1e-12)")

# %% [markdown]
# ## The library's code

# %%
show_source(objects_of_cells, responsible_boxes, yolo_loss)

# %% [markdown]
# Three things are new against the loops.
#
# * `objects_of_cells` can *shuffle* the objects first. Then another object of a crowded cell has its turn in each
#   epoch. In one epoch it is still lost.
# * `responsible_boxes` has a second rule, for the case that no box of the cell overlaps the object: the nearest one
#   wins. The paper does not mention it; its released program, Darknet, has it. Without it, `argmax` of zeros would
#   always choose box 1.
# * The gradients stand beside the terms. `dout` is written through views, which have the shape of boxes, confidences
#   and classes.
#
# ### All steps together
#
# This is how the output of a trained network may look, for the example: each cell says the class of the object that is
# nearest to it, and the four cells with an object are sure of one box, which is nearly right. All other boxes have a
# low confidence, so they detect nothing, whatever their class.

# %%
_, truth, kinds, _ = example(size=300)
cell_boxes, cell_labels = grid_targets(truth / 300, kinds, 7)
middles = np.indices((7, 7))[::-1].reshape(2, 49).T + 0.5  # (49, 2) x, y in cells
centers = (truth[:, :2] + truth[:, 2:]) / 2 * 7 / 300  # (4, 2)
nearest = np.linalg.norm(middles[:, None] - centers, axis=2).argmin(axis=1)  # (49,)
said = rng.normal(0, 0.03, (49, 10 + 5)) + [*[0.5, 0.5, 0.4, 0.4, 0.05] * 2, *[0] * 5]
said[np.arange(49), 10 + kinds[nearest] - 1] += 0.9
own = np.flatnonzero(cell_labels)
said[own, :4] += cell_boxes[own] ** [1, 1, 0.5, 0.5] - [0.5, 0.5, 0.4, 0.4]
said[own, 4] = 0.9

# %% [markdown]
# From left to right: the class of each cell, all 98 boxes, and those whose score is over 0.2. A score is confidence
# times class (equation 1 of the paper).

# %%
figure, axes = new_figure(1, 3, size=(10, 3.8))
draw_decoding(axes, image, said.reshape(7, 7, 15), 2, CLASS_NAMES)
for ax in axes:
    ax.title.set_fontsize(9)
show(figure, "The classes of 49 cells, their boxes, and the four that are sure.")

# %% [markdown]
# ### Where SSD does not win
#
# Default boxes have a price. Here are the multiply-adds of two small networks of numpyssd, for an image of 300 x 300
# and the *same* layers up to conv7; what comes after it is the head. SSD predicts four offsets and all classes for each
# of 8732 boxes, by 3 x 3 convolutions on six maps. YOLO predicts 98 boxes.

# %%
from dataclasses import replace
from numpyssd.model.summary import summary as ssd_summary
from numpyssd.rivals.yolo.config import YOLO_COMPACT
from numpyssd.rivals.yolo.summary import summary as yolo_summary
from numpyssd.config import COMPACT


def cost(rows):
    """Return millions of multiply-adds up to conv7 and after it, and the weights."""
    last = [row.layer for row in rows].index("conv7") + 1
    counts = [row.multiply_adds / 1e6 for row in rows]
    return sum(counts[:last]), sum(counts[last:]), sum(row.parameters for row in rows)


# %%
heads = {"SSD": [], "YOLO": []}
for kinds in (3, 20, 80):
    ssd_rows = ssd_summary(replace(COMPACT, num_classes=kinds + 1))
    yolo_rows = yolo_summary(replace(YOLO_COMPACT, num_classes=kinds + 1))
    for name, rows in (("SSD", ssd_rows), ("YOLO", yolo_rows)):
        base, head, weights = cost(rows)
        heads[name].append(head)
        print(f"{kinds:2} classes, {name:4}: head {head:4.0f} million,", end=" ")
        number = sum(row.default_boxes for row in rows)
        print(f"{weights / 1e6:.1f} M weights, {number:4} boxes")
print(f"all: {base:.0f} million up to conv7")

# %% [markdown]
# A class costs SSD a number for each of its *boxes*, and YOLO a number for each cell. So the more classes, the more
# YOLO's head saves: it is 6 times as cheap with 3 classes, 16 times with 20, and 49 times with 80. Decoding and NMS
# have 98 boxes in place of 8732. So YOLO has less to compute, on the same layers and the same image: here SSD does not
# win.
#
# SSD's paper reports 59 images a second for SSD300 and 45 for YOLO. But that is 8 images at a time against one, 300
# pixels against 448, and another program. One at a time, SSD300 has 46 ([entry
# 25](paper_caffe_others.md#25-frames-a-second)).
#
# In weights, YOLO saves nothing. Its connected layers have most of them.

# %%
ratios = np.divide(heads["SSD"], heads["YOLO"])
assert ratios.round().tolist() == [6, 16, 49]
connected = sum(row.parameters for row in yolo_rows if row.layer.startswith("fc"))
total = sum(row.parameters for row in yolo_rows)
assert connected > total / 2
print("SSD's head over YOLO's, for 3, 20 and 80 classes:", ratios.round(1))
print(f"{connected} of YOLO's {total} weights are in its two connected layers")

# %% [markdown]
# ## Break it
#
# Here is the gradient of the confidences as a well known port has it: cells with an object train their responsible box,
# cells without one train all boxes to say 0. It reads well. What is missing? And what will the second box of an
# object's cell say after training?


# %%
def confidence_gradient_with_a_bug(confidences, overlaps, has_object):
    if not has_object:
        return 2 * 0.5 * confidences
    gradient, best = np.zeros(len(confidences)), np.argmax(overlaps)
    gradient[best] = 2 * (confidences[best] - overlaps[best])
    return gradient


overlaps, start = np.array([0.6, 0.0625]), np.array([0.9, 0.4])  # the cell by hand
right = check.EXERCISES["confidence_gradient"].answer
for name, gradient in (("right", right), ("bug", confidence_gradient_with_a_bug)):
    confidences = start.copy()
    for _ in range(100):
        confidences -= 0.1 * gradient(confidences, overlaps, True)
    print(f"{name:5}: box 1 says {confidences[0]:.2f}, box 2 says {confidences[1]:.2f}")
assert confidences[1] == 0.4

# %% [markdown]
# Box 2 never learns that it is wrong. It keeps the confidence that it began with, and it has the class of the object,
# which both boxes share: a second detection. NMS removes it only if its IoU with box 1 is over 0.45, and here it is
# 0.06. In the paper's notation the term has a 1 for every box that is *not responsible*, and not for every cell that is
# empty.
#
# This is issue 137 of `aladdinpersson/Machine-Learning-Collection`, a much copied tutorial ("Issues with the YOLO V1
# Loss Function", open since 2022). It names two more: the confidence learns 1 and not the IoU, and the sum is not
# divided by the batch. Here the two confidences are free numbers. In a network the same weights output the confidence
# of box 2 when its cell is empty, and then they learn 0. So the bug shows less. How much, we have not measured.
#
# Another bug, at first sight closer to the paper, which has a root in its loss. Take the network's output for the width
# itself, and its root in the loss:

# %%
width = np.array([0.25, 1e-6, -0.01])  # outputs are linear: nothing keeps them above 0
with np.errstate(invalid="ignore"):
    gradient = 5 * (1 - np.sqrt(0.25 / width))  # of 5 (root of width - root of 0.25)^2
print("outputs", width, "have the gradients", gradient.round(1))
assert np.isnan(gradient[2])

# %% [markdown]
# The gradient goes to minus infinity, and then is NaN, and with it all weights (DeepBaksuVision/You_Only_Look_Once,
# issue 7). If the output *is* the root, both are harmless: its square is a width, whatever its sign.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("responsible")` helps twice, and then gives the answer.
#
# ### Warm-up: the responsible box
#
# `overlaps` are the IoUs of the B boxes of a cell with its object, `apart` their distances from it. The largest IoU
# wins; if all IoUs are 0, the smallest distance. Of equal ones the first.


# %%
def my_responsible(overlaps, apart):
    """Return the index of the responsible box."""
    ...


check.responsible(my_responsible)
check.answer("responsible")

# %% [markdown]
# ### Core: decode a box
#
# `values` are x, y, a, b of one box of a cell. Where does it lie in the image?


# %%
def my_decode_cell(values, row, column, grid):
    """Return the box (4,) xyxy in units of the image."""
    ...


check.decode_cell(my_decode_cell)
check.answer("decode_cell")

# %% [markdown]
# ### Core: the gradient of the confidences
#
# Without the bug from above, for a cell with or without an object. If there is one, some box overlaps it; if there is
# none, ignore the `overlaps`.


# %%
def my_confidence_gradient(confidences, overlaps, has_object):
    """Return the gradient (B,) of the loss with respect to the confidences (B,)."""
    ...


check.confidence_gradient(my_confidence_gradient)
check.answer("confidence_gradient")

# %% [markdown]
# ### Core: the gradient of a responsible box
#
# `values` are its x, y, a, b and C, `truth` is x, y, width, height of the object. `overlap` is their IoU, and
# `overlap_gradient` is how the IoU changes with x, y, a and b. Do you need all of them?


# %%
def my_box_gradient(values, truth, overlap, overlap_gradient):
    """Return the gradient (5,) of the loss with respect to values (5,)."""
    ...


check.box_gradient(my_box_gradient)
check.answer("box_gradient")

# %% [markdown]
# ### Stretch: who wins, without a loop
#
# The first exercise for P cells at once: `overlaps` and `apart` are (P, B). How often is each of the B boxes
# responsible? A box with a 0 is the one to look for.


# %%
def my_count_wins(overlaps, apart):
    """Return the number of wins (B,) of each box."""
    ...


check.count_wins(my_count_wins)
check.answer("count_wins")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# YOLO's released program is Darknet, not Caffe.
#
# | | |
# | --- | --- |
# | **the paper** | one object a cell; the box with the largest IoU is responsible; its confidence learns the IoU; weights 5 and 0.5 (section 2.2, equation 3) |
# | **Darknet** | shuffles the objects, the first of a cell stays; where all IoUs are 0, the nearest box; half of the gradient; divided by the images; leaves out objects thinner than 0.005 of the image |
# | **others** | darkflow: the last object of a cell wins (issue 356). aladdinpersson: the confidence learns 1; the other box of an object's cell learns nothing (issue 137) |
# | **numpyssd** | as Darknet, but with the whole gradient, and divided by the *objects* of the batch, as SSD; `confidence_target="one"` and `divisor="images"` are there to compare |
#
# Where SSD differs, in the words of the same page: [8. What the loss is divided
# by](paper_caffe_others.md#8-what-the-loss-is-divided-by), [10. What makes a negative
# hard](paper_caffe_others.md#10-what-makes-a-negative-hard), [29. A default box for every
# object](paper_caffe_others.md#29-a-default-box-for-every-object).
#
# ## Questions readers ask
#
# **A cell predicts two boxes. Why not two objects?** They share one set of classes, and only one of them is responsible
# for the cell's one object. The second box is a second try. In training the boxes specialize, one in wide objects and
# one in tall ones, say.
#
# **Must an object fit into its cell?** No. Only its center lies there. The box may be as large as the image.
#
# **Are the lost objects the reason why YOLO has 10.9 mAP less than SSD (lesson 00)?** Hardly. Most photographs of VOC
# have few objects, and 7 x 7 cells lose few of them. The larger part is *where* the boxes are: in the YOLO paper's own
# count (its figure 4), 19 % of its top detections have the right class and a bad box, against 8.6 % of Fast R-CNN's.
# "Why small objects suffer" is one reason: there is no default box to start from.
#
# **Does YOLO need hard negative mining?** It has 98 boxes, and not 8732. The weight of 0.5 is enough.
#
# **Can a score be over 1, or below 0?** Yes. All outputs are linear, there is no softmax. SSD's scores are
# probabilities.
#
# **Did later versions keep this?** YOLO's second version (2017) has default boxes, which it calls anchors, on one map;
# the third has them on three maps. They moved towards SSD.
#
# **Can I train it here?** `python -m numpyssd.train --tiny --detector yolo` takes some minutes. `python -m
# benchmarks.rivals` compares it with SSD and Faster R-CNN, on the same images.
#
# ## Recap
#
# 1. The cell with the center learns the object, one object a cell: in a flock of 20, a grid of 7 x 7 loses 7, and SSD's matching none.
# 2. The box with the best IoU is responsible and its confidence learns that IoU, a constant; every other box learns 0, also in the same cell.
# 3. One grid is cheap: 20 million multiply-adds after conv7, where SSD needs 114 (3 classes) or 326 (20). But a tenth of a cell is much for a small object.
