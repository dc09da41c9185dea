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


def first_loss_background_twice(classes, ratio):
    return (1 + ratio) * np.log(classes + 1)


def first_loss_base_10(classes, ratio):
    return (1 + ratio) * np.log10(classes)


def first_loss_sign(classes, ratio):
    return -(1 + ratio) * np.log(classes)


def first_loss_of_probability(classes, ratio):
    return (1 + ratio) / classes


def first_loss_log_of_all(classes, ratio):
    return np.log((1 + ratio) * classes)


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


def smooth_l1_sign_everywhere(x):
    value, _ = smooth_l1_pair(x)
    return value, np.sign(x)


def smooth_l1_x_everywhere(x):
    value, _ = smooth_l1_pair(x)
    return value, x


def smooth_l1_halved_gradient(x):
    value, gradient = smooth_l1_pair(x)
    return value, np.where(np.abs(x) < 1, gradient / 2, gradient)


def smooth_l1_gradient_of_square(x):
    value, gradient = smooth_l1_pair(x)
    return value, np.where(np.abs(x) < 1, 2 * gradient, gradient)


def smooth_l1_no_half_in_value(x):
    value, gradient = smooth_l1_pair(x)
    return np.where(np.abs(x) < 1, 2 * value, value), gradient


def plain_l2(x):
    return 0.5 * x**2, x


def smooth_l1_pieces_exchanged(x):
    near = np.abs(x) < 1
    return np.where(near, np.abs(x) - 0.5, 0.5 * x**2), np.where(near, np.sign(x), x)


def smooth_l1_without_abs(x):
    return np.where(x < 1, 0.5 * x**2, x - 0.5), np.where(x < 1, x, 1.0)


def smooth_l1_value_without_abs(x):
    near = np.abs(x) < 1
    return np.where(near, 0.5 * x**2, x - 0.5), np.where(near, x, np.sign(x))


def smooth_l1_summed(x):
    value, gradient = smooth_l1_pair(x)
    return value.sum(), gradient


def smooth_l1_gradient_shifted(x):
    near = np.abs(x) < 1
    return smooth_l1_pair(x)[0], np.where(near, x, np.sign(x) - 0.5)


def smooth_l1_by_if(x):
    return (0.5 * x**2, x) if abs(x) < 1 else (abs(x) - 0.5, np.sign(x))


def smooth_l1_no_sign_beyond(x):
    value, gradient = smooth_l1_pair(x)
    return value, np.where(np.abs(x) < 1, x, 1.0)


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


def cross_entropy_same_array(logits, label):
    powers = np.exp(logits - logits.max())
    probabilities = powers / powers.sum()
    gradient = probabilities  # no copy
    gradient[label] -= 1
    with np.errstate(all="ignore"):
        return -np.log(probabilities[label]), gradient


def cross_entropy_same_array_plain(logits, label):
    with np.errstate(all="ignore"):
        gradient = np.exp(logits) / np.exp(logits).sum()
        gradient[label] -= 1
        return -np.log(gradient[label]), gradient


def cross_entropy_loss_sign(logits, label):
    loss, gradient = cross_entropy(logits, label)
    return -loss, gradient


def cross_entropy_one_minus(logits, label):
    _, gradient = cross_entropy(logits, label)
    return -gradient[label], gradient


def cross_entropy_of_all(logits, label):
    _, gradient = cross_entropy(logits, label)
    shifted = logits - logits.max()
    return (np.log(np.exp(shifted).sum()) - shifted).sum(), gradient


def cross_entropy_of_logits(logits, label):
    _, gradient = cross_entropy(logits, label)
    return -logits[label], gradient


def cross_entropy_not_divided(logits, label):
    loss, _ = cross_entropy(logits, label)
    gradient = np.exp(logits - logits.max())
    gradient[label] -= 1
    return loss, gradient


def cross_entropy_base_2(logits, label):
    loss, gradient = cross_entropy(logits, label)
    return loss / np.log(2), gradient


def cross_entropy_base_10(logits, label):
    loss, gradient = cross_entropy(logits, label)
    return loss / np.log(10), gradient


def cross_entropy_largest_not_added(logits, label):
    loss, gradient = cross_entropy(logits, label)
    return loss - logits.max(), gradient


def cross_entropy_of_the_probability(logits, label):
    loss, _ = cross_entropy(logits, label)
    gradient = np.zeros(len(logits))
    gradient[label] = -1 / np.exp(-loss) if loss < 700 else -np.inf
    return loss, gradient


def cross_entropy_of_the_likeliest(logits, label):
    loss, _ = cross_entropy(logits, int(logits.argmax()))
    return loss, cross_entropy(logits, label)[1]


def cross_entropy_with_epsilon(logits, label):
    _, gradient = cross_entropy(logits, label)
    return -np.log(np.exp(-cross_entropy(logits, label)[0]) + 1e-12), gradient


def cross_entropy_with_small_epsilon(logits, label):
    _, gradient = cross_entropy(logits, label)
    return -np.log(np.exp(-cross_entropy(logits, label)[0]) + 1e-10), gradient


