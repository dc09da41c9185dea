"""Where a number stopped being finite: the image, the layer, or the gradient that was the first."""

import numpy as np

from numpyssd import kernels
from numpyssd.errors import InputError


class NotFinite(InputError):
    """A number is not finite any more, so that nothing the network holds is worth saving."""

    def __init__(self, iteration, culprit, lr, checkpoint=None):
        saved = f"{checkpoint} is the last good checkpoint" if checkpoint else "nothing was saved before"
        super().__init__(
            f"training stopped at iteration {iteration}: {culprit} is not finite; lower the learning rate with --lr "
            f"(now {lr:g}) or look at the data with python -m numpyssd.explore; {saved}"
        )


def first_nonfinite(model, batch, image_name="image {} of the training split".format):
    """Return a phrase that names the first thing that is not finite for this batch, going the way of the arithmetic.

    First the images and targets of the batch, then every weight, then the output of every layer in order, and last the
    running statistics, which follow from those outputs. image_name: a function from an index into the dataset to what
    to call that image.
    """
    for n, i in enumerate(batch.indices):
        if not np.isfinite(batch.images[n]).all():
            return image_name(i)
        bad = ~np.isfinite(batch.loc_targets[n]).all(axis=1)
        if bad.any():
            return f"the target of default box {bad.argmax()} in {image_name(i)}"
    if culprit := _first_parameter(model):
        return culprit
    x, features = kernels.active.to_device(batch.images), []
    for stage in model.stages:
        for layer in stage.layers:
            x = layer.forward(x)
            if not np.isfinite(kernels.active.to_host(x)).all():
                return f"the output of {getattr(layer, 'name', 'a layer')}"
        features.append(x)
    for array, name in zip(model.predictors.forward(features), ("loc", "conf")):
        if not np.isfinite(kernels.active.to_host(array)).all():
            return f"the output of the {name} predictors"
    return _first_running_statistic(model) or "the loss"


def first_nonfinite_weight(model):
    """Return a phrase that names the first parameter or running statistic that is not finite, or None."""
    return _first_parameter(model) or _first_running_statistic(model)


def _first_parameter(model):
    for name, parameter in model.parameters().items():
        if not np.isfinite(parameter.value).all():
            return f"the parameter {name}"
    return None


def _first_running_statistic(model):
    for name, (layer, key) in model.running_statistics().items():
        if not np.isfinite(layer.running[key]).all():
            return f"the running {key} {name}"
    return None


def first_nonfinite_gradient(model):
    """Return a phrase that names the gradient that is not finite, of the parameter nearest to the output."""
    bad = [name for name, parameter in model.parameters().items() if not np.isfinite(parameter.grad).all()]
    return f"the gradient of {bad[-1]}" if bad else "the length of all gradients together"
