# %% [markdown]
# # 18 · Your own images
#
# **Goal.** Take a folder of images with boxes, measure before training whether the default boxes cover the objects, and
# go in five steps to an mAP that is measured fairly.
#
# You need: default boxes (lesson 08), matching (09), training (13) and evaluation (15). Time: 60 minutes with the
# exercises.

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
from lessons.course.widgets import own_images as image_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here

you_are_here("image", "default boxes", "training", "evaluation")

# %% [markdown]
# Until now the network was made for the images. Your images are different: they have other sizes, other shapes, other
# classes. Most problems with your own images have their cause *before* training, and you can find them there.
#
# This lesson does not have your images. So we make some that TINY was not made for: panoramas, three scenes side by
# side, 192 x 64 pixels. The objects have two classes of our own, `cornered` and `round`.


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
# They go into a folder in the format of PASCAL VOC, which labeling tools write: the images, an XML file with the boxes
# for each image, and a list of names for each *split*. 60 images are for training. 30 others are for evaluation, and
# are never trained on.

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
# That is one object: its class, whether the edge of the image cuts it, whether it is too hard to count, and its box.
# (VOC counts pixels from 1, and the last one is inside; the loader converts this to our boxes.) Among a thousand
# labeled boxes some are always wrong. So we make an error: in the first file `xmin` and `xmax` are exchanged, for all
# its objects.

# %%
wrong = xml.replace("xmin>", "xXX>").replace("xmax>", "xmin>").replace("xXX>", "xmax>")
_ = (root / "Annotations" / "train_00.xml").write_text(wrong)
train = load_dataset(root, "train", training=True, bad_data="skip")
val = load_dataset(root, "val", train.class_names)
issue = str(train.issues[0])
print(len(train.issues), "issues; the first is", issue[issue.index("train_00") :])
assert len(train.issues) == xml.count("<object>")
_ = (root / "Annotations" / "train_00.xml").write_text(xml)  # fixed
train = load_dataset(root, "train", training=True)
assert train.issues == []
print(len(train), "and", len(val), "images, classes", train.class_names)

# %% [markdown]
# The loader names file and object. By default it stops with the whole list; with `bad_data="skip"` it continues without
# those boxes. Fix such issues first: the logarithm of a negative width (lesson 09) is NaN, and so the loss would be
# NaN, too. `python -m numpyssd.explore --data FOLDER --check` lists all issues, and what training would do about each.
#
# ## The figure
#
# The first of the five steps: **look at your images with their boxes.** Does every object have a box? Is no box too
# large? Is every name right?

# %%
figure, axes = new_figure(2, 1, size=(7, 5))
for ax, i in zip(axes, (2, 7)):
    image, boxes, labels, _ = train[i]
    draw_image(ax, image)
    draw_boxes(ax, boxes, "ground truth", [train.class_names[n - 1] for n in labels])
show(figure, "Two panoramas; every object has its box and its name.")

# %% [markdown]
# The network gets a different image. An image of any shape is *warped* to a square, here 64 x 64, so everything becomes
# three times as narrow. The second step: **do the default boxes cover the objects?** An object is *covered* if some
# default box overlaps it with an IoU of 0.5, the threshold of lesson 09. For each object we draw the default box that
# overlaps it most: blue if it covers the object, red if not. On the left are TINY's own default boxes. On the right are
# others, with scales and aspect ratios that were *fitted* to these objects (explained below).

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
# An object that no default box covers is still matched: it gets its single best one. But it is trained by this one
# alone, with larger offsets, and is often missed. Drag an object of the usual shape here, 8 x 24 pixels, and choose the
# default boxes that should cover it. The third choice is a bug, explained later.

# %%
six, narrow = [64] * 6, [row.aspect_ratios for row in TINY.feature_maps]
broken = with_numbers(TINY, six, narrow)
configs = {"TINY's own": TINY, "fitted": fitted, "all of scale 1.0": broken}
figure, axes = new_figure(1, 3, size=(9, 3.4))
for ax, config in zip(axes, configs.values()):
    draw_coverage(ax, square, np.array([[10, 7, 13, 16]]) * 64 / 24, config)
widget = image_widgets.object_to_cover(square, configs)
show_widget(widget, figure, "An object, and the best default box of each of three.")

