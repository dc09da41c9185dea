# %% [markdown]
# # 08 · Default boxes
#
# **Goal.** Say of each of SSD300's 8732 default boxes where it lies, how large it is, and which row of the network's
# output belongs to it.
#
# You need: boxes and IoU ([lesson 01](01_boxes_and_iou.ipynb)); that convolutions turn an image into a *feature map*,
# a coarser grid of cells ([lesson 07](07_feature_maps_and_predictors.ipynb)). Time: 60
# minutes with the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.config import SSD300
from numpyssd.datasets.shapes import example
from numpyssd.drawing import new_figure
from lessons.course import check
from lessons.course.widgets import boxes as box_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here
from numpyssd.model.default_boxes import cell_sizes, default_boxes, map_boxes
from numpyssd.model.default_boxes import draw_all_maps, draw_default_boxes

you_are_here("default boxes")

# %% [markdown]
# How can a network that always gives the same number of outputs find one object in one image and twelve in the next?
# SSD lays 8732 boxes over every image, the same in each. These are the **default boxes** (also called priors,
# or anchors). For each of them the network says two things: *what* is in it, if anything, and *how to move it* so that
# it fits. For most of them it says "nothing here". There is no search: the boxes are everywhere.
#
# ## The figure
#
# SSD predicts from six feature maps. The first two come out of the base network (conv4_3 and conv7), the other four out
# of layers added behind it. Each map is a grid over the image, and each cell has 4 or 6 boxes around its center. Fine
# grids have small boxes, coarse grids large ones.

# %%
image, objects, _, _ = example(size=300)
figure, axes = new_figure(2, 3, size=(10, 7.4))
draw_all_maps(axes, image, SSD300)
show(figure, "Six grids, from 38 x 38 cells to a single one; one cell's boxes in each.")

# %% [markdown]
# The cell is gray. Its squares are dark, its wide and tall boxes purple. They are larger than the cell and overlap with
# those of the next cell. Only the last map is different: its one cell is the whole image. Its squares are smaller than
# that, and its wide and tall boxes (373 x 187 and 187 x 373 pixels) are longer on one side and narrower on the other.
# Boxes at the edges extend beyond the image: they are not clipped.
#
# The network's output is a table with one row for each default box. Walk through its rows. When does the box change,
# when the cell, when the map?

# %%
first = 5776 + 2166 + (5 * 10 + 5) * 6  # the third map, row 5, column 5
widget = box_widgets.all_rows(SSD300, image, first)
figure, ax = new_figure(size=(4.4, 4.7))
draw_default_boxes(ax, image, SSD300.feature_maps[2], SSD300)
show_widget(
    widget, figure, "The 10 x 10 cells of conv8_2, and the six boxes of one cell."
)

# %% [markdown]
# The [playground](playground.md) draws the default boxes of any cell over what you draw, with the score of each and the
# box that it becomes. Push a shape there by a pixel: at some point another default box takes it over.
#
# ## By hand
#
# Take an image of 12 x 12 pixels and a feature map of 3 x 3 cells. A cell covers 12 / 3 = 4 pixels: that is the map's
# **step**. Cell 0 reaches from 0 to 4, its center is 2; cell 2 reaches from 8 to 12, its center is 10.
#
# $$c_i = (i + \frac{1}{2}) \cdot \mathrm{step}$$

# %%
step = 4
centers = [(i + 1 / 2) * step for i in range(3)]
assert centers == [2, 6, 10]
print("centers along x, and along y:", centers)

# %% [markdown]
# Now the shapes. The map has a **scale** of 4 pixels, and the next map one of 9. Two boxes are squares: one with the
# side 4, one with a side between this scale and the next, the geometric mean of both:
#
# $$s' = \sqrt{s \cdot s_{\mathrm{next}}} = \sqrt{4 \cdot 9} = 6$$
#
# The others have an **aspect ratio** r, which is width over height, and the same area as the small square:
#
# $$w = s \sqrt{r} \qquad h = s \, / \sqrt{r}$$
#
# With r = 4 that is 8 wide and 2 high. Its inverse r = 1/4 is 2 wide and 8 high.

