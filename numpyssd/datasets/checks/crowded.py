"""Images with more objects than a network may detect in one: those beyond could never be found."""

from numpyssd.config import MAX_DETECTIONS
from numpyssd.datasets.dataset import Dataset


def crowded_note(dataset: Dataset, allowed: int | None = None) -> str | None:
    """Return a sentence if an image has more objects than detections are allowed, or None.

    allowed: what --max-detections says; None: MAX_DETECTIONS. Difficult objects count too, for they are found as well.
    """
    most = max((len(dataset.annotation(i).boxes) for i in range(len(dataset))), default=0)
    allowed = MAX_DETECTIONS if allowed is None else allowed
    if most <= allowed:
        return None
    remedy = f"give --max-detections {most} to evaluate and detect"
    return f"up to {most} objects in a picture; at most {allowed} are detected: {remedy}"
