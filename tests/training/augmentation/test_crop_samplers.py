import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numpyssd.drawing import new_figure
from numpyssd.training.augmentation.crop_samplers import MIN_IOUS, crop, crop_candidates, draw_crops
from numpyssd.training.augmentation.geometry import zoom_out

IMAGE = np.array([0.0, 0.0, 640.0, 480.0])
# Two objects far apart: no crop can overlap both by much, so "any one" and "all" are different rules.
CORNERS = np.array([[0.0, 0.0, 256.0, 192.0], [384.0, 288.0, 640.0, 480.0]])
EVERYTHING = IMAGE[None]  # an object that fills the image: all seven samplers can succeed
NOTHING = np.zeros((0, 4))


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def crop_by_loops(view, boxes, rng, min_iou, min_scale=0.3, trials=50):
    """The definition: one sampler, one trial after the other."""
    for _ in range(trials):
        scale = rng.uniform(min_scale, 1)
        ratio = min(max(rng.uniform(0.5, 2), scale**2), 1 / scale**2)
        width, height = min(scale * ratio**0.5, 1), min(scale / ratio**0.5, 1)
        x, y = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
        w, h = view[2] - view[0], view[3] - view[1]
        candidate = [view[0] + x * w, view[1] + y * h, view[0] + (x + width) * w, view[1] + (y + height) * h]
        if any(overlap(candidate, box) >= min_iou for box in boxes):
            return candidate
    return None


def many(view, boxes, draws, seed=0, **options):
    rng = np.random.default_rng(seed)
    crops, succeeded = zip(*(crop_candidates(view, boxes, rng, **options) for _ in range(draws)))
    return np.array(crops), np.array(succeeded)  # (D, 7, 4), (D, 7)


def test_the_iou_constraint_is_active():
    """The commonest bug of the ports: a condition that is never true, so that every crop is accepted."""
    crops, succeeded = many(IMAGE, CORNERS, 400)
    for sampler, min_iou in enumerate(MIN_IOUS, start=1):
        best = [max(overlap(c, box) for box in CORNERS) for c in crops[succeeded[:, sampler], sampler]]
        assert min(best, default=1) >= min_iou - 1e-12
    free = np.array([max(overlap(c, box) for box in CORNERS) for c in crops[:, 6]])
    assert (free < 0.1).mean() > 0.1  # without the constraint, many crops would break even the weakest
    assert succeeded[:, 2].mean() > 0.95
    assert succeeded[:, 5].mean() < 0.2  # 0.9 is seldom met, and then the sampler must say so


def test_min_ious_are_caffes():
    assert MIN_IOUS == (0.1, 0.3, 0.5, 0.7, 0.9)  # ssd_pascal.py; a well-known port has no 0.5


def test_any_one_object_is_enough():
    crops, succeeded = many(IMAGE, CORNERS, 400)
    found = crops[succeeded[:, 3], 3]  # IoU of at least 0.5
    both = np.array([[overlap(c, box) for box in CORNERS] for c in found])
    assert len(found) > 150
    assert (both.min(axis=1) < 0.3).all()  # so no crop here would satisfy "all"
    assert abs((both[:, 0] > both[:, 1]).mean() - 0.5) < 0.12  # neither object is preferred


def test_the_whole_view_and_shapes():
    crops, succeeded = many(IMAGE, EVERYTHING, 500)
    np.testing.assert_array_equal(crops[:, 0], np.broadcast_to(IMAGE, (500, 4)))
    assert succeeded[:, 0].all()
    assert succeeded[:, 6].all()
    free = crops[:, 6] / np.tile(IMAGE[2:], 2)
    sides = free[:, 2:] - free[:, :2]
    scale, ratio = np.sqrt(sides.prod(axis=1)), sides[:, 0] / sides[:, 1]
    assert 0.3 <= scale.min() < 0.33
    assert 0.97 < scale.max() <= 1
    assert abs(scale.mean() - 0.65) < 0.04
    assert ratio.min() >= 0.5 - 1e-9
    assert ratio.max() <= 2 + 1e-9
    assert ratio.min() < 0.6
    assert ratio.max() > 1.8
    # Below a scale of 0.7 both sides fit, and the ratio is uniform, not its logarithm: wide more often than high.
    assert abs(ratio[scale < 0.7].mean() - 1.25) < 0.09
    assert (free[:, :2] >= 0).all()
    assert (free[:, 2:] <= 1 + 1e-12).all()


@pytest.mark.parametrize("min_iou", [0.3, 0.5])
def test_distribution_equals_the_definition_by_loops(min_iou):
    sampler = 1 + MIN_IOUS.index(min_iou)
    boxes = np.array([[64.0, 96.0, 384.0, 400.0], [400.0, 30.0, 600.0, 200.0]])
    view = np.array([-100.0, -50.0, 700.0, 500.0])
    crops, succeeded = many(view, boxes, 1000, seed=1)
    rng = np.random.default_rng(2)
    wanted = [crop_by_loops(view, boxes, rng, min_iou) for _ in range(600)]
    found = np.array([c for c in wanted if c is not None])
    assert abs(succeeded[:, sampler].mean() - len(found) / len(wanted)) < 0.05
    got = crops[succeeded[:, sampler], sampler]
    for level in (0.1, 0.25, 0.5, 0.75, 0.9):
        np.testing.assert_allclose(np.quantile(got, level, axis=0), np.quantile(found, level, axis=0), atol=35)