# %%
s, s_next, r = 4, 9, 4
w, h = s * r**0.5, s / r**0.5
assert (s * s_next) ** 0.5 == 6
assert (w, h) == (8, 2)
assert w / h == r  # the ratio is that of the pixels
assert w * h == s * s  # the area is that of the small square
print(f"squares of 4 and 6, a wide box {w:.0f} x {h:.0f}, a tall one {h:.0f} x {w:.0f}")

# %% [markdown]
# So the wide box of the cell in row 1, column 2 is `(10, 6, 8, 2)` as `cxcywh`, or `(6, 5, 14, 7)` as `xyxy`. It ends
# at x = 14, two pixels outside the image.
#
# ### The steps of SSD300
#
# In SSD300 the step is *not* always 300 / size. On the first four maps it is the product of all strides before the map,
# the distance of two units in pixels (lesson 06): 8, 16, 32, 64. Halving has rounded the sizes up, and so the cells
# together are longer than the image: 38 · 8 = 304 pixels, 10 · 32 = 320. On the last two maps the released program
# divides the image by the size: 100 and 300.

# %%
for m in SSD300.feature_maps:
    print(f"{m.name:9} {m.size:2} cells of {m.step:3} px = {m.size * m.step} px")
assert [m.step for m in SSD300.feature_maps] == [8, 16, 32, 64, 100, 300]
assert (38 * 8, 10 * 32) == (304, 320)

# %% [markdown]
# On conv8_2, the last row and the last column of cells lie more than half outside, with their centers. The released
# models were trained like this.
#
# ## Loops you can read
#
# All boxes of one map, in the order of the network's output: row, column, box.


# %%
def boxes_by_loops(size, step, shapes):
    """Return the boxes (size * size * B, 4) cxcywh in pixels of one feature map."""
    boxes = []
    for row in range(size):
        for column in range(size):
            for w, h in shapes:
                x = (column + 0.5) * step  # x grows with the column
                y = (row + 0.5) * step
                boxes.append((x, y, w, h))
    return np.array(boxes)  # (size * size * B, 4)


tiny = boxes_by_loops(3, 4, [(4, 4), (6, 6), (8, 2), (2, 8)])
print("shape", tiny.shape, "| row 1, column 2, wide:", tiny[(1 * 3 + 2) * 4 + 2])

# %% [markdown]
# And the shapes of one cell, in Caffe's order: small square, large square, then for each ratio the wide and the tall
# box.


# %%
def shapes_by_loops(scale, next_scale, ratios):
    """Return width and height (B, 2) of the boxes of a cell."""
    large = (scale * next_scale) ** 0.5
    shapes = [(scale, scale), (large, large)]
    for r in ratios:
        shapes.append((scale * r**0.5, scale / r**0.5))
        shapes.append((scale / r**0.5, scale * r**0.5))
    return np.array(shapes)  # (B, 2)


print(shapes_by_loops(4, 9, [4]).tolist())

# %% [markdown]
# How many are there? A cell has 2 squares and 2 boxes for each aspect ratio: 4 where the only ratio is 2, and 6 where
# the ratios are 2 and 3.
#
# $$38^2 \cdot 4 + 19^2 \cdot 6 + 10^2 \cdot 6 = 8542$$
#
# $$8542 + 5^2 \cdot 6 + 3^2 \cdot 4 + 1^2 \cdot 4 = 8732$$

# %%
assert 38**2 * 4 + 19**2 * 6 + 10**2 * 6 == 8542
total = 0
for m in SSD300.feature_maps:
    per_cell = 2 + 2 * len(m.aspect_ratios)
    count = m.size * m.size * per_cell
    print(f"{m.name:9} {m.size:2} x {m.size:2} x {per_cell} = {count}, from {total}")
    total += count
