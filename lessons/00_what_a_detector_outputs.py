# %% [markdown]
# # 00 · What a detector outputs
#
# **Goal.** Run a finished detector on a picture, and read what it says: boxes, classes and scores.
#
# You need: NumPy. Time: 15 minutes. Everything that is only used here is built in one of the lessons that follow.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import numpy as np

from numpyssd import kernels
from numpyssd.datasets.preprocess import preprocess
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
from numpyssd.drawing import new_figure
from numpyssd.inference.postprocess import draw_postprocess, postprocess
from numpyssd.inference.postprocess import postprocess_explained
from numpyssd.learn import check, scenes
from numpyssd.learn.display import show, show_source, show_widget, you_are_here
from numpyssd.model.default_boxes import default_boxes
from numpyssd.run.evaluation import detect
from numpyssd.softmax import softmax
from numpyssd.weights import load_model

backend = kernels.use("reference")  # plain NumPy
you_are_here("image", "evaluation")

# %% [markdown]
# A *classifier* says of a whole picture: a dog. A **detector** says: a dog here, and another there, and a ball. For each
# object it gives a **box**, a **class**, and a **score** between 0 and 1 that says how sure it is. How many there will be
# nobody knows beforehand.
#
# The strip above is the whole course: each of its steps is a lesson, and in each you write the step yourself.
#
# ## The picture
#
# A small trained network comes with this project (`data/tiny.npz`, 64 x 64 pixels, five classes of shapes). Left: the boxes
# of everything in which it sees an object with a score above 0.5. Right: what is left after the repetitions are removed.

# %%
model = load_model(here.ROOT / "data" / "tiny.npz")
picture, objects, labels, difficult = ShapesDataset(1, size=256, split="test")[0]
defaults = default_boxes(model.config)  # (1504, 4)
loc, conf = model.infer(preprocess(picture, model.config))
found = postprocess_explained(loc[0], conf[0], defaults)
figure, axes = new_figure(1, 2, size=(9, 4.8))
draw_postprocess(axes, picture, found, defaults, CLASS_NAMES)
show(figure, "All boxes with a score above 0.5, and the three that are left of them.")

# %% [markdown]
# Three objects, three detections. But the network also sees others, less surely. Move the least score: orange detections
# are right (TP, true positives), red ones are wrong (FP, false positives), and green boxes with none are missed (FN, false
# negatives). Where is the last wrong one?

# %%
boxes, classes, scores = next(iter(detect(model, [picture])))
truth = objects, labels, difficult
widget = scenes.score_thresholds(picture, (boxes, classes, scores), truth, CLASS_NAMES)
figure, axes = new_figure(1, 2, size=(7, 3.8))
draw_postprocess(axes, picture, found, defaults, CLASS_NAMES)
show_widget(widget, figure, "At a least score of 0.5 all three detections are right.")

# %% [markdown]
# Below the picture, the point says the same in two numbers: **recall**, the share of the objects that were found, and
# **precision**, the share of the detections that are right. Lower the least score, and recall rises while precision falls.
# Lesson 13 makes the measure of a detector of this curve.
#
# ## By hand
#
# The network does not say scores. It says a row of six numbers for each of its 1504 *default boxes*: one for background
# and one for each class. **Softmax** makes probabilities of them: raise e to each, and divide by the sum.
#
# $$p_i = \frac{e^{z_i}}{e^{z_0} + e^{z_1} + e^{z_2}}$$
#
# With three classes, background, cat and dog, and the row (0, ln 3, 0): the powers are 1, 3 and 1, their sum is 5, and so a
# cat has the probability 3/5.

# %%
row = np.array([0, np.log(3), 0])
powers = np.exp(row)
assert np.allclose(powers, [1, 3, 1])
assert np.allclose(softmax(row), [1 / 5, 3 / 5, 1 / 5])
print("probabilities:", softmax(row).round(3))

# %% [markdown]
# And it does not say pixels: a box is in shares of the picture's sides, so that it fits a picture of any size. In a picture
# that is 200 wide and 100 high:
#
# $$(0.1, \; 0.2, \; 0.5, \; 0.8) \cdot (200, 100, 200, 100) = (20, \; 20, \; 100, \; 80)$$

# %%
shares = np.array([0.1, 0.2, 0.5, 0.8])
assert np.allclose(shares * (200, 100, 200, 100), (20, 20, 100, 80))
print("the network's output:", loc.shape, "offsets and", conf.shape, "scores")

# %% [markdown]
# ## Loops you can read
#
# From that table to a list that people read, without removing repetitions: for each row the best class that is no
# background, if it is sure enough.


# %%
def read_rows(conf, least):
    """Return (row, class, score) of every default box that sees an object."""
    found = []
    for k, row in enumerate(conf):
        powers = np.exp(row - row.max())  # the same quotient, and no overflow
        probabilities = powers / powers.sum()
        label = 1 + int(probabilities[1:].argmax())  # 0 is background
        if probabilities[label] > least:
            found.append((k, label, probabilities[label]))
    return found


seen = read_rows(conf[0], 0.5)
print(f"{len(seen)} of {len(conf[0])} default boxes see an object")
for k, label, score in seen[:3]:
    print(f"  row {k}: {CLASS_NAMES[label - 1]} {score:.2f}")

