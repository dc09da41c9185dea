# %% [markdown]
# # 10 · Losses
#
# **Goal.** Compute one number for how wrong the network is, and a gradient that tells how each of its outputs should
# change.
#
# You need: the target of each default box ([lesson 09](09_matching_and_encoding.ipynb)). Time: 60 minutes, half of them for
# the exercises.

# %% tags=["setup"]
import here  # finds numpyssd, one folder up
import numpy as np

from numpyssd.drawing import new_figure
from lessons.course import check
from lessons.course.widgets import training as training_widgets
from lessons.course.display import show, show_source, show_widget, you_are_here
from numpyssd.model.box_coding import encode
from numpyssd.softmax import log_softmax
from numpyssd.training.losses import draw_cross_entropy, draw_smooth_l1
from numpyssd.training.losses import smooth_l1, softmax_cross_entropy
from numpyssd.training.multibox_loss import divisors, multibox_loss

you_are_here("loss")

# %% [markdown]
# Each default box predicts two things: four offsets, and a raw number for each class, its *logit*. We know its target.
# The *loss* is a number that is 0 if everything is right, and grows with the errors. Its **gradient** has the same shape
# as the output. For each number, it tells how the loss changes if this number grows a little. Training moves against the
# gradient.
#
# ## The figure
#
# On the left is the loss of one offset, over its error. On the right is the loss of the classes, over how much larger the
# right logit is than the other. The gradient is orange.

# %%
figure, axes = new_figure(1, 2, size=(12, 4.8))
draw_smooth_l1(axes[0])
draw_cross_entropy(axes[1])
show(figure, "Smooth L1 and cross-entropy, each with its gradient.")

# %% [markdown]
# Move the slider. The predicted box (orange) is off the object (green) by x, in the units of lesson 09: 1 is a tenth of
# the default box, which is as large as the object here. The thick line is the step, minus the gradient: it becomes small
# near the object, and stays bounded far from it.

# %%
widget = training_widgets.offset_and_loss()
figure, ax = new_figure(size=(6, 3.8))
draw_smooth_l1(ax)
show_widget(widget, figure, "Smooth L1: a parabola within 1, straight lines beyond.")

# %% [markdown]
# ## By hand
#
# ### Offsets: smooth L1
#
# x is the prediction minus the target. The loss has two pieces:
#
# $$|x| < 1: \;\; s(x) = 0.5 \, x^2$$
#
# $$|x| \geq 1: \;\; s(x) = |x| - 0.5$$
#
# | x | 0 | 0.5 | -0.5 | 1 | 3 | -3 |
# | --- | --- | --- | --- | --- | --- | --- |
# | **loss** | 0 | 0.125 | 0.125 | 0.5 | 2.5 | 2.5 |
# | **gradient** | 0 | 0.5 | -0.5 | 1 | 1 | -1 |
#
# At 1 both pieces give 0.5 *and* the gradient 1: that is what the half and the - 0.5 are for. Half the square is
# different: at x = 100 its gradient is 100, and one wrong annotation dominates the whole step. Here no gradient is larger
# than 1.

# %%
x = np.array([0, 0.5, -0.5, 1, 3, -3])
value, gradient = smooth_l1(x)
assert value.tolist() == [0, 0.125, 0.125, 0.5, 2.5, 2.5]
assert gradient.tolist() == [0, 0.5, -0.5, 1, 1, -1]
assert 0.5 * 1**2 == 1 - 0.5
print("loss    ", value)
print("gradient", gradient)

# %% [markdown]
# ### Classes: softmax and cross-entropy
#
# Logits are any numbers, positive or negative. Softmax turns them into probabilities, the scores: exp of each, divided by
# the sum. Take logits of which the exps are 1, 2 and 5. The sum is 8, the probabilities 1/8, 2/8 and 5/8.
#
# $$p_c = \frac{\exp(z_c)}{\sum_k \exp(z_k)} \qquad \mathrm{loss} = -\log p_{\mathrm{right}}$$
#
# $$\frac{\partial \, \mathrm{loss}}{\partial z_c} = p_c - [c = \mathrm{right}]$$
#
# If the third class is right, the loss is -log(5/8) = 0.47. The gradient is simple: the probabilities, minus 1 at the
# right class, so (1/8, 2/8, -3/8). Its parts sum to 0: what the right class gains, the others lose.

# %%
logits = np.log([[1.0, 2.0, 5.0]])
loss, gradient = softmax_cross_entropy(logits, np.array([2]))
assert np.isclose(loss[0], -np.log(5 / 8))
assert np.allclose(gradient, [[1 / 8, 2 / 8, 5 / 8 - 1]])
assert abs(gradient.sum()) < 1e-15
print(f"loss {loss[0]:.3f}, gradient {gradient[0].round(3)}")

