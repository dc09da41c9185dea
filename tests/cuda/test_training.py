"""Training and detection with the arrays on the GPU (its double): the same numbers, and what is moved for them."""

import numpy as np
import pytest
from double import Double, in_place_of_the_gpu
from short_run import THIN, after_each_step, arrays_of, before_each_step, short_run

from numpyssd import kernels
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.errors import InputError
from numpyssd.inference.detect import detect
from numpyssd.layers import BatchNorm
from numpyssd.model.ssd import SSD
from numpyssd.training.loop import train_step
from numpyssd.training.nonfinite import NonFinite


@pytest.fixture
def double():
    """The double, as the active backend, with memory that is used again."""
    with in_place_of_the_gpu(Double(), reuse=True) as found:
        yield found


def distance(ours, theirs):
    """Return how far apart two arrays are, relative to the length of the second.

    A bias before batch normalization has no gradient, and moves by rounding alone: nothing is asked of so short ones.
    """
    return np.linalg.norm(ours - theirs) / max(np.linalg.norm(theirs), 1e-2)


CASES = {
    "": {},
    "parts": {"micro_batch": 1},
    "clipped": {"clip_gradient": 0.1},
    "averaged": {"ema": 0.5},
}


@pytest.mark.parametrize("options", CASES.values(), ids=CASES)
def test_four_steps_move_the_weights_as_the_reference_does(tmp_path, options):
    found = []
    for place in (lambda: kernels.using("reference"), lambda: in_place_of_the_gpu(Double(), reuse=True)):
        with place():
            run = short_run(tmp_path / str(len(found)), iterations=4, evaluations=1, **options)
            (tmp_path / str(len(found))).mkdir()
            run.run()
            found.append(arrays_of(run))
    gaps = {name: distance(found[1][name], array) for name, array in found[0].items()}
    assert max(gaps.values()) < 1e-3, max(gaps, key=gaps.get)
    assert np.median(list(gaps.values())) < 1e-5


def test_a_step_is_one_upload_of_a_batch_and_one_small_download(double, tmp_path):
    run, moved, before = short_run(tmp_path, iterations=6, evaluations=1), [], []

    def count(iteration):
        before[:] = double.uploads, double.downloads, double.allocations

    def counted(losses):
        after = double.uploads, double.downloads, double.allocations
        moved.append([b - a for a, b in zip(before, after)])

    after_each_step(before_each_step(run, count), counted).run()
    uploads, downloads, allocations = zip(*moved)
    # The batch itself, its images and targets, has been sent ahead by another thread while the step before was on: so
    # in a step it may or may not be counted. The step itself sends only by what the losses of each image are divided.
    assert max(uploads[1:]) <= 1 + 3
    assert set(downloads) == {1}
    assert not any(allocations[3:])


def test_a_channel_with_few_values_is_normalized_as_by_the_reference(rng):
    batches = [rng.standard_normal((2, 1, 1, 5)).astype(np.float32) for _ in range(4)]
    found = []
    for place in (lambda: kernels.using("reference"), lambda: in_place_of_the_gpu(Double(), reuse=True)):
        with place():
            layer, outputs = BatchNorm("bn", 5), []
            layer.training = True
            for x in batches:
                outputs.append(kernels.active.to_host(layer.forward(kernels.active.to_device(x))))
                outputs.append(kernels.active.to_host(layer.backward(kernels.active.to_device(x))))
            found.append([*outputs, layer.running["mean"], layer.running["variance"]])
    for ours, theirs in zip(*found):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_other_losses_are_refused_in_a_sentence(double, tmp_path):
    run = short_run(tmp_path, loss={"label_smoothing": 0.1})
    with pytest.raises(InputError, match="the GPU has the paper's loss alone"):
        train_step(run.detector, run.optimizer, run.batches.batch(0))


def test_images_that_are_not_finite_are_named_and_nothing_moves(double, tmp_path):
    run = short_run(tmp_path, iterations=3)
    batch = run.batches.batch(0)
    batch.images[1, 3, 4, 0] = np.nan
    before = arrays_of(run)
    with pytest.raises(NonFinite) as caught:
        train_step(run.detector, run.optimizer, batch)
    assert (caught.value.what, caught.value.image) == ("{}", batch.indices[1])
    for name, array in arrays_of(run).items():
        if "running" not in name and "_bn." not in name:
            np.testing.assert_array_equal(array, before[name])


def test_detections_are_those_of_the_reference(double):
    images = [ShapesDataset(3)[i][0] for i in range(3)]
    model = SSD(THIN, seed=1)
    for name, parameter in model.parameters().items():
        if name.startswith("conf"):
            parameter.value *= 3  # so that some scores are over the threshold
    found = list(detect(model, images, score_threshold=0.1))
    downloads = double.downloads
    list(detect(model, images, score_threshold=0.1))
    assert double.downloads == downloads + 1
    with kernels.using("reference"):
        expected = list(detect(model, images, score_threshold=0.1))
    assert sum(len(boxes) for boxes, _, _ in expected) > 20
    for (boxes, labels, scores), (b, c, s) in zip(found, expected):
        np.testing.assert_array_equal(labels, c)
        np.testing.assert_allclose(scores, s, rtol=1e-4)
        np.testing.assert_allclose(boxes, b, rtol=1e-4, atol=1e-2)


def test_a_checkpoint_of_the_gpu_goes_on_with_the_processor(double, tmp_path):
    short_run(tmp_path, iterations=2, evaluations=1).run()
    with kernels.using("reference"):
        run = short_run(tmp_path, iterations=4, evaluations=1)
        run.resume()
        assert run.state.iteration == 2
        run.run()
        assert run.state.iteration == 4
