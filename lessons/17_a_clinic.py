# %% [markdown]
# # 17 · A clinic
#
# **Goal.** Name the fault of a training from its curves, its steps and its detections, and know where to look first.
#
# You need: training (13) and evaluation (15); matching (09) and hard negatives (11) for two of the faults. Time: 70
# minutes, half of them for the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
from numpyssd.drawing import draw_boxes, draw_image, new_figure
from lessons.course import check
from lessons.course.clinic import figures as sheets
from lessons.course.clinic.answers import answer, clue
from lessons.course.clinic.records import LETTERS, load_runs
from lessons.course.clinic.symptoms import symptoms
from lessons.course.display import fold, show, show_source, show_widget, you_are_here
from lessons.course.widgets import clinic as clinic_widgets

# %% tags=["setup"]
from lessons.course.clinic.faults import CASES, CONFIG, FAULTS, HEALTHY, RECIPE
from lessons.course.clinic.faults import ClinicDetector, one_class_too_low, data_of
from lessons.course.clinic.faults import exchange_x_and_y
from lessons.course.clinic.looks import confusion, step_by_weight
from lessons.course.clinic.training import prepared, steps
from numpyssd.images.preprocess import normalize
from numpyssd.inference.detect import detect
from numpyssd.inference.evaluate import detect_all
from numpyssd.model.box_coding import decode
from numpyssd.model.ssd import SSD
from numpyssd.run.gradient_report import report_gradients
from numpyssd.training.batches import Batch
from numpyssd.training.loop import train_step
from numpyssd.training.optimizer import SGD

you_are_here("training", "evaluation")

# %% [markdown]
# A training that goes wrong seldom says so. The program runs, the loss falls, and hours later the mAP is low. Where is
# the fault? Here are nine trainings of one small network, each from the same first weights on the built-in set. One is
# healthy. In each of the other eight *one line* is wrong:
#
# | the fault | what the program does |
# | --- | --- |
# | **rate too high** | the learning rate is twenty times that of the healthy run |
# | **no warm-up** | the full rate from the first iteration on |
# | **labels off by one** | classes are counted from 0, which is background |
# | **x and y exchanged** | boxes are read as y, x, y, x |
# | **mean not subtracted** | training sees pixels from 0 to 255; detection subtracts the mean |
# | **negatives not mined** | all negatives are trained, not three for each positive |
# | **default boxes miss the objects** | they are a third as large as they should be |
# | **validation images in training** | the images that measure the network have taught it, too |
#
# The eight are called A to H, in another order. The trainings are real: `python -m benchmarks.clinic` runs them in
# about ten minutes on one core, and this lesson reads what it wrote. Have a sheet of paper ready, and write down a fault
# for each letter, before you open the answers.
#
# ## The figure
#
# **The losses.** Orange is `conf` (what is it?), green `loc` (where is it?), and gray are both of the healthy run. The
# axis is logarithmic.

# %%
runs = load_runs()
figure, axes = new_figure(2, 4, size=(11, 4.8))
sheets.draw_loss_sheet(axes, runs)
show(figure, "Eight pairs of loss curves, each over those of the healthy run.")

# %% [markdown]
# Some curves give their fault away, and some cannot be told from the healthy one. What does mAP on the validation images
# say, at eight moments of each run?

# %%
figure, axes = new_figure(2, 4, size=(11, 4.2))
sheets.draw_map_sheet(axes, runs)
show(figure, "Eight curves of mAP on the validation images, over the healthy one.")

# %% [markdown]
# **The steps.** Each row is a layer, from the first to the predictors, each column one of twelve moments (iterations 1,
# 5, 10, 20, 40, and so on). The color compares the step by weight (lesson 13) with that of the healthy run: white is the
# same, red is larger, blue is smaller, and black comes after the end of a run.

# %%
figure, axes = new_figure(2, 4, size=(11, 4.6))
sheets.draw_step_sheet(axes, runs)
show(
    figure,
    "Eight maps of steps: red and blue where they differ from the healthy run.",
)

