# %% [markdown]
# # 15 · Your own pictures
#
# **Goal.** Take a folder of pictures with boxes, say before training whether the network can reach what is in them, and
# climb five rungs to a figure that is honest.
#
# You need: default boxes (07), matching (08), training (11) and evaluation (13). Time: 40 minutes.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import tempfile
from pathlib import Path

import numpy as np

from numpyssd.config import TINY
from numpyssd.datasets.loading import load_dataset
from numpyssd.datasets.shapes.rendering import render_all
from numpyssd.datasets.voc.writer import write_split
from numpyssd.drawing import draw_boxes, draw_image, new_figure
from lessons.course import check
from lessons.course.widgets import own_images as scenes_own_pictures
from lessons.course.display import show, show_source, show_widget, you_are_here

you_are_here("image", "default boxes", "training", "evaluation")

# %% [markdown]
# Until now every picture was one that the network had been made for. Yours are not: they have other sizes, other shapes,
# other classes. Most disappointments with one's own pictures are decided *before* training, and can be seen there.
#
# A lesson cannot have your pictures. So we make some that TINY was not made for: panoramas, three scenes side by side,
# 192 x 64 pixels. And we give the objects two classes of our own, `cornered` and `round`.


# %%
KINDS = np.array([0, 1, 2, 1, 2, 1])  # cross, ellipse, rectangle, ring, triangle


def panorama(first):
    """Return an image (64, 192, 3) and boxes, labels, difficult, truncated."""
    parts = [render_all(21, first + k, 64) for k in range(3)]
    image = np.concatenate([part[0] for part in parts], axis=1)
    boxes = np.concatenate([p[1] + [64 * k, 0] * 2 for k, p in enumerate(parts)])
    labels, difficult, cut = (np.concatenate(c) for c in zip(*(p[2:] for p in parts)))
    return image, boxes, KINDS[labels], difficult, cut


# %% [markdown]
# They go into a folder as PASCAL VOC has it, which labeling tools write: the pictures, a file of XML for each with its
# boxes, and for each *split* a list of names. 60 pictures are for training; 30 others, which no training sees, for the
# judgment.

# %%
folder = tempfile.TemporaryDirectory()
root = Path(folder.name)
for split, first, count in (("train", 0, 60), ("val", 900, 30)):
    items = ((f"{split}_{i:02d}", *panorama(first + 3 * i)) for i in range(count))
    write_split(root, split, items, ("cornered", "round"))
for name in ("JPEGImages", "Annotations", "ImageSets/Main"):
    files = sorted(path.name for path in (root / name).iterdir())
    print(f"{name:15} {len(files):3}: {files[0]} … {files[-1]}")
xml = (root / "Annotations" / "train_00.xml").read_text()
print("\n".join(xml.splitlines()[3:11]))

# %% [markdown]
# That is one object: its class, whether the edge of the picture cuts it, whether it is too hard to count, and its box. (VOC
# counts pixels from 1, and the last one is inside; the loader makes our boxes of it.) Nobody labels a thousand boxes
# without a slip, so we make one: in the first file `xmin` and `xmax` are exchanged, for all its objects.

# %%
slip = xml.replace("xmin>", "xXX>").replace("xmax>", "xmin>").replace("xXX>", "xmax>")
_ = (root / "Annotations" / "train_00.xml").write_text(slip)
train = load_dataset(root, "train", training=True, bad_data="skip")
val = load_dataset(root, "val", train.class_names)
problem = str(train.issues[0])
print(
    len(train.issues), "problems; the first is", problem[problem.index("train_00") :]
)
assert len(train.issues) == xml.count("<object>")
_ = (root / "Annotations" / "train_00.xml").write_text(xml)  # mended
train = load_dataset(root, "train", training=True)
assert train.issues == []
print(len(train), "and", len(val), "pictures, classes", train.class_names)

