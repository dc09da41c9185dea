"""What the published networks call their classes, in the order of their labels."""

from numpyssd.datasets.class_names import COCO_NAMES, VOC_NAMES

# Categories that COCO numbered and then never drew. torchvision's labels are these numbers, to 90; Caffe's go to 80.
COCO_GAPS = (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)


def coco_by_number():
    """Return 90 names by COCO's own numbers, with "N/A 12" and so on in the gaps: names must differ."""
    names = iter(COCO_NAMES)
    return tuple(f"N/A {number}" if number in COCO_GAPS else next(names) for number in range(1, 91))


def class_names(num_classes):
    """Return names for a published network of so many classes, background included; or "class 1", "class 2", ...

    21 is VOC; 81 is COCO; 91 is COCO by its own numbers; 201 is amdegroot's COCO, which never used the last 120.
    """
    known = {21: VOC_NAMES, 81: COCO_NAMES, 91: coco_by_number(), 201: COCO_NAMES}.get(num_classes, ())
    return known + tuple(f"class {i}" for i in range(len(known) + 1, num_classes))
