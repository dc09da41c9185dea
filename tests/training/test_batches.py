import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from short_run import batches_for

from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.config import SSD300, TINY
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.errors import InputError
from numpyssd.images.preprocess import normalize
from numpyssd.model.box_coding import decode
from numpyssd.model.default_boxes import default_boxes
from numpyssd.training.matching import targets

STILL = {  # options that leave an image as it is
    "distort_probability": 0,
    "zoom_out_probability": 0,
    "crop_probability": 0,
    "flip_probability": 0,
}


def equal(a, b):
    pairs = zip((a.images, *a.targets, a.indices), (b.images, *b.targets, b.indices))
    return all(np.array_equal(x, y) for x, y in pairs)


@pytest.fixture(scope="module")
def shapes():
    return ShapesDataset(7)


def test_a_batch_is_what_its_name_says(shapes):
    batch = batches_for(shapes, TINY, batch_size=3).batch(0)
    assert batch.images.shape == (3, 64, 64, 3)
    assert batch.targets[0].shape == (3, 1504, 4)
    assert batch.targets[1].shape == (3, 1504)
    assert batch.indices.shape == (3,)
    assert (batch.images.dtype, batch.targets[0].dtype, batch.targets[1].dtype) == (np.float32, np.float32, np.int64)


def test_a_batch_depends_on_seed_and_number_alone(shapes):
    asked_in_turn, asked_anew = batches_for(shapes, TINY, 2, seed=5), batches_for(shapes, TINY, 2, seed=5)
    in_turn = [asked_in_turn.batch(t) for t in range(5)]
    np.random.seed(99)  # noqa: NPY002 - whatever state the world is in
    for t in (4, 1, 1, 3):
        assert equal(asked_anew.batch(t), in_turn[t])
    assert not equal(batches_for(shapes, TINY, 2, seed=6).batch(4), in_turn[4])
    assert not equal(in_turn[0], in_turn[1])


def test_the_same_image_is_augmented_anew_each_time(shapes):
    one = batches_for(ShapesDataset(1), TINY, 2)
    first, second = one.batch(0), one.batch(1)
    seen = [first.images[0], first.images[1], second.images[0], second.images[1]]
    for i in range(4):
        for j in range(i):
            assert not np.array_equal(seen[i], seen[j])


@settings(deadline=None, max_examples=50)
@given(images=st.integers(1, 12), batch_size=st.integers(1, 30), seed=st.integers(0, 5))
def test_every_image_comes_once_an_epoch_across_the_borders_of_batches(images, batch_size, seed):
    batches = batches_for(range(images), TINY, batch_size, seed)
    drawn = np.concatenate([batches.indices(t) for t in range(4 * images)])
    assert len(drawn) == 4 * images * batch_size  # no batch is short
    for epoch in range(len(drawn) // images):
        assert sorted(drawn[epoch * images : (epoch + 1) * images]) == list(range(images))


def test_each_epoch_is_shuffled_differently():
    batches = batches_for(range(50), TINY, 50)
    orders = {tuple(batches.indices(t)) for t in range(4)}
    assert len(orders) == 4
    assert tuple(range(50)) not in orders


def test_targets_agree_with_matching(shapes):
    batches = batches_for(shapes, TINY, 3, **STILL)
    batch = batches.batch(1)
    for n, i in enumerate(batch.indices):
        image, boxes, labels, _ = shapes[i]
        loc, conf = targets(boxes / 64, labels, default_boxes(TINY))
        np.testing.assert_array_equal(batch.images[n], normalize(image, TINY))
        np.testing.assert_array_equal(batch.targets[1][n], conf)
        np.testing.assert_allclose(batch.targets[0][n], loc, rtol=1e-5, atol=1e-5)


def test_targets_lie_where_the_object_is_in_the_augmented_image():
    # A white square on black, followed through zoom-out, crop and flip: its targets decode to where the white is.
    image = np.zeros((60, 90, 3), np.uint8)
    image[20:50, 30:70] = 255
    scene = image, np.float32([[30, 20, 70, 50]]), np.array([2]), np.array([False])
    batches = batches_for([scene], replace(TINY, mean=(0.0, 0.0, 0.0)), 8, distort_probability=0)
    checked = 0
    batch = batches.batch(0)
    for image, loc, conf in zip(batch.images, batch.targets[0], batch.targets[1]):
        if not conf.any():
            continue
        assert set(conf) <= {0, 2}
        rows, columns = np.nonzero(image[..., 0] > 127)
        seen = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]) / 64
        decoded = decode(loc, default_boxes(TINY))[conf > 0]
        np.testing.assert_allclose(decoded, np.tile(seen, (len(decoded), 1)), atol=1.3 / 64)
        checked += 1
    assert checked >= 4


def test_images_without_objects_are_all_background():
    scene = np.full((40, 40, 3), 9, np.uint8), np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, bool)
    batch = batches_for([scene, scene], TINY, 3).batch(0)
    assert not batch.targets[1].any()
    assert not batch.targets[0].any()
    assert batch.targets[0].shape == (3, 1504, 4)


