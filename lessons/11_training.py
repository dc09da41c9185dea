# %% [markdown]
# # 11 · Training
#
# **Goal.** Put forward, loss, backward and the optimizer together into one step, and repeat it until a small network knows
# a picture by heart.
#
# You need: matching, the loss and hard negatives (lessons 08 to 10). Time: 30 minutes.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpyssd.boxes import iou
from numpyssd.config import TINY
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset, example
from numpyssd.drawing import draw_boxes, draw_image, new_figure
from lessons.course import check
from lessons.course.widgets import training as scenes_training
from lessons.course.display import show, show_source, show_widget, you_are_here
from numpyssd.model.ssd import SSD

you_are_here("training")

# %% [markdown]
# All parts are there: a network that puts out offsets and scores, targets for both, a loss with its gradient. **Training**
# is a loop around them. Show a picture, look how wrong the answer is, move every weight a little in the direction that
# makes it less wrong; again.
#
# Before a network learns three thousand pictures, it should learn *one by heart*. If it can't do that, something is
# broken, and you know it after seconds and not after a night.
#
# ## The figure
#
# Here is what we need: one picture of 64 x 64 pixels with three objects, its targets, and `TINY` at half its width.


# %%
from numpyssd.images.preprocess import normalize
from numpyssd.training.batches import Batch
from numpyssd.model.default_boxes import default_boxes
from numpyssd.ssd import SSDDetector
from numpyssd.training.matching import targets

image, objects, labels, _ = ShapesDataset(5)[4]
config = replace(TINY, width=0.5, predictor_init_scale=0.1, norm_scale=8.0)
truth = targets(objects / 64, labels, default_boxes(config))  # (1504, 4), (1504,)
pixels = normalize(image[None], config)  # (1, 64, 64, 3)
batch = Batch(pixels, (truth[0][None], truth[1][None]), np.zeros(1, int))
model = SSD(config, seed=0)
detector = SSDDetector(model)  # the network with its targets and its loss
count = sum(parameter.value.size for parameter in model.parameters().values())
print("objects:", [CLASS_NAMES[label - 1] for label in labels])
print(f"{count:,} numbers; {(truth[1] > 0).sum()} default boxes have an object")

# %% [markdown]
# (`predictor_init_scale` makes the first weights of the predictors small, and `norm_scale` lets the normalization
# of the first map begin at 8 and not at 20, lesson 05: a calm beginning.) Now 61 steps. `train_step` is the library's; we
# shall take it to pieces below. At some iterations we look what the network detects, and note how far each layer
# moves. (The tiny network has *batch normalization* behind its convolutions: while it trains, each channel is shifted and
# scaled to mean 0 and spread 1 over the batch, and then by two learned numbers; when it only looks, by averages that were
# kept. Hence the `model.training`.)


# %%
from numpyssd.inference.detect import detect


def look(model):
    """Return boxes in pixels, names and scores of what the network detects."""
    model.training = False  # batch normalization: the running averages
    boxes, labels, scores = next(detect(model, [image], score_threshold=0.3))
    model.training = True
    return boxes, [CLASS_NAMES[label - 1] for label in labels], scores


# %%
from numpyssd.run.gradient_report import report_gradients
from numpyssd.training.loop import train_step
from numpyssd.training.optimizer import SGD

# %% tags=["varies"]
moments = (0, 5, 8, 10, 15, 20, 30, 60)
film, log = [], {"iteration": [], "loss": [], "loc": [], "conf": []}
optimizer, folder = SGD(model.parameters(), 0.01), tempfile.TemporaryDirectory()
for iteration in range(61):
    if iteration in moments:
        film.append(look(model))
    losses, length = train_step(detector, optimizer, batch)
    values = iteration, losses.total, losses.loc, losses.conf
    for name, value in zip(log, values):
        log[name].append(value)
    if iteration in (0, 1, 2, 5, 10, 20, 40, 60):
        report_gradients(Path(folder.name), iteration, optimizer)
    if iteration in moments:
        print(f"iteration {iteration:2}: loss {losses.total:6.3f}, gradient {length:6.2f}")
log = {name: np.array(values) for name, values in log.items()}

