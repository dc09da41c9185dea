"""What the network of the stages gives with a usual mistake in it: its maps, its predictions, its gradients."""

import numpy as np

from lessons.course.own_ssd.reference import gradients_of, weights_of
from lessons.course.own_ssd.stages import scene
from numpyssd import kernels
from numpyssd.kernels.reference.batchnorm import batchnorm_statistics
from numpyssd.layers import BatchNorm, MaxPool2d
from numpyssd.softmax import softmax
from numpyssd.training.multibox_loss import multibox_loss


def feature_maps(
    relu="after",
    training=False,
    normalized=None,
    statistics=batchnorm_statistics,
    pace=0.1,
    used="batch",
    pool="before",
):
    """Return the maps of the network, and its averages afterwards.

    relu: "after" the batch normalization, "before" or "none"; normalized: whether the L2 normalization is a part of the
    trunk, and its result "kept" as the first map or "not kept"; statistics: of a batch, mean and variance; pace: how
    far the averages move; used: by what a batch is normalized, "batch" or "averages"; pool: where the pooling stands.
    """
    model, x, maps = scene.model(), scene.pixels(), []
    averages, waiting = weights_of(model)[1], None
    with kernels.using("reference"):
        for stage in model.stages:
            for layer in stage.parts:
                if isinstance(layer, MaxPool2d) and pool == "after":
                    waiting = layer
                elif isinstance(layer, BatchNorm):
                    x = np.maximum(x, 0) if relu == "before" else x
                    found = layer.running["mean"], layer.running["variance"]
                    if training:
                        found = statistics(x)
                        _move(averages, layer.name, found, pace)
                        if used == "averages":
                            found = averages[f"{layer.name}.mean"], averages[f"{layer.name}.variance"]
                    x = _normalized(x, *found, layer, relu == "after")
                    x, waiting = waiting.infer(x) if waiting else x, None
                else:
                    x = layer.infer(x)
            maps.append(x)
            if normalized and len(maps) == 1:
                x = model.predictors.norm.infer(x)
                maps = [x] if normalized == "kept" else maps
    return maps, averages


def _normalized(x, mean, variance, layer, relu):
    """Do what batchnorm_forward does; mean and variance may be of each image, (N, 1, 1, C)."""
    out = (x - mean) / np.sqrt(variance + np.float32(1e-5)) * layer.scale.value + layer.shift.value
    return np.maximum(out, 0) if relu else out


def statistics_of_each_image(x):
    """Return mean and variance (N, 1, 1, C)."""
    return x.mean(axis=(1, 2), keepdims=True), x.var(axis=(1, 2), keepdims=True)


def _move(averages, name, statistics, pace):
    for key, value in zip(("mean", "variance"), statistics):
        averages[f"{name}.{key}"] = (1 - pace) * averages[f"{name}.{key}"] + pace * value


def deviation_for_variance(x):
    """Return the mean, and the standard deviation in place of the variance."""
    mean, variance = batchnorm_statistics(x)
    return mean, np.sqrt(variance)


def predictions(maps, bias=1, step=1, order="rows", relu=False):
    """Return loc and conf of the library's predictors for the maps that they see.

    bias: the factor of the biases; step: -1 for the maps from coarse to fine; order: how a map is flattened.
    """
    predictors, columns = scene.model().predictors, ([], [])
    with kernels.using("reference"):
        for number, x in enumerate(maps):
            for column, layers, values in zip(columns, (predictors.loc, predictors.conf), (4, predictors.num_classes)):
                layer = layers[number]
                column.append(_flat(layer.compute(x, bias * layer.bias.value, relu), values, order))
    return tuple(np.concatenate(column[::step], axis=1) for column in columns)


def _flat(out, values, order):
    if order == "channels":
        out = out.transpose(0, 3, 1, 2)
    if order == "boxes":
        out = np.moveaxis(out.reshape(*out.shape[:3], -1, values), 3, 1)
    if order == "values":
        return out.reshape(len(out), values, -1).swapaxes(1, 2)
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


def gradients(branch=True, trunk=True, relu=True, norm=True, statistics=True, mask=None):
    """Return the gradients of all weights; False leaves a part out.

    branch: what a map's predictors give; trunk: what the stages after it give; norm: the way through the normalization
    of the first map; statistics: the way through mean and variance of the batch; mask: "sums", where the ReLU's mask is
    taken from the sums before the batch normalization.
    """
    model = scene.model()
    dloc, dconf = loss_gradients(model)
    for layer in model.layers():
        if isinstance(layer, BatchNorm):
            layer.out = (layer.x if mask == "sums" else layer.out) if relu else None
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
