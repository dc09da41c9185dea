# %% [markdown]
# # 19 · Transfer
#
# **Goal.** Start a training from the weights of another task: say which arrays carry over, freeze layers or give them
# a lower rate, and measure what it brings against a start from nothing.
#
# You need: batch normalization ([lesson 02](02_what_a_network_is.ipynb)), training (13), evaluation (15) and your own
# pictures (18). Time: 60 minutes with the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
from dataclasses import replace

import numpy as np

from numpyssd.config import TINY
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.drawing import draw_boxes, draw_image, new_figure
from numpyssd.images.preprocess import preprocess
from numpyssd.inference.detect import detect
from lessons.course import check, transfer
from lessons.course.new_shapes import NAMES, new_shapes
from lessons.course.widgets import transfer as transfer_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here
from numpyssd.model.ssd import SSD

you_are_here("base network", "training")

# %% [markdown]
# A new network begins with random weights, and has to learn everything: what an edge is, what a corner is, and only
# then what a cat is. The first of these are the same for every task. So we do not begin at random. We take the weights
# of a network that has already learned *another* task. To train that one is called **pretraining**. To go on from its
# weights is called **transfer**, or **fine-tuning**.
#
# The paper does this too. Its base network, VGG-16, was trained on **ImageNet** (ILSVRC), over a million images with
# one class each out of 1000, and no boxes. SSD takes over its convolutions, and its two fully connected layers as conv6
# and conv7 ([lesson 06](06_base_network_and_receptive_field.ipynb)). The last layer, with the 1000 classes, is thrown
# away. The extra layers and the predictors are new. Then everything is trained for detection. SSD300 learns from 16
# thousand images of VOC, with objects, what VGG did not know: where things are.
#
# numpyssd has no ImageNet. Its network `compact` starts from `base`: weights that were trained for 80 minutes on 5000
# *rendered* scenes with 29 classes of outlines and textures (`python -m benchmarks.base`). They have never seen a
# photograph. Is that good for anything? We measure it below, on photographs of blood cells.
#
# ## The figure
#
# First a small transfer that runs here. The weights are `tiny`, of lesson 00: they know crosses, ellipses, rectangles,
# rings and triangles. The new task has two other classes, **crescents** and **letters L**. In the old set both occur
# as clutter in the background, so the old network has learned to *ignore* them. Each image also has one object of an
# old class. It has no box, so now that one is background. The small letters L and crescents, up to 10 pixels, are
# clutter as before: they have no box and are not to be found. An object with a box has 16 pixels or more.

# %%
train, val = new_shapes(40), new_shapes(24, first=1000)
figure, axes = new_figure(1, 4, size=(9.6, 2.6))
for ax, i in zip(axes, (1, 9, 15, 23)):
    image, boxes, labels, _ = train[i]
    draw_image(ax, image)
    draw_boxes(ax, boxes, "ground truth", [NAMES[label - 1] for label in labels])
show(figure, "Large crescents and letters L have boxes; rings and clutter have none.")
print(len(train), "images to learn from,", len(val), "that are only measured")
boxed = np.concatenate([train[i].boxes for i in range(len(train))])
assert (boxed[:, 2:] - boxed[:, :2]).max(axis=1).min() >= 16

# %% [markdown]
# Forty images are few. Three starts, with the same images, batches and steps:
#
# - **from nothing**: all weights are random;
# - **frozen base**: the weights of `tiny`, and only the predictors learn. All other layers keep their weights;
# - **fine-tuned**: the weights of `tiny`, and all layers learn.
#
# (`layer_of`, `set_training` and `LayerwiseSGD` are shown below.)

# %%
from numpyssd.training.fine_tuning import LayerwiseSGD, layer_of, set_training
from numpyssd.training.loop import train_step
from numpyssd.weights import load

config = replace(TINY, num_classes=3, predictor_init_scale=0.1)
starts = {"from nothing": 1.0, "frozen base": 0.0, "fine-tuned": 1.0}


