"""The MultiBox loss (paper, equation 1; Caffe: multibox_loss_layer.cpp)."""

import math

from tests.golden.rules.hard_negative_mining import hard_negatives
from tests.golden.rules.losses import log_softmax, smooth_l1, softmax_cross_entropy


def multibox_loss(loc, conf, loc_targets, conf_targets, alpha=1, negative_ratio=3):
    """Return loss, its loc and conf share, the mask of negatives, and the gradients dloc and dconf of a batch."""
    images, boxes, classes = len(conf), len(conf[0]), len(conf[0][0])
    positive = [[label > 0 for label in row] for row in conf_targets]
    count = sum(map(sum, positive))  # N: of the whole batch
    background = [[-log_softmax(logits)[0] for logits in row] for row in conf]  # what mining ranks by
    negative = hard_negatives(background, positive, negative_ratio)

    dloc = [[[0.0] * 4 for _ in range(boxes)] for _ in range(images)]
    dconf = [[[0.0] * classes for _ in range(boxes)] for _ in range(images)]
    loc_losses, conf_losses = [], []
    for n in range(images):
        for k in range(boxes):
            if positive[n][k]:
                for i in range(4):
                    value, slope = smooth_l1(loc[n][k][i] - loc_targets[n][k][i])
                    loc_losses.append(value)
                    dloc[n][k][i] = slope * alpha / count
            if positive[n][k] or negative[n][k]:
                value, gradient = softmax_cross_entropy(conf[n][k], conf_targets[n][k])
                conf_losses.append(value)
                dconf[n][k] = [slope / count for slope in gradient]
    loc_share = alpha * math.fsum(loc_losses) / max(count, 1)  # no positives: nothing was summed
    conf_share = math.fsum(conf_losses) / max(count, 1)
    return loc_share + conf_share, loc_share, conf_share, negative, dloc, dconf