# %% tags=["varies"]
figure, axes = new_figure(2, 4, size=(9.5, 5.2))
for ax, moment, (boxes, _, _) in zip(axes, moments, film):
    draw_image(ax, image)
    draw_boxes(ax, objects, "ground truth", linewidth=1.2)
    draw_boxes(ax, boxes[:12], "prediction", linewidth=1.2)
    ax.set_title(f"{moment} iterations: {len(boxes)} boxes", fontsize=9)
show(figure, "Boxes everywhere at first; after 60 iterations one on each object.")
assert len(film[0][0]) > 20  # an untrained network sees things everywhere
assert sorted(film[-1][1]) == sorted(CLASS_NAMES[label - 1] for label in labels)
assert (iou(objects, film[-1][0]).max(axis=1) > 0.8).all()

# %% [markdown]
# Orange is what the network detects with a score of 0.3 or more (at most 12 of them are drawn), green is the truth. At
# first it sees things everywhere. Then most of it turns into background, the boxes on the objects stay, and at last they
# settle where they belong. Scrub through it:

# %% tags=["varies"]
widget = scenes_training.film_of_training(image, objects, film, moments, log["loss"])
figure, ax = new_figure(size=(4.2, 4.2))
draw_image(ax, image)
draw_boxes(ax, objects, "ground truth")
draw_boxes(ax, film[-1][0], "prediction", film[-1][1])
show_widget(widget, figure, "After 60 iterations each object has one box on it.")

# %% [markdown]
# And the loss, with its two parts. It falls by a factor of hundreds; `conf` (what is it?) is by far the larger part
# in the end. That is what learning by heart looks like: with a single picture there is nothing in the way.

# %% tags=["varies"]
from numpyssd.reports.curves import draw_loss

figure, ax = new_figure(size=(7, 3.2))
draw_loss(ax, log)
show(figure, "The loss and its parts fall together.")
assert log["loss"][-1] < log["loss"][0] / 100

# %% [markdown]
# ## By hand
#
# What moves a weight? SGD with momentum keeps a *velocity* for each: a share m of it (nine tenths, usually) stays, and
# the gradient g joins, times the learning rate r. *Weight decay* d pulls each weight w towards 0 by adding a little of it.
#
# $$v \leftarrow m v + r (g + d w)$$
#
# $$w \leftarrow w - v$$
#
# Take w = 8, gradient 2, velocity 4, and easy numbers: rate 1/4, momentum 1/2, decay 1/2. Then v = 2 + 1/4 (2 + 4) = 3.5,
# and w = 8 - 3.5 = 4.5. A **bias** has twice the rate and no decay: v = 2 + 1/2 (2) = 3, and its 8 becomes 5.


# %%
from types import SimpleNamespace


def eight():
    return SimpleNamespace(
        value=np.array([8.0], np.float32), grad=np.array([2.0], np.float32)
    )


parameters = {"conv.weight": eight(), "conv.bias": eight()}
sgd = SGD(parameters, lr=0.25, momentum=0.5, weight_decay=0.5)
for velocity in sgd.velocity.values():
    velocity[:] = 4
sgd.step()
assert parameters["conv.weight"].value == 8 - (0.5 * 4 + 0.25 * (2 + 0.5 * 8)) == 4.5
assert parameters["conv.bias"].value == 8 - (0.5 * 4 + 2 * 0.25 * 2) == 5
print("weight", parameters["conv.weight"].value, "bias", parameters["conv.bias"].value)

# %% [markdown]
# What is momentum good for? Where the gradient always says the same, the steps grow; where it swings to and fro, they
# cancel. With a constant gradient of 1 and the usual 0.9, the velocity climbs to ten times the rate:
#
# $$v \rightarrow \frac{r}{1 - m}$$

# %%
velocity = 0.0
for _ in range(200):
    velocity = 0.9 * velocity + 0.01 * 1
assert abs(velocity - 0.01 / (1 - 0.9)) < 1e-9
print(f"velocity {velocity:.4f}, rate 0.01")

# %% [markdown]
# ## Loops you can read
#
# The whole step, with nothing hidden but the network itself. Names that end in `.bias` learn twice as fast and do not
# decay; the scale of a batch normalization (`_bn.`) does not decay either.


