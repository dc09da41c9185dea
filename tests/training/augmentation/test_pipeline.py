import hashlib

import numpy as np
import PIL
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from numpyssd.drawing import new_figure
from numpyssd.images.resize import resize_for_test
from numpyssd.run.recipes import RECIPES
from numpyssd.training.augmentation import geometry
from numpyssd.training.augmentation import pipeline as augmentation
from numpyssd.training.augmentation.photometric import distort, random_amounts
from numpyssd.training.augmentation.pipeline import augment, draw_augmentation
from numpyssd.training.augmentation.resampling import INTERPOLATIONS, resample

OFF = {"distort_probability": 0, "zoom_out_probability": 0, "crop_probability": 0, "flip_probability": 0}
BLACK = (0, 0, 0)


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def smooth(height, width, cell):
    """An image like a photograph: neighboring pixels differ little, and few of them are at 0 or 255."""
    coarse = Image.fromarray(40 + noise(height // cell, width // cell) // 2)
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))


# ---- boxes stay on their objects


@pytest.mark.parametrize("options", [{}, {"flip_vertical": True, "rotate90": True}, {**OFF, "rotate90": True}])
@pytest.mark.parametrize(("height", "width", "size"), [(480, 640, 300), (200, 130, 96), (50, 61, 96)])
def test_boxes_stay_on_their_objects(height, width, size, options):
    checked, cut = 0, 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        x1, y1 = rng.integers(0, (width * 2 // 3, height * 2 // 3))
        x2, y2 = rng.integers((x1 + width // 8, y1 + height // 8), (width + 1, height + 1))
        image = np.zeros((height, width, 3), np.uint8)
        image[y1:y2, x1:x2] = 255
        sample, boxes, labels, kept = augment(
            image, np.array([[x1, y1, x2, y2]]), np.array([7]), size, rng, BLACK, **options
        )
        assert len(boxes) == len(labels) == len(kept) <= 1
        if not len(boxes):
            continue
        gray = sample[:, :, 1].astype(int)
        darkest = gray.min() if gray.min() < 60 else 0  # no black left: the object fills the sample
        rows, columns = np.nonzero(gray > (gray.max() + darkest) / 2)
        found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        np.testing.assert_allclose(boxes[0] * size, found, atol=1.5, err_msg=f"seed {seed}")
        checked += 1
        cut += (boxes[0] == 0).any() or (boxes[0] == 1).any()
    assert checked > 55
    assert cut > 10 or "crop_probability" in options  # clipped boxes were among them


def test_labels_and_kept_follow_their_objects():
    colors = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]], np.uint8)
    boxes = np.array([[20, 20, 120, 100], [200, 30, 290, 140], [30, 180, 130, 280], [180, 170, 280, 290]], np.float32)
    image = np.zeros((300, 300, 3), np.uint8)
    for (x1, y1, x2, y2), color in zip(boxes.astype(int), colors):
        image[y1:y2, x1:x2] = color
    labels, lost = np.array([3, 1, 4, 2]), 0
    for seed in range(150):
        options = {"distort_probability": 0, "flip_vertical": True, "rotate90": True}
        sample, new, new_labels, kept = augment(image, boxes, labels, 96, np.random.default_rng(seed), BLACK, **options)
        np.testing.assert_array_equal(new_labels, labels[kept])
        assert (np.diff(kept) > 0).all()
        lost += len(kept) < 4
        for box, index in zip(new, kept):
            x, y = ((box[:2] + box[2:]) / 2 * 96).astype(int)
            assert np.abs(sample[y, x].astype(int) - colors[index]).max() < 60
    assert 20 < lost < 140


# ---- pixels


def test_switched_off_it_only_resizes():
    image = noise(48, 64)
    allowed = [np.asarray(Image.fromarray(image).resize((30, 30), i)) for i in INTERPOLATIONS]
    seen = set()
    for seed in range(60):
        sample, boxes, _, _ = augment(image, [[16, 12, 48, 36]], [1], 30, np.random.default_rng(seed), **OFF)
        np.testing.assert_allclose(boxes, [[0.25, 0.25, 0.75, 0.75]])
        seen.add(next(i for i, wanted in enumerate(allowed) if np.array_equal(sample, wanted)))
    assert seen == {0, 1, 2, 3, 4}


def test_the_mean_around_a_small_image_keeps_its_color():
    image, mean = np.full((100, 100, 3), (250, 20, 20), np.uint8), (123, 117, 104)
    for seed in range(40):
        options = {"crop_probability": 0, "zoom_out_probability": 1, "distort_probability": 1}
        sample, boxes, _, _ = augment(image, [[0, 0, 100, 100]], [1], 96, np.random.default_rng(seed), mean, **options)
        x1, y1, x2, y2 = np.rint(boxes[0] * 96).astype(int)
        outside = np.ones((96, 96), bool)
        outside[y1:y2, x1:x2] = False
        assert (sample[outside] == mean).all()
        assert (sample[~outside] != mean).any(axis=1).all()


@pytest.mark.parametrize("resize", ["average", "opencv"])
def test_colors_first_is_caffes_order(resize):
    """Only the pixels under the view are changed; the sample is as if all had been, before anything else."""
    image, boxes = smooth(90, 120, 8), [[10, 10, 100, 70]]
    for seed in range(40):
        sample, *_ = augment(image, boxes, [1], 48, np.random.default_rng(seed), resize=resize)
        amounts = []

        def draw_only(pixels, rng, probability, hue_wraps, shuffle_probability, amounts=amounts):
            amounts.append(random_amounts(rng, probability))
            return pixels

        with pytest.MonkeyPatch.context() as patch:  # the same random numbers, no change of color
            patch.setattr(augmentation, "photometric_distort", draw_only)
            augment(image, boxes, [1], 48, np.random.default_rng(seed), resize=resize)
            changed = distort(image, **amounts[0]) if amounts else image
            wanted, *_ = augment(changed, boxes, [1], 48, np.random.default_rng(seed), resize=resize)
        np.testing.assert_array_equal(sample, wanted, err_msg=f"seed {seed}")


def test_colors_last_hardly_differ():
    image, boxes, difference = smooth(480, 640, 16), [[100, 100, 400, 300]], []
    for seed in range(30):
        first, last = (
            augment(image, boxes, [1], 96, np.random.default_rng(seed), colors=order) for order in ("first", "last")
        )
        np.testing.assert_array_equal(first[1], last[1])  # the same view
        difference.append(np.abs(first[0].astype(int) - last[0]).mean())
    assert np.mean(difference) < 0.5
    assert max(difference) > 0  # they are not the same computation


# The samples of pattern() with the fast order as they always were: whoever resumes a run gets the same images, but for
# one change of Pillow's. Its release 13 averages the pixels at the sides of a box in another way.
FAST = {"colors": "last", "hue_wraps": True, "last_needs_object": False}
COMPACT = {"zoom_out_probability": 0.2, "zoom_out_max": 1.6, "crop_min_scale": 0.5}
TINY = {"zoom_out_probability": 0, "crop_probability": 0, "distort_probability": 0}
ALL = {"flip_vertical": True, "rotate90": True, "zoom_out_probability": 1}
PILLOW = int(PIL.__version__.split(".")[0])
HASHES = [
    (COMPACT, 3, "26c5de2b6f523be1"),
    (COMPACT, 0, "02545c5b26320a95" if PILLOW >= 13 else "f41a9c55239cf308"),
    (TINY, 3, "6eb0c0cd65ece2ba"),
    ({}, 3, "4f00f59fb53609aa"),
    ({}, 0, "4ba4057f82960908" if PILLOW >= 13 else "5d1a38ce935a28fe"),
    (ALL, 3, "704dd6c8292aeaf6" if PILLOW >= 13 else "1005b0030c3e887a"),
    (ALL, 0, "bc891b3cd6d3527e" if PILLOW >= 13 else "0bb673b1afe8c4e0"),
]


def pattern(height, width):
    y, x = np.mgrid[:height, :width]
    planes = (x * 7 + y * 3) % 256, (x * y // 16) % 256, (x * x + 5 * y) // 64 % 256
    return np.stack(planes, axis=-1).astype(np.uint8)


@pytest.mark.parametrize(("options", "objects", "digest"), HASHES)
def test_the_fast_order_gives_the_samples_it_always_gave(options, objects, digest):
    boxes = np.array([[10, 20, 90, 100], [60, 30, 150, 80.5], [100, 90, 108, 101]], np.float32)[:objects]
    found, labels = hashlib.sha256(), np.arange(objects)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        for array in augment(pattern(120, 160), boxes, labels, 64, rng, **options, **FAST):
            found.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    assert found.hexdigest()[:16] == digest


def test_the_quick_recipes_keep_the_fast_order():
    for name, its in (("compact", COMPACT), ("tiny", TINY)):
        recipe = RECIPES[name].augmentation
        assert {key: recipe.get(key) for key in its} == its
        assert recipe["colors"] == "last"
    assert {key: RECIPES["compact"].augmentation[key] for key in FAST} == FAST
    assert not RECIPES["ssd300"].augmentation  # Caffe's
    assert not RECIPES["ssd512"].augmentation


def test_resize_for_test_is_bilinear_and_averages():
    image = noise(480, 640)
    np.testing.assert_array_equal(
        resize_for_test(image, 300), np.asarray(Image.fromarray(image).resize((300, 300), Image.Resampling.BILINEAR))
    )
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 200
    assert np.ptp(resize_for_test(stripes, 8)[:, 1:-1].astype(int)) < 20  # every pixel is near 100
    out = resize_for_test(noise(7, 9), 12)
    assert out.shape == (12, 12, 3)
    assert out.dtype == np.uint8
    assert out.flags.writeable


# ---- the contract


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 6), st.integers(1, 33), st.integers(0, 2**32))
def test_contract(height, width, objects, size, seed):
    rng = np.random.default_rng(seed)
    image = noise(height, width, seed)
    before = image.copy()
    corners = rng.uniform(-0.2, 1, (objects, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(0, 0.7, (objects, 2))], axis=1) * ([width, height] * 2)
    boxes = boxes.reshape(objects, 4).astype(np.float32)
    labels = rng.integers(1, 9, objects)
    arguments = image, boxes, labels, size
    sample, new, new_labels, kept = augment(*arguments, np.random.default_rng(seed), flip_vertical=True, rotate90=True)
    assert sample.shape == (size, size, 3)
    assert sample.dtype == np.uint8
    assert sample.flags.c_contiguous
    assert sample.flags.writeable
    assert new.shape == (len(kept), 4)
    assert new.dtype == np.float32
    assert new_labels.dtype == labels.dtype
    np.testing.assert_array_equal(new_labels, labels[kept])
    assert (new >= 0).all()
    assert (new <= 1).all()
    assert (new[:, 2:] - new[:, :2] > 0.99 * geometry.MIN_SIDE).all()
    np.testing.assert_array_equal(image, before)
    again = augment(*arguments, np.random.default_rng(seed), flip_vertical=True, rotate90=True)
    for a, b in zip((sample, new, new_labels, kept), again):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("shape", [(1, 1), (1, 1000), (1000, 1), (480, 640), (2, 3)])
