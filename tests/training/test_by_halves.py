"""by_halves: the tree is the same whoever holds which parts, and each part is added once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numpyssd.training.by_halves import branches, total, whole_branches


def written(span, known):
    """Return the sum of a span as it would be written, with what is known as it is."""
    return total(span, known.get, lambda a, b: f"({a}+{b})")


def singles(count):
    return {(n, n + 1): str(n) for n in range(count)}


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, "0"),
        (2, "(0+1)"),
        (3, "((0+1)+2)"),
        (4, "((0+1)+(2+3))"),
        (6, "(((0+1)+(2+3))+(4+5))"),
        (7, "(((0+1)+(2+3))+((4+5)+6))"),
    ],
)
def test_the_tree(count, expected):
    assert written((0, count), singles(count)) == expected


def test_it_is_asked_for_the_parts_in_order():
    asked = []
    total((0, 11), lambda span: asked.append(span) if span[1] - span[0] > 1 else span, lambda a, b: (a[0], b[1]))
    assert sorted(asked) != asked  # branches among them
    parts = []
    total((0, 11), lambda span: parts.append(span[0]) or span if span[1] - span[0] == 1 else None, lambda a, b: a)
    assert parts == list(range(11))


@given(data=st.data(), count=st.integers(1, 70))
def test_whoever_holds_the_parts_the_sum_is_the_same(data, count):
    cuts = sorted(data.draw(st.sets(st.integers(1, count), max_size=9)) | {0, count})
    owns, whole = list(zip(cuts, cuts[1:])), (0, count)
    held = {span: written(span, singles(count)) for own in owns for span in whole_branches(whole, own)}
    assert written(whole, held) == written(whole, singles(count))
    covered = sorted(part for span in held for part in range(*span))
    assert covered == list(range(count))


@pytest.mark.parametrize(("holders", "parts"), [(2, 1), (4, 2), (8, 3), (3, 4), (5, 8), (3, 1)])
def test_equal_holders_of_a_power_of_two_have_one_branch_each(holders, parts):
    # Any number of them if the parts of each are a power of two; any number of parts if the holders are.
    whole = (0, holders * parts)
    counts = [len(whole_branches(whole, (n * parts, (n + 1) * parts))) for n in range(holders)]
    assert counts == [1] * holders or parts & (parts - 1)


def test_float32_tells_this_order_from_another(rng):
    values = rng.standard_normal(64).astype(np.float32) * 10.0 ** rng.integers(-3, 4, 64)
    values = {(n, n + 1): np.float32(value) for n, value in enumerate(values)}
    assert total((0, 64), values.get, np.add) != sum(values.values(), np.float32(0))
    assert branches((0, 64)) == ((0, 32), (32, 64))
