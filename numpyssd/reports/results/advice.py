"""What to do next after a training, in two sentences: rules that read the validation, and the log (learning.py).

Each rule returns None, or a weight and a sentence with its reason. The weight is about the share of the objects (or of
the mAP) that is at stake, so that the two heaviest sentences are said.
"""

import numpy as np

from numpyssd.console import counted
from numpyssd.inference.evaluation.bootstrap import FEW_IMAGES
from numpyssd.reports.results.learning import falling, still_rising
from numpyssd.reports.results.validation import Validation

FEW_OBJECTS = 100  # of a class to learn from
GOOD = 0.9  # AP
MUCH = 0.5  # weight of a training that was far too short
FEW_WEIGHT = 0.3  # of a validation set that tells hardly anything
LOOK = "Look at the wrong examples: some may be wrong annotations, and what they share is what to add images of."


def advice(validation: Validation, log: dict, config: dict) -> list[str]:
    """Return one or two sentences. log: as ``read_log`` returns it; config: the content of config.json."""
    objects = sum(one.objects for one in validation.classes)
    if not objects:
        return ["The validation images have no objects: choose others with --val-split, to measure the network."]
    rising = still_rising(log)
    found = [
        rising, falling(log), weak_class(validation), small_objects(validation, objects, config), few_images(validation)
    ]  # fmt: skip
    if rising is None or rising[0] < MUCH:  # a network that has hardly learned anything makes every error
        found += [rule(validation, objects) for rule in (mixed_classes, false_alarms, loose_boxes, many_missed)]
    said = sorted((row for row in found if row), key=lambda row: -row[0])[:2]
    if said:
        return ([sentence for _, sentence in said] + [LOOK])[:2]
    if (validation.mean or 0) >= GOOD:
        return ["It is good: use it.", LOOK]
    return ["No single cause stands out: more training images and a longer training help most often.", LOOK]


def weak_class(validation: Validation):
    """Say which class needs images: its AP is well below the mean, and it has few objects to learn from."""
    rows = [one for one in validation.classes if one.ap is not None and one.train_objects is not None]
    if not rows:
        return None
    usual = float(np.median([one.train_objects for one in rows]))
    mean = float(np.mean([one.ap for one in rows]))
    weak = [one for one in rows if one.ap < min(mean - 0.05, GOOD) and one.train_objects < max(usual / 2, FEW_OBJECTS)]
    alone = len(rows) == 1 and rows[0].ap < GOOD and rows[0].train_objects < FEW_OBJECTS
    if not weak and not alone:
        return None
    worst = min(weak or rows, key=lambda one: one.ap)
    others = f", where the classes have {usual:.0f} at the median" if usual > 2 * worst.train_objects else ""
    count = counted(worst.train_objects, "object")
    return (1 - worst.ap) / len(rows) + 0.1, (
        f"Add training images of {worst.name}: its AP is {worst.ap:.2f}, and it has {count} to learn from{others}."
    )


def mixed_classes(validation: Validation, objects: int):
    """Say which two classes are taken for each other."""
    pairs = [(count, one, name) for one in validation.classes for name, count in one.taken_for[:1]]
    if not pairs:
        return None
    count, one, name = max(pairs, key=lambda row: row[0])
    if count < max(3, 0.1 * one.objects):
        return None
    return count / objects, (
        f"Check the labels of {one.name} and {name}, and add images of both: {count} of {one.objects} {one.name} were "
        f"taken for {name}."
    )


def small_objects(validation: Validation, objects: int, config: dict):
    """Say that the default boxes are too large."""
    count, missed = sum(one.uncovered for one in validation.classes), validation.total("missed")
    if count < max(2, 0.03 * objects):
        return None
    recipe, network = (part if isinstance(part, dict) else {} for part in map(config.get, ("recipe", "network")))
    if not recipe.get("fit_default_boxes"):
        remedy = "Train with smaller default boxes (--fit-default-boxes)"
    elif network.get("image_size") != 512:
        remedy = "Train with a larger input (--preset ssd512)"
    else:
        remedy = "Cut the images into smaller ones"
    return count / objects + 0.05, (
        f"{remedy}: {count} of the {missed} missed objects are smaller than the default boxes can cover."
    )


def false_alarms(validation: Validation, objects: int):
    """Say that much is found where nothing is."""
    count = validation.total("background")
    if count < max(3, 0.15 * objects):
        return None
    return 0.5 * min(1.0, count / objects), (
        f"Add training images without objects, of what was found where nothing is ({counted(count, 'time')} on "
        f"{counted(validation.images, 'image')}), and look whether an annotation is missing there."
    )


def loose_boxes(validation: Validation, objects: int):
    """Say that many boxes fit badly."""
    count = validation.total("localization")
    if count < max(3, 0.15 * objects):
        return None
    return 0.5 * min(1.0, count / objects), (
        f"Draw the boxes of the training images tight and all alike, and train longer: {count} boxes are of the right "
        "class but fit their object badly (an IoU of 0.1 to 0.5)."
    )


def few_images(validation: Validation):
    """Say that the validation set is too small to tell."""
    if validation.images < FEW_IMAGES:
        return FEW_WEIGHT, (
            f"Put more images into {validation.split}: {counted(validation.images, 'image')} cannot tell how good the "
            "network is."
        )
    if validation.low is None or validation.high is None or validation.high - validation.low < 0.15:
        return None
    return (validation.high - validation.low) / 2, (
        f"Put more images into {validation.split}: with {validation.images} the mAP is sure only to lie between "
        f"{validation.low:.2f} and {validation.high:.2f}."
    )


def many_missed(validation: Validation, objects: int):
    """Say which class is missed most, where no other rule says more of it."""
    count = validation.total("missed")
    if count < max(3, 0.25 * objects):
        return None
    worst = max(validation.classes, key=lambda one: one.errors["missed"])
    return 0.4 * count / objects, (
        f"Add training images like those in which objects were missed ({count} of {objects}, most of them "
        f"{worst.name}), or train longer."
    )