def started(start):
    """Return a network, the factor of each parameter's rate, and the frozen layers."""
    model = SSD(config, seed=0)
    model.class_names = NAMES
    if start != "from nothing":
        load(model, "tiny")
    new = {layer_of(name) for name in model.predictors.parameters()}
    names = list(model.parameters())
    factors = {name: 1.0 if layer_of(name) in new else starts[start] for name in names}
    return model, factors, {layer_of(name) for name in names if not factors[name]}


# %%
from numpyssd.inference.evaluate import evaluate
from numpyssd.ssd import SSDDetector
from numpyssd.training.batches import Batches

plain = {"distort_probability": 0, "zoom_out_probability": 0, "crop_probability": 0}


def look(model):
    """Return what is found in one image with a score over 0.5."""
    model.training = False
    boxes, labels, scores = next(detect(model, [val[18][0]], score_threshold=0.5))
    return boxes, [NAMES[label - 1] for label in labels], scores


# %%
def train_from(start, change=None, steps=20, lr=0.01):
    """Return the trained network, and what it found after 5, 10 and 20 steps."""
    model, factors, frozen = started(start)
    if change is not None:
        change(model)
    detector, film = SSDDetector(model), []
    batches = Batches(train, config, detector.make_targets, 4, **plain)  # only flips
    optimizer = LayerwiseSGD(model.parameters(), lr, factors)
    for step in range(steps):
        set_training(model, frozen)
        optimizer.lr = lr * min(1, (step + 1) / 5)
        train_step(detector, optimizer, batches.batch(step))
        if step + 1 in (5, 10, 20):
            film.append(look(model))
    return model, film


# %% tags=["varies"]
models, films, final = {}, {}, {}
for start in starts:
    models[start], films[start] = train_from(start)
    final[start] = evaluate(SSDDetector(models[start]), val).mean
    print(f"{start:13} mAP {final[start]:.2f} after 20 steps")
assert final["fine-tuned"] > final["frozen base"] > final["from nothing"]

# %% [markdown]
# Twenty steps are a few seconds. Below is one image that was not trained on. Choose a start: what does the network find
# when it began with nothing?

# %% tags=["varies"]
image, objects = val[18][:2]
widget = transfer_widgets.found_from_starts(image, objects, films, (5, 10, 20))
figure, axes = new_figure(1, 3, size=(8.4, 3.1))
for ax, (start, film) in zip(axes, films.items()):
    boxes, names, scores = film[-1]
    draw_image(ax, image)
    draw_boxes(ax, objects, "ground truth")
    draw_boxes(ax, boxes, "prediction", [f"{n} {s:.2f}" for n, s in zip(names, scores)])
    ax.set_title(start, fontsize=10)
show_widget(widget, figure, "After 20 steps: what each of three starts has found.")

# %% [markdown]
# The network from nothing has just learned that nearly everything is background. The frozen base has all features of
# the old task, and predictors that combine them anew. It is ahead at once. The fine-tuned network can also *change* the
# features, which were made to ignore crescents, and passes it.
#
# ### On photographs, for longer
#
# Now blood cells: 20 photographs of BCCD, and the network `compact` from nothing or from `base`. There is one more
# start: all layers learn, but those of the base at a **tenth of the rate**. Each was trained for 200 steps of 8, and
# measured on the 72 photographs of the test split. Nothing was chosen by these numbers. (It takes minutes, so this is
# what a command has left: `python -m benchmarks.transfer --data data/bccd`.)

# %%
results = transfer.measured()
figure, ax = new_figure(size=(6.8, 3.8))
transfer.draw_curves(ax, transfer.curves_of(results))
show(figure, "mAP of four starts on photographs of blood cells, over 200 iterations.")
for start, (_, values) in transfer.curves_of(results).items():
    print(f"{start:28}", " ".join(f"{value:.3f}" for value in values))

# %% [markdown]
# Look at the order at the beginning and at the end:
#
# - **fine-tuned** has 0.84 after 100 steps. From nothing, the network has 0.76 after 200. With twenty photographs this
#   is what pretraining is worth: a better result, and much sooner.
# - **frozen base** is the best after 25 steps, and the worst at the end. Its predictors find what can be found with the
#   old features, and then stop. The base has only seen rendered scenes. Photographs need other features, and a frozen
#   base cannot make them. Here it ends below random weights that may learn.
# - **fine-tuned, base at a tenth** is the careful way: the old features change slowly. It ends at 0.81. Within 200 steps
#   that is too slow here.
#
# This is one seed and one small set. Hundredths say nothing here; the distances of this table are larger.
#
# ### Which layers changed?
#
# The first layer of three networks as colored tiles, sixteen kernels of 3 x 3 pixels each. From top to bottom: random,
# trained on the old task, and the same after 20 steps of fine-tuning.

