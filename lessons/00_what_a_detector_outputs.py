# %% [markdown]
# # 00 · What a detector outputs
#
# **Goal.** Run a finished detector on an image, and say how its raw numbers become a short list of boxes, each with a
# label and a score.
#
# ![A photograph through a microscope; each cell has a box with its name and a score](../data/pictures/cell.png)
#
# *Blood cells, found by a detector of this project (`data/bccd.npz`) in a photograph that it was not trained on. RBC:
# red blood cell; WBC: white blood cell. (BCCD, MIT license; drawn by `python -m benchmarks.cells_picture --data
# data/bccd`.)*
#
# You need: NumPy arrays and their shapes. Time: 40 minutes with the exercises. Nothing is trained here: the weights
# come with the project, and each part has a lesson of its own. Some words are not explained yet. The number of the
# lesson that explains such a word stands beside it.

# %% tags=["setup"]
from pathlib import Path

import here  # finds numpyssd, one folder up
import numpy as np

from numpyssd.datasets.loading import load_dataset
from numpyssd.images.preprocess import preprocess
from numpyssd.drawing import draw_boxes, draw_image, new_figure
from numpyssd.inference.detection_matching import match_detections
from numpyssd.inference.postprocess import draw_postprocess, postprocess
from numpyssd.inference.postprocess import postprocess_explained
from lessons.course import check
from lessons.course.widgets import detections as detection_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here
from numpyssd.model.default_boxes import default_boxes
from numpyssd.softmax import softmax
from numpyssd.weights import load_model

# %% [markdown]
# This strip stands at the top of every lesson. The way from an image through the network divides: in one direction to
# detections and their evaluation, in the other to training. The marked steps are those of the lesson.

# %%
you_are_here("image", "decoding", "NMS")

# %% [markdown]
# A *classifier* says what is in an image: one answer. To say *where* one object is, with a box, is called
# *localization*. A *detector* does both for any number of objects: **detection = localization + classification**, of
# everything at once. It cannot know the number of objects beforehand. But a network always gives the same number of
# outputs. How does it do that?
#
# ## The figure
#
# The network was trained for two minutes on painted shapes of five kinds. It has never seen this image. The data set
# says what there is to find: the **ground truth**, in green. `model.infer` runs the network, and
# `postprocess_explained` makes detections from its raw numbers `loc` and `conf`. The rest of the lesson explains these
# numbers.

# %%
DATA = Path(here.__file__).parents[1].resolve() / "data"
model = load_model("tiny")
dataset = load_dataset(DATA / "samples", "test", model.class_names)
image, truth, truth_labels, difficult = dataset[0]
default = default_boxes(model.config)  # (1504, 4), the same for every image
loc, conf = model.infer(preprocess(image, model.config))
found = postprocess_explained(loc[0], conf[0], default)

figure, axes = new_figure(2, 2, size=(8.4, 8.9))
draw_image(axes[0], image)
draw_boxes(
    axes[0], truth, "ground truth", [model.class_names[n - 1] for n in truth_labels]
)
draw_image(axes[1], image)
draw_boxes(axes[1], found.decoded * 192, "prediction", linewidth=0.25)
draw_postprocess(axes[2:], image, found, default, model.class_names)

# %%
titles = (f"the image: {len(truth)} objects", f"all {len(default)} boxes")
for ax, title in zip(axes, titles):
    ax.set_title(title, fontsize=11)
show(figure, "Three objects; 1504 boxes; those with a high score; one for each object.")

# %% [markdown]
# Read it from left to right, and then the second row:
#
# 1. **The image** with its three objects.
# 2. **All 1504 boxes.** The network always gives 1504, for any number of objects. Each began as a *default box*, which
#    lies at the same place in every image (lesson 08). The network moved and stretched it a little to fit.
# 3. **Over a threshold.** Each box has a score for each kind of object. Nearly all say "there is nothing here", so that
#    few boxes are left.
# 4. **After NMS.** Several boxes have found the same object. Of those that overlap, non-maximum suppression (NMS,
#    lesson 14) keeps the best. Beside each result stand its label, its score, and how many others it suppressed.
#
# So "any number of answers" is "a fixed number of answers, most of them *no*".
#
# In the [playground](playground.md) you draw the image yourself, and watch these four steps at every stroke.
#
# Where to put the threshold is your choice. Move it: which box goes first, which last? Blue boxes are true positives:
# they have the label of an object and lie on it well enough (an IoU of at least 0.5: [lesson
# 01](01_boxes_and_iou.ipynb)). Red ones are false positives. An object without a blue box is missed.

