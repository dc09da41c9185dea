# %% [markdown]
# # 02 · What a network is, and why it learns
#
# **Goal.** Build a small network from nothing, calculate how its loss changes with each of its weights, and train it to
# say what no straight line can.
#
# You need: NumPy's arrays, and from school what a slope, a mean and a root are. Time: 90 minutes, half of them for the
# exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import numpy as np

from lessons.course import check
from lessons.course.descent import draw_descent, draw_fits, walk
from lessons.course.display import show, show_source, show_widget, you_are_here
from lessons.course.first_weights import draw_signal, signal_sizes
from lessons.course.small_network import draw_plane, points_and_circle
from lessons.course.widgets import network as network_widgets
from numpyssd.drawing import new_figure
from numpyssd.kernels.reference.batchnorm import batchnorm_forward
from numpyssd.kernels.reference.batchnorm import batchnorm_statistics
from numpyssd.kernels.reference.relu import draw_relu, relu_backward, relu_forward
from numpyssd.layers import BatchNorm
from numpyssd.layers.conv2d import xavier

you_are_here("base network", "loss", "training")

# %% [markdown]
# A **network** is a function with numbers in it that nobody has written: its **weights**. Its code is short and never
# changes. The weights make the difference between a network that finds cats and one that finds cars. SSD300 has 26
# million of them. **Training** finds them: it begins with random weights, and changes each a little, again and again,
# so that the answers get better.
#
# How does it know which way to change a weight? This lesson answers that for *one* weight, then for 33. SSD is trained
# in the same way.
#
# ## The figure
#
# A grid lies over an image; its *cells* are 8 pixels wide. One object is 1 cell wide, so 8 pixels; another is 2 cells
# wide, 16 pixels. Our network turns cells into pixels. It has one weight w, and says `w * x`. We can see that w should be
# 8. The network begins with 40, and goes five steps.

# %%
x, y = np.array([1.0, 2.0]), np.array([8.0, 16.0])  # cells, pixels


def loss(w):
    return np.mean((w * x - y) ** 2)


def slope(w):
    return np.mean(2 * (w * x - y) * x)


w, weights = 40.0, [40.0]
for _ in range(5):
    w -= 0.1 * slope(w)
    weights.append(w)
print("weights:", [float(each) for each in weights])

# %%
figure, axes = new_figure(1, 2, size=(9.4, 4.2))
draw_descent(axes[0], loss, slope, np.array(weights), "five steps downhill")
draw_fits(axes[1], x, y, weights, "what the network says, and (green) should say")
show(figure, "Steps down a valley, ever shorter; the lines turn toward the points.")

# %% [markdown]
# Left: for each weight, how wrong the network is. Lower is better. An arrow is a step of the weight; a step goes
# downhill, and where the curve is steep (the dashed lines show it), the step is long. Right: the same six weights, as
# the lines that the network says. The last one nearly meets both green points.
#
# The 0.1 is the **learning rate**. Choose another one, and go step by step. Which rate arrives in one step? Which never
# arrives?

# %%
widget = network_widgets.rates(loss, slope, 40, (0.02, 0.1, 0.2, 0.4, 0.5), 8, 56)
figure, ax = new_figure(size=(6, 3.8))
draw_descent(ax, loss, slope, walk(slope, 40, 0.1, 5), "rate 0.1")
show_widget(widget, figure, "Five steps with the rate 0.1 lead from 40 to 9.")

# %% [markdown]
# ## By hand
#
# ### The loss
#
# With w = 40 the network says 40 and 80. Right are 8 and 16, so the errors are 32 and 64. The **loss** is one number
# for how wrong it is: here the mean of the squared errors. A square is never negative, so errors of both signs count.
#
# $$L(w) = \frac{1}{N} \sum_{n} (w \, x_n - y_n)^2$$
#
# With N = 2: (32² + 64²) / 2 = (1024 + 4096) / 2 = 2560.

# %%
assert loss(40) == ((40 * 1 - 8) ** 2 + (40 * 2 - 16) ** 2) / 2 == 2560
assert loss(8) == 0
print("loss at 40:", loss(40), "| at 8:", loss(8))

