"""A detector that is no SSD, by the contract of detector.py: the same loop trains it, the same evaluation measures it.

It says of each image one box and one class, by one linear layer. That is little, but the contract asks for no more.
"""

from dataclasses import replace

import numpy as np
import pytest
from short_run import arrays_of, before_each_step

from numpyssd import kernels
from numpyssd.config import TINY
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.dataset import Annotation
from numpyssd.detector import Losses
from numpyssd.images.preprocess import preprocess
from numpyssd.inference.evaluate import evaluate
from numpyssd.layers import Conv2d
from numpyssd.run.recipes import Recipe
from numpyssd.run.training_run import TrainingRun
from numpyssd.training.batches import Batches
from numpyssd.training.losses import softmax_cross_entropy
from numpyssd.training.nonfinite import Diverged

SIZE = 32
CONFIG = replace(TINY, image_size=SIZE, pixel_scale=1 / 128)
STILL = {"distort_probability": 0, "zoom_out_probability": 0, "crop_probability": 0, "flip_probability": 0}
RECIPE = Recipe(batch_size=6, lr=0.002, iterations=120, warm_up=0, weight_decay=0.0, evaluations=2)


class OneBoxNetwork:
    """(N, S, S, 3) -> (N, 4 + 2): a box xyxy in [0, 1] and two logits, from one convolution as large as the image."""

    def __init__(self, seed=0):
        self.config, self.class_names, self.training = CONFIG, ("bright", "dark"), False
        self.layer = Conv2d("all", np.random.default_rng(seed), 3, 6, SIZE)
        self.layer.need_dx = False

    def forward(self, images):
        return self.layer.forward(kernels.active.to_device(images)).reshape(len(images), 6)

    def backward(self, dout):
        self.layer.backward(dout.reshape(len(dout), 1, 1, 6))

    def parameters(self):
        return self.layer.parameters()

    def running_statistics(self):
        return {}


class OneBoxDetector:
    """The network, its targets (the first object of an image), its loss and its detections."""

    row_name, needs_whole_batch = "image", False

    def __init__(self, seed=0):
        self.model = OneBoxNetwork(seed)

    def make_targets(self, boxes, labels, rng):
        return boxes[0].astype(np.float32), np.int64(labels[0] - 1)

    def positives(self, targets):
        return np.ones(len(targets[0]), int)

    def loss_divisors(self, positives):
        return np.full(len(positives), positives.sum(), np.float32)

    def loss_and_gradients(self, images, targets, divisors):
        out, (boxes, classes) = self.model.forward(images), targets
        if not np.isfinite(out).all():
            return Losses(np.nan, np.nan, 0, 0)
        apart = out[:, :4] - boxes
        conf, dlogits = softmax_cross_entropy(out[:, 4:], classes)
        dout = np.concatenate([apart, dlogits], axis=1) / divisors[:, None]
        self.model.backward(dout.astype(np.float32))
        loc = (apart**2).sum(axis=1) / 2
        return Losses(float((loc / divisors).sum()), float((conf / divisors).sum()), len(images), 0)

    def read_losses_and_norm(self, losses, gradients):
        return losses, kernels.active.norm(gradients)

    def first_nonfinite_output(self, images):
        return None if np.isfinite(self.model.forward(images)).all() else "the output of the only layer"

    def detect(self, images, batch_size=8, score_threshold=0.01):
        for image in images:
            (out,) = self.model.forward(preprocess([image], self.model.config))
            scores = np.exp(out[4:] - out[4:].max())
            scores /= scores.sum()
            height, width = image.shape[:2]
            box = out[:4] * np.array([width, height, width, height])
            yield box[None], np.array([scores.argmax() + 1]), scores.max(keepdims=True)


@pytest.fixture
def dataset():
    """Six gray images of 40 x 60 pixels with one square each, bright (class 1) or dark (class 2)."""
    images, annotations = [], []
    for i in range(6):
        image, (x, y) = np.full((40, 60, 3), 120, np.uint8), (8 * i, 3 * i)
        image[y : y + 18, x : x + 18] = (230, 20)[i % 2]
        images.append(image)
        annotations.append(Annotation.of([(x, y, x + 18, y + 18)], [i % 2 + 1]))
    return AnnotatedImages(("bright", "dark"), images, annotations)


def run_of(dataset, out, recipe=RECIPE, seed=0):
    detector = OneBoxDetector(seed)
    batches = Batches(dataset, CONFIG, detector.make_targets, recipe.batch_size, **STILL)
    return TrainingRun(detector, batches, recipe, out, val=dataset)


def test_the_loop_trains_and_evaluates_it(dataset, tmp_path):
    run = run_of(dataset, tmp_path)
    before = evaluate(run.detector, dataset).mean
    state = run.run()
    assert before < 0.5 < 0.99 < evaluate(run.detector, dataset).mean
    assert state.best_map > 0.99
    assert (tmp_path / "best.npz").is_file()


def test_micro_batches_and_resuming_need_nothing_of_ssd_either(dataset, tmp_path):
    whole = run_of(dataset, tmp_path / "whole")
    whole.run()
    recipe = replace(RECIPE, micro_batch=2)
    parts = run_of(dataset, tmp_path / "parts", recipe)
    parts.run()
    for name, array in arrays_of(whole).items():
        np.testing.assert_allclose(arrays_of(parts)[name], array, rtol=1e-3, atol=1e-5)

    def stop(iteration):
        if iteration == 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        before_each_step(run_of(dataset, tmp_path / "stopped"), stop).run()
    again = run_of(dataset, tmp_path / "stopped", seed=1)
    again.resume()
    assert again.run().iteration == RECIPE.iterations
    for name, array in arrays_of(whole).items():
        np.testing.assert_array_equal(arrays_of(again)[name], array)


def test_a_number_that_is_not_finite_is_named(dataset, tmp_path):
    run = run_of(dataset, tmp_path)
    run.model.layer.weight.value[...] = np.nan
    with pytest.raises(Diverged, match="all"):
        run.run()