# %% [markdown]
# The loader names file and object. Left to itself it stops there, with the whole list; `bad_data="skip"` makes it go on
# without those boxes. Mend such things first: the logarithm of a negative width (lesson 08) is no number, and the loss
# soon would be none either. `python -m numpyssd.explore --data FOLDER --check` lists all that there is, with what training
# would do about it.
#
# ## The figure
#
# The first rung of a ladder that we shall climb: **look at your pictures with their boxes.** Is every object there, is no
# box too large, does every name fit?

# %%
figure, axes = new_figure(3, 1, size=(7, 7.6))
for ax, i in zip(axes, (0, 7, 21)):
    image, boxes, labels, _ = train[i]
    draw_image(ax, image)
    draw_boxes(ax, boxes, "ground truth", [train.class_names[n - 1] for n in labels])
show(figure, "Three panoramas; every object has its box and its name.")

# %% [markdown]
# The network does not see them like that: whatever the shape of a picture was, it is *warped* to a square, here of 64
# x 64, and everything becomes three times as narrow. So the second rung: **can the default boxes reach the objects?**
# The matching of lesson 08 wants an IoU of 0.5. So draw, for each object, the default box that overlaps it most: blue
# if it reaches the object, red if not. On the left TINY's own default boxes; on the right others, with scales and
# aspect ratios that were *fitted* to these objects (how, comes below).

# %%
from numpyssd.datasets.analysis.fit_default_boxes import draw_fit, fit_default_boxes
from numpyssd.images.preprocess import resize
from numpyssd.datasets.analysis.box_numbers import with_numbers
from numpyssd.datasets.analysis.coverage import all_objects, coverage, draw_coverage

objects = all_objects(train)  # boxes (M, 4) in [0, 1], labels (M,)
fitted = fit_default_boxes(objects, TINY)
figure, axes = new_figure(1, 2, size=(8, 4.4))
square = np.rint(resize(train[7][0], 64, "average")).astype(np.uint8)
own = objects.boxes[objects.images == 7] * 64
for ax, config in zip(axes, (TINY, fitted)):
    draw_coverage(ax, square, own, config)
show(
    figure,
    "Two of four best boxes are red; with fitted ones, all four are blue.",
)

# %% [markdown]
# An object that no default box reaches is not lost: it gets its single best one. But it is trained by that one alone, from
# farther away, and one of a thousand is easily missed. Drag an object of the usual shape here, 8 x 24 pixels, and choose
# whose default boxes should reach it. The third choice is a bug; its turn comes later.

# %%
six, narrow = [64] * 6, [row.aspect_ratios for row in TINY.feature_maps]
broken = with_numbers(TINY, six, narrow)
configs = {"TINY's own": TINY, "fitted": fitted, "all of scale 1.0": broken}
figure, axes = new_figure(1, 3, size=(9, 3.4))
for ax, config in zip(axes, configs.values()):
    draw_coverage(ax, square, np.array([[10, 7, 13, 16]]) * 64 / 24, config)
widget = scenes_own_pictures.object_to_reach(square, configs)
show_widget(widget, figure, "An object, and the best default box of each of three.")

# %% [markdown]
# ## By hand
#
# Two boxes with the same center share the smaller width times the smaller height:
#
# $$\mathrm{IoU} = \frac{\min(w, W) \, \min(h, H)}{w h + W H - \min(w, W) \, \min(h, H)}$$
#
# An object of 24 x 24 pixels in a panorama is 8 x 24 in the square. A square default box of 16 x 16 shares 8 · 16 = 128
# with it, and 192 + 256 - 128 = 320 are covered: 0.4. A default box of 12 x 20 shares 160 of 272: 0.59.


# %%
def concentric(w, h, W, H):
    """Return the IoU of a w x h and a W x H box with the same center."""
    shared = min(w, W) * min(h, H)
    return shared / (w * h + W * H - shared)


