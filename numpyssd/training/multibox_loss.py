"""The MultiBox loss: where the boxes should be, and what is in them, summed over positives and hard negatives.

Paper: section 2.2, "Training objective", equation 1: L = (L_conf + alpha * L_loc) / N. What other implementations do:

| argument      | value   | who                      | effect                                                  |
| ------------- | ------- | ------------------------ | ------------------------------------------------------- |
| alpha         | 1       | the paper, Caffe         | loc and conf weigh alike                                |
|               | 0.25    | sgrvinod                 | loc is averaged over its four numbers                   |
| divisor       | "batch" | Caffe                    | all is divided by the positives of all images           |
|               | "image" | NVIDIA                   | each image by its own positives, then the mean over the |
|               |         |                          | images: an object alone in its image weighs as much as  |
|               |         |                          | thirty together                                         |
| scope         |         | see hard_negative_mining |                                                         |
| min_negatives | 0       | Caffe                    | an image without objects adds nothing, neither to the   |
|               |         |                          | sums nor to the divisor                                 |
|               | n       | see hard_negative_mining | it teaches background; so does a batch without objects, |
|               |         |                          | which is then divided by 1 (GluonCV)                    |
"""

import numpy as np

from numpyssd.detector import Losses
from numpyssd.drawing import COLORS, draw_boxes, draw_image
from numpyssd.softmax import log_softmax
from numpyssd.training.hard_negative_mining import hard_negatives
from numpyssd.training.losses import smooth_l1, softmax_cross_entropy

DIVISORS = ("batch", "image")


def smooth_l1_of_offsets(loc, loc_targets, default_box):
    """Return smooth L1 of the errors of offsets, (P, 4), and its gradient, (P, 4): the paper's ``box_loss``."""
    return smooth_l1(loc - loc_targets)


def multibox_loss(
    loc, conf, loc_targets, conf_targets, alpha=1, negative_ratio=3,
    *, scope="image", min_negatives=0, divisor="batch",
    class_loss=softmax_cross_entropy, box_loss=smooth_l1_of_offsets,
):  # fmt: skip
    """Return the loss of a batch, its gradients dloc (N, K, 4) and dconf (N, K, C), and its Losses.

    - loc: (N, K, 4) offsets; conf: (N, K, C) logits.
    - loc_targets: (N, K, 4); conf_targets: (N, K) with 0 for background.
    - alpha: the weight of loc, which counts at the positives.
    - negative_ratio: conf counts at the positives and at the hard negatives, the background boxes with the largest
      cross-entropy for background, up to so many for each positive of their image.
    - class_loss(logits (T, C), labels (T,)) and box_loss(offsets (P, 4), targets (P, 4), indices of their default boxes
      (P,)) return the loss of each row and its gradient: see class_losses.py and iou_loss.py for others.

    Both sums are divided by the positives of the whole batch; without any, everything is zero, as in Caffe. All other
    default boxes get no gradient at all. The other arguments: see the table above, and ``divisors``. Raises ValueError
    for other shapes, a target that is no class, another scope or divisor, or logits that are NaN. Paper: equation 1;
    Caffe: multibox_loss_layer.cpp.
    """
    loc, conf, loc_targets, conf_targets = map(np.asarray, (loc, conf, loc_targets, conf_targets))
    _check_shapes(loc, conf, loc_targets, conf_targets)
    image_divisors = divisors(conf_targets, divisor)  # (N,)
    positive = conf_targets > 0  # (N, K)

    background_loss = -log_softmax(conf)[..., 0]  # (N, K)
    negative = hard_negatives(background_loss, positive, negative_ratio, scope, min_negatives)  # (N, K)
    trained = positive | negative

    dloc, dconf = np.zeros_like(loc), np.zeros_like(conf)
    if not trained.any():
        return 0.0, dloc, dconf, Losses(0.0, 0.0, 0, 0)
    loc_loss, gradient = box_loss(loc[positive], loc_targets[positive], np.nonzero(positive)[1])  # (positives, 4) each
    loc_divisors = image_divisors[np.nonzero(positive)[0], None]  # (positives, 1)
    dloc[positive] = gradient * (alpha / loc_divisors).astype(gradient.dtype)
    conf_loss, gradient = class_loss(conf[trained], conf_targets[trained])  # (T,), (T, C)
    conf_divisors = image_divisors[np.nonzero(trained)[0]]  # (T,)
    dconf[trained] = gradient / conf_divisors[:, None].astype(gradient.dtype)

    # Summed in float64, because the last digits decide whether a loss curve still falls.
    loc_sum = float(alpha * (loc_loss.astype(np.float64) / loc_divisors).sum())
    conf_sum = float((conf_loss.astype(np.float64) / conf_divisors).sum())
    return loc_sum + conf_sum, dloc, dconf, Losses(loc_sum, conf_sum, int(positive.sum()), int(negative.sum()))


