"""Where a number stopped being finite: the image, the layer, or the gradient that was the first."""

import numpy as np

from numpyssd.errors import InputError


class Diverged(InputError):
    """Training has diverged: a number is not finite, so that nothing the network holds is worth saving."""

    def __init__(self, iteration: int, what: str, lr: float, checkpoint=None):
        saved = f"{checkpoint} is the last good checkpoint" if checkpoint else "nothing was saved before"
        super().__init__(
            f"training stopped at iteration {iteration}: {what} is not finite; lower the learning rate with --lr "
            f"(now {lr:g}) or look at the data with python -m numpyssd.explore; {saved}"
        )


class NonFinite(ValueError):
    """A number is not finite, and no parameter has moved yet.

    what: a phrase that names the first one. image: the index of its image in the data set, if it is in one; then ``{}``
    in the phrase stands for the name of that image.
    """

    def __init__(self, what: str, image: int | None = None):
        super().__init__(f"{what} is not finite")
        self.what, self.image = what, image

    def __reduce__(self):  # so that one process can send it to another
        return NonFinite, (self.what, self.image)


def first_nonfinite(detector, images, targets, indices):
    """Return a NonFinite for these images (n, S, S, 3) and targets (n, ...), following the order of the arithmetic.

    First the images and targets, then every parameter, then the output of every layer in order, and last the running
    statistics, which follow from those outputs. indices: (n,) of the images in the data set.
    """
    for n, i in enumerate(indices):
        if not np.isfinite(images[n]).all():
            return NonFinite("{}", i)
        for column in targets:
            bad = ~np.isfinite(column[n].reshape(len(column[n]), -1)).all(axis=1)
            if bad.any():
                return NonFinite(f"the target of {detector.row_name} {bad.argmax()} in {{}}", i)
    what = _first_parameter(detector.model) or detector.first_nonfinite_output(images)
    return NonFinite(what or _first_running_statistic(detector.model) or "the loss")


def first_nonfinite_weight(model):
    """Return a phrase that names the first parameter or running statistic that is not finite, or None."""
    return _first_parameter(model) or _first_running_statistic(model)


def first_nonfinite_gradient(model):
    """Return a phrase that names the gradient that is not finite, of the parameter nearest to the output."""
    bad = [name for name, parameter in model.parameters().items() if not np.isfinite(parameter.grad).all()]
    return f"the gradient of {bad[-1]}" if bad else "the norm of all gradients together"


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