# %% [markdown]
# ### The slope
#
# Raise w by 1. How does the loss change? Two steps lead from w to the square of an error, and their slopes *multiply*:
#
# * If w rises by 1, the output w x rises by x, and so does the error e.
# * If e rises by a little, its square rises by 2 e times as much.
#
# So the slope of one squared error is 2 e x, and that of the loss is their mean:
#
# $$\frac{dL}{dw} = \frac{1}{N} \sum_{n} 2 \, (w \, x_n - y_n) \, x_n$$
#
# At w = 40 that is (2 · 32 · 1 + 2 · 64 · 2) / 2 = (64 + 256) / 2 = 160. We can also *measure* it: take a step to both
# sides, and divide the difference of the losses by the distance.

# %%
assert slope(40) == (2 * 32 * 1 + 2 * 64 * 2) / 2 == 160
measured = (loss(41) - loss(39)) / 2
assert measured == slope(40)
print("slope at 40:", slope(40), "| measured:", measured)

# %% [markdown]
# A slope is positive where the loss rises with w, so w has to get *smaller* there. If there are many weights, each has
# a slope of its own. All slopes together are the **gradient**. It points uphill, and so a step subtracts it. This is
# **gradient descent**:
#
# $$w \leftarrow w - r \cdot \frac{dL}{dw}$$
#
# where r is the rate. With r = 0.1, the five steps are in whole numbers:

# %%
assert walk(slope, 40, 0.1, 5).tolist() == [40, 24, 16, 12, 10, 9]
print("step  w  slope  loss")
for step, w in enumerate([40, 24, 16, 12, 10, 9]):
    print(f"{step:4} {w:3} {slope(w):6g} {loss(w):6g}")
    assert w - 0.1 * slope(w) == 8 + (w - 8) / 2

# %% [markdown]
# Each step halves the distance to 8. The steps become shorter by themselves, because the slope does.
#
# ### The rate
#
# In our valley the slope is 5 (w - 8). So a step multiplies the distance to 8 by the same number each time:
#
# $$w' - 8 = (1 - 5 r) \, (w - 8)$$

# %%
for r in (0.02, 0.1, 0.2, 0.4, 0.5):
    after = walk(slope, 40, r, 1)[1]
    assert np.isclose(after - 8, (1 - 5 * r) * (40 - 8))
    ws = ", ".join(f"{each:.4g}" for each in walk(slope, 40, r, 4))
    print(f"rate {r:4}: distance times {1 - 5 * r:4.1f}: {ws}")

# %% [markdown]
# Too small (0.02): it works, but slowly. Right (0.1 and 0.2). Too large (0.4): it jumps over the valley and back,
# forever. Larger still (0.5): each jump ends higher than it began, and the loss *grows*. In a real network nobody knows
# the number 5, and each weight has another one. So one tries (lesson 13).
#
# Most trainings also add **momentum**: they keep a *velocity* and add each new step to a part of it, 0.9 of it in SSD, so
# that steps in one direction become longer (lesson 13).
#
# ### From a weight to a layer
#
# Our network with one weight is a straight line. A **layer** has many inputs and many outputs. Each output is a sum:
# every input times a weight of its own, plus a number for this output, its **bias**. (Without a bias every line would
# go through 0.)
#
# $$s_j = \sum_{i} x_i \, W_{ij} + b_j$$
#
# This is a vector times a matrix. For inputs 1, 2 and three outputs:

# %%
W = np.array([[1, 0, 2], [3, -1, 1]])  # (2 inputs, 3 outputs)
b = np.array([0, 5, -1])
out = np.array([1, 2]) @ W + b
assert out.tolist() == [1 * 1 + 2 * 3 + 0, 1 * 0 + 2 * -1 + 5, 1 * 2 + 2 * 1 - 1]
assert out.tolist() == [7, 3, 3]
print("outputs:", out, "| weights and biases:", W.size + b.size)

# %% [markdown]
# ### Two layers are one
#
# Put the outputs of a layer into another one. Is that more than one layer? Take away the brackets:
#
# $$(x A + a) B + b = x \, (A B) + (a B + b)$$
#
# The right side is *one* layer, with the weights A B.

# %%
A, a = np.array([[1, 1], [0, 1]]), np.array([1, 0])
B, b = np.array([[1, 0], [2, 1]]), np.array([0, 5])
point = np.array([3, 4])
both = (point @ A + a) @ B + b
assert (both == point @ (A @ B) + (a @ B + b)).all()
print("two layers:", both, "| one layer with the weights", (A @ B).tolist())

