# %% [markdown]
# # 14 · Decoding and NMS
#
# **Goal.** Turn the network's raw numbers into a short list of boxes, each with a class and a score, one for each object.
#
# You need: IoU ([lesson 01](01_boxes_and_iou.ipynb)) and default boxes ([lesson 08](08_default_boxes.ipynb)).
# Time: 60 minutes, half of them for the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.datasets.shapes import example
from numpyssd.drawing import new_figure
from numpyssd.inference.nms import draw_nms, nms, nms_explained
from numpyssd.inference.postprocess import postprocess
from lessons.course import check
from lessons.course.widgets import detections as detection_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here
from numpyssd.model.box_coding import decode, encode

you_are_here("decoding", "NMS")

# %% [markdown]
# For each of its default boxes the network predicts four *offsets* and a logit for each class, which softmax turns into a
# score (lesson 10). Two steps are left.
# **Decoding** moves each default box by its offsets. Then many boxes lie on each object, because all default boxes
# around it have found it. **Non-maximum suppression** (NMS) keeps the best one and removes its neighbors.
#
# ## The figure
#
# Sixteen boxes on four objects, and what NMS keeps. A removed box is dashed, in the color of the box that removed it.

# %%
image, objects, labels, names = example(size=300)
rng = np.random.default_rng(4)
sides = np.tile(objects[:, 2:] - objects[:, :2], 2)  # (4, 4)
shaken = [objects + sides * rng.normal(0, 0.08, objects.shape) for _ in range(4)]
boxes = np.concatenate(shaken).clip(0, 300)  # (16, 4)
scores = rng.uniform(0.3, 0.99, 16)

figure, axes = new_figure(1, 2, size=(11, 6.3))
draw_nms(axes, image, boxes, scores)
show(figure, "Sixteen boxes before NMS, and four after it.")

# %% [markdown]
# Before you read how NMS works, do it yourself. Which box should stay? Which boxes does it remove? And then? Step
# through it: orange boxes wait, black is the best of them, gray boxes are removed by it, blue boxes are kept.

# %%
figure, axes = new_figure(1, 2, size=(6.6, 4.1))
draw_nms(axes, image, boxes, scores)
widget = detection_widgets.nms_steps(image, boxes, scores)
show_widget(widget, figure, "The same boxes before and after NMS.")

# %% [markdown]
# The same steps for what you draw are in the [playground](playground.md): put two shapes of one kind so close together
# that one box removes the other.
#
# ## By hand
#
# ### Decoding
#
# Decoding is encoding (lesson 09) backwards. The default box of that lesson has its center at (10, 6), is 8 wide and 2
# high. The network predicts (5, -5, 0, 0): 5 tenths of 8 to the right, 5 tenths of 2 up, no change of size. The new center
# is (14, 5).
#
# $$c_x = d_x + 0.1 \, l_x \, d_w \qquad w = d_w \exp(0.2 \, l_w)$$
#
# d is the default box, l the offsets; the formulas for y and h are the same. The exponential keeps a width positive for
# any offset.

# %%
d, offsets = np.array([[10.0, 6, 8, 2]]), np.array([[5.0, -5, 0, 0]])
assert 10 + 0.1 * 5 * 8 == 14
assert 6 + 0.1 * -5 * 2 == 5
assert decode(offsets, d).tolist() == [[14 - 4, 5 - 1, 14 + 4, 5 + 1]]
twice = decode(np.array([[0, 0, np.log(2) / 0.2, 0]]), d)
assert np.allclose(twice, [[10 - 8, 6 - 1, 10 + 8, 6 + 1]])
print("decoded:", decode(offsets, d)[0], "| twice as wide:", twice[0].round(6))

# %% [markdown]
# ### NMS
#
# Three boxes in a row, each 10 wide and 10 high, beginning at x = 0, 4 and 8, with the scores 0.9, 0.8 and 0.7.
# Neighbors have an intersection of 6 x 10 and a union of 14 x 10; the two at the ends have 2 x 10 and 18 x 10. Their
# IoU:
#
# $$\mathrm{neighbors} = 60 / 140 = 0.43$$
#
# $$\mathrm{ends} = 20 / 180 = 0.11$$
#
# With a threshold of 0.4 the first removes the second. Does the second remove the third? Their overlap is as large, but
# the second is already removed. **A removed box removes no other box.** The first and the third stay.

# %%
chain = np.array([[x, 0, x + 10, 10] for x in (0, 4, 8)], float)
overlaps = iou(chain, chain)
assert np.isclose(overlaps[0, 1], 60 / 140)
assert np.isclose(overlaps[0, 2], 20 / 180)
kept = nms(chain, np.array([0.9, 0.8, 0.7]), 0.4)
assert kept.tolist() == [0, 2]
print("kept:", kept)

# %% [markdown]
# ## Loops you can read
#
# Sort; take the best; remove every box that overlaps it too much; repeat with the rest.