assert total == 38**2 * 4 + 19**2 * 6 + 10**2 * 6 + 5**2 * 6 + 3**2 * 4 + 1**2 * 4
assert total == 8732
print("default boxes:", total)

# %% [markdown]
# Two thirds of all boxes belong to the finest map: there are many places for small objects.
#
# ## The check
#
# The loops against the library, for all 8732 boxes. It keeps them in float32 and in units of the image's side, so we
# expect differences up to the seventh digit: about 1e-7 for centers up to 1.

# %%
by_loops = []
for m in SSD300.feature_maps:
    shapes = shapes_by_loops(m.scale_px, m.next_scale_px, m.aspect_ratios)
    by_loops.append(boxes_by_loops(m.size, m.step, shapes) / 300)
by_loops = np.concatenate(by_loops)  # (8732, 4)
error = abs(default_boxes(SSD300) - by_loops).max()
assert by_loops.shape == (8732, 4)
assert error < 2e-7
print(f"largest difference {error:.0e} (expected: below 2e-7)")

# %% [markdown]
# An independent program has calculated Caffe's boxes: the first box, the last, and the sum over all. A wrong scale
# anywhere would change the sum.

# %%
boxes = default_boxes(SSD300)
assert np.allclose(boxes[0] * 300, (4, 4, 30, 30))
assert np.allclose(boxes[-1] * 300, (150, 150, 186.676, 373.352))
expected = (4443.94667, 4443.94667, 1510.42928, 1510.42928)
found = boxes.sum(axis=0, dtype=np.float64)
assert np.allclose(found, expected, rtol=1e-6)
print("sums", found.round(3), "(expected 4443.947 twice, 1510.429 twice)")

# %% [markdown]
# ### Which row belongs to which box?
#
# That of the predictors' output: map, row, column, box. [Lesson 07](07_feature_maps_and_predictors.ipynb) has the formula
# and its inverse. Here is its example once more, box 2 of the cell (5, 7) of conv8_2. Does this row hold that box?

# %%
row = 5776 + 2166 + (5 * 10 + 7) * 6 + 2
assert row == 8286
assert np.allclose(boxes[row, :2] * 300, ((7 + 0.5) * 32, (5 + 0.5) * 32))
assert np.isclose(boxes[row, 2] / boxes[row, 3], 2)  # box 2 is the wide one
print("row", row, "is", (boxes[row] * 300).round(1), "px")

# %% [markdown]
# All six boxes of a cell, and their rows:

# %%
widget = box_widgets.boxes_of_cells(SSD300, 2, image, first=55)
figure, ax = new_figure(size=(4.4, 4.7))
draw_default_boxes(ax, image, SSD300.feature_maps[2], SSD300)
show_widget(widget, figure, "The six boxes of the cell in row 5, column 5 of conv8_2.")

# %% [markdown]
# ### Why 38, and not 37
#
# SSD's third pooling rounds 37.5 up to 38 (lesson 05). A program that rounds *down* gets 37 and 18, and from them 9, 5,
# 3 and 1. (After the poolings come convolutions with stride 2 or without padding, which always round down.)

