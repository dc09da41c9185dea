"""step: a batch in parts gives the gradient of the whole batch, and what is not finite stops before anything moves."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from short_run import RECIPE, THIN

from numpyssd import kernels
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.kernels.cpu.runtime import buffers as memory
from numpyssd.model.ssd import SSD
from numpyssd.training.batches import Batches
from numpyssd.training.micro_batches import cut
from numpyssd.training.multibox_loss import multibox_loss
from numpyssd.training.optimizer import SGD
from numpyssd.training.step import gradients, take_step

PLAIN = replace(THIN, batch_norm=False, norm_scale=8.0)
PARTS = [8, 4, 2, 1, 3]  # images at once, of 8: in 1, 2, 4, 8 parts, and three parts that are not equal


@pytest.fixture(scope="module")
def batch():
    """Eight pictures with all their augmentation; the third has no object, and so no positives."""
    made = Batches(ShapesDataset(12), PLAIN, 8, seed=5).batch(0)
    made.loc_targets[2], made.conf_targets[2] = 0, 0
    return made


def fail(culprit):
    raise AssertionError(f"{culprit} is not finite")


def name(i):
    return f"picture {i}"


def model_of(dtype=np.float32, config=PLAIN):
    model = SSD(config, seed=1)
    model.training = True
    for parameter in model.parameters().values():
        parameter.value = parameter.value.astype(dtype)
    return model


def found(batch, images_at_once, dtype=np.float32, config=PLAIN, **options):
    """Return the loss, its Parts, and every gradient."""
    model = model_of(dtype, config)
    batch = batch._replace(images=batch.images.astype(dtype))
    loss, parts = gradients(model, batch, images_at_once, fail, name, **options)
    return loss, parts, {n: p.grad.copy() for n, p in model.parameters().items()}


# ---- parts -----------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(images=st.integers(1, 40), at_once=st.none() | st.integers(1, 50))
def test_the_parts_are_the_batch_in_order_none_too_large_and_all_alike(images, at_once):
    pieces = cut(images, at_once)
    assert [i for piece in pieces for i in range(images)[piece]] == list(range(images))
    sizes = [piece.stop - piece.start for piece in pieces]
    assert max(sizes) <= (at_once or images)
    assert max(sizes) - min(sizes) <= 1
    assert len(sizes) == -(-images // (at_once or images))


def test_in_one_part_it_is_forward_loss_backward(batch):
    loss, parts, grads = found(batch, None)
    model = model_of()
    expected = multibox_loss(*model.forward(batch.images), batch.loc_targets, batch.conf_targets)
    model.backward(*expected[1:3])
    assert (loss, parts) == (expected[0], expected[3])
    for n, parameter in model.parameters().items():
        np.testing.assert_array_equal(grads[n], parameter.grad)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_parts_give_the_gradient_of_the_whole_batch(batch, backend, dtype, tolerance):
    loss, parts, whole = found(batch, PARTS[0], dtype)
    counts = (batch.conf_targets > 0).sum(axis=1)
    assert len(set(counts)) > 2  # else dividing by one's own positives would not show
    assert counts[2] == 0
    for at_once in PARTS[1:]:
        loss_of_parts, parts_of_parts, grads = found(batch, at_once, dtype)
        assert loss_of_parts == pytest.approx(loss, rel=tolerance)
        assert parts_of_parts == pytest.approx(parts, rel=tolerance)
        assert (parts_of_parts.positives, parts_of_parts.negatives) == (parts.positives, parts.negatives)
        for n, gradient in grads.items():
            assert gradient.dtype == dtype
            length = np.linalg.norm(whole[n])
            assert length > 0
            assert np.linalg.norm(gradient - whole[n]) <= tolerance * length, (n, at_once)


@pytest.mark.parametrize("options", [{"divisor": "image"}, {"min_negatives": 5}, {"alpha": 0.25, "negative_ratio": 1}])
def test_parts_add_up_with_other_rules_too(batch, options):
    loss, parts, whole = found(batch, None, **options)
    assert loss != pytest.approx(found(batch, None)[0], rel=1e-3)
    loss_of_parts, parts_of_parts, grads = found(batch, 3, **options)
    assert (loss_of_parts, *parts_of_parts) == pytest.approx((loss, *parts), rel=1e-5)
    for n, gradient in grads.items():
        assert np.linalg.norm(gradient - whole[n]) <= 1e-5 * np.linalg.norm(whole[n]), n


def test_a_batch_that_is_mined_as_a_whole_cannot_be_cut(batch):
    found(batch, 8, scope="batch")
    with pytest.raises(ValueError, match="leave out images_at_once"):
        found(batch, 4, scope="batch")


def test_a_step_is_the_same_in_parts(batch):
    moved, batch = [], batch._replace(images=batch.images.astype(float))
    for at_once in (None, 2):
        model = model_of(np.float64)
        optimizer = SGD(model.parameters(), 0.01)
        recipe = replace(RECIPE, images_at_once=at_once)
        for _ in range(3):
            outcome = take_step(model, optimizer, batch, recipe, fail, name)
        moved.append((outcome[0], outcome[2], {n: p.value for n, p in model.parameters().items()}))
    assert moved[0][:2] == pytest.approx(moved[1][:2], rel=1e-9)
    for n, value in moved[0][2].items():
        np.testing.assert_allclose(moved[1][2][n], value, rtol=1e-7, atol=1e-12)


def test_without_any_object_nothing_is_learned(batch):
    empty = batch._replace(conf_targets=np.zeros_like(batch.conf_targets))
    loss, parts, grads = found(empty, 2)
    assert (loss, *parts) == (0, 0, 0, 0, 0)
    assert not any(gradient.any() for gradient in grads.values())


def test_batch_normalization_takes_the_statistics_of_each_part(batch):
    # So the gradients differ from those of the whole batch, and the running averages move once for each part.
    model, by_hand = model_of(config=THIN), model_of(config=THIN)
    gradients(model, batch, 4, fail, name)
    for piece in cut(8, 4):
        by_hand.forward(batch.images[piece])
    for n, (layer, key) in model.running_statistics().items():
        expected, key = by_hand.running_statistics()[n]
        np.testing.assert_array_equal(layer.running[key], expected.running[key], err_msg=n)
    whole, parts = found(batch, 8, config=THIN)[2], found(batch, 4, config=THIN)[2]
    assert np.linalg.norm(parts["conv1_1.weight"] - whole["conv1_1.weight"]) > 0.01 * np.linalg.norm(
        whole["conv1_1.weight"]
    )


def test_parts_take_less_memory(batch, monkeypatch):
    # So many images that what does not shrink with a part, the gradients of the weights, is a small share.
    batch, most = type(batch)(*(np.concatenate([column] * 3) for column in batch[:4])), {}
    with kernels.using("cpu"):
        for at_once in (24, 12, 3):
            model = model_of()
            monkeypatch.setattr(memory, "_bytes", {"in use": 0, "most": 0, "kept": 0})
            monkeypatch.setattr(memory, "_kept", type(memory._kept)())
            monkeypatch.setattr(memory, "SMALL", 1 << 10)
            gradients(model, batch, at_once, fail, name)
            most[at_once] = memory._bytes["most"]
            del model
    assert most[12] < 0.6 * most[24]
    assert most[3] < 0.25 * most[24]


# ---- the step --------------------------------------------------------------------------------------------------------


def test_a_longer_gradient_is_cut_to_the_length_and_keeps_its_direction(batch):
    free, cut_short, untouched = model_of(), model_of(), model_of()
    recipes = [replace(RECIPE, clip_gradient=clip) for clip in (None, 0.5, 1e9)]
    lengths = []
    for model, recipe in zip((free, cut_short, untouched), recipes):
        optimizer = SGD(model.parameters(), 0.01)
        lengths.append(take_step(model, optimizer, batch, recipe, fail, name)[2])
    assert lengths[0] == lengths[1] == lengths[2] > 1  # what is reported is the length before
    assert SGD(cut_short.parameters(), 0).gradient_norm() == pytest.approx(0.5, rel=1e-5)
    for n, parameter in free.parameters().items():
        expected = parameter.grad * (0.5 / lengths[0])
        np.testing.assert_allclose(cut_short.parameters()[n].grad, expected, rtol=1e-4, atol=1e-9)
        assert cut_short.parameters()[n].grad.dtype == np.float32
        np.testing.assert_array_equal(untouched.parameters()[n].value, parameter.value)
        assert not np.array_equal(cut_short.parameters()[n].value, parameter.value) or not parameter.grad.any()


class Stopped(Exception):
    pass


def stop(culprit):
    raise Stopped(culprit)


@pytest.mark.parametrize("at_once", [None, 2])
def test_an_image_that_is_not_finite_is_named_in_whatever_part_it_is(batch, at_once):
    images = batch.images.copy()
    images[5, 3, 3, 0] = np.nan
    model = model_of()
    before = {n: p.value.copy() for n, p in model.parameters().items()}
    recipe = replace(RECIPE, images_at_once=at_once)
    with pytest.raises(Stopped, match=f"^picture {batch.indices[5]}$"):
        take_step(model, SGD(model.parameters(), 0.1), batch._replace(images=images), recipe, stop, name)
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
