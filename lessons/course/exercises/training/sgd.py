"""Exercise sgd of lesson 13: its answer, its cases, and the mistakes that are often made in it."""

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


EXERCISE = Exercise(
    question="Return the value and the velocity after one step of SGD with momentum and weight decay.",
    answer=sgd,
    cases=sgd_cases,
    hints=(
        "First the new velocity: the old one times the momentum, plus the rate times (gradient + decay * value).",
        "velocity = momentum * velocity + lr * (gradient + decay * value); then value - velocity.",
    ),
    mistakes={
        "uphill": Mistake(sgd_uphill, "you add the velocity: that goes uphill. The gradient points uphill; subtract."),
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
        "rate twice": Mistake(sgd_rate_twice, "the rate is in the velocity already; you multiply by it a second time."),
        "sign of the decay": Mistake(sgd_decay_subtracted, "decay * value is added to the gradient; you subtract it."),
        "decay beside": Mistake(
            sgd_decay_on_the_value,
            "you take the decay off the value alone (as AdamW does). Here it is part of the gradient, so it enters the "
            "velocity as well.",
        ),
    },
)
