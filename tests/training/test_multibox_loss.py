"""numpyssd.training.multibox_loss: equation 1 by loops, its gradients by differences, and what gets no gradient."""

import json
import math

import numpy as np
import pytest
from gradcheck import assert_gradient
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.drawing import new_figure
from numpyssd.training.multibox_loss import divisors, draw_trained_boxes, multibox_loss


def by_loops(loc, conf, loc_targets, conf_targets, alpha, ratio, scope="image", min_negatives=0, divisor="batch"):
    """Equation 1 with mining, one image and one default box at a time: the two losses, the counts."""

    def cross_entropy(logits, label):
        return math.log(math.fsum(math.exp(z) for z in logits)) - logits[label]

    images, boxes = conf_targets.shape
    positives = [[k for k in range(boxes) if conf_targets[n, k] > 0] for n in range(images)]
    total = sum(map(len, positives))
    ranked = [
        sorted((-cross_entropy(conf[n, k], 0), n, k) for k in range(boxes) if conf_targets[n, k] == 0)
        for n in range(images)
    ]
    if scope == "image":
        hardest = [row[: max(ratio * len(mine), min_negatives)] for row, mine in zip(ranked, positives)]
    else:
        first = sorted(sum(ranked, []))[: max(ratio * total, min_negatives)]
        hardest = [[entry for entry in first if entry[1] == n] for n in range(images)]
    loc_loss = conf_loss = 0.0
    for n in range(images):
        count = max(total, 1) if divisor == "batch" else max(len(positives[n]), 1) * images
        for k in positives[n]:
            conf_loss += cross_entropy(conf[n, k], conf_targets[n, k]) / count
            for i in range(4):
                error = abs(loc[n, k, i] - loc_targets[n, k, i])
                loc_loss += alpha * (0.5 * error**2 if error < 1 else error - 0.5) / count
        conf_loss -= sum(minus_loss for minus_loss, _, _ in hardest[n]) / count
    return loc_loss, conf_loss, total, sum(map(len, hardest))


def random_batch(seed, images=3, boxes=14, classes=5, fraction=0.2):
    rng = np.random.default_rng(seed)
    conf_targets = np.where(rng.random((images, boxes)) < fraction, rng.integers(1, classes, (images, boxes)), 0)
    loc, loc_targets = rng.normal(size=(2, images, boxes, 4)) * 1.5
    return loc, rng.normal(size=(images, boxes, classes)) * 2, loc_targets, conf_targets


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 1, 3, 100]), st.sampled_from([0, 1, 2.5]), st.floats(0, 1))
def test_is_its_definition(seed, ratio, alpha, fraction):
    batch = random_batch(seed, fraction=fraction)
    loss, dloc, dconf, parts = multibox_loss(*batch, alpha, ratio)
    expected = by_loops(*batch, alpha, ratio)
    np.testing.assert_allclose(parts, expected, rtol=1e-10, atol=1e-12)
    assert loss == pytest.approx(expected[0] + expected[1], rel=1e-10, abs=1e-12)
    assert (dloc.shape, dconf.shape) == (batch[0].shape, batch[1].shape)


OPTIONS = st.fixed_dictionaries(
    {
        "scope": st.sampled_from(["image", "batch"]),
        "min_negatives": st.sampled_from([0, 2, 100]),
        "divisor": st.sampled_from(["batch", "image"]),
    }
)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0, 0.1, 0.3]), OPTIONS)
def test_the_other_rules_are_their_definitions(seed, fraction, options):
    batch = random_batch(seed, fraction=fraction)
    loss, _, _, parts = multibox_loss(*batch, **options)
    expected = by_loops(*batch, 1, 3, **options)
    np.testing.assert_allclose(parts, expected, rtol=1e-10, atol=1e-12)
    assert loss == pytest.approx(expected[0] + expected[1], rel=1e-10, abs=1e-12)


def test_golden():
    # By hand: one positive, one negative, two classes, logits 0. conf: log 2 for each; loc: errors 0.5, 2, 0 and -1
    # cost 0.125 + 1.5 + 0 + 0.5 = 2.125; one positive divides. Gradients: probability 1/2, minus 1 at the label.
    loc = np.array([[[0.5, 2, 0, -1], [9, 9, 9, 9]]])
    loss, dloc, dconf, parts = multibox_loss(loc, np.zeros((1, 2, 2)), np.zeros((1, 2, 4)), np.array([[1, 0]]))
    assert loss == pytest.approx(2.125 + 2 * math.log(2))
    assert parts == pytest.approx((2.125, 2 * math.log(2), 1, 1))
    assert (parts.positives, parts.negatives) == (1, 1)
    np.testing.assert_allclose(dloc, [[[0.5, 1, 0, -1], [0, 0, 0, 0]]])
    np.testing.assert_allclose(dconf, [[[0.5, -0.5], [-0.5, 0.5]]])