# %%
from numpyssd.training.multibox_loss import multibox_loss


def step_by_hand(model, batch, velocities, lr):
    """Do one step of training; return the loss."""
    loc, conf = model.forward(batch.images)
    loss, dloc, dconf, _ = multibox_loss(loc, conf, *batch.targets)
    model.backward(dloc, dconf)  # fills every .grad
    for name, parameter in model.parameters().items():
        is_bias = name.endswith(".bias")
        rate = 2 * lr if is_bias else lr
        decay = 0 if is_bias or "_bn." in name else 5e-4
        push = rate * (parameter.grad + decay * parameter.value)
        velocities[name] = 0.9 * velocities.get(name, 0) + push
        parameter.value[...] -= velocities[name]
    return loss


# %% [markdown]
# ## The check
#
# Three steps by hand, and three by the library, from the same first weights. Everything is float32, which keeps 7 digits,
# and a hundred thousand additions later we expect differences around 1e-6 of the largest weight. Nothing above 1e-4 is
# accepted.

# %%
mine, library, velocities = SSD(config, seed=1), SSD(config, seed=1), {}
mine.training = library.training = True
optimizer = SGD(library.parameters(), 0.01)
for _ in range(3):
    my_loss = step_by_hand(mine, batch, velocities, 0.01)
    its_loss = train_step(SSDDetector(library), optimizer, batch)[0].total
worst = 0
for a, b in zip(mine.parameters().values(), library.parameters().values()):
    largest = max(abs(b.value).max(), 1e-3)  # biases begin at 0
    worst = max(worst, abs(a.value - b.value).max() / largest)
assert worst < 1e-4
assert abs(my_loss - its_loss) < 1e-4 * its_loss
print("every weight agrees within 1e-4 (expected: about 1e-6):", worst < 1e-4)

# %% [markdown]
# A second check needs no training at all: **predict the first loss**. A network that knows nothing should give all C
# classes the same score, so each default box costs ln C; and for each positive there are three negatives (lesson 10). With
# all logits 0:
#
# $$L_{conf} = (1 + 3) \ln C$$

# %%
zeros = np.zeros((1, 1504, 4)), np.zeros((1, 1504, 6))
parts = multibox_loss(*zeros, *batch.targets)[3]
assert parts.negatives == 3 * parts.positives
assert abs(parts.conf - (1 + 3) * np.log(6)) < 1e-9
print(f"expected {4 * np.log(6):.3f}, found {parts.conf:.3f}")
print("a new network is near it:", bool(0.5 < log["conf"][0] / parts.conf < 2))

# %% [markdown]
# If your own first loss is 48 where you expected 7, look at the first weights before you look at anything else.
#
# The third check: a run that is interrupted and resumed must end with the *same bits* as one that is not. Two steps, save,
# load into a new network, two more steps, against four in a row:

# %%
from numpyssd.run.checkpoint import load_checkpoint, save_checkpoint
from numpyssd.run.state import State

runs, path = [], Path(folder.name) / "last.npz"
for interrupted in (False, True):
    model = SSD(config, seed=2)
    model.training, optimizer = True, SGD(model.parameters(), 0.01)
    for iteration in range(4):
        if interrupted and iteration == 2:
            save_checkpoint(path, model, optimizer, State(iteration=2))
            model = SSD(config, seed=77)  # other weights
            model.training, optimizer = True, SGD(model.parameters(), 0.01)
            load_checkpoint(path, model, optimizer)
        train_step(SSDDetector(model), optimizer, batch)
    runs.append(model.parameters())
assert all((runs[0][name].value == runs[1][name].value).all() for name in runs[0])
print("the same to the bit, all", len(runs[0]), "parameters")

# %% [markdown]
# The batches need no saving: what is in batch number t depends on the seed and t alone.
#
# ## The library's code
#
# The step of the optimizer, and the schedule of its rate.

# %%
from numpyssd.training.optimizer import multistep

show_source(SGD.step, multistep)

# %% [markdown]
# ### The schedule
#
# A rate that is right at the beginning is too high at the end: the weights jump around the valley and never come to rest
# in it. The released schedule divides it by ten after two thirds of the run, and again after five sixths. A cosine does the
# same smoothly. At the very beginning numpyssd lets both *warm up*, which Caffe does not: the first gradients of random
# weights are wild.

