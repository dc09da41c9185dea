"""copied_objects: what is pasted is where its box is, covers nothing by much, and changes nothing else."""

import numpy as np
import pytest

from numpyssd.datasets.dataset import Sample
from numpyssd.training.augmentation.copied_objects import COVERED, MOST, SCALE, copy_objects


def sample_of(size, boxes, color=(255, 0, 0), labels=None, difficult=None):
    """Return a gray sample of a (width, height) with boxes of one color."""
    image = np.full((size[1], size[0], 3), 90, np.uint8)
    for x1, y1, x2, y2 in boxes:
        image[y1:y2, x1:x2] = color
    count = len(boxes)
    labels = np.arange(1, count + 1) if labels is None else np.array(labels)
    difficult = np.zeros(count, bool) if difficult is None else np.array(difficult)
    return Sample(image, np.array(boxes).reshape(-1, 4), labels, difficult)


EMPTY = sample_of((200, 150), [])
SOURCE = sample_of((200, 150), [(10, 10, 50, 40), (100, 60, 160, 120)])


@pytest.mark.parametrize("seed", range(20))
def test_a_copy_is_where_its_box_is(seed):
    made = copy_objects(EMPTY, SOURCE, np.random.default_rng(seed))
    assert 1 <= len(made.boxes) <= MOST
    red = (made.image.astype(int) - EMPTY.image)[..., 0] > 0
    inside = np.zeros(red.shape, bool)
    for box, label in zip(made.boxes, made.labels):
        x1, y1, x2, y2 = box.astype(int)
        inside[y1:y2, x1:x2] = True
        middle = made.image[(y1 + y2) // 2, (x1 + x2) // 2]
        assert tuple(middle) == (255, 0, 0)
        own = np.diff(SOURCE.boxes[label - 1].reshape(2, 2), axis=0)[0]
        scale = np.array([x2 - x1, y2 - y1]) / own
        assert SCALE[0] - 0.05 < scale.min()
        assert scale.max() < SCALE[1] + 0.05
    assert not red[~inside].any()
    assert red[inside].mean() > 0.9
    assert (made.boxes.dtype, made.labels.dtype, made.difficult.dtype) == (np.float32, np.int64, np.bool_)


def test_it_keeps_its_share_of_the_image():
    # A source of twice the sides: the same object would be twice too large.
    large = sample_of((400, 300), [(20, 20, 220, 120)])
    widths = [np.ptp(copy_objects(EMPTY, large, np.random.default_rng(seed)).boxes[0, ::2]) for seed in range(30)]
    assert SCALE[0] * 100 - 1 <= min(widths)
    assert max(widths) <= SCALE[1] * 100 + 1


@pytest.mark.parametrize("seed", range(20))
def test_no_object_is_hidden(seed):
    there = sample_of((200, 150), [(0, 0, 90, 150), (120, 20, 150, 50)], color=(0, 0, 255))
    made = copy_objects(there, SOURCE, np.random.default_rng(seed))
    np.testing.assert_array_equal(made.boxes[:2], there.boxes)
    for x1, y1, x2, y2 in there.boxes.astype(int):
        changed = (made.image[y1:y2, x1:x2] != (0, 0, 255)).any(axis=2)
        assert changed.mean() <= COVERED * len(made.boxes)


def test_where_there_is_no_room_nothing_is_pasted():
    full = sample_of((200, 150), [(x, y, x + 20, y + 15) for x in range(0, 200, 20) for y in range(0, 150, 15)])
    made = copy_objects(full, SOURCE, np.random.default_rng(0))
    np.testing.assert_array_equal(made.image, full.image)
    assert len(made.boxes) == len(full.boxes)


def test_difficult_objects_and_empty_images_are_not_copied():
    hard = sample_of((200, 150), [(10, 10, 50, 40)], difficult=[True])
    for source in (hard, EMPTY):
        for seed in range(5):
            made = copy_objects(SOURCE, source, np.random.default_rng(seed))
            np.testing.assert_array_equal(made.image, SOURCE.image)
            assert len(made.boxes) == 2


def test_what_is_too_large_or_too_small_is_left_out():
    wide, tiny = sample_of((200, 150), [(0, 0, 200, 150)]), sample_of((200, 150), [(5, 5, 6, 6)])
    for seed in range(10):
        made = copy_objects(EMPTY, wide, np.random.default_rng(seed))
        assert (made.boxes >= 0).all()
        assert (made.boxes <= [200, 150, 200, 150]).all()
        assert len(copy_objects(EMPTY, tiny, np.random.default_rng(seed)).boxes) == 0


def test_the_samples_stay_as_they_are():
    before = EMPTY.image.copy(), SOURCE.image.copy()
    first, second = (copy_objects(EMPTY, SOURCE, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first.image, second.image)
    np.testing.assert_array_equal(EMPTY.image, before[0])
    np.testing.assert_array_equal(SOURCE.image, before[1])
