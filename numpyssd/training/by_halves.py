"""In which order the gradients of the parts of a batch are added: by halves, whoever has computed them.

    part    0   1   2   3   4   5
             \\ /     \\ /     \\ /
             0-1     2-3     4-5
               \\     /        |
                 0-3          |
                    \\        /
                       0 - 5

Rounding makes a sum depend on its order. Added one after the other, the parts can only be added by one process. Here
two branches know nothing of each other, so that several processes can hold a few parts each (numpyssd/ranks), add
those, and add their sums: the tree, and with it every bit of the result, is the same for any number of processes. A
left branch holds a power of two of parts; so 2, 4 or 8 processes with equally many parts hold a branch each.
"""

from collections.abc import Callable

Span = tuple[int, int]  # the parts first .. last - 1


def branches(span: Span) -> tuple[Span, Span]:
    """Return the two branches of a span of at least two parts; the left one holds a power of two of them."""
    first, last = span
    middle = first + (1 << (last - first - 1).bit_length() - 1)
    return (first, middle), (middle, last)


def whole_branches(span: Span, own: Span) -> list[Span]:
    """Return the largest branches of the tree of ``span`` that lie in the span ``own``, from left to right."""
    if own[0] <= span[0] and span[1] <= own[1]:
        return [span]
    if span[1] <= own[0] or own[1] <= span[0]:
        return []
    return [found for branch in branches(span) for found in whole_branches(branch, own)]


def total(span: Span, value_of: Callable, add: Callable):
    """Return the sum of a span, its branches added from the leaves upwards.

    value_of: a function from a span to its value, or to None where its branches must be added; it is asked from left to
    right, and must know every single part. add: a function from two values to their sum.
    """
    value = value_of(span)
    if value is not None:
        return value
    left, right = branches(span)
    sum_of_left = total(left, value_of, add)
    return add(sum_of_left, total(right, value_of, add))
