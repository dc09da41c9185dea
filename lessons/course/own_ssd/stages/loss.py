"""Stages 9 to 11: the losses, the hard negatives, and the loss of a batch with its gradients."""

from functools import cache

import numpy as np

from lessons.course.own_ssd.stage import Case, Cause, Stage, calling
from lessons.course.own_ssd.stages import scene
from numpyssd.softmax import log_softmax
from numpyssd.training.hard_negative_mining import hard_negatives
from numpyssd.training.losses import smooth_l1, softmax_cross_entropy
from numpyssd.training.multibox_loss import multibox_loss

ROWS = ("image", "row", "value")


@cache
def cross_entropy_cases():
    """Return the case of cross_entropy for many rows; some logits are large."""
    rng = np.random.default_rng(4)
    logits, labels = rng.normal(0, 2, (7, 6)), rng.integers(0, 6, 7)
    logits[3] += 1000
    loss, gradient = softmax_cross_entropy(logits, labels)
    at_label = np.eye(6)[labels]
    over_rows = log_softmax(logits.T).T
    causes = (
        Cause("the softmax is taken over the rows. Each row is a default box: over the classes, axis 1.",
              lambda: (-over_rows[at_label > 0], np.exp(over_rows) - at_label)),
        Cause("the gradient is the probabilities minus 1 *at the label*. The 1 is missing.",
              lambda: (loss, gradient + at_label)),
        Cause("the gradient has the wrong sign.", lambda: (loss, -gradient)),
        Cause("this is the mean. Each row has a loss of its own.", lambda: (loss.mean(), gradient / 7)),
        Cause("the loss has the wrong sign: it is *minus* the logarithm.", lambda: (-loss, gradient)),
        Cause("the logarithm is the natural one, np.log.", lambda: (loss / np.log(2), gradient)),
        Cause("all classes have a gradient: where the label is not, it is the probability.",
              lambda: (loss, gradient * at_label)),
    )  # fmt: skip
    call, run = "cross_entropy(logits, labels), logits (7, 6)", calling("cross_entropy", logits, labels)
    return [Case(call, run, (loss, gradient), ("row", "class"), causes)]


@cache
def mining_cases():
    """Return the case of mine_batch for two images."""
    background, positive = -log_softmax(scene.outputs()[1])[..., 0], scene.batch_targets()[1] > 0  # (2, K) each
    causes = (
        Cause("the images are ranked together. Each has its own negatives: axis 1.",
              lambda: hard_negatives(background, positive, scope="batch")),
        Cause("these are the easiest negatives: sort by falling loss.", lambda: hard_negatives(-background, positive)),
        Cause("these are all negatives: there is no mining.", lambda: ~positive),
    )  # fmt: skip
    call, run = "mine_batch(loss, positive, 3), loss (2, 1504)", calling("mine_batch", background, positive, 3)
    return [Case(call, run, hard_negatives(background, positive), ("image", "default box"), causes, 0)]


@cache
def loss_cases():
    """Return the case of loss_and_gradients."""
    loc, conf = scene.outputs()
    arrays = loc, conf, *scene.batch_targets()
    loc_targets, conf_targets = arrays[2:]
    positive = (conf_targets > 0)[..., None]  # (2, K, 1)
    positives = int(positive.sum())

    def library(factor=1, **options):
        return tuple(factor * part for part in multibox_loss(*arrays, **options)[:3])

    right = loss, dloc, dconf = library()
    causes = (
        Cause("nothing is divided by the number of positives.", lambda: library(positives)),
        Cause("the loss is right, but its gradients are not divided by the number of positives.",
              lambda: (loss, dloc * positives, dconf * positives)),
        Cause("it is divided by all that is trained. Only the positives count.", lambda: library(1 / 4)),
        Cause("it is divided by all default boxes. Only the positives count.",
              lambda: library(positives / conf_targets.size)),
        Cause("it is divided by the default boxes of an image. Only the positives count.",
              lambda: library(positives / conf_targets.shape[1])),
        Cause("it is divided by the images. Divide by the positives of the whole batch.",
              lambda: library(positives / len(conf))),
        Cause("each image is divided by its own positives. Divide by those of the whole batch.",
              lambda: library(divisor="image")),
        Cause("all negatives count: there is no mining.", lambda: library(negative_ratio=np.inf)),
        Cause("the images are ranked together. Each has its own negatives.", lambda: library(scope="batch")),
        Cause("the negatives do not count at all.", lambda: library(negative_ratio=0)),
        Cause("the offsets of all default boxes count. Only positives have an object.",
              lambda: _all_offsets(*arrays, positives)),
        Cause("the loss is right, but dconf is not 0 where nothing is trained.",
              lambda: (loss, dloc, softmax_cross_entropy(conf, conf_targets)[1] / positives)),
        Cause("the loss is right, but dloc is not 0 at the negatives.",
              lambda: (loss, smooth_l1(loc - loc_targets)[1] / positives, dconf)),
        Cause("dloc has the wrong sign: the error is loc minus its target.", lambda: (loss, -dloc, dconf)),
        Cause("dconf is 0 at the negatives. They are trained, too.", lambda: (loss, dloc, dconf * positive)),
        Cause("dconf is 0 at the positives. They are trained, too.", lambda: (loss, dloc, dconf * ~positive)),
        Cause("these are the easiest negatives.", lambda: _easiest(*arrays)),
        *(Cause(f"there are {ratio} negatives for each positive. It should be 3.",
                lambda ratio=ratio: library(negative_ratio=ratio)) for ratio in (1, 2, 4)),
    )  # fmt: skip
    call = "loss_and_gradients(loc, conf, loc_targets, conf_targets)"
    return [Case(call, calling("loss_and_gradients", *arrays), right, ROWS, causes)]


def _easiest(loc, conf, loc_targets, conf_targets):
    """Return the loss and its gradients with the negatives of the smallest loss."""
    positive, background = conf_targets > 0, -log_softmax(conf)[..., 0]
    trained = positive | hard_negatives(-background, positive)
    loss, dloc, _, parts = multibox_loss(loc, conf, loc_targets, conf_targets)
    losses, gradient = softmax_cross_entropy(conf, conf_targets)
    positives = positive.sum()
    return parts.loc + losses[trained].sum() / positives, dloc, gradient * trained[..., None] / positives


def _all_offsets(loc, conf, loc_targets, conf_targets, positives):
    loss, _, dconf, parts = multibox_loss(loc, conf, loc_targets, conf_targets)
    values, gradient = smooth_l1(loc - loc_targets)
    return loss - parts.loc + values.sum() / positives, gradient / positives, dconf


STAGES = (
    Stage("losses", ("smooth_l1_pair", "log_sum_exp", "whole_loss"), ("cross_entropy",), cross_entropy_cases),
    Stage("hard negatives", ("mine_batch",), (), mining_cases),
    Stage("the loss of a batch", (), ("loss_and_gradients",), loss_cases, ("losses", "hard negatives")),
)
