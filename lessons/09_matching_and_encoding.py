# %% [markdown]
# # 09 · Matching and encoding
#
# **Goal.** Assign each default box to an object or to background, and compute the four numbers that it should predict.
#
# You need: IoU ([lesson 01](01_boxes_and_iou.ipynb)) and default boxes ([lesson 08](08_default_boxes.ipynb)). Time: 60
# minutes, half of them for the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou, xyxy_to_cxcywh
from numpyssd.config import SSD300, TINY
from numpyssd.datasets.shapes import example
from numpyssd.drawing import new_figure
from lessons.course import check
from lessons.course.widgets import training as training_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here
from numpyssd.model.box_coding import VARIANCES, decode, draw_offsets, encode
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.matching import bipartite, draw_matching, match, targets

you_are_here("default boxes", "matching")

# %% [markdown]
# A data set says where the objects are: a handful of boxes. The network has 8732 default boxes, and each of them gives
# a prediction. Before we can say how wrong a prediction is, we need its *target*: what it should have been.
# **Matching** decides this. A default box is either *positive*, and assigned to one object, or *negative*, and assigned
# to background.
#
# ## The figure
#
# On the left is an ordinary object (green): many default boxes overlap it by half or more, and **all** of them are
# positive, not only the best one. On the right is a rod that no default box fits: even the best overlaps it by less
# than a half. It is matched all the same, because every object gets a default box of its own (black). The others are
# dashed and blue, the color of positives; a darker blue means a larger IoU.

# %%
image, boxes, labels, names = example(size=300)
with_rod = image.copy()
with_rod[140:158, 20:280] = (200, 60, 60)
rod = np.array([[20, 140, 280, 158]])

figure, axes = new_figure(1, 2, size=(12, 5))
draw_matching(axes[0], image, boxes, default_boxes(SSD300), 0)
draw_matching(axes[1], with_rod, rod, default_boxes(SSD300), 0)
_ = axes[1].set_title("a rod: only the default box that is its own")
show(figure, "An object with ten positive default boxes, and a rod with one.")

# %% [markdown]
# The default boxes that match change with every step that the object takes. Drag it. (The image is 64 pixels wide, with
# the 1504 default boxes of the tiny network; the grid shows the cells of its finest map.) Where does the square have
# six, and where only one? And the rod?

# %%
tiny = default_boxes(TINY)  # (1504, 4) cxcywh
tiny_corners = cxcywh_to_xyxy(tiny)  # (1504, 4) xyxy
widget = training_widgets.matched_object(TINY)
figure, ax = new_figure(size=(5.5, 4.7))
paper = np.full((64, 64, 3), 255, np.uint8)
draw_matching(ax, paper, np.array([[24, 16, 44, 48]]), tiny, 0)
show_widget(widget, figure, "A tall object and the default boxes that match it.")

# %% [markdown]
# The square is as large as two cells of the 8 x 8 map, and the shapes of that map fit it best. What counts is where its
# center lies. In the middle of a cell, four boxes of this cell match. Between two cells, three boxes of each do: six. On
# a corner of four cells, all boxes of the four are too far off: only its own is left, from the 6 x 6 map. The rod has one at
# every place.


# %%
def positives_of(w, h):
    """Return {(x is odd, y is odd): numbers of positives}; cells begin at even x."""
    counts = {}
    for x, y in np.ndindex(17 - w, 17 - h):
        place = np.array([[x, y, x + w, y + h]]) / 16
        number = int((match(place, tiny) == 0).sum())
        counts.setdefault((x % 2 == 1, y % 2 == 1), set()).add(number)
    return counts


square, rod_counts = positives_of(4, 4), positives_of(12, 1)
assert square[True, True] == {4}  # the center of a cell
assert square[True, False] == square[False, True] == {6}  # between two cells
assert square[False, False] == {1}  # a corner
assert set.union(*rod_counts.values()) == {1}
print("the square:", square, "\nthe rod:", set.union(*rod_counts.values()))

