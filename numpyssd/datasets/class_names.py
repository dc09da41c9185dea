"""Names of classes: those of VOC and COCO, which may be given, and what is wrong with one that an object has."""

from collections.abc import Iterable

from numpyssd.datasets.issues import shortened

# In the order of the labels of the published networks.
VOC_NAMES = (
    "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
    "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip
COCO_NAMES = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow", "elephant",
    "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis", "snowboard",
    "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard", "tennis racket", "bottle",
    "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich", "orange", "broccoli",
    "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant", "bed", "dining table", "toilet",
    "tv", "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave", "oven", "toaster", "sink",
    "refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip


def unknown_class(name: str, class_names: tuple[str, ...]) -> str:
    """Return the sentence about an object whose class is not among the class names."""
    if not name:
        return "the object has no class (<name> is empty or missing)"
    if is_background(name):
        return f"class {shortened(name)!r} stands for the background, which is class 0 by itself"
    known = ", ".join(class_names[:10]) + (", …" if len(class_names) > 10 else "")
    return f"class {shortened(name)!r} is not one of the {known}"


def voc_note(class_names: tuple[str, ...], used: set[str]) -> str | None:
    """Return the sentence about data that got VOC's 20 classes because all of its own are among them, or None."""
    if tuple(class_names) != VOC_NAMES or len(used) == len(VOC_NAMES) or not used:
        return None
    names = " and ".join(map(repr, sorted(used))) if len(used) < 3 else f"all {len(used)} classes"
    return f"{names} {'is' if len(used) == 1 else 'are'} among VOC's 20 classes, so the network has all 20 of them"


def is_background(name: str) -> bool:
    """Return whether a name is one of the background's."""
    return name.strip("_").lower() == "background"


def checked_names(class_names: Iterable[str]) -> tuple[str, ...]:
    """Return class names as a tuple; raise ValueError for names that are no texts, not different or the background."""
    names = tuple(class_names)
    if isinstance(class_names, str) or not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"class_names must be a sequence of names, not {class_names!r}")
    if any(is_background(name) for name in names):
        raise ValueError(f"class_names must leave out the background, which is always class 0, not {names}")
    if len(set(names)) < len(names):
        raise ValueError(f"class_names must differ from one another, not {names}")
    return names