# %% tags=["varies"]
shown = {
    "random": SSD(config, seed=0),
    "tiny": started("frozen base")[0],
    "fine-tuned": models["fine-tuned"],
}
figure, axes = new_figure(3, 1, size=(8, 2.9))
for ax, (name, model) in zip(axes, shown.items()):
    transfer.draw_kernels(ax, model.parameters()["conv1_1.weight"].value, 16)
    ax.set_title(name, fontsize=10)
show(figure, "Sixteen kernels in each row; the rows of tiny and fine-tuned look alike.")

# %% [markdown]
# (`tiny` itself began with the first row: its training had the same seed.) The second and the third row can hardly be
# told apart. How far did each layer move?

# %% tags=["varies"]
before = {n: p.value for n, p in started("fine-tuned")[0].parameters().items()}
after = {n: p.value for n, p in models["fine-tuned"].parameters().items()}
moved = transfer.how_far(before, after)
began = {n: p.value for n, p in shown["random"].parameters().items()}
pretrained = transfer.how_far(began, before)["conv1_1"]
print(f"conv1_1 moved by {pretrained:.0%} in pretraining,", end=" ")
print(f"by {moved['conv1_1']:.1%} in fine-tuning")
assert moved["conv1_1"] < pretrained / 5
figure, ax = new_figure(size=(6.4, 5))
transfer.draw_how_far(ax, {"fine-tuned": moved})
show(
    figure,
    "The layers of the base moved by some percent, the class predictors by more.",
)
assert moved["conf.0"] > 5 * moved["conv1_1"]

# %% [markdown]
# The class predictors began small and at random, and are new altogether. The layers of the base moved by some percent,
# and those for the largest objects, which do not occur here, hardly at all. This is what "the first layers carry over"
# means: they were nearly right for the new task before it began.
#
# ## By hand
#
# ### What loads
#
# An array of the file fills one of ours if it has the same **name** and the same **shape**. On the first map `tiny`
# has 4 default boxes in a cell and 6 classes (background and five), and we have 3. So its class predictor has 4 · 6 =
# 24 kernels, and ours has 12: a new one. The predictor of the offsets has 4 · 4 = 16 in both. Where a box has to move
# does not depend on how many classes there are.

# %%
from numpyssd.weights.recognize import read

file = read("tiny").arrays  # {name: array}
fresh = SSD(config, seed=0)
for name in ("conv1_1.weight", "loc.0.weight", "conf.0.weight"):
    theirs, ours = file[name].shape, fresh.parameters()[name].value.shape
    print(f"{name:15} {theirs!s:17} {ours!s:17}", "loads" if theirs == ours else "new")
assert file["conf.0.weight"].shape[-1] == 4 * 6 == 24
assert fresh.parameters()["conf.0.weight"].value.shape[-1] == 4 * 3 == 12

# %% [markdown]
# ### Frozen, slow, or as usual
#
# A factor λ for each layer says how fast it learns. (Momentum and decay are left out here; lesson 13 has them.)
#
# $$w \leftarrow w - \lambda \, r \, g$$
#
# With w = 8, the gradient g = 2 and the rate r = 1/4: λ = 1 gives 8 - 0.5 = 7.5. λ = 1/10 gives 7.95. λ = 0 gives 8:
# the layer is frozen.

# %%
from types import SimpleNamespace

for factor, expected in ((1, 7.5), (0.1, 7.95), (0, 8)):
    w = SimpleNamespace(value=np.full(1, 8, np.float32), grad=np.full(1, 2, np.float32))
    one = {"conv.weight": w}
    LayerwiseSGD(one, 0.25, {"conv.weight": factor}, momentum=0, weight_decay=0).step()
    assert abs(w.value[0] - (8 - factor * 0.25 * 2)) < 1e-6
    assert abs(w.value[0] - expected) < 1e-6
    print(f"factor {factor}: 8 becomes {w.value[0]:.2f}")