# %% [markdown]
# ## By hand
#
# ### Which default box is assigned to which object
#
# One dimension is enough. Two objects, P from 2 to 6 and Q from 3 to 6; five default boxes, A to E. The IoU of two
# intervals is the length of their intersection over the length of their union:
#
# | | A = 0..4 | B = 4..8 | C = 2..6 | D = 2..7 | E = 1..6 |
# | --- | --- | --- | --- | --- | --- |
# | **P = 2..6** | 2/6 | 2/6 | **4/4** | 4/5 | 4/5 |
# | **Q = 3..6** | 1/6 | 2/5 | 3/4 | **3/5** | 3/5 |
#
# **First, each object gets a default box of its own**, the best pair of the whole table first. That is P with C, by
# 4/4. Now P and C are taken. C was the best for Q, too. The best that is left for Q is 3/5, with D or E. A tie goes to
# the first: Q gets D.
#
# **Then, the threshold.** Every default box that is still free is matched to the object that it overlaps most, if the
# IoU is 0.5 or more. E overlaps P by 4/5 and is matched to P. A and B reach 0.5 with no object: they are background.
#
# Note D. It overlaps P more than Q. But it is the only one that Q has, so the first step has priority.

# %%
ends = {"A": (0, 4), "B": (4, 8), "C": (2, 6), "D": (2, 7), "E": (1, 6)}
strips = np.array([[low, 0, high, 1] for low, high in ends.values()], float)  # (5, 4)
objects = np.array([[2, 0, 6, 1], [3, 0, 6, 1]], float)  # P and Q
table = iou(objects, strips)  # (2, 5)
assert np.allclose(table[0], [2 / 6, 2 / 6, 4 / 4, 4 / 5, 4 / 5])
assert np.allclose(table[1], [1 / 6, 2 / 5, 3 / 4, 3 / 5, 3 / 5])
owner = match(objects, xyxy_to_cxcywh(strips))
assert owner.tolist() == [-1, -1, 0, 1, 0]
for name, m in zip(ends, owner):
    print(name, "is assigned to", "background" if m < 0 else "PQ"[m])

# %% [markdown]
# The paper writes this with $x_{ij}^p$: it is 1 if default box i is matched to object j, whose class is p, and 0 if it is
# not. Our `owner` says the same with one number for each default box. The first step is for
#
# $$\sum_i x_{ij}^p \geq 1$$
#
# that is, every object has one default box or more. And each default box has one object at most.

# %%
x = (owner[:, None] == np.arange(2)).astype(int)  # (5, 2): default box i, object j
assert (x.sum(axis=0) >= 1).all()
assert (x.sum(axis=1) <= 1).all()
print("default boxes of P and Q:", x.sum(axis=0))
print("objects of A to E:       ", x.sum(axis=1))

# %% [markdown]
# ### The four target numbers
#
# A positive predicts how to get from its default box d to its object g. The unit is not the pixel but the *size of the
# default box*, so that a small and a large default box have the same task. A default box has its center at (10, 6), is
# 8 wide and 2 high; the object is as large, with its center at (14, 5). That is half a default box to the right and
# half of one up.
#
# $$t_x = \frac{g_x - d_x}{0.1 \, d_w} \qquad t_w = \frac{\log(g_w / d_w)}{0.2}$$
#
# The formulas for y and h are the same. So the target is (5, -5, 0, 0). An object that is twice as wide has
# $t_w = \log(2) / 0.2 = 3.47$, one half as wide -3.47: the logarithm makes both equally far from 0.

# %%
d = np.array([[10.0, 6, 8, 2]])
g = np.array([[14 - 4, 5 - 1, 14 + 4, 5 + 1]])
assert (14 - 10) / (0.1 * 8) == 5
assert np.allclose(encode(g, d), [[5, -5, 0, 0]])
twice, half = np.array([[2.0, 5, 18, 7]]), np.array([[8.0, 5, 12, 7]])
assert np.allclose(encode(twice, d), [[0, 0, np.log(2) / 0.2, 0]])
assert np.allclose(encode(half, d), -encode(twice, d))
print(
    "as large:",
    encode(g, d)[0].round(2),
    " twice as wide:",
    encode(twice, d)[0].round(2),
)

