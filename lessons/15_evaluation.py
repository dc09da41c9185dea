# %% [markdown]
# # 15 · Evaluation
#
# **Goal.** Match a list of detections with the true boxes, and compute one number from the result, average precision,
# that you can check by hand.
#
# You need: IoU ([lesson 01](01_boxes_and_iou.ipynb)). Time: 70 minutes, half of them for the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
from fractions import Fraction

import numpy as np
from numpyssd.boxes import iou
from numpyssd.pictures.simulated_detector import simulate_detector
from numpyssd.datasets.shapes import CLASS_NAMES, example
from numpyssd.drawing import new_figure
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.average_precision import draw_average_precision
from numpyssd.inference.detection_matching import draw_matches, match_detections
from lessons.course import check
from lessons.course.widgets import detections as detection_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here

you_are_here("evaluation")

# %% [markdown]
# "It finds most of them" is no number. We need two numbers: the fraction of the shown boxes that are right
# (**precision**), and the fraction of the objects that are found (**recall**). If fewer boxes are shown, recall never
# rises. Precision usually rises, but not always. **Average precision**, AP, combines all such choices for one class.
# The mean over the classes is **mAP**, the one number of a detector.
#
# ## The figure
#
# Four objects and five detections. To keep it small, all are of one class here. On the left the objects are green. A
# right detection is blue and dashed, a wrong one red. On the right are precision and recall of the best 1, 2, 3, 4 and
# 5 detections.

# %%
image, objects, _, _ = example(size=200)
w, h = (objects[:, 2:] - objects[:, :2]).T
shift = np.stack([0.08 * w, 0.08 * h, 0.08 * w, 0.08 * h], axis=1)
stray = np.array([[5, 5, 45, 40]], float)  # on nothing
moved, first = objects + shift, objects[:1]
boxes = np.concatenate([moved[:1], stray, moved[1:2], first, moved[2:3]])  # (5, 4)
scores = np.array([0.95, 0.85, 0.75, 0.60, 0.40])  # best first
labels, truth_labels = np.ones(5, int), np.ones(len(objects), int)
easy = np.zeros(len(objects), bool)  # no object is marked difficult
found = [(boxes, labels, scores)]  # of each image: here is one
truth = [(objects, truth_labels, easy)]
result = average_precision(found, truth, "voc", class_names=("shape",))

# %%
outcomes = match_detections(*found[0], *truth[0], (0.5,))[0]  # (5,): 1 TP, 0 FP
right = outcomes == 1
figure, axes = new_figure(1, 2, size=(12, 5.4))
draw_matches(axes[0], image, boxes, scores, outcomes, objects)
draw_average_precision(axes[1], result, "shape")
show(figure, "Five detections of four objects, and the curve that they make.")

# %% [markdown]
# The stray box (0.85) is wrong because nothing is there. The box with 0.60 fits an object very well, even better than
# the one with 0.95. It is still wrong, because that object is found already. Each object has at most one right
# detection.
#
# The widget shows what a **threshold** does: only boxes with at least this score are shown. TP are the **true
# positives**, the right detections. FP are the **false positives**, the wrong ones. FN are the false negatives, the
# objects that are missed. Can you find a threshold where the precision *rises* although more boxes are shown?

# %%
curve = result.curves["shape"]
widget = detection_widgets.precision_and_recall(
    image, objects, boxes, scores, right, curve
)
figure, ax = new_figure(size=(4.5, 4.8))
draw_matches(ax, image, boxes[:3], scores[:3], outcomes[:3], objects)
show_widget(
    widget, figure, "At a threshold of 0.75: three boxes, two of them true positives."
)

# %% [markdown]
# From 0.85 to 0.75 the precision rises from 1/2 to 2/3, because the next box is a true positive. So the curve is a
# zigzag.
#
# ## By hand
#
# Write the five outcomes in a row, best score first: TP, FP, TP, FP, TP. Count the true positives up to each detection:
# 1 1 2 2 3. Divide by the number of detections so far, and by the 4 objects.
#
# $$\mathrm{precision} = \frac{\mathrm{TP}}{\mathrm{TP} + \mathrm{FP}} \qquad \mathrm{recall} = \frac{\mathrm{TP}}{\mathrm{TP} + \mathrm{FN}}$$

