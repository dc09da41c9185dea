"""The detector: it keeps the contract, a step depends on its batch alone, and odd images are no crash."""

from dataclasses import replace

import numpy as np
import pytest

from numpyssd import kernels
from numpyssd.boxes import xyxy_to_cxcywh
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.detectors import load_detector, new_detector
from numpyssd.errors import InputError
from numpyssd.inference.evaluate import evaluate
from numpyssd.kernels.cpu.runtime.threads import set_threads, thread_count
from numpyssd.model.box_coding import decode
from numpyssd.rivals.faster_rcnn.anchors import inside_image
from numpyssd.rivals.faster_rcnn.config import FASTER_RCNN_TINY
from numpyssd.rivals.faster_rcnn.detector import FasterRCNNDetector, moved, new
from numpyssd.rivals.faster_rcnn.recipes import RECIPES
from numpyssd.run.recipes import Recipe
from numpyssd.run.training_run import TrainingRun
from numpyssd.training.batches import Batch, Batches
from numpyssd.training.loop import accumulate_gradients
from numpyssd.weights import save
from tests.rivals.faster_rcnn.small_faster_rcnn import SMALL, gradients, images, objects, targets

NONE = np.zeros((0, 4), np.float32), np.zeros(0, np.int64)


@pytest.fixture
def detector():
    detector = new(SMALL, seed=1)
    detector.model.training = True
    return detector


def test_targets(detector, rng):
    for count in (0, 1, 8):
        boxes, labels = objects(rng, count)
        found = detector.make_targets(boxes, labels, np.random.default_rng(0))
        assert [a.shape for a in found] == [(144,), (144, 4), (8, 4), (8,), (1,)]
        assert [a.dtype.kind for a in found] == ["i", "f", "f", "i", "i"]
        np.testing.assert_array_equal(found[2][:count], boxes)
        np.testing.assert_array_equal(found[3], [*labels, *[0] * (8 - count)])
        assert (found[0] >= 0).sum() == 16
    again = detector.make_targets(boxes, labels, np.random.default_rng(0))
    for one, two in zip(found, again):
        np.testing.assert_array_equal(one, two)
    assert detector.make_targets(boxes, labels, np.random.default_rng(1))[4] != found[4]


def test_more_objects_than_it_takes(detector, rng):
    with pytest.raises(InputError, match="9 objects, and Faster R-CNN takes 8"):
        detector.make_targets(*objects(rng, 9), rng)


def test_options_reach_the_anchors(rng):
    scene = objects(rng, 3)
    few = FasterRCNNDetector(new(SMALL).model, {"positive_iou": 0.4, "count": 8})
    found = few.make_targets(*scene, np.random.default_rng(0))
    assert (found[0] >= 0).sum() == 8
    inside = new(replace(SMALL, inside_only=True)).make_targets(*scene, np.random.default_rng(0))
    both = new(SMALL).make_targets(*scene, np.random.default_rng(0))
    assert (inside[0][~inside_image(new(SMALL).model.anchors)] == -1).all()
    assert (both[0][~inside_image(new(SMALL).model.anchors)] >= 0).any()


def test_a_step_depends_on_its_batch_alone(detector, rng):
    x, scenes = images(rng), [objects(rng, 3), objects(rng, 5)]
    wanted, other = targets(detector, scenes), targets(detector, scenes, seed=1)
    divisors = detector.loss_divisors(detector.positives(wanted))
    losses = detector.loss_and_gradients(x, wanted, divisors)
    first = gradients(detector)
    others = detector.loss_and_gradients(x, other, divisors)  # other anchors, other regions
    assert others != losses
    assert detector.loss_and_gradients(x, wanted, divisors) == losses
    for name, gradient in gradients(detector).items():
        np.testing.assert_array_equal(gradient, first[name])


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_micro_batches_add_up(dropout, rng):
    detector = new(replace(SMALL, batch_norm=False, dropout=dropout), seed=1)
    detector.model.training = True
    x, wanted = images(rng, 4), targets(detector, [objects(rng, 3), NONE, objects(rng, 1), objects(rng, 8)])
    batch = Batch(x, wanted, np.arange(4))
    whole, _ = accumulate_gradients(detector, batch)
    kept = gradients(detector)
    parts, _ = accumulate_gradients(detector, batch, micro_batch=1)
    np.testing.assert_allclose(parts, whole, rtol=1e-5)
    for name, gradient in gradients(detector).items():
        np.testing.assert_allclose(gradient, kept[name], rtol=1e-3, atol=1e-4 * np.abs(kept[name]).max(), err_msg=name)