# %% [markdown]
# The paper's equation 2 has the target of default box i for object j without the 0.1 and 0.2, and calls it ĝ:
#
# $$\hat{g}_j^{cx} = \frac{g_j^{cx} - d_i^{cx}}{d_i^w} \qquad \hat{g}_j^w = \log \frac{g_j^w}{d_i^w}$$
#
# So our t is its ĝ, divided by 0.1 or 0.2.

# %%
g_hat = np.array([(14 - 10) / 8, (5 - 6) / 2, np.log(8 / 8), np.log(2 / 2)])
assert np.allclose(encode(g, d)[0], g_hat / [0.1, 0.1, 0.2, 0.2])
print("the paper:", g_hat, " divided by the variances:", encode(g, d)[0])

# %% [markdown]
# And on the image, with numbers that are not so round. The default box is gray:

# %%
figure, ax = new_figure(size=(5.5, 6.6))
draw_offsets(ax, image, boxes[1], np.array([176.0, 144, 157, 78]))
show(figure, "An arrow from a default box to an object, and its four offsets.")

# %% [markdown]
# ### What the 0.1 and 0.2 are for
#
# Caffe calls them *variances*, though they are only scales. A default box that matches lies near its object, so the
# plain offsets are small numbers. A network learns numbers around 1 more easily. Here is the standard deviation of the
# offsets, over the positives of 200 random objects:

# %%
rng = np.random.default_rng(0)
low = rng.uniform(0, 0.6, (200, 2))
scene = np.concatenate([low, low + rng.uniform(0.15, 0.4, (200, 2))], axis=1)
spread = []
for box in scene:
    positive = match(box[None], tiny) == 0
    spread.append(encode(np.repeat(box[None], positive.sum(), axis=0), tiny[positive]))
spread = np.concatenate(spread).std(axis=0)  # (4,)
assert abs(np.log2(spread)).max() < 1  # between a half and 2
print("with the variances:   ", spread.round(2))
print("without:              ", (spread * np.repeat(VARIANCES, 2)).round(2))

# %% [markdown]
# With the variances all four are near 1, and have the same weight in the loss. Without them the offsets would hardly
# change the loss.
#
# ## Loops you can read
#
# The two steps, in the order in which they are easiest to *write*: the threshold first, and then the default box of
# each object's own, which overrides it. Sorting the pairs by IoU makes "the best pair first" one loop.


# %%
def match_by_loops(overlaps, threshold=0.5):
    """Return for each default box (column) the index of its object (row), or -1."""
    objects, count = overlaps.shape
    owner, served, taken = np.full(count, -1), set(), set()
    for k in range(count):
        best = overlaps[:, k].argmax()
        if overlaps[best, k] >= threshold:
            owner[k] = best
    pairs = [(-overlaps[m, k], k, m) for m in range(objects) for k in range(count)]
    for overlap, k, m in sorted(pairs):  # the largest IoU first, then the lowest k
        if -overlap > 1e-6 and m not in served and k not in taken:
            owner[k] = m
            served.add(m)
            taken.add(k)
    return owner


# %% [markdown]
# The `1e-6` is Caffe's: an object that overlaps no default box at all gets none, rather than any. On the table from above,
# with 0 for P and 1 for Q:

# %%
print(match_by_loops(table))

# %% [markdown]
# ## The check
#
# The loops against the library: 30 scenes of up to six objects, on the 1504 default boxes of the tiny network. These
# are indices, so not a single one may differ.

