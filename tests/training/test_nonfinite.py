import numpy as np
import pytest
from short_run import THIN, batches_for

from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD
from numpyssd.ssd import SSDDetector
from numpyssd.training.nonfinite import Diverged, first_nonfinite_gradient, first_nonfinite_weight
from numpyssd.training.nonfinite import first_nonfinite as first

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # there is something wrong, after all


@pytest.fixture
def model():
    model = SSD(THIN)
    model.training = True
    return model


def first_nonfinite(model, batch):
    """Return the phrase, with the index of the image in its place."""
    reason = first(SSDDetector(model), batch.images, batch.targets, batch.indices)
    return reason.what if reason.image is None else reason.what.format(f"image {reason.image}")


@pytest.fixture
def batch():
    return batches_for(ShapesDataset(5), THIN, 3).batch(0)


def test_the_first_image_that_is_not_finite_is_named(model, batch):
    batch.images[2, 0, 0, 0] = np.nan
    batch.images[1, -1, -1, 2] = np.inf
    model.parameters()["conv1_1.weight"].value[:] = np.nan  # the image comes first
    assert first_nonfinite(model, batch) == f"image {batch.indices[1]}"


def test_a_target_is_named_with_its_default_box(model, batch):
    batch.targets[0][0, 17, 3] = -np.inf
    expected = f"the target of default box 17 in image {batch.indices[0]}"
    assert first_nonfinite(model, batch) == expected


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_the_first_parameter_is_named(model, batch, value):
    for name in ("conv3_1.bias", "loc.2.weight"):
        model.parameters()[name].value.flat[-1] = value
    assert first_nonfinite(model, batch) == first_nonfinite_weight(model) == "the parameter conv3_1.bias"


def test_a_running_statistic_is_named(model, batch):
    layer, key = model.running_statistics()["conv2_1_bn.variance"]
    layer.running[key][0] = np.nan
    assert first_nonfinite(model, batch) == "the running variance conv2_1_bn.variance"


@pytest.mark.parametrize("name", ["conv1_1", "conv8_1"])
def test_a_layer_that_overflows_is_named(model, batch, name):
    layer = next(layer for layer in model.layers() if layer.name == name)
    layer.weight.value[:] = 3e38
    assert first_nonfinite(model, batch) == f"the output of {name}"


def test_predictors_that_overflow_are_named(model, batch):
    for predictor in model.predictors.conf:
        predictor.weight.value[:] = 3e38
    assert first_nonfinite(model, batch) == "the output of the conf predictors"


def test_where_everything_is_finite_it_must_have_been_the_loss(model, batch):
    assert first_nonfinite(model, batch) == "the loss"
    assert first_nonfinite_weight(model) is None


def test_the_gradient_nearest_to_the_output_is_named(model):
    for name in ("conv1_1.weight", "conv7.bias"):
        model.parameters()[name].grad.flat[0] = np.nan
    assert first_nonfinite_gradient(model) == "the gradient of conv7.bias"


def test_gradients_that_are_only_together_too_long(model):
    model.parameters()["conv1_1.weight"].grad[:] = 1e30  # its square is too much for float32
    assert first_nonfinite_gradient(model) == "the norm of all gradients together"


def test_the_sentence_says_what_to_do():
    assert issubclass(Diverged, InputError)
    assert str(Diverged(7, "the parameter x", 0.5, "runs/a/last.npz")) == (
        "training stopped at iteration 7: the parameter x is not finite; lower the learning rate with --lr (now 0.5) "
        "or look at the data with python -m numpyssd.explore; runs/a/last.npz is the last good checkpoint"
    )
    assert str(Diverged(0, "x", 0.5)).endswith("; nothing was saved before")