# %% [markdown]
# The same happens to kernels. A **kernel** is a short row of weights that is moved along a longer row of numbers; at
# each place, the numbers below are multiplied by the weights and added (lesson 03 does it with images). First the
# kernel 1, 2 on the row 1, 2, 0, 3, 1; then the kernel 1, -1 on the result. One kernel, 1, 1, -2, does both:


# %%
def slide(row, kernel):
    places = range(len(row) - len(kernel) + 1)
    return [sum(row[p + i] * k for i, k in enumerate(kernel)) for p in places]


row = [1, 2, 0, 3, 1]
first = slide(row, [1, 2])
assert first == [1 + 2 * 2, 2 + 2 * 0, 0 + 2 * 3, 3 + 2 * 1] == [5, 2, 6, 5]
assert slide(first, [1, -1]) == [5 - 2, 2 - 6, 6 - 5] == [3, -4, 1]
assert slide(row, [1, 1, -2]) == [3, -4, 1]
print("two kernels:", slide(first, [1, -1]), "| one:", slide(row, [1, 1, -2]))

# %% [markdown]
# A hundred such layers are no more than one. They can only draw straight lines (and planes).
#
# ### The ReLU
#
# What helps is a kink. The **ReLU** (*rectified linear unit*) makes negative numbers 0, and leaves the others as they
# are:
#
# $$\mathrm{relu}(s) = \max(s, 0)$$
#
# It stands after each layer but the last. Put it between the two kernels. On the row above nothing changes, because no
# number is negative. On the opposite row everything does:

# %%
opposite = [-each for each in row]
between = relu_forward(np.array(slide(opposite, [1, 2]))).tolist()
assert relu_forward(np.array([-3, 0, 5])).tolist() == [max(-3, 0), 0, max(5, 0)]
print("without ReLU:", slide(slide(opposite, [1, 2]), [1, -1]))
print("with ReLU:   ", slide(between, [1, -1]))
assert slide(between, [1, -1]) == [0, 0, 0]

# %% [markdown]
# A single kernel answers the opposite row with the opposite numbers, whatever its weights are. This one answers with
# zeros. So there is *no* single kernel that does the same: with a ReLU between them, two layers are more than one. This
# is what ReLUs are for. Here is one on a map of vertical edges, and its curve:

# %%
from numpyssd.datasets.shapes import example

gray = example(96)[0].mean(axis=2)
edges = gray[:, 2:] - gray[:, :-2]  # right minus left: dark to bright is positive
figure, axes = new_figure(1, 3, size=(10, 4.2))
draw_relu(axes, edges)
show(figure, "Edges of both signs; after the ReLU of one sign; the curve and its kink.")

# %% [markdown]
# ### What two ReLUs can do
#
# Two pixels a and b are dark (0) or bright (1). Is there an edge between them? Yes, if exactly *one* is bright. (This
# is called *exclusive or*, XOR.) Try a single layer, p a + q b + c. Its answers for (0, 0) and (1, 1) are c and p + q +
# c. Those for (0, 1) and (1, 0) are q + c and p + c. Both pairs have the same sum, p + q + 2 c. But we want 0 + 0 for
# the first pair, and 1 + 1 for the second. It is impossible. With two ReLUs it is easy:
#
# $$\mathrm{relu}(a + b) - 2 \, \mathrm{relu}(a + b - 1)$$

# %%
for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
    hidden = relu_forward(np.array([a + b, a + b - 1]))
    said = hidden[0] - 2 * hidden[1]
    print(f"pixels {a}, {b}: hidden {hidden}, output {said}")
    assert said == max(a + b, 0) - 2 * max(a + b - 1, 0) == (a != b)

# %% [markdown]
# The numbers between two layers, here two, are **hidden units**. We chose these weights by thinking. Training finds
# such weights without us.
#
# ## Loops you can read
#
# ### A batch
#
# The loss is a mean over examples. A data set has thousands of them, and for one step one would have to look at all.
# **Stochastic gradient descent**, SGD, takes a few at random instead, a **batch**, and goes downhill on *their* mean
# loss. This slope is only about right. But one can take hundreds of steps in the time of one, and errors in all
# directions cancel. SSD's batch has 32 images.
#
# ### The gradient of a network
#
# Our second network has two inputs, 8 hidden units with a ReLU, and one output: 16 + 8 weights and 8 + 1 biases, 33
# numbers. How does the loss change with each of them? Go backwards, from the loss to the weights, and multiply the
# slopes on the way. (This is **backpropagation**, or backprop. Lesson 04 explains it from the start.) `d` before a name
# means: the slope of the loss, for this number.