def test_threads_do_not_change_a_bit(rng):
    x, found, before = images(rng), [], thread_count()
    scenes = [objects(rng, 3), objects(rng, 5)]
    try:
        for threads in (1, 2):
            set_threads(threads)
            detector = new(SMALL, seed=1)
            detector.model.training = True
            wanted = targets(detector, scenes)
            losses = detector.loss_and_gradients(x, wanted, detector.loss_divisors(detector.positives(wanted)))
            found.append([*losses, *gradients(detector).values()])
    finally:
        set_threads(before)
    for one, two in zip(*found):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("counts", [(0, 0), (1, 0), (200, 1)])
def test_any_number_of_objects(counts, rng):
    # Trap 8: an image without objects trains both stages on background.
    detector = new(replace(SMALL, max_objects=200))
    detector.model.training = True
    wanted = targets(detector, [objects(rng, count) for count in counts])
    losses = detector.loss_and_gradients(images(rng), wanted, detector.loss_divisors(detector.positives(wanted)))
    assert np.isfinite(losses.total)
    assert (losses.positives > 0) == (sum(counts) > 0)
    assert losses.negatives > 0
    if not sum(counts):
        assert losses.loc == 0
    assert all(np.isfinite(gradient).all() for gradient in gradients(detector).values())


def test_boxes_of_no_area_and_no_proposals(rng):
    detector = new(replace(SMALL, min_side=10**6))  # no proposal is as large
    detector.model.training = True
    flat = np.float32([[0.3, 0.3, 0.3, 0.7]]), np.array([2])
    wanted = targets(detector, [flat, NONE])
    losses = detector.loss_and_gradients(images(rng), wanted, detector.loss_divisors(detector.positives(wanted)))
    assert (losses.positives, losses.negatives, losses.loc) == (0, 0, 0)
    assert losses.conf > 0  # of the first stage
    (boxes, labels, scores), *_ = detector.detect([np.zeros((40, 60, 3), np.uint8)])
    assert (boxes.shape, labels.shape, scores.shape) == ((0, 4), (0,), (0,))


def test_a_coordinate_that_has_wrapped_around_is_no_nan(rng):
    # Trap 9: a port subtracts 1 from a left edge of 0 in 16 bits, and the width becomes negative.
    wrapped = (np.uint16([[0, 40, 100, 80]]) - np.uint16([1, 1, 0, 0])).astype(np.float32) / 300
    assert wrapped[0, 0] > 200
    detector = new(SMALL)
    wanted = detector.make_targets(wrapped, np.array([1]), rng)
    assert np.isfinite(wanted[1]).all()
    assert (wanted[0] != 1).all()
    with np.errstate(invalid="ignore"):
        assert np.isnan(np.log(wrapped[:, 2] - wrapped[:, 0])).all()


def test_every_layer_learns(detector, rng):
    # Trap 12: the released code holds conv1 and conv2 as they are, which suits pretrained weights and no others.
    wanted = targets(detector, [objects(rng, 3), objects(rng, 2)])
    detector.loss_and_gradients(images(rng), wanted, detector.loss_divisors(detector.positives(wanted)))
    # A convolution before a batch normalization has a bias that changes nothing.
    still = [name for name, gradient in gradients(detector).items() if np.abs(gradient).max() < 1e-7]
    assert all(name.startswith("conv") and name.endswith(".bias") for name in still)
    assert "conv1_1.weight" not in still


def test_the_loss_of_an_image_is_divided_by_its_own_samples(detector, rng):
    # The paper's numbers, at a batch of one; of two equal images the mean is that of one.
    x, scene = images(rng, 1), objects(rng, 3)
    detector.model.training = False  # no statistics over a batch
    one = targets(detector, [scene])
    two = tuple(np.concatenate([a, a]) for a in one)
    single = detector.loss_and_gradients(x, one, detector.loss_divisors(detector.positives(one)))
    double = detector.loss_and_gradients(np.concatenate([x, x]), two, detector.loss_divisors(detector.positives(two)))
    np.testing.assert_allclose(double[:2], single[:2], rtol=1e-5)
    assert double.positives == 2 * single.positives


def test_detections_are_in_pixels_and_of_their_class(rng):
    detector = new(SMALL, seed=1)
    found = list(detector.detect([np.full((40, 60, 3), i, np.uint8) for i in range(3)], batch_size=2))
    assert len(found) == 3
    for boxes, labels, scores in found:
        assert len(boxes) == len(labels) == len(scores) > 0
        assert (np.diff(scores) <= 0).all()
        assert boxes.max() <= 60
        assert set(labels) <= {1, 2, 3}
    few = next(iter(detector.detect([np.zeros((40, 60, 3), np.uint8)], max_detections=3)))
    assert len(few[0]) == 3
    assert not len(next(iter(detector.detect([np.zeros((40, 60, 3), np.uint8)], score_threshold=0.99)))[0])


