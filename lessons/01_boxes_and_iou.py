# %% [markdown]
# # 01 · Boxes and IoU
#
# **Goal.** Write a box as four numbers in two ways, and say by one number between 0 and 1 how well two boxes agree.
#
# You need: NumPy arrays and their shapes. Time: 45 minutes with the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, draw_iou, draw_ladder, iou, xyxy_to_cxcywh
from numpyssd.datasets.shapes import example
from numpyssd.drawing import new_figure
from lessons.course import check
from lessons.course.widgets import boxes as box_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here

you_are_here("default boxes", "matching", "NMS", "evaluation")

# %% [markdown]
# Nearly every part of a detector asks how much two boxes overlap. Which of the thousands of default boxes is matched to
# an object (matching)? Which of two detections is a repetition (NMS)? Is a detection a true positive (evaluation)? The
# question is always the same, and the answer is always **IoU**: intersection over union.
#
# ## The figure
#
# One object, its box in green, and a copy of the box (orange, dashed) that moves away. Blue is the part that they
# share: the intersection.

# %%
image, boxes, labels, class_names = example(size=300)
figure, axes = new_figure(1, 3, size=(12, 4.7))
draw_ladder(axes, image, boxes[0])
show(figure, "A box and a copy of it moved by 10, 33 and 60 %: IoU 0.82, 0.50, 0.25.")

# %% [markdown]
# A box a third of its width off still looks right, but its IoU is only 0.5. Now try it yourself: where do the boxes
# have to lie for an IoU of 0.5? And can two boxes that share *all* of one of them have a small IoU?

# %%
figure, ax = new_figure(size=(6, 3.9))
paper = np.full((14, 24, 3), 255, np.uint8)
draw_iou(ax, paper, np.array([6, 3, 14, 9]), np.array([10, 5, 18, 11]))
show_widget(
    box_widgets.two_boxes(), figure, "Two boxes share 16 squares and cover 80: 0.20."
)

# %% [markdown]
# ## By hand
#
# An image's x axis points to the right and its y axis **down**, as you read. A box is the four numbers
# `(x_min, y_min, x_max, y_max)`, which we call `xyxy`. Corners lie *between* pixels: pixel 0 reaches from 0 to 1, so
# that the box `(0, 0, 3, 2)` holds exactly 3 x 2 = 6 pixels.
#
# Take a sheet of squared paper, and draw `(0, 0, 3, 2)` and `(1, 0, 4, 2)`. They share the columns from 1 to 3, which
# is 2 x 2 = 4 squares: the *intersection*. Together they cover 6 + 6 squares, but the 4 shared ones were counted twice.
# The *union* is 6 + 6 - 4 = 8. So
#
# $$\mathrm{IoU}(a, b) = \frac{\mathrm{shared}}{\mathrm{area}_a + \mathrm{area}_b - \mathrm{shared}}$$
#
# $$\frac{4}{6 + 6 - 4} = \frac{1}{2}$$

# %%
a = np.array([0, 0, 3, 2])
b = np.array([1, 0, 4, 2])
assert iou([a], [b])[0, 0] == 4 / (6 + 6 - 4) == 0.5
print("IoU of", a, "and", b, "=", iou([a], [b])[0, 0])

# %% [markdown]
# The other way to write a box is its center, width and height, `cxcywh`. In this form, a network can say more easily "a
# little more to the left" and "twice as wide".
#
# $$c_x = \frac{x_{\min} + x_{\max}}{2} \qquad w = x_{\max} - x_{\min}$$

# %%
center_form = xyxy_to_cxcywh([[1, 0, 4, 2]])
assert center_form.tolist() == [[(1 + 4) / 2, (0 + 2) / 2, 4 - 1, 2 - 0]]
assert cxcywh_to_xyxy(center_form).tolist() == [[1, 0, 4, 2]]
print("xyxy (1, 0, 4, 2) is cxcywh", tuple(center_form[0].tolist()))

# %% [markdown]
# ## Loops you can read
#
# The definition needs no formula: look at every square of the paper, and count. This is slow, but it cannot be wrong.
# So it is our specification, and everything faster has to agree with it.


# %%
def iou_by_counting(a, b, side=12):
    """Return the IoU of two boxes with whole-numbered corners from 0 to side."""
    shared, covered = 0, 0
    for y in range(side):
        for x in range(side):
            in_a = a[0] <= x < a[2] and a[1] <= y < a[3]
            in_b = b[0] <= x < b[2] and b[1] <= y < b[3]
            shared += in_a and in_b
            covered += in_a or in_b
    return shared / covered


print(iou_by_counting(a, b))

