"""Hard negative mining: of some 8700 background boxes only the most mistaken take part in the loss.

Paper: section 2.2, "Hard negative mining": the negatives are sorted by their confidence loss and the top ones kept,
at most 3 for each positive. Caffe counts image by image, and so does this file unless it is told otherwise.
"""

import numpy as np

from numpyssd.drawing import COLORS

SCOPES = ("image", "batch")


def hard_negatives(loss, positive, ratio=3, scope="image", min_negatives=0):
    """Return the mask (N, K) bool of the negatives with the largest loss, ``ratio`` for each positive of their image.

    loss: (N, K) how badly each default box fails to be background; positive: (N, K) bool. Equal losses are taken
    from the lower index on. An image with too few negatives gives all of them, one without positives none; a
    positive is never chosen. A ratio of infinity takes every negative of an image with positives: no mining.

    scope "image": Caffe and most ports. "batch": the negatives of all images are ranked together, so that the images
    that the network gets most wrong give more than their share; ssd_keras, balancap. min_negatives: at least so many
    of each image (or of the batch), even without positives. Caffe: 0; GluonCV and ssd_keras have it as an option;
    rykov8 takes 100.

    Raises ValueError for other shapes, another scope, a negative number, or a loss that is NaN.
    """
    loss, positive = np.asarray(loss), np.asarray(positive, dtype=bool)
    if loss.ndim != 2 or loss.shape != positive.shape:
        raise ValueError(f"loss and positive must share one shape (N, K), but have {loss.shape} and {positive.shape}")
    if scope not in SCOPES:
        raise ValueError(f"scope must be one of {', '.join(map(repr, SCOPES))}, not {scope!r}")
    if not ratio >= 0 or min_negatives < 0:
        raise ValueError(f"ratio and min_negatives must not be negative, but are {ratio} and {min_negatives}")
    if np.isnan(loss).any():
        image, box = np.argwhere(np.isnan(loss))[0]
        raise ValueError(f"loss is NaN first at image {image}, default box {box}: nothing can be ranked by it")
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
    # No sort: the value at the cut separates those surely in from those that tie for the places left.
    cut = np.partition(values, len(values) - count)[len(values) - count]
    above = np.flatnonzero(values > cut)
    level = np.flatnonzero(values == cut)[: count - len(above)]
    return np.sort(np.concatenate([above, level]))


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
    ax.set_title("only the negatives most mistaken for objects are trained", fontsize=11)
    ax.legend(loc="center right")


if __name__ == "__main__":
    from numpyssd.drawing import run_picture

    run_picture("training.hard_negative_mining")
