# %% [markdown]
# # 13 · Training
#
# **Goal.** Combine forward, loss, backward and the optimizer into one step, and repeat it until a small network knows
# one image by heart.
#
# You need: gradient descent and batch normalization ([lesson 02](02_what_a_network_is.ipynb)); matching, the loss and
# hard negatives (lessons 09 to 11). Time: 60 minutes, half of them for the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpyssd.boxes import iou
from numpyssd.config import TINY
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset
from numpyssd.drawing import draw_boxes, draw_image, new_figure
from lessons.course import check
from lessons.course.widgets import training as training_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here
from numpyssd.model.ssd import SSD

# %% tags=["setup"]
from numpyssd.images.preprocess import normalize
from numpyssd.inference.detect import detect
from numpyssd.model.default_boxes import default_boxes
from numpyssd.run.gradient_report import report_gradients
from numpyssd.ssd import SSDDetector
from numpyssd.training.batches import Batch
from numpyssd.training.loop import train_step
from numpyssd.training.matching import targets
from numpyssd.training.optimizer import SGD

you_are_here("training")

# %% [markdown]
# All parts are there: a network that predicts offsets and logits, targets for both, a loss with its gradient.
# **Training** is a loop around them, the gradient descent of lesson 02: show an image, compute the loss, move every
# weight a little downhill, and repeat.
#
# Before a network learns three thousand images, it should learn *one by heart*: it should overfit it. If it can't do
# that, something is broken, and you know it after seconds and not after a night.
#
# ## The figure
#
# Here is what we need: one image of 64 x 64 pixels with three objects, its targets, and `TINY` at half its width.


# %%
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
# ### What makes the first steps steady
#
# Three things. The first is known, the other two are new here:
#
# - **Batch normalization** (lesson 02) follows each convolution of the tiny network. In training it uses the mean and
#   the deviation of the batch, in inference the running averages. `model.training` switches between the two.
# - The **first weights** of the predictors are a tenth of what xavier (lesson 02) draws: `predictor_init_scale`. So the
#   first logits are nearly equal.
# - The scale of the **L2 normalization** (lesson 07) begins at 8, not at 20: `norm_scale`. The first map's numbers are
#   smaller, and so are the first steps.
#
# Now 61 steps. `train_step` is the library's; we explain its parts below. At some iterations we run the detector, and
# record how far each layer moves.


# %%
def look(model):
    """Return boxes in pixels, names and scores of what the network detects."""
    model.training = False  # batch normalization: the running averages
    boxes, labels, scores = next(detect(model, [image], score_threshold=0.3))
    model.training = True
    return boxes, [CLASS_NAMES[label - 1] for label in labels], scores


# %% tags=["varies"]
moments = (0, 5, 8, 10, 15, 20, 30, 60)
film, log = [], {"iteration": [], "loss": [], "loc": [], "conf": []}
optimizer, folder = SGD(model.parameters(), 0.01), tempfile.TemporaryDirectory()
for iteration in range(61):
    if iteration in moments:
        film.append(look(model))
    losses, norm = train_step(detector, optimizer, batch)
    values = iteration, losses.total, losses.loc, losses.conf
    for name, value in zip(log, values):
        log[name].append(value)
    if iteration in (0, 1, 2, 5, 10, 20, 40, 60):
        report_gradients(Path(folder.name), iteration, optimizer)
    if iteration in moments:
        print(f"iteration {iteration:2}: loss {losses.total:6.3f}, norm {norm:6.2f}")
log = {name: np.array(values) for name, values in log.items()}

# %% tags=["varies"]
figure, axes = new_figure(2, 4, size=(9.5, 5.2))
for ax, moment, (boxes, _, _) in zip(axes, moments, film):
    draw_image(ax, image)
    draw_boxes(ax, objects, "ground truth", linewidth=1.2)
    draw_boxes(ax, boxes[:12], "prediction", linewidth=1.2)
    ax.set_title(f"{moment} iterations: {len(boxes)} boxes", fontsize=9)
show(figure, "Boxes everywhere at first; after 60 iterations one on each object.")
assert len(film[0][0]) > 20  # an untrained network detects objects everywhere
assert sorted(film[-1][1]) == sorted(CLASS_NAMES[label - 1] for label in labels)
assert (iou(objects, film[-1][0]).max(axis=1) > 0.8).all()