def test_each_class_moves_a_proposal_by_its_own_offsets(rng):
    boxes = np.float32([[0.1, 0.1, 0.5, 0.4], [0.2, 0.3, 0.9, 0.8]])
    loc = rng.standard_normal((2, 3, 4)).astype(np.float32)
    found = moved(boxes, loc)
    for c in range(3):
        np.testing.assert_allclose(found[:, c], decode(loc[:, c], xyxy_to_cxcywh(boxes)), rtol=1e-6)


def test_fewer_proposals_are_fewer_regions(rng):
    detector = new(replace(SMALL, proposals=3), seed=1)
    (boxes, scores), *_ = detector.scored_boxes(images(rng))
    assert (boxes.shape, scores.shape) == ((3, 4, 4), (3, 4))
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)
    # Training has numbers of its own.
    detector = new(replace(SMALL, nms_candidates=1, training_candidates=30, training_proposals=20), seed=1)
    assert len(next(detector.scored_boxes(images(rng)))[0]) == 1
    outputs = detector.model.first_stage(images(rng, 1))
    wanted = targets(detector, [NONE])
    assert len(detector.sample(*outputs, wanted, [np.random.default_rng(0)])[0].labels) == 12


def test_the_layer_of_a_number_that_is_not_finite_is_named(detector, rng):
    x, wanted = images(rng), targets(detector, [objects(rng, 3), NONE])
    for name, expected in (("conv3_1", "conv3_1"), ("rpn_logits", "rpn_logits"), ("fc6", "conf")):
        weight = detector.model.parameters()[f"{name}.bias"]
        kept, weight.value = weight.value, np.full_like(weight.value, np.nan)
        with np.errstate(invalid="ignore"):
            assert np.isnan(
                detector.loss_and_gradients(x, wanted, detector.loss_divisors(detector.positives(wanted))).total
            )
            assert expected in detector.first_nonfinite_output(x)
        weight.value = kept
    for layer, key in detector.model.running_statistics().values():
        layer.running[key] = np.ones_like(layer.running[key])
    assert detector.first_nonfinite_output(x) is None


def test_a_gpu_is_refused_in_a_sentence(monkeypatch):
    model = new(SMALL).model
    monkeypatch.setattr(kernels.active, "ON_DEVICE", True)
    with pytest.raises(InputError, match="runs with --backend cpu or reference"):
        FasterRCNNDetector(model)


def short(out, seed=1, iterations=6):
    dataset = ShapesDataset(6, size=32)
    detector = new_detector(replace(SMALL, num_classes=6), seed)
    detector.model.class_names = dataset.class_names
    recipe = Recipe(**{**RECIPES["tiny"], "batch_size": 2, "iterations": iterations, "warm_up": 0, "evaluations": 1})
    batches = Batches(dataset, detector.model.config, detector.make_targets, 2, **recipe.augmentation)
    return TrainingRun(detector, batches, recipe, out)


def weights(run):
    return {name: parameter.value for name, parameter in run.model.parameters().items()}


def test_a_resumed_run_has_the_same_bits_and_a_file_holds_all(tmp_path):
    whole = short(tmp_path / "whole")
    whole.run()
    stopped = short(tmp_path / "stopped")
    stopped.show = lambda losses, fraction: stopped.state.iteration == 3 and (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        stopped.run()
    again = short(tmp_path / "stopped", seed=9)
    again.resume()
    assert again.run().iteration == 6
    for name, value in weights(whole).items():
        np.testing.assert_array_equal(weights(again)[name], value)
    save(whole.model, tmp_path / "weights.npz")
    loaded = load_detector(tmp_path / "weights.npz")
    assert loaded.model.config == whole.model.config
    image = [ShapesDataset(1, size=32)[0].image]
    for one, two in zip(next(iter(loaded.detect(image))), next(iter(whole.detector.detect(image)))):
        np.testing.assert_array_equal(one, two)


def test_it_learns_two_images_by_heart(tmp_path):
    dataset = ShapesDataset(4, size=64)
    config = replace(FASTER_RCNN_TINY, width=0.25, training_proposals=40, proposals=40)
    detector = new_detector(config, 0)
    detector.model.class_names = dataset.class_names
    recipe = Recipe(**{**RECIPES["tiny"], "batch_size": 4, "iterations": 100, "warm_up": 10, "evaluations": 1})
    still = {**recipe.augmentation, "flip_probability": 0}
    batches = Batches(dataset, config, detector.make_targets, 4, **still)
    TrainingRun(detector, batches, replace(recipe, lr=0.02), tmp_path).run()
    assert evaluate(detector, dataset).mean > 0.8