assert concentric(8, 24, 16, 16) == 128 / 320 == 0.4
assert concentric(8, 24, 12, 20) == 160 / 272
print(f"a square of 16: {concentric(8, 24, 16, 16):.2f}")
print(f"a box of 12 x 20: {concentric(8, 24, 12, 20):.2f}")

# %% [markdown]
# Would another square do? The best one has the object's own area. For an object r times as long as wide, that gives
#
# $$\mathrm{IoU} = \frac{1}{2 \sqrt{r} - 1}$$
#
# which is 0.5 for r = 2.25. So **squares reach nothing longer than 2.25 : 1**, wherever their centers are and however many
# there are.

# %%
for r in (1, 2.25, 3, 4):
    best = max(concentric(1, r, side, side) for side in np.linspace(1, r, 3001))
    assert abs(best - 1 / (2 * np.sqrt(r) - 1)) < 1e-6
    print(f"{r:4} : 1, best square {best:.3f}")

# %% [markdown]
# ## Loops you can read
#
# For each object the best IoU of any default box, and for each class the share of objects with 0.5 or more. We call that
# its **reach**.


# %%
from numpyssd.boxes import cxcywh_to_xyxy, iou
from numpyssd.model.default_boxes import default_boxes


def best_by_loops(boxes, config):
    """Return the best IoU of each object."""
    best = []
    corners = cxcywh_to_xyxy(default_boxes(config)).tolist()
    for x1, y1, x2, y2 in boxes.tolist():
        best.append(0.0)
        for X1, Y1, X2, Y2 in corners:
            w, h = min(x2, X2) - max(x1, X1), min(y2, Y2) - max(y1, Y1)
            shared = max(w, 0) * max(h, 0)
            covered = (x2 - x1) * (y2 - y1) + (X2 - X1) * (Y2 - Y1) - shared
            best[-1] = max(best[-1], shared / covered)
    return best


# %%
few, labels = objects.boxes[:100], objects.labels[:100].tolist()
best, shares = best_by_loops(few, TINY), {}
for label in (1, 2):
    own = [value >= 0.5 for value, its in zip(best, labels) if its == label]
    shares[label] = sum(own) / len(own)
    name = train.class_names[label - 1]
    print(f"{name:9} {shares[label]:.1%} of {len(own)} reached")

# %% [markdown]
# That is for the first hundred objects. About half of what we want to find is out of reach, and nothing has been trained yet.
#
# ## The check
#
# The loops against the library. Boxes are float32, which keeps seven digits, so that we expect differences around 1e-7.

# %%
found = coverage(few, TINY)
error = abs(found.best_iou - np.array(best)).max()
assert error < 1e-5
for label, share in shares.items():
    mine = np.array(labels) == label
    assert (found.feature_map[mine] >= 0).mean() == share
print("best IoU differs by less than 1e-5 (expected: about 1e-7):", bool(error < 1e-5))

# %% [markdown]
# ### The second rung, in words
#
# `python -m numpyssd.explore --data FOLDER` prints what follows, before it draws. It is the doctor's note: read it before
# every training.

# %%
from numpyssd.datasets.analysis.summary import summarize

print(summarize(train, TINY))

# %% [markdown]
# For each class its objects, the median of their size, and its reach; then which feature map reaches how many, and a
# *warning* with a remedy for what is under 90 %. Here most of what is not reached is too long for the default boxes, or
# lies between them. So scales and aspect ratios are fitted to the objects: moved up and down one at a time, as long as more
# objects are reached, and by more default boxes. Nothing else of the network changes.

# %%
from numpyssd.datasets.analysis.best_iou import coverage_table

print(coverage_table(train.class_names, objects, TINY, fitted))
figure, ax = new_figure(size=(6.6, 5))
draw_fit(ax, objects, TINY, fitted)
show(
    figure,
    "Objects are taller than wide; the fitted default boxes are longer than before.",
)