# %% [markdown]
# Orange is what the network detects with a score of 0.3 or more (at most 12 of them are drawn), green is the truth. At
# first it detects objects everywhere. Then most boxes turn into background, the boxes on the objects stay, and at last
# they fit. Move the slider through the iterations:

# %% tags=["varies"]
widget = training_widgets.film_of_training(image, objects, film, moments, log["loss"])
figure, ax = new_figure(size=(4.2, 4.2))
draw_image(ax, image)
draw_boxes(ax, objects, "ground truth")
draw_boxes(ax, film[-1][0], "prediction", film[-1][1])
show_widget(widget, figure, "After 60 iterations each object has one box on it.")

# %% [markdown]
# And the loss, with its two parts. Thin lines are the loss of each iteration, thick lines are smoothed: a running mean.
# It falls by a factor of hundreds; `conf` (what is it?) is by far the larger part in the end. This is typical of learning
# by heart: no other image conflicts with this one.

# %% tags=["varies"]
from numpyssd.reports.curves import draw_loss

figure, ax = new_figure(size=(7, 3.2))
draw_loss(ax, log)
show(figure, "The loss and its parts fall together.")
assert log["loss"][-1] < log["loss"][0] / 100

# %% [markdown]
# ## By hand
#
# What moves a weight? SGD with momentum keeps a *velocity* for each, as in lesson 02. In each step the velocity is
# multiplied by m (the momentum, usually 0.9), and the gradient g times the learning rate r is added. *Weight decay* d
# pulls each weight w towards 0: it adds d times the weight to the gradient.
#
# $$v \leftarrow m v + r (g + d w)$$
#
# $$w \leftarrow w - v$$
#
# Take w = 8, gradient 2, velocity 4, and easy numbers: rate 1/4, momentum 1/2, decay 1/2. Then v = 2 + 1/4 (2 + 4) =
# 3.5, and w = 8 - 3.5 = 4.5. A **bias** has twice the rate and no decay: v = 2 + 1/2 (2) = 3, and its 8 becomes 5.


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
# Where the gradient keeps its direction, the steps grow; where it changes its sign, they cancel (lesson 02). With a
# constant gradient of 1 and the usual 0.9, the velocity grows to ten times the rate:
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
# The whole step; only the network itself is hidden, until you write it in [lesson 16](16_your_own_ssd.ipynb). Parameters
# whose names end in `.bias` have twice the rate and no decay. The scale of a batch normalization (`_bn.`) has no decay
# either.


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
        step = rate * (parameter.grad + decay * parameter.value)
        velocities[name] = 0.9 * velocities.get(name, 0) + step
        parameter.value[...] -= velocities[name]
    return loss


# %% [markdown]
# ## The check
#
# Three steps by hand and three by the library, from the same first weights. Everything is float32, which keeps 7
# digits. After a hundred thousand additions we expect differences around 1e-6 of the largest weight, and accept nothing
# above 1e-4.

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
# classes the same logit, so the loss of each default box is ln C. For each positive there are three negatives (lesson
# 11). With all logits 0:
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
# If your own first loss is 48 where you expected 7, check the first weights before anything else.
#
# The third check: a run that is interrupted and resumed must end with the *same bits* as one that is not. Two steps,
# save, load into a new network, two more steps, against four in a row:

# %%
from numpyssd.run.checkpoint import load_checkpoint, save_checkpoint
from numpyssd.run.state import State

# %%
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
# The batches need not be saved: the content of batch number t depends on the seed and t alone.
#
# ## The library's code
#
# The step of the optimizer, and the schedule of its learning rate.

# %%
from numpyssd.training.optimizer import multistep

show_source(SGD.step, multistep)

# %% [markdown]
# ### The schedule
#
# A rate that is right at the beginning is too high at the end: the weights jump around the minimum and never reach it.
# The released schedule divides the rate by ten after two thirds of the run, and again after five sixths. A cosine does
# the same smoothly. In numpyssd both begin with a *warm-up*, because the first gradients of random weights are large
# and noisy. Caffe has none.

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
# One image can be learned by heart, and so can three thousand, so in a real run the network never sees the same image
# twice: each time, its colors change, it is zoomed out, cropped and flipped, and its boxes with it. [Lesson
# 12](12_augmentation.ipynb) is about that; here it is left out, because learning by heart is what we want.
#
# ### How fast does each layer learn?
#
# The norm of all gradients together is the first number to look at when something is wrong; the loop above printed it.
# For each layer, `--report-gradients` writes the norm of its step divided by the norm of its weights. About a
# thousandth is normal.

