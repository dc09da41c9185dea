# %% [markdown]
# # 11 · Hard negative mining
#
# **Goal.** Choose the few default boxes that are worth learning from, out of some 8700 that show background.
#
# You need: positives and negatives ([lesson 09](09_matching_and_encoding.ipynb)), the cross-entropy
# ([lesson 10](10_losses.ipynb)). Time: 45 minutes, half of them for the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import json

import numpy as np

from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.config import SSD300, TINY
from numpyssd.datasets.shapes import example
from numpyssd.drawing import new_figure

# %% tags=["setup"]
from lessons.course import check
from lessons.course.widgets import training as training_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here
from numpyssd.model.default_boxes import default_boxes
from numpyssd.softmax import log_softmax
from numpyssd.training.hard_negative_mining import draw_mining, hard_negatives, largest
from numpyssd.training.matching import targets
from numpyssd.training.multibox_loss import draw_trained_boxes, multibox_loss

you_are_here("hard negatives", "loss")

# %% [markdown]
# In the example of lesson 09, 47 default boxes are assigned to an object and 8685 to background. A network that
# predicts "background" everywhere is right for 99.5 % of them. Most of the 8685 are easy, too: gray wall far from any
# object, learned in the first minutes. Each adds very little to the loss, but there are so many. In the beginning they
# dominate the 47; in a trained network easy background still has a quarter of the loss (lesson 23).
#
# **Hard negative mining**: of the negatives, only those with the largest loss are trained, at most three for each
# positive. The others get no gradient at all in this step.
#
# ## The figure
#
# We need the predictions of a network. We simulate one that is halfway through its training: its logit of background
# falls with the IoU of the default box with an object, plus some noise.


# %%
def simulated(config, seed=0):
    """Return image, objects, default boxes, logits (K, 6), conf_targets (K,)."""
    image, boxes, labels, _ = example(size=config.image_size)
    defaults, objects = default_boxes(config), boxes / config.image_size
    conf_targets = targets(objects, labels, defaults)[1]
    nearness = iou(objects, cxcywh_to_xyxy(defaults)).max(axis=0)
    conf = np.random.default_rng(seed).normal(size=(len(defaults), 6))
    conf[:, 0] += 6 - 14 * nearness  # the logit of background
    return image, boxes, defaults, conf, conf_targets


image, boxes, defaults, conf, conf_targets = simulated(SSD300)
loss, positive = -log_softmax(conf)[:, 0], conf_targets > 0
print(f"{positive.sum()} positives, {(~positive).sum()} negatives")

# %% [markdown]
# On the left are the negatives, sorted by their loss, and the cut (the axis is logarithmic: nearly everything is on the
# right of the cut). On the right you see where the chosen ones lie. Every default box is a dot at its center, as large
# as its gradient.

# %%
zeros = np.zeros((1, 8732, 4))
dconf = multibox_loss(zeros, conf[None], zeros, conf_targets[None])[2][0]
figure, axes = new_figure(1, 2, size=(12.5, 5.6))
draw_mining(axes[0], loss, positive)
draw_trained_boxes(axes[1], image, boxes, defaults, dconf)
show(figure, "Sorted losses with the cut at 141, and dots around the four objects.")

# %% [markdown]
# The hard negatives (red) sit around the objects: default boxes that overlap one, but by less than a half. They are the
# ones that have to learn what "not quite an object" looks like. Now move the cut, here for the 1504 default boxes of
# the tiny network (several share a center, and so a dot). From which ratio on do you train only easy background?

# %%
small, _, tiny, tiny_conf, tiny_targets = simulated(TINY)
tiny_loss, tiny_positive = -log_softmax(tiny_conf)[:, 0], tiny_targets > 0
widget = training_widgets.mining_cuts(small, tiny, tiny_conf, tiny_targets)
figure, ax = new_figure(size=(6, 4))
draw_mining(ax, tiny_loss, tiny_positive)
show_widget(widget, figure, "The losses of the tiny network's negatives, and the cut.")