# %% [markdown]
# ### How much is new?

# %%
sizes = {name: p.value.size for name, p in fresh.parameters().items()}
new = sum(size for name, size in sizes.items() if name.startswith("conf."))
heads = sum(
    size for name, size in sizes.items() if name in fresh.predictors.parameters()
)
total = sum(sizes.values())
print(f"{total:,} numbers; {new:,} are new ({new / total:.0%});", end=" ")
print(f"with a frozen base {heads:,} learn ({heads / total:.0%})")
assert new < heads < total

# %% [markdown]
# ## Loops you can read
#
# Loading is one loop. (Running averages of the batch normalizations are loaded in the same way; they are left out.)


# %%
def load_by_loops(model, arrays):
    """Copy what fits; return the names that were filled, and those that were not."""
    filled, left = [], []
    for name, parameter in model.parameters().items():
        array = arrays.get(name)
        if array is not None and array.shape == parameter.value.shape:
            parameter.value[...] = array
            filled.append(name)
        else:
            left.append(name)
    return filled, left


# %% [markdown]
# ## The check
#
# The same by the library. These are copies, so we expect a difference of exactly 0.

# %%
mine, library = SSD(config, seed=0), SSD(config, seed=0)
filled, left = load_by_loops(mine, file)
report = load(library, "tiny")
difference = 0
for a, b in zip(mine.parameters().values(), library.parameters().values()):
    difference = max(difference, abs(a.value - b.value).max())
assert difference == 0
assert [name for name in report.reinitialized if "_bn." not in name] == left
assert all(name.startswith("conf.") for name in left)
print(
    f"{len(filled)} arrays filled, {len(left)} not; difference {difference}",
    "(expected: 0)",
)

# %% [markdown]
# ## The library's code

# %%
from numpyssd.weights.loading import assign

show_source(assign, set_training, LayerwiseSGD.step)

# %% [markdown]
# New against the loops: `assign` also reads the running averages (`running_statistics`) and reports what was in the file
# and found no place. `set_training` is the part that people forget. It leaves frozen layers as in inference, for a
# reason that the second bug below shows.
#
# On the command line, `train --data FOLDER` starts from `base`, `--weights FILE` from any other file, and `--weights
# random` from nothing. It has no option to freeze layers.
#
# ## Break it
#
# Four bugs. Each of them gives no error, and each is measured here on the *old* task or in the first step of the new.
#
# **First: arrays are filled in order and not by name.** Keras did this, and saved the layers that learn before those
# that are frozen. After freezing, a file was read into other layers (`keras-team/keras`, issue 10777, "weights
# saved/loaded incorrectly when weights frozen"). Here: `tiny`'s file with the first three layers at its end. Each of our
# arrays gets the next one of its shape. How many land where they belong, and what is the mAP on the old task?

# %%
from numpyssd.weights import load_model

old = ShapesDataset(20, split="val")


def loaded_in_order(arrays):
    """Return tiny's network; each array of it is the next of that shape."""
    model, right, queue = load_model("tiny"), 0, list(arrays)
    for name, parameter in model.parameters().items():
        shape = parameter.value.shape
        chosen = next(each for each in queue if arrays[each].shape == shape)
        parameter.value[...] = arrays[chosen]
        queue.remove(chosen)
        right += chosen == name
    return model, right


# %% tags=["varies"]
frozen = ("conv1_1", "conv2_1", "conv3_1")
order = sorted(file, key=lambda name: layer_of(name) in frozen)
shuffled, right = loaded_in_order({name: file[name] for name in order})
whole = load_model("tiny")
scores = [evaluate(SSDDetector(model), old).mean for model in (whole, shuffled)]
print(f"{right} of {len(whole.parameters())} arrays are in their places")
print(f"mAP on the old task {scores[0]:.2f}, read in order {scores[1]:.2f}")
assert scores[1] < 0.5 * scores[0]

