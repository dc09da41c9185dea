"""Exercise outputs_per_cell of lesson 07: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


def outputs_per_cell(boxes, classes):
    return boxes * (classes + 4)


def outputs_one_box(boxes, classes):
    return boxes * classes + 4


def outputs_shared_classes(boxes, classes):
    return boxes * 5 + classes


def outputs_second_background(boxes, classes):
    return boxes * (classes + 1 + 4)


def outputs_product(boxes, classes):
    return boxes * classes * 4


def outputs_without_offsets(boxes, classes):
    return boxes * classes


def outputs_without_background(boxes, classes):
    return boxes * (classes - 1 + 4)


def outputs_sum(boxes, classes):
    return boxes + classes + 4


def outputs_of_one(boxes, classes):
    return classes + 4


def cells():
    return [(1, 2), (2, 3), (4, 21), (6, 21), (6, 81)]


EXERCISE = Exercise(
    question="Return how many numbers the predictors give a cell of a map; classes count the background.",
    answer=outputs_per_cell,
    cases=cells,
    hints=(
        "What does one default box need? A number for each class, and some to move and stretch it.",
        "classes + 4 for each box, and each box of the cell has its own.",
    ),
    mistakes={
        "offsets once": Mistake(
            outputs_one_box, "you count four offsets for the whole cell. Each of its boxes has four of its own."
        ),
        "shared classes": Mistake(
            outputs_shared_classes,
            "this is YOLO's first version: 4 offsets and a confidence for each box, and one set of classes that "
            "all boxes of the cell share. In SSD each box has its own.",
        ),
        "second background": Mistake(
            outputs_second_background,
            "one number too many for each box. Background is among the classes already (VOC's 20 kinds make 21), and "
            "SSD has no confidence beside them.",
        ),
        "product": Mistake(
            outputs_product,
            "four offsets for each class of each box. Faster R-CNN does that; SSD's offsets serve all classes.",
        ),
        "no offsets": Mistake(outputs_without_offsets, "the four offsets of each box are missing."),
        "no background": Mistake(
            outputs_without_background, "background has a score as well, and it is counted in classes already."
        ),
        "sum": Mistake(outputs_sum, "you add the number of boxes. Each box has its own classes + 4: multiply."),
        "one box": Mistake(outputs_of_one, "these are the numbers of one box. A cell has several."),
    },
)