# %%
assert right.tolist() == [True, False, True, False, True]
hits = np.cumsum(right)
assert hits.tolist() == [1, 1, 2, 2, 3]
precision = [Fraction(int(n), d) for d, n in enumerate(hits, start=1)]
recall = [Fraction(int(n), 4) for n in hits]
assert precision == [1, Fraction(1, 2), Fraction(2, 3), Fraction(1, 2), Fraction(3, 5)]
assert np.allclose([float(p) for p in precision], curve.precision)
assert np.allclose([float(r) for r in recall], curve.recall)
print("precision", *precision)
print("recall   ", *recall)

# %% [markdown]
# Now the average. Two thresholds give recall 1/2, one with precision 2/3 and one with 1/2. You would choose the first.
# So at each recall the **best precision there or beyond** counts:
#
# | recall | up to 1/4 | up to 1/2 | up to 3/4 | beyond |
# | --- | --- | --- | --- | --- |
# | best precision | 1 | 2/3 | 3/5 | 0, never reached |
#
# The *area* under it is four strips, each 1/4 wide. *Eleven points* (VOC2007) instead averages it at the recalls 0,
# 0.1, ..., 1: three of them give 1, the next three (0.3, 0.4, 0.5) give 2/3, two give 3/5, and three give 0.
#
# $$\mathrm{AP} = \frac{1}{4} (1 + \frac{2}{3} + \frac{3}{5} + 0) = \frac{17}{30}$$
#
# $$\mathrm{AP}_{11} = \frac{1}{11} (3 \cdot 1 + 3 \cdot \frac{2}{3} + 2 \cdot \frac{3}{5} + 3 \cdot 0) = \frac{31}{55}$$

# %%
area = Fraction(1, 4) * (1 + Fraction(2, 3) + Fraction(3, 5) + 0)
eleven = Fraction(1, 11) * (3 * 1 + 3 * Fraction(2, 3) + 2 * Fraction(3, 5))
assert (area, eleven) == (Fraction(17, 30), Fraction(31, 55))
library = average_precision(found, truth, "voc07", class_names=("shape",))
assert abs(result.mean - area) < 1e-12
assert abs(library.mean - eleven) < 1e-12
print(f"area          {area} = {float(area):.4f}, the library {result.mean:.4f}")
print(f"eleven points {eleven} = {float(eleven):.4f}, the library {library.mean:.4f}")

# %% [markdown]
# ### From AP to mAP
#
# AP is the number of *one class*. Suppose there is a second class, with two objects and three detections: TP, FP, TP.
# The precision is 1 at the first object and 2/3 at the second, so its AP is (1 + 2/3) / 2 = 5/6. **mAP**, the *mean
# average precision*, is the mean of the AP of all classes. A class with two objects counts as much as one with four:
#
# $$\mathrm{mAP} = \frac{1}{2} (\frac{17}{30} + \frac{5}{6}) = \frac{7}{10}$$

# %%
second = np.concatenate([objects[:1], stray, objects[1:2]])  # TP, FP, TP
all_boxes = np.concatenate([boxes, second])  # (8, 4)
all_scores = np.append(scores, [0.9, 0.8, 0.7])
two = [(all_boxes, np.repeat([1, 2], [5, 3]), all_scores)]
all_objects = np.concatenate([objects, objects[:2]])  # (6, 4)
its = [(all_objects, np.repeat([1, 2], [4, 2]), np.zeros(6, bool))]
both = average_precision(two, its, "voc", class_names=("shape", "other"))
assert abs(both.mean - Fraction(7, 10)) < 1e-12
assert Fraction(1, 2) * (area + Fraction(5, 6)) == Fraction(7, 10)
print(f"mAP {both.mean:.3f}, in percent {100 * both.mean:.1f}")

