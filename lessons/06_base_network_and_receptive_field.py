# %% [markdown]
# # 06 · Base network and receptive field
#
# **Goal.** Say of any layer of SSD300 how large its map is, how many weights it has, and how large its receptive field
# is.
#
# You need: [convolution](03_convolution.ipynb), [gradients](04_backprop_through_convolution.ipynb) and
# [pooling](05_pooling.ipynb). Time: 50 minutes, 20 of them for the exercises.

# %% tags=["setup"]
from pathlib import Path

import here  # finds numpyssd, one folder up
import numpy as np

from numpyssd.config import SSD300, TINY
from numpyssd.datasets.shapes import example
from numpyssd.drawing import new_figure
from numpyssd.kernels import using
from numpyssd.kernels.reference.conv2d import conv2d_forward
from lessons.course import check
from lessons.course.widgets import receptive_field as field_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here
from numpyssd.model.base_network import base_network, draw_receptive_fields
from numpyssd.model.summary import summary

you_are_here("base network", "feature maps")

# %% [markdown]
# A detector needs features: numbers that say "an edge", "a wheel", "fur". The layers that make them are the **base
# network**. SSD uses an existing one: **VGG-16**, a network trained to classify images. SSD removes its end. It also takes
# over its weights, which had learned from over a million images of **ImageNet**. This is called **pretraining** ([lesson
# 19](19_transfer.ipynb)).
#
# VGG-16 is plain: five blocks of convolutions of 3 x 3 (lesson 03), each followed by a ReLU, without which they would
# be one (lesson 02), and a pooling (lesson 05) between the blocks. `conv4_3` is the third convolution of the fourth
# block. The thirteen convolutions end in conv5_3. Three *fully connected* layers followed, fc6 to fc8: layers as in
# lesson 02. That is 16 layers together.
#
# ## The figure
#
# What does a base network compute from an image? Here is the small one of `tiny`, already trained. Each tile is one
# channel of a map behind its ReLU. Black is 0; all tiles of a map have one gray scale.

# %%
from numpyssd.datasets.loading import load_dataset
from numpyssd.images.preprocess import preprocess, resize
from lessons.course.receptive_field import draw_feature_maps, layers_of
from numpyssd.weights import load_model

DATA = Path(here.__file__).parents[1].resolve() / "data"
model = load_model("tiny")
photo = load_dataset(DATA / "samples", "test", model.class_names)[0][0]
photo = resize(photo, TINY.image_size, TINY.resize)  # 64 x 64

# %%
x, maps = preprocess(photo, TINY), []
names = [f"{n}_bn" for n in ("conv1_1", "conv2_1", "conv4_1", "conv5_1", "conv7")]
for layer in layers_of(model):
    with using("reference"):  # the readable kernels of these lessons
        x = layer.infer(x)
    if layer.name in names:  # its batch normalization and ReLU
        maps.append((layer.name.removesuffix("_bn"), x[0]))
figure, axes = new_figure(2, 3, size=(7.4, 5.4))
draw_feature_maps(axes, photo, maps)
show(figure, "An image, and nine channels of each of five layers, ever coarser.")

# %% [markdown]
# The first layers still look like the image: edges, and plain areas. Later tiles are coarse; where one is bright, its
# channel has found *something*. "9 of 16 x 16 x 64" means nine of the map's 64 channels, 16 x 16 numbers each.
#
# From here on, a **unit** is one place of a map, with all its channels. (A hidden unit of lesson 02 was a single number;
# there were no places.) The part of the image that belongs to a unit is a *cell*. Which pixels can it depend on? A 3 x 3
# convolution reads 3 x 3 units of the map below, and each of those reads 3 x 3 units below it. The square of pixels at
# the bottom is the unit's **receptive field**.
#
# Step through the layers of SSD300. The large square is the receptive field of the unit in the middle. The small gray one
# is as large as the distance to the next unit. When the field leaves the image, the drawing shrinks. Where do the large
# squares grow fastest, and when do they leave the image?

