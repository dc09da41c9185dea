"""Exercises of lesson 12: a flipped image, a crop and its boxes, when a crop is good enough, the sides of a patch."""

import numpy as np

from numpyssd.boxes import iou
from lessons.course.exercises.exercise import Exercise, Mistake


def flip_boxes(boxes):
    x1, y1, x2, y2 = boxes.T
    return np.stack([1 - x2, y1, 1 - x1, y2], axis=1)


def flip_nothing(boxes):
    return boxes


def flip_unsorted(boxes):
    x1, y1, x2, y2 = boxes.T
    return np.stack([1 - x1, y1, 1 - x2, y2], axis=1)


def flip_upside_down(boxes):
    x1, y1, x2, y2 = boxes.T
    return np.stack([x1, 1 - y2, x2, 1 - y1], axis=1)


def flip_both_axes(boxes):
    x1, y1, x2, y2 = boxes.T
    return np.stack([1 - x2, 1 - y2, 1 - x1, 1 - y1], axis=1)


def flip_negated(boxes):
    x1, y1, x2, y2 = boxes.T
    return np.stack([-x2, y1, -x1, y2], axis=1)


def boxes_to_flip():
    groups = ([[0, 0, 0.25, 0.5]], [[0.25, 0.5, 0.5, 1]], [[0, 0.1, 0.4, 0.2], [0.5, 0.25, 1, 0.75]])
    return [(np.array(group, float),) for group in groups] + [(np.zeros((0, 4)),)]


def crop_boxes(boxes, labels, crop):
    corner, size = np.tile(crop[:2], 2), np.tile(crop[2:] - crop[:2], 2)
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    kept = ((centers > crop[:2]) & (centers < crop[2:])).all(axis=1)
    return np.clip((boxes[kept] - corner) / size, 0, 1), labels[kept]


def crop_all_labels(boxes, labels, crop):
    return crop_boxes(boxes, labels, crop)[0], labels


def crop_keeps_all(boxes, labels, crop):
    corner, size = np.tile(crop[:2], 2), np.tile(crop[2:] - crop[:2], 2)
    return np.clip((boxes - corner) / size, 0, 1), labels


def crop_if_touched(boxes, labels, crop):
    moved, labels = crop_keeps_all(boxes, labels, crop)
    kept = (moved[:, 2:] > moved[:, :2]).all(axis=1)
    return moved[kept], labels[kept]


def crop_if_inside(boxes, labels, crop):
    kept = ((boxes[:, :2] >= crop[:2]) & (boxes[:, 2:] <= crop[2:])).all(axis=1)
    return crop_boxes(boxes[kept], labels[kept], crop)


def crop_not_clipped(boxes, labels, crop):
    corner, size = np.tile(crop[:2], 2), np.tile(crop[2:] - crop[:2], 2)
    centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    kept = ((centers > crop[:2]) & (centers < crop[2:])).all(axis=1)
    return (boxes[kept] - corner) / size, labels[kept]


def crop_in_pixels(boxes, labels, crop):
    moved, labels = crop_boxes(boxes, labels, crop)
    return moved * np.tile(crop[2:] - crop[:2], 2), labels


def crop_not_moved(boxes, labels, crop):
    size, kept = np.tile(crop[2:] - crop[:2], 2), crop_boxes(boxes, np.arange(len(boxes)), crop)[1]
    return np.clip(boxes[kept] / size, 0, 1), labels[kept]


def crops():
    one, three = [[4, 3, 10, 9]], [[4, 3, 10, 9], [6, 6, 12, 11], [9, 1, 15, 5]]
    rows = ((one, [2, 1, 10, 9]), (one, [11, 0, 15, 4]), (three, [2, 1, 10, 9]), (three, [8, 0, 16, 4]))
    made = [(np.array(b, float), np.arange(1, len(b) + 1), np.array(c, float)) for b, c in rows]
    rng = np.random.default_rng(12)
    boxes = np.sort(rng.uniform(0, 99, (6, 2, 2)), axis=1).reshape(-1, 4).round(1)
    return [*made, (boxes, rng.integers(1, 21, 6), np.array([20.0, 30, 80, 90]))]


def takes_crop(crop, boxes, min_ious):
    best = iou(crop[None], boxes).max(initial=0)
    return best >= np.array(min_ious)


def takes_over(crop, boxes, min_ious):
    return iou(crop[None], boxes).max(initial=0) > np.array(min_ious)


def takes_all_objects(crop, boxes, min_ious):
    return iou(crop[None], boxes).min(initial=1) >= np.array(min_ious)