# %%
def gradient_by_loops(x, wanted, W1, b1, w2, b2):
    """Return the slopes of the mean squared error for all weights and biases."""
    dW1, db1, dw2, db2 = np.zeros_like(W1), np.zeros_like(b1), np.zeros_like(w2), 0
    for point, right in zip(x, wanted):
        hidden = [max(point @ W1[:, k] + b1[k], 0) for k in range(len(b1))]
        dout = 2 * (np.dot(hidden, w2) + b2 - right) / len(x)  # the square, the mean
        db2 += dout
        for k in range(len(b1)):
            dw2[k] += dout * hidden[k]
            if hidden[k] > 0:  # the ReLU let it pass
                db1[k] += dout * w2[k]
                dW1[:, k] += dout * w2[k] * point
    return dW1, db1, dw2, db2


# %% [markdown]
# A slope of a product is the *other* factor: a weight's slope is what it is multiplied by, and an input's slope is the
# weight. A hidden unit that the ReLU made 0 stays 0 if its weights change a little, so it gets nothing.
#
# The same without loops, for the whole batch at once. These eight lines are a complete network with its backprop:


# %%
def predict(x, W1, b1, w2, b2):
    return np.maximum(x @ W1 + b1, 0) @ w2 + b2  # (N,)


def gradient(x, wanted, W1, b1, w2, b2):
    hidden = np.maximum(x @ W1 + b1, 0)  # (N, H)
    dout = 2 * (hidden @ w2 + b2 - wanted) / len(x)  # (N,)
    dhidden = np.outer(dout, w2)  # (N, H)
    dsum = np.where(hidden > 0, dhidden, 0)  # (N, H), before the ReLU
    return x.T @ dsum, dsum.sum(axis=0), hidden.T @ dout, dout.sum()


# %% [markdown]
# ## The check
#
# First, loops against arrays, on points and weights drawn at random. The sums have 50 terms around 1 in float64: we
# expect differences around 1e-16, and accept nothing above 1e-13.


# %%
def new_weights(units, seed):
    rng = np.random.default_rng(seed)
    W1 = rng.normal(size=(2, units))  # the size: explained below
    w2 = rng.normal(0, np.sqrt(2 / units), units)
    return [W1, rng.normal(0, 0.5, units), w2, 0.0]


# %% tags=["varies"]
points, inside = points_and_circle(200, np.random.default_rng(0))
start = new_weights(8, seed=1)
slow = gradient_by_loops(points[:50], inside[:50], *start)
fast = gradient(points[:50], inside[:50], *start)
error = max(np.abs(a - b).max() for a, b in zip(slow, fast))
assert error < 1e-13
print(f"largest difference {error:.0e} (expected: below 1e-13)")

# %% [markdown]
# But both could be wrong together. So we *measure* each slope, as we did with one weight: raise the weight by h, lower
# it by h, and divide the difference of the losses by 2 h. With h = 1e-6, float64 leaves about 9 digits.


# %%
def loss_of(values):
    W1, b1, w2, b2 = values[:16].reshape(2, 8), values[16:24], values[24:32], values[32]
    return np.mean((predict(points, W1, b1, w2, b2) - inside) ** 2)


values = np.concatenate([np.ravel(part) for part in start])  # all 33
h, measured = 1e-6, []
for shift in h * np.eye(33):
    measured.append((loss_of(values + shift) - loss_of(values - shift)) / (2 * h))
mine = np.concatenate([np.ravel(g) for g in gradient(points, inside, *start)])
error = np.abs(mine - measured).max()
assert error < 1e-8
print("all 33 slopes are right to 8 digits after the point:", bool(error < 1e-8))

# %% [markdown]
# ### Does it learn?
#
# The last check. Of 200 points, the network should say 1 for those inside a circle, and 0 outside. Each step takes a
# batch of 20, and lowers 33 numbers by 0.1 times their slopes.