# %% [markdown]
# numpyssd and these lessons give AP and mAP from **0 to 1**. Papers print them in percent and often leave the sign out:
# "74.3 mAP" is 0.743. Published numbers stand here as they were printed.
#
# ## Loops you can read
#
# The definition in loops, with fractions in place of decimals, so that nothing is rounded. First the matching: which
# detections are true positives? The best score is matched first. Each detection is compared only with the object that
# it overlaps most, and an object is matched only once.


# %%
def match_by_loops(boxes, scores, objects):
    """Return for each detection whether it is a true positive, best score first."""
    right, taken = [], set()
    for d in sorted(range(len(boxes)), key=lambda d: -scores[d]):
        overlaps = [iou([boxes[d]], [each])[0, 0] for each in objects]
        nearest = int(np.argmax(overlaps))
        right.append(bool(overlaps[nearest] >= 0.5) and nearest not in taken)
        if right[-1]:
            taken.add(nearest)
    return right


assert match_by_loops(boxes, scores, objects) == right.tolist()
print("true positives:", match_by_loops(boxes, scores, objects))

# %% [markdown]
# Then both averages. The area grows by one strip, 1 / objects wide, at each true positive.


# %%
def both_averages_by_loops(right, count):
    """Return the area and the eleven-point mean as Fractions."""
    hits = [sum(right[: d + 1]) for d in range(len(right))]
    precision = [Fraction(hits[d], d + 1) for d in range(len(right))]
    strips = [max(precision[d:]) for d in range(len(right)) if right[d]]
    at_level = []
    for i in range(11):
        beyond = [
            p for p, n in zip(precision, hits) if Fraction(n, count) >= Fraction(i, 10)
        ]
        at_level.append(max(beyond, default=Fraction(0)))
    return sum(strips) / count, sum(at_level) / 11


assert both_averages_by_loops([1, 0, 1, 0, 1], 4) == (area, eleven)
print("area and eleven points:", *both_averages_by_loops([1, 0, 1, 0, 1], 4))

# %% [markdown]
# ## The check
#
# Does the library agree on 200 random rankings? It computes in float64, about 16 digits: we expect differences around
# 1e-16 and accept nothing above 1e-12.

# %%
from numpyssd.inference.precision_recall import area_under_envelope, eleven_points

rng, worst = np.random.default_rng(0), 0.0
for _ in range(200):
    row = [int(hit) for hit in rng.integers(0, 2, rng.integers(1, 15))]
    count = max(1, sum(row) + int(rng.integers(0, 4)))  # a few are missed
    hits = np.cumsum(row)
    fast = hits, hits / np.arange(1, len(row) + 1), count
    slow = both_averages_by_loops(row, count)
    theirs = area_under_envelope(*fast), eleven_points(*fast)
    worst = max(worst, *(abs(float(a) - b) for a, b in zip(slow, theirs)))
assert worst < 1e-12
print("largest difference is below 1e-12 (expected: about 1e-16):", worst < 1e-12)

# %% [markdown]
# And four things must hold for any detector. If the detections are exactly the objects, AP is 1. If nothing is found,
# AP is 0. A strictly increasing change of the scores changes nothing, because only their *order* counts. A false positive with the
# lowest score changes nothing.

# %%
perfect = average_precision([(objects, truth_labels, np.ones(len(objects)))], truth)
nothing = average_precision([(boxes[:0], labels[:0], scores[:0])], truth)
assert (perfect.mean, nothing.mean) == (1, 0)
assert average_precision([(boxes, labels, scores**3)], truth, "voc").mean == result.mean
more = np.concatenate([boxes, stray]), np.ones(6, int), np.append(scores, 0.01)
assert average_precision([more], truth, "voc").mean == result.mean
print("all four hold")

# %% [markdown]
# The order decides. Take four objects that are all found, and four false positives. If the true positives come first,
# AP is 1, as if the others were not there. If each comes after a false positive, AP is 1/2. If all come last, it is
# 1/2 as well, because the best precision is reached at the end.

