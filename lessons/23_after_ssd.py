# %% [markdown]
# # 23 · After SSD
#
# **Goal.** Say of four later ideas, FPN, focal loss, detection without anchors and DETR, what of SSD each one replaces,
# and compute the core of each by hand.
#
# You need: feature maps (lesson 07), default boxes (08), matching (09), mining (11), NMS (14) and evaluation (15). Time:
# 50 minutes with the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
from dataclasses import replace

import numpy as np

from numpyssd.config import TINY
from numpyssd.datasets.shapes import ShapesDataset, example
from numpyssd.drawing import new_figure
from numpyssd.images.preprocess import preprocess
from lessons.course import after_ssd, check
from lessons.course.widgets import after_ssd as after_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here
from numpyssd.training.class_losses import draw_class_losses, focal_loss

you_are_here("feature maps", "default boxes", "matching", "hard negatives", "NMS")

# %% [markdown]
# SSD is from 2016. You know all of its parts now. So you can read what followed as a list of parts that were replaced:
#
# | | year | what of SSD it replaces | what stays |
# | --- | --- | --- | --- |
# | **FPN** | 2017 | each map predicts by itself | several maps, boxes, NMS |
# | **focal loss** | 2017 | hard negative mining | maps, boxes, NMS |
# | **FCOS**, **CenterNet** | 2019 | default boxes | one pass over maps |
# | **DETR** | 2020 | default boxes, their matching, and NMS | a fixed number of answers, most of them *no* |
#
# The numbers below come from the tables of these papers. AP is COCO's, in percent: the mean over IoU thresholds from
# 0.5 to 0.95 (lesson 15). Each pair of numbers is from *one* table, so that both were measured alike. Numbers of
# different papers are not compared here: [lesson 22](22_the_table_on_the_first_page.ipynb) says why.
#
# ## The figure
#
# ### FPN: coarse features come down again
#
# SSD's finest map comes from the middle of the network, where features are still simple. So small objects are found by
# the layers that know least. A **feature pyramid network** continues from the coarsest map downwards: it doubles the
# map's sides and adds the map of that size from the way up. Now each map has fine places *and* features that have seen
# the whole network.

# %%
figure, axes = new_figure(1, 2, size=(9.6, 3.2))
after_ssd.draw_fpn(axes)
show(figure, "SSD reads each map by itself; FPN adds coarse maps to finer ones first.")

# %% [markdown]
# **The number: 30.5 to 44.9.** This is the recall of small objects (averaged over IoU thresholds, 1000 proposals) of a
# region proposal network on COCO. 30.5 is for a pyramid that only goes up, as in SSD, 44.9 for FPN (Lin and others,
# "Feature Pyramid Networks for Object Detection", Table 1, rows d and c).
#
# ### Focal loss: no box is left out, and easy ones hardly count
#
# SSD chooses three negatives for each positive and ignores all others (lesson 11). The **focal loss** keeps every
# default box, and multiplies its loss by a power of what is still missing to the right answer. A box that is right
# already counts for almost nothing.

# %%
figure, ax = new_figure(size=(6.4, 3.6))
draw_class_losses(ax, smoothing=None)
show(figure, "The larger gamma, the less a box counts that is right already.")

# %% [markdown]
# **The number: 31.1 to 36.0 AP.** The same network was trained with mining at 1 : 3, SSD's way, in its best setting
# (31.1), with the best mining of any kind (32.8), and with the focal loss (36.0) (Lin and others, "Focal Loss for
# Dense Object Detection", Table 1d). That network is **RetinaNet**: default boxes on the maps of an FPN, trained with
# the focal loss. So in one sentence: SSD, with FPN, with focal loss.
#
# RetinaNet's loss is a *sigmoid* for each class, "this class or not", weighted by α. SSD has a softmax over all classes
# and background. The formula, code and figures here are the variant for a softmax; for two classes both are the same.
#
# Here it is on one image, with all 1504 default boxes of `tiny`. A dot is a default box, blue if it has an object. The
# larger the dot, the more of the loss is its own. Move gamma from 0 (no focus) upwards: where does the loss go?

# %%
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.matching import targets
from numpyssd.weights import load_model

