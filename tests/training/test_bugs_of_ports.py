"""The known mistakes of other ports, each planted here: the right code passes its check, and the mistake does not."""

from functools import partial

import numpy as np
import pytest
from PIL import Image

from numpyssd.boxes import iou
from numpyssd.training.augmentation import crop_samplers, geometry, photometric, resampling
from numpyssd.training.augmentation import pipeline as augmentation

VIEW = np.array([0.0, 0.0, 640.0, 480.0])
CORNERS = np.array([[0.0, 0.0, 256.0, 192.0], [384.0, 288.0, 640.0, 480.0]])
OFF = {"distort_probability": 0, "zoom_out_probability": 0, "crop_probability": 0, "flip_probability": 0}


def candidates(boxes, draws=200, **options):
    rng = np.random.default_rng(0)
    crops, succeeded = zip(*(crop_samplers.crop_candidates(VIEW, boxes, rng, **options) for _ in range(draws)))
    return np.array(crops), np.array(succeeded)


def contain_centers(crops, boxes):
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    return ((centers >= crops[:, None, :2]) & (centers <= crops[:, None, 2:])).all(axis=2)  # (N, M)


# ---- crops


def check_the_iou_constraint():
    crops, succeeded = candidates(CORNERS)
    for sampler, min_iou in enumerate((0.1, 0.3, 0.5, 0.7, 0.9), start=1):
        found = crops[succeeded[:, sampler], sampler]
        assert len(found) == 0 or iou(found, CORNERS).max(axis=1).min() >= min_iou


def a_condition_that_never_holds(patch):
    """amdegroot: ``if overlap.min() < min_iou and max_iou < overlap.max()`` with max_iou infinite."""
    patch.setattr(crop_samplers, "iou", lambda crops, boxes: np.ones((len(crops), len(boxes))))


def check_seven_samplers():
    crops, succeeded = candidates(VIEW[None])
    area = (crops[..., 2] - crops[..., 0]) * (crops[..., 3] - crops[..., 1]) / (640 * 480)
    least = [area[succeeded[:, sampler], sampler].min() for sampler in range(crops.shape[1])]
    np.testing.assert_allclose(least, [1, 0.1, 0.3, 0.5, 0.7, 0.9, 0.09], atol=0.04)


def without_0_5(patch):
    right = crop_samplers.crop_candidates
    patch.setattr(crop_samplers, "crop_candidates", partial(right, min_ious=(0.1, 0.3, 0.7, 0.9)))


def a_scale_of_the_area(patch):
    right = crop_samplers.crop_candidates
    patch.setattr(crop_samplers, "crop_candidates", partial(right, min_scale=np.sqrt(0.3)))


def check_one_object_is_enough():
    assert candidates(CORNERS)[1][:, 3].mean() > 0.25  # the two are far apart


def all_objects(patch):
    patch.setattr(crop_samplers, "crop_candidates", partial(crop_samplers.crop_candidates, min_iou_rule="all"))


def check_an_object_counts_without_its_center():
    crops, succeeded = candidates(CORNERS)
    found = crops[succeeded[:, 1], 1]  # an IoU of 0.1 is enough
    assert np.mean(~contain_centers(found, CORNERS).any(axis=1)) > 0.1


def centers_first(patch):
    """torchvision: boxes whose center is outside are put aside before the IoU is taken."""
    patch.setattr(crop_samplers, "iou", lambda crops, boxes: iou(crops, boxes) * contain_centers(crops, boxes))


def check_the_choice_is_among_those_that_succeeded():
    speck, rng = np.array([[300.0, 200.0, 310.0, 210.0]]), np.random.default_rng(0)  # no IoU of 0.1 is possible
    whole = np.mean([np.array_equal(augmentation.crop(VIEW, speck, rng), VIEW) for _ in range(600)])
    assert abs(whole - 1 / 2) < 0.1


def the_sampler_is_drawn_first(patch):
    def crop(view, boxes, rng, **options):
        crops, succeeded = crop_samplers.crop_candidates(view, boxes, rng, **options)
        sampler = rng.integers(7)
        return crops[sampler] if succeeded[sampler] else view

    patch.setattr(augmentation, "crop", crop)


