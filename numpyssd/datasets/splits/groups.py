"""Images that look alike, in groups, so that a split keeps them together."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from numpyssd.datasets.checks.near_duplicates import MIN_CORRELATION, looks
from numpyssd.datasets.splits.assignment import COPY_MARK, stem

NEIGHBORS = 8  # the most similar images of each are looked at: enough to hold a group together
BLOCK = 1000  # images compared at a time
MAX_IMAGES = 20_000  # all compared with all: some ten seconds; of more, each with at least 2000 on either side


def most_in_a_group(count: int) -> int:
    """Return how many of ``count`` images a group may have: 5 %, of few images up to 5 and up to a quarter."""
    return max(1, count // 20, min(5, count // 4))


def group(paths: Sequence[Path], digests: Sequence[str]) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """Return the groups of images, and the pairs of near-duplicates that are in two groups.

    Roboflow's copies of one photograph are known by their names; turned or cut, they need not look alike. They are all
    in one group, unless that were more than half of the images. Then pairs are joined from the most similar on, unless
    a group would get larger than ``most_in_a_group``: the frames of a camera that stands still are all alike, and one
    group of them all could not be split.

    - paths: of the images, ordered by name; digests: of their content, the same for the same bytes.

    Every image is in one group; the groups are in the order of their first images, and each is sorted.
    """
    groups, limit = {members[0]: members for members in _copies(paths)}, most_in_a_group(len(paths))
    place = [0] * len(paths)  # the group of each image
    for first, members in groups.items():
        for i in members:
            place[i] = first
    pairs = _pairs(paths, digests)
    for i, j in pairs:
        a, b = sorted((place[i], place[j]))
        if a != b and len(groups[a]) + len(groups[b]) <= limit:
            for k in groups[b]:
                place[k] = a
            groups[a] += groups.pop(b)
    return [sorted(members) for members in groups.values()], [(i, j) for i, j in pairs if place[i] != place[j]]


def _copies(paths):
    """Return the images in lists, those of one photograph by Roboflow's names in the same one."""
    found = {}
    for i, path in enumerate(paths):
        found.setdefault(stem(path.name) if COPY_MARK in path.name.lower() else i, []).append(i)
    return [part for members in found.values() for part in _not_too_many(members, len(paths))]


def _not_too_many(members, count):
    return [members] if 2 * len(members) <= count else [[i] for i in members]


def _pairs(paths, digests):
    """Return the pairs of images that are alike, the most similar first; equal ones in the order of the images."""
    found, first = {}, {}
    for i, digest in enumerate(digests):
        if digest in first:
            found[first[digest], i] = 2.0  # the same bytes
        first[digest] = i
    vectors, reach = looks(paths), len(paths) if len(paths) <= MAX_IMAGES else 2 * BLOCK  # (N, D)
    for start in range(0, len(paths), BLOCK):
        low = max(0, start - reach)
        correlation = vectors[start : start + BLOCK] @ vectors[low : start + BLOCK + reach].T
        rows = np.arange(len(correlation))
        correlation[rows, rows + start - low] = 0  # each with itself
        for row in np.flatnonzero((correlation >= MIN_CORRELATION).any(axis=1)):
            values = correlation[row]
            near = np.argpartition(-values, min(NEIGHBORS, len(values) - 1))[:NEIGHBORS]
            for k in near[values[near] >= MIN_CORRELATION]:
                i, j = int(row) + start, int(k) + low
                found.setdefault((min(i, j), max(i, j)), float(values[k]))
    return sorted(found, key=lambda pair: (-found[pair], pair))
