# %% [markdown]
# # 16 · Your own SSD
#
# **Goal.** Join your own functions into one file that is a whole detector, prove each of its parts, and train it.
#
# You need: lessons 00 to 15, with their exercises. Time: 75 minutes with the exercises. If you write the file yourself,
# which is what this lesson is for, three or four hours more.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up

import numpy as np
from numpyssd.boxes import iou
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
from numpyssd.drawing import draw_boxes, draw_image, new_figure
from numpyssd.model.ssd import SSD
from lessons.course import check
from lessons.course.display import show, show_source, show_widget, you_are_here
from lessons.course.own_ssd.growth import grow, plan
from lessons.course.own_ssd.learning import samples_of, steps_of
from lessons.course.widgets import training as training_widgets
from lessons.own_ssd import my_ssd

you_are_here("base network", "feature maps", "default boxes", "training", "NMS")

# %% [markdown]
# In the exercises you wrote IoU, a convolution and its gradients, pooling, default boxes, matching, losses, mining, a
# step of SGD, decoding and NMS. Each stood alone. A detector is what they are together.
#
# This lesson joins them in one file, [`my_ssd.py`](own_ssd/my_ssd.py). It imports NumPy and nothing else, nothing of
# numpyssd. About half of its lines are answers to exercises. The other half is new: it joins them. There are two ways to
# go:
#
# - **Read.** The file grows part by part below, and each part is compared with the library.
# - **Write it yourself.** Copy [`my_ssd_blank.py`](own_ssd/my_ssd_blank.py) as `my_ssd.py`: all functions with what they
#   take and return, and nothing in them. Fill in one after the other. In between, run
#
#       python -m lessons.course.own_ssd my_ssd.py
#
#   It compares your file with numpyssd in 18 stages. It says which function is not written yet, which number differs and
#   where, and often why. Come back here when you are stuck.
#
# ## The figure
#
# This is what the file can do. One image, four objects, new weights. Then 40 steps of training, all of it by functions of
# `my_ssd.py`. (`steps_of` is the loop around `train_step`, which comes below.)

# %% tags=["varies"]
dataset = ShapesDataset(45)
sample, objects = samples_of(dataset)[44], dataset[44].boxes
moments, film, losses = (0, 5, 10, 15, 20, 30, 40), [], []
for step, loss, weights, averages in steps_of(my_ssd, sample, steps=41):
    losses.append(loss)
    if step in moments:
        boxes, labels, scores = my_ssd.detect(weights, averages, sample[0], 0.3)
        film.append((boxes, [CLASS_NAMES[label - 1] for label in labels], scores))
        print(f"step {step:2}: loss {loss:7.4f}, {len(boxes):2} boxes")

# %% tags=["varies", "figure"]
figure, axes = new_figure(1, 4, size=(10.4, 3))
for ax, number in zip(axes, (1, 2, 3, 6)):
    draw_image(ax, sample[0])
    draw_boxes(ax, objects, "ground truth", linewidth=1.2)
    draw_boxes(ax, film[number][0], "prediction", linewidth=1.6)
    ax.set_title(f"step {moments[number]}: {len(film[number][0])} boxes", fontsize=9)
show(figure, "Nothing, then some boxes, then one orange box on each of four objects.")
assert losses[-1] < losses[0] / 200
assert (iou(objects, film[-1][0]).max(axis=1) > 0.8).all()

# %% [markdown]
# Green is the truth, orange is what the file detects with a score of 0.3 or more. Move through the steps:

# %% tags=["varies", "figure"]
widget = training_widgets.film_of_training(sample[0], objects, film, moments, losses)
figure, ax = new_figure(size=(4.2, 4.2))
draw_image(ax, sample[0])
draw_boxes(ax, objects, "ground truth")
draw_boxes(ax, film[-1][0], "prediction", film[-1][1])
show_widget(widget, figure, "After 40 steps each object has one box on it.")

# %% [markdown]
# Here is the plan: the stages of the checker, and the functions of each. A number is the lesson in whose exercises the
# function is: copy your answer. "rewritten" means that your answer has the idea, but takes and returns something else.
# "new" means that no lesson had it before.

# %%
print("\n".join(plan(my_ssd)))