# %% [markdown]
# Most rows say "background", as they should: most places of a picture are.
#
# ## The check
#
# The loops against the library's softmax, over all rows. The network computes in float32, so differences around 1e-7 are
# expected.

# %%
probabilities = softmax(conf[0])  # (1504, 6)
over = probabilities[:, 1:].max(axis=1) > 0.5
assert [k for k, _, _ in seen] == np.flatnonzero(over).tolist()
error = max(abs(probabilities[k, label] - score) for k, label, score in seen)
assert error < 1e-6
assert abs(probabilities.sum(axis=1) - 1).max() < 1e-5
print("the same rows; scores differ by less than 1e-6 (expected: around 1e-7)")

# %% [markdown]
# And what every detector promises: as many labels and scores as boxes, the best first, labels from 1 on, boxes within the
# picture.

# %%
boxes, classes, scores = postprocess(loc[0], conf[0], defaults)
assert len(boxes) == len(classes) == len(scores)
assert (np.diff(scores) <= 0).all()
assert classes.min() >= 1
assert boxes.min() >= 0
assert boxes.max() <= 1
print(len(boxes), "detections; the best three:", scores[:3].round(2))

# %% [markdown]
# ## The library's code
#
# `detect` is what the commands call: fit the pictures to the network, run it, clean up what it says, and go back to pixels.

# %%
show_source(detect, preprocess)

# %% [markdown]
# Try it on a picture of your own shapes: `python -m numpyssd.detect --weights data/tiny.npz PICTURE.png`. Lesson 15 trains
# it on pictures of yours.
#
# ## Break it
#
# The same network, the same picture, no error, and nothing is found. What has been done to the picture?

# %%
dim = (picture / 255).astype(np.uint8)
results = {}
for name, image in {"right": picture, "with the bug": dim}.items():
    _, _, scores = next(iter(detect(model, [image])))
    results[name] = (scores > 0.5).sum()
    print(
        f"{name:12}: {results[name]} detections above 0.5, pixels up to {image.max()}"
    )
assert results["right"] == 3
assert results["with the bug"] == 0

# %% [markdown]
# Its pixels go from 0 to 1 instead of 0 to 255. For a network trained on the one, the other is a black picture. No check of
# shapes can tell, and no program complains. It is the most frequent reason why published weights "do not work":
# MobileNet-SSD's users (issues 19 and 64) found nothing at all until they scaled their pictures as in its training, and
# the live demonstration of `amdegroot/ssd.pytorch` divides the mean colour by 256, but not the picture (issue 77).
# This is why here the rule travels with the weights, in their file.
#
# ## Exercises
#
# Replace the `...`, and run the cell again.
#
# ### Warm-up: names
#
# Labels count from 1, because 0 is background.


# %%
def my_names_of(labels, class_names):
    """Return a list of names."""
    ...


check.names_of(my_names_of)
check.answer("names_of")

# %% [markdown]
# ### Core: only the sure ones
#
# Three arrays that belong together, row by row.


# %%
def my_confident(boxes, labels, scores, least):
    """Return boxes, labels and scores of the sure detections."""
    ...


check.confident(my_confident)
check.answer("confident")

# %% [markdown]
# ### Stretch: to pixels
#
# For a picture that need not be square.


# %%
def my_to_pixels(boxes, image):
    """Return boxes (D, 4) in pixels of the image (H, W, 3)."""
    ...


check.to_pixels(my_to_pixels)
check.answer("to_pixels")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | detections with a score over 0.01, at most 200 a picture; 300 x 300 pixels |
# | **Caffe** | BGR pixels from 0 to 255, less the mean colour (104, 117, 123), not scaled |
# | **others** | torchvision: RGB, normalised first and interpolated afterwards; mmdetection and sgrvinod: other means |
# | **numpyssd** | RGB, and each file of weights brings its own rule |
#
# What the differences amount to: [26](paper_caffe_others.md#26-how-a-picture-becomes-the-input),
# [27](paper_caffe_others.md#27-boxes-an-image-and-the-least-score).
#
# ## Questions readers ask
#
# **One stage, two stages?** Faster R-CNN works in two: a first network proposes places, a second looks at each. SSD and
# YOLO do it at once: every answer comes out of one pass over the picture. The published figures, on VOC2007 test: Faster
# R-CNN 73.2 mAP at 7 frames a second, YOLO 63.4 at 45, SSD300 74.3 at 59.
#
# **What is mAP?** A number between 0 and 1 (or 100) for the whole curve of recall and precision, averaged over the classes
# (lesson 13).
#
# **How does SSD differ from YOLO?** The first YOLO has one grid of 7 x 7 cells; SSD predicts from six grids, from
# 38 x 38 to 1 x 1 (lesson 06), and so finds small objects better.
#
# **Is a score of 0.9 right nine times of ten?** Not necessarily. Scores put detections in an order; how often they are
# right has to be measured.
#
# **Which least score shall I show?** That depends on what a miss costs you, and what a false alarm. For measuring a
# detector, do not cut at all: lesson 13 says why.
#
# ## Recap
#
# 1. A detection is a box, a class and a score; the number of detections depends on the picture.
# 2. The network itself gives one row for each default box: class numbers, of which softmax makes probabilities, and offsets.
# 3. Feed it pictures exactly as in its training, or it finds nothing and says nothing.