# %% [markdown]
# ### All together
#
# The confidence loss counts at the positives and at the chosen negatives (lesson 11 chooses them). The location loss
# counts at the positives alone, because background has no box; $\alpha$ is its weight. Both sums are divided by N, the
# number of **positives**:
#
# $$L = \frac{1}{N} (L_{\mathrm{conf}} + \alpha \, L_{\mathrm{loc}}) \qquad \alpha = 1$$
#
# This tells us the loss of a network that knows nothing. If all logits are 0, each of 21 classes has the probability
# 1/21, and every default box costs log 21 = 3.04. For each positive, four default boxes are summed: itself and three
# negatives. Then we divide by the one positive: 4 x 3.04 = 12.2. If your first step shows 50, something is wrong *before*
# the training.

# %%
# 1 image, 100 default boxes
conf_targets = np.zeros((1, 100), int)
conf_targets[0, [3, 8]] = 7  # two positives
zeros = np.zeros((1, 100, 4))
loss, dloc, dconf, parts = multibox_loss(
    zeros, np.zeros((1, 100, 21)), zeros, conf_targets
)
assert np.isclose(loss, (2 + 6) * np.log(21) / 2 + 1 * 0)
assert (parts.positives, parts.negatives) == (2, 6)
print(f"the loss of knowing nothing: {loss:.2f}", end=" ")
print(f"(expected: 4 log 21 = {4 * np.log(21):.2f})")

# %% [markdown]
# ### In the paper's letters
#
# The paper writes the same as L(x, c, l, g), in its equations 1 to 3:
#
# | the paper | what it is | here |
# | --- | --- | --- |
# | $x_{ij}^p$ | 1 if default box i is matched to object j of class p, else 0 (lesson 09) | `conf_targets`: p, or 0 for background |
# | c | the logits; with a hat, after softmax | `conf` |
# | l | the predicted offsets | `loc` |
# | g | the objects; with a hat, as offsets from default box i | `loc_targets` |
# | $\alpha$ | the weight of the location loss: 1 | `alpha` |
# | Pos, Neg | the positives; the chosen negatives | masks |
# | N | the number of positives | `parts.positives` |
#
# $$L(x, c, l, g) = \frac{1}{N} (L_{\mathrm{conf}}(x, c) + \alpha \, L_{\mathrm{loc}}(x, l, g))$$
#
# $$L_{\mathrm{loc}} = \sum_{i \in \mathrm{Pos}} \; \sum_{m \in \{cx, cy, w, h\}} x_{ij}^p \, s(l_i^m - \hat{g}_j^m)$$
#
# $$L_{\mathrm{conf}} = - \sum_{i \in \mathrm{Pos}} x_{ij}^p \log \hat{c}_i^p - \sum_{i \in \mathrm{Neg}} \log \hat{c}_i^0$$
#
# s is smooth L1, 0 in $\hat{c}_i^0$ is background, and j and p are the object of default box i and its class. The paper's l
# and ĝ have no variances. Here both are in units of the variances, as in Caffe (lesson 09). Letter by letter, on random
# numbers:

# %%
rng, p = np.random.default_rng(1), np.zeros(20, int)
p[[2, 7, 8]] = 3, 5, 5  # three positives; x is 1 for these, with the class p
l = rng.normal(size=(20, 4))  # noqa: E741  (the paper's letter)
g_hat, c = rng.normal(size=(20, 4)), rng.normal(size=(20, 6))
c_hat = np.exp(log_softmax(c))
Pos, others = np.flatnonzero(p > 0), np.flatnonzero(p == 0)
Neg = sorted(others, key=lambda i: c_hat[i, 0])[: 3 * len(Pos)]
L_loc = sum(smooth_l1(l[i, m] - g_hat[i, m])[0] for i in Pos for m in range(4))
L_conf = -sum(np.log(c_hat[i, p[i]]) for i in Pos)
L_conf -= sum(np.log(c_hat[i, 0]) for i in Neg)
L = (L_conf + 1 * L_loc) / len(Pos)
ours = multibox_loss(l[None], c[None], g_hat[None], p[None])[0]
assert np.isclose(L, ours)
print(f"by the paper's letters {L:.6f}, by the library {ours:.6f}")

# %% [markdown]
# ## Loops you can read
#
# Both losses again, each with its gradient: for one offset, and for one default box.


# %%
def smooth_l1_of_one(x):
    """Return the loss and the gradient of one number."""
    if abs(x) < 1:
        return 0.5 * x * x, x
    return abs(x) - 0.5, (1.0 if x > 0 else -1.0)


print("an offset of -3:", smooth_l1_of_one(-3))


# %%


