"""numpyssd.rivals.yolo.detector: the contract, parts of a batch, dropout from the batch, resuming, and detections."""

from dataclasses import replace

import numpy as np
import pytest
from short_run import arrays_of, before_each_step

from numpyssd import kernels
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.errors import InputError
from numpyssd.inference.evaluate import evaluate
from numpyssd.rivals.yolo.config import YOLO_TINY
from numpyssd.rivals.yolo.decoding import split_outputs
from numpyssd.rivals.yolo.detector import YOLODetector, new
from numpyssd.rivals.yolo.network import YOLO
from numpyssd.rivals.yolo.recipes import PRESETS, RECIPES
from numpyssd.run.recipes import Recipe
from numpyssd.run.training_run import TrainingRun
from numpyssd.training.batches import Batches
from numpyssd.training.loop import accumulate_gradients
from numpyssd.training.nonfinite import Diverged

THIN = replace(YOLO_TINY, width=0.125, connected_channels=256, dropout=0.5)
STILL = {"distort_probability": 0, "zoom_out_probability": 0, "crop_probability": 0}
RECIPE = Recipe(batch_size=4, lr=0.01, iterations=10, warm_up=2, evaluations=2)


def batches_for(detector, dataset=None, batch_size=4):
    return Batches(dataset or ShapesDataset(6), THIN, detector.make_targets, batch_size, seed=3, **STILL)


def run_of(out, recipe=RECIPE, seed=1, dataset=None):
    detector = new(THIN, seed)
    detector.model.class_names = ShapesDataset.class_names
    return TrainingRun(detector, batches_for(detector, dataset, recipe.batch_size), recipe, out, val=ShapesDataset(4))


def gradients(detector, batch, micro_batch=None):
    losses, _ = accumulate_gradients(detector, batch, micro_batch)
    return losses, {name: parameter.grad.copy() for name, parameter in detector.model.parameters().items()}


def test_losses_and_counts_of_a_step():
    detector = new(THIN)
    detector.model.training = True
    batch = batches_for(detector).batch(0)
    cell_boxes, cell_labels, seeds = batch.targets
    assert (cell_boxes.shape, cell_labels.shape, seeds.shape) == ((4, 16, 4), (4, 16), (4, 1))
    losses, found = gradients(detector, batch)
    objects = np.count_nonzero(cell_labels)
    assert (losses.positives, losses.negatives) == (objects, 4 * 16 * 2 - objects)
    assert detector.loss_divisors(detector.positives(batch.targets)).tolist() == [objects] * 4
    assert (
        YOLODetector(detector.model, loss={"divisor": "images"})
        .loss_divisors(detector.positives(batch.targets))
        .tolist()
        == [4] * 4
    )
    assert all(gradient.any() for name, gradient in found.items() if not name.startswith("conv") or "_bn" in name)


def test_a_step_depends_on_its_batch_alone():
    # The masks of dropout come from seeds among the targets: the second time is as the first, whatever was in between.
    detector = new(THIN)
    detector.model.training = True
    batches = batches_for(detector)
    first = gradients(detector, batches.batch(0))
    gradients(detector, batches.batch(1))
    again = gradients(detector, batches.batch(0))
    assert first[0] == again[0]
    for name, gradient in first[1].items():
        np.testing.assert_array_equal(gradient, again[1][name])


def test_micro_batches_add_up():
    # Without batch normalization, which takes the statistics of a part.
    detector = new(replace(THIN, batch_norm=False, dropout=0.5))
    detector.model.training = True
    batch = batches_for(detector).batch(0)
    whole, parts = gradients(detector, batch), gradients(detector, batch, micro_batch=3)
    np.testing.assert_allclose(parts[0], whole[0], rtol=1e-5)
    for name, gradient in whole[1].items():
        np.testing.assert_allclose(parts[1][name], gradient, rtol=1e-3, atol=1e-6)


def test_a_resumed_run_has_the_same_bits(tmp_path):
    whole = run_of(tmp_path / "whole")
    whole.run()

    def stop(iteration):
        if iteration == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        before_each_step(run_of(tmp_path / "stopped"), stop).run()
    again = run_of(tmp_path / "stopped", seed=2)
    again.resume()
    assert again.run().iteration == RECIPE.iterations
    for name, array in arrays_of(whole).items():
        np.testing.assert_array_equal(arrays_of(again)[name], array)


def test_one_and_two_threads_give_the_same_bits():
    found, before = [], kernels.active.thread_count()
    try:
        for threads in (1, 2):
            kernels.active.set_threads(threads)
            detector = new(THIN)
            detector.model.training = True
            found.append(gradients(detector, batches_for(detector).batch(0))[1])
    finally:
        kernels.active.set_threads(before)
    for name, gradient in found[0].items():
        np.testing.assert_array_equal(gradient, found[1][name])