# %% [markdown]
# A default box is right already if background has a probability over 1/2, a loss below ln 2 = 0.69. So from the ratio 6 on,
# all that is added is easy:

# %%
for ratio in (3, 4, 6, 10):
    chosen = hard_negatives(tiny_loss[None], tiny_positive[None], ratio)[0]
    easiest = tiny_loss[chosen].min()
    assert (easiest < np.log(2)) == (ratio >= 6)
    print(f"{ratio:2} for each: the easiest has {easiest:.2f},", end=" ")
    print(f"background {np.exp(-easiest):.0%}")

# %% [markdown]
# ## By hand
#
# Ten default boxes, of which 1 and 4 are positive. These are their losses *towards background*: what each would cost if the
# right answer were "background".
#
# | default box | 0 | **1** | 2 | 3 | **4** | 5 | 6 | 7 | 8 | 9 |
# | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
# | loss | 3 | **9** | 1 | 5 | **5** | 0 | 2 | 7 | 5 | 1 |
#
# Two positives need six negatives. Take the positives out first: a positive *should* be far from background, so its
# large loss is no error. Of the rest, the largest is number 7 (loss 7), then 3 and 8 (5 each), 0 (3), 6 (2). That makes
# five. For the sixth place 2 and 9 are equal, with 1: the lower index gets it, so the same image always gives the same
# result. Number 5 is never trained.
#
# For an image with p positives and n negatives,
#
# $$k = \min(3 \, p, \; n)$$
#
# negatives are trained. Without positives there are no negatives: an image without objects teaches nothing at all (in
# Caffe and here).

# %%
by_hand = np.array([[3, 9, 1, 5, 5, 0, 2, 7, 5, 1]], float)
is_positive = np.zeros((1, 10), bool)
is_positive[0, [1, 4]] = True
chosen = hard_negatives(by_hand, is_positive)
assert np.flatnonzero(chosen[0]).tolist() == [0, 2, 3, 6, 7, 8]
assert chosen.sum() == min(3 * 2, 8)
assert not hard_negatives(by_hand, np.zeros((1, 10), bool)).any()
print("chosen:", np.flatnonzero(chosen[0]))

# %% [markdown]
# How much does mining change? Add up the norms of the gradients of all positives and of all negatives, in the very
# first step, when all logits are 0 and no negative is easy yet:

# %%
for name, ratio in (("without mining", 10000), ("three for one", 3)):
    nothing = np.zeros((1, 8732, 6))
    dconf = multibox_loss(zeros, nothing, zeros, conf_targets[None], 1, ratio)[2][0]
    norms = np.linalg.norm(dconf, axis=1)  # (8732,)
    fraction = norms[positive].sum() / norms.sum()
    print(f"{name:15} the positives have {fraction:6.1%} of the gradient")
    assert np.isclose(fraction, 47 / (47 + min(ratio * 47, 8685)))

# %% [markdown]
# The positives go from one two-hundredth of the gradient to a quarter.
#
# What is it worth? Lesson 17 trains the tiny network with mining and without, 320 iterations each. On its test images the
# two have this mAP, the quality of a detector from 0 to 1 (lesson 15):

# %%
results = here.ROOT / "benchmarks" / "results"
runs = json.loads((results / "clinic.json").read_text())["runs"]
for name, words in (("healthy", "with mining"), ("negatives", "without")):
    assert runs[name]["seed"] == 0
    print(f"{words:12} {runs[name]['test_map']:.2f}")

# %% [markdown]
# It is one run each, with one seed, and such runs differ by a few hundredths from seed to seed. So this says no more than
# that a small network trains without mining, too.
#
# ## Loops you can read


# %%
def mine_by_loops(loss, positive, ratio=3):
    """Return the mask (N, K) of the hard negatives of each image."""
    chosen = np.zeros(loss.shape, bool)
    for n in range(len(loss)):
        negatives = [k for k in range(len(loss[n])) if not positive[n, k]]
        hardest_first = sorted(negatives, key=lambda k: (-loss[n, k], k))
        for k in hardest_first[: ratio * positive[n].sum()]:
            chosen[n, k] = True
    return chosen