# %%
orders = {
    "true first": [1] * 4 + [0] * 4,
    "in turn": [0, 1] * 4,
    "true last": [0] * 4 + [1] * 4,
}
aps = {name: both_averages_by_loops(row, 4)[0] for name, row in orders.items()}
assert list(aps.values()) == [1, Fraction(1, 2), Fraction(1, 2)]
print(*(f"{name}: {value}" for name, value in aps.items()), sep=", ")

# %% [markdown]
# False positives at the end of the row do no harm. So detectors are evaluated with a score threshold of 0.01 and not 0.5:
# some of the boxes with low scores are true positives. It is also why AP does not tell you which threshold to use.
#
# ## The library's code
#
# Here are two ways to average (a third, with 101 points, is that of COCO, another large data set). After them come the
# matching rules for one class, as in VOC's own program, its *devkit*.

# %%
from numpyssd.inference.precision_recall import envelope
from numpyssd.inference.detection_matching import match_voc

show_source(envelope, area_under_envelope, eleven_points, match_voc)

# %% [markdown]
# ### Difficult objects, and a class without objects
#
# VOC marks objects that even people hardly recognize as *difficult*. They do not count: a missed one is no false
# negative, and a found one (`IGNORED`) is neither a true nor a false positive. Suppose our third object is difficult.
# Then 3 objects are left, and the box with 0.40 is removed from the row. A class has no AP at all if none of its
# objects count. It is left out of the mean, and the result says so; counted as 0 it would lower the mean.

# %%
hard = [(objects, truth_labels, np.array([False, False, True, False]))]
marked = average_precision(found, hard, "voc", class_names=("shape", "unicorn"))
assert abs(marked.mean - (1 + 2 / 3) / 3) < 1e-12
print(marked.summary())

# %% [markdown]
# ### The "+ 1"
#
# VOC's files store the first and last pixel of a box, so its own program adds 1 to every side ([lesson
# 01](01_boxes_and_iou.ipynb)). If your boxes are the files' numbers, pass `pixels="inclusive"`; otherwise the IoU of
# small boxes is too low:

# %%
files = [(np.array([[1, 1, 9, 9]], float), np.array([1]), np.array([False]))]
one_off = [(np.array([[1, 4, 9, 12]], float), np.array([1]), np.array([0.9]))]
results = {}
for pixels in ("continuous", "inclusive"):
    results[pixels] = average_precision(one_off, files, pixels=pixels).mean
with_one, without = (9 * 6) / (2 * 81 - 9 * 6), (8 * 5) / (2 * 64 - 8 * 5)
assert (with_one >= 0.5, without >= 0.5) == (True, False)
assert results == {"continuous": 0, "inclusive": 1}
print(f"with the + 1: IoU {with_one:.3f}; without: {without:.3f}; AP", results)

# %% [markdown]
# The same two boxes of 9 x 9 pixels, three rows apart: exactly 0.500 as VOC measures it, a true positive, and 0.455
# without the + 1, a false positive. For large boxes the difference is negligible.
#
# ### Ten thresholds
#
# An IoU of 0.5 is a low threshold: the box may be off by a third of its width. COCO computes AP ten times, at 0.50,
# 0.55, ..., 0.95, and averages the results. We take a simulated detector. It adds noise to the true boxes of 40 images,
# confuses some classes, finds some objects twice and misses others.

# %%
from numpyssd.inference.coco_metrics import coco_metrics, draw_coco_metrics

simulated = simulate_detector()
coco = coco_metrics(*simulated, class_names=CLASS_NAMES)
steps = [average_precision(*simulated, "voc", t).mean for t in (0.5, 0.75, 0.95)]
assert steps == sorted(steps, reverse=True)
figure, ax = new_figure(size=(7, 4.4))
draw_coco_metrics(ax, coco)
show(figure, "AP falls from 0.59 at an IoU of 0.50 to nothing at 0.95.")
print("\n".join(coco.summary().splitlines()[:3]))