# %% [markdown]
# A point above the diagonal is a tall object. The fitted default boxes (blue) are longer than TINY's own, and their tall
# half lies among the objects. Each has a wide twin below the diagonal, where nothing is to be found: aspect ratios come in
# pairs, r and 1/r. In the table, the last column counts too: an object is trained by *all* the default boxes that reach it,
# and there were 0.6 of them on average, and now there are about 3.
#
# ### The third rung: predict the first loss
#
# We start from `tiny`, weights that know the built-in set. Our classes are others, so that the predictors of
# classes begin anew.

# %%
from dataclasses import replace

from numpyssd.model.ssd import SSD
from numpyssd.weights import load


def new_network(config):
    """Return a network for two classes of ours, which knows all else from TINY."""
    model = SSD(replace(config, num_classes=3, predictor_init_scale=0.1), seed=0)
    model.class_names = train.class_names
    report = load(model, "tiny")
    return model, report


model, report = new_network(fitted)
print(len(report.reinitialized), "arrays begin anew, such as", report.reinitialized[0])

# %%
from numpyssd.training.batches import Batches
from numpyssd.inference.detect import detect
from numpyssd.inference.evaluate import evaluate
from numpyssd.run.recipes import RECIPES
from numpyssd.ssd import SSDDetector
from numpyssd.training.loop import train_step
from numpyssd.training.optimizer import SGD

recipe = RECIPES["tiny"]

# %% [markdown]
# A network that knows nothing about C classes, with background,
# costs, as in lesson 11,
#
# $$L_{conf} = (1 + 3) \ln C$$

# %% tags=["varies"]
detector = SSDDetector(model)
batches = Batches(train, fitted, detector.make_targets, 4, **recipe.augmentation)
model.training, optimizer = True, SGD(model.parameters(), 0.001)
parts, _ = train_step(detector, optimizer, batches.batch(0))
expected = (1 + 3) * np.log(3)
assert 0.5 < parts.conf / expected < 2
print(f"expected about {expected:.1f}, found {parts.conf:.1f}")

# %% [markdown]
# Near enough: the predictors are new, but what they look at is not, so that they are not quite without an opinion. A first
# loss of 40, or of 0.1, would mean a mistake: labels that do not fit the classes, or pictures that are not normalized.
#
# ### The fourth rung: one picture by heart
#
# If it cannot learn one picture, it will not learn sixty.


# %%
def practise(model, config, dataset, steps, size):
    """Train on a dataset, with a warm-up and a slow end; return the losses."""
    detector = SSDDetector(model)
    batches = Batches(dataset, config, detector.make_targets, size, **recipe.augmentation)
    optimizer, losses = SGD(model.parameters(), 0.001), []
    model.training = True
    for step in range(steps):
        slow = 0.1 if step >= 0.75 * steps else 1.0
        optimizer.lr = 0.001 * slow * min(1, (step + 1) / 10)
        batch = batches.batch(step)
        losses.append(train_step(detector, optimizer, batch)[0].total)
    model.training = False
    return losses


# %% tags=["varies"]
model, _ = new_network(fitted)
losses = practise(model, fitted, [train[7]], 60, 1)
boxes, _, _ = next(detect(model, [train[7][0]], 8, 0.5))
assert losses[-1] < losses[0] / 4
print(f"one picture: the loss falls from {losses[0]:.1f} to {losses[-1]:.2f}")
print(f"{len(train[7][1])} objects, {len(boxes)} found with a score over 0.5")

# %% [markdown]
# ### The fifth rung: all of them, and an honest figure
#
# Forty-five steps in batches of 4, and then the mean average precision (lesson 13) on the 30 pictures that no step has
# seen. We do it twice, with the same weights to begin with, the same batches and the same number of steps; only the default
# boxes differ.

# %% tags=["varies"]
trained, figures = {}, {}
for name, config in (("TINY's own", TINY), ("fitted", fitted)):
    model, _ = new_network(config)
    before = evaluate(SSDDetector(model), val).mean
    losses = practise(model, config, train, 45, 4)
    trained[name], figures[name] = model, evaluate(SSDDetector(model), val).mean
    print(f"{name:10} mAP {before:.3f} before, {figures[name]:.3f} after 45 steps")
