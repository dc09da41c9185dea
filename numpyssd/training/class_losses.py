"""Two other losses for the classes, beside softmax cross-entropy (losses.py), with their gradients.

| option              | paper                             | effect                                                |
| ------------------- | --------------------------------- | ----------------------------------------------------- |
| label_smoothing = ε | Szegedy et al., "Rethinking the   | the right class is asked for a probability of 1 - ε + |
|                     | Inception Architecture for        | ε / C only, so that no logit grows forever, and a     |
|                     | Computer Vision", 2016, section 7 | wrong label costs less                                |
| focal_gamma = γ     | Lin et al., "Focal Loss for Dense | every default box is trained, none is mined: one that |
|                     | Object Detection", 2017           | is right already hardly counts                        |
"""

import numpy as np

from numpyssd.drawing import COLORS
from numpyssd.softmax import log_softmax
from numpyssd.training.losses import softmax_cross_entropy

BALANCE = 0.25  # Lin et al., table 1: the weight of objects, and 0.75 that of background
START_PROBABILITY = 0.01  # of an object in any default box, before training (their section 4.1)


def smoothed_cross_entropy(logits, labels, smoothing):
    """Return the cross-entropy with smoothed labels (...,), and its gradient with respect to the logits (..., C).

    The label becomes a distribution: ``smoothing`` is spread evenly over all C classes, and the rest stays where it
    was. The loss is the same mixture of cross-entropies, and so is its gradient: probability minus distribution.
    Arguments and errors: see ``softmax_cross_entropy``. Raises ValueError unless 0 <= smoothing < 1.
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must be at least 0 and less than 1, not {smoothing}")
    loss, gradient = softmax_cross_entropy(logits, labels)
    logits = np.asarray(logits)
    log_probability = log_softmax(logits)  # (..., C)
    spread = -log_probability.mean(axis=-1)  # (...,) the cross-entropy of the even distribution
    spread_gradient = np.exp(log_probability) - logits.dtype.type(1 / logits.shape[-1])
    return loss + smoothing * (spread - loss), gradient + smoothing * (spread_gradient - gradient)


def focal_loss(logits, labels, gamma=2.0, balance=BALANCE):
    """Return the focal loss (...,), and its gradient with respect to the logits (..., C).

    With p, the probability that softmax gives the right class, it is -a (1 - p)^gamma log p, where a is ``balance`` for
    objects (labels from 1 on) and 1 - balance for background. With gamma 0 it is the cross-entropy times a. The
    derivative of (1 - p)^gamma log p along log p is (1 - p)^gamma - gamma p (1 - p)^(gamma - 1) log p, and that of
    log p along the logits is the gradient of the cross-entropy with its sign turned.
    Arguments and errors: see ``softmax_cross_entropy``. Raises ValueError for a gamma that is neither 0 nor at least 1:
    between them the gradient has no limit where p is 1.
    """
    if gamma != 0 and not gamma >= 1:
        raise ValueError(f"gamma must be 0, or 1 or more, not {gamma}")
    loss, gradient = softmax_cross_entropy(logits, labels)  # -log p, and its gradient
    weight = np.where(np.asarray(labels) > 0, balance, 1 - balance).astype(loss.dtype)  # (...,)
    right = np.exp(-loss)  # p
    wrong = -np.expm1(-loss)  # 1 - p, exact where p is nearly 1
    focus = wrong**gamma
    slope = focus + gamma * right * loss * wrong ** max(0, gamma - 1)
    return weight * focus * loss, (weight * slope)[..., None] * gradient


def start_with_background(model):
    """Set the biases of the conf predictors so that each default box says "object" with START_PROBABILITY only.

    Without it the thousands of boxes of background would drown everything else in the first steps.
    """
    objects = model.config.num_classes - 1
    for layer in model.predictors.conf:
        bias = layer.bias.value.reshape(-1, model.config.num_classes)  # (boxes, C)
        bias[:, 0] += np.float32(np.log(objects * (1 - START_PROBABILITY) / START_PROBABILITY))
        layer.bias.value = bias.reshape(-1)


# ---------------------------------------------------------------------------------------------------------------------


def draw_class_losses(ax, smoothing=0.1, gammas=(1, 2, 5)):
    """Draw the losses of two classes over the probability of the right one.

    smoothing: of the labels; None leaves this curve out.
    """
    right = np.linspace(0.002, 0.998, 500)
    logits = np.stack([np.log(right / (1 - right)), np.zeros_like(right)], axis=1)  # (500, 2)
    labels = np.zeros(len(right), dtype=int)
    ax.plot(right, softmax_cross_entropy(logits, labels)[0], color=COLORS["positive"], label="cross-entropy")
    if smoothing is not None:
        smoothed = smoothed_cross_entropy(logits, labels, smoothing)[0]
        ax.plot(right, smoothed, color=COLORS["prediction"], linestyle="--", label=f"labels smoothed by {smoothing:g}")
    for gamma in gammas:
        loss = focal_loss(logits, labels, gamma, balance=0)[0]
        ax.plot(right, loss, color=COLORS["negative"], linewidth=3 / gamma, label=f"focal loss, γ = {gamma:g}")
    ax.set_ylim(0, 4)
    ax.set_xlabel("probability of the right class")
    ax.set_ylabel("loss of a box")
    ax.set_title("Focal loss: what is right already hardly counts", fontsize=11)
    ax.legend(fontsize=9)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("training.class_losses")