# %% [markdown]
# The first line is COCO's "AP", the mean of the ten; the other two are its values at 0.50 and 0.75. So COCO's AP and
# VOC's AP cannot be compared: here both are of the same detector. Small objects are up to 32 x 32 pixels large, medium
# ones up to 96 x 96, both by area. And COCO's program counts the best 100 detections of each class in an image, and ignores
# those on a *crowd*, a region of many objects that have no boxes of their own.
#
# ### Types of errors
#
# One number doesn't tell what to improve. `inference/error_split.py` gives each false positive a type of error, as TIDE
# does, a tool for the errors of detectors: the right class but badly placed (*localization*), well placed but the wrong
# class (*classification*), a bit of *both*, a *duplicate*, on the *background*; and the objects that are *missed*.

# %%
from numpyssd.inference.error_split import draw_error_split, error_split
from numpyssd.inference.error_costs import draw_error_costs, error_costs

split = error_split(*simulated, class_names=CLASS_NAMES)
total, counted = split.total, sum((types != "").sum() for types in split.types)
wrong = ("localization", "classification", "both", "duplicate", "background")
assert counted == total["correct"] + sum(total[error] for error in wrong)
figure, axes = new_figure(2, 1, size=(8.5, 8))
draw_error_split(axes[0], split)
draw_error_costs(axes[1], error_costs(*simulated, class_names=CLASS_NAMES))
show(figure, "Errors of each class by type, and how much mAP each type costs.")

# %% [markdown]
# The upper figure counts the errors. The lower one shows their cost: how much higher the mAP would be without all
# errors of that type (ΔAP). Many errors may cost little, because a false positive with a low score is at the end of the
# ranking.
#
# ## Break it
#
# Results have been published with both of these bugs. The first one writes the eleven recalls as
# `np.arange(0, 1.1, 0.1)`. It looks harmless. Before you read on: three of ten objects are found, and all three boxes
# are true positives. What should the AP be?


# %%
def eleven_with_a_bug(right, count):
    hits = np.cumsum(right)
    recall, precision = hits / count, hits / np.arange(1, len(hits) + 1)
    levels = np.arange(0, 1.1, 0.1)
    return sum(precision[recall >= level].max(initial=0) for level in levels) / 11


three = np.array([1, 1, 1])
should = float(both_averages_by_loops([1, 1, 1], 10)[1])
print(
    f"should be 4 / 11 = {should:.4f}; with the bug {eleven_with_a_bug(three, 10):.4f}"
)
print("the fourth level:", float(np.arange(0, 1.1, 0.1)[3]))
assert should - eleven_with_a_bug(three, 10) > 0.09

# %% [markdown]
# The recalls 0, 0.1, 0.2 and 0.3 are reached, which makes 4/11. But floating point can't represent 0.1 exactly, and
# three times 0.1 is a little more than 0.3: the fourth point is lost, and with it a whole eleventh. `i / 10` for whole
# `i` would give the number nearest to 0.3. The library compares whole numbers instead, `10 * hits >= i * count`. The
# `arange` is in many evaluation programs ([entry 18](paper_caffe_others.md#18-eleven-points)).
#
# The second one is issue 20 of `rafaelpadilla/Object-Detection-Metrics`: a second box on a found object was neither a
# true nor a false positive. It was not counted at all.

# %%
twice = np.concatenate([objects, objects + 1])  # every object found twice
proper = match_by_loops(twice, np.linspace(0.9, 0.1, len(twice)), objects)
with_bug = [hit for hit in proper if hit]  # duplicates are not counted
print("precision of all boxes:", sum(proper) / len(proper))
print("with the bug:          ", sum(with_bug) / len(with_bug))
assert sum(with_bug) / len(with_bug) == 2 * sum(proper) / len(proper) == 1

# %% [markdown]
# With this bug, AP without NMS would be as high as with it: a detector that puts a hundred boxes on every object looks
# perfect.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("precision_recall")` helps twice, and then gives the answer.
#
# ### Warm-up: two rows of numbers
#
# `right` (D,) is 1 for each true positive and 0 for each false positive, best score first; `objects` is the number of
# objects.