assert figures["fitted"] > figures["TINY's own"]

# %% tags=["varies"]
figure, axes = new_figure(3, 1, size=(7, 7.8))
for ax, i in zip(axes, (0, 1, 2)):
    image, truth, _, _ = val[i]
    boxes, labels, scores = next(detect(trained["fitted"], [image], 8, 0.5))
    names = [f"{val.class_names[n - 1]} {s:.2f}" for n, s in zip(labels, scores)]
    draw_image(ax, image)
    draw_boxes(ax, truth, "ground truth", linewidth=1.2)
    draw_boxes(ax, boxes, "prediction", names)
show(figure, "Held-out panoramas: green is the truth, orange what was found.")

# %% [markdown]
# Shown is what has a score over 0.5. It is a beginning: a few seconds of training, one seed. What makes the
# figure honest is not its size:
#
# - it comes from pictures that were not trained on, and that are no near-copies of them (frames of one film are);
# - before and after are measured in the same way, on the same pictures;
# - whatever you *choose* by it (when to stop, which boxes) makes it look better than it is. The last figure comes from a third split,
#   `test`, that nothing was chosen by, and you look at it once.
#
# ### Your folder, or BCCD
#
# The whole way, as commands (the third and the fourth rung you climb as above). BCCD is a set of blood cells, 205
# photographs to train on, which the first line fetches; or put your own folder's name in its place.
#
#     python -m numpyssd.datasets.download bccd
#     python -m numpyssd.explore --data data/bccd --check
#     python -m numpyssd.train --data data/bccd --bad-data skip --max-minutes 60 --out runs/bccd
#     python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --split test
#     python -m numpyssd.detect photo.jpg folder/ --weights runs/bccd/best.npz
#
# `train` fits the default boxes by itself (`--no-fit-default-boxes` leaves them). What that gave on two cores, from random
# weights, 100 epochs: mAP 0.902 on the 72 photographs of the test split: platelets 0.897, red cells 0.825, white cells
# 0.983. Fitting itself brought nothing there, because that network's own default boxes, COCO's, reach 99 % already. With
# SSD300's, which begin at 30 pixels, half of the platelets are out of reach; fitted, after 20 epochs, platelets rose from
# 0.766 to 0.870. (One seed each; docs/measurements.md has the whole table.)
#
# ## The library's code
#
# The best default box of each object, in pieces of 256 objects, so that the table of overlaps stays small; and the search
# for better numbers.

# %%
show_source(coverage, fit_default_boxes)

# %% [markdown]
# New against the loops: the feature map that each best box comes from, found by counting rows (lesson 07). And in the fit,
# `score`: for each object, one point if it is reached, and up to one more for being reached by four default boxes. Both
# count, and so a class may even *lose* some reach if the other objects of it gain more default boxes. `_climb` moves one
# number at a time by a quarter, then by a tenth, then by 3 %.
#
# ## Break it
#
# Somebody wrote all scales as 1.0: every default box as large as the picture. The program trained and found nothing,
# because nothing ever matched (pierluigiferrari/ssd_keras, issue 5). That was the widget's third choice. Before you read
# on: what will the doctor say, and how many positives will a picture have?

# %%
print("\n".join(summarize(train, broken).splitlines()[2:]))
for name, config in configs.items():
    corners = cxcywh_to_xyxy(default_boxes(config))
    overlaps = iou(objects.boxes, corners)
    over, best = (overlaps >= 0.5).sum() / len(train), overlaps.max(axis=1).mean()
    print(f"{name:16} {over:6.1f} pairs over 0.5 a picture, best IoU {best:.2f}")

