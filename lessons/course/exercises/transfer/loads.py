"""Exercise loads of lesson 19: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


def loads(theirs, ours):
    return sorted(name for name in ours if name in theirs and theirs[name] == ours[name])


def loads_by_name_alone(theirs, ours):
    return sorted(name for name in ours if name in theirs)


def loads_by_order(theirs, ours):
    pairs = zip(theirs.values(), ours.items())
    return sorted(name for shape, (name, own) in pairs if shape == own)


def loads_by_shape_alone(theirs, ours):
    return sorted(name for name in ours if ours[name] in theirs.values())


def loads_the_rest(theirs, ours):
    return sorted(name for name in ours if name not in theirs or theirs[name] != ours[name])


def files():
    one, two = {"conv1.weight": (3, 3, 3, 8)}, {"conv1.weight": (3, 3, 3, 16)}
    trunk = {"conv1.weight": (3, 3, 3, 8), "conv1.bias": (8,), "conv2.weight": (3, 3, 8, 8), "conv2.bias": (8,)}
    theirs = trunk | {"conf.weight": (3, 3, 8, 24), "conf.bias": (24,)}
    ours = trunk | {"conf.weight": (3, 3, 8, 12), "conf.bias": (12,)}
    renamed = {"features.0.weight": (3, 3, 3, 8), "features.0.bias": (8,), "conv2.bias": (8,)}
    turned = dict(reversed(trunk.items()))
    return [(one, one), (one, two), (theirs, ours), (trunk, renamed), (turned, trunk), ({}, one)]


EXERCISE = Exercise(
    question="Return the sorted names of our arrays that a file can fill; both dicts are name -> shape.",
    answer=loads,
    cases=files,
    hints=(
        "An array is filled if the file has one of the same name and that one has the same shape.",
        "sorted(name for name in ours if theirs.get(name) == ours[name])",
    ),
    mistakes={
        "name alone": Mistake(loads_by_name_alone, "the names agree, but the shapes do not: 24 numbers in 12."),
        "order": Mistake(
            loads_by_order,
            "you compare the first with the first, the second with the second. A layer that is missing or stands "
            "elsewhere shifts all that follow; go by the name.",
        ),
        "shape alone": Mistake(
            loads_by_shape_alone, "another layer happens to have this shape; the name has to agree too."
        ),
        "the rest": Mistake(loads_the_rest, "these are the arrays that the file can't fill."),
    },
)