# %%
image = example(size=300)[0]
field = {row.layer: row.receptive_field for row in summary(SSD300)}
figure, ax = new_figure(size=(3.4, 3.4))
draw_receptive_fields(ax, image, [("conv4_3", 8, field["conv4_3"], 18, 18)], "")
widget = field_widgets.fields_of_layers(SSD300, image)
show_widget(widget, figure, "The receptive field of conv4_3: 92 x 92 pixels.")

# %% [markdown]
# The largest step is at conv6, from 228 to 420 pixels: a kernel of 3 x 3 whose weights lie 6 units, or 96 pixels,
# apart. From conv8_2 on the blue square is no longer in the middle of the image. The last map has only *one* unit, and
# the small square is 64 pixels, not 300: if it had a neighbor, it would stand 64 pixels beside it. SSD gives this unit
# the whole image all the same (lesson 08). The questions below explain both.
#
# Now unit by unit, in the tiny network. Near the edges a part of the window is padding, and the receptive field holds
# fewer pixels.

# %%
figure, ax = new_figure(size=(3.4, 3.4))
draw_receptive_fields(ax, photo, [("conv4_1", 4, 26, 8, 6)], "")
widget = field_widgets.fields_of_units(TINY, "conv4_1", photo, first=134)
show_widget(
    widget, figure, "The receptive field of conv4_1: 26 x 26 of 64 x 64 pixels."
)

# %% [markdown]
# ## By hand
#
# ### The size of the receptive field
#
# Two numbers are enough. The **field** is the size of the receptive field along a side, in pixels. The **step** is the
# distance from one unit to the next, in pixels. For a pixel itself both are 1. A layer with kernel k, stride s and
# dilation d adds k - 1 units of the map below, which lie d steps apart. Then its stride moves its own units apart.
#
# $$\mathrm{field}' = \mathrm{field} + (k - 1) \cdot d \cdot \mathrm{step}$$
#
# $$\mathrm{step}' = \mathrm{step} \cdot s$$

# %%
size, step = 1, 1
layers = [("conv1_1", 3, 1, 1), ("conv1_2", 3, 1, 1), ("pool1", 2, 2, 1)]
layers += [("conv2_1", 3, 1, 1), ("conv2_2", 3, 1, 1), ("pool2", 2, 2, 1)]
for name, k, s, d in layers:
    size, step = size + (k - 1) * d * step, step * s
    assert size == field[name]
    print(f"{name:7} kernel {k}, stride {s}: field {size:2} px, units {step} px apart")

# %% [markdown]
# A kernel of 3 added 2 pixels in conv1_1, but 4 in conv2_1: after a pooling, everything counts double.
#
# ### The model summary
#
# The library prints this table for any network (`python -m numpyssd.model.ssd`, with more columns). For each layer: the
# size of its map along a side, its channels, its parameters (weights and biases; a pooling has none), and its receptive
# field. A star marks the six maps that SSD predicts from (lesson 07).

# %%
from lessons.course.receptive_field import windows

rows = {row.layer: row for row in summary(SSD300)}
for name in windows(SSD300):
    row = rows[name]
    star = "*" if row.default_boxes else ""
    numbers = f"{row.size:3} {row.channels:5} {row.parameters:10,}"
    print(f"{name:8} {numbers} {row.receptive_field:4} {star}".rstrip())
predicting = [row.size for row in summary(SSD300) if row.default_boxes]
assert predicting == [38, 19, 10, 5, 3, 1]