# %%
outcomes = match_detections(*found[:3], truth / 192, truth_labels, difficult, [0.5])[0]
widget, said = detection_widgets.score_thresholds(
    image, found[:3], outcomes, model.class_names, len(truth)
)
figure, ax = new_figure(size=(5, 5))
draw_image(ax, image)
shown = found.scores > 0.5
names = [model.class_names[label - 1] for label in found.labels[shown]]
draw_boxes(ax, found.boxes[shown] * 192, "positive", names)
show_widget(widget, figure, "Over 0.5, three boxes are left and all are right.")
print(said[0])
print(said[17])

# %% [markdown]
# A low threshold misses nothing and shows wrong boxes. A high one shows only what is right and misses
# objects. No threshold is *the* right one, and so a detector is evaluated over all of them (lesson 15).
#
# ### One look or two?
#
# The networks that came before asked the question in other ways:
#
# * **Faster R-CNN** has *two stages*. A first network proposes regions in which there may be something, several
#   thousand, of which the best few hundred are kept. For each of them, the features inside are cut out. A second
#   network says what it is and corrects the box. Good, and slow ([lesson 21](21_two_stages.ipynb)).
# * **YOLO** (its first version) has one stage. It lays a single grid of 7 x 7 cells over the image. A cell gives two
#   boxes, and one set of probabilities for both. Fast. But a cell can name one kind of object only, so that small
#   objects that stand close together are lost ([lesson 20](20_one_grid.ipynb)).
# * **SSD** has one stage too: everything comes out of a single pass ("single shot"). It has six grids, from 38 x 38
#   cells for small objects to a single cell for large ones, and each box has probabilities of its own (lesson 07).
#
# Here is all of SSD300. Each slab is a layer. The image goes in at the left. Most layers are those of a network that
# was made for classification, VGG-16 (lesson 06). Six of the maps (blue) are read by the predictors, which give all
# boxes and classes (lesson 07). The numbers at the arrows count the boxes.

# %%
from numpyssd.model.architecture import draw_architecture

figure, ax = new_figure(size=(9.6, 4.6))
draw_architecture(ax)
show(figure, "All layers of SSD300; six of its maps lead to the predictors.")

# %% [markdown]
# This is what the SSD paper reports for the 4952 photographs of the VOC2007 test set (Table 7; YOLO's row is that of
# the paper's first page):
#
# | | stages | input in pixels | boxes | images a second | mAP |
# | --- | --- | --- | --- | --- | --- |
# | Faster R-CNN | 2 | about 1000 x 600 | about 6000, anew for each image | 7 | 73.2 |
# | YOLO | 1 | 448 x 448 | 98 | 45 | 63.4 |
# | SSD300 | 1 | 300 x 300 | 8732 | 59 | 74.3 |
#
# mAP is the measure of lesson 15; more is better. It goes from 0 to 1. Papers print it in percent: 74.3 is 0.743. This
# course writes it from 0 to 1, except in tables of papers like this one.
#
# The speeds are those of one kind of GPU. SSD's is for 8 images at a time; one at a time it is 46 ([entry
# 25](paper_caffe_others.md#25-frames-a-second) of the page *The paper, Caffe, and the others*, which lists in numbered
# entries where programs differ). A camera gives 25 to 30 images a second. A detector that keeps up with it works in
# **real time**. SSD300 was the first of these to do so with an mAP over 0.7. (The inputs have different sizes,
# which is a good part of the difference: [lesson 22](22_the_table_on_the_first_page.ipynb).)