# %% [markdown]
# Counting is only possible with whole numbers. But along one axis we can say at once how long the shared part is: it
# begins at the *larger* of the two beginnings and stops at the *smaller* of the two ends. If that is negative, the
# boxes are apart, and they share nothing.
#
# $$\mathrm{begin} = \max(a_{x\min}, b_{x\min})$$
#
# $$\mathrm{end} = \min(a_{x\max}, b_{x\max})$$
#
# $$\mathrm{shared\ width} = \max(0, \; \mathrm{end} - \mathrm{begin})$$


# %%
def shared_length(low_a, high_a, low_b, high_b):
    """Return the length of the overlap of two intervals on one axis."""
    return max(0, min(high_a, high_b) - max(low_a, low_b))


assert shared_length(0, 3, 1, 4) == 2  # from 1 to 3
assert shared_length(0, 3, 3, 5) == 0  # they touch
assert shared_length(0, 3, 7, 9) == 0  # apart: 3 - 7 is negative
print("shared area:", shared_length(0, 3, 1, 4) * shared_length(0, 2, 0, 2))

# %% [markdown]
# ## The check
#
# Does the library's `iou` agree with counting? We ask it for 200 pairs of boxes at once. The numbers are float64, which
# keeps about 16 digits, so we expect differences around 1e-16 and accept nothing above 1e-12.

# %%
rng = np.random.default_rng(0)
# (pair, box, low or high, x or y)
corners = np.sort(rng.integers(0, 6, size=(200, 2, 2, 2)), axis=2)
corners[:, :, 1] += rng.integers(1, 6, size=(200, 2, 2))  # no box is empty
pairs = corners.reshape(200, 2, 4).astype(float)  # (pair, box, xyxy)
counted = np.array([iou_by_counting(a, b) for a, b in pairs])
calculated = np.array([iou(a[None], b[None])[0, 0] for a, b in pairs])
error = abs(counted - calculated).max()
assert error < 1e-12
print(f"largest difference {error:.0e} (expected: below 1e-12)")

# %% [markdown]
# Five things must hold for any two boxes. Each line would stop with an error if it did not.

# %%
a, b, stretch = pairs[:, 0], pairs[:, 1], np.array([300, 200, 300, 200])
# The order does not matter; a box agrees with itself; touching is not sharing.
assert (iou(a, b) == iou(b, a).T).all()
assert (iou(a, a).diagonal() == 1).all()
assert iou([[0, 0, 2, 2]], [[2, 0, 4, 2]])[0, 0] == 0
# The unit does not matter; an empty box gives no NaN, which 0 / 0 would be.
assert abs(iou(a * stretch, b * stretch) - iou(a, b)).max() < 1e-12
assert iou([[1, 1, 1, 1]], [[1, 1, 1, 1]])[0, 0] == 0
print("all five hold; IoU of many with many:", iou(a, b).shape)

# %% [markdown]
# Because of the fourth one, a network may work with boxes in units of the image's side, from 0 to 1, for images of any
# size. The last one matters: a single NaN among 8732 overlaps spoils a whole training run.
#
# ## The library's code
#
# This is what every part of numpyssd calls. It does what you did by hand, for N boxes times M boxes at once: the shape
# `(4, rows, 1)` against `(4, M)` makes NumPy compare every row with every column.

# %%
from numpyssd.boxes import _intersection

show_source(iou, _intersection)

# %% [markdown]
# Two things are new against the loop. It works through a few rows at a time, because the intermediate numbers then stay
# in the processor's cache. And `tiny` replaces a union of 0, so that empty boxes give 0 and not NaN.
#
# ## Break it
#
# Many projects have published this version. It has a few characters too many, in six places. Before you read on: for
# which boxes is it nearly right, and for which is it nonsense?


# %%
def iou_with_a_bug(a, b):
    width = max(0, min(a[2], b[2]) - max(a[0], b[0]) + 1)
    height = max(0, min(a[3], b[3]) - max(a[1], b[1]) + 1)
    area_a = (a[2] - a[0] + 1) * (a[3] - a[1] + 1)
    area_b = (b[2] - b[0] + 1) * (b[3] - b[1] + 1)
    return width * height / (area_a + area_b - width * height)


large, moved = np.array([50, 50, 250, 250]), np.array([110, 50, 310, 250])
# In units of the image's side:
apart = np.array([[0.1, 0.1, 0.2, 0.2], [0.8, 0.8, 0.9, 0.9]])
print("            right  with the bug")
for name, (a, b) in {"in pixels": (large, moved), "far apart": apart}.items():
    print(f"{name:10} {iou([a], [b])[0, 0]:6.3f} {iou_with_a_bug(a, b):13.3f}")