model, data = load_model("tiny"), ShapesDataset(8, split="val")
defaults = default_boxes(TINY)
images = [sample.image for sample in (data[i] for i in range(8))]
conf = model.infer(preprocess(images, TINY))[1]  # (8, 1504, 6)
labels = np.stack(
    [targets(data[i].boxes / 64, data[i].labels, defaults)[1] for i in range(8)]
)  # (8, 1504): 0 is background
print(f"{labels.size} default boxes in 8 images, {(labels > 0).sum()} with an object")

# %%
widget = after_widgets.shares_by_gamma(images[4], defaults, conf[4], labels[4])
figure, ax = new_figure(size=(6.4, 3.6))
draw_class_losses(ax, smoothing=None, gammas=(2,))
show_widget(widget, figure, "Beside the cross-entropy, the focal loss with gamma 2.")

# %% [markdown]
# ### Without default boxes: points and centers
#
# Default boxes need scales and aspect ratios, and coverage that you have to check (lesson 18). **FCOS** has none. Each
# point of a map that lies inside an object predicts four distances: to the left, top, right and bottom side. Points
# far from the middle do this badly. So each point also predicts its **center-ness**, 1 in the middle and 0 at the
# edge, which is multiplied to the score. **CenterNet** predicts one map for each class that is high only at the
# centers of objects, and reads width and height there.

# %%
image, boxes, _, names = example(300)
figure, axes = new_figure(1, 2, size=(8.6, 5.2))
after_ssd.draw_points(axes, image, boxes)
show(figure, "Distances from a point to four sides; and a map that is high at centers.")

# %% [markdown]
# **The number: 33.5 to 37.1 AP** is FCOS without and with center-ness; RetinaNet, with anchor boxes, is at 35.9 in the
# same paper (Tian and others, "FCOS: Fully Convolutional One-Stage Object Detection", Table 4 and section 4.1.2). For
# CenterNet the abstract says 28.1 AP at 142 images a second, and 37.4 at 52 (Zhou and others, "Objects as Points").
#
# ### DETR: a set of answers
#
# SSD matches many default boxes to one object, so that it finds the object several times, and NMS removes the rest.
# **DETR** has a fixed number of slots, 100. A *transformer* lets the slots look at the whole image, and at each other.
# In training each object is matched to exactly **one** slot, those with the smallest total cost. All other slots have
# to say "no object". A slot that repeats another's answer is wrong, so nothing is left for NMS to do.

# %%
kinds = [names[k - 1] for k in example(300)[2]]
figure, ax = new_figure(size=(8.6, 4.3))
after_ssd.draw_set(ax, image, boxes, kinds)
show(figure, "Seven predictions; four have one object each, three say: no object.")

# %% [markdown]
# **The number: 500 epochs.** DETR and a Faster R-CNN with FPN both reach 42.0 AP. On small objects DETR is behind, 20.5
# against 26.6, and on large ones ahead, 61.1 against 53.4 (Carion and others, "End-to-End Object Detection with
# Transformers", Table 1). It was trained for 500 epochs, several times as long as its rival.
#
# ## By hand
#
# ### The focal loss
#
# With p, the probability of the right class, and a weight α
#
# $$FL = -\alpha \, (1 - p)^{\gamma} \, \log p$$
#
# With γ = 2: a box at p = 0.9 is multiplied by 0.01, one at 0.5 by 0.25, one at 0.1 by 0.81. Take 1000 easy boxes at
# 0.9 and one hard box at 0.1. Without the factor the easy ones have 105.4 of 107.7, 98 %. With it they have 1.05 of
# 2.92, 36 %.


# %%
def by_hand(p, gamma):
    return -((1 - p) ** gamma) * np.log(p)


for gamma in (0, 2):
    easy, hard = 1000 * by_hand(0.9, gamma), by_hand(0.1, gamma)
    print(
        f"gamma {gamma}: easy {easy:6.2f}, hard {hard:.2f}: {easy / (easy + hard):.0%}"
    )
assert abs(1000 * by_hand(0.9, 0) - 105.36) < 0.01
assert abs(1000 * by_hand(0.9, 2) - 1.05) < 0.01
assert abs(by_hand(0.1, 2) - 0.81 * np.log(10)) < 1e-12

# %% [markdown]
# ### Center-ness
#
# A box from 0 to 8 in x and in y, and a point at (2, 4): its distances are left 2, top 4, right 6, bottom 4.
#
# $$c = \sqrt{\frac{\min(l, r)}{\max(l, r)} \cdot \frac{\min(t, b)}{\max(t, b)}} = \sqrt{\frac{2}{6} \cdot \frac{4}{4}} = 0.577$$