# %% [markdown]
# **The detections** on one validation image, after the last iteration: all boxes with a score of 0.3 or more. Look at
# the boxes and at their names. The healthy run comes first. It is right here, but not always: of the objects that it
# finds, 58 % have the right name. So one wrong name is no proof.

# %%
val = data_of(HEALTHY)[1]
figure, axes = new_figure(3, 3, size=(7.5, 8))
sheets.draw_detection_sheet(axes, runs, val, image=1)
show(figure, "One triangle, nine detectors: right, misnamed, or no boxes.")
assert 0.575 < symptoms(runs["healthy"])["named"] < 0.585

# %% [markdown]
# Choose a run, and read its numbers. Then choose a fault: the widget says what that fault would show, and what this run
# shows.

# %%
widget = clinic_widgets.name_the_fault(runs, clue)
figure, ax = new_figure(size=(5.4, 3.6))
sheets.draw_loss_of(ax, runs, "A")
show_widget(widget, figure, "The loss of run A over that of the healthy run.")

# %% [markdown]
# Do you have eight names? Here are the answers, each with a project that had the fault.

# %%
for letter, name in LETTERS.items():
    words = f"{CASES[name].title}\n{answer(name, symptoms(runs[name]))}"
    fold(f"{letter}: which fault is it?", words)

# %% [markdown]
# ## By hand
#
# ### The first loss
#
# A new network gives all C classes about the same score, so each default box that is trained costs ln C. N positives and
# M negatives are summed, and divided by N (lesson 10):
#
# $$L_{conf} = \frac{N + M}{N} \ln C$$
#
# The first batch has 80 positives, and C = 6. Three negatives for each make 4 ln 6 = 7.2. Without mining, all others of
# the 8 · 1504 default boxes are negatives: 12032 / 80 · ln 6 = 269.5. So the first number that a training prints tells
# whether negatives are mined. It also tells whether the number of classes is what you think it is.

# %%
first = {name: record["conf"][0] for name, record in runs.items()}
assert runs["healthy"]["positives"][0] == 80
mined, unmined = (80 + 240) / 80 * np.log(6), 8 * 1504 / 80 * np.log(6)
assert abs(mined - 7.17) < 0.01
assert abs(unmined - 269.5) < 0.1
assert abs(first["healthy"] / mined - 1) < 0.15
assert abs(first["negatives"] / unmined - 1) < 0.15
print(f"mined   {mined:6.1f} expected, {first['healthy']:6.1f} found")
print(f"unmined {unmined:6.1f} expected, {first['negatives']:6.1f} found")

# %% [markdown]
# ### A shifted diagonal
#
# A **confusion matrix** counts how often an object of a class (row) is shown as a class (column). Right names are on
# the diagonal. Here is the one of a run, and the sums of its diagonals: s = 0 is the diagonal itself, s = -1 the one
# to the left of it, where class 2 is shown as class 1, and so on.

# %%
table = np.array(runs["labels"]["confusion"])[:, :5]  # without the objects not found
sums = {s: int(np.trace(table, s)) for s in (-2, -1, 0, 1, 2)}
for name, row in zip(CLASS_NAMES, table):
    print(f"{name:10}", *(f"{count:3}" for count in row))
print("sums of the diagonals:", sums)
assert max(sums, key=sums.get) == -1
assert table[1, 0] == np.diagonal(table, -1)[0]

# %% [markdown]
# Most found objects are one to the left: the boxes are right, and the names are those of the class before. The first
# row is nearly empty: nothing was left of class 1, because its number became 0, the background.
#
# ## Loops you can read
#
# Three looks that need no mAP. The first: how large is the step of each layer?


# %%
def norm_by_loops(array):
    """Return the root of the sum of all squares."""
    total = 0.0
    for value in array.ravel().tolist():
        total += value * value
    return total**0.5


def steps_by_loops(optimizer):
    """Return step by weight of every convolution."""
    ratios = []
    for name, parameter in optimizer.parameters.items():
        if name.endswith(".weight"):
            step = norm_by_loops(optimizer.velocity[name])  # what was subtracted
            ratios.append(step / norm_by_loops(parameter.value))
    return ratios


