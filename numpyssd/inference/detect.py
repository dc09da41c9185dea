"""Detect: images in, boxes out. Preprocessing, the network and postprocessing in one call."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from numpyssd import kernels
from numpyssd.config import MAX_DETECTIONS, NetworkConfig
from numpyssd.images.preprocess import preprocess
from numpyssd.inference.postprocess import postprocess
from numpyssd.model.default_boxes import default_boxes


def detect(model, images: Iterable, batch_size=8, score_threshold=0.01, **options) -> Iterator[tuple]:
    """Yield the detections of each image: boxes (D, 4) xyxy in its pixels, labels (D,), scores (D,), best first.

    model: an SSD; how it wants its images resized and its boxes clipped is in ``model.config``.
    images: (H, W, 3) uint8 RGB each, of any sizes; batch_size of them are in memory at a time.
    score_threshold, options: as in ``postprocess``.

    Paper: end of section 3, "Inference time".
    """
    boxes_of_model = default_boxes(model.config)
    options = detection_options(model.config) | options | {"score_threshold": score_threshold}
    return in_pixels(images, model.config, batch_size, lambda batch: _found(model, batch, boxes_of_model, **options))


def in_pixels(images: Iterable, config: NetworkConfig, batch_size: int, find: Callable) -> Iterator[tuple]:
    """Yield boxes (D, 4) xyxy in its pixels, labels (D,) and scores (D,) of each image (H, W, 3) uint8.

    find: a function from a batch (n, S, S, 3), as the network of config wants it, to the same for each of its images,
    with boxes in [0, 1].
    """
    for group in _groups(images, batch_size):
        for image, (boxes, labels, scores) in zip(group, find(preprocess(group, config))):
            height, width = image.shape[:2]
            yield boxes * np.array([width, height, width, height], boxes.dtype), labels, scores


def _found(model, images, boxes_of_model, **options):
    """Yield boxes, labels and scores of each image; a backend on a device decodes and runs NMS there."""
    backend, raw = kernels.active, model.infer(kernels.active.to_device(images))
    # A device has neither NMS across the classes nor thresholds for each: then its numbers come here.
    one_label, by_class = options.pop("one_label", False), np.ndim(options["score_threshold"]) > 0
    if backend.ON_DEVICE and not one_label and not by_class:
        yield from backend.postprocess(*raw, boxes_of_model, **options)
        return
    for loc, conf in zip(*map(backend.to_host, raw)):
        yield postprocess(loc, conf, boxes_of_model, one_label=one_label, **options)


def detection_options(config):
    """Return the options of ``postprocess`` that a config sets."""
    return {"clip_before_nms": config.clip_before_nms, "size_limit": config.size_limit}


def limits(max_detections: int | None) -> dict:
    """Return the options of ``postprocess`` for so many detections of an image; None: Caffe's 200, as in the paper.

    With more than 200 all boxes of a class take part in NMS, not only its best 400: an object has several.
    """
    if max_detections is None:
        return {}
    return {"keep_top_k": max_detections, **({"top_k": None} if max_detections > MAX_DETECTIONS else {})}


def _groups(items, size):
    group = []
    for item in items:
        group.append(item)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