@pytest.mark.parametrize("alpha", [1, 0.3])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_gradients(seed, alpha):
    loc, conf, loc_targets, conf_targets = random_batch(seed)
    _, dloc, dconf, parts = multibox_loss(loc, conf, loc_targets, conf_targets, alpha)
    assert parts.negatives > 0

    def loss(loc, conf):
        return multibox_loss(loc, conf, loc_targets, conf_targets, alpha)[0]

    assert_gradient(loss, [loc, conf], [dloc, dconf], np.random.default_rng(seed))


@pytest.mark.parametrize("seed", [0, 1])
def test_gradients_under_the_other_rules(seed):
    loc, conf, loc_targets, conf_targets = random_batch(seed)
    conf_targets[0] = 0
    options = {"scope": "image", "min_negatives": 5, "divisor": "image"}
    _, dloc, dconf, parts = multibox_loss(loc, conf, loc_targets, conf_targets, **options)
    assert dconf[0].any(axis=1).sum() == 5

    def loss(loc, conf):
        return multibox_loss(loc, conf, loc_targets, conf_targets, **options)[0]

    assert_gradient(loss, [loc, conf], [dloc, dconf], np.random.default_rng(seed))


def test_only_positives_and_hard_negatives_get_a_gradient():
    loc, conf, loc_targets, conf_targets = random_batch(5, boxes=40, fraction=0.05)
    _, dloc, dconf, parts = multibox_loss(loc, conf, loc_targets, conf_targets)
    positive = conf_targets > 0
    np.testing.assert_array_equal(dloc.any(axis=2), positive)
    trained = dconf.any(axis=2)
    assert trained[positive].all()
    np.testing.assert_array_equal((trained & ~positive).sum(axis=1), 3 * positive.sum(axis=1))
    assert parts.positives == positive.sum()
    assert parts.negatives == 3 * positive.sum()
    np.testing.assert_allclose(dconf.sum(axis=2), 0, atol=1e-12)


def test_targets_of_background_boxes_do_not_matter():
    loc, conf, loc_targets, conf_targets = random_batch(6)
    reference = multibox_loss(loc, conf, loc_targets, conf_targets)
    loc_targets[conf_targets == 0] = np.nan
    again = multibox_loss(loc, conf, loc_targets, conf_targets)
    assert again[0] == reference[0]
    np.testing.assert_array_equal(again[1], reference[1])


def test_divisor_is_the_positives_of_the_batch():
    # Image 0 has one positive, image 1 three; every positive errs by 2 in one offset: 4 * 1.5 / 4. Dividing image by
    # image and averaging gives the same here, so the errors of image 1 then count twice: (1.5 + 3 * 3.5) / 4 = 3;
    # image by image it would be 2.5, and averaged over the offsets 0.75.
    conf_targets = np.array([[1, 0, 0, 0], [1, 1, 1, 0]])
    loc = np.zeros((2, 4, 4))
    loc[..., 0] = 2
    inputs = np.zeros((2, 4, 2)), np.zeros((2, 4, 4)), conf_targets
    assert multibox_loss(loc, *inputs)[3].loc == pytest.approx(1.5)
    loc[1, :, 0] = 4
    assert multibox_loss(loc, *inputs)[3].loc == pytest.approx(3)
    assert multibox_loss(loc, *inputs, divisor="image")[3].loc == pytest.approx(2.5)


def test_an_image_without_objects_changes_nothing_in_the_others_unless_it_is_told_to():
    loc, conf, loc_targets, conf_targets = random_batch(12, images=2)
    conf_targets[1] = 0
    alone = multibox_loss(loc[:1], conf[:1], loc_targets[:1], conf_targets[:1])
    loss, dloc, dconf, parts = multibox_loss(loc, conf, loc_targets, conf_targets)
    assert loss == pytest.approx(alone[0])  # nor is it in the divisor
    np.testing.assert_allclose(dconf[:1], alone[2])
    assert not dconf[1].any()
    # Image by image it halves the mean over the images, and gives nothing itself.
    halved = multibox_loss(loc, conf, loc_targets, conf_targets, divisor="image")
    assert halved[0] == pytest.approx(alone[0] / 2)
    assert not halved[2][1].any()
    # With min_negatives it teaches background, and only that.
    taught = multibox_loss(loc, conf, loc_targets, conf_targets, min_negatives=3)
    assert taught[3].negatives == parts.negatives + 3
    assert (taught[2][1].any(axis=1).sum(), taught[1][1].any()) == (3, False)
    assert (taught[2][1][taught[2][1].any(axis=1), 0] < 0).all()