# %% [markdown]
# In the exercises you had one map, one channel or one row. The file has a batch of maps, (N, height, width, channels):
#
# | rewritten | the exercise takes | the file takes |
# | --- | --- | --- |
# | `convolve` | one channel (H, W), no padding | N maps of A channels, a kernel (k, k, A, B), padding |
# | `weight_gradient`, `input_gradient` | one channel, a stride, the shape of x | all channels, stride 1, padding |
# | `max_pool`, `pool_gradient` | one channel; an odd side is rounded up | all channels; all sides are even |
# | `batch_norm` | rows; it computes mean and variance | maps; mean and variance are given: of the batch, or averages |
# | `batch_norm_gradient` | rows, no scale | maps; it also returns the gradients of scale and shift |
# | `normalize` | one map (H, W, C) | N maps |
# | `flatten_map` | one map, channels **first**: a transpose | N maps, channels **last**: no transpose |
# | `cross_entropy` | one row and its label | many rows; the largest logit is that of each row |
# | `nms` | `iou` of two boxes at a time | `iou_matrix` of one box with all that are left |
#
# ## By hand
#
# ### The rows
#
# The network is small, as TINY is: images of 64 x 64 pixels, five maps of 16, 8, 6, 4 and 2 cells along a side. A cell has
# four default boxes: two squares, and two for the aspect ratio 1.6. The rows of all outputs are
#
# $$K = 4 \, (16^2 + 8^2 + 6^2 + 4^2 + 2^2) = 1504$$

# %%
sides = [size for size, *_ in my_ssd.MAPS]
assert sum(4 * side**2 for side in sides) == 4 * (256 + 64 + 36 + 16 + 4) == 1504
assert len(my_ssd.default_boxes()) == 1504
print("rows of each map:", [4 * side**2 for side in sides])

# %% [markdown]
# Default boxes, offsets, logits and targets all have these 1504 rows, in the same order. If one of the four orders is
# different, nothing fits, and no error tells you.
#
# ### Where trunk and branch meet
#
# A feature map goes two ways: to its own predictors (the branch), and to the next layers (the trunk). In its backward
# pass a gradient comes back on both. What is the gradient of the map?
#
# Take one number m. The branch multiplies it by 5. The trunk multiplies it by 3, and later by 4. The loss is the branch's
# output plus twice the trunk's: L = 5 m + 2 (4 (3 m)) = 29 m. So m has the gradient 29, and it is the *sum* of what comes
# back on the two ways:
#
# $$\frac{dL}{dm} = 5 \cdot 1 + 3 \cdot 4 \cdot 2$$


# %%
def loss_of(m):
    return 5 * m + 2 * (4 * (3 * m))


branch, trunk = 5 * 1, 3 * 4 * 2
assert loss_of(8) - loss_of(7) == branch + trunk == 29
print("from the branch:", branch, "| from the trunk:", trunk, "| together:", 29)

# %% [markdown]
# ### Back through a normalization
#
# Two gradients were in no lesson. The first map is normalized before its predictors see it: each pixel's channels are
# divided by their length (lesson 07). The pixel (3, 4) has the length 5, and becomes u = (0.6, 0.8). Say that the gradient
# of u is d = (1, 0). The length is no constant: it depends on the pixel, too. If the pixel moves *along* itself, from
# (3, 4) to (6, 8), u stays as it is. So the part of d along u has no effect, and is taken away:
#
# $$dx = \frac{d - u \, (u \cdot d)}{\mathrm{length}}$$
#
# Here u d = 0.6, and dx = ((1, 0) - 0.6 (0.6, 0.8)) / 5 = (0.128, -0.096).

# %%
pixel, d = np.array([[[[3.0, 4.0]]]]), np.array([[[[1.0, 0.0]]]])
dx, _ = my_ssd.normalize_gradient(d, pixel, np.ones(2))
assert np.allclose(dx, ((1 - 0.6 * 0.6) / 5, (0 - 0.8 * 0.6) / 5))
assert np.allclose(dx, (0.128, -0.096))
along, _ = my_ssd.normalize_gradient(pixel / 5, pixel, np.ones(2))
assert np.allclose(along, 0)
print("dx:", dx.ravel(), "| along the pixel: no effect", bool(np.allclose(along, 0)))

# %% [markdown]
# In the file, for all pixels of a batch, with the learned scale of each channel:

# %%
show_source(my_ssd.normalize_gradient)

