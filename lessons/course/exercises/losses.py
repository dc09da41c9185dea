"""Exercises of lesson 10: the loss of a number, of a class, and of a whole batch."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def first_loss(classes, ratio):
    return (1 + ratio) * np.log(classes)


def first_loss_negatives_only(classes, ratio):
    return ratio * np.log(classes)


def first_loss_positives_only(classes, ratio):
    return np.log(classes)


def first_loss_log2(classes, ratio):
    return (1 + ratio) * np.log2(classes)


def first_loss_without_background(classes, ratio):
    return (1 + ratio) * np.log(classes - 1)


def counts():
    return [(2, 3), (6, 3), (21, 3), (81, 3), (21, 0), (21, 1)]


def smooth_l1_pair(x):
    near = np.abs(x) < 1
    value = np.where(near, 0.5 * x**2, np.abs(x) - 0.5)
    gradient = np.where(near, x, np.sign(x))
    return value, gradient


def smooth_l1_square(x):
    near = np.abs(x) < 1
    return np.where(near, x**2, np.abs(x) - 0.5), np.where(near, 2 * x, np.sign(x))


def smooth_l1_mean(x):
    value, gradient = smooth_l1_pair(x)
    return value.mean(), gradient / x.size


def smooth_l1_jump(x):
    value, gradient = smooth_l1_pair(x)
    return np.where(np.abs(x) < 1, value, np.abs(x)), gradient


def plain_l1(x):
    return np.abs(x), np.sign(x)


def smooth_l1_no_sign(x):
    value, gradient = smooth_l1_pair(x)
    return value, np.abs(gradient)


def errors():
    tiny = [[0.5], [3.0], [-0.5], [-3.0], [0.0, 1.0, -1.0], [[0.2, -0.4], [2.0, -1.5]]]
    drawn = np.random.default_rng(5).normal(0, 2, (3, 4)).round(2)
    return [(np.array(x),) for x in [*tiny, drawn]]


def cross_entropy(logits, label):
    shifted = logits - logits.max()
    log_probabilities = shifted - np.log(np.exp(shifted).sum())
    gradient = np.exp(log_probabilities)
    gradient[label] -= 1
    return -log_probabilities[label], gradient


def cross_entropy_overflowing(logits, label):
    with np.errstate(all="ignore"):
        probabilities = np.exp(logits) / np.exp(logits).sum()
        gradient = probabilities.copy()
        gradient[label] -= 1
        return -np.log(probabilities[label]), gradient


def cross_entropy_probabilities_first(logits, label):
    powers = np.exp(logits - logits.max())
    probabilities = powers / powers.sum()
    gradient = probabilities.copy()
    gradient[label] -= 1
    with np.errstate(divide="ignore"):
        return -np.log(probabilities[label]), gradient


def cross_entropy_without_minus_1(logits, label):
    loss, gradient = cross_entropy(logits, label)
    gradient[label] += 1
    return loss, gradient


def cross_entropy_wrong_sign(logits, label):
    loss, gradient = cross_entropy(logits, label)
    return loss, -gradient


def cross_entropy_of_one(logits, label):
    loss, gradient = cross_entropy(logits, label)
    only = np.zeros_like(gradient)
    only[label] = gradient[label]
    return loss, only


def logits_and_labels():
    rows = [
        ([0.0, 0.0], 0),
        ([0.0, 0.0, 0.0], 1),
        (np.log([1.0, 2.0, 5.0]), 2),
        ([3.0, -1.0, 0.5, 0.0], 3),
        ([1000.0, 0.0], 0),
        ([1000.0, 0.0, 1000.0], 1),
        ([-1000.0, -1001.0], 1),
    ]
    return [(np.array(logits), label) for logits, label in rows]


def log_sum_exp(logits):
    largest = logits.max(axis=1, keepdims=True)  # (N, 1)
    return np.log(np.exp(logits - largest).sum(axis=1)) + largest[:, 0]


def log_sum_exp_of_all(logits):
    with np.errstate(divide="ignore"):
        return np.log(np.exp(logits - logits.max()).sum(axis=1)) + logits.max()


def log_sum_exp_plain(logits):
    with np.errstate(all="ignore"):
        return np.log(np.exp(logits).sum(axis=1))


def log_sum_exp_columns(logits):
    return log_sum_exp(logits.T)


def log_sum_exp_not_added(logits):
    return log_sum_exp(logits) - logits.max(axis=1)


def tables():
    rows = [
        [[0.0, 0.0]],
        [[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]],
        [[1000.0, 0.0], [0.0, 1.0], [-5.0, 2.0]],
        [[-1000.0, -1001.0, -1002.0], [900.0, 3.0, 901.0]],
    ]
    return [(np.array(logits),) for logits in rows]


def whole_loss(loc_losses, conf_losses, positive, negative):
    total = conf_losses[positive | negative].sum() + loc_losses[positive].sum()
    return total / max(1, positive.sum())


def whole_loss_no_floor(loc_losses, conf_losses, positive, negative):
    total = conf_losses[positive | negative].sum() + loc_losses[positive].sum()
    with np.errstate(all="ignore"):
        return np.divide(total, positive.sum())


def whole_loss_all_conf(loc_losses, conf_losses, positive, negative):
    total = conf_losses.sum() + loc_losses[positive].sum()
    return total / max(1, positive.sum())


def whole_loss_loc_of_negatives(loc_losses, conf_losses, positive, negative):
    trained = positive | negative
    return (conf_losses[trained].sum() + loc_losses[trained].sum()) / max(1, positive.sum())


def whole_loss_by_trained(loc_losses, conf_losses, positive, negative):
    total = conf_losses[positive | negative].sum() + loc_losses[positive].sum()
    return total / max(1, (positive | negative).sum())


def whole_loss_mean_of_four(loc_losses, conf_losses, positive, negative):
    total = conf_losses[positive | negative].sum() + loc_losses[positive].sum() / 4
    return total / max(1, positive.sum())


def batches():
    cases = []
    for positive, negative in (
        ([1, 0, 0, 0], [0, 1, 0, 0]),
        ([1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0]),
        ([0, 0, 0], [0, 0, 0]),  # no object in the whole batch
        ([1, 0, 1, 0, 0, 0, 0, 1], [0, 1, 0, 1, 1, 0, 0, 0]),
    ):
        numbers = np.random.default_rng(len(positive)).integers(1, 9, (5, len(positive))).astype(float)
        cases.append((numbers[:4].T, numbers[4], np.array(positive, bool), np.array(negative, bool)))
    return cases


EXERCISES = {
    "first_loss": Exercise(
        question="Return the confidence loss of a network that gives every class the same logit.",
        answer=first_loss,
        cases=counts,
        hints=(
            "One default box costs -log(1 / classes). How many are trained for each positive, itself included?",
            "The sum over one positive and its ``ratio`` negatives is divided by one positive.",
        ),
        mistakes={
            "negatives only": Mistake(
                first_loss_negatives_only, "the positive itself costs as much as each of its negatives."
            ),
            "positives only": Mistake(
                first_loss_positives_only,
                "you average over what is trained. The sum is divided by the positives alone, and so the negatives "
                "make it larger.",
            ),
            "base 2": Mistake(first_loss_log2, "this is the logarithm to base 2; wanted is the natural one."),
            "without background": Mistake(
                first_loss_without_background, "background is a class, too, and already counted in ``classes``."
            ),
        },
    ),
    "smooth_l1_pair": Exercise(
        question="Return smooth L1 of each number of x, and its gradient, both of the shape of x.",
        answer=smooth_l1_pair,
        cases=errors,
        hints=(
            "np.where(np.abs(x) < 1, near, far) chooses for each number; both pieces have a gradient.",
            "Value 0.5 x**2 and gradient x within 1; value |x| - 0.5 and gradient np.sign(x) beyond.",
        ),
        mistakes={
            "no half": Mistake(
                smooth_l1_square,
                "x**2 lacks its half: at 1 the two pieces would not meet, 1 beside 0.5, and the gradient would be 2.",
            ),
            "mean": Mistake(
                smooth_l1_mean, "you average. Wanted is a value for each number; the loss is a sum over them."
            ),
            "a jump": Mistake(
                smooth_l1_jump, "beyond 1 it is |x| - 0.5, so that the pieces meet; you left out the - 0.5."
            ),
            "plain L1": Mistake(
                plain_l1,
                "this is plain L1, whose gradient jumps from -1 to 1 at 0 (sgrvinod's tutorial has it, under the "
                "name of smooth L1).",
            ),
            "no sign": Mistake(
                smooth_l1_no_sign, "the gradient is negative where x is negative; otherwise the step would lead away."
            ),
        },
    ),
    "cross_entropy": Exercise(
        question="Return the cross-entropy of one default box, and its gradient with respect to the logits.",
        answer=cross_entropy,
        cases=logits_and_labels,
        hints=(
            "The loss is log(sum(exp(logits))) - logits[label]. Subtract the largest logit from all of them first; "
            "it changes nothing but the size of the numbers.",
            "The gradient is exp(log-probability), with 1 subtracted at the label.",
        ),
        mistakes={
            "overflow": Mistake(
                cross_entropy_overflowing,
                "exp(1000) is infinite, and infinite / infinite is NaN. Subtract the largest logit first.",
            ),
            "log of 0": Mistake(
                cross_entropy_probabilities_first,
                "the probability of the label has rounded to 0, whose logarithm is infinite. Take the logarithm of "
                "the *sum*, and never of a probability.",
            ),
            "without minus 1": Mistake(
                cross_entropy_without_minus_1,
                "this gradient is softmax alone: it would push all logits down. Subtract 1 at the label.",
            ),
            "wrong sign": Mistake(
                cross_entropy_wrong_sign, "the gradient has the wrong sign: it points to where the loss *grows*."
            ),
            "of the label only": Mistake(
                cross_entropy_of_one,
                "the other logits have a gradient, too: their probability, which pushes them down.",
            ),
        },
    ),
    "log_sum_exp": Exercise(
        question="Return log(sum(exp(row))) of each row of logits (N, C), which may be as large as 1000.",
        answer=log_sum_exp,
        cases=tables,
        hints=(
            "Subtract something from the row, and add it again in the end. What makes sure that exp neither overflows "
            "nor gives zeros only?",
            "logits.max(axis=1, keepdims=True): the maximum of each row, so that its largest exp is exactly 1.",
        ),
        mistakes={
            "of all": Mistake(
                log_sum_exp_of_all,
                "you subtract the maximum of the whole table: in every row that lies 750 below it (100 in float32) "
                "all exps are 0, and log(0) is -inf (amdegroot/ssd.pytorch, issues 85 and 483).",
            ),
            "plain": Mistake(
                log_sum_exp_plain, "exp(1000) is infinite, and exp(-1000) is 0. Subtract the row's maximum."
            ),
            "columns": Mistake(
                log_sum_exp_columns, "you sum over the rows; a row is one default box, axis 1 its classes."
            ),
            "not added": Mistake(log_sum_exp_not_added, "add the maximum again that you have subtracted."),
        },
    ),
    "whole_loss": Exercise(
        question="Return the loss of a batch from the losses of its default boxes and which of them are trained.",
        answer=whole_loss,
        cases=batches,
        hints=(
            "Confidence counts at the positives and the negatives, location at the positives alone.",
            "Both sums are divided by the number of positives, and by 1 if there are none.",
        ),
        mistakes={
            "no floor": Mistake(
                whole_loss_no_floor, "a batch without objects divides 0 by 0: NaN. Divide by max(1, positives)."
            ),
            "all": Mistake(
                whole_loss_all_conf, "you sum the confidence of all default boxes; only the chosen ones are trained."
            ),
            "negatives' offsets": Mistake(
                whole_loss_loc_of_negatives, "a negative has no object, and so no target offsets."
            ),
            "by all trained": Mistake(
                whole_loss_by_trained, "the sums are divided by the positives, not by all that are trained."
            ),
            "mean of four": Mistake(
                whole_loss_mean_of_four,
                "you average over the four offsets, which makes alpha 0.25 (as sgrvinod's tutorial does). Sum them.",
            ),
        },
    ),
}