# %%
from numpyssd.training.optimizer import draw_optimizer

rates = [multistep(i, 120_000, 1e-3) for i in (0, 79_999, 80_000, 100_000)]
assert np.allclose(rates, [1e-3, 1e-3, 1e-4, 1e-5])
figure, ax = new_figure(size=(7, 3.4))
draw_optimizer(ax)
show(figure, "The rate in steps, and along a cosine.")

# %% [markdown]
# ### Augmentation
#
# One picture can be learned by heart, and three thousand can as well. So the network never sees the same picture twice:
# colors change, it is zoomed out, cropped and mirrored, **and the boxes go with it**. Upper row: each step alone. Lower
# row: what the network gets.

# %%
from numpyssd.training.augmentation.pipeline import draw_augmentation

figure, ax = new_figure(size=(11, 4.7))
draw_augmentation(ax, *example(size=160)[:3], size=120)
show(figure, "Six steps of augmentation, and six samples of one picture.")

# %% [markdown]
# ### How fast does each layer learn?
#
# The length of all gradients together is the first number to look at when something is odd; the loop above printed it. For
# each layer, `--report-gradients` writes how long its step is, measured by its weights. About a thousandth is healthy.

# %% tags=["varies"]
from numpyssd.reports.gradient_figure import draw_gradients
from numpyssd.run.gradient_report import read_report

report = read_report(Path(folder.name) / "gradients.csv")
figure, axes = new_figure(1, 2, size=(12, 6))
draw_gradients(axes, *report)
show(figure, "Lengths of gradients, and steps by weights, for each layer.")
folder.cleanup()

# %% [markdown]
# Each row is a layer, each column an iteration. Left: the gradients are long in the beginning (yellow) and a hundred times
# shorter at the end (blue), when there is little left to learn. Some predictors are white: no object of this picture has the
# size for their map, so there is nothing to learn from. On the right the same rows are blue, because only the
# weight decay moves them; in a whole data set *that* would be a layer to worry about. The red at the left says that a rate
# of 0.01 without warm-up shakes the layers, most of all the predictors, whose weights began so small.
#
# ## Break it
#
# Two ways, both common. First, the rate is too high. We take batch normalization away, which forgives much, and train with
# ten times the rate. Before you run it: after how many steps will it break, and where will you see it first?

# %% tags=["varies"]
from numpyssd.training.nonfinite import NonFinite

plain = SSD(replace(config, batch_norm=False), seed=0)
optimizer, log = SGD(plain.parameters(), 0.1), {"loss": []}
try:
    with np.errstate(all="ignore"):
        for _ in range(60):
            loss = train_step(SSDDetector(plain), optimizer, batch)[0].total
            log["loss"].append(loss)
            print(f"loss {loss:.3g}")
except NonFinite as error:
    print(error)
assert 0 < len(log["loss"]) < 60

# %% [markdown]
# The loss does not become NaN out of the blue: it *grows* first, within a few steps and by many powers of ten, until float32
# has no number that large. Many programs go on for hours and write "loss: nan". numpyssd stops at the first number that is
# not finite, names the layer, and saves nothing more. A lower rate cures it, or a warm-up.
#
# The second one trains without complaint. It is issue 163 of `qfgaohao/pytorch-ssd`: the checkpoint holds the weights and
# nothing else. After resuming, the momentum is gone, and so is the iteration that the schedule needs. What changes?

# %%
ends = []
for forget in (False, True):
    model = SSD(config, seed=2)
    model.training, optimizer = True, SGD(model.parameters(), 0.01)
    for iteration in range(8):
        if forget and iteration == 4:  # resumed: same weights, a new optimizer
            optimizer = SGD(model.parameters(), 0.01)
        train_step(SSDDetector(model), optimizer, batch)
    ends.append(np.concatenate([p.value.ravel() for p in model.parameters().values()]))
moved = np.linalg.norm(ends[0] - ends[1])
assert moved > 0
print("after four more steps the weights are the same:", bool(moved == 0))