def test_choice_is_uniform_among_those_that_succeeded():
    rng = np.random.default_rng(0)
    whole = np.mean([np.array_equal(crop(IMAGE, EVERYTHING, rng), IMAGE) for _ in range(3000)])
    _, succeeded = many(IMAGE, EVERYTHING, 500)
    expected = (1 / succeeded.sum(axis=1)).mean()
    assert 1 / 7 <= expected < 1 / 6.5
    assert abs(whole - expected) < 0.029  # 4.5 standard deviations
    # Each of the seven, by giving them limits that tell them apart.
    options = {"min_ious": (0.0,) * 5}
    counts = np.zeros(7)
    for seed in range(1000):
        crops, _ = crop_candidates(IMAGE, EVERYTHING, np.random.default_rng(seed), **options)
        chosen = crop(IMAGE, EVERYTHING, np.random.default_rng(seed), **options)
        counts += (crops == chosen).all(axis=1)
    assert counts.sum() == 1000
    assert np.abs(counts - 1000 / 7).max() < 4.5 * np.sqrt(1000 * 6 / 49)


@pytest.mark.parametrize(
    ("boxes", "options"), [(np.array([[300.0, 200.0, 310.0, 210.0]]), {}), (NOTHING, {"last_needs_object": False})]
)
def test_where_no_iou_is_possible_the_whole_and_the_free_crop_remain(boxes, options):
    rng = np.random.default_rng(0)
    _, succeeded = crop_candidates(IMAGE, boxes, rng, **options)
    np.testing.assert_array_equal(succeeded, [True, False, False, False, False, False, True])
    whole = np.mean([np.array_equal(crop(IMAGE, boxes, rng, **options), IMAGE) for _ in range(1500)])
    assert abs(whole - 0.5) < 0.06


@pytest.mark.parametrize("min_iou_rule", ["any", "all"])
def test_an_image_without_objects_is_not_cropped(min_iou_rule):
    """Caffe's free sampler has max_jaccard_overlap 1, and asks each object; with none there is no yes."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        _, succeeded = crop_candidates(IMAGE, NOTHING, rng, min_iou_rule=min_iou_rule)
        np.testing.assert_array_equal(succeeded, [True] + [False] * 6)
        np.testing.assert_array_equal(crop(IMAGE, NOTHING, rng, min_iou_rule=min_iou_rule), IMAGE)


def test_all_objects_may_be_asked_for():
    near = np.array([[100.0, 100.0, 400.0, 400.0], [150.0, 120.0, 430.0, 420.0]])
    crops, succeeded = many(IMAGE, near, 300, min_iou_rule="all")
    for sampler, min_iou in enumerate(MIN_IOUS, start=1):
        for found in crops[succeeded[:, sampler], sampler]:
            assert min(overlap(found, box) for box in near) >= min_iou - 1e-12
    assert succeeded[:, 3].mean() > 0.9
    assert succeeded[:, [0, 6]].all()
    assert not many(IMAGE, CORNERS, 200, min_iou_rule="all")[1][:, 3].any()


def test_another_word_is_named():
    with pytest.raises(ValueError, match='min_iou_rule must be "any" or "all", but is \'one\''):
        crop_candidates(IMAGE, CORNERS, np.random.default_rng(0), min_iou_rule="one")


def test_more_trials_find_more():
    few, enough = (many(IMAGE, EVERYTHING, 200, trials=t)[1][:, 5].mean() for t in (1, 50))
    assert few < 0.2  # an area of at least 0.9 takes a scale of at least 0.95: 7 %
    assert enough > 0.9


def test_min_scale_is_respected():
    crops, _ = many(IMAGE, EVERYTHING, 200, min_scale=0.9)
    area = ((crops[:, :, 2] - crops[:, :, 0]) * (crops[:, :, 3] - crops[:, :, 1]) / (640 * 480))[:, 6]
    assert area.min() >= 0.81 - 1e-9
    crops, _ = many(IMAGE, EVERYTHING, 20, min_scale=1.0)
    np.testing.assert_allclose(crops[:, 6], np.broadcast_to(IMAGE, (20, 4)), atol=1e-9)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32), st.integers(0, 5))
def test_crops_stay_in_a_view_that_is_larger_than_the_image(seed, objects):
    rng = np.random.default_rng(seed)
    view = zoom_out(640, 480, rng, probability=1)
    corners = rng.uniform(0, 400, (objects, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(1, 80, (objects, 2))], axis=1)
    crops, succeeded = crop_candidates(view, boxes, rng, last_needs_object=False)
    assert succeeded[[0, 6]].all()
    slack = 1e-9 * (view[2] - view[0])
    assert (crops[:, :2] >= view[:2] - slack).all()
    assert (crops[:, 2:] <= view[2:] + slack).all()


def test_figure():
    _, ax = new_figure()
    image = np.zeros((48, 64, 3), np.uint8)
    draw_crops(ax, image, np.array([[0.0, 0, 64, 48]]), size=20, seed=1)
    crops, succeeded = crop_candidates(
        np.array([0.0, 0, 64, 48]), np.array([[0.0, 0, 64, 48]]), np.random.default_rng(1)
    )
    assert len(ax.images) == 7 + succeeded.sum()
    assert {f"IoU at least {m}" for m in MIN_IOUS} <= {text.get_text().split("\n")[0] for text in ax.texts}
