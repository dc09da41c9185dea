"""The two losses of SSD, each with its gradient: smooth L1 for boxes, softmax cross-entropy for classes.

Paper: section 2.2, "Training objective", equations 2 and 3. Both return the value and the gradient together, because
they share all their work.
"""

import numpy as np

from numpyssd.drawing import COLORS
from numpyssd.softmax import log_softmax


def smooth_l1(x):
    """Return the smooth L1 loss and its gradient, elementwise, both of x's shape.

    Value: x^2 / 2 where |x| < 1, else |x| - 1/2; gradient: x clipped to [-1, 1]. The two pieces meet at 1 in value and
    gradient. So the gradient of a small error is the error itself, and that of a large one is never larger than 1: one
    wrong box cannot dominate the step. Paper: equation 2 (from Fast R-CNN, equation 3).
    """
    x = np.asarray(x)
    x = x.astype(np.result_type(x, np.float32), copy=False)
    gradient = np.clip(x, -1, 1)
    value = gradient * (x - gradient / 2)  # both pieces in one, and no square that could overflow
    return value, gradient


def softmax_cross_entropy(logits, labels):
    """Return -log of the probability that softmax gives the right class, and its gradient with respect to the logits.

    logits: (..., C), labels: (...,) integers 0 .. C-1. Returns loss (...,) and gradient (..., C), which is the
    probabilities minus 1 at the label, and so sums to 0. The row maximum is subtracted first: logits of 1e4 do not
    overflow. Raises ValueError for other shapes or a label outside the classes. Paper: equation 3.
    """
    logits, labels = np.asarray(logits), np.asarray(labels)
    classes = logits.shape[-1] if logits.ndim else 0
    if labels.shape != logits.shape[:-1] or classes == 0:
        raise ValueError(f"labels {labels.shape} must have the shape of logits {logits.shape} without its last axis")
    if ((labels < 0) | (labels >= classes)).any():
        raise ValueError(f"labels must be 0 to {classes - 1}, but hold {labels.min()} to {labels.max()}")
    at_label = labels[..., None]  # (..., 1)
    log_probability = log_softmax(logits)  # (..., C)
    loss = -np.take_along_axis(log_probability, at_label, axis=-1)[..., 0]  # (...,)
    gradient = np.exp(log_probability)  # (..., C)
    np.put_along_axis(gradient, at_label, np.take_along_axis(gradient, at_label, axis=-1) - 1, axis=-1)
    return loss, gradient


# ---------------------------------------------------------------------------------------------------------------------


def draw_smooth_l1(ax):
    """Draw smooth L1 and its gradient over the error, with half the square and L1 for comparison."""
    x = np.linspace(-3, 3, 601)
    value, gradient = smooth_l1(x)
    ax.plot(x, x**2 / 2, color=COLORS["default box"], linestyle=":", label="half the square")
    ax.plot(x, np.abs(x), color=COLORS["default box"], linestyle="--", label="L1")
    ax.plot(x, value, color=COLORS["positive"], linewidth=2.5, label="smooth L1")
    ax.plot(x, gradient, color=COLORS["prediction"], linewidth=2.5, label="its gradient")
    ax.set_ylim(-1.2, 3)
    ax.set_xlabel("error of an offset")
    ax.set_title("smooth L1: the gradient of an outlier is at most 1", fontsize=11)
    ax.legend(fontsize=9)


def draw_cross_entropy(ax):
    """Draw the cross-entropy of two classes and its gradient over the difference of the two logits."""
    difference = np.linspace(-6, 6, 601)
    logits = np.stack([difference, np.zeros_like(difference)], axis=1)  # (601, 2)
    loss, gradient = softmax_cross_entropy(logits, np.zeros(len(difference), dtype=int))
    ax.plot(difference, loss, color=COLORS["positive"], linewidth=2.5, label="cross-entropy")
    label = "its gradient: probability - 1"
    ax.plot(difference, gradient[:, 0], color=COLORS["prediction"], linewidth=2.5, label=label)
    ax.axvline(0, color="black", linewidth=0.7)
    ax.set_ylim(-1.2, 6)
    ax.set_xlabel("logit of the right class minus logit of the other")
    ax.set_title("cross-entropy: the loss grows with the confidence in the wrong class", fontsize=11)
    ax.legend(fontsize=9)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("training.losses")