# %%
def train(weights, steps, rate=0.1, size=20, data=(points, inside), film=()):
    """Train the weights in place; return copies of them at the moments of film."""
    rng, frames = np.random.default_rng(3), []
    for step in range(steps + 1):
        if step in film:
            frames.append([np.copy(part) for part in weights])
        batch = rng.choice(len(data[0]), size, replace=False)
        slopes = gradient(data[0][batch], data[1][batch], *weights)
        weights[:] = [part - rate * s for part, s in zip(weights, slopes)]
    return frames


# %% tags=["varies"]
moments = (0, 10, 30, 100, 300, 800, 2000)
frames, film = train(new_weights(8, seed=1), 2000, film=moments), []
for step, parts in zip(moments, frames):
    mean = np.mean((predict(points, *parts) - inside) ** 2)
    film.append((step, lambda p, parts=parts: predict(p, *parts), *parts[:2], mean))
figure, axes = new_figure(1, 3, size=(8.6, 3.2))
for ax, (step, says, W1, b1, mean) in zip(axes, (film[0], film[3], film[-1])):
    title = f"after {step} steps: loss {mean:.3f}"
    draw_plane(ax, says, points, inside, W1, b1, title)
show(figure, "At first nonsense; at last the blue area is the circle, with corners.")

# %% [markdown]
# Blue points are inside the circle, red ones outside. The color behind them is the network's answer. A black line is
# the kink of one hidden unit: on one side of it the unit is 0. The network moves these lines, and bends its answer
# along them. Go through the training:

# %% tags=["varies"]
widget = network_widgets.film_of_a_network(film, points, inside)
figure, ax = new_figure(size=(4.2, 4.4))
_, says, W1, b1, _ = film[-1]
draw_plane(ax, says, points, inside, W1, b1)
show_widget(widget, figure, "The blue area is about the circle; black lines form it.")

# %% [markdown]
# How good is the best straight answer, p x + q y + c? NumPy can find it. It is right as often as saying "outside"
# always.

# %% tags=["varies"]
columns = np.column_stack([points, np.ones(200)])
line = np.linalg.lstsq(columns, inside, rcond=None)[0]
answers = {
    "always outside": np.zeros(200),
    "the best line": columns @ line,
    "the network": predict(points, *frames[-1]),
}
for name, said in answers.items():
    print(f"{name:15} {np.mean((said > 0.5) == inside):5.1%} right")
assert np.mean((answers["the network"] > 0.5) == inside) > 0.95

# %% [markdown]
# ### Data that it has not seen
#
# It is right on the points that it was trained with. Is it right on others? If a network has many weights and few
# examples, it can learn each example by heart, errors included, without any rule behind them. This is **overfitting**.
# One sees it only on examples that were *not* used in training: the **held-out** data. Here are 25 points, 4 of them
# with the wrong label, for a network of 100 units:

# %% tags=["varies"]
few, labels = points_and_circle(25, np.random.default_rng(8))
labels[:4] = 1 - labels[:4]  # wrong labels
unseen = points_and_circle(1000, np.random.default_rng(6))
moments, sets = (0, 30, 100, 300, 1000, 4000), ((few, labels), unseen)
frames = train(new_weights(100, 1), 4000, 0.05, 25, sets[0], moments)
for step, parts in zip(moments, frames):
    losses = [np.mean((predict(p, *parts) - t) ** 2) for p, t in sets]
    right = np.sum((predict(few, *parts) > 0.5) == labels)
    print(f"{step:4} steps: loss {losses[0]:.3f}, {right:2} of 25 right", end="; ")
    print(f"held out: loss {losses[1]:.3f}")

# %% [markdown]
# In training the loss approaches 0: the network knows all 25 labels, the wrong ones too. On the held-out points the
# loss falls first, and then it *rises*: what is learned last is the errors. Remedies are more examples, changed copies
# of examples (lesson 12), weight decay (lesson 13), or to stop in time. A detector is always evaluated on images that
# it was not trained with (lesson 15).
#
# ## The library's code
#
# The ReLU, forwards and backwards, and how the library draws the first weights of a convolution.

# %%
show_source(relu_forward, relu_backward, xavier)