@pytest.mark.parametrize("divisor", ["batch", "image"])
def test_parts_of_a_batch_with_its_divisors_add_up_to_the_whole(divisor):
    batch = random_batch(13, images=4)
    loss, dloc, dconf, _ = multibox_loss(*batch, divisor=divisor)
    whole = divisors(batch[3], divisor)
    parts = [multibox_loss(*(a[n : n + 2] for a in batch), divisor=whole[n : n + 2]) for n in (0, 2)]
    assert loss == pytest.approx(sum(part[0] for part in parts))
    np.testing.assert_allclose(np.concatenate([part[1] for part in parts]), dloc)
    np.testing.assert_allclose(np.concatenate([part[2] for part in parts]), dconf)


def test_golden_divisors():
    conf_targets = np.array([[1, 2, 0], [0, 0, 0], [3, 0, 0]])
    assert divisors(conf_targets).tolist() == [3, 3, 3]
    assert divisors(conf_targets, "image").tolist() == [6, 3, 3]
    assert divisors(conf_targets, json.loads('"image"')).tolist() == [6, 3, 3]  # a word that was read from a file
    assert divisors(conf_targets, 7).tolist() == [7, 7, 7]
    assert divisors(conf_targets, 0).tolist() == divisors(conf_targets * 0).tolist() == [1, 1, 1]


def test_a_batch_without_any_object_can_teach_background():
    # By hand: two boxes at log 2 each, over a divisor of 1; of two images by image a half.
    conf, none = np.zeros((2, 5, 2)), np.zeros((2, 5), np.int64)
    for divisor, expected in (("batch", 2 * math.log(2)), ("image", math.log(2))):
        loss, dloc, dconf, parts = multibox_loss(
            np.ones((2, 5, 4)), conf, np.zeros((2, 5, 4)), none, min_negatives=1, divisor=divisor
        )
        assert loss == pytest.approx(expected)
        assert (parts.positives, parts.negatives) == (0, 2)
        assert not dloc.any()
        np.testing.assert_allclose(dconf[:, 0], [[-0.5, 0.5]] * 2 if divisor == "batch" else [[-0.25, 0.25]] * 2)


def test_negatives_are_ranked_by_their_loss_toward_background():
    # Box 1 is torn between two classes, so no class is likely, but background least of all (0.155 against 0.182);
    # box 2 is sure of one class. Ranked by the largest probability of a class, box 2 would come first.
    conf = np.array([[[0.0, 0, 0], [0, 1, 1], [0, 1.5, -9]]])
    targets = np.zeros((1, 3, 4)), np.array([[1, 0, 0]])
    _, _, dconf, _ = multibox_loss(np.zeros((1, 3, 4)), conf, *targets, negative_ratio=1)
    assert dconf[0].any(axis=1).tolist() == [True, True, False]


def test_mining_is_by_image():
    conf = np.zeros((2, 6, 2))
    conf[1, :, 1] = 10  # the image without objects is wrong everywhere
    conf_targets = np.array([[1, 0, 0, 0, 0, 0], [0] * 6])
    _, _, dconf, parts = multibox_loss(np.zeros((2, 6, 4)), conf, np.zeros((2, 6, 4)), conf_targets)
    assert parts.negatives == 3
    assert dconf[0].any(axis=1).tolist() == [True, True, True, True, False, False]  # ties: the lower index
    assert not dconf[1].any()


@pytest.mark.parametrize(("images", "boxes"), [(2, 5), (0, 5), (2, 0)])
def test_without_positives_everything_is_zero(images, boxes):
    conf = np.random.default_rng(0).normal(size=(images, boxes, 3))
    conf_targets = np.zeros((images, boxes), np.int64)
    loc = np.ones((images, boxes, 4))
    loss, dloc, dconf, parts = multibox_loss(loc, conf, loc * 5, conf_targets)
    assert loss == 0
    assert parts == (0, 0, 0, 0)
    assert (dloc.shape, dconf.shape) == (loc.shape, conf.shape)
    assert not dloc.any()
    assert not dconf.any()


