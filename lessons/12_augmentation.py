# %% [markdown]
# # 12 · Augmentation
#
# **Goal.** Make many training samples of one image: crop it, zoom out, flip it and change its colors, and move its
# boxes with it.
#
# You need: boxes and IoU ([lesson 01](01_boxes_and_iou.ipynb)), and which default boxes an object matches ([lesson
# 09](09_matching_and_encoding.ipynb)). Time: 50 minutes, of which the exercises take 20.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import json

import numpy as np

from numpyssd.boxes import iou
from numpyssd.config import SSD300
from numpyssd.drawing import draw_strips, new_figure
from lessons.course import check
from lessons.course.photograph import photograph
from lessons.course.widgets import augmentation as augmentation_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here

you_are_here("augmentation")

# %% [markdown]
# SSD300 has 26 million weights. A data set has some thousand images, often only some hundred. A network of that size
# can learn them by heart (lesson 13 shows it for one). Then it knows these images, and not what the objects look like.
#
# **Augmentation** changes every image at random, each time it is used. There are two reasons for it:
#
# - **The network must never see the same image twice.** What cannot be learned by heart has to be understood.
# - **It must see objects of every size and shape.** All cells of a map share their kernels, one set for each shape of
#   default box (lesson 07): SSD300 has 30 sets. A set learns from the positives of all its cells, also for cells that
#   never had one. A set without positives learns nothing but "background".
#
# The boxes are a part of the sample. Whatever moves the image moves them, too.
#
# ## The figure
#
# Here is a photograph with three boxes. (It is in the public domain, and comes with Matplotlib.) Upper row: each change
# alone. Lower row: what the network gets when all are made at random.

# %% tags=["setup"]
from numpyssd.model.default_boxes import default_boxes
from numpyssd.images.resize import average
from numpyssd.training.augmentation import augment
from numpyssd.training.augmentation.crop_samplers import MIN_IOUS, crop
from numpyssd.training.augmentation.crop_samplers import crop_candidates, draw_crops
from numpyssd.training.augmentation.geometry import boxes_in_view, flip, zoom_out
from numpyssd.training.augmentation.photometric import distort, draw_photometric
from numpyssd.training.augmentation.resampling import INTERPOLATIONS, resample
from numpyssd.training.matching import targets

# %%
image, boxes, labels, names = photograph()
height, width = image.shape[:2]
whole = np.array([0.0, 0, width, height])
none = {f"{step}_probability": 0 for step in ("distort", "zoom_out", "crop", "flip")}
rng = np.random.default_rng(7)
alone = [("as it was", *augment(image, boxes, labels, 100, rng, **none)[:2])]
for step, name in zip(none, ("colors", "zoom-out", "crop", "flip")):
    only = {**none, step: 1}
    alone.append((name, *augment(image, boxes, labels, 100, rng, **only)[:2]))
all_at_once = [("", *augment(image, boxes, labels, 100, rng)[:2]) for _ in alone]

figure, ax = new_figure(size=(6, 2.9))
draw_strips(ax, [("", alone), ("All at random", all_at_once)])
show(figure, "A photograph, each of four changes alone, and five random samples.")

# %% [markdown]
# Which sets of kernels learn from this? We count the shapes of SSD300 that are positive at least once, in any cell, and
# their default boxes: for the photograph as it is, and for 200 samples of it.

# %%
defaults, rng = default_boxes(SSD300), np.random.default_rng(0)
alone = targets(boxes / np.tile(whole[2:], 2), labels, defaults)[1] > 0  # (8732,)
ever = np.zeros(len(defaults), bool)
for _ in range(200):
    sample = augment(image, boxes, labels, 8, rng, distort_probability=0)
    ever |= targets(sample[1], sample[2], defaults)[1] > 0

# %%
first, total = 0, np.zeros(2, int)
for m in SSD300.feature_maps:
    rows = slice(first, first + m.size**2 * m.boxes_per_cell)
    first = rows.stop
    by_cell = [mask[rows].reshape(-1, m.boxes_per_cell) for mask in (alone, ever)]
    shapes = np.array([mask.any(axis=0).sum() for mask in by_cell])
    total += shapes
    words = f"{shapes[0]} -> {shapes[1]} of {m.boxes_per_cell} shapes"
    print(f"{m.name:9} {words}, {by_cell[0].sum():2} -> {by_cell[1].sum():3} boxes")