# %% [markdown]
# The ReLU's backward pass asks the *output*: where it is positive, the gradient goes on. Exactly at 0 a kink has no
# slope; the library takes 0, as we did. `xavier` needs an explanation:
#
# ### Where the weights start
#
# A unit adds up n products. If n is large, so is the sum, unless the weights are small. Too large, and the numbers grow
# from layer to layer; too small, and they die. The right size depends on n, the inputs of a unit (its *fan-in*). A sum
# of n products of independent random numbers has n times the variance of one product. (The variance is the mean squared
# distance from the mean; its root is the **standard deviation**.) With weights of variance 1 / n, the sum is as large
# as the inputs. But a ReLU makes half of the sums 0, and with them goes half of the sum of squares. So He and others
# give the weights twice the variance ("Delving Deep into Rectifiers", 2015, section 2.2):
#
# $$\mathrm{deviation} = \sqrt{2 / n}$$
#
# Through ten layers of 256 units, a wrong size counts ten times:

# %%
curves = {
    "He's rule": signal_sizes(1),
    "twice as large": signal_sizes(2),
    "half as large": signal_sizes(0.5),
    "xavier, variance 1 / n": signal_sizes(np.sqrt(1 / 2)),
}
for name, sizes in curves.items():
    print(f"{name:22} size before {sizes[0]:.2f}, after ten layers {sizes[-1]:.3g}")
assert 0.5 < curves["He's rule"][-1] < 2
assert 0.5 < curves["twice as large"][-1] / 2**10 < 2
assert 0.5 < curves["half as large"][-1] * 2**10 < 2
figure, ax = new_figure(size=(7.4, 3.8))
draw_signal(ax, curves)
show(figure, "He's rule stays near 1; the others grow or die, layer by layer.")

# %% [markdown]
# Twice as large: a factor of 2 in each of ten layers, 1024 together. A gradient on its way back meets the same factors.
# Caffe's "xavier", which the SSD paper uses for its new layers, is without the 2: it loses the root of 2 in each layer,
# 32 in ten. SSD can afford it, because most of its layers start with weights that were trained before.
#
# And why at *random*? If all hidden units start with the same weights, they say the same, get the same slopes, and stay
# the same forever: 8 units are as good as one. See "Break it".
#
# ### Batch normalization
#
# (You may skip this part on first reading, and "Training mode in inference" below. SSD itself has none, the small networks
# of this project do; lesson 13 is the first that needs it.)
#
# One can also *force* each layer's numbers to a good size, in every step. **Batch normalization** (Ioffe and Szegedy,
# 2015) looks at one channel (one output of a layer) over the whole batch. It subtracts the mean and divides by the
# standard deviation. Then it multiplies by a number γ and adds a number β, both learned, so that the layer can have any
# size and place again, if that is better:
#
# $$\hat{x}_n = \frac{x_n - \mathrm{mean}}{\sqrt{\mathrm{variance} + \epsilon}}$$
#
# $$\mathrm{out}_n = \gamma \, \hat{x}_n + \beta$$
#
# (ε is tiny, and avoids a division by 0.) Four numbers: 3, 9, 11, 17. Their mean is 10, the distances from it are -7,
# -1, 1, 7. The variance is (49 + 1 + 1 + 49) / 4 = 25, the deviation 5. So they become -1.4, -0.2, 0.2, 1.4. With γ =
# 10 and β = 3 that is -11, 1, 5, 17.

# %%
four = np.array([3.0, 9, 11, 17]).reshape(4, 1, 1, 1)  # four images, one channel
mean, variance = batchnorm_statistics(four)
assert (mean, variance) == (10, (49 + 1 + 1 + 49) / 4) == (10, 25)
hat = (four - mean) / np.sqrt(variance + 1e-5)
assert np.allclose(hat.ravel(), [-1.4, -0.2, 0.2, 1.4])
gamma, beta = np.array([10.0]), np.array([3.0])
assert np.allclose((gamma * hat + beta).ravel(), [-11, 1, 5, 17])
difference = batchnorm_forward(four, mean, variance, gamma, beta) - (gamma * hat + beta)
assert abs(difference).max() < 1e-12
print("the library differs by less than 1e-12 (expected: about 1e-15)")
show_source(batchnorm_statistics, batchnorm_forward)

# %% [markdown]
# The library calls γ scale and β shift. In a feature map (lesson 03) the mean is over all images *and* all places: the
# axes 0, 1 and 2 of `(N, H, W, C)`.
#
# And a *detector*, which looks at one image? In **inference** (use, not training) there is no batch, and the answer for
# an image must not depend on other images. So training keeps **running averages** of mean and variance, and inference
# uses them. The library moves them by a tenth in each step:
#
# $$\mathrm{running} \leftarrow 0.9 \cdot \mathrm{running} + 0.1 \cdot \mathrm{batch}$$

