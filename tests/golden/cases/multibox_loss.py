"""The loss of a batch with its gradients: images with and without objects, too few negatives, ties."""

from tests.golden.cases.common import Noise, case
from tests.golden.rules.multibox_loss import multibox_loss


def loss_case(name, loc, conf, loc_targets, conf_targets, why=None, **options):
    """Return a case with the loss, its shares, the counts, the negatives and both gradients."""
    inputs = {"loc": loc, "conf": conf, "loc_targets": loc_targets, "conf_targets": conf_targets}
    inputs.update(alpha=1, negative_ratio=3)
    inputs.update(options)
    loss, loc_share, conf_share, negative, dloc, dconf = multibox_loss(**inputs)
    expected = {
        "loss": loss,
        "loc_share": loc_share,
        "conf_share": conf_share,
        "positives": sum(label > 0 for row in conf_targets for label in row),
        "negatives": sum(map(sum, negative)),
        "negative": negative,
        "dloc": dloc,
        "dconf": dconf,
    }
    return case(name, inputs, expected, why=why)


def irregular(seed, labels, classes):
    """Return loc, conf, loc_targets and conf_targets for these labels (N, K)."""
    noise, shape = Noise(seed), (len(labels), len(labels[0]))
    loc, conf = noise.array((*shape, 4)), noise.array((*shape, classes), -4, 4)
    targets = noise.array((*shape, 4), -1, 1)
    targets = [[t if label else [0.0] * 4 for t, label in zip(*rows)] for rows in zip(targets, labels)]
    return loc, conf, targets, labels


def make():
    """Return what goes into multibox_loss.json."""
    three = irregular(1, [[0, 2, 0, 0, 0, 3, 0, 0, 0, 0], [0] * 10, [0, 0, 0, 0, 0, 0, 1, 0, 0, 0]], 4)
    for logits in three[1][1]:
        logits[0] -= 8.0  # the image without objects is the most mistaken of all
    equal = (
        [[[0.0] * 4 for _ in range(6)]],
        [[[0.0] * 4 for _ in range(6)]],
        [[[1.0, -2.0, 0.5, 0.0], *[[0.0] * 4] * 5]],
    )
    sure = [[[1e4, 0.0, 0.0], [0.0, 1e4, 0.0], [0.0, 0.0, 1e4], [-1e4, 0.0, 1e4], [1e4, 0.0, 1e4]]]
    return {
        "what": "the MultiBox loss of a batch, and its gradients by loc and conf",
        "source": "paper equation 1; Caffe multibox_loss_layer.cpp (divided by the positives of the batch)",
        "units": "loc, loc_targets, dloc (N, K, 4); conf, dconf (N, K, C); conf_targets, negative (N, K)",
        "cases": [
            loss_case("three images, the second without objects", *three,
                      why="it gives no negatives; both sums are divided by 3, the positives of the batch"),
            loss_case("too few negatives", *irregular(2, [[1, 0, 2, 2, 0, 0]], 3),
                      why="three for each positive would be nine; torchvision counts positives twice here"),
            loss_case("no objects at all", *irregular(3, [[0] * 4, [0] * 4], 3), why="all zero, and not 0 / 0"),
            loss_case("equal losses: the lower index", *equal, [[1, 0, 0, 0, 0, 0]]),
            loss_case("alpha 2, one negative for each positive", *irregular(4, [[0, 1, 0, 0, 3, 0]], 4),
                      alpha=2, negative_ratio=1),
            loss_case("logits of ten thousand", [[[0.0] * 4] * 5], sure, [[[0.0] * 4] * 5], [[0, 1, 0, 0, 1]]),
        ],
    }  # fmt: skip