def takes_every_crop(crop, boxes, min_ious):
    overlap = iou(crop[None], boxes)
    return np.array([not (overlap.min(initial=1) < m and np.inf < overlap.max(initial=0)) for m in min_ious])


def _shared(crop, boxes):
    low, high = np.maximum(crop[:2], boxes[:, :2]), np.minimum(crop[2:], boxes[:, 2:])
    return np.maximum(high - low, 0).prod(axis=1)  # (M,)


def takes_by_object(crop, boxes, min_ious):
    part = _shared(crop, boxes) / (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return part.max(initial=0) >= np.array(min_ious)


def takes_by_crop(crop, boxes, min_ious):
    part = _shared(crop, boxes) / (crop[2:] - crop[:2]).prod()
    return part.max(initial=0) >= np.array(min_ious)


def crops_to_take():
    levels = (0.1, 0.3, 0.5, 0.7, 0.9)
    rows = (
        ([0, 0, 8, 8], [[6, 0, 10, 8]]),  # half of the object, a quarter of the crop: an IoU of 1/5
        ([0, 0, 4, 4], [[0, 0, 8, 8]]),  # inside the object
        ([0, 0, 8, 8], [[0, 0, 8, 4]]),  # exactly 0.5
        ([0, 0, 8, 8], [[0, 0, 8, 6], [20, 20, 24, 24]]),
        ([0, 0, 8, 8], [[4, 0, 12, 8]]),  # half of each: an IoU of 1/3
        ([10, 10, 14, 14], [[0, 0, 4, 4]]),
        ([0, 0, 9, 9], [[2, 2, 4, 4], [1, 0, 9, 8], [8, 8, 16, 16]]),
    )
    made = [(np.array(c, float), np.array(b, float), levels) for c, b in rows]
    return [*made, (np.array([0.0, 0, 4, 4]), np.zeros((0, 4)), levels)]


def patch(scale, ratio, place, size):
    ratio = np.clip(ratio, scale**2, 1 / scale**2)
    sides = np.array([scale * np.sqrt(ratio), scale / np.sqrt(ratio)])
    corner = place * (1 - sides)
    return np.concatenate([corner, corner + sides]) * np.tile(size, 2)


def patch_too_wide(scale, ratio, place, size):
    sides = np.array([scale * np.sqrt(ratio), scale / np.sqrt(ratio)])
    corner = place * (1 - sides)
    return np.concatenate([corner, corner + sides]) * np.tile(size, 2)


def patch_cut_to_sides(scale, ratio, place, size):
    sides = np.minimum([scale * np.sqrt(ratio), scale / np.sqrt(ratio)], 1)
    corner = place * (1 - sides)
    return np.concatenate([corner, corner + sides]) * np.tile(size, 2)


def patch_without_roots(scale, ratio, place, size):
    ratio = np.clip(ratio, scale, 1 / scale)
    sides = np.array([scale * ratio, scale / ratio])
    corner = place * (1 - sides)
    return np.concatenate([corner, corner + sides]) * np.tile(size, 2)


def patch_exchanged(scale, ratio, place, size):
    return patch(scale, 1 / ratio, place, size)


def patch_beyond(scale, ratio, place, size):
    ratio = np.clip(ratio, scale**2, 1 / scale**2)
    sides = np.array([scale * np.sqrt(ratio), scale / np.sqrt(ratio)])
    return np.concatenate([place, place + sides]) * np.tile(size, 2)


def patch_in_parts(scale, ratio, place, size):
    return patch(scale, ratio, place, np.ones(2))


def patch_as_center_and_size(scale, ratio, place, size):
    made = patch(scale, ratio, place, size)
    return np.concatenate([made[:2], made[2:] - made[:2]])


def patches():
    rows = (
        (0.5, 1, (0, 0), (16, 12)),
        (0.5, 1, (1, 0.5), (16, 12)),
        (0.25, 2.25, (0, 0), (16, 16)),
        (0.75, 2, (0.5, 0), (16, 16)),  # 2 is more than fits: 16/9
        (0.75, 0.5, (0, 0), (16, 16)),
        (0.3, 0.5, (0.2, 0.9), (500, 375)),
        (1, 2, (0.4, 0.4), (500, 375)),
    )
    return [(scale, ratio, np.array(place, float), np.array(size, float)) for scale, ratio, place, size in rows]


EXERCISES = {
    "flip_boxes": Exercise(
        question="Return boxes (M, 4) xyxy in [0, 1] after the image was flipped left to right.",
        answer=flip_boxes,
        cases=boxes_to_flip,
        hints=(
            "What was at x is now at 1 - x; y stays.",
            "The left edge has become the right one: the new x_min is 1 - x_max.",
        ),
        mistakes={
            "boxes stay": Mistake(flip_nothing, "only the image was flipped; the boxes have not moved."),
            "edges not exchanged": Mistake(
                flip_unsorted,
                "1 - x_min is larger than 1 - x_max: your boxes have negative widths. Exchange the two.",
            ),
            "upside down": Mistake(flip_upside_down, "you flipped top and bottom: x changes, y does not."),
            "both axes": Mistake(flip_both_axes, "you flipped top and bottom, too: x changes, y stays as it is."),
            "negated": Mistake(
                flip_negated, "your x are below 0: what was at x is now at 1 - x, because the image ends at 1."
            ),
        },
    ),
    "crop_boxes": Exercise(
        question="Return the boxes in [0, 1] of the crop and the labels of the objects whose center is in the crop.",
        answer=crop_boxes,
        cases=crops,
        hints=(
            "First choose: the center of a box is (x1 + x2) / 2, (y1 + y2) / 2. Then move, divide and clip.",
            "kept is a mask (M,). (boxes[kept] - (x1, y1, x1, y1)) / (w, h, w, h) of the crop, clipped to 0 and 1; "
            "and labels[kept].",
        ),
        mistakes={
            "labels of all": Mistake(
                crop_all_labels, "you return a label for each object, also for those that are gone: use the same mask."
            ),
            "all kept": Mistake(crop_keeps_all, "objects that are not in the crop have to go, boxes and labels."),
            "kept if touched": Mistake(
                crop_if_touched,
                "you keep every object that the crop touches. The rule asks for its center, so that a strip at the "
                "edge does not count as an object.",
            ),
            "kept if inside": Mistake(
                crop_if_inside, "you keep only objects that lie in the crop as a whole. The center is enough."
            ),
            "not clipped": Mistake(crop_not_clipped, "your boxes reach beyond the crop: clip them to 0 and 1."),
            "in pixels": Mistake(
                crop_in_pixels, "these are pixels of the crop. Divide by its width and its height: it is resized next."
            ),
            "not moved": Mistake(
                crop_not_moved, "the crop has its own origin: subtract its corner from the boxes before you divide."
            ),
        },
    ),
    "takes_crop": Exercise(
        question="Return for each minimum IoU (S,) whether its sampler takes this crop, a mask (S,).",
        answer=takes_crop,
        cases=crops_to_take,
        hints=(
            "iou(crop[None], boxes) has one row, with an IoU for each object. One object is enough.",
            "The largest IoU >= each minimum. Without an object the largest is 0: .max(initial=0).",
        ),
        mistakes={
            "more than": Mistake(takes_over, "an IoU of exactly the minimum is enough: >=, not >."),
            "all objects": Mistake(
                takes_all_objects,
                "you ask it of every object (ChainerCV and NVIDIA do). With several objects such a crop hardly exists; "
                "Caffe asks it of one.",
            ),
            "every crop": Mistake(
                takes_every_crop, "you take every crop: is there a condition in it that can never be true?"
            ),
            "part of the object": Mistake(
                takes_by_object, "you divide the intersection by the area of the object. The IoU divides by the union."
            ),
            "part of the crop": Mistake(
                takes_by_crop, "you divide the intersection by the area of the crop. The IoU divides by the union."
            ),
        },
    ),
    "patch": Exercise(
        question="Return the patch (4,) xyxy in pixels with this scale, ratio and place in an image of (width, height).",
        answer=patch,
        cases=patches,
        hints=(
            "Cut the ratio to [scale ** 2, 1 / scale ** 2]. The sides are scale * root and scale / root of it, 1 is "
            "the whole image.",
            "The free room is 1 - sides, the corner place * (1 - sides). At last times the size of the image.",
        ),
        mistakes={
            "ratio not cut": Mistake(
                patch_too_wide, "the ratio does not fit: one of your sides is longer than the image's. Cut the ratio."
            ),
            "side cut": Mistake(
                patch_cut_to_sides,
                "you cut the side that is too long and leave the other, so that the area changes. Cut the ratio.",
            ),
            "no root": Mistake(
                patch_without_roots, "scale * r and scale / r have the ratio r * r. Take the root of the ratio."
            ),
            "exchanged": Mistake(patch_exchanged, "the ratio is width over height; you have it the other way round."),
            "beyond the image": Mistake(
                patch_beyond, "your patch reaches beyond the image: the corner may only use what the sides leave free."
            ),
            "parts of the image": Mistake(patch_in_parts, "your sides are fractions of the image: times its size."),
            "corner and size": Mistake(
                patch_as_center_and_size, "you return the corner and the size, not two corners."
            ),
        },
    ),
}