assert total.tolist() == [5, 29]
print(f"together  5 -> 29 of 30 shapes, {alone.sum()} -> {ever.sum()} boxes")

# %% [markdown]
# The photograph as it is has positives for 5 of the 30 sets of kernels, on three of the six maps. Augmented it trains 29 of
# them, on all six maps, and at many more places.
#
# ### The seven samplers
#
# The most important change is the crop: a part of the image, the **patch**, is cut out and stretched to the network's
# input. SSD has seven **samplers** that look for a patch:
#
# | sampler | a patch is good enough if |
# | --- | --- |
# | 1 | it is the whole image |
# | 2 to 6 | it has an IoU of at least 0.1, 0.3, 0.5, 0.7 or 0.9 with an object |
# | 7 | always, if the image has an object |
#
# A sampler draws up to 50 random patches and takes the first that is good enough. If there is none, the sampler is left
# out. Of the samplers that found a patch, one is drawn.
#
# Then the rule for the objects: **an object stays if its center is in the patch**. Its box is clipped to the patch. All
# others go, with their labels. Choose a sampler, and try it several times. On the left the patch is in full color, and
# the rest is pale. Which objects stay? Which sampler hardly ever finds a patch? Look for an object that is seen in part
# and goes.

# %% tags=["figure"]
widget = augmentation_widgets.crop_tries(image, boxes, names, seeds=(466, 1, 14, 9, 23))
figure, ax = new_figure(size=(5.4, 4.7))
draw_crops(ax, image[::2, ::2], boxes / 2, seed=466, size=110, samplers=(1, 3, 5))
_ = ax.set_title("")
show_widget(
    widget, figure, "The patches of three samplers, and the inputs made of them."
)

# %% [markdown]
# ## By hand
#
# ### A crop
#
# An image of 16 x 12 pixels, and a patch from (2, 1) to (10, 9): it is 8 x 8. Three objects:
#
# | object | center | in the patch? | minus the corner (2, 1) | clipped | divided by 8 |
# | --- | --- | --- | --- | --- | --- |
# | A = (4, 3, 10, 9) | (7, 6) | yes | (2, 2, 8, 8) | (2, 2, 8, 8) | (2/8, 2/8, 1, 1) |
# | B = (6, 6, 12, 10) | (9, 8) | yes | (4, 5, 10, 9) | (4, 5, 8, 8) | (4/8, 5/8, 1, 1) |
# | C = (8, 1, 14, 5) | (11, 3) | no: 11 > 10 | | | |
#
# A third of C is in the patch, but its center is not: it goes. B loses two columns and a row.
#
# Which samplers take this patch? A lies in it and has an area of 36: its IoU is 36/64 = 0.56. One object is enough, so
# those of 0.1, 0.3 and 0.5 do.

# %%
three = np.array([[4, 3, 10, 9], [6, 6, 12, 10], [8, 1, 14, 5]], float)
patch = np.array([2.0, 1, 10, 9])
moved, kept = boxes_in_view(three, patch)
assert kept.tolist() == [0, 1]
assert (moved * 8).tolist() == [[2, 2, 8, 8], [4, 5, 8, 8]]
overlaps = iou(patch[None], three)[0]
assert overlaps[0] == 36 / 64 == overlaps.max()
print("IoU of the patch with A, B, C:", overlaps.round(2))
print("stay:", ["ABC"[m] for m in kept], "at", moved.tolist())

# %% [markdown]
# ### A flip
#
# What was at x is now at 16 - x. The left edge of a box becomes its right edge:
#
# $$x_{\mathrm{min, new}} = 16 - x_{\mathrm{max}} \qquad x_{\mathrm{max, new}} = 16 - x_{\mathrm{min}}$$
#
# A = (4, 3, 10, 9) becomes (6, 3, 12, 9).

# %%
size = np.array([16, 12, 16, 12])
grid = np.zeros((12, 16, 3), np.uint8)
flipped = flip(grid, three[:1] / size)[1] * size
assert flipped.tolist() == [[16 - 10, 3, 16 - 4, 9]]
print("flipped:", flipped[0])

# %% [markdown]
# ### Zoom-out
#
# The image is laid on a canvas of up to four times its width and height, at a random place. The rest of the canvas has
# the mean color. (Section 3.6 of the paper adds this for small objects.) Twice the size is a canvas of 32 x 24. If the
# image lies at (4, 6) on it, A is at (8, 9, 14, 15). Divided by 32 and 24, its sides are 6/32 and 6/24. They were 6/16
# and 6/12: each is half as long, so A's part of the image is a quarter of what it was.