# %% [markdown]
# Nothing crashes. The run is merely another one, with the old high rate at a moment when it should be low; that is why we
# compare bits and not curves.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("sgd")` helps twice, and then gives the answer.
#
# ### Warm-up: one step
#
# Caffe's rule, as above. All arguments may be numbers or arrays.


# %%
def my_sgd(value, gradient, velocity, lr, momentum, decay):
    """Return the new value and the new velocity."""
    ...


check.sgd(my_sgd)
check.answer("sgd")

# %% [markdown]
# ### Core: mirror the boxes
#
# The picture was mirrored left to right. Where are its boxes now? The line below prints what happens to a detector's truth
# if you forget it: the IoU of the boxes with where the objects really are.

# %%
from numpyssd.training.augmentation.geometry import flip

mirrored, where = flip(image, objects / 64)
stayed = iou(objects / 64, where).diagonal()
assert stayed.min() < 0.5
print("IoU with boxes that stayed where they were:", stayed.round(2))


# %%
def my_flip_boxes(boxes):
    """Return boxes (M, 4) xyxy in [0, 1] of the mirrored picture."""
    ...


check.flip_boxes(my_flip_boxes)
check.answer("flip_boxes")

# %% [markdown]
# ### Core: the schedule
#
# A linear warm-up `(iteration + 1) / (warm_up + 1)`, then a tenth from 2/3 of the run on, and again from 5/6.


# %%
def my_learning_rate(iteration, iterations, lr, warm_up):
    """Return the rate at an iteration."""
    ...


check.learning_rate(my_learning_rate)
check.answer("learning_rate")

# %% [markdown]
# ### Stretch: a batch in parts
#
# Your memory holds 8 pictures, the recipe says 32. So the batch goes through in parts, and someone gives you the gradient
# (P, W) of each part, *divided by the positives of that part* (P,). Return the gradient of the whole batch (W,).


# %%
def my_joined_gradient(gradients, positives):
    """Return the gradient (W,) that the whole batch would have given."""
    ...


check.joined_gradient(my_joined_gradient)
check.answer("joined_gradient")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | SGD, momentum 0.9, decay 0.0005, rate 0.001, batches of 32; 40,000 iterations, then two times 10,000 at a tenth each |
# | **Caffe** | biases at twice the rate and without decay; 120,000 iterations for VOC07+12; no warm-up |
# | **others** | amdegroot, torchvision, lufficc: everything decays, at one rate; sgrvinod: twice the rate for biases, but with decay |
# | **numpyssd** | as Caffe, with a warm-up; the rate is inside the velocity, as in Caffe (PyTorch multiplies by it afterwards) |
#
# More of it: [12. What decays](paper_caffe_others.md#12-what-decays),
# [22. The size of a crop](paper_caffe_others.md#22-the-size-of-a-crop),
# [24. The schedule](paper_caffe_others.md#24-the-schedule).
#
# ## Questions readers ask
#
# **The loss is small and nothing is detected. Why?** "All is background" is a good answer for nearly all default boxes, and
# the first one that a network finds. Go on. If it stays, look whether the objects have positives at all (lesson 08).
#
# **Is learning by heart not overfitting?** It is, and here it is the point: a test of the machine, not of its knowledge.
# Whether a network can do more than recite, only pictures that it has never seen will tell (lesson 13).
#
# **How do I find a good rate?** Multiply by 3 until the loss grows in the first hundred steps, then go back by a factor of
# 3 to 10. Twice the batch allows about twice the rate.
#
# **Why twice the rate for biases?** It is a habit of Caffe's from its first networks. It may well be that it matters
# little; we keep it, so that numbers can be compared.
#
# **What is the difference between an iteration and an epoch?** An iteration is one step, on one batch. An epoch is as many
# as it takes to have shown every picture once.
#
# **Why do two runs with the same seed agree to the bit?** Batches depend on the seed and their number alone, and on one
# machine each sum is added up in the same order.
#
# ## Recap
#
# 1. A step is forward, loss, backward, and v = m v + r (g + d w), w = w - v; biases at twice the rate, without decay.
# 2. Before you train: predict the first loss, learn one picture by heart, resume to the bit.
# 3. The rate warms up and falls; too high, and the loss grows to infinity within a few steps.