# %% [markdown]
# Follow the sizes down the first column of numbers: 300, 150, 75; then pool3 rounds 37.5 **up** to 38 (lesson 05), and
# pool4 gives 19. After conv7 come SSD's **extra layers**. Each pair has a 1 x 1 convolution that reduces the channels,
# and a 3 x 3 that makes the map smaller: by stride 2 from 19 to 10 and to 5, then without padding to 3 and to 1.
#
# The parameters of a convolution are
#
# $$k \cdot k \cdot C_{in} \cdot C_{out} + C_{out}$$
#
# More than half of the *work* is done early, on maps of 75 and more. Nearly all *weights* come late, where there are
# many channels.

# %%
assert 3 * 3 * 3 * 64 + 64 == rows["conv1_1"].parameters == 1792
assert 3 * 3 * 512 * 512 + 512 == rows["conv4_3"].parameters == 2359808
early = [row for row in rows.values() if row.size >= 75]
for column in ("multiply_adds", "parameters"):
    fraction = sum(getattr(row, column) for row in early)
    fraction /= sum(getattr(row, column) for row in rows.values())
    print(f"{column}: {fraction:.0%} of them on maps of 75 and more")
assert fraction < 0.1
for name in ("conv1_2", "conv4_3", "conv6"):
    work = rows[name].multiply_adds / 1e9
    print(f"{name}: {rows[name].parameters:9,} parameters, {work:.1f} billion products")

# %% [markdown]
# ### A fully connected layer is a convolution
#
# A fully connected layer gives every output a weight for *every* number of its input. VGG's fc6 does so for a map of 7
# x 7 units with 512 channels. Multiply each number by its weight and add up: that is a kernel as large as the map,
# which has just one place. With whole numbers, on a map of 3 x 3 with 2 channels:

# %%
rng = np.random.default_rng(5)
small = rng.integers(-3, 4, (3, 3, 2)).astype(float)
connected = rng.integers(-2, 3, (18, 4)).astype(float)  # 18 inputs, 4 outputs
kernel = connected.reshape(3, 3, 2, 4)
as_layer = small.ravel() @ connected
as_convolution = conv2d_forward(small[None], kernel, np.zeros(4))[0, 0, 0]
assert (as_layer == as_convolution).all()
print("as a layer:      ", as_layer)
print("as a convolution:", as_convolution)
large = rng.integers(-3, 4, (5, 6, 2)).astype(float)
print("on a map of 5 x 6:", conv2d_forward(large[None], kernel, np.zeros(4)).shape)

# %% [markdown]
# The weights are the same, only reshaped. But the convolution can also slide over a *larger* map: the last line has 3 x
# 4 places, with four outputs each. This makes a detector from a classifier: it says at every place what VGG said of the
# whole image.
#
# ### Fewer weights, with holes: à trous
#
# fc6 as a convolution has 7 x 7 x 512 x 4096 weights, 103 million. SSD subsamples it: of seven rows and columns it
# keeps every third (0, 3, 6), and of 4096 kernels every fourth. A 3 x 3 kernel is left. Its weights have to stay in
# their places: dilation 3. A 7 x 7 kernel with zeros in all other places gives the same:

# %%
full = np.zeros((7, 7, 2, 4))
full[::3, ::3] = kernel
padded = rng.integers(-3, 4, (1, 13, 13, 2)).astype(float)
with_zeros = conv2d_forward(padded, full, np.zeros(4))
with_holes = conv2d_forward(padded, full[::3, ::3], np.zeros(4), 1, 0, 3)
assert (with_zeros == with_holes).all()
before, after = 7 * 7 * 512 * 4096 + 4096, 3 * 3 * 512 * 1024 + 1024
assert after == rows["conv6"].parameters
print(f"fc6 {before:,} parameters, conv6 {after:,}: {before / after:.0f} times fewer")

# %% [markdown]
# Then why does conv6 have dilation **6**? Because SSD also changed pool5, from stride 2 to stride 1, so that the map
# stays 19 x 19. Units now lie twice as dense. To read the same pixels, the weights must lie twice as many units apart:
# 2 · 3 = 6. The places in between are holes (*à trous* is French for "with holes"). Every second output is the old one:

# %%
dense = rng.integers(-3, 4, (1, 25, 25, 2)).astype(float)
every_second = dense[:, ::2, ::2]  # what a stride of 2 would have left
old = conv2d_forward(every_second, kernel, np.zeros(4), 1, 0, 3)
new = conv2d_forward(dense, kernel, np.zeros(4), 1, 0, 6)
assert (new[:, ::2, ::2] == old).all()
assert (7 - 1) * 2 == (3 - 1) * 6 == 12  # the span of the kernel, in units
print("old outputs", old.shape[1:3], "are every second of the new", new.shape[1:3])

# %% [markdown]
# fc7 had no window, only one unit with 4096 channels: it becomes a 1 x 1 convolution, subsampled to 1024. fc8, which
# gave the 1000 classes of ImageNet, is gone. In numpyssd and in the paper's text fc6 and fc7 are called conv6 and
# conv7.
#
# ## Loops you can read
#
# Which pixels, exactly, are in a unit's receptive field? Go back through the layers. A window of unit i begins at i ·
# stride - padding, and its last position lies (k - 1) · dilation further. We only have to store that interval of units.


# %%
def receptive_field_by_loops(layers, unit):
    """Return the first and the last pixel of a unit's receptive field."""
    first = last = unit
    for layer in layers[::-1]:
        k = layer.kernel if hasattr(layer, "kernel") else layer.size
        dilation = getattr(layer, "dilation", 1)  # a pooling has none
        first = first * layer.stride - layer.padding
        last = last * layer.stride - layer.padding + (k - 1) * dilation
    return first, last


# %% [markdown]
# ## The check
#
# First against the library's arithmetic, for all 28 layers of SSD300. Whole numbers: we expect no difference at all.

# %%
from dataclasses import replace

from numpyssd.model.ssd import SSD

