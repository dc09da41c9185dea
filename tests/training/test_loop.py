"""loop: a batch in parts gives the gradient of the whole batch, and what is not finite stops before anything moves."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from short_run import THIN, batches_for
from small import SMALL

from numpyssd import kernels
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.kernels.cpu.runtime import buffers as memory
from numpyssd.layers import BatchNorm
from numpyssd.model.ssd import SSD
from numpyssd.ssd import SSDDetector
from numpyssd.training.batches import Batch
from numpyssd.training.loop import accumulate_gradients, train_step
from numpyssd.training.micro_batches import split
from numpyssd.training.multibox_loss import multibox_loss
from numpyssd.training.nonfinite import NonFinite
from numpyssd.training.optimizer import SGD

PLAIN = replace(THIN, batch_norm=False, norm_scale=8.0)
PARTS = [8, 4, 2, 1, 3]  # images at once, of 8: in 1, 2, 4, 8 parts, and three parts that are not equal


@pytest.fixture(scope="module")
def batch():
    """Eight images with all their augmentation; the third has no object, and so no positives."""
    made = batches_for(ShapesDataset(12), PLAIN, 8, seed=5).batch(0)
    made.targets[0][2], made.targets[1][2] = 0, 0
    return made


def model_of(dtype=np.float32, config=PLAIN):
    model = SSD(config, seed=1)
    model.training = True
    for parameter in model.parameters().values():
        parameter.value = parameter.value.astype(dtype)
    return model


def detector_of(dtype=np.float32, config=PLAIN, **loss):
    return SSDDetector(model_of(dtype, config), loss=loss)


def found(batch, micro_batch, dtype=np.float32, config=PLAIN, **loss):
    """Return the Losses, and every gradient."""
    detector = detector_of(dtype, config, **loss)
    batch = batch._replace(images=batch.images.astype(dtype))
    losses, _ = accumulate_gradients(detector, batch, micro_batch)
    return losses, {n: p.grad.copy() for n, p in detector.model.parameters().items()}


# ---- parts -----------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(images=st.integers(1, 40), at_once=st.none() | st.integers(1, 50))
def test_the_parts_are_the_batch_in_order_none_too_large_and_all_alike(images, at_once):
    pieces = [slice(*part) for part in split(images, at_once)]
    assert [i for piece in pieces for i in range(images)[piece]] == list(range(images))
    sizes = [piece.stop - piece.start for piece in pieces]
    assert max(sizes) <= (at_once or images)
    assert max(sizes) - min(sizes) <= 1
    assert len(sizes) == -(-images // (at_once or images))


def test_in_one_part_it_is_forward_loss_backward(batch):
    losses, grads = found(batch, None)
    model = model_of()
    expected = multibox_loss(*model.forward(batch.images), *batch.targets)
    model.backward(*expected[1:3])
    assert (losses.total, tuple(losses)) == (expected[0], tuple(expected[3]))
    for n, parameter in model.parameters().items():
        np.testing.assert_array_equal(grads[n], parameter.grad)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_parts_give_the_gradient_of_the_whole_batch(batch, backend, dtype, tolerance):
    parts, whole = found(batch, PARTS[0], dtype)
    counts = (batch.targets[1] > 0).sum(axis=1)
    assert len(set(counts)) > 2  # else dividing by one's own positives would not show
    assert counts[2] == 0
    for at_once in PARTS[1:]:
        parts_of_parts, grads = found(batch, at_once, dtype)
        assert parts_of_parts.total == pytest.approx(parts.total, rel=tolerance)
        assert parts_of_parts == pytest.approx(parts, rel=tolerance)
        assert (parts_of_parts.positives, parts_of_parts.negatives) == (parts.positives, parts.negatives)
        for n, gradient in grads.items():
            assert gradient.dtype == dtype
            length = np.linalg.norm(whole[n])
            assert length > 0
            assert np.linalg.norm(gradient - whole[n]) <= tolerance * length, (n, at_once)


@pytest.mark.parametrize("options", [{"divisor": "image"}, {"min_negatives": 5}, {"alpha": 0.25, "negative_ratio": 1}])
def test_parts_add_up_with_other_rules_too(batch, options):
    parts, whole = found(batch, None, **options)
    assert parts.total != pytest.approx(found(batch, None)[0].total, rel=1e-3)
    parts_of_parts, grads = found(batch, 3, **options)
    assert (parts_of_parts.total, *parts_of_parts) == pytest.approx((parts.total, *parts), rel=1e-5)
    for n, gradient in grads.items():
        assert np.linalg.norm(gradient - whole[n]) <= 1e-5 * np.linalg.norm(whole[n]), n


def test_a_batch_that_is_mined_as_a_whole_cannot_be_cut(batch):
    found(batch, 8, scope="batch")
    with pytest.raises(ValueError, match="leave out micro_batch"):
        found(batch, 4, scope="batch")


def test_a_step_is_the_same_in_parts(batch):
    moved, batch = [], batch._replace(images=batch.images.astype(float))
    for at_once in (None, 2):
        detector = detector_of(np.float64)
        optimizer = SGD(detector.model.parameters(), 0.01)
        for _ in range(3):
            losses, norm = train_step(detector, optimizer, batch, at_once)
        moved.append((losses.total, norm, {n: p.value for n, p in detector.model.parameters().items()}))
    assert moved[0][:2] == pytest.approx(moved[1][:2], rel=1e-9)
    for n, value in moved[0][2].items():
        np.testing.assert_allclose(moved[1][2][n], value, rtol=1e-7, atol=1e-12)


def test_without_any_object_nothing_is_learned(batch):
    empty = batch._replace(targets=(batch.targets[0], np.zeros_like(batch.targets[1])))
    losses, grads = found(empty, 2)
    assert (losses.total, *losses) == (0, 0, 0, 0, 0)
    assert not any(gradient.any() for gradient in grads.values())


def test_batch_normalization_takes_the_statistics_of_each_part(batch):
    # So the gradients differ from those of the whole batch, and the running averages move once for each part.
    detector, by_hand = detector_of(config=THIN), model_of(config=THIN)
    model = detector.model
    accumulate_gradients(detector, batch, 4)
    for first, last in split(8, 4):
        by_hand.forward(batch.images[first:last])
    for n, (layer, key) in model.running_statistics().items():
        expected, key = by_hand.running_statistics()[n]
        np.testing.assert_array_equal(layer.running[key], expected.running[key], err_msg=n)
    whole, parts = found(batch, 8, config=THIN)[1], found(batch, 4, config=THIN)[1]
    assert np.linalg.norm(parts["conv1_1.weight"] - whole["conv1_1.weight"]) > 0.01 * np.linalg.norm(
        whole["conv1_1.weight"]
    )


ONE_CELL = replace(SMALL, width=0.25, batch_norm=True)  # its last map, conv9_2, has a single cell


@pytest.mark.parametrize(("batch_size", "micro_batch"), [(1, None), (4, 1), (3, 2)])
def test_one_image_at_a_time_learns_what_detection_uses(batch_size, micro_batch):
    # Parts of one, and the part of one that 3 images at 2 at once leave. See layers/batchnorm.py.
    assert ONE_CELL.feature_maps[-1].size == 1
    detector, images = detector_of(config=ONE_CELL), batches_for(ShapesDataset(6), ONE_CELL, batch_size)
    optimizer = SGD(detector.model.parameters(), 0.002)
    for t in range(20):
        train_step(detector, optimizer, images.batch(t), micro_batch)
    block = detector.model.stages[-1].parts[-1]
    if micro_batch is None:
        assert block.norm.running["variance"].min() > 1.2 * BatchNorm.momentum**20  # what variances of 0 would leave
    x = images.batch(20).images[:1]
    for layer in (*detector.model.stages[:-1], *detector.model.stages[-1].parts[:-1]):
        x = layer.infer(x)
    trained, inferred = block.forward(x), block.infer(x)  # (1, 1, 1, C) each
    assert 0.5 < inferred.max() / trained.max() < 2
    assert 0.1 < inferred.max() < 10


def test_parts_take_less_memory(batch, monkeypatch):
    # So many images that what does not shrink with a part, the gradients of the weights, is a small fraction.
    images, indices = (np.concatenate([column] * 3) for column in (batch.images, batch.indices))
    targets = tuple(np.concatenate([column] * 3) for column in batch.targets)
    batch, most = Batch(images, targets, indices), {}
    with kernels.using("cpu"):
        for at_once in (24, 12, 3):
            detector = detector_of()
            monkeypatch.setattr(memory, "_bytes", {"in use": 0, "peak": 0, "free": 0})
            monkeypatch.setattr(memory, "_free", type(memory._free)())
            monkeypatch.setattr(memory, "MIN_BYTES", 1 << 10)
            accumulate_gradients(detector, batch, at_once)
            most[at_once] = memory._bytes["peak"]
            del detector
    gradients = sum(parameter.grad.nbytes for parameter in model_of().parameters().values())
    assert most[12] < 0.6 * most[24]
    assert most[3] < 0.25 * most[24] + 2 * gradients  # 8 parts by halves: three sums wait for their other half


# ---- the step --------------------------------------------------------------------------------------------------------


def test_a_longer_gradient_is_cut_to_the_length_and_keeps_its_direction(batch):
    detectors, norms = [detector_of() for _ in range(3)], []
    for detector, clip in zip(detectors, (None, 0.5, 1e9)):
        optimizer = SGD(detector.model.parameters(), 0.01)
        norms.append(train_step(detector, optimizer, batch, clip_gradient=clip)[1])
    free, clipped, untouched = (detector.model for detector in detectors)
    assert norms[0] == norms[1] == norms[2] > 1  # what is reported is the norm before
    assert SGD(clipped.parameters(), 0).gradient_norm() == pytest.approx(0.5, rel=1e-5)
    for n, parameter in free.parameters().items():
        expected = parameter.grad * (0.5 / norms[0])
        np.testing.assert_allclose(clipped.parameters()[n].grad, expected, rtol=1e-4, atol=1e-9)
        assert clipped.parameters()[n].grad.dtype == np.float32
        np.testing.assert_array_equal(untouched.parameters()[n].value, parameter.value)
        assert not np.array_equal(clipped.parameters()[n].value, parameter.value) or not parameter.grad.any()


@pytest.mark.parametrize("at_once", [None, 2])
def test_an_image_that_is_not_finite_is_named_in_whatever_part_it_is(batch, at_once):
    images = batch.images.copy()
    images[5, 3, 3, 0] = np.nan
    detector = detector_of()
    model = detector.model
    before = {n: p.value.copy() for n, p in model.parameters().items()}
    with pytest.raises(NonFinite) as caught:
        train_step(detector, SGD(model.parameters(), 0.1), batch._replace(images=images), at_once)
    assert (caught.value.what, caught.value.image) == ("{}", batch.indices[5])
    for n, parameter in model.parameters().items():
        np.testing.assert_array_equal(parameter.value, before[n])


@pytest.mark.parametrize("config", [PLAIN, THIN], ids=["plain", "batch norm"])
def test_decay_shrinks_weights_and_conv4_3_norm_and_biases_take_twice_the_rate(config):
    # Caffe: decay_mult 1 (the default) for weights and for conv4_3_norm's scale; lr_mult 2, decay_mult 0 for biases.
    model, rate, decay = SSD(config), 0.1, 0.05
    for parameter in model.parameters().values():
        parameter.value = np.ones_like(parameter.value)
        parameter.grad = np.zeros_like(parameter.value)
    optimizer = SGD(model.parameters(), rate, weight_decay=decay)
    optimizer.step()
    shrunk = {n for n, p in model.parameters().items() if not (p.value == 1).all()}
    weights = {n for n in model.parameters() if n.endswith(".weight")}
    assert shrunk == weights | {"conv4_3_norm.scale"}
    for n in shrunk:
        np.testing.assert_allclose(model.parameters()[n].value, 1 - rate * decay, rtol=1e-6)
    for parameter in model.parameters().values():
        parameter.value, parameter.grad = np.zeros_like(parameter.value), np.ones_like(parameter.value)
    optimizer = SGD(model.parameters(), rate, weight_decay=decay)
    optimizer.step()
    for n, parameter in model.parameters().items():
        np.testing.assert_allclose(parameter.value, -2 * rate if n.endswith(".bias") else -rate, rtol=1e-6, err_msg=n)