# %%
boxes_per_cell = [m.boxes_per_cell for m in SSD300.feature_maps]
for name, sizes in (("up", [38, 19]), ("down", [37, 18])):
    sizes += [(sizes[1] - 1) // 2 + 1]  # 3 x 3, stride 2, padding 1
    sizes += [(sizes[2] - 1) // 2 + 1]
    sizes += [sizes[3] - 2, sizes[3] - 4]  # 3 x 3 without padding, twice
    total = sum(n * n * b for n, b in zip(sizes, boxes_per_cell))
    print(f"rounded {name:4}: maps {sizes}, {total} predictions")
    assert total == {"up": 8732, "down": 8096}[name]

# %% [markdown]
# Published weights belong to 8732 default boxes. They load into the network with 37 without an error, because a
# convolution has no fixed size. But 636 predictions are missing, and from the second row of cells on, every prediction
# is read as that of *another* box. One could calculate the boxes from the size of the map instead, as if 37 cells
# divided the 300 pixels. Then they lie beside their cells, because the cells still stand 8 pixels apart:

# %%
cell = np.arange(37)
where_it_looks = (cell + 0.5) * 8  # three poolings: 2 * 2 * 2 pixels
where_it_is_said_to_be = (cell + 0.5) * 300 / 37
off = where_it_is_said_to_be - where_it_looks
assert np.isclose(off.max(), 36.5 * (300 / 37 - 8))
print(f"default boxes beside their cells: {off.min():.2f} to {off.max():.2f} px")
print("pixels with no cell of their own:", 300 - 37 * 8, "at the right and lower edge")

# %% [markdown]
# 4 pixels is a lot for a box of 30.
#
# ### How many numbers each row has
#
# A row has one score for each class, background included, and four offsets. For VOC's 20 classes:
#
# $$8732 \cdot (21 + 4) = 218300$$
#
# numbers for an image; the predictor of a cell with 4 boxes has 4 · (21 + 4) = 100 outputs.

# %%
assert SSD300.num_classes == 21
assert len(boxes) * (SSD300.num_classes + 4) == 218300
for m in SSD300.feature_maps[:2]:
    print(f"{m.name}: {m.boxes_per_cell * (21 + 4)} outputs a cell")

# %% [markdown]
# ## The library's code
#
# The loops have become one assignment for each column: `centers[None, :, None]` says "along the columns, the same for
# every row and box".

# %%
show_source(default_boxes, map_boxes)

# %%
show_source(cell_sizes)

# %% [markdown]
# Three options are new: `whole_pixels`, `center_rule` and `clip_mode`. Projects differ in them. They change nothing in
# SSD300's released boxes; the table below says what they do.
#
# ### Where the scales come from
#
# The paper's equation 4 spreads the scales evenly between 0.2 and 0.9 of the image's side, over m maps:
#
# $$s_k = s_{\min} + \frac{s_{\max} - s_{\min}}{m - 1} (k - 1)$$
#
# SSD300 has six maps, so many study notes take m = 6 and stop there: 0.2, 0.34, 0.48, 0.62, 0.76, 0.9. They go on like
# this: conv4_3 has 38 cells across, so its boxes are 0.2 · 38 = 7.6 cells wide. But section 3.1 of the paper treats
# conv4_3 separately and gives it 0.1. That leaves five maps for the equation, so m is 5. The released program uses whole
# percents, and rounds the step of 17.5 down to 17. Here are all three, as fractions of the image's side and in cells:


# %%
def equation_4(m, low=0.2, high=0.9):
    k = np.arange(1, m + 1)
    return low + (high - low) / (m - 1) * (k - 1)


six, five = equation_4(6), np.array([0.1, *equation_4(5)])
released = np.array([m.scale_px for m in SSD300.feature_maps]) / 300
columns = ("m = 6", "0.1, then m = 5", "Caffe")
print(" " * 10, *(f"{name:19}" for name in columns))
for m, *scales in zip(SSD300.feature_maps, six, five, released):
    print(f"{m.name:9}", *(f"{s:6.3f} = {s * m.size:3.1f} cells " for s in scales))
assert np.allclose(six, [0.2, 0.34, 0.48, 0.62, 0.76, 0.9])
assert np.isclose(0.2 * 38, 7.6)
assert np.allclose(five, [0.1, 0.2, 0.375, 0.55, 0.725, 0.9])
assert np.allclose(released, [0.1, *((20 + 17 * np.arange(5)) / 100)])

# %% [markdown]
# In the released program the small squares of the first three maps have nearly the same 3.8 cells.
#
# The first row matters most. With m = 6 the smallest default box has 0.2 · 300 = 60 pixels; the released one has 30, a
# quarter of the area. What does the difference cost? Take square objects at random places, and count those that have a
# default box with an IoU of 0.5 or more:


# %%
def with_scales(scales):
    """Return SSD300's default boxes with other scales, cxcywh in [0, 1]."""
    made, ends = [], [*scales, 2 * scales[-1] - scales[-2]]
    for m, s, s_next in zip(SSD300.feature_maps, ends, ends[1:]):
        shapes = shapes_by_loops(300 * s, 300 * s_next, m.aspect_ratios)
        made.append(boxes_by_loops(m.size, m.step, shapes) / 300)
    return np.concatenate(made)  # (8732, 4)


rng = np.random.default_rng(0)
sets = [cxcywh_to_xyxy(with_scales(each)) for each in (six, five, released)]
for side in (16, 24, 32, 40, 48):
    low = rng.uniform(0, 300 - side, (200, 2))
    squares = np.concatenate([low, low + side], axis=1) / 300
    found = [(iou(squares, each).max(axis=1) >= 0.5).mean() for each in sets]
    print(f"{side:3} px:", *(f"{part:5.0%}" for part in found))
    assert not 24 <= side <= 40 or found == [0, 1, 1]

# %% [markdown]
# The columns are the same three. With m = 6 no square of 24 to 40 pixels has a default box that fits; with the others all
# have one. A square of 16 pixels has none in any of them. It only gets the one that each object gets (lesson 09).
#
# %% [markdown]
# ## Break it
#
# Here the shapes are written from memory. The figure looks right, the count is right, and every object is covered as
# well as before. What is wrong?


# %%
def shapes_with_a_bug(scale, next_scale, ratios):
    large = (scale * next_scale) ** 0.5
    shapes = [(scale, scale), (large, large)]
    for r in ratios:
        shapes.append((scale / r**0.5, scale * r**0.5))
        shapes.append((scale * r**0.5, scale / r**0.5))
    return np.array(shapes)


bugged = []
for m in SSD300.feature_maps:
    shapes = shapes_with_a_bug(m.scale_px, m.next_scale_px, m.aspect_ratios)
    bugged.append(boxes_by_loops(m.size, m.step, shapes) / 300)
bugged = np.concatenate(bugged)  # (8732, 4)

# %%
for name, candidates in {"right": boxes, "with the bug": bugged}.items():
    best = iou(objects / 300, cxcywh_to_xyxy(candidates)).max(axis=1)
    print(
        f"{name:12}: {len(candidates)} boxes; best IoU of the objects {best.round(3)}"
    )
same = np.isclose(boxes, bugged, atol=1e-6).all(axis=1)
assert np.allclose(np.sort(boxes[:, 2]), np.sort(bugged[:, 2]), atol=1e-6)
print(f"the same box in the same row: {same.sum()} of {len(same)}")
assert same.sum() == 2 * (38**2 + 19**2 + 10**2 + 5**2 + 3**2 + 1**2)  # the squares

# %% [markdown]
# Width and height are exchanged. Every ratio comes with its inverse, so the *set* of boxes is the same, and no count,
# figure or coverage shows the bug. Only the **order** differs: except for the squares, a row has a wide box where the
# network predicts a tall one, or the other way round. Training from random weights works. But with published weights,
# tall objects come out wide.
#
# Formulas for these boxes are hard to keep right. In the textbook *Dive into Deep Learning* the width was corrected from
# w s √r to h s √r (d2l-zh 1190), and from h s √r to w s √r (d2l-en 2480), where w and h are the sides of the image. Two
# more threads find that the boxes of its code have another width or another area than the text says (d2l-en 442, d2l-zh
# 1357). No assertion connects its text to its code; here each formula is followed by one. NVIDIA's SSD has its boxes in another
# order, size before place: its weights need their rows sorted first.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("count_boxes")` helps twice, and then gives the answer.
#
# ### Warm-up: how many?
#
# A map is given as (cells a side, number of aspect ratios): SSD300's are (38, 1), (19, 2), (10, 2), (5, 2), (3, 1), (1,
# 1).


# %%
def my_count_boxes(maps):
    """Return how many default boxes the maps have together."""
    ...


check.count_boxes(my_count_boxes)
check.answer("count_boxes")

# %% [markdown]
# ### Core: the shapes of a cell
#
# Without looking up. Order: small square, large square, then wide and tall for each ratio.


# %%
def my_box_shapes(scale, next_scale, ratios):
    """Return width and height (B, 2)."""
    ...


check.box_shapes(my_box_shapes)
check.answer("box_shapes")

# %% [markdown]
# ### Core: the centers, without a loop
#
# Row by row. `np.meshgrid` helps.


# %%
def my_cell_centers(size, step):
    """Return x and y (size * size, 2) of the centers of a map's cells."""
    ...


check.cell_centers(my_cell_centers)
check.answer("cell_centers")

# %% [markdown]
# ### Stretch: which row?
#
# The formula of lesson 07, for any map; it undoes `place_of`. `maps` has (cells a side, boxes a cell) for each map.


# %%
def my_row_of(maps, index, row, column, box):
    """Return the row of a box of map ``index`` among the boxes of all maps."""
    ...


check.row_of(my_row_of)
check.answer("row_of")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | the paper | Caffe (the released models) | others |
# | --- | --- | --- | --- |
# | **scales** | equation 4, and 0.1 for conv4_3 | whole percents: 10, 20, 37, 54, 71, 88, and 105 after the last | sgrvinod: the paper's, and 1 after the last |
# | **centers** | (i + 0.5) / size | (i + 0.5) · step, with steps 8, 16, 32, 64, 100, 300 | the paper's: TensorFlow, D2L, sgrvinod |
# | **clipping** | nothing | off | amdegroot, lufficc: each of cx, cy, w, h cut to [0, 1], so that centers move |
# | **sizes at 512** | nothing | cut to whole pixels | most ports keep the fractions |
#
# numpyssd does what Caffe does; options in the config give the rest. With the paper's centers 8692 of the 8732 boxes
# move, by up to 19 pixels. Each entry with numbers: [1](paper_caffe_others.md#1-how-large-the-boxes-are),
# [2](paper_caffe_others.md#2-whole-pixels-at-512), [3](paper_caffe_others.md#3-where-the-centers-are),
# [4](paper_caffe_others.md#4-what-clipping-means).
#
# ## Questions readers ask
#
# **Surely 8732 fixed boxes cannot fit every object?** They do not have to. A box only has to be near enough (an IoU of
# 0.5); the four offsets do the rest (lesson 09).
#
# **Do the default boxes learn?** No. They are constants: the same for every image, from the first step of training to
# the last.
#
# **Why are most boxes larger than their cell?** The cell only says where the center is. The receptive field around it
# is far larger than the cell.
#
# **Where does the 1.05 come from?** The last large square lies between 0.88 and the next scale, 88 + 17 = 105 percent.
# No map has this scale.
#
# **Why not one fine map with all sizes?** The receptive field of a fine map is too small for a large object, and 38 x
# 38 places are far too many for a box of the image's size. YOLO's first version did the opposite: one grid of 7 x 7
# cells for all sizes, and one class for each cell. It misses most birds of a flock.
#
# **My images are not square.** SSD warps them to a square first. The ratios hold in the warped image.
#
# **My model does not learn anything.** First check the coverage: how many of your objects have a default box with an
# IoU of 0.5? If all scales are too large, there are no positives.
#
# ## Recap
#
# 1. A default box is a map, a cell and a shape: center `(i + 0.5) · step`, sides `s √r` and `s / √r`, two squares.
# 2. 38² · 4 + 19² · 6 + 10² · 6 + 5² · 6 + 3² · 4 + 1² · 4 = 8732, always the same.
# 3. The order (map, row, column, box) is a part of the model: a right set in a wrong order fails without an error.