# %%
canvas = np.array([-4.0, -6, 28, 18])  # seen from the image, it begins at (-4, -6)
zoomed, _ = boxes_in_view(three[:1], canvas)
assert (zoomed * [32, 24, 32, 24]).tolist() == [[8, 9, 14, 15]]
before, after = (6 / 16) * (6 / 12), (zoomed[:, 2:] - zoomed[:, :2]).prod()
assert after == before / 4
print("zoomed out:", zoomed[0] * [32, 24, 32, 24])
print(f"its part of the image: {before:.3f}, then {after:.3f}")

# %% [markdown]
# ### The sides of a patch
#
# A patch has a random **scale** s from 0.3 to 1 and a random **ratio** r from 1/2 to 2. Its sides, as fractions of the
# image's, are made like those of a default box (lesson 08):
#
# $$w = s \sqrt{r} \qquad h = s \, / \sqrt{r} \qquad w \, h = s^2$$
#
# With s = 3/4, a ratio of 2 does not fit: w would be 1.06. So r is cut first, here to 16/9:
#
# $$s^2 \leq r \leq \frac{1}{s^2}$$
#
# Then w = 3/4 · 4/3 = 1 and h = 3/4 · 3/4 = 9/16. The area is still s².

# %%
s, r = 3 / 4, 2
assert s * r**0.5 > 1
r = min(max(r, s**2), 1 / s**2)
w, h = s * r**0.5, s / r**0.5
assert r == 16 / 9
assert np.allclose([w, h, w * h], [1, 9 / 16, s**2])
print(f"ratio {r:.3f}: {w:.3f} wide, {h:.4f} high")

# %% [markdown]
# The smallest patch has 0.3 · 0.3 = 0.09 of the image's area. (The paper says 0.1; 0.3 is Caffe's.) So an object with a
# smaller part a of the image has with any patch at most
#
# $$\mathrm{IoU} \leq \frac{a}{0.09}$$
#
# The ribbons have 1.7 % of the photograph, so at most 0.19: only the sampler of 0.1 can look for them.

# %%
areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) / (width * height)
highest = np.zeros(3)
for seed in range(300):
    candidates = crop_candidates(whole, boxes, np.random.default_rng(seed))[0]
    highest = np.maximum(highest, iou(candidates[1:], boxes).max(axis=0))
assert (highest <= np.minimum(areas / 0.09, 1)).all()
for name, area, found in zip(names, areas, highest):
    print(f"{name:10} {area:5.1%} of the image; IoU at most", end=" ")
    print(f"{min(area / 0.09, 1):.2f}, in 1800 patches {found:.2f}")

# %% [markdown]
# ### Colors
#
# There are four changes, each made with a probability of 1/2. **Brightness** adds up to ±32 to red, green and blue; it
# comes first. **Contrast** multiplies them by 0.5 to 1.5. **Saturation** multiplies how far a color is from gray by 0.5
# to 1.5. **Hue** turns the color wheel by up to ±36 degrees. A coin decides between two orders: contrast before
# saturation and hue, or after them. Boxes stay as they are.
#
# Take the pixel (200, 100, 50). Brightness +20 makes (220, 120, 70). Contrast times 1.5 makes (330, 180, 105). A pixel
# has no 330: it becomes 255. Each step is cut to 0 and 255 like this. That is why the order matters.

# %%
pixel = np.array([[[200, 100, 50]]], np.uint8)
brighter = distort(pixel, brightness=20, contrast=1.5)[0, 0]
assert brighter.tolist() == [min(int(1.5 * (v + 20)), 255) for v in (200, 100, 50)]
both = {"contrast": 1.5, "saturation": 1.5}
before = distort(pixel, **both)[0, 0]
after = distort(pixel, **both, contrast_last=True)[0, 0]
assert before.tolist() != after.tolist()
print("brightness, contrast:", brighter)
print("contrast, saturation:", before)
print("saturation, contrast:", after)

# %% tags=["figure"]
figure, ax = new_figure(size=(5, 4.2))
draw_photometric(ax, average(image, (130, 20, 400, 340), 54, 45))
_ = ax.set_title("")
show(figure, "Brightness, contrast, saturation and hue, from the least to the most.")