# %%
def nms_by_loops(boxes, scores, threshold):
    """Return the indices of the boxes that stay, best first."""
    left = sorted(range(len(scores)), key=lambda i: -scores[i])
    keep = []
    while left:
        best = left.pop(0)
        keep.append(best)
        stay = []
        for other in left:
            if iou(boxes[[best]], boxes[[other]])[0, 0] <= threshold:
                stay.append(other)
        left = stay
    return keep


print("kept:", nms_by_loops(boxes, scores, 0.45), "of", len(boxes))

# %% [markdown]
# And decoding, for one box:


# %%
def decode_by_loops(offsets, default_boxes):
    """Return boxes (K, 4) xyxy."""
    boxes = []
    for (lx, ly, lw, lh), (dx, dy, dw, dh) in zip(offsets, default_boxes):
        x, y = dx + 0.1 * lx * dw, dy + 0.1 * ly * dh
        w, h = dw * np.exp(0.2 * lw), dh * np.exp(0.2 * lh)
        boxes.append((x - w / 2, y - h / 2, x + w / 2, y + h / 2))
    return np.array(boxes)  # (K, 4)


print(decode_by_loops(offsets, d))

# %% [markdown]
# ## The check
#
# Loops against the library on 300 random boxes, in any order of input; and decoding against its inverse, `encode`,
# which training uses (lesson 09). Indices must be equal. Decoded boxes have sizes around 1, and may differ in the last
# of 16 digits.

# %%
rng = np.random.default_rng(0)
low = rng.uniform(0, 0.7, (300, 2))
many = np.concatenate([low, low + rng.uniform(0.05, 0.3, (300, 2))], axis=1)  # (300, 4)
certain = rng.permutation(300) / 300
kept = nms(many, certain, 0.45)
assert kept.tolist() == nms_by_loops(many, certain, 0.45)
order = rng.permutation(300)
assert (order[nms(many[order], certain[order], 0.45)] == kept).all()
left = iou(many[kept], many[kept]) - np.eye(len(kept))
assert left.max() <= 0.45
print(f"{len(kept)} of 300 kept; largest IoU {left.max():.3f} (expected <= 0.45)")

# %%
defaults = np.concatenate(
    [rng.uniform(0, 1, (300, 2)), rng.uniform(0.1, 1, (300, 2))], 1
)
loc = rng.normal(0, 2, (300, 4))
error = abs(decode(loc, defaults) - decode_by_loops(loc, defaults)).max()
there_and_back = abs(encode(decode(loc, defaults), defaults) - loc).max()
assert error < 1e-12
assert there_and_back < 1e-9
print(f"decoding: largest difference {error:.0e} (expected: below 1e-12)")
print("encode(decode(x)) is x, to better than 1e-9")

# %% [markdown]
# ## The library's code
#
# `decode` computes all rows at once. `nms_explained` does what the loops do, but computes the IoU of 64 boxes in one
# call, because one call for each box would take most of the time. It also records which box removed which; the figures
# are drawn from this record.

# %%
show_source(decode, nms_explained)

# %% [markdown]
# ### Which threshold?
#
# SSD removes boxes with an IoU above 0.45. With a lower threshold, objects that stand close lose their boxes; with a
# higher one, objects keep several boxes.

# %%
figure, axes = new_figure(1, 2, size=(6.6, 4.1))
draw_nms(axes, image, boxes, scores, iou_threshold=0.45)
widget = detection_widgets.nms_thresholds(image, boxes, scores, objects)
show_widget(
    widget, figure, "At a threshold of 0.45 each of the four objects has one box."
)

# %% [markdown]
# ### All steps together
#
# `postprocess` combines the steps as Caffe does: softmax over the classes; decode the boxes; for each class, keep the
# scores above 0.01, then the best 400, and apply NMS at 0.45; then keep the best 200 of all classes. Here are two
# default boxes on one object, the second less sure, and one on nothing:

# %%
defaults = np.array([[0.3, 0.3, 0.4, 0.4], [0.35, 0.3, 0.4, 0.4], [0.8, 0.8, 0.2, 0.2]])
loc = np.zeros((3, 4))
conf = np.array([[0, 4, 0], [0, 3, 0], [9, 0, 0]], float)  # background, cat, dog
found, classes, certain = postprocess(loc, conf, defaults, score_threshold=0.3)
assert len(found) == 1
assert np.allclose(certain, np.exp(4) / (1 + np.exp(4) + 1))
print("box", found[0].round(2), "class", classes[0], f"score {certain[0]:.3f}")

# %% [markdown]
# ## Break it
#
# A dog sits on a sofa. Both are found, with nearly the same box. What does this version do, and when is the bug hard to
# notice?


# %%
def detections_with_a_bug(boxes, labels, scores, threshold):
    keep = nms(boxes, scores, threshold)
    return boxes[keep], labels[keep], scores[keep]


dog, sofa = [0, 20, 100, 80], [0, 10, 100, 90]
both, classes = np.array([dog, sofa], float), np.array([1, 2])
left = detections_with_a_bug(both, classes, np.array([0.8, 0.9]), 0.45)[1]
print("IoU of dog and sofa:", iou(both[:1], both[1:])[0, 0])
print("classes that are left:", left)
assert left.tolist() == [2]