# %% [markdown]
# ## By hand
#
# The intersection of two boxes with the same center is the smaller width times the smaller height:
#
# $$\mathrm{IoU} = \frac{\min(w, W) \, \min(h, H)}{w h + W H - \min(w, W) \, \min(h, H)}$$
#
# An object of 24 x 24 pixels in a panorama is 8 x 24 in the square. With a square default box of 16 x 16 the
# intersection is 8 · 16 = 128, and the union 192 + 256 - 128 = 320: an IoU of 0.4. With a default box of 12 x 20 it is
# 160 of 272: 0.59.


# %%
def concentric(w, h, W, H):
    """Return the IoU of a w x h and a W x H box with the same center."""
    intersection = min(w, W) * min(h, H)
    return intersection / (w * h + W * H - intersection)


assert concentric(8, 24, 16, 16) == 128 / 320 == 0.4
assert concentric(8, 24, 12, 20) == 160 / 272
print(f"a square of 16: {concentric(8, 24, 16, 16):.2f}")
print(f"a box of 12 x 20: {concentric(8, 24, 12, 20):.2f}")

# %% [markdown]
# Is another square better? The best one has the object's own area. For an object r times as long as wide, that gives
#
# $$\mathrm{IoU} = \frac{1}{2 \sqrt{r} - 1}$$
#
# which is 0.5 for r = 2.25. So **squares cover nothing longer than 2.25 : 1**, for any position and any number of
# squares.

# %%
for r in (1, 2.25, 3, 4):
    best = max(concentric(1, r, side, side) for side in np.linspace(1, r, 3001))
    assert abs(best - 1 / (2 * np.sqrt(r) - 1)) < 1e-6
    print(f"{r:4} : 1, best square {best:.3f}")

# %% [markdown]
# ## Loops you can read
#
# For each object the best IoU of any default box, and for each class the fraction of objects with 0.5 or more. This
# fraction is its **coverage**.


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
            common = max(w, 0) * max(h, 0)
            union = (x2 - x1) * (y2 - y1) + (X2 - X1) * (Y2 - Y1) - common
            best[-1] = max(best[-1], common / union)
    return best


# %%
few, labels = objects.boxes[:100], objects.labels[:100].tolist()
best, fractions = best_by_loops(few, TINY), {}
for label in (1, 2):
    own = [value >= 0.5 for value, its in zip(best, labels) if its == label]
    fractions[label] = sum(own) / len(own)
    name = train.class_names[label - 1]
    print(f"{name:9} {fractions[label]:.1%} of {len(own)} covered")

# %% [markdown]
# That is for the first hundred objects. About half of the objects are not covered. We know this before any training.
#
# ## The check
#
# The loops against the library. Boxes are float32, which keeps seven digits, so we expect differences around 1e-7.

# %%
found = coverage(few, TINY)
error = abs(found.best_iou - np.array(best)).max()
assert error < 1e-5
for label, fraction in fractions.items():
    mine = np.array(labels) == label
    assert (found.feature_map[mine] >= 0).mean() == fraction
print("best IoU differs by less than 1e-5 (expected: about 1e-7):", bool(error < 1e-5))

# %% [markdown]
# ### The second step, in words
#
# `python -m numpyssd.explore --data FOLDER` prints this summary, before it draws. Read it before every training.

# %%
from numpyssd.datasets.analysis.summary import summarize

print(summarize(train, TINY))

# %% [markdown]
# For each class it gives the number of objects, the median of their size, and the coverage. Then come the fraction that
# each feature map covers, and a *warning* with a remedy where the coverage is under 90 %. Here most objects that are
# not covered are too long for the default boxes, or lie between them. So scales and aspect ratios are fitted to the
# objects. The fit moves one number at a time up or down, as long as more objects are covered, or are covered by more
# default boxes. Nothing else in the network changes.

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
# A point above the diagonal is a tall object. The fitted default boxes (blue) are longer than TINY's own, and their
# tall half lies among the objects. Each has a wide counterpart below the diagonal, where no objects are: aspect ratios
# come in pairs, r and 1/r. The last column of the table matters, too: an object is trained by *all* the default boxes
# that cover it. There were 0.6 of them on average, and now there are about 3.
#
# ### The third step: predict the first loss
#
# We start from `tiny`, weights that were trained on the built-in set. Our classes are different, so the class
# predictors are initialized again.

# %%
from dataclasses import replace

from numpyssd.model.ssd import SSD
from numpyssd.weights import load


