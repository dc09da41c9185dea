"""Run a model over images: detections in pixels of each picture, for ``evaluate``, ``detect`` and training itself."""

import numpy as np

from numpyssd import kernels
from numpyssd.images.preprocess import preprocess
from numpyssd.inference.average_precision import average_precision
from numpyssd.inference.postprocess import postprocess
from numpyssd.model.default_boxes import default_boxes


def detect(model, images, batch_size=8, score_threshold=0.01, **options):
    """Yield ``boxes (D, 4) xyxy in pixels, labels (D,), scores (D,)`` for each image (H, W, 3) uint8 of any size.

    images may be any iterable; batch_size of them are in memory at a time. How a picture is resized, and where
    detection differs between projects, is in the model's config. options go to ``postprocess``.
    """
    boxes_of_model = default_boxes(model.config)
    options = detection_options(model.config) | options
    for group in _groups(images, batch_size):
        images = preprocess(group, model.config)
        found = _found(model, images, boxes_of_model, score_threshold=score_threshold, **options)
        for image, (boxes, labels, scores) in zip(group, found):
            height, width = image.shape[:2]
            yield boxes * np.array([width, height, width, height], boxes.dtype), labels, scores


def _found(model, images, boxes_of_model, **options):
    """Yield boxes, labels and scores of each image; a backend on a device decodes and suppresses there."""
    if kernels.active.ON_DEVICE:
        from numpyssd.kernels.cuda.ssd.postprocess import postprocess as on_the_card

        loc, conf = model.infer(kernels.active.to_device(images))
        yield from on_the_card(loc, conf, boxes_of_model, **options)
        return
    for loc, conf in zip(*model.infer(images)):
        yield postprocess(loc, conf, boxes_of_model, **options)


def detection_options(config):
    """Return the options of ``postprocess`` that a config sets."""
    return {"clip_before_nms": config.clip_before_nms, "size_limit": config.size_limit}


def evaluate(model, dataset, metric="voc", iou_threshold=0.5, batch_size=8, progress=iter):
    """Return the AveragePrecision result of a model on a dataset; see ``inference.average_precision``.

    progress wraps the iteration over images (a progress bar, say).
    """
    detections, truth = detect_all(model, dataset, batch_size, progress)
    return average_precision(detections, truth, metric, iou_threshold, class_names=dataset.class_names)


def detect_all(model, dataset, batch_size=8, progress=iter):
    """Return the detections in a dataset and its ground truth, lists as ``inference.average_precision`` takes them."""
    was_training, model.training = model.training, False
    scenes = _Scenes(dataset)
    try:
        detections = list(detect(model, progress(scenes), batch_size))
    finally:
        model.training = was_training
    return detections, scenes.truth


class _Scenes:
    """Iterate over the images of a dataset and keep the ground truth that goes by, so that each is read once."""

    def __init__(self, dataset):
        self.dataset, self.truth = dataset, []

    def __len__(self):
        return len(self.dataset)

    def __iter__(self):
        for i in range(len(self.dataset)):
            image, boxes, labels, difficult = self.dataset[i]
            self.truth.append((boxes, labels, difficult))
            yield image


def _groups(items, size):
    group = []
    for item in items:
        group.append(item)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
