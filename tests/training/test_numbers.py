"""Numbers that leave all bounds: the run stops at once, says where it began, and keeps the last good checkpoint."""

import re
import warnings

import numpy as np
import pytest
from short_run import THIN, after_each_step, before_each_step, short_run

from numpyssd import weights
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.errors import InputError
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.matching import targets
from numpyssd.training.multibox_loss import DIVISORS, multibox_loss
from numpyssd.training.nonfinite import first_nonfinite_weight
from numpyssd.weights.formats.npz import read


def watched(training, before=lambda iteration: None):
    """Let a training note its losses, and the first iteration after which a weight is not finite."""
    training.losses, training.broken = [], None

    def note(losses):
        training.losses.append(losses.total)
        if training.broken is None and first_nonfinite_weight(training.model):
            training.broken = training.state.iteration - 1

    return after_each_step(before_each_step(training, before), note)


def failure(training):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        with pytest.raises(InputError) as caught:
            training.run()
    return str(caught.value)


@pytest.mark.parametrize("lr", [1e4, 1e12, 1e20, 1e38])
def test_a_rate_far_too_high_stops_the_run_within_one_iteration(tmp_path, lr):
    short_run(tmp_path, iterations=3).run()
    training = watched(short_run(tmp_path, lr=lr, iterations=300, schedule="multistep", warm_up=0))
    training.resume()
    text = failure(training)
    stopped = int(re.match(r"training stopped at iteration (\d+): ", text)[1])
    assert np.isfinite(training.losses).all()
    assert stopped == 3 + len(training.losses) < 250
    assert training.broken is None or stopped <= training.broken + 1
    cause = re.search(r"the (parameter|output of|gradient of|norm of|running|loss)", text)
    assert cause, text
    assert f"lower the learning rate with --lr (now {lr:g})" in text
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 3
    assert weights.load_model(tmp_path / "last.npz")


@pytest.mark.parametrize(
    ("name", "factor", "cause"),
    [
        ("conv1_1.weight", 1e38, "the output of conv1_1"),
        ("conv7.weight", 1e38, "the output of conv7"),
        ("conf.2.weight", 1e38, "the output of the conf predictors"),
        ("loc.1.bias", 1e38, "the loss"),
    ],
)
def test_a_loss_that_explodes_names_the_first_layer(tmp_path, name, factor, cause):
    short_run(tmp_path, iterations=3).run()
    training = short_run(tmp_path, iterations=20)

    def explode(iteration):
        if iteration == 5:
            value = training.model.parameters()[name].value
            value[...] = np.where(value < 0, -1, 1) * np.float32(3 * factor)

    watched(training, explode)
    training.resume()
    text = failure(training)
    assert f"training stopped at iteration 5: {cause} is not finite" in text
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] == 3


class Odd:
    """The built-in images, the first box of one of which is replaced."""

    class_names = ShapesDataset.class_names

    def __init__(self, box):
        self.shapes, self.box = ShapesDataset(6), box

    def __len__(self):
        return 6

    def image_path(self, i):
        return None

    def image_name(self, i):
        return f"image {i}"

    def __getitem__(self, i):
        image, boxes, labels, difficult = self.shapes[i]
        if i == 3:
            boxes = np.concatenate([boxes, [self.box]]).astype(np.float32)
            labels, difficult = np.append(labels, 1), np.append(difficult, False)
        return image, boxes, labels, difficult


@pytest.mark.parametrize("box", [[np.nan, 1, 20, 20], [0, 0, np.inf, 9], [-np.inf, 0, 5, 5]])
def test_a_box_that_is_not_finite_is_named_with_its_image(tmp_path, box):
    dataset = Odd(box)
    number = len(dataset[3][1]) - 1
    text = failure(short_run(tmp_path, dataset=dataset))
    assert text.startswith(f"image 3 of the training split, object {number} (counted from 0): box [")
    assert text.endswith("is not finite; fix it")
    assert weights.load_model(tmp_path / "last.npz")  # of the iterations before


@pytest.mark.parametrize("box", [[5, 5, 5, 20], [5, 5, 5, 5], [20, 20, 5, 5], [-90, -90, -50, -50], [0, 0, 1e30, 1e30]])
def test_a_box_without_area_or_outside_does_no_harm(tmp_path, box):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        training = watched(short_run(tmp_path, dataset=Odd(box)))
        training.run()
    assert np.isfinite(training.losses).all()
    assert weights.load_model(tmp_path / "last.npz")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("divisor", DIVISORS)
def test_logits_of_ten_thousand_and_boxes_without_area_give_finite_losses_and_gradients(rng, dtype, divisor):
    defaults = default_boxes(THIN)
    boxes = np.float32([[0.1, 0.1, 0.4, 0.5], [0.3, 0.3, 0.3, 0.6], [0.7, 0.7, 0.7, 0.7], [0.9, 0.9, 0.2, 0.2]])
    loc_targets, conf_targets = targets(boxes, np.array([1, 2, 3, 4]), defaults)
    assert set(conf_targets) == {0, 1}  # only the box with an area is learned
    conf = rng.choice(np.array([-1e4, 0, 1e4], dtype), (2, len(defaults), THIN.num_classes))
    loc = rng.choice(np.array([-1e4, 1e4], dtype), (2, len(defaults), 4))
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        loss, dloc, dconf, parts = multibox_loss(
            loc, conf, np.stack([loc_targets] * 2), np.stack([conf_targets] * 2), divisor=divisor
        )
    assert np.isfinite([loss, parts.loc, parts.conf]).all()
    assert loss > 1e3
    for gradient in (dloc, dconf):
        assert np.isfinite(gradient).all()
        assert gradient.any()
        assert np.abs(gradient).max() <= 1