# %% [markdown]
# The second: is each found object shown with its own name? Only boxes with a score of 0.3 or more count, the best one
# first.


# %%
from numpyssd.boxes import iou


def confusion_by_loops(found, truth, classes):
    """Return counts (classes, classes + 1); the last column: not found."""
    counts = [[0] * (classes + 1) for _ in range(classes)]
    for (boxes, labels, scores), (objects, names, _) in zip(found, truth):
        for obj, name in zip(objects, names):
            shown_as = classes + 1
            for box, label, score in zip(boxes, labels, scores):
                if score >= 0.3 and iou([obj], [box])[0, 0] >= 0.5:
                    shown_as = label
                    break
            counts[name - 1][shown_as - 1] += 1
    return np.array(counts)


# %% [markdown]
# And the third: does an image of the one set lie in the other, too?


# %%
def shared_by_loops(first, second):
    """Return how many images of the first set are also in the second."""
    seen = {image.tobytes() for image, *_ in second}
    count = 0
    for image, *_ in first:
        if image.tobytes() in seen:
            count += 1
    return count


train, val, test = data_of(CASES["leak"])
print("of", len(val), "validation images in training:", shared_by_loops(val, train))
print("of", len(test), "test images in training:", shared_by_loops(test, train))
assert shared_by_loops(val, train) == len(val)
assert shared_by_loops(test, train) == 0

# %% [markdown]
# Copies that were saved once more differ in some bytes. `python -m numpyssd.explore --check` compares small versions of
# the images and finds those, too.
#
# ## The check
#
# The loops against the library, on two steps of the healthy run and on a simulated detector. Counts must be equal.
# Norms are float32 in the library: sums of up to a hundred thousand squares, so we expect differences around 1e-6.

# %%
from numpyssd.pictures.simulated_detector import simulate_detector

# %%
few = ShapesDataset(4)


def small(case):
    """Return a case with batches of 2, for a quick look."""
    return replace(case, recipe=replace(case.recipe, batch_size=2))


detector, batches, optimizer, schedule = prepared(small(HEALTHY), train=few)
for losses, _ in steps(detector, batches, optimizer, schedule, 2):
    print(f"conf {losses.conf:.2f}, loc {losses.loc:.2f}")
slow, fast = steps_by_loops(optimizer), step_by_weight(optimizer)
error = max(abs(a - b) / b for a, b in zip(slow, fast))
found, truth = simulate_detector()
counted = confusion_by_loops(found, truth, len(CLASS_NAMES))
assert (counted == confusion(found, truth, len(CLASS_NAMES))).all()
assert counted.sum() == sum(len(boxes) for boxes, *_ in truth)
assert error < 1e-4
print("steps differ by less than 1e-4 (expected: about 1e-6):", error < 1e-4)

# %% [markdown]
# ## The library's code
#
# Two of the faults are a line each, between the data and the matching, and between the matching and the loss:

# %%
show_source(exchange_x_and_y, one_class_too_low)

# %% [markdown]
# Four others are a number in the recipe or in the config: `lr`, `warm_up`, `mean` and the scales of the default boxes.
# `negative_ratio` is an argument of the loss, and for the last one two data sets are joined. So none of them is hard to
# make. The steps of each layer are written by `--report-gradients`:

# %%
show_source(report_gradients)

# %% [markdown]
# What does numpyssd notice by itself? It stops at the first number that is not finite. It refuses a label of 0, because
# background is no object, and a box with a negative width. `python -m numpyssd.explore` warns of default boxes that cover
# less than 90 % of a class. Weights and the mean travel in one file. But nothing can notice that x and y are exchanged
# in a square image. That is for your eyes.
#
# ## Break it
#
# ### One image by heart
#
# Let us repeat three faults in a few seconds. A network learns one image by heart, as in lesson 13: once as it should,
# and then with the labels off by one. Before you run it: which loss is lower after 30 steps?


# %%
image, objects, labels, _ = ShapesDataset(5)[4]


