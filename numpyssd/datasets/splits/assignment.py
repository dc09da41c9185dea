"""Which part of the data each image goes to, by a hash of its name: 80 % train, 10 % val, 10 % test.

The hash of a name is the same everywhere and always, so an image that is added moves no other. Where that leaves a part
of a small data set without objects, images are taken from the others.
"""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from numpyssd.datasets.voc.files import plain_name

PARTS = ("train", "val", "test")
INTERVALS = {"train": (0.0, 0.8), "val": (0.8, 0.9), "test": (0.9, 1.0)}  # of the hash
COPY_MARK = ".rf."  # in the names of Roboflow's copies
LEAST = 20  # val and test have at least one of so many images with objects, and of few at least one


def hash_of(name: str) -> float:
    """Return a number from 0 to 1 for the name of an image file, without its ending, in any case."""
    return int.from_bytes(sha256(stem(name).encode("utf-8", "surrogateescape")).digest()[:6], "big") / (1 << 48)


def stem(name: str) -> str:
    """Return what ``hash_of`` looks at in a name.

    Roboflow writes NAME_jpg.rf.HEX.jpg, with another HEX for each augmented copy and for each export; of these names
    only NAME_jpg counts.
    """
    whole = plain_name(name)
    return whole.partition(COPY_MARK)[0] if COPY_MARK in whole else whole.rpartition(".")[0] or whole


def assign(
    names: Sequence[str],
    groups: Sequence[Sequence[int]],
    labels: Sequence[set[int]],
    known: Sequence[str | None],
    parts: Sequence[str] = PARTS,
) -> list[str]:
    """Return the part of each of N images.

    - names: of the image files.
    - groups: of indices of images that stay together.
    - labels: of the objects of each image.
    - known: the part of an image that has one already, or None.
    - parts: those to choose from; without "test", what would be in test is in train.
    """
    found, new = {}, []  # the part of each group, and the groups that can still be moved
    for g, members in enumerate(groups):
        before = Counter(known[i] for i in members if known[i])
        value = min(hash_of(names[i]) for i in members)
        found[g] = before.most_common(1)[0][0] if before else _part(value, parts)
        if not before:
            new.append((value, g))
    _fill(found, new, groups, labels, parts)
    result = list(known)
    for g, members in enumerate(groups):
        for i in members:
            result[i] = known[i] or found[g]
    return result


def _part(value, parts):
    return next((part for part in parts if INTERVALS[part][0] <= value < INTERVALS[part][1]), "train")


def _fill(found, new, groups, labels, parts):
    """Move new groups to parts that have too few images with objects: those whose hash is nearest.

    A group with the only objects of a class in train is moved last. Without any objects all images count.
    """
    counted = [bool(its) for its in labels] if any(labels) else [True] * len(labels)
    sizes = [sum(counted[i] for i in members) for members in groups]
    classes = [Counter(label for i in members for label in labels[i]) for members in groups]
    least = {part: max(int(sum(sizes) > k), sum(sizes) // LEAST) for k, part in enumerate(parts)}
    least["train"] = max(1, sum(sizes) // 2)
    for part in parts:
        while True:
            has, in_train = Counter(), Counter()
            for g, where in found.items():
                has[where] += sizes[g]
                in_train.update(classes[g] if where == "train" else {})
            able = [(v, g) for v, g in new if found[g] != part and 0 < sizes[g] <= has[found[g]] - least[found[g]]]
            if has[part] >= least[part] or not able:
                break
            costs = []  # the smallest is moved
            for value, g in able:
                last = found[g] == "train" and any(in_train[label] <= n for label, n in classes[g].items())
                costs.append((last, max(INTERVALS[part][0] - value, value - INTERVALS[part][1]), g))
            found[min(costs)[2]] = part
