"""The class names of the published networks, in the order of their labels."""

from numpyssd.datasets.class_names import COCO_NAMES, VOC_NAMES

# Category numbers that COCO never used. torchvision's labels are COCO's numbers, 1 to 90; Caffe's labels are 1 to 80.
COCO_GAPS = (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)

# Number of classes, background included -> whose classes they are taken to be.
GUESSED = {21: "VOC's", 81: "COCO's", 91: "COCO's by its own numbers", 201: "COCO's, and 120 that were never used"}


def coco_by_number():
    """Return 90 names by COCO's own numbers, with "N/A 12" and so on in the gaps, because names must differ."""
    names = iter(COCO_NAMES)
    return tuple(f"N/A {number}" if number in COCO_GAPS else next(names) for number in range(1, 91))


def class_names(num_classes: int) -> tuple[str, ...]:
    """Return the names of a published network with so many classes, background included.

    - 21: VOC;
    - 81: COCO;
    - 91: COCO by its own numbers (torchvision);
    - 201: COCO as amdegroot has it, which never used the last 120;
    - any other number: "class 1", "class 2", ...
    """
    known = {21: VOC_NAMES, 81: COCO_NAMES, 91: coco_by_number(), 201: COCO_NAMES}.get(num_classes, ())
    return known + tuple(f"class {i}" for i in range(len(known) + 1, num_classes))