def by_heart(case, count=30, lr=0.01):
    """Train on one image; return the losses and the names of the boxes shown."""
    detector = ClinicDetector(SSD(case.config, seed=0), case)
    truth = detector.make_targets(objects / 64, labels)  # with the fault in them
    mean = case.training_mean or case.config.mean
    pixels = normalize(image[None], replace(case.config, mean=mean))
    batch = Batch(pixels, (truth[0][None], truth[1][None]), np.zeros(1, int))
    optimizer = SGD(detector.model.parameters(), lr)
    detector.model.training = True
    losses = [train_step(detector, optimizer, batch)[0].total for _ in range(count)]
    detector.model.training = False
    found = next(detect(detector.model, [image], score_threshold=0.3))
    return losses, [CLASS_NAMES[label - 1] for label in found[1]]


# %% tags=["varies"]
names = {}
for name in ("healthy", "labels", "mean"):
    losses, names[name] = by_heart(CASES[name])
    print(f"{name:8} loss {losses[0]:.1f}, then {losses[-1]:.3f}; shown:", *names[name])
    assert losses[-1] < losses[0] / 100
own = sorted(CLASS_NAMES[label - 1] for label in labels)
assert sorted(names["healthy"]) == own
assert sorted(names["labels"]) == sorted(CLASS_NAMES[label - 2] for label in labels)
assert sorted(names["mean"]) != own

# %% [markdown]
# The three losses fall alike. The fault in the labels is learned by heart as well as the truth, and what is shown is the
# class before. That is pull request 219 of `Deci-AI/super-gradients`: its SSD never found people, because their number
# was that of the background. Issue 7 of `lzx1413/PytorchSSD` is the same with aeroplanes. With the wrong mean, the network
# has learned its image, and detection shows it another one. So *run the detector on the image that was learned*: the loss
# alone proves nothing.
#
# ### A picture of the targets
#
# Targets can be decoded, like any output of a network. What is drawn then is what the network is told to find. Which
# faults do you see?

# %%
figure, axes = new_figure(1, 4, size=(11, 3.2))
counts = {}
for ax, name in zip(axes, ("healthy", "labels", "boxes", "defaults")):
    detector = ClinicDetector(SSD(CASES[name].config), CASES[name])
    loc, conf = detector.make_targets(objects / 64, labels)
    mine = np.flatnonzero(conf)  # the positives
    counts[name] = len(mine)
    told = decode(loc[mine], detector.default_boxes[mine]) * 64
    draw_image(ax, image)
    draw_boxes(ax, told, "positive", [CLASS_NAMES[conf[k] - 1] for k in mine])
    ax.set_title(f"{CASES[name].title}: {len(mine)} positives", fontsize=9)
show(
    figure, "Targets of one image: right, misnamed, mirrored at the diagonal, and few."
)
assert counts["healthy"] == counts["labels"] > counts["defaults"] == len(objects)

# %% [markdown]
# Decoded targets are *on* the objects if all is well, with their names. The second picture has wrong names, the third
# has boxes where nothing is. Its boxes are mirrored at the diagonal of the image, so those that lie on the diagonal
# look right: draw more than one image. That was issue 479 of `keras-team/keras-io`: boxes were turned to y, x, y, x, and
# the next function read them as x, y, x, y. In the fourth picture each box is right, but there are fewer: each object
# has one positive only. That was issue 222 of `balancap/SSD-Tensorflow`, where such objects had none at all.
#
# ### The first step
#
# One step of four runs, from the same weights on the same batch:

# %% tags=["varies"]
seen = {}
for name in ("healthy", "warm_up", "rate", "negatives"):
    made = prepared(small(CASES[name]), train=few)
    ((losses, norm),) = steps(*made, 1)
    seen[name] = losses.conf, max(step_by_weight(made[2]))
    print(
        f"{name:10} conf {losses.conf:6.1f}, norm of the gradient {norm:6.1f}, ", end=""
    )
    print(f"largest step by weight {seen[name][1]:.2f}")
assert seen["healthy"][0] == seen["warm_up"][0] == seen["rate"][0]
assert seen["negatives"][0] > 30 * seen["healthy"][0]
assert seen["warm_up"][1] > 10 * seen["healthy"][1]
assert seen["rate"][1] > 10 * seen["healthy"][1]