# %%
yolo_boxes, ssd_boxes = 7 * 7 * 2, 8732
assert yolo_boxes == 98
print(f"SSD300: {1000 / 59:.0f} ms an image 8 at a time, {1000 / 46:.0f} one by one")
print(f"Faster R-CNN: {1000 / 7:.0f} ms, {46 / 7:.1f} to {59 / 7:.1f} times as long")
print(f"YOLO: {1000 / 45:.0f} ms, and an mAP {0.743 - 0.634:.3f} lower than SSD300's")
print(f"SSD300 has {ssd_boxes / yolo_boxes:.0f} times as many boxes as YOLO")

# %% [markdown]
# ## By hand
#
# For each default box the network gives two things:
#
# * **4 offsets** (`loc`), which say how to move and stretch the default box. Lesson 14 explains how. Here we take the
#   boxes as given.
# * **a number for each class** (`conf`), where class 0 is *background*: "there is nothing". Our network knows 5 kinds
#   of object, which makes 6 classes.
#
# With K default boxes and C classes that is
#
# $$\mathrm{outputs} = K \cdot (4 + C) = 1504 \cdot (4 + 6) = 15040$$

# %%
assert loc.shape == (1, 1504, 4)  # (images, default boxes, offsets)
assert conf.shape == (1, 1504, 6)  # (images, default boxes, classes)
assert loc.size + conf.size == 1504 * (4 + 6) == 15040
assert 8732 * (4 + 21) == 218300
print("outputs for one image:", loc.size + conf.size, "| SSD300's: 218300")

# %% [markdown]
# The numbers in `conf` may be anything, negative too; they are called *logits*. **Softmax** makes
# probabilities of them: raise e to the power of each, which makes all positive, and divide by their sum, which makes
# the sum 1.
#
# $$p_c = \frac{e^{z_c}}{\sum_k e^{z_k}}$$
#
# By hand: logits 0 and 0 become 1/2 and 1/2. Logits 0 and ln 3 become 1/(1 + 3) and 3/(1 + 3).

# %%
assert softmax(np.array([0, 0])).tolist() == [1 / 2, 1 / 2]
assert abs(softmax(np.array([0, np.log(3)])) - [1 / 4, 3 / 4]).max() < 1e-15
row = found.default_box[0]  # that of the best detection
print("logits of one box:", conf[0, row].round(1))
print("probabilities:    ", softmax(conf[0, row]).round(3))

# %% [markdown]
# The six numbers are those of background, cross, ellipse, rectangle, ring and triangle, in this order.
# This box has found the ring, with a high probability.
#
# Now a detector for cats and dogs with three boxes. These are its probabilities, in percent:
#
# | box | background | cat | dog |
# | --- | --- | --- | --- |
# | 0 | 90 | 6 | 4 |
# | 1 | 20 | 70 | 10 |
# | 2 | 25 | 35 | 40 |
#
# Which detections are over 30 %? Box 1 is a cat (70). Box 2 is a dog (40) **and** a cat (35): each class is compared by
# itself. Background is never a detection, even with a high probability: box 0 gives none. Best first, that is the whole
# result: cat 70, dog 40, cat 35.
#
# ## Loops you can read
#
# Every box, every class but background, and a comparison:


# %%
def detections_by_loops(boxes, probabilities, threshold):
    """Return (score, label, box) of everything over the threshold, best first."""
    found = []
    for box, row in zip(boxes, probabilities):
        for label in range(1, len(row)):  # 0 is background
            if row[label] > threshold:
                found.append((row[label], label, box))
    return sorted(found, key=lambda each: -each[0])


percent = [[90, 6, 4], [20, 70, 10], [25, 35, 40]]
by_hand = detections_by_loops(["box 0", "box 1", "box 2"], percent, 30)
assert by_hand == [(70, 1, "box 1"), (40, 2, "box 2"), (35, 1, "box 2")]
print(by_hand)

# %% [markdown]
# ## The check
#
# Does the library find the same in our image? Its `postprocess` also applies NMS. For a fair comparison we set the IoU
# threshold of NMS to 1, which no pair of boxes exceeds. Both do the same comparisons on the same numbers, so we expect
# a difference of exactly 0.