def new_network(config):
    """Return a network for two classes of ours, with all other weights of TINY."""
    model = SSD(replace(config, num_classes=3, predictor_init_scale=0.1), seed=0)
    model.class_names = train.class_names
    report = load(model, "tiny")
    return model, report


model, report = new_network(fitted)
print(
    len(report.reinitialized),
    "arrays are initialized again, such as",
    report.reinitialized[0],
)

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
# A network that knows nothing about C classes, background included, has the first loss of lesson 13:
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
# This is near enough. The predictors are new, but their input is trained, so the scores are not quite equal; and
# mining takes the negatives with the *largest* loss, so the loss is above the expected one. A first loss of 40, or of
# 0.1, would mean an error: labels that do not fit the classes, or images that are not normalized.
#
# ### The fourth step: one image by heart
#
# If the network cannot learn one image, it will not learn sixty.


# %%
def train_on(dataset, model, config, steps, size):
    """Train with a warm-up, then a tenth of the rate; return loc and conf by step."""
    detector, flips = SSDDetector(model), recipe.augmentation
    batches = Batches(dataset, config, detector.make_targets, size, **flips)
    optimizer, losses = SGD(model.parameters(), 0.001), []
    model.training = True
    for step in range(steps):
        drop = 0.1 if step >= 0.75 * steps else 1.0
        optimizer.lr = 0.001 * drop * min(1, (step + 1) / 10)
        batch = batches.batch(step)
        parts = train_step(detector, optimizer, batch)[0]
        losses.append((parts.loc, parts.conf))
    model.training = False
    return np.array(losses)  # (steps, 2)


# %% tags=["varies"]
model, _ = new_network(fitted)
total = train_on([train[7]], model, fitted, 60, 1).sum(axis=1)
boxes, _, _ = next(detect(model, [train[7][0]], 8, 0.5))
assert total[-1] < total[0] / 4
print(f"one image: the loss falls from {total[0]:.1f} to {total[-1]:.2f}")
print(f"{len(train[7][1])} objects, {len(boxes)} found with a score over 0.5")

# %% [markdown]
# ### The fifth step: all images, and a fair measurement
#
# We train 45 steps in batches of 4, and then measure the mean average precision (lesson 15) on the 30 images that were
# not trained on. We do it twice, with the same initial weights, the same batches and the same number of steps. Only the
# default boxes differ.

# %% tags=["varies"]
trained, after, losses = {}, {}, {}
for name, config in (("TINY's own", TINY), ("fitted", fitted)):
    model, _ = new_network(config)
    before = evaluate(SSDDetector(model), val).mean
    losses[name] = train_on(train, model, config, 45, 4)
    trained[name], after[name] = model, evaluate(SSDDetector(model), val).mean
    print(f"{name:10} mAP {before:.3f} before, {after[name]:.3f} after 45 steps")
assert after["fitted"] > after["TINY's own"]

# %% tags=["varies"]
figure, axes = new_figure(2, 1, size=(7, 5))
for ax, i in zip(axes, (0, 2)):
    image, truth, _, _ = val[i]
    boxes, labels, scores = next(detect(trained["fitted"], [image], 8, 0.5))
    names = [f"{val.class_names[n - 1][0]} {s:.2f}" for n, s in zip(labels, scores)]
    draw_image(ax, image)
    draw_boxes(ax, truth, "ground truth", linewidth=1.2)
    draw_boxes(ax, boxes, "prediction", names)
show(figure, "Held-out panoramas: green is the truth, orange the detections.")

# %% [markdown]
# The figure shows detections with a score over 0.5 (c: cornered, r: round), and many of them are wrong. It is a
# beginning: a few seconds of training, one seed. The mAP may be low and still be fair:
#
# - it comes from images that were not trained on, and that are no near-duplicates of them (frames of one film are);
# - before and after are measured in the same way, on the same images;
# - if you *choose* something by it (when to stop, which boxes), it becomes too high. The final mAP comes from a third
#   split, `test`, that was not used for any choice. Measure it once.
#
# ### Let the network label the rest
#
# Drawing boxes is most of the work. So people label some images, train, let the network *pre-label* others, and only
# correct what it found. What is there to do on one image? Each object takes the best box that is left. A box with an
# IoU of 0.8 or more and the right class needs only a look. One below 0.8 is drawn again, one of a wrong class gets
# another name, one on no object is deleted, and an object without a box gets one.