# %% [markdown]
# The healthy run begins with steps of a few hundredths of the weights, and even that only in the predictors, whose first
# weights are small. Without warm-up, the first step is as large as the weights: what was drawn at random with care is
# overwritten before anything is known. The run recovers, but later. In issue 3297 of `open-mmlab/mmdetection` it did not,
# and the advice was a longer warm-up.
#
# ### And the mean?
#
# With batch normalization, a *consistent* mistake in the input changes little: each channel is normalized anyway. Without
# it, the first loss is already higher. Two networks without it and two with it, each with and without the mean, in
# training *and* in detection:

# %% tags=["varies"]
zero, start = (0.0, 0.0, 0.0), {}
for norm in (True, False):
    for mean in (CONFIG.mean, zero):
        config = replace(CONFIG, batch_norm=norm, mean=mean)
        losses, _ = by_heart(replace(HEALTHY, config=config), 15, lr=0.001)
        start[norm, mean] = losses[0]
        print(
            f"batch norm {norm!s:5} mean {mean[0]:3.0f}: loss {losses[0]:5.2f}, ",
            end="",
        )
        print(f"then {losses[-1]:.2f}")
assert abs(start[True, zero] / start[True, CONFIG.mean] - 1) < 0.02
assert start[False, zero] > 1.2 * start[False, CONFIG.mean]

# %% [markdown]
# That is what pull request 18 of `soumith/imagenet-multiGPU.torch` is about, where images were normalized twice: without
# batch normalization, the input decides whether the training converges at all. In run H the network has batch
# normalization, and still fails, because training and detection *differ*.
#
# ### Where to look first
#
# All numbers of the nine runs. `first` is the first conf by the expected one, `worst` the largest conf of the run by the
# first, `step` the largest step by weight in the first iteration, and `positives` their number for each object. `conf`
# and `loc` are those of the end; `train`, `val` and `test` are mAP. `found` is the fraction of objects that a shown box
# overlaps, and `named` the fraction of these with the right name. Cover the first column, and name the faults once more:

# %%
columns = tuple(symptoms(runs["healthy"]))
columns = [name for name in columns if name != "rise"]
print(" " * 9, *(f"{name:>7}" for name in columns))
for name, record in runs.items():
    mine = symptoms(record)
    cells = ("-" if mine[c] is None else f"{mine[c]:.2g}" for c in columns)
    print(f"{name:9}", *(f"{c:>{max(7, len(n))}}" for c, n in zip(cells, columns)))

# %% [markdown]
# | look at | it should be | if not |
# | --- | --- | --- |
# | 1. **the targets of some images**, decoded and drawn | on the objects, with their names, several for each | labels off by one; x and y exchanged; default boxes miss the objects |
# | 2. **the first loss** | (1 + 3) ln C | negatives not mined; a wrong number of classes |
# | 3. **the first steps**, by the weights of each layer | some hundredths at most | rate too high; no warm-up |
# | 4. **one image by heart**, with the detector run on it | a loss near 0, *and* its objects shown | the loss stays: the network or the targets. The loss falls and nothing is shown: the input differs between training and detection |
# | 5. **mAP on training images** | far above 0 | detection, the labels or the input |
# | 6. **mAP on validation images against test images** | alike | the sets share images, or something was chosen by the validation images |
#
# The order is that of the cost. The first four take less than a minute, and find seven of the eight. Only the last fault
# needs a third set of images that nobody has touched.