# %% [markdown]
# The dog is gone. NMS must run **within a class**: a sofa must not remove a dog. The version above is called
# *class-agnostic* NMS, and it has been reported as a bug ("applying NMS irrespective of the class label",
# plotly/dash-detr, issue 1). It is hard to notice on images where classes seldom overlap.
#
# A related bug is in `amdegroot/ssd.pytorch`: after NMS, it should keep the best 200 boxes of an image. But the line
# fills a *copy* of the array with zeros, so all boxes are kept ([entry
# 20](paper_caffe_others.md#20-the-limits-of-detection)).
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("decode_box")` helps twice, and then gives the answer.
#
# ### Warm-up: decode one box
#
# From a default box `(cx, cy, w, h)` and four offsets to the corners.


# %%
def my_decode_box(offsets, default_box):
    """Return the box (4,) xyxy."""
    ...


check.decode_box(my_decode_box)
check.answer("decode_box")

# %% [markdown]
# ### Core: NMS
#
# Return a list of indices, best first. Use `iou(boxes[[i]], boxes[[j]])[0, 0]`, or your own from lesson 01. A box with an
# IoU of *exactly* the threshold stays.


# %%
def my_nms(boxes, scores, threshold):
    """Return the kept indices, best first."""
    ...


check.nms(my_nms)
check.answer("nms")

# %% [markdown]
# ### Core: NMS within each class
#
# You may call `nms(boxes, scores, threshold)`. Return the indices of the kept boxes, best score first. An index counts
# *all* boxes, not those of the class.


# %%
def my_nms_each_class(boxes, labels, scores, threshold):
    """Return the kept indices, best first; each class separately."""
    ...


check.nms_each_class(my_nms_each_class)
check.answer("nms_each_class")

# %% [markdown]
# ### Stretch: Soft-NMS
#
# Soft-NMS does not remove a box, but lowers its score. The score falls more if the box overlaps a kept box more. So two
# dogs side by side are both kept. Each kept box multiplies the score of every box that is left by
#
# $$\exp(-\mathrm{IoU}^2 / 0.5)$$
#
# and the next best box is chosen by the lowered scores. Return the final scores of all boxes, in the order given.

# %%
soft_nms = check.EXERCISES["soft_nms"].answer
lowered = soft_nms(chain[:2], np.array([0.9, 0.8]))
assert np.allclose(lowered, [0.9, 0.8 * np.exp(-((60 / 140) ** 2) / 0.5)])


def my_soft_nms(boxes, scores):
    """Return the scores (N,) after Soft-NMS."""
    ...


check.soft_nms(my_soft_nms)
check.answer("soft_nms")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | the paper | Caffe | others |
# | --- | --- | --- | --- |
# | **minimum score** | 0.01 | 0.01 | mmdetection 0.02, NVIDIA 0.05; demos 0.5 |
# | **before NMS** | nothing | the best 400 of each class | amdegroot 200, mmdetection 1000, ChainerCV all |
# | **removed at** | IoU above 0.45 | above 0.45 | ChainerCV: 0.45 or above |
# | **kept** | 200 per image | 200 | lufficc 100; amdegroot intends 200 and keeps all |
# | **clipping** | nothing | the final boxes are clipped | torchvision clips first |
# | **variances** | none in equation 2 | 0.1 and 0.2 | the same nearly everywhere; torchvision writes weights 10 and 5 |
#
# numpyssd does what Caffe does. The effect of each rule: [5](paper_caffe_others.md#5-variances),
# [20](paper_caffe_others.md#20-the-limits-of-detection),
# [27](paper_caffe_others.md#27-boxes-an-image-and-the-least-score),
# [33](paper_caffe_others.md#33-clipped-before-suppression).
#
# ## Questions readers ask
#
# **Why does the network not give one box for each object?** Each default box makes its own prediction, and does not see
# those of its neighbors. Some detectors learn to avoid duplicates (DETR); SSD does not.
#
# **Why is the minimum score 0.01, when a figure shows boxes of 0.5 and above?** For the average precision (lesson 15),
# every box counts that might be right, even with a low score. In a figure there would be far too many boxes.
#
# **Is the score the probability that the box is right?** It is the network's probability of the class. It does not
# include how well the box fits, so a well placed box may have a lower score than a badly placed one.
#
# **My detector gives two boxes on one object.** Either their IoU is 0.45 or less, or they have two classes: NMS
# compares only boxes of one class.
#
# **Two people stand close, and one is not detected.** Their boxes have an IoU above 0.45. Raise the threshold, or try
# Soft-NMS.
#
# **Is NMS used in training?** No, only in inference.
#
# ## Recap
#
# 1. Decode: the center moves by tenths of the default box's size, the size is multiplied by `exp(0.2 l)`.
# 2. NMS: the best box stays and removes all boxes that overlap it by more than 0.45; a removed box removes no other.
# 3. Each class separately; scores over 0.01; the best 400 of each class before NMS, the best 200 of all after it.
