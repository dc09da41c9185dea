"""What the network of the stages gives with a usual mistake in it: its maps, its predictions, its gradients."""

import numpy as np

from lessons.course.own_ssd.reference import gradients_of, weights_of
from lessons.course.own_ssd.stages import scene
from numpyssd import kernels
from numpyssd.kernels.reference.batchnorm import batchnorm_forward, batchnorm_statistics
from numpyssd.layers import BatchNorm
from numpyssd.softmax import softmax
from numpyssd.training.multibox_loss import multibox_loss


def feature_maps(relu="after", training=False, normalized=None):
    """Return the maps of the network, and its averages afterwards.

    relu: "after" the batch normalization, "before" or "none"; normalized: whether the L2 normalization is a part of the
    trunk, and its result "kept" as the first map or "not kept".
    """
    model, x, maps = scene.model(), scene.pixels(), []
    averages = weights_of(model)[1]
    with kernels.using("reference"):
        for stage in model.stages:
            for layer in stage.parts:
                if isinstance(layer, BatchNorm):
                    x = np.maximum(x, 0) if relu == "before" else x
                    statistics = _statistics(layer, x, training, averages)
                    x = batchnorm_forward(x, *statistics, layer.scale.value, layer.shift.value, relu=relu == "after")
                else:
                    x = layer.infer(x)
            maps.append(x)
            if normalized and len(maps) == 1:
                x = model.predictors.norm.infer(x)
                maps = [x] if normalized == "kept" else maps
    return maps, averages


def _statistics(layer, x, training, averages):
    if not training:
        return layer.running["mean"], layer.running["variance"]
    statistics = batchnorm_statistics(x)
    for key, value in zip(("mean", "variance"), statistics):
        averages[f"{layer.name}.{key}"] = 0.9 * averages[f"{layer.name}.{key}"] + 0.1 * value
    return statistics


def predictions(maps, bias=1, step=1, order="rows"):
    """Return loc and conf of the library's predictors for the maps that they see.

    bias: the factor of the biases; step: -1 for the maps from coarse to fine; order: how a map is flattened.
    """
    predictors, columns = scene.model().predictors, ([], [])
    with kernels.using("reference"):
        for number, x in enumerate(maps):
            for column, layers, values in zip(columns, (predictors.loc, predictors.conf), (4, predictors.num_classes)):
                layer = layers[number]
                column.append(_flat(layer.compute(x, bias * layer.bias.value, False), values, order))
    return tuple(np.concatenate(column[::step], axis=1) for column in columns)


def _flat(out, values, order):
    if order == "channels":
        out = out.transpose(0, 3, 1, 2)
    if order == "boxes":
        out = np.moveaxis(out.reshape(*out.shape[:3], -1, values), 3, 1)
    return out.reshape(len(out), -1, values)


def conf_as_softmax(outputs):
    """Return loc, and the softmax of conf."""
    return outputs[0], softmax(outputs[1])


def loss_gradients(model):
    """Send the two images forward, in training; return dloc and dconf of their loss."""
    model.training = True
    with kernels.using("reference"):
        loc, conf = model.forward(scene.pixels())
    return multibox_loss(loc, conf, *scene.batch_targets())[1:3]


def gradients(branch=True, trunk=True, relu=True, norm=True, statistics=True):
    """Return the gradients of all weights; False leaves a part out.

    branch: what a map's predictors give; trunk: what the stages after it give; norm: the way through the normalization
    of the first map; statistics: the way through mean and variance of the batch.
    """
    model = scene.model()
    dloc, dconf = loss_gradients(model)
    for layer in model.layers():
        if isinstance(layer, BatchNorm):
            layer.out = layer.out if relu else None
            layer.by_batch = layer.by_batch and statistics
    right_way = model.predictors.norm.backward
    if not norm:
        model.predictors.norm.backward = lambda dout: [right_way(dout), dout][1]  # it still learns its scale
    with kernels.using("reference"):
        dx = None
        for stage, dmap in zip(model.stages[::-1], model.predictors.backward(dloc, dconf)[::-1]):
            if dx is not None:
                dmap = trunk * dx + branch * dmap
            dx = stage.backward(dmap)
    return gradients_of(model)