# %%
loops = detections_by_loops(np.clip(found.decoded, 0, 1), softmax(conf[0]), 0.3)
boxes, labels, scores = postprocess(
    loc[0], conf[0], default, score_threshold=0.3, nms_threshold=1.0, top_k=None
)
assert len(loops) == len(scores)
assert [label for _, label, _ in loops] == labels.tolist()
error = max(abs(scores - [score for score, _, _ in loops]))
error = max(error, abs(boxes - [box for _, _, box in loops]).max())
assert error == 0
print(f"{len(loops)} boxes over 0.3; largest difference {error:.0f} (expected: 0)")
print("with NMS there are", int((found.scores > 0.3).sum()))

# %% [markdown]
# Four are left where the image has three objects. The fourth is a "triangle" of 0.40 on the cross. It was
# not suppressed, because NMS works class by class: a cross does not suppress a triangle.
#
# The result has this form for every image, and everything later relies on it:

# %%
boxes, labels, scores = postprocess(loc[0], conf[0], default)
assert boxes.shape == (len(scores), 4)
assert labels.shape == scores.shape
assert ((boxes >= 0) & (boxes <= 1)).all()  # xyxy, in units of the image's sides
assert (labels >= 1).all()  # never background
assert (np.diff(scores) <= 0).all()  # best first
assert ((scores > 0.01) & (scores <= 1)).all()  # the library's own threshold is 0.01
assert len(scores) <= 200
print(f"{len(scores)} detections; the best is {boxes[0].round(2)}, {scores[0]:.2f}")

# %% [markdown]
# ## The library's code
#
# Two functions: the first decodes and takes the softmax; the second has the threshold, NMS class by class, and the best
# 200.

# %%
from numpyssd.inference.suppression import keep_best

show_source(postprocess_explained, keep_best)

# %% [markdown]
# You know three of the steps: `softmax(conf)`, the scores above the threshold, and the loop over the classes. New are
# the limits: `top_k` boxes of a class go into NMS, and `keep_top_k` of all classes come out. The lines with
# `suppressors` only store which box suppressed which, for figures like the one above.
#
# ## Break it
#
# An image may have 200 detections at most: all the others get the score 0. Here this is done for the best 3. What does
# the last line print?


# %%
def keep_best_with_a_bug(scores, n):
    scores = scores.copy()
    ranks = np.argsort(np.argsort(-scores))  # 0 for the best
    scores[ranks >= n].fill(0)
    return scores


print("before:", int((scores > 0).sum()), "scores above 0")
print("after: ", int((keep_best_with_a_bug(scores, 3) > 0).sum()), "scores above 0")

# %% [markdown]
# Nothing has happened. `scores[mask]` makes a *copy* of the chosen elements, `fill` fills that, and the
# copy is thrown away. `scores[mask] = 0` would assign to the array itself.
#
# `amdegroot/ssd.pytorch` has the same bug at the end of its detection (`flt[...].fill_(0)`). It gives up to 200 boxes
# *of each class*, where 200 were meant for all ([entry 20](paper_caffe_others.md#20-the-limits-of-detection) of the
# page named above measures what it costs: on two sets of images, none with 200 objects, nothing). That is why nobody
# notices: there is no error, the shapes are right, and the result is nearly the same.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. Each check tries tiny cases first, shows you the first that fails, and
# knows the usual mistakes by name. `check.hint("last_false")` helps twice, and then gives the answer.
#
# ### Warm-up: where the last wrong box goes
#
# `scores` is `(D,)`, `right` is `(D,)` of True and False. Return the lowest threshold over which no wrong box is left,
# and 0 if no box is wrong. (Then move the slider above to that score.)


# %%
def my_last_false(scores, right):
    """Return a threshold."""
    ...


check.last_false(my_last_false)
check.answer("last_false")

# %% [markdown]
# ### Core: the detections without a loop
#
# `probabilities` is `(K, C)` with background first. Return three arrays, best first: the rows (which default box), the
# labels, and the scores of everything greater than the threshold. Equal scores may stand in
# any order.


# %%
def my_detections_over(probabilities, threshold):
    """Return rows (D,), labels (D,), scores (D,)."""
    ...