def test_logits_of_any_size():
    conf = np.array([[[1e4, -1e4], [-1e4, 1e4], [-1e4, -1e4], [1e4, 1e4]]], np.float32)
    conf_targets = np.array([[1, 0, 0, 0]])
    zeros = np.zeros((1, 4, 4), np.float32)
    loss, _, dconf, _ = multibox_loss(zeros, conf, zeros, conf_targets)
    assert loss == pytest.approx(2e4 + 2e4 + 2 * math.log(2), rel=1e-6)
    np.testing.assert_allclose(dconf[0], [[1, -1], [-1, 1], [-0.5, 0.5], [-0.5, 0.5]], atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_have_the_type_of_their_inputs(dtype):
    loc, conf, loc_targets, conf_targets = random_batch(7)
    loss, dloc, dconf, _ = multibox_loss(loc.astype(dtype), conf.astype(dtype), loc_targets.astype(dtype), conf_targets)
    assert dloc.dtype == dconf.dtype == dtype
    assert isinstance(loss, float)
    exact = multibox_loss(loc, conf, loc_targets, conf_targets)
    assert loss == pytest.approx(exact[0], rel=1e-5)
    np.testing.assert_allclose(dconf, exact[2], atol=1e-6)


def test_inputs_stay_as_they_were():
    batch = random_batch(8)
    copies = [a.copy() for a in batch]
    multibox_loss(*batch)
    for array, copy in zip(batch, copies):
        np.testing.assert_array_equal(array, copy)


def shorter(offsets):
    return offsets[..., :3]


def longer(offsets):
    return np.concatenate([offsets, offsets], axis=-1)


def test_wrong_arguments_are_named():
    batch = loc, conf, loc_targets, conf_targets = random_batch(9)
    for bad in (
        (loc[:, :5], conf, loc_targets, conf_targets),
        (loc, conf[:1], loc_targets, conf_targets),
        (loc, conf, loc_targets[..., :3], conf_targets),
        (loc, conf, loc_targets, conf_targets[0]),
        (loc, np.repeat(conf, 2, axis=0), loc_targets, conf_targets),
        (loc, conf, np.repeat(loc_targets, 2, axis=0), conf_targets),
        # Both wrong in the same way; and all of them, of one image without its axis, and with an axis too many.
        *((resized(loc), conf, resized(loc_targets), conf_targets) for resized in (shorter, longer)),
        tuple(array[0] for array in batch),
        tuple(array[None] for array in batch),
    ):
        with pytest.raises(ValueError, match=r"conf \(N, K, C\)") as failure:
            multibox_loss(*bad)
        assert all(str(array.shape) in str(failure.value) for array in bad)
    for label in (5, 6, -1):
        conf_targets[0, 0] = label
        words = f"conf_targets must be 0 to 4, but hold {min(label, 0)} to {max(label, conf_targets.max())}"
        with pytest.raises(ValueError, match=words):
            multibox_loss(loc, conf, loc_targets, conf_targets)
    conf_targets[0, 0] = 4
    with pytest.raises(ValueError, match="conf_targets must be 0 to 3"):
        multibox_loss(loc, conf[..., :4], loc_targets, conf_targets)
    conf_targets[0, 0] = 0
    for bad in ({"divisor": "gpu"}, {"scope": "gpu"}):
        with pytest.raises(ValueError, match="must be one of .* not 'gpu'"):
            multibox_loss(loc, conf, loc_targets, conf_targets, **bad)
    conf[2, 3] = np.nan
    with pytest.raises(ValueError, match="image 2, default box 3"):
        multibox_loss(loc, conf, loc_targets, conf_targets)


@pytest.mark.parametrize("fraction", [0.1, 0])
def test_figure(fraction):
    loc, conf, loc_targets, conf_targets = random_batch(11, images=1, boxes=60, fraction=fraction)
    _, _, dconf, parts = multibox_loss(loc, conf, loc_targets, conf_targets)
    assert (parts.positives > 0) == (fraction > 0)
    _, ax = new_figure()
    defaults = np.random.default_rng(0).random((60, 4))
    draw_trained_boxes(ax, np.zeros((50, 50, 3), np.uint8), np.array([[5.0, 5, 20, 20]]), defaults, dconf[0])
    assert len(ax.patches) == 1
    dots = [len(c.get_offsets()) for c in ax.collections]
    assert dots == [60 - parts.positives - parts.negatives, parts.negatives, parts.positives]