@pytest.mark.parametrize("size", [1, 96])
def test_any_size_of_image(shape, size):
    image, (height, width) = noise(*shape), shape
    assert resize_for_test(image, size).shape == (size, size, 3)
    for seed in range(40):
        sample, boxes, _, kept = augment(image, [[0, 0, width, height]], [1], size, np.random.default_rng(seed))
        assert sample.shape == (size, size, 3)
        assert len(boxes) == len(kept)


def test_one_color_stays_one_color_whatever_the_interpolation():
    image = np.full((3, 2, 3), (9, 99, 200), np.uint8)
    options = {"distort_probability": 0, "zoom_out_probability": 0}
    for seed in range(60):
        sample, *_ = augment(image, np.zeros((0, 4)), [], 50, np.random.default_rng(seed), **options)
        assert (sample == (9, 99, 200)).all()


def test_no_objects_in_and_none_left():
    empty = np.zeros((0, 4), np.float32), np.zeros(0, np.int64)
    left = []
    for seed in range(200):
        sample, boxes, labels, kept = augment(noise(30, 40), *empty, 24, np.random.default_rng(seed))
        assert boxes.shape == (0, 4)
        assert labels.shape == kept.shape == (0,)
        # A tiny object in a corner: most free crops miss it.
        _, boxes, labels, kept = augment(noise(30, 40), [[0, 0, 3, 3]], [5], 24, np.random.default_rng(seed))
        assert boxes.shape == (len(kept), 4)
        left.append(len(kept))
    assert {0, 1} == set(left)


