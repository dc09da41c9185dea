"""What the published networks call their classes, in the order of their labels."""

VOC = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
    "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip
COCO = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant",
    "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard",
    "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange", "broccoli",
    "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant", "bed", "dining table", "toilet",
    "tv", "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink",
    "refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip
# Categories that COCO numbered and then never drew. torchvision's labels are these numbers, to 90; Caffe's go to 80.
COCO_GAPS = (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)


def coco_by_number():
    """Return 90 names by COCO's own numbers, with "N/A 12" and so on in the gaps: names must differ."""
    names = iter(COCO)
    return tuple(f"N/A {number}" if number in COCO_GAPS else next(names) for number in range(1, 91))


def class_names(num_classes):
    """Return names for a published network of so many classes, background included; or "class 1", "class 2", ...

    21 is VOC; 81 is COCO; 91 is COCO by its own numbers; 201 is amdegroot's COCO, which never used the last 120.
    """
    known = {21: VOC, 81: COCO, 91: coco_by_number(), 201: COCO}.get(num_classes, ())
    return known + tuple(f"class {i}" for i in range(len(known) + 1, num_classes))
