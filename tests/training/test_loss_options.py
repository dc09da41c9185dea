"""loss_options: the losses beside the paper's in a training step; what cannot go together, and what a GPU refuses."""

from dataclasses import replace

import numpy as np
import pytest
from gradcheck import assert_gradient
from short_run import THIN, batches_for

from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.errors import InputError
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.ssd import SSDDetector
from numpyssd.training.loss_options import loss_arguments, refuse_other_losses
from numpyssd.training.multibox_loss import multibox_loss

OPTIONS = {
    "label smoothing": {"label_smoothing": 0.1},
    "focal": {"focal_gamma": 2.0},
    "giou": {"box_loss": "giou"},
    "all": {"focal_gamma": 1.5, "box_loss": "giou", "alpha": 2, "divisor": "image"},
}


@pytest.fixture(scope="module")
def batch():
    """Three images; the second has no object."""
    made = batches_for(ShapesDataset(6), replace(THIN, batch_norm=False), 3).batch(0)
    made.targets[0][1], made.targets[1][1] = 0, 0
    return made


@pytest.fixture
def outputs(batch, rng):
    shape = batch.targets[1].shape
    return rng.normal(size=(*shape, 4)), rng.normal(size=(*shape, THIN.num_classes))


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_the_gradient_of_the_whole_loss(batch, outputs, options, rng):
    arguments = loss_arguments(options, default_boxes(THIN))
    _, dloc, dconf, _ = multibox_loss(*outputs, *batch.targets, **arguments)
    # The hard negatives stay the same: the steps of the differences are far below the gaps between their losses.
    assert_gradient(
        lambda loc, conf: multibox_loss(loc, conf, *batch.targets, **arguments)[0],
        outputs, [dloc, dconf], rng, tolerance=1e-5,
    )  # fmt: skip


def test_the_papers_loss_is_what_it_was(batch, outputs):
    off = {"label_smoothing": 0, "focal_gamma": 0, "box_loss": "smooth_l1"}
    assert loss_arguments(off, default_boxes(THIN)) == {}
    losses = {name: multibox_loss(*outputs, *batch.targets, **loss_arguments(options, default_boxes(THIN)))[0]
              for name, options in OPTIONS.items()}  # fmt: skip
    assert len({round(loss, 6) for loss in (*losses.values(), multibox_loss(*outputs, *batch.targets)[0])}) == 5


def test_focal_loss_trains_every_default_box(batch, outputs):
    _, _, dconf, losses = multibox_loss(
        *outputs, *batch.targets, **loss_arguments({"focal_gamma": 2}, default_boxes(THIN))
    )
    assert losses.positives + losses.negatives == batch.targets[1].size
    assert (np.abs(dconf).sum(axis=2) > 0).all()  # those of the image without objects too


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_detector_learns_with_it(batch, options):
    detector = SSDDetector(SSD(replace(THIN, batch_norm=False), seed=1), loss=options)
    first = detector.loss_and_gradients(
        batch.images, batch.targets, detector.loss_divisors(detector.positives(batch.targets))
    )
    for parameter in detector.model.parameters().values():
        parameter.value -= np.float32(1e-4) * parameter.grad
    after = detector.loss_and_gradients(
        batch.images, batch.targets, detector.loss_divisors(detector.positives(batch.targets))
    )
    assert after.total < first.total


def test_what_does_not_go_together():
    with pytest.raises(ValueError, match="take one of them"):
        loss_arguments({"label_smoothing": 0.1, "focal_gamma": 2}, default_boxes(THIN))
    with pytest.raises(ValueError, match="box_loss must be one of smooth_l1, giou, not 'iou'"):
        loss_arguments({"box_loss": "iou"}, default_boxes(THIN))


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_gpu_has_the_papers_loss_alone(options):
    with pytest.raises(InputError, match="the GPU has the paper's loss alone; leave out --label-smoothing"):
        refuse_other_losses(loss_arguments(options, default_boxes(THIN)))
    refuse_other_losses(loss_arguments({"alpha": 2, "min_negatives": 5}, default_boxes(THIN)))
