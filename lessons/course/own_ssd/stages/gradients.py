"""Stage 12: the backward pass, against the library's with the same weights, and against measured slopes."""

from functools import cache

import numpy as np

from lessons.course.own_ssd.reference import own_name, weights_of
from lessons.course.own_ssd.stage import Case, Cause, Stage
from lessons.course.own_ssd.stages import scene
from lessons.course.own_ssd.stages.variants import feature_maps, gradients, loss_gradients
from numpyssd import kernels

MAP = ("image", "row", "column", "channel")
STEP = 1e-5  # of a measured slope; the numbers are float64 then
MEASURED = (  # weights whose slope is measured: where in the network, which number
    ("conv1.weight", 7), ("conv3_bn.scale", 5), ("conv4_bn.shift", 9), ("conv6.weight", 1234), ("conv8.weight", 77),
    ("conv12_bn.scale", 3), ("norm.scale", 2), ("loc.0.weight", 100), ("conf.1.bias", 4), ("conf.4.weight", 11),
)  # fmt: skip


@cache
def backward_cases():
    """Return the cases of predict_gradient, of backward, and of measured slopes."""
    both = "Where trunk and branch meet, both gradients add up."
    causes = (
        Cause(f"the gradient goes on to the stages before, but what a map's own predictors give is not added. {both}",
              lambda: gradients(branch=False)),
        Cause(f"each map gets what its own predictors give, but not what comes from the stages after it. {both}",
              lambda: gradients(trunk=False)),
        Cause("the ReLU is forgotten: where its output is 0, no gradient goes on.", lambda: gradients(relu=False)),
        Cause("the gradient of the first map does not go through its normalization.", lambda: gradients(norm=False)),
        Cause("the statistics of the batch are taken for constants.", lambda: gradients(statistics=False)),
        Cause("the ReLU stands after the batch normalization: its output decides what goes on, not the sums before.",
              lambda: gradients(mask="sums")),
        Cause("the gradients of scale and shift are exchanged.", _scale_for_shift),
    )  # fmt: skip
    slopes = "backward, against slopes that were measured: each weight raised and lowered by a little"
    return [
        _predictors_case(),
        Case("backward(weights, kept, dloc, dconf)", _backward, gradients(), (), causes, 2e-3),
        Case(slopes, _slopes, _measured, (), (), 1e-3),
    ]


def _scale_for_shift():
    right, other = gradients(), {"_bn.scale": "_bn.shift", "_bn.shift": "_bn.scale"}
    return {name: right[name[:-9] + other[name[-9:]]] if name[-9:] in other else right[name] for name in right}


def _backward(mine):
    weights, averages = weights_of(scene.model())
    dloc, dconf = loss_gradients(scene.model())
    kept = mine.forward(weights, averages, scene.pixels().copy(), True)[2]
    return mine.backward(weights, kept, dloc, dconf)


def _predictors_case():
    """Return the case of predict_gradient."""
    model = scene.model()
    maps, (dloc, dconf) = feature_maps()[0], loss_gradients(scene.model())
    seen = [model.predictors.norm.infer(maps[0]), *maps[1:]]

    def run(mine):
        found = {}
        return mine.predict_gradient(weights_of(model)[0], found, seen, dloc.copy(), dconf.copy()), found

    def library(loc=1, conf=1):
        dmaps, found, first = [], {}, 0
        for number, (x, count) in enumerate(zip(seen, model.predictors.counts)):
            dx = 0
            for layer, rows, factor in (
                (model.predictors.loc[number], dloc, loc),
                (model.predictors.conf[number], dconf, conf),
            ):
                with kernels.using("reference"):
                    layer.forward(x)
                    part = layer.backward(rows[:, first : first + count].reshape(*x.shape[:3], -1))
                dx = dx + factor * part
                found |= {own_name(name): parameter.grad.copy() for name, parameter in layer.parameters().items()}
            dmaps.append(dx)
            first += count
        return dmaps, found

    says = "the gradient of a map has two parts, from loc and from conf. That from {} is missing."
    causes = Cause(says.format("loc"), lambda: library(loc=0)), Cause(says.format("conf"), lambda: library(conf=0))
    return Case("predict_gradient(weights, gradients, maps, dloc, dconf)", run, library(), MAP, causes, 1e-3)


def _in_float64():
    """Return weights, averages, one image and its targets, all float64."""
    weights, averages = (_wide(part) for part in weights_of(scene.model()))
    loc, conf = scene.batch_targets()
    return weights, averages, scene.pixels()[:1].astype(np.float64), loc[:1].astype(np.float64), conf[:1]


def _wide(part):
    return {name: value.astype(np.float64) for name, value in part.items()}


def _slopes(mine):
    """Return what the learner's backward pass says of a few weights."""
    weights, averages, images, *targets = _in_float64()
    loc, conf, kept = mine.forward(weights, averages, images, True)
    found = mine.backward(weights, kept, *mine.loss_and_gradients(loc, conf, *targets)[1:])
    return {name: np.ravel(found[name])[place] for name, place in MEASURED}


def _measured(mine):
    """Return how the learner's own loss changes with each of a few weights."""
    weights, averages, images, *targets = _in_float64()

    def loss(name, place, step):
        moved = {**weights, name: weights[name].copy()}
        moved[name].ravel()[place] += step
        loc, conf, _ = mine.forward(moved, dict(averages), images, True)
        return mine.loss_and_gradients(loc, conf, *targets)[0]

    return {name: (loss(name, place, STEP) - loss(name, place, -STEP)) / (2 * STEP) for name, place in MEASURED}


FUNCTIONS = "block_gradient", "predict_gradient", "backward"
STAGES = (Stage("backward", (), FUNCTIONS, backward_cases, ("layers backwards", "predictions", "the loss of a batch")),)