# %% tags=["varies"]
from numpyssd.reports.gradient_figure import draw_gradients
from numpyssd.run.gradient_report import read_report

report = read_report(Path(folder.name) / "gradients.csv")
figure, axes = new_figure(1, 2, size=(12, 6))
draw_gradients(axes, *report)
show(figure, "Norms of gradients, and steps by weights, for each layer.")
folder.cleanup()

# %% [markdown]
# Each row is a layer, each column an iteration. Left: the gradients are large in the beginning (yellow) and a hundred
# times smaller at the end (blue), when there is little left to learn. White is a layer without a gradient: `loc.1` and
# `loc.4` always, because no object of this image is matched on their maps. `conf.1` and `conf.4` have one as soon as a
# negative of their maps is mined, and `conv10`, which feeds the last map alone, with `conf.4`. On the right the white
# parts are blue, because only the weight decay moves them. With a whole data set, such a layer would be a warning sign.
# The red at the left means that the
# steps are too large: the rate is 0.01 without warm-up. They are largest for the predictors, because their first
# weights are so small.
#
# ## Break it
#
# Two bugs, both common. First, the rate is too high. We remove batch normalization, which makes training more stable,
# and train with ten times the rate. Before you run it: after how many steps will it break, and where will you see it
# first?

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
# The loss does not become NaN at once. It *grows* first, within a few steps and by many powers of ten, until it is too
# large for float32. Many programs continue for hours and print "loss: nan". numpyssd stops at the first non-finite
# value, names the layer, and saves nothing more. The remedy is a lower rate, or a warm-up.
#
# The second one gives no error. It is issue 163 of `qfgaohao/pytorch-ssd`: the *checkpoint*, the file from which a training
# is resumed, holds the weights and nothing else. After resuming, the momentum is lost, and so is the iteration that the
# schedule needs. What changes?

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
# Nothing crashes. But it is a different run, and its rate is high again when it should be low. A curve would not show
# this; that is why we compare bits.
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
# ### Core: the schedule
#
# A linear warm-up `(iteration + 1) / (warm_up + 1)`, then a tenth from 2/3 of the run on, and again from 5/6. (How these
# two are rounded does not matter: in all cases they are whole numbers.)


# %%
def my_learning_rate(iteration, iterations, lr, warm_up):
    """Return the rate at an iteration."""
    ...


check.learning_rate(my_learning_rate)
check.answer("learning_rate")

# %% [markdown]
# ### Stretch: gradient accumulation
#
# Your memory holds 8 images, the recipe says 32. So the batch is cut into micro-batches. You get the gradients (P, W)
# of the micro-batches, each *divided by the positives of that micro-batch* (P,). Return the gradient of the whole batch
# (W,).


# %%
def my_accumulated_gradient(gradients, positives):
    """Return the gradient (W,) that the whole batch would have given."""
    ...


check.accumulated_gradient(my_accumulated_gradient)
check.answer("accumulated_gradient")

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
# [24. The schedule](paper_caffe_others.md#24-the-schedule).
#
# ## Questions readers ask
#
# **The loss is small and nothing is detected. Why?** "Background" is right for nearly all default boxes, and a network
# learns it first. Continue the training. If nothing changes, check whether the objects have positives at all (lesson
# 09).
#
# **Is learning by heart not overfitting?** It is (lesson 02), and here it is intended: it tests the program, not the
# detector. Only images that the network has never seen show whether it generalizes (lesson 15).
#
# **How do I find a good rate?** Multiply by 3 until the loss grows in the first hundred steps, then go back by a factor
# of 3 to 10. Twice the batch allows about twice the rate.
#
# **Why twice the rate for biases?** Caffe has done so since its first networks. It may matter little; we keep it, so
# that numbers can be compared.
#
# **What is the difference between an iteration and an epoch?** An iteration is one step, on one batch. An epoch is the
# number of iterations that show every image once.
#
# **Why do two runs with the same seed agree to the bit?** Batches depend on the seed and their number alone. On one
# machine, each sum is added up in the same order.
#
# ## Recap
#
# 1. A step is forward, loss, backward, and v = m v + r (g + d w), w = w - v; biases at twice the rate, without decay.
# 2. Before you train: predict the first loss, learn one image by heart, and resume with the same bits.
# 3. The rate warms up and then falls; if it is too high, the loss grows to infinity within a few steps.
