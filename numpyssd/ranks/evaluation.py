"""Detection in a data set, shared by all ranks: each takes some groups of images, as large as those of one process."""

from collections.abc import Callable

from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.splits.part import Part
from numpyssd.detector import Detector
from numpyssd.inference.evaluate import detect_all


def detect_on_ranks(
    ranks, detector: Detector, dataset: Dataset, batch_size=8, progress: Callable = iter, **options
) -> tuple[list, list]:
    """Return what ``detect_all`` returns, on every rank."""
    if ranks.size == 1:
        return detect_all(detector, dataset, batch_size, progress, **options)
    groups = -(-len(dataset) // batch_size)
    first, last = (groups * rank // ranks.size * batch_size for rank in (ranks.rank, ranks.rank + 1))
    mine = Part(dataset, range(first, min(last, len(dataset))))
    detections, _ = detect_all(detector, mine, batch_size, progress, **options)
    ground_truth = [dataset.annotation(i)[:3] for i in range(len(dataset))]
    return ranks.gather(detections), ground_truth
