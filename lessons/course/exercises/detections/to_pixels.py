"""Exercise to_pixels of lesson 00: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def to_pixels(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes * np.array([width, height, width, height])


def pixels_swapped(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes * np.array([height, width, height, width])


def pixels_square(boxes, image_shape):
    return boxes * image_shape[1]


def pixels_corner_only(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes * np.array([width, height, 1, 1])


def pixels_xxyy(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes * np.array([width, width, height, height])


def pixels_yyxx(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes * np.array([height, height, width, width])


def pixels_by_height(boxes, image_shape):
    return boxes * image_shape[0]


def pixels_by_longer(boxes, image_shape):
    return boxes * max(image_shape)


def pixels_minus_one(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes * (np.array([width, height, width, height]) - 1)


def pixels_divided(boxes, image_shape):
    height, width = image_shape[:2]
    return boxes / np.array([width, height, width, height])


def pixels_center_and_size(boxes, image_shape):
    x1, y1, x2, y2 = to_pixels(boxes, image_shape).T
    return np.stack([x1 - x2 / 2, y1 - y2 / 2, x1 + x2 / 2, y1 + y2 / 2], axis=1)


def pixels_by_channels(boxes, image_shape):
    return to_pixels(boxes, image_shape[-2:])


def pixels_by_channels_exchanged(boxes, image_shape):
    return to_pixels(boxes, image_shape[:0:-1])


def boxes_and_shapes():
    box, rng = np.array([[0.25, 0.5, 0.75, 1.0]]), np.random.default_rng(4)
    return [
        (box, (4, 4, 3)),
        (box, (100, 200, 3)),
        (np.sort(rng.uniform(size=(3, 2, 2)), axis=1).reshape(3, 4).round(2), (480, 640, 3)),
        (np.zeros((0, 4)), (10, 20, 3)),
    ]


EXERCISE = Exercise(
    question="Return boxes (N, 4) xyxy in [0, 1] in pixels of an image with the shape (height, width, 3).",
    answer=to_pixels,
    cases=boxes_and_shapes,
    hints=(
        "x belongs to the width and y to the height. What is the order in image.shape?",
        "height, width = image_shape[:2], and the four factors are width, height, width, height.",
    ),
    mistakes={
        "swapped": Mistake(
            pixels_swapped, "you swapped w and h: the shape of an array begins with the height, a box with x."
        ),
        "square": Mistake(
            pixels_square,
            "you multiply all four by the same side, which is right for square images only.",
            variants=(pixels_by_height, pixels_by_longer),
        ),
        "one corner": Mistake(
            pixels_corner_only,
            "only the first corner is in pixels. In xyxy the last two numbers are a corner as well.",
        ),
        "x, x, y, y": Mistake(
            pixels_xxyy,
            "the order of the four numbers is x, y, x, y: width, height, width, height.",
            variants=(pixels_yyxx,),
        ),
        "minus one": Mistake(
            pixels_minus_one,
            "you multiply by width - 1 and height - 1. Corners lie between the pixels: the right edge of the image "
            "is at x = width.",
        ),
        "divided": Mistake(pixels_divided, "you divide. That leads from pixels to units of the sides: multiply."),
        "center and size": Mistake(
            pixels_center_and_size, "you read the boxes as center and size, but they are two corners already."
        ),
        "channels": Mistake(
            pixels_by_channels,
            "the last number of the shape is the channels, 3. Height and width are the first two.",
            variants=(pixels_by_channels_exchanged,),
        ),
    },
)
