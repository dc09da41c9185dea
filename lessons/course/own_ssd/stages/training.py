"""Stage 14: a step of training."""

from functools import cache

import numpy as np

from lessons.course.own_ssd.reference import own_name, weights_of
from lessons.course.own_ssd.stage import Case, Cause, Stage
from lessons.course.own_ssd.stages import scene
from numpyssd import kernels
from numpyssd.layers import BatchNorm
from numpyssd.training.multibox_loss import multibox_loss

RATE = 0.01
INVARIANT = ("conv1", "conv2", "conv3", "conv5", "conv7", "conv9", "conv11")  # their outputs meet a normalization next


@cache
def step_cases():
    """Return the case of train_step: two steps, so that the velocity of the first counts."""
    no_velocity = "each step begins with no velocity: keep it in velocities."
    causes = (
        Cause("the weights go uphill: subtract the velocity.", lambda: _two_steps(sign=-1)),
        Cause(no_velocity, lambda: _two_steps(momentum=0)),
        Cause(no_velocity, lambda: _nothing_kept(_two_steps(momentum=0))),
        Cause("biases learn at twice the rate.", lambda: _two_steps(bias_rate=1)),
        Cause("all weights have twice the rate. Only biases have.", lambda: _two_steps(rate=2)),
        Cause("nothing decays. Weights do, by 5e-4.", lambda: _two_steps(decay=0)),
        Cause("biases decay too. They should not.", lambda: _two_steps(bias_decay=1)),
        Cause("scale and shift of the batch normalization decay too. They should not.",
              lambda: _two_steps(bn_decay=1)),
        Cause("the scale of the first map does not decay. It should, as a weight does.",
              lambda: _two_steps(norm_decay=0)),
        Cause("the network is not in training: forward(..., True).", lambda: _two_steps(training=False)),
        Cause("the weights stay where they are: put the new value into weights.", lambda: _two_steps(sign=0)),
        *(Cause("the momentum is not 0.9.", lambda momentum=momentum: _two_steps(momentum=momentum))
          for momentum in (0.5, 0.8, 0.95, 0.99)),
        *(Cause("the decay is not 5e-4.", lambda times=times: _two_steps(decay=times)) for times in (0.1, 0.2, 2, 10)),
        Cause("everything decays: biases, scales and shifts should not.",
              lambda: _two_steps(bias_decay=1, bn_decay=1)),
    )  # fmt: skip
    call = "train_step, twice: the losses, how far each weight moved, its velocity"
    shapes = {name: np.zeros(value.shape) for name, value in weights_of(scene.model())[0].items()}
    return [
        Case(call, _run, _two_steps(), (), causes, 5e-3),
        Case("train(samples, 3, batch_size=2): the steps that look sees; its weights", _train, ([0, 1, 2], shapes)),
    ]


def _train(mine):
    seen = []
    weights, _ = mine.train(list(scene.samples()), 3, batch_size=2, look=lambda step, *_: seen.append(step))
    return seen, {name: np.zeros(np.shape(value)) for name, value in weights.items()}


def _nothing_kept(result):
    losses, moved, velocities = result
    return losses, moved, {name: 0 * value for name, value in velocities.items()}


def _model():
    """Return the network with large weights where a normalization makes the size meaningless, so that decay is seen."""
    model = scene.model()
    for name, parameter in model.parameters().items():
        layer = name.split(".")[0].removesuffix("_bn")
        large = 30 if layer.startswith("conv") and (name.endswith(".weight") or layer in INVARIANT) else 1
        parameter.value = parameter.value * np.float32(large) if layer != "conv4_3_norm" else parameter.value
        if name.startswith("conf") and name.endswith(".bias"):
            parameter.value = parameter.value + np.float32(50)  # of all classes: the softmax stays as it is
    _fit_averages(model)
    return model


def _fit_averages(model):
    """Give the network averages that are near the statistics of the two images, as training would."""
    model.training = True
    normalizations = [layer for layer in model.layers() if isinstance(layer, BatchNorm)]
    for layer in normalizations:
        layer.momentum = 0
    with kernels.using("reference"):
        model.forward(scene.pixels())
    for layer in normalizations:
        del layer.momentum  # that of the class again
        layer.running["variance"] = layer.running["variance"] * np.float32(1.5)


def _run(mine):
    weights, averages = weights_of(_model())
    first, velocities = dict(weights), {name: np.zeros_like(value) for name, value in weights.items()}
    weights, batch = {name: value.copy() for name, value in weights.items()}, (scene.pixels(), *scene.batch_targets())
    losses = [mine.train_step(weights, averages, velocities, batch, RATE) for _ in range(2)]
    return losses, {name: weights[name] - first[name] for name in weights}, velocities


def _two_steps(
    sign=1, momentum=0.9, rate=1, bias_rate=2, decay=1, bias_decay=0, bn_decay=0, norm_decay=1, training=True
):
    model = _model()
    first = weights_of(model)[0]
    velocities, losses = {name: np.zeros_like(value) for name, value in first.items()}, []
    for _ in range(2):
        losses.append(_loss_and_gradients(model, training))
        for name, parameter in model.parameters().items():
            own = own_name(name)
            kind = "bias" if name.endswith(".bias") else "bn" if "_bn." in name else "norm" if own != name else ""
            fraction = {"bias": bias_decay, "bn": bn_decay, "norm": norm_decay, "": 1}[kind] * decay
            lr = RATE * (bias_rate if kind == "bias" else rate)
            velocities[own] = momentum * velocities[own] + lr * (parameter.grad + 5e-4 * fraction * parameter.value)
            parameter.value = (parameter.value - sign * velocities[own]).astype(np.float32)
    after = weights_of(model)[0]
    return losses, {name: after[name] - first[name] for name in after}, velocities


def _loss_and_gradients(model, training):
    model.training = training
    with kernels.using("reference"):
        loc, conf = model.forward(scene.pixels())
        for layer in model.layers():
            layer.by_batch = True  # backward takes the statistics for the batch's own in any case
        loss, dloc, dconf, _ = multibox_loss(loc, conf, *scene.batch_targets())
        model.backward(dloc, dconf)
    return loss


STAGES = (
    Stage("a step of training", ("sgd", "learning_rate"), ("train_step", "train"), step_cases, ("backward", "batches")),
)