def divisors(conf_targets, divisor="batch"):
    """Return by what the losses of each image are divided, (N,); conf_targets: (N, K), 0 for background.

    divisor: "batch" or "image" (see the table above), or a number, or one for each image: so a part of a larger batch
    is divided by the positives of the whole. In Caffe the batch is what one GPU gets. No divisor is less than 1, as in
    Caffe; ports that divide by 0 in a batch without objects (amdegroot, lufficc, qfgaohao) get NaN. Raises ValueError
    for another word.
    """
    return divisors_of((np.asarray(conf_targets) > 0).sum(axis=1), divisor)


def divisors_of(positives, divisor="batch"):
    """Return what ``divisors`` does for the numbers of positives (N,) of the images of a whole batch."""
    if not isinstance(divisor, str):
        return np.maximum(1, np.broadcast_to(divisor, positives.shape))
    if divisor not in DIVISORS:
        raise ValueError(f"divisor must be one of {', '.join(map(repr, DIVISORS))} or a number, not {divisor!r}")
    if divisor == "image":
        return len(positives) * np.maximum(1, positives)
    return np.full(len(positives), max(1, positives.sum()))


def _check_shapes(loc, conf, loc_targets, conf_targets):
    n_k = conf_targets.shape
    if len(n_k) != 2 or loc.shape != (*n_k, 4) or loc_targets.shape != loc.shape or conf.shape[:-1] != n_k:
        raise ValueError(
            "the shapes must be loc (N, K, 4), conf (N, K, C), loc_targets (N, K, 4), conf_targets (N, K), but are "
            f"{loc.shape}, {conf.shape}, {loc_targets.shape}, {conf_targets.shape}"
        )
    classes = conf.shape[-1]
    if ((conf_targets < 0) | (conf_targets >= classes)).any():
        low, high = conf_targets.min(), conf_targets.max()
        raise ValueError(f"conf_targets must be 0 to {classes - 1}, but hold {low} to {high}")


# ---------------------------------------------------------------------------------------------------------------------


def draw_trained_boxes(ax, image, gt_boxes, default_boxes, dconf):
    """Draw every default box of one image as a dot at its center; its size is the norm of its gradient dconf (K, C).

    gt_boxes (M, 4) are xyxy in pixels, default_boxes (K, 4) cxcywh in units of the image (S, S, 3).
    """
    norm = np.linalg.norm(dconf, axis=1)  # (K,)
    largest = norm.max(initial=0) or 1.0
    # The gradient of a positive lowers the logit of background, that of a negative raises it.
    positive, negative = dconf[:, 0] > 0, dconf[:, 0] < 0
    draw_image(ax, 255 - (255 - image) // 3)  # pale, so that the dots stand out
    draw_boxes(ax, gt_boxes, "ground truth")
    for mask, role, text in (
        (norm == 0, "default box", "without gradient"),
        (negative, "negative", "hard negatives"),
        (positive, "positive", "positives"),
    ):
        x, y = default_boxes[mask, :2].T * len(image)
        area = 2 + 120 * norm[mask] / largest
        ax.scatter(x, y, area, COLORS[role], alpha=0.55, linewidths=0, label=f"{mask.sum()} {text}")
    ax.set_title("only the positives and the hard negatives are trained (size: norm of dconf)", fontsize=10)
    legend = ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncol=3, fontsize=8, frameon=False)  # below
    for handle in legend.legend_handles:
        handle.set_sizes([40])


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("training.multibox_loss")