def cross_entropy_clipped(logits, label):
    _, gradient = cross_entropy(logits, label)
    return -np.log(max(np.exp(-cross_entropy(logits, label)[0]), 1e-15)), gradient


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


def log_sum_exp_no_sum(logits):
    return logits.max(axis=1)


def log_sum_exp_mean(logits):
    return log_sum_exp(logits) - np.log(logits.shape[1])


def log_sum_exp_subtracted(logits):
    return log_sum_exp(logits) - 2 * logits.max(axis=1)


def log_sum_exp_one_number(logits):
    largest = logits.max()
    return np.log(np.exp(logits - largest).sum()) + largest


def log_sum_exp_no_log(logits):
    largest = logits.max(axis=1)
    return np.exp(logits - largest[:, None]).sum(axis=1) + largest


def log_sum_exp_softmax(logits):
    return logits - log_sum_exp(logits)[:, None]


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


def whole_loss_each_its_own(loc_losses, conf_losses, positive, negative):
    trained = positive | negative
    conf = conf_losses[trained].sum() / max(1, trained.sum())
    return conf + loc_losses[positive].sum() / max(1, positive.sum())


def whole_loss_by_all_boxes(loc_losses, conf_losses, positive, negative):
    return (conf_losses[positive | negative].sum() + loc_losses[positive].sum()) / len(positive)


def whole_loss_not_divided(loc_losses, conf_losses, positive, negative):
    return conf_losses[positive | negative].sum() + loc_losses[positive].sum()


def whole_loss_conf_divided(loc_losses, conf_losses, positive, negative):
    return conf_losses[positive | negative].sum() / max(1, positive.sum()) + loc_losses[positive].sum()


def whole_loss_loc_divided(loc_losses, conf_losses, positive, negative):
    return conf_losses[positive | negative].sum() + loc_losses[positive].sum() / max(1, positive.sum())


def whole_loss_no_negatives(loc_losses, conf_losses, positive, negative):
    return (conf_losses[positive].sum() + loc_losses[positive].sum()) / max(1, positive.sum())


def whole_loss_no_positives(loc_losses, conf_losses, positive, negative):
    return (conf_losses[negative].sum() + loc_losses[positive].sum()) / max(1, positive.sum())


def whole_loss_no_offsets(loc_losses, conf_losses, positive, negative):
    return conf_losses[positive | negative].sum() / max(1, positive.sum())


def whole_loss_all_offsets(loc_losses, conf_losses, positive, negative):
    return (conf_losses[positive | negative].sum() + loc_losses.sum()) / max(1, positive.sum())


def whole_loss_of_everything(loc_losses, conf_losses, positive, negative):
    return (conf_losses.sum() + loc_losses.sum()) / max(1, positive.sum())