# %%
point, box = np.array([[2.0, 4.0]]), np.array([0.0, 0.0, 8.0, 8.0])
distances, near = after_ssd.fcos_targets(point, box)
assert distances.tolist() == [[2, 4, 6, 4]]
assert abs(near[0] - np.sqrt(2 / 6 * 4 / 4)) < 1e-12
print(f"distances {distances[0]}, center-ness {near[0]:.3f}")

# %% [markdown]
# ### Adding down
#
# FPN on one channel and two maps: a coarse map of one number, 5, and a finer map of 2 x 2. The 5 is repeated four times
# and added.

# %%
fine, coarse = np.array([[1.0, 2], [3, 4]])[..., None], np.array([[5.0]])[..., None]
added = after_ssd.top_down([fine, coarse])[0]
assert added[..., 0].tolist() == [[6, 7], [8, 9]]
print(added[..., 0])

# %% [markdown]
# ### The smallest sum: the Hungarian method on 3 x 3
#
# Three predictions (rows), three objects (columns), and what it would cost to match them:
#
# | | object 1 | object 2 | object 3 |
# | --- | --- | --- | --- |
# | prediction 1 | 1 | 2 | 9 |
# | prediction 2 | 2 | 9 | 8 |
# | prediction 3 | 7 | 8 | 9 |
#
# **Greedy**, as SSD does it (lesson 09): take the smallest number, 1, cross out its row and column, and repeat. Then 8,
# and 8 again: 17. Is there anything better? **The Hungarian method** subtracts what changes nothing. A row's smallest
# number has to be paid in any case, so subtract it from the row: 1, 2 and 7. The same for each column that has no 0
# yet: 0, 1 and 2.
#
# | | object 1 | object 2 | object 3 |
# | --- | --- | --- | --- |
# | prediction 1 | 0 | **0** | 6 |
# | prediction 2 | **0** | 6 | 4 |
# | prediction 3 | 0 | 0 | **0** |
#
# If there are zeros with one in each row and each column, they are the answer, and the sum is all that was subtracted:
#
# $$1 + 2 + 7 + 0 + 1 + 2 = 13$$

# %%
costs = np.array([[1, 2, 9], [2, 9, 8], [7, 8, 9]])
rest = costs - costs.min(axis=1, keepdims=True)
paid = costs.min(axis=1).sum() + rest.min(axis=0).sum()
rest = rest - rest.min(axis=0)
greedy, best = after_ssd.greedy_assignment(costs), after_ssd.best_assignment(costs)
assert rest.tolist() == [[0, 0, 6], [0, 6, 4], [0, 0, 0]]
assert best == [1, 0, 2]
assert all(rest[row, best[row]] == 0 for row in range(3))
assert paid == sum(costs[row, best[row]] for row in range(3)) == 1 + 2 + 7 + 0 + 1 + 2
assert sum(costs[row, greedy[row]] for row in range(3)) == 17
print(f"greedy: columns {greedy}, 17; best: columns {best}, {paid}")

# %% [markdown]
# (Where the zeros do not suffice, the method goes on; this table is one where two subtractions do. With 100 slots and
# 10 objects a program has to do it. The exercise below tries all orders.)
#
# ## Loops you can read
#
# The focal loss, box by box, from logits. `balance` is α: the weight of objects, and 1 - α is that of background.


# %%
def focal_by_loops(logits, labels, gamma=2.0, balance=0.25):
    """Return the loss of each box; logits (T, C), labels (T,)."""
    losses = []
    for row, label in zip(logits, labels):
        powers = [np.exp(z - max(row)) for z in row]
        p = powers[label] / sum(powers)
        weight = balance if label > 0 else 1 - balance
        losses.append(-weight * (1 - p) ** gamma * np.log(p))
    return np.array(losses)


# %% [markdown]
# ## The check
#
# Against the library, on the 1504 boxes of one image. The logits are float32, with seven digits. The loops compute
# 1 - p, which loses digits where p is nearly 1. So we expect differences around 1e-7 and accept nothing above 1e-5. The
# gradient is checked by moving one logit a little (lesson 04).