# %%
differences, least = 0, 1504
for _ in range(30):
    count = rng.integers(1, 7)
    low = rng.uniform(0, 0.8, (count, 2))
    scene = np.concatenate([low, low + rng.uniform(0.03, 0.2, (count, 2))], axis=1)
    owner = match(scene, tiny)
    differences += (owner != match_by_loops(iou(scene, tiny_corners))).sum()
    least = min(least, np.bincount(owner[owner >= 0], minlength=count).min())
assert differences == 0
assert least >= 1
print(f"{differences} of {30 * 1504} differ (expected: 0);", end=" ")
print(f"an object has at least {least} (expected: 1 or more)")

# %% [markdown]
# Encoding is right if decoding leads back. Both work in float64 here, with numbers around 1: we expect an error of some
# 1e-16 and accept 1e-12.

# %%
low = rng.uniform(0, 0.5, (1504, 2))
anywhere = np.concatenate([low, low + rng.uniform(0.1, 0.5, (1504, 2))], axis=1)
error = abs(decode(encode(anywhere, tiny), tiny) - anywhere).max()
assert error < 1e-12
print(f"there and back: off by {error:.0e} (expected: below 1e-12)")

# %% [markdown]
# `targets` does both, matching and encoding. Here is the whole task of the network for the example, and for an image
# without objects, in which all is background.

# %%
loc, conf = targets(boxes / 300, labels, default_boxes(SSD300))
assert loc.shape == (8732, 4)
assert not loc[conf == 0].any()
nothing = targets(np.zeros((0, 4)), [], default_boxes(SSD300))
assert not any(part.any() for part in nothing)
print("default boxes of each class, background first:", np.bincount(conf))

# %% [markdown]
# There it is, the task: 8685 of the 8732 default boxes should predict "background". Lesson 11 is about that.
#
# ## The library's code

# %%
show_source(bipartite, encode)

# %% [markdown]
# `bipartite` is the second loop without the sorting: take the largest IoU that is left, and remove its row and its
# column. `encode` refuses a box without width or height, because the logarithm of 0 is minus infinity. One such box
# turns all weights into NaN (lesson 10).
#
# ## Break it
#
# Here is the first step as many ports have it: each object takes its best default box, one after the other. It is
# shorter, too. Two objects, P from 2 to 6 and Q from 3 to 6 as before, and only the default boxes A, B and C. Before
# you read on: which object gets which default box?


# %%
def match_with_a_bug(overlaps, threshold=0.5):
    owner = np.where(overlaps.max(axis=0) >= threshold, overlaps.argmax(axis=0), -1)
    for m in range(len(overlaps)):
        owner[overlaps[m].argmax()] = m
    return owner


right, wrong = match_by_loops(table[:, :3]), match_with_a_bug(table[:, :3])
assert right.tolist() == [-1, 1, 0]
assert wrong.tolist() == [-1, -1, 1]
for name, owner in (("right", right), ("with the bug", wrong)):
    print(f"{name:13}", {k: "-PQ"[m + 1] for k, m in zip("ABC", owner)})

# %% [markdown]
# C is the best for both. P takes it, with a perfect fit; then Q takes it away. P has no default box left, and is
# trained as *background*: the loss is higher when the network finds it. There is no error and no warning, only a
# detector that is bad at small objects that stand close together.
#
# This is issue 354 of `amdegroot/ssd.pytorch` ("bug in function match", open since 2019; issue 193 asked the same a
# year before). Many other projects copied the loop. The library has this rule too, so you can measure it: on blood
# cells zoomed out to a quarter of their size it leaves 167 of 2725 objects without any default box ([entry
# 29](paper_caffe_others.md#29-a-default-box-for-every-object)). On two neighbors of 3 pixels, one pixel apart, with the
# tiny network's:

# %%
pair = np.array([[28, 30, 31, 33], [32, 30, 35, 33]]) / 64
for rule in ("bipartite", "argmax"):
    owner = match(pair, tiny, rule=rule)
    print(f"{rule:10} first {sum(owner == 0)}, second {sum(owner == 1)}")
lost = [sum(match(pair, tiny, rule=rule) == 0) == 0 for rule in ("bipartite", "argmax")]
assert lost == [False, True]