def whole_loss_means(loc_losses, conf_losses, positive, negative):
    conf, loc = conf_losses[positive | negative], loc_losses[positive]
    return (conf.mean() if conf.size else 0) + (loc.mean() if loc.size else 0)


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
            "base 2": Mistake(
                first_loss_log2, "wanted is the natural logarithm, np.log.", variants=(first_loss_base_10,)
            ),
            "without background": Mistake(
                first_loss_without_background, "background is a class, too, and already counted in ``classes``."
            ),
            "background twice": Mistake(
                first_loss_background_twice, "``classes`` counts the background already: you have one class too many."
            ),
            "sign": Mistake(
                first_loss_sign,
                "a loss is not negative: it is minus the logarithm of a probability, -log(1 / classes).",
            ),
            "no logarithm": Mistake(
                first_loss_of_probability, "the logarithm is missing: a default box costs -log(1 / classes)."
            ),
            "inside the logarithm": Mistake(
                first_loss_log_of_all, "1 + ratio multiplies the logarithm; it does not stand inside it."
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
                variants=(smooth_l1_no_half_in_value,),
            ),
            "mean": Mistake(
                smooth_l1_mean,
                "a value for each number is wanted, and not one for all of them.",
                variants=(smooth_l1_summed,),
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
                smooth_l1_no_sign,
                "the gradient is negative where x is negative; otherwise the step would lead away.",
                variants=(smooth_l1_no_sign_beyond,),
            ),
            "if": Mistake(
                smooth_l1_by_if,
                "an if asks about the whole array at once. np.where(np.abs(x) < 1, a, b) chooses for each number.",
            ),
            "sign everywhere": Mistake(
                smooth_l1_sign_everywhere,
                "the value is right, but the gradient is that of |x|. Within 1 the loss is 0.5 x**2, whose gradient is x.",
            ),
            "x everywhere": Mistake(
                smooth_l1_x_everywhere,
                "the value is right, but the gradient is x everywhere. Beyond 1 it is 1 or -1, however large x is.",
            ),
            "gradient of another square": Mistake(
                smooth_l1_gradient_of_square,
                "the value is right, but not the gradient within 1: the gradient of 0.5 x**2 is x.",
                variants=(smooth_l1_halved_gradient, smooth_l1_gradient_shifted),
            ),
            "squares": Mistake(plain_l2, "these are squares everywhere. Beyond 1 it is a straight line, |x| - 0.5."),
            "pieces exchanged": Mistake(
                smooth_l1_pieces_exchanged,
                "the pieces are exchanged: the square is for |x| < 1, the line for the rest.",
            ),
            "without abs": Mistake(
                smooth_l1_without_abs,
                "a negative x can be large, too: compare |x| with 1, and take |x| - 0.5 beyond.",
                variants=(smooth_l1_value_without_abs,),
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
            "same array": Mistake(
                cross_entropy_same_array,
                "gradient = probabilities makes no copy: both names mean one array. So the - 1 at the label changes the "
                "probability as well, and the logarithm of a negative number is NaN. Take the loss first, or a copy().",
                variants=(cross_entropy_same_array_plain,),
            ),
            "sign of the loss": Mistake(
                cross_entropy_loss_sign, "the loss is negative. It is *minus* the logarithm of the probability."
            ),
            "no logarithm": Mistake(
                cross_entropy_one_minus, "your loss is 1 minus the probability. It is minus its logarithm."
            ),
            "all classes": Mistake(
                cross_entropy_of_all, "you add up the losses of all classes. Only the label's class counts."
            ),
            "logit": Mistake(
                cross_entropy_of_logits,
                "log(sum(exp(logits))) is missing: the loss needs probabilities, which sum to 1.",
            ),
            "not divided": Mistake(
                cross_entropy_not_divided,
                "the loss is right, but the powers in the gradient are not divided by their sum.",
            ),
            "another base": Mistake(
                cross_entropy_base_2, "wanted is the natural logarithm, np.log.", variants=(cross_entropy_base_10,)
            ),
            "largest not added": Mistake(
                cross_entropy_largest_not_added,
                "you subtract the largest logit inside the sum, but not from the label's logit: it has to cancel.",
            ),
            "with respect to the probability": Mistake(
                cross_entropy_of_the_probability,
                "this is the gradient with respect to the probability. Softmax is part of the chain.",
            ),
            "likeliest": Mistake(
                cross_entropy_of_the_likeliest, "your loss is that of the likeliest class. Take the label's."
            ),
            "epsilon": Mistake(
                cross_entropy_with_epsilon,
                "a small number that is added to the probability, or a lower limit of it, hides the loss of a network that "
                "is very wrong. Take the logarithm of the *sum* of the powers, and never of a probability.",
                variants=(cross_entropy_with_small_epsilon, cross_entropy_clipped),
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
            "largest only": Mistake(
                log_sum_exp_no_sum, "this is the largest of each row. The sum of the exps is missing."
            ),
            "mean": Mistake(log_sum_exp_mean, "this is the logarithm of the mean. It is that of the sum."),
            "subtracted again": Mistake(
                log_sum_exp_subtracted,
                "the largest is subtracted twice. It is subtracted inside, and added in the end.",
            ),
            "one number": Mistake(log_sum_exp_one_number, "you sum over the whole table. Each row has its own sum."),
            "no logarithm": Mistake(log_sum_exp_no_log, "the logarithm of the sum is missing."),
            "log-softmax": Mistake(
                log_sum_exp_softmax, "this is log-softmax. Wanted is what was subtracted from the logits."
            ),
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
                whole_loss_all_conf,
                "you sum the confidence of all default boxes; only the chosen ones are trained.",
                variants=(whole_loss_of_everything,),
            ),
            "negatives' offsets": Mistake(
                whole_loss_loc_of_negatives,
                "offsets count at the positives alone. Another default box has no object, and so no target offsets.",
                variants=(whole_loss_all_offsets,),
            ),
            "by all trained": Mistake(
                whole_loss_by_trained, "the sums are divided by the positives, not by all that are trained."
            ),
            "mean of four": Mistake(
                whole_loss_mean_of_four,
                "you average over the four offsets, which makes alpha 0.25 (as sgrvinod's tutorial does). Sum them.",
            ),
            "each its own": Mistake(
                whole_loss_each_its_own,
                "you divide each part by its own number. Both sums are divided by the number of positives.",
                variants=(whole_loss_means,),
            ),
            "by all boxes": Mistake(
                whole_loss_by_all_boxes, "you divide by the number of all default boxes. Divide by the positives."
            ),
            "one part not divided": Mistake(
                whole_loss_conf_divided,
                "only one of the two sums is divided by the positives: set brackets around both.",
                variants=(whole_loss_loc_divided,),
            ),
            "not divided": Mistake(whole_loss_not_divided, "the division by the number of positives is missing."),
            "no negatives": Mistake(
                whole_loss_no_negatives, "the confidence of the chosen negatives is missing: they are trained, too."
            ),
            "no positives": Mistake(
                whole_loss_no_positives, "the confidence of the positives is missing. It counts at both."
            ),
            "no offsets": Mistake(whole_loss_no_offsets, "the location loss is missing."),
        },
    ),
}