# %%
norm = BatchNorm("norm", channels=1)  # running mean 0, variance 1; γ = 1, β = 0
norm.training = True
out = norm.forward(four.astype(np.float32))  # normalized by the batch itself
running = float(norm.running["mean"][0]), float(norm.running["variance"][0])
assert np.allclose(running, (0.9 * 0 + 0.1 * 10, 0.9 * 1 + 0.1 * 25))
print("running mean and variance after one step:", np.round(running, 3))
for _ in range(99):
    out = norm.forward(four.astype(np.float32))
alone = norm.infer(np.full((1, 1, 1, 1), 17, np.float32))
running = norm.running["mean"].item(), norm.running["variance"].item()
print("after a hundred steps:", np.round(running, 3))
print("the image with 17, alone:", alone.ravel().round(2), "(in its batch: 1.4)")
assert abs(alone - 1.4).max() < 0.01

# %% [markdown]
# The published SSDs have no batch normalization: their base network is older than it. Our small networks have it,
# because they are trained from nothing.
#
# ## Break it
#
# ### All zeros
#
# Caffe fills the weights of a layer with zeros if one does not say `weight_filler`. Its issue 2546 reports how long it
# took to find out, and issue 4756 shows a network whose convolutions have no filler, and whose output is zero. What
# does our network learn, if it starts with zeros? And if all units start with the same weights?

# %% tags=["varies"]
starts = {
    "zeros": [np.zeros((2, 8)), np.zeros(8), np.zeros(8), 0.0],
    "all equal": [np.full((2, 8), 0.5), np.full(8, 0.1), np.full(8, 0.3), 0.0],
    "random": new_weights(8, seed=1),
}
for name, weights in starts.items():
    train(weights, 1000)
    kinds = len(np.unique(np.vstack([weights[0], weights[1], weights[2]]).T, axis=0))
    right = np.mean((predict(points, *weights) > 0.5) == inside)
    print(f"{name:10} different units {kinds}, {right:5.1%} right")
assert (starts["zeros"][0] == 0).all()
assert (starts["zeros"][2] == 0).all()

# %% [markdown]
# From zeros, nothing moves but the last bias. All hidden units are 0, so w2 gets no gradient; w2 is 0, so the hidden
# units get none. Equal units stay equal. There is no error and no warning, and the loss even falls a little.
#
# ### Training mode in inference
#
# A network has a switch between training and inference. `jakc4103/DFQ`, issue 19: an SSD with batch normalization had a
# mAP (a measure in percent, more is better: lesson 15) of 60.7, where its makers published 68.6. The author found that
# the switch was missing after the weights were loaded. A forward pass had moved the running averages. Here the layer from
# above detects in training mode. The same image comes in two batches. What does the layer say of it?

# %%
image = np.full((1, 1, 1, 1), 17, np.float32)
for others in ([3, 9, 11], [117, 109, 111]):
    rest = np.array(others, np.float32).reshape(3, 1, 1, 1)
    out = norm.forward(np.concatenate([image, rest]))[0].item()
    print(f"17 among {others}: {out:.2f}; running mean {norm.running['mean'][0]:.1f}")
print(f"and in inference, now: {norm.infer(image).item():.2f} (it was 1.40)")
assert abs(norm.infer(image).item() - 1.4) > 0.5

# %% [markdown]
# Its value depends on its neighbors: high among small ones, low among large ones. And each such pass moves the running
# averages, so that even inference is wrong from then on. In numpyssd `infer` never looks at the switch, and keeps
# nothing.
#
# ### A gradient that is never reset
#
# Many programs *add* each gradient to what is there already, because a weight may be used twice. Before the next step,
# one has to set it to 0. `yastrebksv/TennisCourtDetector`, issue 7, asks why a training loop does not ("You are
# right"), and in `karpathy/llm.c`, pull request 548, the first step had its gradient twice. With one weight:

# %%
w, total, seen = 40.0, 0.0, [40.0]
for _ in range(8):
    total += slope(w)  # never reset
    w -= 0.1 * total
    seen.append(float(w))
