# %% [markdown]
# # 08 · Matching and encoding
#
# **Goal.** From the objects of a picture make what each of the default boxes should answer: a class, and four offsets.
#
# You need: IoU ([lesson 01](01_boxes_and_iou.ipynb)) and default boxes ([lesson 07](07_default_boxes.ipynb)).
# Time: 30 minutes.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.config import SSD300
from numpyssd.datasets.shapes import example
from numpyssd.drawing import new_figure
from numpyssd.learn import check, scenes
from numpyssd.learn.display import show, show_source, show_widget, you_are_here
from numpyssd.model.box_coding import decode, draw_offsets, encode
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.matching import bipartite, draw_matching, match, targets

you_are_here("matching")

# %% [markdown]
# A picture has been annotated: here is a cross, there a ring, four boxes in all. The network gives 8732 answers. To train
# it we need to know, for each of the 8732 default boxes, what would have been *right*. That is **matching**: which default
# boxes answer for which object. All others should say "background". Those that answer for an object should also say how
# to get from the default box to the object: that is **encoding**.
#
# ## The picture
#
# Two of the four objects. The colour of a default box is its IoU with the object. Each object has one default box that is
# its own (black), whatever their IoU; every other default box with an IoU of 0.5 or more joins.

# %%
image, objects, labels, names = example(size=300)
defaults = default_boxes(SSD300)  # (8732, 4) cxcywh in units of the picture's side
figure, axes = new_figure(1, 2, size=(8, 3.7))
for ax, m in zip(axes, (1, 3)):
    draw_matching(ax, image, objects, defaults, m)
show(figure, "Two objects with 12 and 13 default boxes, coloured by their IoU.")

# %% [markdown]
# A large object and a small one, and yet about as many default boxes each: there are default boxes of all sizes. Less well
# off is who falls between the sizes and ratios, or below them all. Drag the object, and watch how the number changes with
# its place. Then choose the thin one, and the small one.

# %%
sizes = {"large": (6, 4), "thin": (1, 7), "small": (1, 1)}
widget = scenes.matching_place(image, SSD300, sizes)
place = np.array([[100.0, 80, 220, 160]])
figure, ax = new_figure(size=(4.4, 3.9))
draw_matching(ax, image, place, defaults, 0)
show_widget(widget, figure, "An object of 120 x 80 pixels and its default boxes.")

# %% [markdown]
# ## By hand
#
# ### Matching
#
# Two objects, five default boxes, and all their IoUs:
#
# | | box 0 | box 1 | box 2 | box 3 | box 4 |
# | --- | --- | --- | --- | --- | --- |
# | **object 0** | 0.6 | 0.55 | 0.2 | 0 | 0 |
# | **object 1** | 0.4 | 0 | 0.35 | 0.3 | 0.1 |
#
# **Rule 1: each object gets one default box of its own**, the pair with the largest IoU first. That is object 0 and box 0.
# Object 1 would like box 0 as well, but it is taken; its next best is box 2 with 0.35. **Rule 2: every other default box
# with an IoU of at least 0.5 joins its best object.** Box 1 joins object 0. Boxes 3 and 4 are background: -1.
#
# $$\mathrm{matched} = (0, \; 0, \; 1, \; -1, \; -1)$$

# %%
overlaps = np.array([[0.6, 0.55, 0.2, 0, 0], [0.4, 0, 0.35, 0.3, 0.1]])
assert bipartite(overlaps).tolist() == [0, 2]  # rule 1: the box of each object
matched = check.EXERCISES["match_boxes"].answer(overlaps, 0.5)
assert matched.tolist() == [0, 0, 1, -1, -1]
print("object of each default box:", matched)

# %% [markdown]
# Study notes often say that only the *best* default box is positive. No: **every** default box from 0.5 on is. And the best
# one is positive even if it is worse than that.
#
# ### Encoding
#
# A default box with its centre at (10, 6), 8 wide and 2 high; an object with its centre at (14, 5), 16 wide and 2 high.
# The centre moves by 4, which is half a width, or 5 tenths; and up by half a height. The width doubles:
#
# $$l_x = \frac{g_x - d_x}{0.1 \, d_w} = \frac{14 - 10}{0.1 \cdot 8} = 5 \qquad l_w = \frac{1}{0.2} \ln \frac{g_w}{d_w} = \frac{\ln 2}{0.2} = 3.47$$

