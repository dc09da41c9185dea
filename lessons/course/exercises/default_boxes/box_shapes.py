"""Exercise box_shapes of lesson 08: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def box_shapes(scale, next_scale, ratios):
    large = np.sqrt(scale * next_scale)
    shapes = [(scale, scale), (large, large)]
    for ratio in ratios:
        long, short = scale * np.sqrt(ratio), scale / np.sqrt(ratio)
        shapes += [(long, short), (short, long)]
    return np.array(shapes)


def shapes_swapped(scale, next_scale, ratios):
    return box_shapes(scale, next_scale, ratios)[:, ::-1]


def shapes_without_root(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ())
    rest = [side for r in ratios for side in ((scale * r, scale / r), (scale / r, scale * r))]
    return np.concatenate([shapes, np.reshape(rest, (-1, 2))])


def shapes_mean(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    shapes[1] = (scale + next_scale) / 2
    return shapes


def shapes_large_last(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    return np.concatenate([shapes[:1], shapes[2:], shapes[1:2]])


def shapes_one_side(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ())
    rest = [side for r in ratios for side in ((scale * r, scale), (scale, scale * r))]
    return np.concatenate([shapes, np.reshape(rest, (-1, 2))])


def shapes_no_large(scale, next_scale, ratios):
    return np.delete(box_shapes(scale, next_scale, ratios), 1, axis=0)


def shapes_wide_only(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    return np.concatenate([shapes[:2], shapes[2::2]])


def shapes_in_groups(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    return np.concatenate([shapes[:2], shapes[2::2], shapes[3::2]])


def shapes_of_next_scale(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    return np.concatenate([shapes[:2], shapes[2:] * next_scale / scale])


def shapes_of_large_square(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    return np.concatenate([shapes[:2], shapes[2:] * np.sqrt(next_scale / scale)])


def shapes_next_square(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    shapes[1] = next_scale
    return shapes


def shapes_no_root_of_product(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    shapes[1] = scale * next_scale
    return shapes


def shapes_tall_twice(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    shapes[3::2] = shapes[2::2]
    return shapes


def shapes_squares_last(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ratios)
    return np.concatenate([shapes[2:], shapes[:2]])


def shapes_one_side_root(scale, next_scale, ratios):
    shapes = box_shapes(scale, next_scale, ())
    rest = [side for r in ratios for side in ((scale * np.sqrt(r), scale), (scale, scale * np.sqrt(r)))]
    return np.concatenate([shapes, np.reshape(rest, (-1, 2))])


def shape_cases():
    return [(4.0, 9.0, ()), (4.0, 9.0, (4,)), (30.0, 60.0, (2,)), (60.0, 111.0, (2, 3))]


EXERCISE = Exercise(
    question="Return width and height (B, 2) of a cell's boxes: small square, large square, then wide and tall.",
    answer=box_shapes,
    cases=shape_cases,
    hints=(
        "A ratio r is width / height, and the area stays scale * scale. Solve for the width.",
        "width = scale * sqrt(r), height = scale / sqrt(r). The large square's side is sqrt(scale * next_scale).",
    ),
    mistakes={
        "swapped": Mistake(shapes_swapped, "you swapped w and h: an aspect ratio of 2 is twice as WIDE as high."),
        "no root": Mistake(
            shapes_without_root, "without the square root the ratio comes out squared: 2 becomes a box of 4 : 1."
        ),
        "arithmetic mean": Mistake(
            shapes_mean,
            "the large square's side is the geometric mean, sqrt(scale * next_scale), not half of the sum.",
        ),
        "large square last": Mistake(
            shapes_large_last,
            "the right boxes in another order: the large square comes second. The weights of a trained network "
            "depend on the order.",
        ),
        "one side": Mistake(
            shapes_one_side,
            "only one side is stretched, so that the area grows with the ratio; it should stay.",
            variants=(shapes_one_side_root,),
        ),
        "no large square": Mistake(
            shapes_no_large, "the second square is missing: its side is sqrt(scale * next_scale)."
        ),
        "wide only": Mistake(shapes_wide_only, "each ratio has a tall box, too: its inverse."),
        "in groups": Mistake(
            shapes_in_groups,
            "you have all wide boxes first, then all tall ones. Each tall one follows its wide one.",
        ),
        "another scale": Mistake(
            shapes_of_next_scale,
            "the wide and tall boxes are made from this map's scale, not from the next one or the large square.",
            variants=(shapes_of_large_square,),
        ),
        "next square": Mistake(
            shapes_next_square,
            "the large square's side lies between both scales: sqrt(scale * next_scale).",
            variants=(shapes_no_root_of_product,),
        ),
        "twice the same": Mistake(shapes_tall_twice, "both boxes of a ratio are wide. The second is tall."),
        "squares last": Mistake(shapes_squares_last, "the right boxes in another order: the squares come first."),
    },
)