def test_it_can_learn_four_images_by_heart(tmp_path):
    dataset = ShapesDataset(4)
    recipe = replace(RECIPE, lr=0.02, iterations=150, evaluations=1, clip_gradient=1.0)
    run = run_of(tmp_path, recipe, dataset=dataset)
    run.batches.options["flip_probability"] = 0
    assert evaluate(run.detector, dataset).mean < 0.2
    run.run()
    assert evaluate(run.detector, dataset).mean > 0.8


@pytest.mark.parametrize("objects", [0, 1, 200])
def test_images_of_any_number_of_objects(objects):
    detector = new(THIN)
    detector.model.training = True
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 0.9, (objects, 2))
    boxes = np.concatenate([corners, corners + 0.1], axis=1).astype(np.float32)
    targets = [column[None] for column in detector.make_targets(boxes, rng.integers(1, 6, objects), rng)]
    images = rng.normal(size=(1, 64, 64, 3)).astype(np.float32)
    losses = detector.loss_and_gradients(images, targets, detector.loss_divisors(detector.positives(targets)))
    assert np.isfinite(losses.total)
    assert bool(losses.positives) == bool(objects)
    assert all(np.isfinite(parameter.grad).all() for parameter in detector.model.parameters().values())


def test_of_two_objects_in_a_cell_the_shuffling_chooses_unless_told_otherwise():
    boxes = np.tile(np.float32([0.1, 0.1, 0.2, 0.2]), (2, 1))
    for matching, chosen in (({}, {1, 2}), ({"shuffle": False}, {1})):
        detector = new(THIN, matching=matching)
        labels = [detector.make_targets(boxes, [1, 2], np.random.default_rng(seed))[1].max() for seed in range(20)]
        assert set(labels) == chosen


class Saying(YOLO):
    """A network that says the same of every image."""

    def infer(self, x):
        return np.repeat(self.said, len(x), axis=0)


def test_detections_are_in_the_pixels_of_the_image_and_no_score_is_over_1():
    model = Saying(THIN)
    model.said = np.zeros((1, 4, 4, 15), np.float32)
    boxes, confidences, classes = split_outputs(model.said, 2)
    boxes[0, 6, 1], confidences[0, 6, 1], classes[0, 6, 2] = (0.5, 0.5, 0.5, 0.5), 1.2, 1.1  # row 1, column 2
    boxes[0, 15, 0], confidences[0, 15, 0], classes[0, 15, 0] = (1, 1, 1, 1), 0.5, 0.5  # half of it is outside
    found = list(YOLODetector(model).detect([np.zeros((80, 160, 3), np.uint8)] * 3, batch_size=2))
    assert len(found) == 3
    corners, labels, scores = found[2]
    np.testing.assert_allclose(corners, [[80, 20, 120, 40], [80, 40, 160, 80]])
    assert labels.tolist() == [3, 1]
    np.testing.assert_allclose(scores, [1, 0.25])
    (one,) = YOLODetector(model).detect([np.zeros((80, 160, 3), np.uint8)], max_detections=1)
    assert len(one[0]) == 1
    (sure,) = YOLODetector(model).detect([np.zeros((80, 160, 3), np.uint8)], score_threshold=0.3)
    assert sure[1].tolist() == [3]


@pytest.mark.parametrize("layer", ["conv1_1", "conv8", "fc1"])
def test_the_first_output_that_is_not_finite_is_named(layer, tmp_path):
    run = run_of(tmp_path)
    weight = run.model.parameters()[f"{layer}.weight"].value
    weight[...] = 1e38
    with pytest.raises(Diverged, match=f"the output of {layer}"):
        run.run()


def test_a_parameter_that_is_not_finite_is_named(tmp_path):
    run = run_of(tmp_path)
    run.model.parameters()["fc2.weight"].value[0, 0, 0, 0] = np.nan
    with pytest.raises(Diverged, match=r"fc2\.weight"):
        run.run()


def test_a_backend_on_a_gpu_is_refused_in_a_sentence(monkeypatch):
    model = YOLO(THIN)
    monkeypatch.setattr(kernels.active, "ON_DEVICE", True)
    with pytest.raises(InputError, match="YOLO runs with --backend cpu or reference"):
        YOLODetector(model)


def test_each_preset_has_a_recipe():
    assert set(PRESETS) == set(RECIPES) == {"tiny", "compact", "yolo448"}
    for name, fields in RECIPES.items():
        assert PRESETS[name].name == name
        assert Recipe(**fields).weights is None