# %%
d = np.array([[10.0, 6, 8, 2]])  # cxcywh
g = np.array([[14 - 8, 5 - 1, 14 + 8, 5 + 1.0]])  # xyxy
offsets = encode(g, d)
assert np.allclose(offsets, [[4 / (0.1 * 8), -1 / (0.1 * 2), np.log(16 / 8) / 0.2, 0]])
assert np.allclose(decode(offsets, d), g)  # and back
print("offsets:", offsets[0].round(2))

# %%
figure, ax = new_figure(size=(4, 4.9))
draw_offsets(ax, image, objects[1], np.array([176.0, 144, 157, 78]))
show(figure, "The way from a default box to an object, and its four offsets.")

# %% [markdown]
# Why so? Because the network looks at a cell and does not know where in the picture it is, nor how large the box is: "half
# a width to the right" means the same for a small default box and a large one. The logarithm makes twice and half equally
# far. And the factors 0.1 and 0.2 bring the numbers near 1, where learning is easiest.
#
# ## Loops you can read


# %%
def match_by_loops(overlaps, threshold):
    """Return the object of each default box, or -1, from their IoU (M, K)."""
    left, matched = overlaps.copy(), [-1] * overlaps.shape[1]
    for k in range(overlaps.shape[1]):  # rule 2
        m = overlaps[:, k].argmax()
        if overlaps[m, k] >= threshold:
            matched[k] = int(m)
    for _ in range(len(overlaps)):  # rule 1, over it
        m, k = np.unravel_index(left.argmax(), left.shape)
        if left[m, k] > 0:
            matched[k] = int(m)
        left[m, :], left[:, k] = -1, -1
    return matched


print(match_by_loops(overlaps, 0.5))

# %% [markdown]
# ## The check
#
# Loops against the library on a real case, the four objects and 8732 default boxes, and on random ones. All are whole
# numbers, so we expect no difference at all.

# %%
units = objects / 300
in_corners = cxcywh_to_xyxy(defaults)
assert match(units, defaults).tolist() == match_by_loops(iou(units, in_corners), 0.5)
rng = np.random.default_rng(0)
for _ in range(20):
    low = rng.uniform(0, 0.7, (6, 2))
    some = np.concatenate([low, low + rng.uniform(0.02, 0.3, (6, 2))], axis=1)
    matched = match(some, defaults)
    assert matched.tolist() == match_by_loops(iou(some, in_corners), 0.5)
    assert set(range(6)) <= set(matched.tolist())  # no object is left without
print("differences: 0 of", 21 * len(defaults), "(expected: 0)")

# %% [markdown]
# And there and back: decoding what was encoded gives the object again, up to the rounding of float32, about 1e-7.

# %%
matched = match(units, defaults)
positive = matched >= 0
loc, conf = targets(units, labels, defaults)
assert (conf > 0).sum() == positive.sum()
again = decode(loc[positive], defaults[positive])
error = abs(again - units[matched[positive]]).max()
assert error < 1e-6
print(f"{positive.sum()} positives; error {error:.0e} (expected: below 1e-6)")
print("offsets spread by", loc[positive].std(axis=0).round(2), "(expected: near 1)")

# %% [markdown]
# ## The library's code
#
# `match` does rule 2 first, for all default boxes at once, and then writes rule 1 over it. `bipartite` finds the pairs
# without sorting all of M x K numbers.

# %%
show_source(match, bipartite)

# %%
show_source(targets, encode)

# %% [markdown]
# ### Why 0.5?
#
# Move the threshold. Lower, and default boxes that hardly touch an object are told to be it. Higher, and most objects keep
# only the one that is their own (red).

# %%
widget = scenes.matching_thresholds(image, SSD300, objects, labels, names)
figure, axes = new_figure(1, 2, size=(7, 3.3))
for ax, m in zip(axes, (0, 2)):
    draw_matching(ax, image, objects, defaults, m, 0.5)
show_widget(
    widget, figure, "At 0.5: an ellipse and a triangle with their default boxes."
)

# %% [markdown]
# ## Break it
#
# Rule 1 in one line: each object takes its best default box. Two sheep stand close together. What happens to the first?