print("not reset:", [round(each, 1) for each in seen])
print("reset:    ", walk(slope, 40, 0.1, 8).round(1).tolist())
as_momentum = walk(slope, 40, 0.1, 8, momentum=1)
assert np.allclose(seen, as_momentum)

# %% [markdown]
# It runs past 8, returns, and swings without an end: this is momentum with 1 in place of 0.9. The
# library's layers *set* their gradients (`.grad`), so there is nothing to reset.
#
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("descend")` helps twice, and then gives the answer.
#
# ### Warm-up: some steps downhill
#
# The network w x of this lesson, for a batch of any size.


# %%
def my_descend(w, x, y, rate, steps):
    """Return w after some steps for inputs x (N,) and right outputs y (N,)."""
    ...


check.descend(my_descend)
check.answer("descend")

# %% [markdown]
# ### Core: a layer
#
# With its ReLU, for a whole batch.


# %%
def my_relu_layer(x, weight, bias):
    """Return the outputs (N, O) for x (N, I), weight (I, O) and bias (O,)."""
    ...


check.relu_layer(my_relu_layer)
check.answer("relu_layer")

# %% [markdown]
# ### Core: two layers in one
#
# Two linear layers follow each other. Which single layer does the same?


# %%
def my_merge_layers(weight1, bias1, weight2, bias2):
    """Return weight and bias of the single layer."""
    ...


check.merge_layers(my_merge_layers)
check.answer("merge_layers")

# %% [markdown]
# ### Core: batch normalization
#
# In training: by the batch's own mean and variance. Add 1e-5 to the variance.


# %%
def my_batch_normalize(x, scale, shift):
    """Return x (N, C) normalized, times scale (C,), plus shift (C,)."""
    ...


check.batch_normalize(my_batch_normalize)
check.answer("batch_normalize")

# %% [markdown]
# ### Stretch: the gradients of a layer
#
# `dout` holds the slope of the loss for each output of a layer with its ReLU. Put such layers behind each other, and
# you have backprop for a network of any depth: the `dx` of one is the `dout` of the one before.


# %%
def my_layer_gradients(dout, x, weight, bias):
    """Return dx (N, I), dweight (I, O) and dbias (O,) for dout (N, O)."""
    ...


check.layer_gradients(my_layer_gradients)
check.answer("layer_gradients")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | SGD with momentum 0.9, batches of 32; new layers start with "the xavier method"; no batch normalization |
# | **Caffe** | xavier is uniform between plus and minus the root of 3 / fan-in, which has the variance 1 / n; without `weight_filler` a layer starts with zeros |
# | **others** | ssd_keras starts with He's rule; amdegroot, lufficc and torchvision count the outputs too (Glorot); qfgaohao puts batch normalization where SSD has another normalization |
# | **numpyssd** | starts as Caffe does; its small networks have batch normalization |
#
# More of it: [11. First weights](paper_caffe_others.md#11-first-weights), and
# [14. conv4_3 and its normalization](paper_caffe_others.md#14-conv4_3-and-its-normalization).
#
# ## Questions readers ask
#
# **Why does one not calculate the best weights at once?** For a line one can, as `np.linalg.lstsq` did. With a ReLU in
# between there is no such formula, and with 26 million weights there would be no time.
#
# **Can it not get stuck, in a valley that is not the deepest?** It can. In small
# networks another seed may help: with some seeds our 8 units learn a worse circle.
#
# **Why squared errors?** They are the simplest. SSD's losses are others: smooth L1 for boxes, cross-entropy for classes
# (lesson 10).
#
# **Why is it called a neural network?** A unit that adds up and answers only above a threshold reminded people of nerve
# cells. Nothing here depends on that.
#
# **Is a unit that is always 0 lost?** Yes, as long as it is 0 for every example: it gets no gradient (a "dead" ReLU). A
# rate that is too high makes them.
#
# **Does a layer always read all inputs?** Such a layer is called *fully connected*. A convolution reads a small window
# only (lesson 03).
#
# ## Recap
#
# 1. A loss says how wrong a network is; each weight's slope says how the loss changes with it; a step is
#    `w -= rate * slope`, on the mean of a batch.
# 2. Layers without a ReLU between them are one layer. With a ReLU, a hidden layer bends the answer.
# 3. Weights start at random, with a variance of 2 / n (He), or 1 / n (xavier: SSD and this project); batch normalization
#    brings each channel to mean 0 and variance 1, by the batch in training, and by running averages in inference.