# ---- boxes


def samples(draws=60, **options):
    image = np.zeros((60, 80, 3), np.uint8)
    image[20:50, 10:44] = 255
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        yield augmentation.augment(image, [[10, 20, 44, 50]], [1], 40, rng, (9, 99, 199), **options)[:2]


def check_boxes_are_clipped_at_the_crop():
    seen = np.concatenate([boxes for _, boxes in samples(zoom_out_probability=0)])
    assert len(seen) > 30
    assert seen.min() == 0
    assert seen.max() == 1


def boxes_as_they_were(patch):
    right = geometry.boxes_in_view

    def unclipped(boxes, view):
        kept = right(boxes, view)[1]
        return ((boxes - np.tile(view[:2], 2)) / np.tile(view[2:] - view[:2], 2))[kept].astype(np.float32), kept

    patch.setattr(geometry, "boxes_in_view", unclipped)


def check_the_center_decides():
    cut = np.array([[-60.0, 100.0, 50.0, 200.0], [-40.0, 100.0, 50.0, 200.0]])
    np.testing.assert_array_equal(geometry.boxes_in_view(cut, VIEW)[1], [1])


def any_overlap_is_enough(patch):
    patch.setattr(geometry, "boxes_in_view", lambda b, view: (b, np.flatnonzero(iou(b, view[None])[:, 0] > 0)))


def check_a_flipped_box_lies_on_its_pixels():
    for sample, boxes in samples(5, **{**OFF, "flip_probability": 1}):
        columns = np.flatnonzero(sample[20, :, 0] > 127)
        np.testing.assert_allclose(boxes[0, [0, 2]] * 40, [columns.min(), columns.max() + 1], atol=0.55)


def a_flip_that_is_off_by_one(patch):
    right = geometry.flip
    patch.setattr(geometry, "flip", lambda image, boxes: (right(image, boxes)[0], right(image, boxes)[1] - 1 / 40))


# ---- zoom-out


def check_zoom_out_is_of_the_side():
    rng = np.random.default_rng(0)
    sides = np.array([geometry.zoom_out(640, 480, rng, probability=1)[[0, 2]] for _ in range(2000)])
    ratio = (sides[:, 1] - sides[:, 0]) / 640
    assert ratio.max() > 3.9
    assert abs(ratio.mean() - 2.5) < 0.1


def zoom_out_to_four_times_the_area(patch):
    patch.setattr(geometry, "zoom_out", partial(geometry.zoom_out, max_ratio=2.0))


def an_area_that_is_uniform(patch):
    def zoom_out(width, height, rng, **options):
        side = np.sqrt(rng.uniform(1, 16))
        return np.array([0.0, 0.0, side * width, side * height])

    patch.setattr(geometry, "zoom_out", zoom_out)


def check_the_mean_is_around_the_image():
    options = {**OFF, "zoom_out_probability": 1, "distort_probability": 1}
    outside = [(sample == (9, 99, 199)).all(axis=2).mean() for sample, _ in samples(20, **options)]
    assert np.mean(outside) > 0.5


def zeros_around_the_image(patch):
    right = augmentation.augment
    patch.setattr(
        augmentation, "augment", lambda image, b, n, size, rng, mean, **o: right(image, b, n, size, rng, (0, 0, 0), **o)
    )


def the_mean_is_distorted_too(patch):
    def late(*arguments, distort_probability, **options):
        sample, *rest = right(*arguments, distort_probability=0, **options)
        return photometric.photometric_distort(sample, np.random.default_rng(0), 1), *rest

    right = augmentation.augment
    patch.setattr(augmentation, "augment", late)


# ---- colors


def check_hue_turns_by_36_degrees():
    rng = np.random.default_rng(0)
    hue = [amounts["hue"] for amounts in (photometric.random_amounts(rng) for _ in range(400)) if "hue" in amounts]
    assert max(hue) > 34
    assert min(hue) < -34