# %% [markdown]
# The `+ 1` belongs to *another* way to write a box, in which `x_max` is the number of the last pixel inside: from pixel
# 0 to pixel 2 there are 3. Pascal VOC's files and its own evaluation program use this form. With large boxes in pixels
# the error is small. With boxes in units of the image's side, two boxes at opposite corners overlap.
#
# It happens to good projects. In `amdegroot/ssd.pytorch`, `eval.py` writes detections with 1 added and reads the ground
# truth with 1 subtracted: every detection is one pixel off ([entry 16](paper_caffe_others.md#16-one-pixel-off) of the
# page *The paper, Caffe, and the others* measures what it costs).
#
# ## Exercises
#
# Replace the `...`, and run the cell again (in a page: press Run). Each check tries tiny cases first, shows you the
# first that fails, and knows the usual mistakes by name. `check.hint("iou")`, typed below your function, helps twice,
# and then gives the answer.
#
# ### Warm-up: exactly one half
#
# Build two boxes whose IoU is exactly 0.5. The pair above, `(0, 0, 3, 2)` and `(1, 0, 4, 2)`, does not count: find
# another.


# %%
def half_iou():
    """Return two boxes (4,) xyxy."""
    ...


check.half_iou(half_iou)
check.answer("half_iou")

# %% [markdown]
# ### Core: the IoU of two boxes
#
# Use `min` and `max` as in `shared_length`. Mind the boxes that are apart along *both* axes.


# %%
def my_iou(a, b):
    """Return the IoU of two boxes (4,) xyxy."""
    ...


check.iou(my_iou)
check.answer("iou")

# %% [markdown]
# ### Stretch: all with all, without a loop
#
# `a` is `(N, 4)` and `b` is `(M, 4)`; return `(N, M)`.


# %%
def my_iou_matrix(a, b):
    """Return the IoU (N, M) of every box of a with every box of b."""
    ...


check.iou_matrix(my_iou_matrix)
check.answer("iou_matrix")

# %% [markdown]
# ### Stretch: a number that knows how far apart
#
# IoU is 0 for all boxes that are apart, near or far. *Generalized* IoU subtracts the fraction of the smallest box
# around both that is empty. It falls further below 0 as the boxes move apart:
#
# $$\mathrm{GIoU} = \mathrm{IoU} - \frac{\mathrm{around} - \mathrm{covered}}{\mathrm{around}}$$

# %%
giou = check.EXERCISES["giou"].answer
assert giou((0, 0, 1, 1), (2, 0, 3, 1)) == 0 - (3 - 2) / 3
assert giou((0, 0, 1, 1), (9, 0, 10, 1)) == 0 - (10 - 2) / 10


def my_giou(a, b):
    """Return the generalized IoU of two boxes (4,) xyxy."""
    ...


check.giou(my_giou)
check.answer("giou")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | calls it "jaccard overlap" (section 2.2), and says nothing of pixels |
# | **Caffe** | trains with boxes in units of the image's side and without the +1; evaluates with the +1, as VOC's own program |
# | **others** | ChainerCV adds the +1; amdegroot and sgrvinod do not |
# | **numpyssd** | corners between pixels. A VOC box (1-based, inclusive) becomes `(xmin - 1, ymin - 1, xmax, ymax)`, and then plain IoU *is* the IoU of VOC's program |
#
# More of it: [15. Plus one pixel](paper_caffe_others.md#15-plus-one-pixel),
# [17. VOC's corners](paper_caffe_others.md#17-vocs-corners).
#
# ## Questions readers ask
#
# **What is a good IoU?** From 0.5 on, VOC counts a detection as a true positive, and a default box is matched to an
# object. The figure above shows what 0.5 looks like: the box is a third of its width off.
#
# **Why not the distance of the centers?** 10 pixels are nothing for a bus and everything for a bird. IoU does not
# change with the size, as the fourth check showed.
#
# **Can the IoU be large while the centers are far apart?** No. But a box that lies completely *inside* another may
# still have an IoU of only 0.25: choose "smaller" in the widget, and move it inside.
#
# **Why is IoU not used as the loss, then?** For boxes that are apart it is always 0, so its gradient does not say in
# which direction to move. SSD lets the network learn four *offsets* instead (lesson 09). Losses built on GIoU came
# later.
#
# **Does a box that only touches count?** No. The shared area is 0.
#
# ## Recap
#
# 1. A box is `xyxy` or `cxcywh`; corners lie between pixels, y points down.
# 2. IoU = shared / (one area + the other - shared): 1 for equal boxes, 0 for boxes that are apart, the same in any
#    unit.
# 3. Clamp the shared width *and* height at 0 before you multiply; never add a `+ 1`; avoid 0 / 0.