# %% [markdown]
# The last row is the color wheel. In Caffe a hue is a whole number that stops at 0. What is turned below red becomes the
# same red (upper half). Most other programs wrap it around, as an angle does (lower half).
#
# ### The order
#
# 1. **Colors** come before the zoom-out, so that the canvas keeps the mean color. The mean is subtracted from the input,
#    so the canvas is 0.
# 2. **Zoom-out**, with a probability of 1/2.
# 3. **Crop**, after the zoom-out: a patch may contain a part of the canvas.
# 4. **Resize** to the network's size, with one of five interpolations at random, so that the network does not learn the
#    traces of one of them.
# 5. **Flip**, with a probability of 1/2.
#
# Why not resize first? It would be faster. Take the smallest patch of the photograph:

# %%
patch = np.array([200.0, 130, 200 + 0.3 * width, 130 + 0.3 * height])
linear, shrink = INTERPOLATIONS[0], 300 / np.tile(whole[2:], 2)
crop_first = resample(image, patch, 300, linear)[0]
small = resample(image, whole, 300, linear)[0]
resize_first = resample(small, patch * shrink, 300, linear)[0]
for name, made in (("crop", crop_first), ("resize", resize_first)):
    detail = abs(np.diff(made.astype(int), axis=1)).mean()
    print(f"{name:6} first: neighbors differ by {detail:.2f} of 255 levels")
changed = abs(crop_first.astype(int) - resize_first).mean()
print(f"pixels under the patch: {0.3 * width:.0f} x {0.3 * height:.0f}, or 90 x 90")
assert changed > 1

# %% [markdown]
# Resized first, the patch has lost a part of its detail before it is enlarged. This is a photograph of only 512 x 600.
# In one of 4000 x 3000 the patch has 1200 pixels across, and after resizing still 90.
#
# ## Loops you can read
#
# One sampler. The random numbers come in from outside, so that we can compare.


# %%
def find_patch(scales, ratios, places, size, boxes, min_iou):
    """Return the first patch (4,) that has an IoU of min_iou with a box, or None."""
    for s, r, (x, y) in zip(scales, ratios, places):
        r = min(max(r, s**2), 1 / s**2)
        w, h = s * r**0.5 * size[0], s / r**0.5 * size[1]
        left, top = x * (size[0] - w), y * (size[1] - h)  # x and y: 0 to 1
        patch = np.array([left, top, left + w, top + h])
        for box in boxes:
            if iou(patch[None], box[None])[0, 0] >= min_iou:
                return patch
    return None


# %% [markdown]
# And the objects that stay:


# %%
def objects_in(patch, boxes, labels):
    """Return boxes (M', 4) in [0, 1] of the patch and labels of what stays."""
    x1, y1, x2, y2 = patch
    w, h, stay, their_labels = x2 - x1, y2 - y1, [], []
    for (a, b, c, d), label in zip(boxes, labels):
        if x1 <= (a + c) / 2 <= x2 and y1 <= (b + d) / 2 <= y2:
            moved = (a - x1) / w, (b - y1) / h, (c - x1) / w, (d - y1) / h
            stay.append([min(max(v, 0), 1) for v in moved])
            their_labels.append(int(label))
    return np.array(stay).reshape(-1, 4), their_labels


found, their_labels = objects_in(np.array([2.0, 1, 10, 9]), three, [1, 2, 3])
print(found.tolist(), their_labels)

# %% [markdown]
# ## The check
#
# Both loops against the library, with the same random numbers: 30 times six samplers on the photograph. Which samplers
# find a patch, and which objects stay, must agree exactly. The corners are numbers up to 600 in float64: we expect
# errors around 1e-13 and accept 1e-9. The library's boxes are float32: we expect 6e-8 and accept 2e-7.


# %%
def differences(mine, its):
    """Return by how much two patches and the boxes in them differ."""
    my_boxes, my_labels = objects_in(mine, boxes, labels)
    its_boxes, kept = boxes_in_view(boxes, its)
    assert my_labels == labels[kept].tolist()
    return abs(mine - its).max(), abs(my_boxes - its_boxes).max(initial=0)