def hue_18(patch):
    patch.setattr(photometric, "random_amounts", partial(photometric.random_amounts, max_hue=18.0))


def check_hue_stops_at_red():
    red = np.array([[[255, 0, 0]]], np.uint8)
    np.testing.assert_array_equal(photometric.distort(red, hue=-36), red)


def a_hue_that_wraps(patch):
    patch.setattr(photometric, "distort", partial(photometric.distort, hue_wraps=True))


def check_channels_stay():
    rng, orange = np.random.default_rng(0), np.array([[[200, 120, 40]]], np.uint8)
    assert all(photometric.photometric_distort(orange, rng)[0, 0].argmin() != 0 for _ in range(100))


def channels_are_exchanged(patch):
    right = photometric.photometric_distort
    patch.setattr(photometric, "photometric_distort", partial(right, shuffle_probability=0.5))


def check_each_step_saturates():
    bright = photometric.distort(np.array([[[200, 100, 0]]], np.uint8), brightness=100, contrast=0.5)[0, 0]
    np.testing.assert_array_equal(bright, [128, 100, 50])  # 255 / 2, not 300 / 2


def floats_without_a_limit(patch):
    """amdegroot and others: float32 throughout, so that 300 is halved to 150."""

    def distort(image, brightness, contrast):
        return ((image + np.float32(brightness)) * np.float32(contrast)).clip(0, 255).astype(np.uint8)

    patch.setattr(photometric, "distort", distort)


def bytes_that_wrap(patch):
    patch.setattr(photometric, "saturate", lambda levels: np.rint(levels).astype(np.int64).astype(np.uint8))


# ---- interpolation


def check_five_interpolations():
    image, empty = np.random.default_rng(0).integers(0, 256, (50, 70, 3), dtype=np.uint8), np.zeros((0, 4))
    seeds = (np.random.default_rng(seed) for seed in range(40))
    assert len({augmentation.augment(image, empty, [], 40, rng, **OFF)[0].tobytes() for rng in seeds}) == 5


def only_bilinear(patch):
    patch.setattr(augmentation, "INTERPOLATIONS", (Image.Resampling.BILINEAR,) * 5)


def none_of_areas(patch):
    patch.setattr(augmentation, "INTERPOLATIONS", resampling.INTERPOLATIONS[:1] + resampling.INTERPOLATIONS[2:])


BUGS = [
    (check_the_iou_constraint, a_condition_that_never_holds),
    (check_seven_samplers, without_0_5),
    (check_seven_samplers, a_scale_of_the_area),
    (check_one_object_is_enough, all_objects),
    (check_an_object_counts_without_its_center, centers_first),
    (check_the_choice_is_among_those_that_succeeded, the_sampler_is_drawn_first),
    (check_boxes_are_clipped_at_the_crop, boxes_as_they_were),
    (check_the_center_decides, any_overlap_is_enough),
    (check_a_flipped_box_lies_on_its_pixels, a_flip_that_is_off_by_one),
    (check_zoom_out_is_of_the_side, zoom_out_to_four_times_the_area),
    (check_zoom_out_is_of_the_side, an_area_that_is_uniform),
    (check_the_mean_is_around_the_image, zeros_around_the_image),
    (check_the_mean_is_around_the_image, the_mean_is_distorted_too),
    (check_hue_turns_by_36_degrees, hue_18),
    (check_hue_stops_at_red, a_hue_that_wraps),
    (check_channels_stay, channels_are_exchanged),
    (check_each_step_saturates, floats_without_a_limit),
    (check_each_step_saturates, bytes_that_wrap),
    (check_five_interpolations, only_bilinear),
    (check_five_interpolations, none_of_areas),
]


@pytest.mark.parametrize("check", dict.fromkeys(check for check, _ in BUGS), ids=lambda f: f.__name__)
def test_is_right(check):
    check()


@pytest.mark.parametrize(("check", "plant"), BUGS, ids=lambda f: f.__name__)
def test_the_mistake_would_be_seen(check, plant, monkeypatch):
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        check()