check.detections_over(my_detections_over)
check.answer("detections_over")

# %% [markdown]
# ### Core: onto your own photograph
#
# Boxes come out as `xyxy` (left, top, right, bottom) from 0 to 1, in units of the image's sides, because the network
# warps every image to a square. Your image is no square.


# %%
def my_to_pixels(boxes, image_shape):
    """Return boxes (N, 4) in pixels; image_shape is (height, width, 3)."""
    ...


check.to_pixels(my_to_pixels)
check.answer("to_pixels")

# %% [markdown]
# ### Stretch: fix the bug
#
# Return the scores in their old order, with all but the best n set to 0. If two are equal, the first counts as better.


# %%
def my_keep_best(scores, n):
    """Return scores (D,)."""
    ...


check.keep_best(my_keep_best)
check.answer("keep_best")

# %% [markdown]
# Without an exercise: `python -m numpyssd.detect data/samples/JPEGImages --weights tiny` does all of this in
# a terminal, and writes the images with their boxes. Give it a photograph of yours: it will find crosses and rings in
# it, because it knows nothing else.
#
# ## The paper says, Caffe does, others do
#
# A section like this stands in every lesson. Who is who:
#
# - **the paper** is Liu and others, "SSD: Single Shot MultiBox Detector", 2016. **Caffe** is the framework that its
#   authors wrote it in; their program and their weights are what everybody compares with.
# - **amdegroot**, **lufficc**, **qfgaohao** and **sgrvinod** are people who wrote SSD again in PyTorch, each in a
#   project on GitHub that many have copied from. **ssd_keras** is the same in Keras, **balancap** in TensorFlow,
#   **ChainerCV** in Chainer, **GluonCV** in MXNet.
# - **TensorFlow** alone means its library `object_detection`, and **D2L** the textbook *Dive into Deep Learning*.
# - **torchvision**, **mmdetection** and **NVIDIA**'s examples are large libraries of companies and groups, with an SSD
#   among many detectors.
#
# | | |
# | --- | --- |
# | **the paper** | scores over 0.01, NMS at an IoU of 0.45, the best 200 of an image |
# | **Caffe** | the same; and of each class the best 400 go into NMS |
# | **others** | mmdetection: over 0.02. NVIDIA: over 0.05. lufficc: the best 100. Demonstrations: over 0.5 or 0.6 |
# | **numpyssd** | as Caffe; its `detect` command shows what is over 0.5 |
#
# Two thresholds for two purposes: 0.01 to *measure* a detector, because mAP needs the boxes with low scores too, and
# 0.5 to *show* what it found. Measured at 0.5, the same network's mAP falls by 0.04 to 0.11: [27. Boxes an image, and
# the least score](paper_caffe_others.md#27-boxes-an-image-and-the-least-score).
#
# ## Questions readers ask
#
# **Is a score of 0.9 a probability of 90 %?** No. It is what softmax gave. If all boxes were trained alike, it would
# tend to the fraction of such boxes that are right. But SSD is trained on a selection: the boxes with an object, and
# three times as many of the most difficult others (lesson 11). So use it to compare boxes of one network, not of two,
# and not as a probability.
#
# **Does the score say how well the box fits?** No, only what is in it. A box with a high score may lie half beside its
# object.
#
# **Why two labels on one object?** NMS works on each class by itself. Usually the second label has a low score, as
# here.
#
# **Why a class for background? Is a low score for all others not enough?** Softmax makes the probabilities add up to 1.
# Without background, a box on an empty place would have to name an object.
#
# **Does it look at each of the 1504 boxes, one by one?** No. It looks at the image once, and the outputs of all boxes
# come out together. That is the "single shot" in the name.
#
# **My image is 192 pixels wide, the network wants 64?** It is made smaller. The boxes are in units of the sides, so
# they fit the original.
#
# ## Recap
#
# 1. A detector's network always gives the same number of outputs: for each default box 4 offsets and a number for each
#    class.
# 2. Softmax, a threshold and non-maximum suppression make a short list of them: boxes, labels, scores, best first.
# 3. A low threshold shows wrong boxes, a high one misses objects; measure at 0.01, show at 0.5.