# %% [markdown]
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("first_conf")` helps twice, and then gives the answer.
#
# ### Warm-up: the first loss
#
# For any number of classes (with background), positives and negatives.


# %%
def my_first_conf(classes, positives, negatives):
    """Return the first conf of a network that knows nothing."""
    ...


check.first_conf(my_first_conf)
check.answer("first_conf")

# %% [markdown]
# ### Core: are the labels shifted?
#
# `confusion` (C, C) counts true classes (rows) and shown ones (columns). Return the shift s for which the largest number
# of objects of class c is shown as c + s: 0 if the labels are right, negative if the shown class is the lower one. Of
# equal numbers, the shift that is nearest to 0 is meant.


# %%
def my_label_shift(confusion):
    """Return the shift, a whole number."""
    ...


check.label_shift(my_label_shift)
check.answer("label_shift")

# %% [markdown]
# ### Core: which layers are dead?
#
# `gradients` (L, T) are the norms of the gradients of L layers at T moments. A layer whose gradient is 0 *at every
# moment* learns nothing. If it is 0 now and then, there was just no object for it.


# %%
def my_dead_layers(gradients):
    """Return the indices of the dead layers, a list."""
    ...


check.dead_layers(my_dead_layers)
check.answer("dead_layers")

# %% [markdown]
# ### Core: which classes do the default boxes miss?
#
# `best_iou` (M,) is the IoU of each object with its best default box, `labels` (M,) its class. Return the classes of
# which less than half of the objects reach an IoU of 0.5.


# %%
def my_missed_classes(best_iou, labels):
    """Return the classes that are missed, a list, the lowest first."""
    ...


check.missed_classes(my_missed_classes)
check.answer("missed_classes")

# %% [markdown]
# ### Stretch: name the fault
#
# `seen` is a dictionary with the numbers of the last table, `seen["first"]` and so on. Return the fault, as the first
# column has it, or "healthy". Of a run that stopped, `train`, `val`, `test`, `found` and `named` are None. The check has
# the nine runs of the table, and nine *hidden* ones from another seed. So leave room around your thresholds.


# %%
def my_diagnosis(seen):
    """Return "rate", "warm_up", "labels", ..., or "healthy"."""
    ...


check.diagnosis(my_diagnosis)
check.answer("diagnosis")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | a rate of 0.001 on pretrained weights; three negatives for each positive; nothing about warm-up |
# | **Caffe** | no warm-up; subtracts the mean in training and in detection, each time as its own definition says |
# | **others** | D2L mines no negatives; lufficc and mmdetection warm up for 500 iterations; amdegroot's numbers for VOC are used for any data set |
# | **numpyssd** | warm-up in each recipe; the mean is part of the config and stored with the weights; a label of 0 is refused |
#
# More of it: [10. What makes a negative hard](paper_caffe_others.md#10-what-makes-a-negative-hard),
# [24. The schedule](paper_caffe_others.md#24-the-schedule),
# [26. How an image becomes the input](paper_caffe_others.md#26-how-an-image-becomes-the-input),
# [30. Negatives of one image, or of the batch](paper_caffe_others.md#30-negatives-of-one-image-or-of-the-batch). The
# list of [troubles](troubles.md) has more faults, with the tests that guard against them.
#
# ## Questions readers ask
#
# **Negatives were not mined, and the mAP is fine. Is it a fault at all?** In this run hardly: the network is small, and
# an image has only 1504 default boxes. D2L trains this way. With 8732 boxes and a few objects, the sum of many easy
# negatives is larger than all the rest. It belongs here because the first loss shows it at once.
#
# **Why is the mAP of the healthy run so low?** It saw 160 images, sixteen times each. The built-in set has 3000, and
# `python -m numpyssd.train --tiny` reaches more. For comparing nine runs it is enough.
#
# **Are validation and test mAP ever equal?** With 64 images each, some hundredths of difference mean nothing: look how
# far apart they are in the healthy runs. Only a difference much larger than that is a symptom.
#
# **I have two faults at once.** Repair the one that the first look shows, and begin again. The order of the looks stays
# the same.
#
# **Could a program make the diagnosis?** For these eight faults, yes: that is the last exercise. For the ninth it would
# be wrong.
#
# **The loss is NaN from the first iteration.** Then it is not the rate: no step was made yet. Look for a box without
# width, a label outside the classes, or an input that is NaN (lesson 09).
#
# ## Recap
#
# 1. Before a long run: draw the decoded targets, predict the first loss, look at the first steps, learn one image by heart and detect in it.
# 2. A falling loss proves little: labels off by one, a wrong mean in detection, and shared images have perfect curves.
# 3. Right boxes with wrong names are labels; good loss and no boxes is the input; validation above test is a leak.