# %%
loss, gradient = focal_loss(conf[0], labels[0])
error = abs(loss - focal_by_loops(conf[0].astype(float), labels[0])).max()
assert error < 1e-5
step, row = 1e-5, labels[0].argmax()  # a box with an object
moved = np.repeat(conf[0, row].astype(float)[None], 2, axis=0)
moved[:, 3] += [step, -step]
plus, minus = focal_by_loops(moved, [labels[0, row]] * 2)
slope = (plus - minus) / (2 * step)
assert abs(slope - gradient[row, 3]) < 1e-4
print("loss and gradient agree within 1e-5 and 1e-4 (expected: about 1e-7):", True)

# %% [markdown]
# ### Mining or focus, on one batch
#
# All 8 images, and three networks: `tiny`, which is trained; a new one; and a new one whose predictors begin with a
# large number for background (`start_with_background`, from the paper). Whose loss is it: that of positives, of
# background that is taken for an object, or of background that is right already (a probability of background over
# 0.5)?

# %%
from numpyssd.model.ssd import SSD
from numpyssd.training.class_losses import start_with_background
from numpyssd.softmax import softmax
from numpyssd.training.hard_negative_mining import hard_negatives
from numpyssd.training.losses import softmax_cross_entropy


# %%
def print_shares(name, conf):
    """Print for three ways of training what part of the loss each group has."""
    flat, kind = conf.reshape(-1, 6), labels.ravel()
    cross = softmax_cross_entropy(flat, kind)[0]
    mined = hard_negatives(cross.reshape(labels.shape), labels > 0, 3) | (labels > 0)
    right = softmax(flat)[:, 0] > 0.5
    groups = kind > 0, (kind == 0) & ~right, (kind == 0) & right
    print(f"{name:29} positives   taken for an object   right already")
    ways = {"all boxes, cross-entropy": cross}
    ways["mining, 3 to 1"] = np.where(mined.ravel(), cross, 0)
    ways["focal loss, gamma 2"] = focal_loss(flat, kind)[0]
    for way, each in ways.items():
        parts = [each[group].sum() / each.sum() for group in groups]
        print(f"  {way:27}{parts[0]:10.0%}{parts[1]:22.0%}{parts[2]:16.0%}")


# %% tags=["varies"]
small = replace(TINY, predictor_init_scale=0.01, norm_scale=8.0)  # small first weights
fresh = SSD(small, seed=0)
start_with_background(fresh)
begins = fresh.infer(preprocess(images, TINY))[1]
plain = SSD(small, seed=0).infer(preprocess(images, TINY))[1]
for name, each in (("tiny", conf), ("new", plain), ("new, background first", begins)):
    print_shares(name, each)

# %% [markdown]
# In the trained network, more than eleven thousand boxes of easy background have a quarter of the plain loss. Mining
# leaves most of them out: 15 %. With the focal loss they have 4 %, though none is left out, and the part of the wrong
# ones doubles.
#
# In a new network nothing is easy yet: all classes are equal, and background, with 99 of 100 boxes, has all of the loss.
# Neither loss helps there, but mining's 3 to 1 does, and so does the start with background.
#
# ## The library's code

# %%
show_source(focal_loss, start_with_background)

# %% [markdown]
# New against the loops: `1 - p` is computed by `expm1`, which keeps its digits where p is nearly 1. The gradient has two
# terms, because both factors depend on the logits.
#
# numpyssd's presets are SSD's, with mining. Two ideas of this lesson are options beside the paper: `train --focal-loss`
# instead of mining, and `train --box-loss giou`, the overlap loss that DETR uses beside plain L1 (lesson 01's last
# exercise computes it). FPN, FCOS, CenterNet and DETR are not part of numpyssd.
#
# ## Break it
#
# **Alpha and gamma exchanged.** In `qubvel/segmentation_models`, issue 258, a focal loss with `alpha=0.25, gamma=2` was
# called by position, in the other order. Both are numbers, so there was no error. What does that do to 1000 easy boxes
# and one hard box?


# %%
def focal(p, alpha, gamma):
    return -alpha * (1 - p) ** gamma * np.log(p)


for name, (alpha, gamma) in {"as meant": (0.25, 2), "exchanged": (2, 0.25)}.items():
    easy, hard = 1000 * focal(0.9, alpha, gamma), focal(0.1, alpha, gamma)
    print(
        f"{name:9} easy {easy:6.2f}, hard {hard:.2f}: {easy / (easy + hard):.0%} easy"
    )