# %% [markdown]
# Every shape fits, so nothing is reported. Fine-tuning would begin from a broken network, and its bad result would look
# like a hard task.
#
# **Second: a frozen layer whose statistics still move.** Its weights are frozen, but its batch normalization goes on
# with its running averages. In Keras `trainable = False` did not stop them (`keras-team/keras`, issue 7085; pull
# request 9965 argued for the change). Here no weight is touched at all. We only show the network ten batches of darker
# images, as if another camera had taken them, in training mode.

# %% tags=["varies"]
dark = np.stack([train[i][0] // 3 for i in range(40)])
ends = {}
for name, kept in (("statistics move", ()), ("frozen as well", None)):
    model = load_model("tiny")
    layers = {layer_of(each) for each in model.parameters()}
    set_training(model, layers if kept is None else kept)
    for first in range(0, 40, 4):
        model.forward(preprocess(dark[first : first + 4], TINY))
    model.training = False
    ends[name] = evaluate(SSDDetector(model), old).mean
    print(f"{name:16} mAP on the old task {ends[name]:.2f}")
assert ends["statistics move"] < 0.8 * ends["frozen as well"]

# %% [markdown]
# All weights are the same in both networks. In training such a layer even gives *other* numbers for the same image than
# later in detection, because there it normalizes by the batch.
#
# **Third: predictors of other classes are kept.** A file has six classes, we have three. A comment on
# `open-mmlab/mmdetection`, issue 743, cuts the arrays to the size that is needed. The first three stay: background,
# cross and ellipse, now called background, crescent and letter L. What do you expect of the first loss, and of the mAP
# after 20 steps of fine-tuning?

# %%
from numpyssd.training.loop import accumulate_gradients


def keep_predictors(model):
    """Put the kernels of the file's first three classes into our predictors."""
    for name, parameter in model.parameters().items():
        if name.startswith("conf."):
            rows = file[name].reshape(*file[name].shape[:-1], -1, 6)[..., :3]
            parameter.value[...] = rows.reshape(parameter.value.shape)


# %% tags=["varies"]
for name, change in (("new predictors", lambda model: None), ("kept", keep_predictors)):
    model, _, _ = started("fine-tuned")
    change(model)
    model.training, detector = True, SSDDetector(model)
    batch = Batches(train, config, detector.make_targets, 8, **plain).batch(0)
    loss = accumulate_gradients(detector, batch)[0].conf
    print(f"{name:15} first loss of the classes {loss:.1f}")
kept, _ = train_from("fine-tuned", keep_predictors)
with_kept = evaluate(SSDDetector(kept), val).mean
print(f"mAP after 20 steps: {final['fine-tuned']:.2f} new, {with_kept:.2f} kept")
assert with_kept < final["fine-tuned"]

# %% [markdown]
# The first loss says nothing. But it is the loss of *sure* and wrong answers, that the training has to undo first. So
# after the same steps it is behind. It is worse if the numbers of classes happen to agree: then the arrays load
# without a word, by name and shape. numpyssd then notes that "the conf predictors were trained for other classes".
#
# **Fourth: the images are not prepared as for the old network.** VGG's published weights want BGR, less the mean color,
# not scaled. A port that feeds RGB, or divides by 255, still runs. `amdegroot/ssd.pytorch`, issue 44, "RGB vs BGR?", is
# about this. For `tiny` on its own task:

# %% tags=["varies"]
from numpyssd.datasets.annotated_images import AnnotatedImages

turned = [np.ascontiguousarray(old[i][0][..., ::-1]) for i in range(20)]
bgr = AnnotatedImages(old.class_names, turned, [old.annotation(i) for i in range(20)])
found = {}
for name, changes, data in (
    ("as it was trained", {}, old),
    ("BGR for RGB", {}, bgr),
    ("mean not subtracted", {"mean": (0.0, 0.0, 0.0)}, old),
    ("divided by 255", {"pixel_scale": 1 / 255}, old),
):
    whole.config = replace(TINY, **changes)
    found[name] = evaluate(SSDDetector(whole), data).mean
    print(f"{name:20} mAP {found[name]:.2f}")
assert found["divided by 255"] < found["as it was trained"] / 2

# %% [markdown]
# The colors of this set are random, so `tiny` has learned nothing about colors, and BGR costs it nothing: a bug that a
# test on such images does not find. Without the mean, or divided by 255, the network is lost. In numpyssd a file of
# weights brings its input rule along, and `load` copies it into the config of the new network.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("loads")` helps twice, and then gives the answer.
#
# ### Warm-up: what loads?
#
# Two dictionaries, name to shape: what the file has, and what our network has.


# %%
def my_loads(theirs, ours):
    """Return the sorted names of our arrays that the file fills."""
    ...


check.loads(my_loads)
check.answer("loads")

# %% [markdown]
# ### Core: what is frozen?
#
# `frozen` lists layers, such as "conv1_1". Their batch normalizations (`conv1_1_bn`) are frozen with them.


# %%
def my_learns(names, frozen):
    """Return which parameters learn (P,), True or False."""
    ...


check.learns(my_learns)
check.answer("learns")

# %% [markdown]
# ### Core: rates by layer
#
# Predictors (`loc.`, `conf.`) are new and learn at `lr`, all others at `lr * factor`. A bias has twice its layer's rate.


# %%
def my_rates(names, lr, factor):
    """Return the rate of each parameter (P,)."""
    ...


check.rates(my_rates)
check.answer("rates")

# %% [markdown]
# ### Stretch: keep the classes that are known
#
# You have a detector of cats and dogs and want one of dogs and cows. The dog's kernels can be kept. The last axis of the
# weights is box, then class, with the background first. New classes begin with 0. (`pierluigiferrari/ssd_keras` has a
# whole tutorial on it, "weight sampling".)


# %%
def my_kept_classes(weight, old, new):
    """Return the kernels (..., boxes * (1 + new)); no name is the background's."""
    ...


check.kept_classes(my_kept_classes)
check.answer("kept_classes")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | VGG-16, trained on ILSVRC's classes, then everything is fine-tuned; new layers by "xavier" (section 3) |
# | **Caffe** | loads `VGG_ILSVRC_16_layers_fc_reduced.caffemodel`, by the names of its layers; freezes nothing |
# | **others** | amdegroot, lufficc: the same weights as `vgg16_reducedfc.pth`, for RGB images less the mean; sgrvinod: ImageNet's own mean and deviation; mmdetection: that mean, and a deviation of 1; NVIDIA: ResNet-50 |
# | **numpyssd** | `--weights vgg16_reducedfc` for `ssd300`, `base` for `compact`; by name and shape, with a report |
#
# More: [26. How an image becomes the input](paper_caffe_others.md#26-how-an-image-becomes-the-input) and
# [11. First weights](paper_caffe_others.md#11-first-weights).
#
# ## Questions readers ask
#
# **Freeze, or fine-tune?** Fine-tune, if you can. Freezing saves time, because the features of an image can be computed
# once. It also helps where there are so few images that all layers would learn them by heart. Measure both.
#
# **Which rate for fine-tuning?** A lower one than from nothing, or a tenth for the base. If the first steps are too
# large, they destroy what was loaded. That is what the warm-up is for (lesson 13).
#
# **Must the old task look like the new one?** The nearer, the better. `base` has seen textures and outlines and no
# photograph, and still helps. Where the classes of a set are hard to learn, it decides: on letters in four textures
# (200 images, 680 steps), mAP is 0.572 from `base` and 0.028 from random weights (one seed; docs/measurements.md has the
# command).
#
# **Does it make the result better in the end, or only sooner?** With enough images mostly sooner. On all 205 photographs
# of BCCD random weights reach 0.902 after 2562 iterations, and `base` 0.904 after 1360 ([lesson
# 18](18_your_own_pictures.ipynb) has a table of all such results).
#
# **May I start from any weights?** If names and shapes fit. A published base network for `ssd300` has none of the batch
# normalizations that `compact` has.
#
# ## Recap
#
# 1. What carries over: every array whose name and shape agree. Class predictors are new; offsets fit any classes.
# 2. A factor of the rate for each layer: 0 is frozen, with its running averages; 1/10 is careful; 1 is as usual.
# 3. Keep what belongs to the old network: the order of its arrays is nothing, its input rule is everything.
