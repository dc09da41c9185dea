"""Where a number stopped being finite: the image, the layer, or the gradient that was the first."""

import numpy as np


def first_nonfinite(model, batch):
    """Return a phrase that names the first thing that is not finite for this batch, going the way of the arithmetic.

    First the images and targets of the batch, then every weight, then the output of every layer in order.
    """
    for n, i in enumerate(batch.indices):
        if not np.isfinite(batch.images[n]).all():
            return f"image {i} of the training split"
        bad = ~np.isfinite(batch.loc_targets[n]).all(axis=1)
        if bad.any():
            return f"the target of default box {bad.argmax()} in image {i} of the training split"
    for name, parameter in model.parameters().items():
        if not np.isfinite(parameter.value).all():
            return f"the parameter {name}"
    x, features = batch.images, []
    for stage in model.stages:
        for layer in stage.layers:
            x = layer.forward(x)
            if not np.isfinite(x).all():
                return f"the output of {getattr(layer, 'name', 'a layer')}"
        features.append(x)
    for array, name in zip(model.predictors.forward(features), ("loc", "conf")):
        if not np.isfinite(array).all():
            return f"the output of the {name} predictors"
    return "the loss"


def first_nonfinite_gradient(model):
    """Return the name of the parameter nearest to the output whose gradient is not finite, or None."""
    bad = [name for name, parameter in model.parameters().items() if not np.isfinite(parameter.grad).all()]
    return bad[-1] if bad else None