# %% [markdown]
# Batch normalization (lesson 02) has *two* parts without effect. A shift of the whole batch changes nothing, because the
# mean is subtracted. A larger spread changes nothing, because everything is divided by it. The stretch exercise is its
# gradient, in three lines.
#
# ## Loops you can read
#
# The file in seven parts. We show most of what is new; the rest is in the file. After each part, `grow` runs its stages
# of the checker.
#
# ### 1. Boxes, and what to predict for them
#
# `box_shapes` gives the boxes of one cell, `cell_centers` the places of all cells. Each box of a cell has the cell's
# center: broadcasting does it, (cells, 1, 2) into (cells, B, 2). The reshape then makes the order: cell by cell, and in it
# box by box. `targets` is four of your functions in a row; an image without objects is background everywhere.

# %%
show_source(my_ssd.default_boxes, my_ssd.targets)

# %%
grow(my_ssd, "IoU", "default boxes", "matching and encoding")

# %% [markdown]
# (`encode_box` was written for one box. It takes many at once if they are *columns*, hence the two `.T`: then `box[0]` is
# not a number but the row of all x1. Your own answer does so, too, if it uses `np.log` and not `math.log`.)
#
# ### 2. The layers
#
# Your convolution went from window to window. For a batch of maps that is too slow in Python. So exchange the loops: go
# from *kernel position* to kernel position, nine in all, and do each for all windows at once. Shifted by (i, j), the map is
# what this position sees in all windows; `@` multiplies its channels by the weights. The gradients have the same loop.

# %%
show_source(my_ssd.convolve, my_ssd.weight_gradient, my_ssd.input_gradient)

# %% [markdown]
# Is it the same convolution? Your exercise on one channel says:

# %%
rng = np.random.default_rng(0)
x, kernel = rng.normal(size=(6, 7)), rng.normal(size=(3, 3))
loops = check.EXERCISES["convolve"].answer(x, kernel)  # (4, 5)
at_once = my_ssd.convolve(x[None, :, :, None], kernel[:, :, None, None], padding=0)
assert np.allclose(at_once[0, :, :, 0], loops)
print("the same:", bool(np.allclose(at_once[0, :, :, 0], loops)))

# %% [markdown]
# Pooling goes the same way, from place to place in the 2 x 2 window. `left` says which windows have no winner yet: of
# equal numbers only the first gets the gradient.

# %%
show_source(my_ssd.pool_gradient)

# %%
grow(my_ssd, "layers forwards", "layers backwards")

# %% [markdown]
# ### 3. The network
#
# The plan of the layers is a table. It is VGG's idea on a small scale: 3 x 3 convolutions, and pooling that halves the map
# while the channels double. Five layers end in a feature map. All have batch normalization, because nothing is pretrained
# here. The last two maps become smaller without pooling: a 3 x 3 kernel with padding 0 takes 2 from each side (lesson 03).