# %%
def corrections(boxes, labels, truth, classes):
    """Return how many boxes of one image need what."""
    todo = dict.fromkeys(("right", "draw again", "rename", "draw", "delete"), 0)
    todo["delete"], overlaps = len(boxes), iou(truth, boxes)
    for own, row in enumerate(overlaps):
        best = row.argmax() if len(boxes) else None
        if best is None or row[best] < 0.5:
            todo["draw"] += 1
            continue
        same = labels[best] == classes[own]
        todo["delete"] -= 1
        what = "right" if row[best] >= 0.8 else "draw again"
        todo[what if same else "rename"] += 1
        overlaps[:, best] = 0  # it is taken
    return todo


# %% [markdown]
# By hand: one object of 20 x 10, and a box that is right, or too low, or of the wrong class.

# %%
whole, half = np.array([[0, 0, 20, 10]]), np.array([[0, 0, 20, 6]])
assert corrections(whole, [1], whole, [1])["right"] == 1
assert corrections(half, [1], whole, [1])["draw again"] == 1
assert corrections(whole, [2], whole, [1])["rename"] == 1

# %% tags=["varies"]
total = {}
for image, truth, classes, _ in val:
    boxes, labels, _ = next(detect(trained["fitted"], [image], 8, 0.5))
    for what, count in corrections(boxes, labels, truth, classes).items():
        total[what] = total.get(what, 0) + count
by_hand = sum(len(val[i].boxes) for i in range(len(val)))
assert sum(total.values()) - total["delete"] == by_hand
print(f"{by_hand} objects by hand; or with pre-labels:", total)

# %% [markdown]
# A network that trained for a few seconds saves nothing: nearly every object must still be drawn, and wrong boxes must
# go as well. **Count before you correct a thousand images.** On BCCD the counts were better: a network that trained for
# four minutes on 88 photographs left 310 of 1604 objects to draw, 609 to draw again, and 421 boxes to delete. At 7
# seconds for a box, the whole set took 18 % less time than by hand: a beginning, and no miracle.
#
# `detect --save-labels` writes label files that a labeling tool opens; docs/prelabeling.md has the commands of the loop
# "label thirty, train, pre-label, correct, train again".
#
# ### Your folder, or BCCD
#
# All steps as commands (do the third and the fourth step as above). BCCD is a data set of blood cells, with 205
# photographs to train on. The first line downloads it; or put your own folder's name in its place.
#
#     python -m numpyssd.datasets.download bccd
#     python -m numpyssd.explore --data data/bccd --check
#     python -m numpyssd.train --data data/bccd --bad-data skip --max-minutes 60 --out runs/bccd
#     python -m numpyssd.evaluate --weights runs/bccd/best.npz --data data/bccd --split test
#     python -m numpyssd.detect photo.jpg folder/ --weights runs/bccd/best.npz
#
# `train` fits the default boxes by itself (`--no-fit-default-boxes` leaves them), and starts from weights that were
# trained on rendered scenes (`--weights random`: without; [lesson 19](19_transfer.ipynb) measures the difference).
#
# The project has a network that was trained in this way, `data/bccd.npz`, and this command measures it:
#
#     python -m numpyssd.evaluate --weights data/bccd.npz --data data/bccd --split test --bad-data skip
#
# The lessons have several mAP of an SSD on these 72 photographs of the test split. They differ by what was trained,
# all of them with `compact` (VOC's area at IoU 0.5, mean and standard deviation of the seeds):
#
# | mAP | first weights | photographs | iterations | seeds | from |
# | --- | --- | --- | --- | --- | --- |
# | **0.908** | `base` | 205 | 1360 | 1 | `data/bccd.npz`, by `benchmarks.bccd_detector` |
# | 0.904 ± 0.003 | `base` | 205 | 1360 | 3 | `benchmarks.small_sets` ([lesson 19](19_transfer.ipynb)) |
# | 0.906 | `base` | 205 | 5000, the default | 1 | `benchmarks.small_sets` (the README) |
# | 0.884 ± 0.008 | `base` | 50 | 680 | 3 | `benchmarks.small_sets` (the README) |
# | 0.902 | random | 205 | 2562, 100 epochs | 1 | `numpyssd.train` ([lesson 15](15_evaluation.ipynb), lesson 19) |
# | 0.888 ± 0.005 | random | 205 | 769, 30 epochs | 3 | `benchmarks.rivals` ([lesson 22](22_the_table_on_the_first_page.ipynb)) |
# | 0.852 | random | 205 | 20 epochs | 1 | `benchmarks.ablation` ([lesson 12](12_augmentation.ipynb)) |
#
# docs/measurements.md and docs/rivals.md have each command in full. The fit changes nothing on BCCD, because the
# network's own default boxes, COCO's, already cover 99 %. SSD300's begin at 30 pixels and do not cover half of the
# platelets; with fitted ones, after 20 epochs, platelets rose from 0.766 to 0.870 (one seed each).
#
# ## The library's code
#
# The best default box of each object, computed for 256 objects at a time, so that the table of overlaps stays small:

# %%
show_source(coverage)

# %% [markdown]
# New against the loops: the feature map that each best box comes from, found by counting rows (lesson 08). The fit
# (`numpyssd/datasets/analysis/fit_default_boxes.py`) has a score: for each object, one point if it is covered, and up to
# one more if four default boxes cover it. So the coverage of a class may even *fall* if its other objects are covered
# by more default boxes. One number at a time moves by a quarter, then by a tenth, then by 3 %.
#
# ## Break it
#
# A user set all scales to 1.0: every default box was as large as the image. The program trained and found nothing,
# because nothing ever matched (pierluigiferrari/ssd_keras, issue 5). That was the widget's third choice. Before you
# read on: what will the summary say, and how many positives will an image have?

# %%
print("\n".join(summarize(train, broken).splitlines()[2:]))
for name, config in configs.items():
    corners = cxcywh_to_xyxy(default_boxes(config))
    overlaps = iou(objects.boxes, corners)
    over, best = (overlaps >= 0.5).sum() / len(train), overlaps.max(axis=1).mean()
    print(f"{name:16} {over:6.1f} pairs over 0.5 an image, best IoU {best:.2f}")

# %% tags=["varies"]
model, _ = new_network(broken)
losses["all of scale 1.0"] = train_on(train, model, broken, 24, 4)
mean_ap = evaluate(SSDDetector(model), val).mean
for name, both in losses.items():
    (loc, conf), total = both[0], both.sum(axis=1)
    print(f"{name:16} loc {loc:4.1f} + conf {conf:.1f};", end=" ")
    print(f"together {total[0]:4.1f}, after 24 steps {total[19:24].mean():.1f}")
assert losses["all of scale 1.0"][0, 0] > 2.5 * losses["fitted"][0, 0]
print(f"mAP with all scales 1.0: {mean_ap:.3f}")

# %% [markdown]
# The total falls, and a user who looks at nothing else is content. Plot loc and conf apart. **conf** says nothing. It
# begins at 6.0, and with the two other sets of default boxes at 5.9 and 5.7: above the expected 4.4 in all three, as in
# the third step. But **loc** shouts:

# %% tags=["varies"]
from numpyssd.reports.curves import draw_loss

figure, axes = new_figure(1, 2, size=(9, 3.2))
for ax, name in zip(axes, ("fitted", "all of scale 1.0")):
    loc, conf = losses[name][:24].T
    draw_loss(
        ax, {"iteration": np.arange(24), "loss": loc + conf, "loc": loc, "conf": conf}
    )
    ax.set_yscale("linear")
    ax.set_ylim(0, 26)
    ax.set_title(name, fontsize=11)
show(
    figure,
    "conf is alike in both; loc begins four times as high if all scales are 1.0.",
)

# %% [markdown]
# Where does the height come from? Take an object that is 8 pixels wide in the square, and a default box of 64. The
# offset of the width (lesson 09) and its loss (lesson 10) are
#
# $$x = \frac{\ln (8 / 64)}{0.2} = -10.4$$
#
# $$|x| - 0.5 = 9.9$$
#
# A box that overlaps its object with an IoU of 0.5 has offsets around 1. So the loss does show the bug, if you look at
# its two parts and know what to expect. The summary shows it in a second and before training, which is why coverage is
# the second step and not the last.

# %%
offset = np.log(8 / 64) / 0.2
assert abs(offset + 10.4) < 0.01
assert abs(abs(offset) - 0.5 - 9.9) < 0.01
print(f"offset {offset:.1f}, its loss {abs(offset) - 0.5:.1f}")

