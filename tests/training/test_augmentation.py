import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from numpyssd.drawing import new_figure
from numpyssd.training import augmentation, geometry
from numpyssd.training.augmentation import INTERPOLATIONS, augment, draw_augmentation, resample, resize_for_test
from numpyssd.training.photometric import photometric_distort

OFF = {"distort_probability": 0, "zoom_out_probability": 0, "crop_probability": 0, "flip_probability": 0}
BLACK = (0, 0, 0)


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def smooth(height, width, cell):
    """A picture like a photograph: neighbouring pixels differ little, and few of them are at 0 or 255."""
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
        grey = sample[:, :, 1].astype(int)
        darkest = grey.min() if grey.min() < 60 else 0  # no black left: the object fills the sample
        rows, columns = np.nonzero(grey > (grey.max() + darkest) / 2)
        found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        np.testing.assert_allclose(boxes[0] * size, found, atol=1.5, err_msg=f"seed {seed}")
        checked += 1
        cut += (boxes[0] == 0).any() or (boxes[0] == 1).any()
    assert checked > 55
    assert cut > 10 or "crop_probability" in options  # clipped boxes were among them


def test_labels_and_kept_follow_their_objects():
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]], np.uint8)
    boxes = np.array([[20, 20, 120, 100], [200, 30, 290, 140], [30, 180, 130, 280], [180, 170, 280, 290]], np.float32)
    image = np.zeros((300, 300, 3), np.uint8)
    for (x1, y1, x2, y2), colour in zip(boxes.astype(int), colours):
        image[y1:y2, x1:x2] = colour
    labels, lost = np.array([3, 1, 4, 2]), 0
    for seed in range(150):
        options = {"distort_probability": 0, "flip_vertical": True, "rotate90": True}
        sample, new, new_labels, kept = augment(image, boxes, labels, 96, np.random.default_rng(seed), BLACK, **options)
        np.testing.assert_array_equal(new_labels, labels[kept])
        assert (np.diff(kept) > 0).all()
        lost += len(kept) < 4
        for box, index in zip(new, kept):
            x, y = ((box[:2] + box[2:]) / 2 * 96).astype(int)
            assert np.abs(sample[y, x].astype(int) - colours[index]).max() < 60
    assert 20 < lost < 140


# ---- pixels


