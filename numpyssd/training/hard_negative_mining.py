"""Hard negative mining: of some 8700 background boxes only those with the largest loss take part in the training.

Paper: section 2.2, "Hard negative mining": the negatives are sorted by their confidence loss and the top ones kept,
at most 3 for each positive. Caffe counts image by image. Two arguments choose what other implementations do:

| argument      | value   | who                            | effect                                                   |
| ------------- | ------- | ------------------------------ | -------------------------------------------------------- |
| scope         | "image" | Caffe and most ports           | each image has 3 negatives for each of its own positives |
|               | "batch" | ssd_keras, balancap            | the negatives of all images are ranked together, so that |
|               |         |                                | the images with the largest losses give more than others |
| min_negatives | 0       | Caffe                          | an image without positives has no negatives              |
|               | n       | rykov8 (100), and an option of | at least n of each image (or of the batch), even without |
|               |         | GluonCV and ssd_keras          | positives                                                |
"""

import numpy as np

from numpyssd.drawing import COLORS

SCOPES = ("image", "batch")


def hard_negatives(loss, positive, ratio=3, scope="image", min_negatives=0):
    """Return the mask (N, K) bool of the negatives with the largest loss, ``ratio`` for each positive of their image.

    - loss: (N, K), the loss of each default box if it is to be background. Of equal losses the lower index is taken.
    - positive: (N, K) bool. A positive is never chosen, and an image without positives gives no negatives.
    - ratio: an image with too few negatives gives all of them. Infinity takes every negative of an image with
      positives: no mining.
    - scope, min_negatives: see the table above.

    Raises ValueError for other shapes, another scope, a negative number, or a loss that is NaN.
    """
    loss, positive = np.asarray(loss), np.asarray(positive, dtype=bool)
    _check(loss, positive, ratio, scope, min_negatives)
    if scope == "batch":  # all as one image
        row = hard_negatives(loss.reshape(1, -1), positive.reshape(1, -1), ratio, "image", min_negatives)
        return row.reshape(loss.shape)

    chosen = np.zeros(loss.shape, dtype=bool)  # (N, K)
    for n in range(len(loss)):
        negatives = np.flatnonzero(~positive[n])
        positives = len(loss[n]) - len(negatives)
        wanted = max(ratio * positives if positives else 0, min_negatives)
        count = int(min(wanted, len(negatives)))
        chosen[n, negatives[largest(loss[n, negatives], count)]] = True
    return chosen


def largest(values, count):
    """Return the positions of the ``count`` largest values (K,), ascending; of equal ones the lower positions."""
    if count == 0:
        return np.empty(0, dtype=np.int64)
    # No sort: all values above the smallest one that is taken are in, and of those equal to it the first ones.
    smallest = np.partition(values, len(values) - count)[len(values) - count]
    above = np.flatnonzero(values > smallest)
    equal = np.flatnonzero(values == smallest)[: count - len(above)]
    return np.sort(np.concatenate([above, equal]))


def _check(loss, positive, ratio, scope, min_negatives):
    if loss.ndim != 2 or loss.shape != positive.shape:
        raise ValueError(f"loss and positive must share one shape (N, K), but have {loss.shape} and {positive.shape}")
    if scope not in SCOPES:
        raise ValueError(f"scope must be one of {', '.join(map(repr, SCOPES))}, not {scope!r}")
    if not ratio >= 0 or min_negatives < 0:
        raise ValueError(f"ratio and min_negatives must not be negative, but are {ratio} and {min_negatives}")
    if np.isnan(loss).any():
        image, box = np.argwhere(np.isnan(loss))[0]
        raise ValueError(f"loss is NaN first at image {image}, default box {box}: nothing can be ranked by it")


# ---------------------------------------------------------------------------------------------------------------------


def draw_mining(ax, loss, positive, ratio=3):
    """Draw the negatives of one image by falling loss, and the cut; loss and positive: (K,)."""
    negatives = np.sort(loss[~positive])[::-1]
    rank = np.arange(1, len(negatives) + 1)
    kept = int(hard_negatives(loss[None], positive[None], ratio).sum())
    ax.fill_between(rank[:kept], negatives[:kept], color=COLORS["negative"], alpha=0.35, linewidth=0)
    ax.plot(rank[:kept], negatives[:kept], color=COLORS["negative"], linewidth=2.5, label=f"{kept} hard negatives")
    others = f"{len(negatives) - kept} others: no gradient"
    ax.plot(rank[kept:], negatives[kept:], color=COLORS["default box"], linewidth=2.5, label=others)
    ax.axvline(kept + 0.5, color="black", linestyle="--", linewidth=1)
    ax.text(kept * 1.1, negatives[0], f"the cut: {ratio} x {positive.sum()} positives", va="top", fontsize=10)
    ax.set_xscale("log")
    ax.set_xlabel("rank among the negatives (logarithmic)")
    ax.set_ylabel("cross-entropy towards background")
    ax.set_title("only the negatives with the largest loss are trained", fontsize=11)
    ax.legend(loc="center right")


if __name__ == "__main__":
    from numpyssd.drawing import run_figure

    run_figure("training.hard_negative_mining")
