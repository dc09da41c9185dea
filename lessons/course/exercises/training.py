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


def sgd_old_velocity(value, gradient, velocity, lr, momentum, decay):
    return value - velocity, sgd(value, gradient, velocity, lr, momentum, decay)[1]


def sgd_negative_velocity(value, gradient, velocity, lr, momentum, decay):
    velocity = momentum * velocity - lr * (gradient + decay * value)
    return value + velocity, velocity


def sgd_no_momentum(value, gradient, velocity, lr, momentum, decay):
    return sgd(value, gradient, velocity, lr, 1, decay)


def sgd_no_velocity(value, gradient, velocity, lr, momentum, decay):
    return sgd(value, gradient, velocity, lr, 0, decay)


def sgd_step_without_velocity(value, gradient, velocity, lr, momentum, decay):
    step = lr * (gradient + decay * value)
    return value - step, momentum * velocity + step


def sgd_rate_on_all(value, gradient, velocity, lr, momentum, decay):
    velocity = lr * (momentum * velocity + gradient + decay * value)
    return value - velocity, velocity


def sgd_decay_subtracted(value, gradient, velocity, lr, momentum, decay):
    return sgd(value, gradient, velocity, lr, momentum, -decay)


def sgd_decay_on_the_value(value, gradient, velocity, lr, momentum, decay):
    velocity = momentum * velocity + lr * gradient
    return value - velocity - lr * decay * value, velocity


def sgd_rate_twice(value, gradient, velocity, lr, momentum, decay):
    _, velocity = sgd(value, gradient, velocity, lr, momentum, decay)
    return value - lr * velocity, velocity


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


def rate_warm_up_without_one(iteration, iterations, lr, warm_up):
    return lr * (iteration + 1) / warm_up if iteration < warm_up else learning_rate(iteration, iterations, lr, warm_up)


def rate_from_zero_to_one_more(iteration, iterations, lr, warm_up):
    rate = learning_rate(iteration, iterations, lr, warm_up)
    return lr * iteration / (warm_up + 1) if iteration < warm_up else rate


def rate_minus_a_tenth(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        return learning_rate(iteration, iterations, lr, warm_up)
    return lr * (1 - 0.1 * sum(iteration >= drop for drop in (iterations * 2 / 3, iterations * 5 / 6)))


def rate_without_drops(iteration, iterations, lr, warm_up):
    return learning_rate(min(iteration, warm_up), iterations, lr, warm_up)


def rate_drops_counted_from_warm_up(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        return learning_rate(iteration, iterations, lr, warm_up)
    return learning_rate(iteration - warm_up, iterations - warm_up, lr, 0)


def rate_nine_tenths(iteration, iterations, lr, warm_up):
    if iteration < warm_up:
        return learning_rate(iteration, iterations, lr, warm_up)
    return lr * 0.9 ** sum(iteration >= drop for drop in (iterations * 2 / 3, iterations * 5 / 6))


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


def accumulated_undivided(gradients, positives):
    return (gradients * positives[:, None]).sum(axis=0)


def accumulated_sum_over_all(gradients, positives):
    return gradients.sum(axis=0) / max(1, positives.sum())


def accumulated_divided_again(gradients, positives):
    return (gradients / np.maximum(positives, 1)[:, None]).sum(axis=0)


def accumulated_by_share_of_mean(gradients, positives):
    return (gradients * positives[:, None]).mean(axis=0) / max(1, positives.sum())


def accumulated_weighted_mean_inverse(gradients, positives):
    weights = 1 / np.maximum(positives, 1)
    return (gradients * weights[:, None]).sum(axis=0) / weights.sum()


def accumulated_one_number(gradients, positives):
    return (gradients * positives[:, None]).sum() / max(1, positives.sum())


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
            "old velocity": Mistake(
                sgd_old_velocity, "you step with the old velocity. First it is renewed; then the step uses the new one."
            ),
            "negative velocity": Mistake(
                sgd_negative_velocity,
                "the new value would be right from a velocity of 0, but your velocity has the other sign. Here the gradient "
                "is added to it, and the velocity is subtracted from the value.",
            ),
            "no momentum": Mistake(
                sgd_no_momentum,
                "the momentum is missing: it multiplies the old velocity.",
                variants=(sgd_no_velocity,),
            ),
            "step without velocity": Mistake(
                sgd_step_without_velocity, "the value moves by this gradient alone. It moves by the whole new velocity."
            ),
            "rate on all": Mistake(
                sgd_rate_on_all,
                "the rate multiplies the old velocity, too. It multiplies (gradient + decay * value) only.",
            ),
            "rate twice": Mistake(
                sgd_rate_twice, "the rate is in the velocity already; you multiply by it a second time."
            ),
            "sign of the decay": Mistake(
                sgd_decay_subtracted, "decay * value is added to the gradient; you subtract it."
            ),
            "decay beside": Mistake(
                sgd_decay_on_the_value,
                "you take the decay off the value alone (as AdamW does). Here it is part of the gradient, so it enters the "
                "velocity as well.",
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
                variants=(rate_from_zero_to_one_more,),
            ),
            "one drop": Mistake(rate_with_one_drop, "the second drop, at 5/6 of the run, is missing."),
            "warm-up without one": Mistake(
                rate_warm_up_without_one,
                "your warm-up divides by warm_up. It divides by warm_up + 1, so that the full rate comes just after it.",
            ),
            "minus a tenth": Mistake(
                rate_minus_a_tenth,
                "the rate falls *to* a tenth, times 0.1, and not by a tenth.",
                variants=(rate_nine_tenths,),
            ),
            "no drops": Mistake(rate_without_drops, "the two drops are missing."),
            "drops too late": Mistake(
                rate_drops_counted_from_warm_up,
                "you count the run from the end of the warm-up. 2/3 and 5/6 are those of the whole run.",
            ),
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
            "not divided": Mistake(
                accumulated_undivided,
                "this is the sum over all objects. Divide it by the positives of the whole batch.",
            ),
            "not multiplied": Mistake(
                accumulated_sum_over_all,
                "each part was divided by its own positives already. Multiply it by them first; then divide by all.",
                variants=(accumulated_divided_again, accumulated_weighted_mean_inverse),
            ),
            "divided twice": Mistake(
                accumulated_by_share_of_mean,
                "you divide by the number of parts and by the positives: the second is enough.",
            ),
            "one number": Mistake(
                accumulated_one_number, "you add up over the weights, too. Each has its own gradient."
            ),
        },
    ),
}