def test_a_view_on_the_pixel_grid_is_a_plain_copy():
    image = noise(4, 4)
    part, rows, columns = resample(image, np.array([-2.0, -2, 6, 6]), 8, Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(part, image)
    assert (rows, columns) == (slice(2, 6), slice(2, 6))
    part, rows, columns = resample(image, np.array([1.0, 2, 3, 4]), 2, Image.Resampling.NEAREST)
    np.testing.assert_array_equal(part, image[2:4, 1:3])
    assert (rows, columns) == (slice(0, 2), slice(0, 2))


def test_area_resampling_equals_the_definition_by_loops():
    image, size, view = noise(24, 36), 6, np.array([6.0, 4.0, 30.0, 22.0])  # each pixel shows 4 x 3 of the image
    part, _, _ = resample(image, view, size, Image.Resampling.BOX)
    for y, x in np.ndindex(size, size):
        seen = image[4 + 3 * y : 7 + 3 * y, 6 + 4 * x : 10 + 4 * x].reshape(-1, 3)
        np.testing.assert_allclose(part[y, x], seen.mean(axis=0), atol=1.2)  # Pillow rounds twice


def test_a_pixel_shows_the_image_if_its_centre_does():
    image = noise(10, 10)
    # Pixels are 2 wide. The image begins at 0 = 1.4 pixels after the view's left edge: pixel 1 has its centre at 0.2.
    _, rows, columns = resample(image, np.array([-2.8, -3.2, 17.2, 16.8]), 10, Image.Resampling.BILINEAR)
    assert columns == slice(1, 6)  # centres 0.2, 2.2, ..., 8.2
    assert rows == slice(2, 7)  # centres 1.8 (-0.2 is outside), ..., 9.8


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_the_crop_does_not_see_its_neighbours(interpolation):
    image = np.full((60, 60, 3), 255, np.uint8)
    image[20:40, 20:40] = 50
    part, _, _ = resample(image, np.array([20.0, 20, 40, 40]), 33, interpolation)
    assert (part == 50).all()


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_fractions_of_a_pixel_are_placed_exactly(interpolation):
    ramp = np.broadcast_to(np.arange(200, dtype=np.uint8)[None, :, None], (200, 200, 3))
    for x1, x2 in ((10.0, 110.0), (10.5, 90.25), (-40.0, 160.3), (20.3, 300.0)):
        part, _, columns = resample(ramp, np.array([x1, 0.0, x2, 200.0]), 50, interpolation)
        step = (x2 - x1) / 50
        centres = x1 + (np.arange(50)[columns] + 0.5) * step
        inner = (
            (centres > x1 + 3 * step) & (centres < x2 - 3 * step) & (centres > 3 * step) & (centres < 200 - 3 * step)
        )
        assert inner.sum() > 20
        np.testing.assert_allclose(part[25, inner, 0], centres[inner] - 0.5, atol=1.5)


def test_a_huge_picture_is_reduced_faithfully():
    image = smooth(900, 1300, 50)
    box = (13.7, 21.2, 1290.0, 880.5)
    exact = Image.fromarray(image).resize((60, 60), Image.Resampling.BILINEAR, box=box)
    part, _, _ = resample(image, np.array(box), 60, Image.Resampling.BILINEAR)
    assert np.abs(part.astype(int) - np.asarray(exact)).mean() < 0.5


def test_switched_off_it_only_resizes():
    image = noise(48, 64)
    allowed = [np.asarray(Image.fromarray(image).resize((30, 30), i)) for i in INTERPOLATIONS]
    seen = set()
    for seed in range(60):
        sample, boxes, _, _ = augment(image, [[16, 12, 48, 36]], [1], 30, np.random.default_rng(seed), **OFF)
        np.testing.assert_allclose(boxes, [[0.25, 0.25, 0.75, 0.75]])
        seen.add(next(i for i, wanted in enumerate(allowed) if np.array_equal(sample, wanted)))
    assert seen == {0, 1, 2, 3, 4}


def test_the_mean_around_a_small_picture_keeps_its_colour():
    image, mean = np.full((100, 100, 3), (250, 20, 20), np.uint8), (123, 117, 104)
    for seed in range(40):
        options = {"crop_probability": 0, "zoom_out_probability": 1, "distort_probability": 1}
        sample, boxes, _, _ = augment(image, [[0, 0, 100, 100]], [1], 96, np.random.default_rng(seed), mean, **options)
        x1, y1, x2, y2 = np.rint(boxes[0] * 96).astype(int)
        outside = np.ones((96, 96), bool)
        outside[y1:y2, x1:x2] = False
        assert (sample[outside] == mean).all()
        assert (sample[~outside] != mean).any(axis=1).all()


def test_colours_may_be_changed_after_resizing():
    """Caffe changes them before. The two orders differ by less than a level on a picture without much noise."""
    image = smooth(240, 320, 16)
    difference = []
    for seed in range(20):
        after = photometric_distort(resize_for_test(image, 96), np.random.default_rng(seed))
        before = resize_for_test(photometric_distort(image, np.random.default_rng(seed)), 96)
        difference.append(np.abs(after.astype(int) - before).mean())
    assert np.mean(difference) < 1
    assert np.max(difference) > 0  # they are not the same computation


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
def test_any_size_of_picture(shape, size):
    image, (height, width) = noise(*shape), shape
    assert resize_for_test(image, size).shape == (size, size, 3)
    for seed in range(40):
        sample, boxes, _, kept = augment(image, [[0, 0, width, height]], [1], size, np.random.default_rng(seed))
        assert sample.shape == (size, size, 3)
        assert len(boxes) == len(kept)


def test_one_colour_stays_one_colour_whatever_the_interpolation():
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


def test_a_view_that_misses_the_picture_is_all_mean():
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
    share = np.array([first.count(v) for v in (250, 170, 90, 0)]) / 600
    expected = {"flip_probability": [0.5, 0.5, 0, 0]}.get(option, [0.25] * 4)
    np.testing.assert_allclose(share, expected, atol=0.085)


def test_options_reach_their_parts(monkeypatch):
    views = []
    monkeypatch.setattr(augmentation, "resample", lambda i, view, s, m: views.append(view) or resample(i, view, s, m))
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


def test_different_seeds_give_different_samples():
    arguments = noise(48, 64), [[10, 10, 40, 40]], [1], 24
    samples = {augment(*arguments, np.random.default_rng(seed))[0].tobytes() for seed in range(20)}
    assert len(samples) >= 19


@pytest.mark.parametrize(
    ("change", "message"),
    [
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


def test_picture():
    _, ax = new_figure()
    draw_augmentation(ax, noise(30, 40), np.array([[5.0, 5, 35, 25]]), np.array([1]), size=40)
    assert len(ax.images) == 12
    assert len(ax.patches) >= 12 + 6  # a frame each, and at least the boxes of the upper row
    assert "zoom-out" in {text.get_text() for text in ax.texts}