# %%
def match_with_a_bug(gt_boxes, default_boxes):
    overlaps = iou(gt_boxes, cxcywh_to_xyxy(default_boxes))  # (M, K)
    matched = np.where(overlaps.max(axis=0) >= 0.5, overlaps.argmax(axis=0), -1)
    best = overlaps.argmax(axis=1)  # (M,) each object's favourite
    for m, k in enumerate(best):
        matched[k] = m
    return matched


sheep = np.array([[100, 100, 112, 111], [102, 100, 114, 112]]) / 300
for name, function in {"right": match, "with the bug": match_with_a_bug}.items():
    found = function(sheep, defaults)
    print(f"{name:12}: default boxes", (found == 0).sum(), "and", (found == 1).sum())

# %%
assert (match_with_a_bug(sheep, defaults) == 0).sum() == 0
assert (match(sheep, defaults) == 0).sum() == 1

# %% [markdown]
# Both sheep want the same default box. The second takes it, and the first is trained as background, though an annotator
# drew it. In `amdegroot/ssd.pytorch` (threads 193 and 354), in lufficc/SSD, NVIDIA's and torchvision's SSD matching works
# like this; Caffe's and ours serve the best pair first and give the other object its next best. On crowded pictures it
# matters: of the 2725 objects of a set of blood cells, zoomed out to four times the side, 167 are lost so
# ([entry 29](paper_caffe_others.md#29-a-default-box-for-every-object)).
#
# ## Exercises
#
# ### Warm-up: encode one box
#
# From the object's corners and the default box's centre and size to four offsets.


# %%
def my_encode_box(box, default_box):
    """Return the offsets (4,) from default_box (cxcywh) to box (xyxy)."""
    ...


check.encode_box(my_encode_box)
check.answer("encode_box")

# %% [markdown]
# ### Core: what to answer
#
# From the object of each default box (or -1) to its class; background is 0.


# %%
def my_class_targets(matched, labels):
    """Return the class (K,) that each default box should answer."""
    ...


check.class_targets(my_class_targets)
check.answer("class_targets")

# %% [markdown]
# ### Stretch: both rules
#
# `overlaps` is `(M, K)`. Mind the picture without objects, and two objects with the same favourite.


# %%
def my_match_boxes(overlaps, threshold):
    """Return the object (K,) of each default box, or -1."""
    ...


check.match_boxes(my_match_boxes)
check.answer("match_boxes")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | the paper | Caffe | others |
# | --- | --- | --- | --- |
# | **rule 1** | each object its best default box | truly bipartite: the best of all pairs first | amdegroot, lufficc, NVIDIA, torchvision, sgrvinod: the last object wins; balancap: no such rule |
# | **rule 2** | IoU over 0.5 | 0.5 or more | NVIDIA and balancap: over 0.5 |
# | **between** | nothing | nothing | ssd_keras: from 0.3 to 0.5 neither positive nor negative |
# | **variances** | none | 0.1 and 0.2 | the same nearly everywhere |
#
# numpyssd does what Caffe does. With numbers: [5](paper_caffe_others.md#5-variances),
# [6](paper_caffe_others.md#6-neither-positive-nor-negative), [29](paper_caffe_others.md#29-a-default-box-for-every-object).
#
# ## Questions readers ask
#
# **Is a default box with an IoU of 0.45 really background?** For the class, yes. It is a hard case, and often among the
# negatives that are chosen to learn from (lesson 10).
#
# **Can one default box answer for two objects?** No. It has one class and four offsets.
#
# **What do offsets of the background say?** Nothing; they are 0 and no loss is taken of them.
#
# **Does the network see the IoU?** No. Matching is only for making targets, before training on a picture.
#
# **What about pictures without objects?** All -1, all background. The picture has no positive, and so no loss either
# (lesson 10).
#
# **My loss is NaN after the first step.** Look for an annotated box without width or height: its logarithm is minus
# infinity. `encode` refuses it and names its row.
#
# ## Recap
#
# 1. Each object gets a default box of its own, the best pair first; every other one from 0.5 on joins its best object.
# 2. Offsets: the way of the centre in tenths of the default box's size, and the logarithm of the size ratio over 0.2.
# 3. `decode(encode(x))` is x; background is class 0 with offsets nobody looks at.