def cross_entropy_of_one(logits, right):
    """Return the loss and the gradient of one default box."""
    largest = max(logits)
    total = sum(np.exp(z - largest) for z in logits)
    loss = largest + np.log(total) - logits[right]
    gradient = [
        np.exp(z - largest) / total - (c == right) for c, z in enumerate(logits)
    ]
    return loss, gradient


loss, gradient = cross_entropy_of_one([0.0, 0.0], 1)
print(f"two equal logits: {loss:.3f}, gradient", [float(each) for each in gradient])

# %% [markdown]
# `largest` is subtracted from all logits. It cancels in the quotient, and it keeps exp from overflowing: the largest
# power is exp(0) = 1. Below you will see what happens if the *wrong* largest is subtracted.
#
# ## The check
#
# First, the loops against the library. In float64 we expect differences around 1e-16 and accept 1e-12.

# %%
rng = np.random.default_rng(0)
x, logits = rng.normal(0, 2, 300), rng.normal(0, 3, (300, 6))
right = rng.integers(0, 6, 300)
loops = np.array([smooth_l1_of_one(each) for each in x])  # (300, 2)
error = abs(loops - np.stack(smooth_l1(x), axis=1)).max()
loss, gradient = softmax_cross_entropy(logits, right)
for n in range(300):
    one, its_gradient = cross_entropy_of_one(logits[n], right[n])
    error = max(error, abs(one - loss[n]), abs(its_gradient - gradient[n]).max())
assert error < 1e-12
print(f"largest difference {error:.0e} (expected: below 1e-12)")

# %% [markdown]
# Second, is the gradient right? We check the formula by finite differences: move each number up and down by a small h,
# and see how the loss changes. The error of this is about h², so we expect some 1e-10 for h = 1e-5, and accept 1e-8.


# %%
def finite_differences(function, x, h=1e-5):
    """Return the gradient of function at each number of x, measured."""
    return (function(x + h) - function(x - h)) / (2 * h)


away = x[abs(abs(x) - 1) > 0.01]
measured = finite_differences(lambda x: smooth_l1(x)[0], away)
error = abs(measured - smooth_l1(away)[1]).max()
for c in range(6):
    step = np.eye(6)[c] * 1e-5
    up = softmax_cross_entropy(logits + step, right)[0]
    down = softmax_cross_entropy(logits - step, right)[0]
    error = max(error, abs((up - down) / 2e-5 - gradient[:, c]).max())
assert error < 1e-8
print(f"measured against calculated: {error:.0e} (expected: below 1e-8)")

# %% [markdown]
# Smooth L1 was only measured at some distance from ±1. At ±1 its *gradient* has a kink. A difference across the kink
# would mix two pieces and be off by about h, although nothing is wrong.
#
# ## The library's code

# %%
show_source(smooth_l1, softmax_cross_entropy, divisors)

# %% [markdown]
# `smooth_l1` has both pieces in one line: with g, which is x clipped to [-1, 1], `g * (x - g / 2)` is x²/2 within 1,
# and |x| - 1/2 beyond. `divisors` are at least 1, so a batch without an object has the loss 0 and not 0 / 0.
#
# ## Break it
#
# ### The wrong largest
#
# Everything subtracts the largest logit. The largest of what? Before you read on: what is wrong here, and when does it show?


# %%
def log_sum_exp_with_a_bug(logits):
    largest = logits.max()
    return np.log(np.exp(logits - largest).sum(axis=1)) + largest


calm = np.array([[1, 0], [0, 2]], np.float32)
wild = np.array([[120, 0], [0, 2]], np.float32)
with np.errstate(divide="ignore"):
    for name, logits in (("calm", calm), ("wild", wild)):
        right = (logits - log_softmax(logits))[:, 0]  # log-softmax is z - log-sum-exp
        wrong = log_sum_exp_with_a_bug(logits)
        print(f"{name}: right {right.round(3)}, with the bug {wrong.round(3)}")
assert np.isneginf(wrong).tolist() == [False, True]

# %% [markdown]
# It takes the largest of the *whole batch*. If one default box is very sure (120), all powers in every other row round
# to 0 in float32, below exp(-103): log(0) = -inf. This is `log_sum_exp` of `amdegroot/ssd.pytorch`. Its issue 85 is a
# crash with "overflow: inf"; the advice given there was a lower learning rate, which keeps logits small and hides the
# bug. Issue 483 reports the worse case. There was no inf in the loss at all, because -inf ranks last among the hard
# negatives. Only the detector was poor.
#
# ### A box without width
#
# The other cause of NaN is a broken annotation: x_max equal to x_min. The logarithm of a width of 0 is minus infinity,
# the loss infinite, and after one step all weights are NaN. The library stops at the annotation instead:

# %%
flat = np.array([[0.3, 0.2, 0.3, 0.6]])  # width 0
with np.errstate(divide="ignore"):
    offset = np.log((flat[0, 2] - flat[0, 0]) / 0.2) / 0.2
assert np.isinf(smooth_l1(offset)[0])
try:
    encode(flat, np.array([[0.3, 0.4, 0.2, 0.4]]))
except ValueError as reason:
    print(f"without care the loss is {smooth_l1(offset)[0]}; encode says:\n{reason}")

# %% [markdown]
# ## Exercises
#
# Replace the `...`, and run the cell again. `check.hint("first_loss")` helps twice, and then gives the answer.
#
# ### Warm-up: the loss of knowing nothing
#
# `classes` of them, background included, and `ratio` negatives for each positive. All logits are equal.


# %%
def my_first_loss(classes, ratio):
    """Return the confidence loss."""
    ...


check.first_loss(my_first_loss)
check.answer("first_loss")

# %% [markdown]
# ### Core: smooth L1
#
# For arrays of any shape; return the value and the gradient.


# %%
def my_smooth_l1(x):
    """Return the loss and the gradient, each of x's shape."""
    ...


check.smooth_l1_pair(my_smooth_l1)
check.answer("smooth_l1_pair")

# %% [markdown]
# ### Core: cross-entropy
#
# Of one default box, `logits` (C,). Some of the cases have logits of 1000.


# %%
def my_cross_entropy(logits, label):
    """Return the loss, a number, and its gradient (C,)."""
    ...


check.cross_entropy(my_cross_entropy)
check.answer("cross_entropy")

# %% [markdown]
# ### Stretch: fix the bug
#
# All rows at once, and the right largest.


# %%
def my_log_sum_exp(logits):
    """Return log(sum(exp(row))) of each row of logits (N, C), (N,)."""
    ...


check.log_sum_exp(my_log_sum_exp)
check.answer("log_sum_exp")

# %% [markdown]
# ### Stretch: the whole loss
#
# `loc_losses` (K, 4) and `conf_losses` (K,) are the losses of each default box. `positive` and `negative` (K,) are
# masks of the default boxes that are trained. alpha is 1.


# %%
def my_whole_loss(loc_losses, conf_losses, positive, negative):
    """Return the loss of a batch, a number."""
    ...


check.whole_loss(my_whole_loss)
check.answer("whole_loss")

# %% [markdown]
# ## The paper says, Caffe does, others do
#
# | | |
# | --- | --- |
# | **the paper** | smooth L1 and softmax, divided by the matched default boxes; alpha 1 by cross-validation; no match, no loss |
# | **Caffe** | the same; divided by the positives of one GPU's part of the batch, at least 1 |
# | **others** | sgrvinod and D2L: plain L1. sgrvinod averages the four offsets: alpha 0.25. amdegroot, lufficc, qfgaohao: no minimum, 0 / 0. NVIDIA: each image by its own positives |
# | **numpyssd** | the positives of the whole batch, at least 1 |
#
# More of it: [8. What the loss is divided by](paper_caffe_others.md#8-what-the-loss-is-divided-by),
# [9. Images without objects](paper_caffe_others.md#9-images-without-objects),
# [32. The loss of the offsets](paper_caffe_others.md#32-the-loss-of-the-offsets).
#
# ## Questions readers ask
#
# **Why divide by the positives, and not by all default boxes?** An image with one object has perhaps ten positives, an
# image with a crowd three hundred. Divided by 8732, the first would teach almost nothing.
#
# **My loss is NaN. Where do I look?** At the first batch whose loss is NaN. Check in this order: an annotation without
# width or height; a batch without any object, in programs that divide by the positives; a learning rate that is too
# high. `python -m numpyssd.train` stops at the first number that is not finite, and says where.
#
# **Why not half the square?** Its gradient grows with the error. In the first steps, all errors are large.
#
# **Why not sigmoids, one for each class?** Other detectors do that. SSD's classes exclude each other, with background as
# one of them.
#
# **Is a loss of 3 good?** The number alone says little: it depends on the classes and on the negatives. It should begin
# near (1 + 3) log(classes) plus the location loss, and fall.
#
# **What happens to the 8500 default boxes that are neither positive nor chosen?** Nothing. Their gradient is 0 in this
# step.
#
# ## Recap
#
# 1. Smooth L1: 0.5 x² within 1, |x| - 0.5 beyond; its gradient is x, clipped to ±1.
# 2. Cross-entropy: -log of the right class's probability; its gradient is the probabilities, minus 1 at the right class.
# 3. Subtract the largest of the *row*, divide by the positives but at least by 1, and refuse boxes without size.