# %% [markdown]
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("warped_box")` helps twice, then gives the answer.
#
# ### Warm-up: into the square
#
# A box in pixels of an image of `width` x `height`: where is it in the network's square of `side` pixels?


# %%
def my_warped_box(box, width, height, side):
    """Return the box (4,) xyxy in pixels of the square."""
    ...


check.warped_box(my_warped_box)
check.answer("warped_box")

# %% [markdown]
# ### Core: the fraction that is covered
#
# `overlaps` is a table of IoU: objects in rows, default boxes in columns.


# %%
def my_coverage(overlaps, threshold):
    """Return the fraction of objects that some default box covers."""
    ...


check.coverage(my_coverage)
check.answer("coverage")

# %% [markdown]
# ### Core: class by class
#
# The mean hides the rare classes. You get the best IoU (M,) and the label (M,) of each object; labels begin with 1, and
# every class has an object.


# %%
def my_coverage_of_classes(best_iou, labels, classes):
    """Return the coverage (classes,) at an IoU of 0.5."""
    ...


check.coverage_of_classes(my_coverage_of_classes)
check.answer("coverage_of_classes")

# %% [markdown]
# ### Stretch: how long may an object be?
#
# For 0.5 it was 2.25. Solve the formula for r, for any threshold.


# %%
def my_longest_reached(threshold):
    """Return the largest length : width that squares can cover."""
    ...


check.longest_reached(my_longest_reached)
check.answer("longest_reached")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | one rule for scales, 0.2 to 0.9; but "one can also design a distribution of default boxes to best fit a specific dataset" (section 2.2) |
# | **Caffe** | numbers chosen by hand for VOC, and others for COCO, whose objects are smaller |
# | **others** | the numbers of VOC or COCO, sometimes of the wrong data set |
# | **numpyssd** | the same numbers in its presets; `train --data` fits them to the training objects |
#
# More of it: [1. How large the boxes are](paper_caffe_others.md#1-how-large-the-boxes-are) and
# [7. Objects that nothing overlaps](paper_caffe_others.md#7-objects-that-nothing-overlaps).
#
# ## Questions readers ask
#
# **How many images do I need?** A few hundred objects of each class are a beginning. BCCD has 205 images. More images
# help more than longer training.
#
# **Must my images be square, or all of one size?** No. They are warped, and so are their boxes. But the objects of a
# very wide image become narrow, as here.
#
# **Should I cut large images into pieces instead?** If the objects are only a few pixels wide after warping: yes, or
# take a larger network (`--preset ssd512`). Default boxes cannot help if the object has too few pixels.
#
# **May I fit the default boxes to all my images?** Only to the training images. If you use the others for this choice,
# the mAP becomes a little too high.
#
# **Can I use fitted default boxes with third-party weights?** Yes, the shapes of all arrays stay. But the box
# predictors were trained for other default boxes and must be trained again, as here.
#
# **What about images without any object?** They do no harm, and teach nothing, as in Caffe: three negatives are chosen
# for each positive (lesson 11), and there is no positive. With `min_negatives`, `multibox_loss` learns background from
# them too.
#
# ## Recap
#
# 1. Before training: look at the images with their boxes, and at the coverage of every class; squares cover 2.25 : 1 at most.
# 2. Then predict the first loss, learn one image by heart, and only then train on all.
# 3. Look at loc and conf apart; a fair mAP comes from images that were used for no training and no choice.
#
# ### And this is where it leads
#
# The same five steps on photographs: `data/bccd.npz`, nine minutes of training on one core. Green is the truth, orange
# what the network found on four photographs that it was not trained on: RBC are red blood cells, WBC white ones.
# (They are the four of the test split with the best results among those with all three kinds of cells; over all 72
# photographs 788 boxes are right, 232 are not, and 157 objects are missed. Some of the 232 are red cells that nobody
# labeled.)
#
# ![Blood cells in four photographs, nearly all with a box that is right](../data/pictures/cells.png)
#
# (BCCD, MIT license; drawn by `python -m benchmarks.cells_picture --data data/bccd`.)
#
# **Now your own photograph.** In the [playground](playground.md), choose the detector of blood cells or `tiny`, press "A
# photograph…", and choose one. With weights of your own:
#
#     python -m numpyssd.detect photo.jpg --weights runs/mine/best.npz
#     python -m numpyssd.export --weights runs/mine/best.npz --html detector.html
#
# The second command writes your detector as *one* page that runs in any browser, without a network and without Python.
# Send it to somebody, and it detects in the photographs that are dropped on it, and explains every box.