def test_a_view_that_misses_the_image_is_all_mean():
    misses = 0
    for seed in range(200):
        options = {"zoom_out_probability": 1, "crop_min_scale": 0.3}
        sample, boxes, *_ = augment(
            np.zeros((20, 20, 3), np.uint8), [[0, 0, 20, 20]], [1], 24, np.random.default_rng(seed), **options
        )
        if (sample == (123, 117, 104)).all():
            misses += 1
            assert len(boxes) == 0
    assert misses > 0


@pytest.mark.parametrize("option", ["flip_probability", "flip_vertical", "rotate90"])
def test_flips_and_turns_are_as_likely_as_they_say(option):
    image = np.zeros((10, 10, 3), np.uint8)
    image[:5, :5], image[:5, 5:], image[5:, :5] = 250, 170, 90  # lower right: 0
    options = {**OFF, "flip_probability": 0.5 if option != "rotate90" else 0, option: True}
    if option == "flip_probability":
        options[option] = 0.5
    first = []
    for seed in range(600):
        sample, *_ = augment(image, np.zeros((0, 4)), [], 10, np.random.default_rng(seed), **options)
        first.append(int(sample[0, 0, 0]))
    fraction = np.array([first.count(v) for v in (250, 170, 90, 0)]) / 600
    expected = {"flip_probability": [0.5, 0.5, 0, 0]}.get(option, [0.25] * 4)
    np.testing.assert_allclose(fraction, expected, atol=0.085)