# %% tags=["varies"]
model, _ = new_network(broken)
losses = practise(model, broken, train, 24, 4)
figure = evaluate(SSDDetector(model), val).mean
late = np.mean(losses[-5:])
assert late < 0.75 * losses[0]
assert figure < 0.1
print(f"the loss falls from {losses[0]:.1f} to {late:.1f}, and mAP is {figure:.3f}")

# %% [markdown]
# The loss says nothing about it. There are hardly any positives, only the one box that each object gets for itself, and the
# rest is background, which is quickly learned. The doctor says it in a second, before training. That is why reach is the
# second rung, and not a thing to look at when all else has failed.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("warped_box")` helps twice, then gives the answer.
#
# ### Warm-up: into the square
#
# A box in pixels of a picture of `width` x `height`; where is it in the network's square of `side` pixels?


# %%
def my_warped_box(box, width, height, side):
    """Return the box (4,) xyxy in pixels of the square."""
    ...


check.warped_box(my_warped_box)
check.answer("warped_box")

# %% [markdown]
# ### Core: the share that is reached
#
# `overlaps` is a table of IoU: objects in rows, default boxes in columns.


# %%
def my_reached_share(overlaps, threshold):
    """Return the share of objects that some default box reaches."""
    ...


check.reached_share(my_reached_share)
check.answer("reached_share")

# %% [markdown]
# ### Core: class by class
#
# The mean hides the rare ones. From the best IoU (M,) and the label (M,) of each object; labels begin with 1, and every
# class has an object.


# %%
def my_reach_of_classes(best_iou, labels, classes):
    """Return the reach (classes,) at an IoU of 0.5."""
    ...


check.reach_of_classes(my_reach_of_classes)
check.answer("reach_of_classes")

# %% [markdown]
# ### Stretch: how long may it be?
#
# For 0.5 it was 2.25. Solve the formula for r, for any threshold.


# %%
def my_longest_reached(threshold):
    """Return the largest length : width that squares can reach."""
    ...


check.longest_reached(my_longest_reached)
check.answer("longest_reached")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | one rule for scales, 0.2 to 0.9; but "one can also design a distribution of default boxes to best fit a specific dataset" (section 2.2) |
# | **Caffe** | numbers by hand for VOC and others for COCO, whose objects are smaller |
# | **others** | the numbers of VOC or COCO, sometimes the wrong one of the two |
# | **numpyssd** | the same numbers in its presets; `train --data` fits them to the training objects |
#
# More of it: [1. How large the boxes are](paper_caffe_others.md#1-how-large-the-boxes-are) and
# [7. Objects that nothing overlaps](paper_caffe_others.md#7-objects-that-nothing-overlaps).
#
# ## Questions readers ask
#
# **How many pictures do I need?** Some hundred objects of a class make a beginning. BCCD has 205 pictures. More
# pictures help longer than more training.
#
# **Must my pictures be square, or all of one size?** No. They are warped, and so are their boxes. Only, then, objects of a
# very wide picture become narrow, as here.
#
# **Should I cut large pictures into pieces instead?** If the objects are only some pixels wide after warping: yes, or take a
# larger network (`--preset ssd512`). No default box helps where nothing is left to see.
#
# **May I fit the default boxes to all my pictures?** To those of training. A choice made by looking at the others flatters
# the figure, a little.
#
# **Can I use fitted default boxes with somebody's weights?** Yes, the shapes of all arrays stay; but the box predictors were
# trained for others, and have to learn anew, as they did here.
#
# **What about pictures without any object?** They do no harm, and teach nothing: three negatives are
# chosen for each positive (lesson 10), and there is no positive. As in Caffe; `multibox_loss` takes `min_negatives` to have
# background learned from them too.
#
# ## Recap
#
# 1. Before training: look at the pictures with their boxes, and at the reach of every class; squares reach 2.25 : 1 at most.
# 2. Then predict the first loss, learn one picture by heart, and only then train on all.
# 3. A falling loss proves nothing; an honest figure comes from pictures that nothing was learned or chosen by.