assert easy / (easy + hard) > 0.9

# %% [markdown]
# The exponent is 0.25 now, which is nearly no focus. The loss still falls and the network still learns, only as if there
# were no focal loss.
#
# **No start with background.** The focal loss trains *all* boxes. If all classes begin alike, thousands of boxes of
# background are wrong in the first step. The paper sets the first bias so that "object" has a probability of 0.01. Ports
# that forgot it got NaN or a loss that did not move (`kuangliu/pytorch-retinanet`, issue 10; `yhenon/pytorch-retinanet`,
# issue 41). The loss of the first batch, divided by its positives:

# %% tags=["varies"]
first = {}
for name, each in (("without", plain), ("with", begins)):
    loss = focal_loss(each.reshape(-1, 6), labels.ravel())[0]
    positive = labels.ravel() > 0
    first[name] = loss.sum() / positive.sum()
    share = loss[~positive].sum() / loss.sum()
    print(f"{name:7} it: loss {first[name]:6.1f}, {share:.0%} of it background")
assert first["without"] > 10 * first["with"]

# %% [markdown]
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("centerness")` helps twice, and then gives the answer.
#
# ### Warm-up: center-ness
#
# Distances of points (P, 4) in the order left, top, right, bottom. A point outside has a negative one.


# %%
def my_centerness(distances):
    """Return the center-ness (P,), 0 outside."""
    ...


check.centerness(my_centerness)
check.answer("centerness")

# %% [markdown]
# ### Core: the focal loss
#
# From probabilities (T, C) this time. `alpha` is for objects, and 1 - `alpha` for background, which is class 0.


# %%
def my_focal(probabilities, labels, gamma, alpha):
    """Return the loss of each box (T,)."""
    ...


check.focal(my_focal)
check.answer("focal")

# %% [markdown]
# ### Stretch: the best assignment
#
# No column twice, and the smallest sum. N is at most 5 here.


# %%
def my_best_columns(costs):
    """Return the column of each row (N,)."""
    ...


check.best_columns(my_best_columns)
check.answer("best_columns")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the papers** | FPN: 2017, focal loss: 2017, FCOS and CenterNet: 2019, DETR: 2020; each with its own base network, input size and training, so that numbers of two papers do not compare |
# | **Caffe** | SSD's code has none of them |
# | **others** | torchvision and mmdetection have RetinaNet (FPN and focal loss), FCOS and, mmdetection, DETR; TensorFlow's object detection has SSD with FPN and focal loss |
# | **numpyssd** | SSD; focal loss and GIoU as options, off by default |
#
# What SSD itself does in all these places, and what its ports do, is on
# [the page of differences](paper_caffe_others.md).
#
# ## Questions readers ask
#
# **Is SSD out of date?** Its accuracy is. Its parts are not: several maps, boxes on a grid, offsets, a class for
# background, a loss with two terms. You will find them in most detectors, under other names.
#
# **Why not always the focal loss, then?** It has two numbers to choose, and it needs the start with background. With
# few images or a small network mining works as well; measure it on your own data.
#
# **Does "anchor-free" mean that nothing has to be chosen?** No. FCOS needs a range of object sizes for each map, and
# CenterNet the width of its bells.
#
# **Why does DETR need so long?** Among the reasons given: each object trains one slot only, where SSD trains all default
# boxes that cover it (lesson 09), so there are fewer positives; and the matching changes from step to step.
#
# **What became of SSD itself?** It has a family. **DSSD** (Fu and others, "Deconvolutional Single Shot Detector", 2017)
# adds layers that make coarse maps finer again. **RefineDet** (Zhang and others, "Single-Shot Refinement Neural Network
# for Object Detection", 2018) moves the default boxes once before it classifies them. **SSDLite** (Sandler and others,
# "MobileNetV2", 2018) has separable convolutions in SSD's predictors, for mobile phones.
#
# ## Recap
#
# 1. FPN changes the maps (coarse features come down), focal loss the mining (no box is left out, easy ones hardly count).
# 2. FCOS and CenterNet have points in place of default boxes; DETR has slots, each object matched to one: no NMS.
# 3. Compare two numbers only if they stand in one table; the part that was replaced is what you can copy.