# %% [markdown]
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("orphans")` helps twice, and then gives the answer. In all of them
# `overlaps` is a table like the one above, objects in rows and default boxes in columns.
#
# ### Warm-up: objects without a default box
#
# How many objects would get no default box at all if there were only the threshold?


# %%
def my_orphans(overlaps, threshold):
    """Return a number."""
    ...


check.orphans(my_orphans)
check.answer("orphans")

# %% [markdown]
# ### Core: encode a box
#
# The default box is a center and a size, but the object is two corners.


# %%
def my_encode_box(box, default_box):
    """Return the offsets (4,) from default_box (4,) cxcywh to box (4,) xyxy."""
    ...


check.encode_box(my_encode_box)
check.answer("encode_box")

# %% [markdown]
# ### Core: match
#
# Both steps. A default box with an IoU of exactly the threshold is matched. You may leave out the 1e-6: no table has a
# 0.


# %%
def my_match(overlaps, threshold):
    """Return for each default box (column) the index of its object, or -1."""
    ...


check.match_boxes(my_match)
check.answer("match_boxes")

# %% [markdown]
# ### Stretch: the labels, without a loop
#
# `owner` is what you have just returned, `labels` the class of each object, from 1 on. What should each default box
# predict? There are images without any object.


# %%
def my_labels_of(owner, labels):
    """Return the class (K,) of each default box, 0 for background."""
    ...


check.labels_of(my_labels_of)
check.answer("labels_of")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | each object the default box of the largest overlap, then all over 0.5 (section 2.2); equation 2 has no variances |
# | **Caffe** | the best pair of all first, so that no two objects get the same one; an IoU of exactly 0.5 is matched; variances 0.1 and 0.2 |
# | **others** | amdegroot, lufficc, NVIDIA, torchvision, sgrvinod: each object its best, the last one wins (torchvision: on a CPU; its GPU write has no fixed order). balancap: only the threshold |
# | **numpyssd** | as Caffe; `rule="argmax"` and `rule="threshold"` are there to compare |
#
# More of it: [5. Variances](paper_caffe_others.md#5-variances),
# [6. Neither positive nor negative](paper_caffe_others.md#6-neither-positive-nor-negative),
# [7. Objects that nothing overlaps](paper_caffe_others.md#7-objects-that-nothing-overlaps),
# [29. A default box for every object](paper_caffe_others.md#29-a-default-box-for-every-object).
#
# ## Questions readers ask
#
# **Why is the first step needed at all?** For the rod. By the threshold alone it would be background (weiliu89/caffe,
# issue 555, asks exactly this).
#
# **Why not only the best default box, then?** Its neighbors overlap the object by 0.6 or 0.7. If they were trained as
# "background", they would learn that this is *no* cross, while the best one learns that it is. They all learn to find
# it, and NMS (lesson 14) keeps one.
#
# **Is this the best possible assignment?** No: taking the best pair first is greedy. Caffe's author says so himself
# (issue 443), and says that it works well.
#
# **Did later detectors keep the 0.5?** Some did not. ATSS (Zhang and others, arXiv 1912.02424) computes a threshold for each
# object, from the IoUs of the default boxes around it. DETR (lesson 23) assigns by the cost of the predictions.
#
# **Can a default box be assigned to two objects?** No. It predicts one class and four offsets.
#
# **Is the *prediction* matched with the object, or the default box?** The default box. So the match depends on the
# annotation alone. It could be made before the first step of training.
#
# **Does the class matter?** Not for the matching. A default box matches a cat as well as a bus.
#
# ## Recap
#
# 1. First each object gets a default box of its own, the best pair of all first; then every default box with an IoU of 0.5 or more is matched, too.
# 2. Two objects may want the same default box: the one that loses takes its next best and is still trained.
# 3. A target is the step of the center in default-box sizes over 0.1, and the logarithm of the size's ratio over 0.2.
