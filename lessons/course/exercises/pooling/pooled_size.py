"""Exercise pooled_size of lesson 05: its answer, its cases, and the mistakes that are often made in it."""

import numpy as np

from lessons.course.exercises.exercise import Exercise, Mistake


def pooled_size(size, window, stride, padding, ceil_mode):
    steps = (size + 2 * padding - window) / stride
    windows = int(np.ceil(steps) if ceil_mode else np.floor(steps)) + 1
    if ceil_mode and (windows - 1) * stride >= size + padding:
        windows -= 1  # it would start after the last pixel
    return windows


def pooled_size_always_down(size, window, stride, padding, ceil_mode):
    return (size + 2 * padding - window) // stride + 1


def pooled_size_always_up(size, window, stride, padding, ceil_mode):
    return pooled_size(size, window, stride, padding, True)


def pooled_size_padding_once(size, window, stride, padding, ceil_mode):
    steps = (size + padding - window) / stride
    return int(np.ceil(steps) if ceil_mode else np.floor(steps)) + 1


def pooled_size_without_one(size, window, stride, padding, ceil_mode):
    return pooled_size(size, window, stride, padding, ceil_mode) - 1


def pooled_size_no_rule(size, window, stride, padding, ceil_mode):
    steps = (size + 2 * padding - window) / stride
    return int(np.ceil(steps) if ceil_mode else np.floor(steps)) + 1


def pooled_size_rule_without_padding(size, window, stride, padding, ceil_mode):
    windows = pooled_size_no_rule(size, window, stride, padding, ceil_mode)
    return windows - 1 if ceil_mode and (windows - 1) * stride >= size else windows


def pooled_size_rule_above(size, window, stride, padding, ceil_mode):
    windows = pooled_size_no_rule(size, window, stride, padding, ceil_mode)
    return windows - 1 if ceil_mode and (windows - 1) * stride > size + padding else windows


def pooled_size_rule_both_sides(size, window, stride, padding, ceil_mode):
    windows = pooled_size_no_rule(size, window, stride, padding, ceil_mode)
    return windows - 1 if ceil_mode and (windows - 1) * stride >= size + 2 * padding else windows


def pooled_size_rule_one_more(size, window, stride, padding, ceil_mode):
    windows = pooled_size_no_rule(size, window, stride, padding, ceil_mode)
    return windows - 1 if ceil_mode and windows * stride >= size + padding else windows


def pooled_size_rounded(size, window, stride, padding, ceil_mode):
    return round((size + 2 * padding - window) / stride) + 1


def pooled_size_down_with_rule(size, window, stride, padding, ceil_mode):
    return pooled_size(size, window, stride, padding, False)


def pooled_size_no_padding(size, window, stride, padding, ceil_mode):
    return pooled_size(size, window, stride, 0, ceil_mode)


def pooled_size_modes_exchanged(size, window, stride, padding, ceil_mode):
    return pooled_size(size, window, stride, padding, not ceil_mode)


def pooled_size_not_rounded(size, window, stride, padding, ceil_mode):
    return (size + 2 * padding - window) / stride + 1


def pooled_size_steps(size, window, stride, padding, ceil_mode):
    return pooled_size_no_rule(size, window, stride, padding, ceil_mode) - 1


def geometries():
    return [
        (4, 2, 2, 0, False),
        (5, 2, 2, 0, False),
        (5, 2, 2, 0, True),
        (75, 2, 2, 0, True),
        (75, 2, 2, 0, False),
        (300, 2, 2, 0, True),
        (19, 3, 1, 1, False),  # pool5
        (8, 3, 2, 1, True),
        (3, 2, 2, 1, True),  # the third window would start after the last pixel
        (4, 2, 2, 1, True),  # the third window starts at the last pixel, which is allowed
        (2, 2, 4, 1, True),
        (9, 5, 1, 0, True),
    ]


EXERCISE = Exercise(
    question="Return how many windows fit along one side of a map.",
    answer=pooled_size,
    cases=geometries,
    hints=(
        "The first window stands at the edge; each further one is stride farther. How many steps does the last one "
        "take in size + 2 * padding - window?",
        "windows = steps + 1, where steps = (size + 2 * padding - window) / stride, rounded by np.floor or, with "
        "ceil_mode, by np.ceil.",
    ),
    mistakes={
        "always down": Mistake(
            pooled_size_always_down,
            "you round down always; ceil_mode asks you to round up.",
            variants=(pooled_size_down_with_rule,),
        ),
        "always up": Mistake(pooled_size_always_up, "you round up always; only ceil_mode asks for that."),
        "padding once": Mistake(
            pooled_size_padding_once,
            "padding stands on both sides, so that the map is 2 * padding longer.",
            variants=(pooled_size_no_padding,),
        ),
        "without one": Mistake(
            pooled_size_without_one,
            "these are the steps between the windows; the first window needs none: + 1.",
            variants=(pooled_size_steps,),
        ),
        "no rule": Mistake(
            pooled_size_no_rule,
            "with ceil_mode, the last window is dropped if it would start after the last pixel.",
        ),
        "rule without padding": Mistake(
            pooled_size_rule_without_padding,
            "starts count from the padding in front: the first place after the last pixel is size + padding.",
        ),
        "rule too weak": Mistake(
            pooled_size_rule_above,
            "a window that starts exactly at size + padding starts after the last pixel: >= there, not >, and one "
            "padding.",
            variants=(pooled_size_rule_both_sides,),
        ),
        "rule one window off": Mistake(
            pooled_size_rule_one_more, "the last of n windows begins at (n - 1) * stride, not at n * stride."
        ),
        "rounded": Mistake(
            pooled_size_rounded, "round goes to the nearest whole number. Round down, or up with ceil_mode."
        ),
        "modes exchanged": Mistake(pooled_size_modes_exchanged, "you round up without ceil_mode, and down with it."),
        "not rounded": Mistake(pooled_size_not_rounded, "there are only whole windows: round down or up."),
    },
)