def test_difficult_objects_are_trained_on():
    box = np.float32([[10, 10, 50, 50]])
    scene = np.zeros((96, 96, 3), np.uint8), box, np.array([1]), np.array([True])
    batches = batches_for([scene], TINY, 1, **STILL)
    positive = batches.batch(0).targets[1][0] == 1
    assert positive.any()
    assert cxcywh_to_xyxy(default_boxes(TINY)[positive]).mean(axis=0) * 96 == pytest.approx(box[0], abs=8)
    batch = batches_for([scene], TINY, 2, use_difficult=False, **STILL).batch(0)
    assert not batch.targets[1].any()  # background
    both = scene[0], np.float32([[10, 10, 50, 50], [50, 50, 90, 90]]), np.array([1, 2]), np.array([True, False])
    batch = batches_for([both], TINY, 2, use_difficult=False, **STILL).batch(0)
    assert set(batch.targets[1].ravel()) == {0, 2}


def test_the_resizing_of_the_config_goes_to_training_too():
    noise = np.random.default_rng(0).integers(0, 256, (640, 640, 3), dtype=np.uint8)
    scene = noise, np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, bool)
    rough = {}
    for rule in ("average", "opencv"):
        batch = batches_for([scene], replace(TINY, resize=rule), 20, **STILL).batch(0)
        rough[rule] = (batch.images.std(axis=(1, 2, 3)) > 30).mean()
    assert rough["average"] < 0.5  # NEAREST only
    assert rough["opencv"] > 0.5  # all but AREA


def test_the_network_sees_the_mean_subtracted_in_rgb_then_scaled():
    # VGG's means, in RGB: 123, 117, 104.
    pixels = np.uint8([[[123, 117, 104], [0, 255, 104]]])
    seen = normalize(pixels, SSD300)
    assert seen.dtype == np.float32
    np.testing.assert_array_equal(seen, [[[0, 0, 0], [-123, 138, 0]]])
    np.testing.assert_allclose(normalize(pixels, replace(SSD300, pixel_scale=0.5)), seen / 2)


def test_options_of_matching_reach_it(shapes):
    usual, strict = batches_for(shapes, TINY, 7), batches_for(shapes, TINY, 7, matching={"iou_threshold": 0.8})
    positives = [(batches.batch(0).targets[1] > 0).sum() for batches in (usual, strict)]
    assert positives[0] > positives[1] > 0
    np.testing.assert_array_equal(usual.batch(0).images, strict.batch(0).images)


def test_a_stream_is_the_batches_in_order(shapes):
    batches = batches_for(shapes, TINY, 2)
    streamed = list(batches.stream(3, 7))
    assert len(streamed) == 4
    for t, batch in enumerate(streamed, start=3):
        assert equal(batch, batches.batch(t))


class Broken:
    """Seven images, of which one cannot be read."""

    def __init__(self, shapes, bad, error):
        self.shapes, self.bad, self.error, self.thread = shapes, bad, error, None

    def __len__(self):
        return len(self.shapes)

    def __getitem__(self, i):
        self.thread = threading.current_thread()
        if i == self.bad:
            raise self.error
        return self.shapes[i]


@pytest.mark.parametrize("error", [InputError("b.jpg is cut off; copy it again"), ZeroDivisionError("ours")])
def test_what_goes_wrong_in_the_helper_reaches_the_caller(shapes, error):
    last = batches_for(shapes, TINY, 1).indices(3)[0]
    dataset = Broken(shapes, last, error)
    received = []
    with pytest.raises(type(error), match=str(error)):
        received.extend(batches_for(dataset, TINY, 1).stream(0, 7))
    assert dataset.thread is not threading.main_thread()


def test_the_batches_before_a_bad_image_arrive(shapes):
    batches = batches_for(shapes, TINY, 1)
    batches.dataset = Broken(shapes, batches.indices(3)[0], InputError("x"))
    stream = batches.stream(0, 7)
    assert [next(stream).indices[0] for _ in range(3)] == [batches.indices(t)[0] for t in range(3)]
    with pytest.raises(InputError):
        next(stream)


def test_an_abandoned_stream_leaves_no_thread(shapes):
    stream = batches_for(shapes, TINY, 1).stream(0, 1000)
    next(stream)
    stream.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("batches")]


def test_no_images_is_said_at_once():
    with pytest.raises(InputError, match="training split has no images"):
        batches_for(ShapesDataset(0), TINY, 4)


def test_images_are_read_once_as_long_as_there_is_room(shapes):
    class Counting(Broken):
        def __getitem__(self, i):
            reads.append(i)
            return self.shapes[i]

    for room, expected in ((7 * 64 * 64 * 3, 7), (3 * 64 * 64 * 3, 3 + 3 * 4), (0, 21)):
        reads = []
        batches = batches_for(Counting(shapes, None, None), TINY, 7, cache_bytes=room)
        made = [batches.batch(t) for t in range(3)]
        assert len(reads) == expected
        assert equal(made[2], batches_for(shapes, TINY, 7).batch(2))  # what is kept is never changed


def test_an_image_is_called_by_its_file_if_it_has_one(shapes):
    assert batches_for(shapes, TINY, 1).name(3) == "image 3 of the training split"
    dataset = Broken(shapes, None, None)
    dataset.image_path = "photos/{}.jpg".format
    assert batches_for(dataset, TINY, 1).name(3) == "photos/3.jpg"