small_net = SSD(replace(SSD300, width=0.05))  # the same layers, with few channels
layers, known = layers_of(small_net), windows(small_net.config)
differences = 0
for n, layer in enumerate(layers, start=1):
    w = known[layer.name]
    first, last = receptive_field_by_loops(layers[:n], unit=w.size // 2)
    x1, y1, x2, y2 = w.box(w.size // 2, w.size // 2)  # x2 is the pixel after the last
    differences += abs(first - x1) + abs(last + 1 - x2)
assert differences == 0
assert len(layers) == 28
print("differences over", len(layers), "layers:", differences, "(expected: 0)")

# %% [markdown]
# Both could be wrong together. So we *measure* with a **one-hot gradient**: set it to 1 in one unit of conv4_3, to 0 in
# all others, and send it back to the image (lesson 04). A pixel whose gradient is not zero can change the unit; the
# others cannot. Poolings pass the gradient only to their winners, so we take three images of noise and ask which pixels
# got any. The network is new, with random weights.

# %%
from lessons.course.receptive_field import draw_effective_field, one_hot_gradient

noise = np.random.default_rng(1).normal(size=(3, 300, 300, 3)).astype(np.float32)
with using("reference"):
    gradient = one_hot_gradient(small_net, noise, "conv4_3", 18, 18)
strength = abs(gradient).sum(axis=(0, 3))  # (300, 300)
ys, xs = np.nonzero(strength)
measured = [int(v) for v in (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)]
box = known["conv4_3"].box(18, 18)
print("measured: ", measured, "\nexpected: ", box.tolist())
assert measured == box.tolist()
assert box[2] - box[0] == field["conv4_3"] == 92

# %% [markdown]
# Those are left, top, right and bottom. Now the same on a real image, with the *strength* of the gradient. Orange is
# the calculated square. Dark blue pixels have a strong gradient.

# %%
figure, axes = new_figure(1, 2, size=(7.4, 3.9))
gray = np.full((300, 300, 3), 255, np.uint8)
draw_effective_field(axes[0], gray, strength, box, "three images of noise, summed")
with using("reference"):
    pixels = preprocess(image, small_net.config)
    one = one_hot_gradient(small_net, pixels, "conv4_3", 18, 18)
draw_effective_field(axes[1], image, abs(one[0]).sum(axis=2), box, "one image")
show(
    figure, "The gradient fills the square, strong in the middle and weak at its edges."
)
middle = strength[box[1] + 23 : box[3] - 23, box[0] + 23 : box[2] - 23]
fraction = middle.sum() / strength.sum()
print(f"the middle quarter of the square has {fraction:.0%} of the gradient")
assert fraction > 0.5

# %% [markdown]
# The square is the **theoretical** receptive field: all pixels that *can* change the unit. The **effective** one, the
# pixels that really matter, is smaller: a quarter of the area has two thirds of the gradient. The reason is the number
# of paths. From a pixel in the middle, many paths lead up to the unit; from a corner there is one.
#
# ## The library's code
#
# The base network is a list of layers, and the arithmetic one pass over it. Besides field and step it keeps `first`,
# the first pixel of unit 0's field. Padding moves it to the left, one step for each unit of padding.

# %%
show_source(base_network, windows)

# %% [markdown]
# New against the loops: it goes forwards, once, and gives the fields of all units at the same time, because a
# neighbor's field is the same square moved by `step`. (`rng` draws the first weights, `config` has all the sizes, and
# `need_dx = False` saves the gradient of the image, which only this lesson needs.)
#
# ## Break it
#
# Weights belong to one way of preparing images. VGG's were trained on pixels from 0 to 255, less a mean for each color.
# Other programs train on pixels from 0 to 1. Both are arrays of the same shape. What does a trained network find, if it
# gets images in another way? We try three of them on the six images of our samples, with their 12 objects.

# %%
from numpyssd.boxes import iou
from numpyssd.inference.postprocess import postprocess
from numpyssd.model.default_boxes import default_boxes

samples = load_dataset(DATA / "samples", "test", model.class_names)


def found(prepare):
    """Return how many objects of the samples are found, and how many boxes shown."""
    objects = shown = 0
    for image, truth, labels, _ in (samples[n] for n in range(len(samples))):
        loc, conf = model.infer(prepare(image))
        said = postprocess(loc[0], conf[0], default_boxes(TINY), score_threshold=0.5)
        overlaps = iou(truth / image.shape[0], said[0])  # (objects, boxes)
        right = (overlaps >= 0.5) & (labels[:, None] == said[1])
        objects, shown = objects + right.any(axis=1).sum(), shown + len(said[0])
    return int(objects), shown


# %%
mean = np.array(TINY.mean, np.float32)  # of red, green and blue
ways = {
    "as in training": lambda image: preprocess(image, TINY),
    "blue, green, red": lambda image: preprocess(image[:, :, ::-1], TINY),
    "mean not subtracted": lambda image: preprocess(image, TINY) + mean,
    "from 0 to 1": lambda image: (preprocess(image, TINY) + mean) / 255,
}
for name, prepare in ways.items():
    with using("reference"):
        objects, shown = found(prepare)
    print(f"{name:19} {objects:2} of 12 objects found, {shown:2} boxes shown")
assert found(ways["as in training"]) == (12, 12)
assert found(ways["from 0 to 1"])[0] == 0

# %% [markdown]
# Nothing gives an error. From 0 to 1 the network sees an image that is all but gray, and finds nothing; without the
# mean, a part is left. The order of colors does no harm *here*, because our painted shapes have any color. In
# photographs it does: Caffe reads blue, green, red, and most others red, green, blue. A model that was converted from
# Caffe had a mAP of 72.5 with the wrong order and 77.2 with the right one (amdegroot, issue 31). And a VGG of PyTorch,
# which wants 0 to 1, gave 63 instead of 68 in a program made for Caffe's (`jwyang/faster-rcnn.pytorch`, issue 2).
# Training *from* such weights hides the bug: the network adapts, and ends a little worse than it could.
#
# (Another famous bug of this network, rounding down in pool3, gives maps of 37 instead of 38: see
# [lesson 08](08_default_boxes.ipynb).)
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("subsample")` helps twice, and then gives the answer.
#
# ### Warm-up: how large is the field?
#
# Layers as (kernel, stride, dilation), the first one first.


# %%
def my_receptive_field(layers):
    """Return the receptive field of the last layer, in pixels along one side."""
    ...


check.receptive_field(my_receptive_field)
check.answer("receptive_field")

# %% [markdown]
# ### Core: from fc6 to conv6
#
# Every `step`-th row and column, and every `keep`-th kernel.


# %%
def my_subsample(weight, step, keep):
    """Return the weights that stay of weight (k, k, C_in, C_out)."""
    ...


check.subsample(my_subsample)
check.answer("subsample")

# %% [markdown]
# ### Stretch: which pixels?
#
# Layers as (kernel, stride, padding, dilation). The image has `size` pixels along the side: leave out pixels beyond its
# edges.


# %%
def my_seen_pixels(layers, unit, size):
    """Return the first and the last pixel of a unit's receptive field."""
    ...


check.seen_pixels(my_seen_pixels)
check.answer("seen_pixels")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | VGG-16; fc6 and fc7 made convolutions, subsampled, à trous; pool5 3 x 3 with stride 1; fc8 and dropout gone |
# | **Caffe** | every third weight of fc6 and dilation 6; poolings round up; colors in the order blue, green, red; its names are fc6, fc7, conv6_1 to conv9_2 for the paper's conv6, conv7, conv8_1 to conv11_2 |
# | **others** | amdegroot: trained on red, green, blue; NVIDIA: another base network, ResNet-50 |
# | **numpyssd** | as Caffe, with the paper's names; red, green, blue: loading exchanges the weights of Caffe's first layer |
#
# More: [13. The dilation of conv6](paper_caffe_others.md#13-the-dilation-of-conv6).
#
# ## Questions readers ask
#
# **How can a receptive field have 420 pixels in an image of 300?** It hangs over the edges. Outside is padding, zeros.
#
# **Does a unit find only objects smaller than its field?** It reads larger ones in part. That is one reason why coarse
# maps, whose fields hold the whole image, predict large objects.
#
# **Is the field centered on the unit's cell?** In the base network, yes. conv8_2 has stride 2 *with* padding: the field
# of its unit 0 has its center at pixel 8, `first + field / 2` = -218 + 226. But its default boxes stand at half of its
# step of 32 (not of 300 / 10 = 30: lesson 08), at pixel 16. The network learns this offset.
#
# **Why is the last cell 64 pixels here, and the whole image in lesson 08?** The strides up to the last map multiply to
# 64: so far apart would its units stand. But it has only one, because the last two convolutions have no padding and
# left the others out. SSD divides the image by the number of units instead: 300 / 3 = 100 pixels for conv10_2, and 300
# for conv11_2. This is a choice. The receptive field of that unit covers the whole image, so it can answer for all of
# it.
#
# **Must it be VGG-16?** No. Any network with maps of several sizes works; others have taken ResNet-50.
#
# **Why is the base network trained before?** Its features are useful for many tasks, and there are far more images with
# only a class than images with boxes.
#
# **Is a dilation of 6 not full of holes?** One unit's kernel skips five of six units. Its neighbor's kernel reads them.
#
# ## Recap
#
# 1. `field += (k - 1) * dilation * step`, then `step *= stride`; a one-hot gradient proves it, and shows that the
#    middle counts most.
# 2. VGG-16 to conv5_3, then fc6 and fc7 as convolutions, subsampled, with dilation 6: 300 becomes 38, 19, 10, 5, 3, 1.
# 3. Trained weights belong to one way of preparing images: another order of colors gives no error, only worse features.