# %%
side, sides = my_ssd.SIZE, []
for name, pool, kernel, padding, channels, is_map in my_ssd.LAYERS:
    side = my_ssd.output_size(side // 2 if pool else side, kernel, 1, padding, 1)
    sides += [side] if is_map else []
    words = f"{kernel} x {kernel}, padding {padding}, {channels:3} channels"
    words += ", after pooling" if pool else ""
    words += f"; side {side}{', a feature map' if is_map else ''}"
    print(f"{name:6} {words}")
assert sides == [size for size, *_ in my_ssd.MAPS]

# %% [markdown]
# `block` is one layer, `features` the chain of them. Each puts aside what its gradient will need: its input, the sums
# before the normalization, mean and variance, its output. `averages` are what batch normalization uses when there is no
# batch, in detection.

# %%
show_source(my_ssd.block, my_ssd.features)

# %% [markdown]
# The predictors are convolutions with 4 x 4 and 4 x 6 channels: four boxes in a cell, with four offsets or six classes
# each. Their outputs become rows, and the rows of the five maps follow one another (exercise `join_rows` below).

# %%
show_source(my_ssd.predict, my_ssd.forward)

# %%
grow(my_ssd, "new weights", "feature maps", "predictions")

# %% [markdown]
# New weights are random, those of the predictors a tenth as large, as in lesson 13. So the first loss can be predicted: a
# network that knows nothing has a conf loss of about (1 + 3) ln 6 = 7.2, and some loc loss in addition.
#
# ### 4. The loss
#
# Five of your functions. Each row has a cross-entropy for its target, and one for "background", by which the negatives are
# chosen. What is not trained gets the gradient 0. All is divided by the positives of the whole batch.

# %%
show_source(my_ssd.loss_and_gradients)

# %%
grow(my_ssd, "losses", "hard negatives", "the loss of a batch")
print("the first loss was", round(losses[0], 1))
assert 4 * np.log(6) < losses[0] < 3 * 4 * np.log(6)

# %% [markdown]
# ### 5. Backwards
#
# The same layers in reverse. First the predictors: each map takes its rows out of `dloc` and `dconf`, and makes a map of
# them again. It has two predictors, whose gradients add up. Then read the line with `dmaps.pop()`: here trunk and branch
# meet. `dx` is 0 at first, because the last map feeds nothing but its predictors.

# %%
show_source(my_ssd.predict_gradient, my_ssd.block_gradient, my_ssd.backward)

# %%
grow(my_ssd, "backward")

# %% [markdown]
# This stage has two checks. The first compares all 57 gradients with those of the library, for the same weights. The second
# knows nothing of the library: it raises and lowers ten weights a little, and *measures* the slope of your loss, as in
# lesson 02. A backward pass that passes both is right.
#
# ### 6. A step of training
#
# Images and their targets make a batch; half of the images are flipped, and their boxes with them. A step is forward, loss,
# backward, SGD. In lesson 13, the network was the one thing that stayed hidden. Here nothing is hidden any more.

# %%
show_source(my_ssd.make_batch, my_ssd.train_step, my_ssd.train)

# %%
grow(my_ssd, "batches", "a step of training")

# %% [markdown]
# ### 7. Detection
#
# Forward, softmax, decode, threshold, NMS of each class, clip, pixels: lessons 00 and 14.

# %%
show_source(my_ssd.detect)

# %%
grow(my_ssd, "decoding", "NMS", "detection")

# %% [markdown]
# That is the whole file. (Stage 18 trains it on one image, as in the film above.) What does *it* see in the image? Here
# is, for each map, the largest object score of each cell.
# The small object is found on the first two maps, the large ones on the maps with few cells.

# %% tags=["setup"]
from numpyssd.model.predictors import draw_scores
from numpyssd.softmax import softmax
from lessons.course.own_ssd.reference import CONFIG

# %% tags=["varies", "figure"]
loc, conf, _ = my_ssd.forward(weights, averages, my_ssd.prepare(sample[0][None]), False)
figure, axes = new_figure(1, 5, size=(10.4, 2.6))
draw_scores(axes, sample[0], softmax(conf[0]), CONFIG.feature_maps)
for ax, f in zip(axes, CONFIG.feature_maps):
    ax.set_title(f"{f.size} x {f.size} cells", fontsize=9)
show(figure, "Five maps over the image: bright cells at the middle of each object.")

# %% [markdown]
# ## The check
#
# How exact is "the same"? Both networks get the same weights and the same image. Everything is float32, which keeps 7
# digits. A sum of a thousand products differs in the last digits if it is made in another order. We expect differences of
# about 1e-6 of the largest number in the outputs. Gradients go through all layers twice: about 1e-5. We accept nothing
# above 1e-3.

# %% tags=["setup"]
from numpyssd import kernels
from numpyssd.images.preprocess import normalize
from numpyssd.training.multibox_loss import multibox_loss
from lessons.course.own_ssd.reference import gradients_of, network, weights_of


# %%
def largest_difference(mine, library):
    return max(abs(a - b).max() / abs(b).max() for a, b in zip(mine, library))


# %% tags=["varies"]
library = network(seed=8)
theirs, means = weights_of(library)  # copies, with the names of my_ssd.py
batch = my_ssd.make_batch([sample], [False], my_ssd.default_boxes())
library.training = True
with kernels.using("reference"):
    expected = library.forward(normalize(sample[0][None], CONFIG))
    dloc, dconf = multibox_loss(*expected, *batch[1:])[1:3]
    library.backward(dloc, dconf)
*found, kept = my_ssd.forward(theirs, means, batch[0], True)
mine, right = my_ssd.backward(theirs, kept, dloc, dconf), gradients_of(library)
errors = largest_difference(found, expected)
gradient_errors = largest_difference([mine[n] for n in right], right.values())
assert max(errors, gradient_errors) < 1e-3
print(f"outputs: {errors:.0e} (expected: about 1e-6)")
print(f"gradients: {gradient_errors:.0e} (expected: about 1e-5)")

# %% [markdown]
# ### What the checker says
#
# Suppose that you forgot to divide by SIZE in `default_boxes`. Here is a copy of the file without the division:

# %%
import tempfile
from pathlib import Path
from lessons.course.own_ssd.check import compare
from lessons.course.own_ssd.load import load

text = Path(my_ssd.__file__).read_text(encoding="utf-8")
with tempfile.TemporaryDirectory() as folder:
    wrong = Path(folder) / "my_ssd.py"
    wrong.write_text(text.replace("reshape(-1, 4) / SIZE", "reshape(-1, 4)"))
    (result,) = compare(load(wrong), ["default boxes"], by_heart=False)
assert result.outcome == "differs"
print(result.words)

# %% [markdown]
# The first number that differs, its place, and what probably went wrong.
#
# ### Images that it has never seen
#
# One image by heart proves the program, not the detector. So train it on the 3000 images of the built-in set:
#
#     python -m lessons.course.own_ssd my_ssd.py --train
#
# The 200 test images are others, which it has never seen. This is what the solution did, with two seeds
# (`python -m benchmarks.own_ssd`):

# %% tags=["figure"]
from lessons.course.own_ssd.results import draw_learning, minutes_to, results

measured = results()
figure, ax = new_figure(size=(7, 3.8))
draw_learning(ax, measured)
show(figure, "mAP rises to 0.8 in some minutes; with forgotten layers it stays low.")

# %%
for seed in "01":
    run = measured["runs"][seed]
    words = f"mAP {run['mAP'][-1]:.2f} after {run['cpu_seconds'][-1] / 60:.1f} minutes"
    print(f"seed {seed}: {words}; 0.5 is passed after {minutes_to(run):.1f}")
    assert minutes_to(run) < 10

# %% [markdown]
# So 327 lines of NumPy, without comments and docstrings, are a detector, and a good one. (The red curve belongs to "Break
# it".)
#
# ## The library's code

# %%
show_source(SSD.backward)

# %% [markdown]
# It is your `backward`. New is that layers are objects: each keeps what its gradient needs, and knows its own backward
# pass, so that the loop does not ask whether there is a pooling or a normalization. The same loop serves SSD300, SSD512
# and any base network. And it refuses to go back twice, because what was kept is gone.
#
# ## Break it
#
# In PyTorch, the layers of a network register themselves, so that the optimizer finds their weights. If they stand in a
# plain Python list, they do not. This is issue 666 of `pytorch/pytorch` (2017, answered "expected", and asked again in
# issues 715 and 1053): the network computes as it should, and a part of it never learns. There is no error.
#
# We do the same. The list of what learns forgets all layers but the predictors; the other layers keep their *random*
# weights. Before you read on: will this network still learn one image by heart? How would you notice?

# %%
from lessons.course.own_ssd.broken import forgotten_layers

show_source(forgotten_layers)

# %% tags=["varies"]
broken = forgotten_layers()
broken_losses = [loss for _, loss, *_ in steps_of(broken, sample, steps=41)]
for step in (0, 10, 20, 40):
    print(
        f"step {step:2}: {losses[step]:7.3f}, with the bug {broken_losses[step]:7.3f}"
    )
assert broken_losses[-1] < broken_losses[0] / 100

# %% [markdown]
# It learns the image nearly as well! 1504 rows of random features are enough to tell four objects apart. The test that
# lesson 13 praised does not see this bug. On images that it has never seen, random features are worth less: that is the
# red curve above.

# %%
run, bug = measured["runs"]["0"], measured["runs"]["forgotten layers"]
print(
    f"mAP on the test images: {run['mAP'][-1]:.2f}, with the bug {bug['mAP'][-1]:.2f}"
)
assert bug["mAP"][-1] < run["mAP"][-1] - 0.1

# %% [markdown]
# Without the other curve you would take it for a weak network, and look for a better rate. Two things find it at once.
# Ask which weights have not moved after a step; or compare with a program that is right:

# %%
for result in compare(broken, ["backward"], by_heart=False):
    print(result.words)
assert result.outcome == "differs"

# %% [markdown]
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("meet")` helps twice, and then gives the answer. These four are
# about joining. The large exercise is the file itself.
#
# ### Warm-up: how many numbers does it learn?
#
# `layers` are pairs (kernel, channels out), one after the other; `channels` are those of the image. Each layer has a
# kernel, and batch normalization with scale and shift for each channel, but no bias.


# %%
def my_count_weights(channels, layers):
    """Return a number."""
    ...


check.count_weights(my_count_weights)
check.answer("count_weights")

# %% [markdown]
# For the file it is:

# %%
chain = [(kernel, out) for _, _, kernel, _, out, _ in my_ssd.LAYERS]
of_layers = check.EXERCISES["count_weights"].answer(3, chain)
new, _ = my_ssd.new_network(0)
names = [name for name, *_ in my_ssd.LAYERS]
own = [w.size for n, w in new.items() if n.split(".")[0].removesuffix("_bn") in names]
assert of_layers == sum(own)
print(f"{of_layers:,} in the layers, {sum(w.size for w in new.values()):,} in all")

# %% [markdown]
# ### Core: the rows of all maps
#
# `maps` are the outputs of the predictors, each (N, H, W, B * values) with its own H and W. Return one array with a row
# for each default box, in the order of the default boxes.


# %%
def my_join_rows(maps, values):
    """Return an array (N, K, values)."""
    ...


check.join_rows(my_join_rows)
check.answer("join_rows")

# %% [markdown]
# ### Core: where trunk and branches meet
#
# A network with one number in each map. Map i + 1 is map i times `weights[i]`. `dmaps[i]` is the gradient that the
# predictors of map i send back. What is the gradient of each map?


# %%
def my_meet(dmaps, weights):
    """Return the gradients (M,) for dmaps (M,) and weights (M - 1,)."""
    ...


check.meet(my_meet)
check.answer("meet")

# %% [markdown]
# ### Stretch: back through batch normalization
#
# `normal = (x - mean) / sqrt(variance + 1e-5)`, where mean and variance are those of x, for each channel by itself. Given
# the gradient `dout` of `normal`, return that of x. See "Back through a normalization".


# %%
def my_normal_gradient(dout, x):
    """Return dx (N, C) for dout (N, C) and x (N, C)."""
    ...


check.normal_gradient(my_normal_gradient)
check.answer("normal_gradient")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# What your file has, beside the paper's SSD300:
#
# | | |
# | --- | --- |
# | **the paper** | 300 pixels, VGG-16 pretrained on ImageNet, six maps, 8732 default boxes, 21 classes; crops, zoom-out and colors |
# | **your file** | 64 pixels, twelve layers from nothing, five maps, 1504 default boxes, 6 classes; flips |
# | **the same in both** | the order of rows, matching, variances, mining 3 : 1, the loss and its divisor, SGD, NMS; the L2 normalization of the first map |
# | **not in the paper's** | batch normalization, a warm-up, predictors that begin a tenth as large |
# | **what it lacks for SSD300** | stride and dilation of a convolution (lesson 03), pooling that rounds up and the pooling of 3 x 3 with stride 1 (05), VGG's layers and weights (06, 19), six default boxes in a cell (08), crops, zoom-out and colors (12), reading of a data set's files (18) |
#
# More of it: [5. Variances](paper_caffe_others.md#5-variances), [12. What decays](paper_caffe_others.md#12-what-decays),
# [24. The schedule](paper_caffe_others.md#24-the-schedule).
#
# ## Questions readers ask
#
# **All stages are right, and the mAP is low.** Then it is not the program. Train longer, and look at the loss: if it still
# falls, go on; if it grows, divide `lr` by 3. Lesson 17 shows eight trainings that go wrong.
#
# **May I change the network?** Yes: LAYERS and MAPS are data. The checker cannot compare another plan, because it builds
# numpyssd's network by the plan of the blank. So be right first, and change afterwards.
#
# **Why functions and dictionaries, and no classes?** All that a network remembers is then in sight: weights, averages,
# velocities. Classes are more convenient from the second network on.
#
# **Is it slow?** It is NumPy: each convolution is nine products of matrices, and each of them writes a whole map. Lesson
# 24 shows how compiled kernels avoid that. If you call `train` from a script of your own, set `OPENBLAS_NUM_THREADS=1`
# before Python starts, as the checker does for you: the products are small, and several threads spend most of their time
# waiting for one another.
#
# **Must everything be in one file?** No. numpyssd has a file for each idea. But to see that it *is* all, one is best.
#
# ## Recap
#
# 1. A detector is your functions and about 170 lines that join them: order of rows, gradients that meet, a step.
# 2. Compare stage by stage with something that is right, for the same weights; measure slopes; learn one image by heart. Each finds bugs that the others miss.
# 3. Only images that it has never seen show what it has learned: the file passes mAP 0.5 in minutes.
