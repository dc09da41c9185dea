"""Exercises of lesson 13: one step of SGD, the schedule of the rate, micro-batches."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def sgd(value, gradient, velocity, lr, momentum, decay):
    velocity = momentum * velocity + lr * (gradient + decay * value)
    return value - velocity, velocity


def sgd_uphill(value, gradient, velocity, lr, momentum, decay):
    velocity = sgd(value, gradient, velocity, lr, momentum, decay)[1]
    return value + velocity, velocity


def sgd_rate_outside(value, gradient, velocity, lr, momentum, decay):
    velocity = momentum * velocity + gradient + decay * value
    return value - lr * velocity, velocity


def sgd_without_decay(value, gradient, velocity, lr, momentum, decay):
    return sgd(value, gradient, velocity, lr, momentum, 0)


def sgd_decay_not_scaled(value, gradient, velocity, lr, momentum, decay):
    velocity = momentum * velocity + lr * gradient + decay * value
    return value - velocity, velocity


def sgd_damped(value, gradient, velocity, lr, momentum, decay):
    velocity = momentum * velocity + (1 - momentum) * lr * (gradient + decay * value)
    return value - velocity, velocity


def sgd_cases():
    rows = ((1, 2, 0, 0.5, 0, 0), (1, 2, 4, 0.5, 0.5, 0), (2, 0, 0, 0.5, 0.5, 0.25), (8, 2, 4, 0.25, 0.5, 0.5))
    rng = np.random.default_rng(5)
    arrays = tuple(rng.normal(0, 1, 3).round(2) for _ in range(3))
    return [*(tuple(map(float, row)) for row in rows), (*arrays, 0.01, 0.9, 5e-4)]


def learning_rate(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        return lr * (iteration + 1) / (warm_up + 1)
    drops = round(iterations * 2 / 3), round(iterations * 5 / 6)
    return lr * 0.1 ** sum(iteration >= drop for drop in drops)


def rate_one_late(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        return learning_rate(iteration, iterations, lr, warm_up)
    return learning_rate(max(iteration - 1, warm_up), iterations, lr, warm_up)


def rate_without_warm_up(iteration, iterations, lr, warm_up):
    return learning_rate(iteration, iterations, lr, 0)


def rate_from_zero(iteration, iterations, lr, warm_up):
    return lr * iteration / warm_up if iteration < warm_up else learning_rate(iteration, iterations, lr, warm_up)


def rate_with_one_drop(iteration, iterations, lr, warm_up):
    return max(learning_rate(iteration, iterations, lr, warm_up), lr * 0.1 if iteration >= warm_up else 0.0)


def rate_cases():
    ends = ((0, 120, 1.0, 3), (2, 120, 1.0, 3), (3, 120, 1.0, 3), (79, 120, 1.0, 3), (80, 120, 1.0, 3))
    return [*ends, (99, 120, 1.0, 3), (100, 120, 1.0, 3), (0, 12, 0.5, 0), (11, 12, 0.5, 0), (80_000, 120_000, 1e-3, 0)]


def accumulated_gradient(gradients, positives):
    return (gradients * positives[:, None]).sum(axis=0) / max(1, positives.sum())


def accumulated_by_mean(gradients, positives):
    return gradients.mean(axis=0)


def accumulated_by_sum(gradients, positives):
    return gradients.sum(axis=0)


def accumulated_over_parts(gradients, positives):
    return (gradients * positives[:, None]).sum(axis=0) / len(positives)


def parts():
    rows = (([[2.0]], [3]), ([[4, 0], [0, 4]], [1, 3]), ([[1, 2], [3, 4], [5, 6]], [2, 0, 6]), ([[1.0], [3.0]], [5, 5]))
    return [(np.array(gradients, float), np.array(positives)) for gradients, positives in rows]


EXERCISES = {
    "sgd": Exercise(
        question="Return the value and the velocity after one step of SGD with momentum and weight decay.",
        answer=sgd,
        cases=sgd_cases,
        hints=(
            "First the new velocity: the old one times the momentum, plus the rate times (gradient + decay * value).",
            "velocity = momentum * velocity + lr * (gradient + decay * value); then value - velocity.",
        ),
        mistakes={
            "uphill": Mistake(
                sgd_uphill, "you add the velocity: that goes uphill. The gradient points uphill; subtract."
            ),
            "rate outside": Mistake(
                sgd_rate_outside,
                "you multiply by the rate at the end, as PyTorch does. In Caffe it is inside the velocity, so that a "
                "drop of the rate does not shorten steps that are already under way.",
            ),
            "no decay": Mistake(sgd_without_decay, "weight decay is missing: decay * value is added to the gradient."),
            "decay not scaled": Mistake(
                sgd_decay_not_scaled, "decay * value belongs inside the brackets, where the rate multiplies it too."
            ),
            "damped": Mistake(
                sgd_damped,
                "you weigh the gradient by 1 - momentum, as a moving average does. Here it enters in full, so that "
                "a steady gradient makes steps of lr / (1 - momentum).",
            ),
        },
    ),
    "learning_rate": Exercise(
        question="Return the rate: a linear warm-up, then a tenth from 2/3 and again from 5/6 of the run on.",
        answer=learning_rate,
        cases=rate_cases,
        hints=(
            "Before warm_up: lr * (iteration + 1) / (warm_up + 1). After: lr times 0.1 for each drop passed.",
            "0.1 ** sum(iteration >= drop for drop in (round(iterations * 2 / 3), round(iterations * 5 / 6))).",
        ),
        mistakes={
            "one late": Mistake(rate_one_late, "it drops one iteration late: from 2/3 on means >=, not >."),
            "no warm-up": Mistake(rate_without_warm_up, "the first iterations have the full rate already."),
            "from zero": Mistake(
                rate_from_zero,
                "your warm-up starts at 0, so that the first step goes nowhere: (iteration + 1) / (warm_up + 1).",
            ),
            "one drop": Mistake(rate_with_one_drop, "the second drop, at 5/6 of the run, is missing."),
        },
    ),
    "accumulated_gradient": Exercise(
        question="Return the gradient (W,) of a batch from (P, W) of its P parts, each divided by its own positives.",
        answer=accumulated_gradient,
        cases=parts,
        hints=(
            "A part's gradient was divided by its own number of positives. Undo that first.",
            "Multiply each by its positives, add them up, and divide by the positives of the whole batch.",
        ),
        mistakes={
            "mean": Mistake(
                accumulated_by_mean, "the plain mean gives a positive more weight in a part with few positives."
            ),
            "sum": Mistake(accumulated_by_sum, "the sum is too large: P parts make it P times too large."),
            "over the parts": Mistake(
                accumulated_over_parts, "you divide by the number of parts; divide by the positives of the whole batch."
            ),
        },
    ),
}
