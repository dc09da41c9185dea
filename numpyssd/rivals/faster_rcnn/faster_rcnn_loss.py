"""The four losses, each with its gradient: class and box of the first stage, class and box of the second.

Faster R-CNN, equation 1; Fast R-CNN, equations 1 to 3. All four weigh 1.
"""

import numpy as np

from numpyssd.drawing import COLORS
from numpyssd.rivals.faster_rcnn.anchor_targets import IGNORED, POSITIVE
from numpyssd.training.losses import smooth_l1, softmax_cross_entropy

RPN_SIGMA, HEAD_SIGMA = 3.0, 1.0  # of smooth L1, as released; torchvision has 3 in both


def smooth_l1_sigma(x, sigma):
    """Return smooth L1 with sigma, and its gradient, elementwise, both of x's shape.

    Value: sigma^2 x^2 / 2 where |x| < 1 / sigma^2, else |x| - 1 / (2 sigma^2).
    It is SSD's smooth L1 (sigma = 1) of sigma^2 x, divided by sigma^2; so its gradient is SSD's at sigma^2 x. The first
    stage's offsets are plain, about a fifth of what SSD's variances make of them, and sigma = 3 makes up for that.
    Released code: smooth_L1_loss_layer.cu.
    """
    value, gradient = smooth_l1(np.asarray(x) * sigma**2)
    return value / sigma**2, gradient


def rpn_loss(logits, offsets, labels, targets, divisor=None, sigma=RPN_SIGMA, box_weight=1.0):
    """Return the losses of the first stage for one image, class and box, and dlogits (K, 2), doffsets (K, 4).

    logits: (K, 2), background first; offsets: (K, 4); labels: (K,) and targets: (K, 4) of ``anchor_targets``.

        class: the sum over the sampled anchors of -log p(label), over their number
        box:   the sum over the positive anchors of smooth L1 with sigma, over the number of sampled anchors

    The paper divides the first by 256 and the second by 2400 / 10 = 240: nearly the same. box_weight: 10 * 256 / 2400
    gives the paper's balance. divisor: divides all of it too (the images of the batch).
    """
    dlogits, doffsets = np.zeros_like(logits), np.zeros_like(offsets)
    sampled, positive = np.flatnonzero(labels != IGNORED), np.flatnonzero(labels == POSITIVE)
    if not len(sampled):
        return 0.0, 0.0, dlogits, doffsets
    over = len(sampled) * (divisor or 1)
    conf, gradient = softmax_cross_entropy(logits[sampled], labels[sampled])  # (S,), (S, 2)
    dlogits[sampled] = gradient / over
    loc, gradient = smooth_l1_sigma(offsets[positive] - targets[positive], sigma)  # (P, 4) each
    doffsets[positive] = gradient * (box_weight / over)
    return _sum(conf) / over, box_weight * _sum(loc) / over, dlogits, doffsets


def head_loss(conf, loc, labels, targets, divisor=None, sigma=HEAD_SIGMA):
    """Return the losses of the second stage for one image, class and box, and dconf (R, C), dloc (R, C, 4).

    conf: (R, C) logits, background first; loc: (R, C, 4), offsets for each class; labels: (R,), targets: (R, 4) of
    ``sample_rois``. Both sums are over the R regions; the box loss is that of the region's own class alone, and of
    objects alone. divisor: divides all of it too. No region: no loss.
    """
    dconf, dloc = np.zeros_like(conf), np.zeros_like(loc)
    if not len(labels):
        return 0.0, 0.0, dconf, dloc
    over, foreground = len(labels) * (divisor or 1), np.flatnonzero(labels > 0)
    conf_loss, gradient = softmax_cross_entropy(conf, labels)  # (R,), (R, C)
    dconf[...] = gradient / over
    own = foreground, labels[foreground]
    loc_loss, gradient = smooth_l1_sigma(loc[own] - targets[foreground], sigma)  # (F, 4) each
    dloc[own] = gradient / over
    return _sum(conf_loss) / over, _sum(loc_loss) / over, dconf, dloc


def _sum(losses):
    return float(losses.sum(dtype=np.float64))  # the last digits decide whether a loss curve still falls


# ---------------------------------------------------------------------------------------------------------------------


def draw_sigma(ax):
    """Draw smooth L1 and its gradient over the error for both sigmas."""
    x = np.linspace(-2, 2, 801)
    for sigma, role in ((HEAD_SIGMA, "positive"), (RPN_SIGMA, "prediction")):
        value, gradient = smooth_l1_sigma(x, sigma)
        ax.plot(x, value, color=COLORS[role], linewidth=2.5, label=f"smooth L1, sigma = {sigma:g}")
        ax.plot(x, gradient, color=COLORS[role], linestyle="--", label="its gradient")
    ax.set_xlabel("error of an offset")
    ax.set_title("sigma says where the square ends: at 1 / sigma$^2$", fontsize=11)
    ax.legend(fontsize=9)


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("two_stages.faster_rcnn_loss")