# %%
errors = []
for seed in range(30):
    rng = np.random.default_rng(seed)
    scales, ratios = rng.uniform(0.3, 1, (6, 50)), rng.uniform(1 / 2, 2, (6, 50))
    places = rng.random((6, 50, 2))
    crops, found = crop_candidates(whole, boxes, np.random.default_rng(seed))
    for i, least in enumerate((*MIN_IOUS, 0)):
        mine = find_patch(scales[i], ratios[i], places[i], whole[2:], boxes, least)
        assert found[i + 1] == (mine is not None)
        if mine is not None:
            errors.append(differences(mine, crops[i + 1]))

# %%
patch_error, box_error = np.max(errors, axis=0)
assert patch_error < 1e-9
assert box_error < 2e-7
print(f"{len(errors)} of {30 * 6} samplers found a patch, in both")
print(f"patches differ by {patch_error:.0e} (expected: about 1e-13)")
print(f"boxes differ by {box_error:.0e} (expected: below 6e-8)")

# %% [markdown]
# ### How often does each sampler find a patch?
#
# Counted over 1000 draws: on the photograph, and on the photograph with the ribbons as its only object.

# %%
for which in (slice(0, 3), slice(1, 2)):
    rng, succeeded = np.random.default_rng(0), np.zeros((1000, 7), bool)
    for n in range(1000):
        succeeded[n] = crop_candidates(whole, boxes[which], rng)[1]
    taken = (succeeded / succeeded.sum(axis=1, keepdims=True)).mean(axis=0)
    assert np.isclose(taken.sum(), 1)
    print(f"{', '.join(names[which]):25} whole  0.1  0.3  0.5  0.7  0.9  any")
    for word, rates in (("found", succeeded.mean(axis=0)), ("taken", taken)):
        print(f"{word:>25} ", " ".join(f"{rate:4.0%}" for rate in rates))

# %% [markdown]
# A sampler that finds nothing leaves its turn to the others. Where the objects are small, the whole image is taken more
# often than one time in seven.
#
# ## The library's code

# %%
show_source(crop, boxes_in_view, zoom_out)

# %% [markdown]
# What is new: zoom-out and crop only move a **view**, a rectangle in pixels of the image that may reach beyond its edges.
# No pixel is touched until the last view is known. Then the image is read once. (Caffe makes each image in turn, and cuts
# its edges to whole pixels.) `MIN_SIDE` drops a box of which nearly nothing is left, because the logarithm of its width
# would be a very large number (lesson 09).
#
# ### What it brings
#
# The paper's Table 2 is for SSD300, in mAP on the test images of VOC 2007, in percent:
#
# | | |
# | --- | ---: |
# | without "more data augmentation" | **65.5** |
# | with it, only square default boxes | 71.6 |
# | with it, ratios up to 2, not 3 | 73.7 |
# | with it, without dilated convolutions | 74.2 |
# | everything | **74.3** |
#
# Augmentation is the largest step in the table, 8.8. Zoom-out came later; with it SSD300 has 77.2 (Table 6). Ports found
# the same: `amdegroot/ssd.pytorch` gives 58.12 without augmentation and 77.43 with it, in its README.
#
# And here? Photographs of blood cells (BCCD), mAP at an IoU of 0.5 on 72 test images. mAP says how good a detector is, from
# 0 to 1 (lesson 15). First with few images for training, from weights that know other shapes already:

# %%
results = here.ROOT / "benchmarks" / "results"
runs = json.loads((results / "small_sets_680.json").read_text())["runs"]
for name in ("only flips", "as --data trains"):
    found = [runs[key]["mAP"] for key in runs if key.startswith(f"{name}|50|")]
    print(f"50 images, {name:16}", *(f"{each:.3f}" for each in found))
same_seed = [runs[f"{name}|50|0"]["mAP"] for name in ("only flips", "as --data trains")]
assert same_seed[1] - same_seed[0] > 0.01

# %% [markdown]
# Each number is one run of 680 iterations (steps of training, with 8 images each) with its own seed, from 0 on; "only
# flips" was run with one seed (`python -m benchmarks.small_sets`). "As --data trains" has colors, mild crops and a mild
# zoom-out beside the flips. Now all 205 images, but from random weights, and for only 20 epochs, which use each image 20
# times (`python -m benchmarks.ablation`; lesson 18 has all our results on BCCD in one table):

# %%
rows = json.loads((results / "ablation.json").read_text())["rows"]
for name in ("no augmentation", "only flips", "as --data trains"):
    print(f"205 images, {name:16} {rows[name]['mAP']:.3f}")