# %%
def my_precision_recall(right, objects):
    """Return precision (D,) and recall (D,)."""
    ...


check.precision_recall(my_precision_recall)
check.answer("precision_recall")

# %% [markdown]
# ### Core: eleven points
#
# Avoid the bug at 0.3. Recalls that are never reached count 0.


# %%
def my_eleven_points(right, objects):
    """Return the average precision of VOC2007."""
    ...


check.eleven_points(my_eleven_points)
check.answer("eleven_points")

# %% [markdown]
# ### Core: the area
#
# The curve has steps; do not interpolate between them.


# %%
def my_area(right, objects):
    """Return the average precision of VOC2010."""
    ...


check.area_of_curve(my_area)
check.answer("area_of_curve")

# %% [markdown]
# ### Stretch: match detections
#
# `overlaps` (D, M) are the IoUs with the objects, `difficult` (M,) is bool, `scores` (D,) come in any order. Follow
# VOC's rules. Return 1, a true positive, for an IoU of 0.5 or more with the object that the detection overlaps most, if
# that object is not taken. Return -1, ignored, for every detection with an IoU of 0.5 or more with the object that it
# overlaps most, if that object is difficult. Return 0, a false positive, for the rest.


# %%
def my_outcomes(overlaps, difficult, scores):
    """Return an outcome for each detection, in the order given."""
    ...


check.outcomes(my_outcomes)
check.answer("outcomes")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | mAP on VOC2007 and 2012, and COCO's; points or area are not mentioned |
# | **Caffe** | eleven points or the area, as you choose; areas with the +1; difficult objects are ignored |
# | **others** | `np.arange(0, 1.1, 0.1)` for the eleven points; amdegroot requires an IoU *above* 0.5, and is a pixel off |
# | **numpyssd** | whole numbers; an IoU of exactly 0.5 counts; it names the classes that it left out |
#
# More of it: [15. Plus one pixel](paper_caffe_others.md#15-plus-one-pixel),
# [16. One pixel off](paper_caffe_others.md#16-one-pixel-off),
# [18. Eleven points](paper_caffe_others.md#18-eleven-points),
# [19. Difficult objects](paper_caffe_others.md#19-difficult-objects),
# [20. The limits of detection](paper_caffe_others.md#20-the-limits-of-detection).
#
# ## Questions readers ask
#
# **Which is higher, eleven points or the area?** Either can be. Here they are 0.564 and 0.567. For a good detector that
# misses a few objects, eleven points give less, because the whole point at recall 1 is lost: 0.870 and 0.902 for
# a network trained on BCCD, images of blood cells (100 epochs from random weights; lesson 18 has a table of all such runs).
#
# **Is AP 0.5 as good as guessing?** No. The detector may find half of all objects without a false positive. Or it may
# find all of them, with a false positive before each.
#
# **Is 0.743 the same as 74.3?** Yes, the second is in percent. COCO's AP is another matter: it is the mean over ten
# thresholds, and lower for the same detector.
#
# **Does a better-fitting duplicate replace the first?** No. The order is that of the scores: the first box with an IoU
# of 0.5 is the true positive. If the network gives its worse box a higher score, its AP may be lower.
#
# **Why is the second detection wrong, though it would also fit a free neighbor?** VOC compares it only with the object
# that it overlaps most; COCO would match it to the neighbor. `inference/detection_matching.py` has both.
#
# **My validation loss falls, but mAP does not rise. Is that possible?** Yes. The loss looks at each default box; AP looks
# only at the order of what is left after NMS.
#
# ## Recap
#
# 1. Best score first; a true positive needs the class, an IoU of 0.5 and an object that is not taken; difficult objects are ignored.
# 2. Precision divides by the detections, recall by the objects; AP averages the best precision at each recall or beyond, mAP averages the AP of the classes.
# 3. State the definition beside each number (eleven points, area, COCO's ten), and compare tenths in whole numbers.
