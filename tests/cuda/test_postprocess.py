"""Detection on the processor in the GPU's place, against NumPy's image by image."""

import numpy as np
import pytest
from checking import host, normal

from numpyssd.config import SSD300
from numpyssd.inference.postprocess import postprocess as by_numpy
from numpyssd.kernels.cuda.runtime.memory import to_device
from numpyssd.kernels.cuda.ssd import postprocess as module
from numpyssd.kernels.cuda.ssd.decode import decode, scores_by_class
from numpyssd.kernels.cuda.ssd.postprocess import postprocess
from numpyssd.model.box_coding import decode as decode_by_numpy
from numpyssd.model.default_boxes import default_boxes as make_default_boxes
from numpyssd.softmax import softmax


def made_up(rng, images, boxes, classes):
    defaults = np.concatenate([rng.random((boxes, 2)), 0.1 + 0.4 * rng.random((boxes, 2))], axis=1).astype(np.float32)
    loc, conf = normal(rng, (images, boxes, 4), (images, boxes, classes))
    return loc, conf * 2, defaults


def check(loc, conf, defaults, **options):
    found = postprocess(to_device(loc), to_device(conf), defaults, **options)
    assert len(found) == len(loc)
    for image, (boxes, labels, scores) in enumerate(found):
        assert (boxes.dtype, labels.dtype, scores.dtype) == (np.float32, np.int64, np.float32)
        theirs = by_numpy(loc[image], conf[image], defaults, **options)
        np.testing.assert_array_equal(labels, theirs[1])
        np.testing.assert_allclose(scores, theirs[2], rtol=2e-6)
        np.testing.assert_allclose(boxes, theirs[0], atol=2e-6)
    return found


@pytest.mark.parametrize(
    "shape", [(1, 1, 2), (2, 63, 4), (1, 130, 21), (3, 65, 2), (1, 40, 81), (0, 5, 3), (2, 0, 3), (2, 9, 1)]
)
def test_the_reference_s_detections(gpu, rng, shape):
    check(*made_up(rng, *shape))


@pytest.mark.parametrize(
    "options",
    [
        {"score_threshold": 0.3},
        {"score_threshold": -1.0},
        {"score_threshold": 1.0},
        {"nms_threshold": 0.0},
        {"nms_threshold": 1.0, "keep_top_k": None},
        {"top_k": 7},
        {"top_k": None, "keep_top_k": None},
        {"top_k": 0},
        {"keep_top_k": 0},
        {"keep_top_k": 3},
        {"clip_before_nms": True},
        {"size_limit": 1.2},
    ],
    ids=str,
)
def test_options(gpu, rng, options):
    check(*made_up(rng, 2, 150, 4), **options)


def test_equal_scores_go_by_class_and_then_by_box(gpu, rng):
    loc, conf, defaults = made_up(rng, 2, 100, 5)
    conf[:] = np.round(conf / 3) * 3
    conf[0] = 0
    check(loc, conf, defaults, keep_top_k=60)


def test_a_score_at_the_threshold_is_not_over_it(gpu, rng):
    loc, conf, defaults = made_up(rng, 1, 20, 4)
    conf[:] = 0
    assert len(check(loc, conf, defaults, score_threshold=0.25)[0][0]) == 0
    assert len(check(loc, conf, defaults, score_threshold=0.2499)[0][0]) > 0


def test_what_is_not_finite_detects_nothing(gpu, rng):
    loc, conf, defaults = made_up(rng, 2, 100, 4)
    loc[0, :10, 0], loc[0, 10:20, 3], loc[0, 20:30, 1] = np.nan, np.inf, -np.inf
    conf[1, :10, 0], conf[1, 10:20, 2], conf[1, 20:30, 1] = np.nan, np.inf, -np.inf
    with np.errstate(invalid="ignore"):
        check(loc, conf, defaults)
    conf[:] = np.nan
    assert [len(boxes) for boxes, *_ in check(loc, conf, defaults)] == [0, 0]


@pytest.mark.parametrize("clip_before_nms", [False, True])
def test_offsets_that_overflow(gpu, rng, clip_before_nms):
    loc, conf, defaults = made_up(rng, 1, 60, 3)
    check(loc * np.float32(1000), conf * 100, defaults, clip_before_nms=clip_before_nms)


@pytest.mark.parametrize("size_limit", [None, 62.5])
def test_decode(gpu, rng, size_limit):
    loc, _, defaults = made_up(rng, 2, 100, 1)
    found = host(decode(to_device(loc * 10), to_device(defaults), size_limit))
    for ours, of_image in zip(found, loc * 10):
        np.testing.assert_allclose(ours, decode_by_numpy(of_image, defaults, size_limit), rtol=2e-6, atol=2e-6)


def test_scores(gpu, rng):
    loc, conf, _ = made_up(rng, 2, 100, 6)
    found = host(scores_by_class(to_device(loc), to_device(conf), 0.1))
    expected = softmax(conf)[..., 1:].transpose(0, 2, 1)
    np.testing.assert_allclose(found, np.where(expected > 0.1, expected, np.nan), rtol=2e-6)


def test_groups_of_images_give_the_same(gpu, rng, monkeypatch):
    arrays = made_up(rng, 3, 70, 4)
    together = postprocess(*arrays)
    monkeypatch.setattr(module, "MASK_BYTES", 1)
    for ours, theirs in zip(postprocess(*arrays), together):
        for a, b in zip(ours, theirs):
            np.testing.assert_array_equal(a, b)


def test_as_many_boxes_as_ssd300_and_one_download(reusing_gpu, rng):
    defaults = make_default_boxes(SSD300).astype(np.float32)
    loc, conf = normal(rng, (2, len(defaults), 4), (2, len(defaults), 21))
    conf[..., 0] += 5
    check(loc, conf, defaults)
    assert reusing_gpu.downloads == 1


def test_errors(gpu, rng):
    loc, conf, defaults = made_up(rng, 2, 10, 3)
    for arrays, options, words in (
        ((loc[:, :9], conf, defaults), {}, "loc"),
        ((loc, conf, defaults[:9]), {}, "default_boxes"),
        ((loc, conf, defaults), {"top_k": -1}, "top_k"),
        ((loc, conf, defaults), {"keep_top_k": -1}, "keep_top_k"),
        ((loc, conf, defaults), {"nms_threshold": np.nan}, "iou_threshold"),
        ((loc, conf, defaults), {"size_limit": 0}, "size_limit"),
    ):
        with pytest.raises(ValueError, match=words):
            postprocess(*arrays, **options)