passes = (40_000 + 10_000 + 10_000) * 32 / (5011 + 11540)  # VOC 2007 and 2012
print(f"the paper's training uses each image {passes:.0f} times")
assert rows["only flips"]["mAP"] > rows["as --data trains"]["mAP"]

# %% [markdown]
# With 50 images, the run with only flips is below all three others. With 205 images and 20 epochs, nothing is gained: one
# run each, and such runs differ by two hundredths from seed to seed, so the three may be equal. Augmentation makes the
# training set larger and *harder*. It helps where a network would begin to learn by heart: with few images, or after many
# epochs. In the paper's training each image is used 116 times. When a run is short, use less augmentation.
#
# ## Break it
#
# ### A condition that is never true
#
# This is how `amdegroot/ssd.pytorch` decides that a patch is not good enough and another one has to be drawn. `overlap`
# (M,) is the IoU of the patch with each object; `min_iou` is the sampler's, and `max_iou` is infinity in all of them.
# Before you read on: what does the sampler of 0.9 ask for?


# %%
def is_refused_with_a_bug(overlap, min_iou, max_iou=np.inf):
    return overlap.min() < min_iou and max_iou < overlap.max()


rng = np.random.default_rng(1)
patches = [crop_candidates(whole, boxes, rng, trials=1)[0][6] for _ in range(2000)]
overlaps = iou(np.array(patches), boxes)  # (2000, 3)
for least in (0.1, 0.5, 0.9):
    right = overlaps.max(axis=1) >= least
    wrong = np.array([not is_refused_with_a_bug(each, least) for each in overlaps])
    print(
        f"IoU {least}: {right.mean():6.2%} of random patches are good enough,", end=" "
    )
    print(f"with the bug {wrong.mean():.0%}")
    assert right.mean() < wrong.mean() == 1

# %% [markdown]
# Nothing is larger than infinity, so the second half is never true: every patch is taken, by every sampler. Issues 68,
# 119 and 262 of the project are about this line, and it was copied (issue 50 of `lufficc/SSD`). Training works, and the
# mAP is good. Only the samplers are all the same.
#
# Writing `or` for `and` would ask *all* objects for the minimum IoU. ChainerCV and NVIDIA do this. On an image with
# several objects such a patch hardly exists ([entry 31](paper_caffe_others.md#31-when-a-crop-is-good-enough) counts).
#
# ### A flip that forgets to exchange
#
# `w - x` for both edges, and nothing else: issue 196 of `Nota-NetsPresso/netspresso-trainer`, issue 23 of
# `fredzzhang/pocket`. The left edge is now to the right of the right one. What is the IoU of such a box with the truth?

# %%
in_unit = boxes / np.tile(whole[2:], 2)
truth = flip(image, in_unit)[1]
unsorted = in_unit.copy()
unsorted[:, [0, 2]] = 1 - unsorted[:, [0, 2]]
print("IoU with the bug:        ", iou(unsorted, truth).diagonal())
print("IoU if boxes do not move:", iou(in_unit, truth).diagonal().round(2))
positives = [
    (targets(each, labels, defaults)[1] > 0).sum() for each in (truth, unsorted)
]
print(f"positive default boxes: {positives[0]}, with the bug {positives[1]}")
assert positives[0] > positives[1] == 0

# %% [markdown]
# A box whose edges are exchanged overlaps nothing: IoU 0, for every object. So no default box is positive, no negative is
# mined (lesson 11), and the sample teaches nothing. That is half of all samples, and there is no error.
#
# To forget the boxes altogether is not much better. The face is in the middle, and its old box still fits. The other two
# boxes now teach that the name plate is a ribbon.
#
# ### Labels that stay behind
#
# A patch drops objects. If their labels are not dropped with them, `zip(boxes, labels)` gives no error: the first
# boxes get the first labels. And if a patch has no object at all, some programs keep the old boxes (issue 15394 of
# `ultralytics/ultralytics`). How often would that happen here?

# %%
rng, samples, wrong, empty = np.random.default_rng(0), 1000, 0, 0
for _ in range(samples):
    kept = boxes_in_view(boxes, crop(whole, boxes, rng))[1]
    wrong += (labels[kept] != labels[: len(kept)]).any()
    empty += len(kept) == 0
print(f"{wrong / samples:.1%} of the samples have a wrong label")
print(f"{empty / samples:.1%} have no object")
assert wrong > 0
assert empty > 0