def test_options_reach_their_parts(monkeypatch):
    views = []
    monkeypatch.setattr(augmentation, "resample", lambda i, view, *a: views.append(view) or resample(i, view, *a))
    image, boxes = noise(40, 40), np.array([[0.0, 0, 40, 40]])
    for seed in range(200):
        rng = np.random.default_rng(seed)
        options = {**OFF, "zoom_out_probability": 1, "zoom_out_max": 1.5}
        augment(image, boxes, [1], 20, rng, **options)
    side = np.array([v[2] - v[0] for v in views]) / 40
    assert 1.45 < side.max() <= 1.5
    views.clear()
    for seed in range(200):
        augment(
            image, boxes, [1], 20, np.random.default_rng(seed), **{**OFF, "crop_probability": 1, "crop_min_scale": 0.8}
        )
    scale = [np.sqrt((v[2:] - v[:2]).prod()) / 40 for v in views]
    assert 0.8 - 1e-9 <= min(scale) < 0.85


def test_an_image_without_objects_is_cropped_if_asked_for():
    image, empty = smooth(48, 64, 8), np.zeros((0, 4))
    still = {**OFF, "crop_probability": 1}
    different = []
    for option in (True, False):
        rngs = (np.random.default_rng(seed) for seed in range(60))
        samples = {augment(image, empty, [], 24, rng, **still, last_needs_object=option)[0].tobytes() for rng in rngs}
        different.append(len(samples))
    assert different[0] == 5  # interpolations of the whole
    assert different[1] > 20


def test_different_seeds_give_different_samples():
    arguments = noise(48, 64), [[10, 10, 40, 40]], [1], 24
    samples = {augment(*arguments, np.random.default_rng(seed))[0].tobytes() for seed in range(20)}
    assert len(samples) >= 19


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colors": "before"}, r'colors must be "first" or "last", but is \'before\''),
        ({"resize": "area"}, r'resize must be "average", "opencv" or "float", but is \'area\''),
        ({"min_iou_rule": "one"}, r"min_iou_rule must be"),
        ({"image": np.zeros((4, 4, 3))}, r"image must be uint8"),
        ({"image": np.zeros((4, 4), np.uint8)}, r"image must be uint8"),
        ({"image": np.zeros((0, 4, 3), np.uint8)}, r"image must be uint8"),
        ({"boxes": np.zeros(4)}, r"boxes must have the shape \(N, 4\)"),
        ({"boxes": np.zeros((2, 5))}, r"boxes must have the shape \(N, 4\)"),
        ({"labels": np.zeros(3, int)}, r"labels must have the shape \(2,\)"),
        ({"labels": np.zeros((2, 1), int)}, r"labels must have the shape \(2,\)"),
    ],
)
def test_wrong_arrays_are_named(change, message):
    arguments = {"image": noise(4, 4), "boxes": np.zeros((2, 4)), "labels": np.ones(2, int), **change}
    with pytest.raises(ValueError, match=message):
        augment(**arguments, size=8, rng=np.random.default_rng(0))
    if "image" in change:
        with pytest.raises(ValueError, match=message):
            resize_for_test(change["image"], 8)


def test_figure():
    _, ax = new_figure()
    draw_augmentation(ax, noise(30, 40), np.array([[5.0, 5, 35, 25]]), np.array([1]), size=40)
    assert len(ax.images) == 12
    assert len(ax.patches) >= 12 + 6  # a frame each, and at least the boxes of the upper row
    assert "zoom-out" in {text.get_text() for text in ax.texts}
