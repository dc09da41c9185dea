"""Measure a detector on a data set: detect in every image, and compare with the ground truth."""

from collections.abc import Callable

from numpyssd.datasets.dataset import Dataset
from numpyssd.detector import Detector
from numpyssd.inference.average_precision import AveragePrecision, average_precision


def evaluate(
    detector: Detector,
    dataset: Dataset,
    metric: str = "voc",
    iou_threshold=0.5,
    batch_size=8,
    progress: Callable = iter,
    detect: Callable | None = None,
) -> AveragePrecision:
    """Return the AveragePrecision of a detector on a data set.

    metric, iou_threshold: as in ``average_precision``.
    progress: wraps the iterable of images and is iterated instead (a progress bar, for instance).
    detect: a function to take in the place of ``detect_all``.
    """
    detections, ground_truth = (detect or detect_all)(detector, dataset, batch_size, progress)
    return average_precision(detections, ground_truth, metric, iou_threshold, class_names=dataset.class_names)


def detect_all(
    detector: Detector, dataset: Dataset, batch_size=8, progress: Callable = iter, **options
) -> tuple[list, list]:
    """Return the detections in a data set and its ground truth, the two lists that ``average_precision`` takes.

    Each image is read once. The network is in inference mode meanwhile. options: go to ``detector.detect``.
    """
    model = detector.model
    was_training, model.training = model.training, False
    images = _Images(dataset)
    try:
        detections = list(detector.detect(progress(images), batch_size, **options))
    finally:
        model.training = was_training
    return detections, images.ground_truth


class _Images:
    """The images of a data set, one after the other; ``ground_truth`` grows by the annotation of each."""

    def __init__(self, dataset):
        self.dataset, self.ground_truth = dataset, []

    def __len__(self):
        return len(self.dataset)

    def __iter__(self):
        for i in range(len(self.dataset)):
            image = self.dataset[i][0]
            self.ground_truth.append(self.dataset.annotation(i)[:3])  # exact; those of a Sample are rounded to float32
            yield image
