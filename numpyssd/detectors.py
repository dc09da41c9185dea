"""The three detectors by name: SSD, and what the paper compares it with (rivals/). The commands choose here.

A new detector keeps the contract of detector.py, and has a line in each of these functions.
"""

from importlib import import_module
from pathlib import Path

from numpyssd.config import Config, NetworkConfig
from numpyssd.detector import Detector
from numpyssd.errors import InputError

NAMES = {"ssd": "SSD", "yolo": "YOLO", "faster_rcnn": "Faster R-CNN"}  # as --detector names them, and in words


def rival_module(name: str, module: str):
    """Return a module of a detector that is no SSD: "config", "recipes", "summary", "explain" or "detector"."""
    return import_module(f"numpyssd.rivals.{name}.{module}")


def new_detector(config: NetworkConfig, seed: int = 0, matching: dict | None = None, loss: dict | None = None):
    """Return a new detector for a config, with random weights.

    matching, loss: options of the parts that have these names, see the class of the detector. Raises InputError if the
    backend cannot compute it.
    """
    if isinstance(config, Config):
        from numpyssd.model.ssd import SSD
        from numpyssd.ssd import SSDDetector

        return SSDDetector(SSD(config, seed), matching, loss)
    return rival_module(config.detector, "detector").new(config, seed, matching, loss)


def summary_table(config: NetworkConfig) -> str:
    """Return the model summary of a detector as text, a line for each layer."""
    if isinstance(config, Config):
        from numpyssd.model import summary

        return summary.summary_table(config)
    return rival_module(config.detector, "summary").summary_table(config)


def load_detector(path: Path | str, class_names=None) -> Detector:
    """Return the detector that a file of weights holds, whichever it is, or of weights by name; see ``load_model``."""
    from numpyssd.ssd import SSDDetector
    from numpyssd.weights.loading import filled, ssd_of
    from numpyssd.weights.recognize import read

    file = read(path)
    if file.detector not in NAMES:
        raise InputError(f"{path} holds a detector of the kind {file.detector!r:.60}; take the version that wrote it")
    if file.detector == Config.detector:
        return SSDDetector(ssd_of(path, file, class_names))
    try:
        detector = new_detector(rival_module(file.detector, "config").from_dict(file.other_config))
    except InputError:
        raise
    except Exception as reason:  # the description comes from a file and may be anything
        raise InputError(f"{path} describes a network that this version cannot build ({reason}); train again") from None
    filled(detector.model, path, file, class_names)
    return detector