# %% [markdown]
# Few enough to escape notice, and each one teaches something wrong: that the ribbons are a face. Look at thirty samples
# with their boxes and labels before you train: `python -m numpyssd.explore` draws them for your data.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("flip_boxes")` helps twice, and then gives the answer.
#
# ### Warm-up: flip the boxes
#
# The image was flipped left to right. Where are its boxes now?


# %%
def my_flip_boxes(boxes):
    """Return boxes (M, 4) xyxy in [0, 1] of the flipped image."""
    ...


check.flip_boxes(my_flip_boxes)
check.answer("flip_boxes")

# %% [markdown]
# ### Core: the objects of a crop
#
# `boxes` (M, 4) and `crop` (4,) are in pixels of the image; return the boxes in [0, 1] of the crop, and the labels that
# go with them. No center is exactly on an edge.


# %%
def my_crop_boxes(boxes, labels, crop):
    """Return boxes (M', 4) xyxy in [0, 1] and labels (M',) of what stays."""
    ...


check.crop_boxes(my_crop_boxes)
check.answer("crop_boxes")

# %% [markdown]
# ### Core: which samplers take it
#
# For one crop, and several minimum IoUs. `iou(a, b)` of (N, 4) and (M, 4) is there. There may be no object at all.


# %%
def my_takes_crop(crop, boxes, min_ious):
    """Return for each minimum IoU whether the crop is good enough, (S,) bool."""
    ...


check.takes_crop(my_takes_crop)
check.answer("takes_crop")

# %% [markdown]
# ### Stretch: a patch
#
# From its four random numbers. `place` (2,) has two numbers from 0 to 1: how much of the free room is to the left, and
# how much above. `size` is (width, height) of the image.


# %%
def my_patch(scale, ratio, place, size):
    """Return the patch (4,) xyxy in pixels."""
    ...


check.patch(my_patch)
check.answer("patch")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | the seven samplers; patches of 0.1 to 1 of the image, ratios from 1/2 to 2; an object stays if its center does; flips; "photo-metric distortions" (section 2.2); zoom-out up to 16 times the area (section 3.6) |
# | **Caffe** | scales of 0.3 to 1, so 0.09 to 1 of the area; one object with the IoU is enough; hue stops at 0; one of five interpolations |
# | **others** | ChainerCV, NVIDIA: all objects need the IoU. amdegroot: no condition; hue by half as much, and red, green and blue exchanged half of the time |
# | **numpyssd** | as Caffe for `--preset ssd300` and `ssd512`; milder for `--data` |
#
# More of it: [21. Hue and channels](paper_caffe_others.md#21-hue-and-channels),
# [22. The size of a crop](paper_caffe_others.md#22-the-size-of-a-crop),
# [23. Random interpolation](paper_caffe_others.md#23-random-interpolation),
# [31. When a crop is good enough](paper_caffe_others.md#31-when-a-crop-is-good-enough).
#
# ## Questions readers ask
#
# **Why the center, and not the IoU of what is left?** It is simple, and it is a compromise. A strip of an object at the
# edge is no longer an object. Half of one still is.
#
# **Is a clipped box not wrong?** It is the box of what can be seen, and so are the annotations of objects that the
# camera's frame has cut.
#
# **What happens to an object that is in sight and has no box?** Its center was outside, so it counts as background. This is
# noise in the labels, and the price of the rule.
#
# **Are validation and test images augmented?** No. They are only resized. Otherwise the mAP would be a random number.
#
# **Which flips may I use?** Those that give an image that could occur. Cells under a microscope have no up: flip and turn
# them (`flip_vertical`, `rotate90`). Letters must not be flipped, and neither must classes like "left hand".
#
# **Does the network see nothing but distorted images?** No. The whole image is one of the samplers, and each other change
# is left out half of the time.
#
# **My objects are tiny. Is zoom-out good for me?** It makes them smaller still. Entry 29 counts objects that end without
# any default box. Use less of it, or larger inputs.
#
# ## Recap
#
# 1. Each time an image is used it is another sample: colors, zoom-out, crop, resize, flip, in this order, and the boxes go with it.
# 2. Seven samplers look for a patch, by the IoU with one object; an object stays if its center does, and is clipped.
# 3. It brings the paper 8.8 mAP in a long training; a short one may need less of it.
