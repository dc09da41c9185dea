"""Exercise cross_entropy of lesson 10: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


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


EXERCISE = Exercise(
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
)