print(np.flatnonzero(mine_by_loops(by_hand, is_positive)[0]))

# %% [markdown]
# Each image is mined separately. The key `(-loss, k)` puts large losses first, and of equal ones the lower k.
#
# ## The check
#
# Against the library: 40 batches of 4 images and 60 default boxes, with losses rounded to whole numbers, so that there
# are many ties. A mask is right or wrong; not one of the 9600 entries may differ.

# %%
rng = np.random.default_rng(0)
differences = 0
for _ in range(40):
    some_loss = rng.integers(0, 9, (4, 60)).astype(float)
    some_positive = rng.uniform(size=(4, 60)) < rng.choice([0, 0.05, 0.2, 0.6], (4, 1))
    chosen = hard_negatives(some_loss, some_positive)
    differences += (chosen != mine_by_loops(some_loss, some_positive)).sum()
    p = some_positive.sum(axis=1)
    assert (chosen.sum(axis=1) == np.minimum(3 * p, 60 - p)).all()
    assert not (chosen & some_positive).any()
assert differences == 0
print(f"{differences} of {40 * 4 * 60} differ (expected: 0)")

# %% [markdown]
# ## The library's code

# %%
show_source(hard_negatives, largest)

# %% [markdown]
# What is new: `largest` doesn't sort. `np.partition` finds the value at the cut. Everything above this value is chosen,
# and the places that are left go to the losses equal to it, in order. A loss that is NaN raises an error: NaN cannot be
# compared, so a sort would put it anywhere and choose wrong negatives without a warning.
#
# ## Break it
#
# The positives have to be taken out *before* the ranking. This line is the best-known trap of `amdegroot/ssd.pytorch`.
# There the losses are one long column, (images x boxes, 1), and the mask of positives is (images, boxes). The line that
# sets the positives to 0 comes before the reshape. NumPy raises an error, as PyTorch does in the issues about it:

# %%
batch_loss = np.concatenate([by_hand, by_hand])  # (2, 10): two images
batch_positive = np.concatenate([is_positive, is_positive])  # (2, 10)
column = batch_loss.reshape(-1, 1).copy()  # (20, 1)
try:
    column[batch_positive] = 0
except IndexError:
    print("a mask", batch_positive.shape, "does not fit", column.shape)

# %% [markdown]
# Issues 69 and 292 of that project are about this line; the fix is to exchange two lines. Another idea looks good, too:
# leave the line out, and drop the positives afterwards. Before you read on: what happens then?


# %%
def mine_with_a_bug(loss, positive, ratio=3):
    order = np.argsort(-loss, axis=1, kind="stable")
    rank = np.argsort(order, axis=1)  # 0 for the largest loss of its image
    wanted = ratio * positive.sum(axis=1, keepdims=True)
    return (rank < wanted) & ~positive


for name, some_loss, mask in (
    ("by hand", by_hand, is_positive),
    ("the image", loss[None], positive[None]),
):
    right, wrong = hard_negatives(some_loss, mask), mine_with_a_bug(some_loss, mask)
    print(f"{name:12} {right.sum()} negatives, with the bug {wrong.sum()}")
    assert wrong.sum() < right.sum()

# %% [markdown]
# It runs. The positives have the largest losses towards background, as they should. So they take places in the ranking
# that were meant for negatives. This becomes worse as the network becomes better: with higher scores for its objects,
# fewer negatives are left to correct its errors.
#
# ### Ranked over the batch
#
# Other projects rank the negatives of all images together. Then one image with a difficult background takes the places
# of the other images:

# %%
two = np.array([[1, 2, 3, 4, 5, 6, 1, 1], [9, 9, 8, 8, 7, 7, 7, 9]], float)
mask = np.zeros((2, 8), bool)
mask[:, 0] = True  # one positive in each
for scope in ("image", "batch"):
    print(f"{scope}: {hard_negatives(two, mask, scope=scope).sum(axis=1)} negatives")
assert hard_negatives(two, mask, scope="batch").sum(axis=1).tolist() == [0, 6]

# %% [markdown]
# The first image has an object and not one negative beside it. This rule is intended: ssd_keras and balancap have it
# ([entry 30](paper_caffe_others.md#30-negatives-of-one-image-or-of-the-batch) measures what it changes).
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("how_many")` helps twice, and then gives the answer.
#
# ### Warm-up: how many
#
# An image has `boxes` default boxes, `positives` of them positive.


# %%
def my_how_many(positives, boxes, ratio):
    """Return the number of negatives that are trained."""
    ...


check.how_many(my_how_many)
check.answer("how_many")

# %% [markdown]
# ### Core: mine one image
#
# `loss` (K,) and `positive` (K,). Ties go to the lower index.


# %%
def my_mine_image(loss, positive, ratio):
    """Return the mask (K,) of the hard negatives."""
    ...


check.mine_image(my_mine_image)
check.answer("mine_image")

# %% [markdown]
# ### Stretch: the trick with two sorts
#
# Many ports have two sorts in a row, and their readers ask why (kuangliu/torchcv, issue 46). What do they compute? Return the
# *rank* of each number, 0 for the largest. Each has a rank of its own: of equal numbers the first has the lower one.


# %%
def my_rank_of(loss):
    """Return the ranks (K,) of the numbers of loss (K,)."""
    ...


check.rank_of(my_rank_of)
check.answer("rank_of")

# %% [markdown]
# ### Stretch: mine a batch without a loop
#
# `rank < wanted` works for all images at once, if the positives come last.


# %%
def my_mine_batch(loss, positive, ratio):
    """Return the mask (N, K) of the hard negatives of each image."""
    ...


check.mine_batch(my_mine_batch)
check.answer("mine_batch")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | the negatives of the highest confidence loss, at most 3 for each positive (section 2.2) |
# | **Caffe** | by the cross-entropy towards background, image by image; ties in no fixed order; none without positives |
# | **others** | ssd_keras and balancap: over the whole batch. rykov8: by the surest class, and 100 negatives without positives. GluonCV, ssd_keras: a minimum number. D2L: no mining |
# | **numpyssd** | as Caffe, ties by the lower index |
#
# More of it: [9. Images without objects](paper_caffe_others.md#9-images-without-objects),
# [10. What makes a negative hard](paper_caffe_others.md#10-what-makes-a-negative-hard),
# [30. Negatives of one image, or of the batch](paper_caffe_others.md#30-negatives-of-one-image-or-of-the-batch).
#
# ## Questions readers ask
#
# **Why three?** The paper says that training is faster and more stable this way, and gives no other reason.
#
# **Why are there two sorts?** The first gives the index of the hardest, of the second hardest, and so on. The second
# inverts this: it gives the rank of each default box. Then "rank below 3 p" is a mask.
#
# **Do the chosen ones change?** In every step. A negative that has been learned becomes easy and leaves the list.
#
# **Isn't it dangerous to ignore 98 %?** They are ignored only as long as they are right. As soon as one of them is
# mistaken for an object, its loss rises, and it is chosen.
#
# **Does a gradient flow through the choice?** No. The choice is a mask; the gradient flows through the losses that are
# chosen.
#
# **Why not simply give the negatives a smaller weight?** That can be done: focal loss multiplies each loss by how wrong
# the prediction is, so easy negatives count little. It came later (2017), and needs no mining.
#
# ## Recap
#
# 1. Nearly all default boxes are easy background; if all are trained, they dominate the objects in the beginning.
# 2. Each image trains its hardest negatives, at most three for each of its positives, and none if it has no object.
# 3. Take the positives out before you rank, break ties by the index, and rank each image separately.
