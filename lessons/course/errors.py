"""What an error means, in plain words."""

from lessons.course import calling

# A part of the message, or the kind of the error, and what it means.
MEANINGS = {
    "truth value of an array": "an if wants one True or False, and this is an array of them. np.where(condition, a, b) "
    "chooses for each number; .any() and .all() make one of many.",
    "zero-size array": "the largest or smallest of nothing is an error: here this part is empty.",
    "empty sequence": "the largest or smallest of nothing is an error: here the list is empty. max(..., default=0) helps.",
    "iterable argument is empty": "the largest or smallest of nothing is an error: here the list is empty. "
    "max(..., default=0) helps.",
    "could not be broadcast": "the shapes of the two arrays do not fit.",
    "could not broadcast": "what is assigned has another shape than the place where it is to go.",
    "must be integers": "an index is a whole number: // instead of /, or int(...).",
    "only integers": "an index is a whole number: // instead of /, or int(...).",
    "object cannot be interpreted as an integer": "a number of steps is a whole number: // instead of /, or int(...).",
    "NoneType": "something is None. Does a function have no return?",
    "changed size during iteration": "a list or set is changed while a loop goes through it. Loop over a copy.",
    "ZeroDivisionError": "it divides by 0 in this case.",
    "IndexError": "an index is too large: the last of n elements has the number n - 1.",
}


def lines_of(error):
    """Return lines that say how a function has stopped, where, and what it means."""
    if isinstance(error, calling.TooSlow):
        return [f"  does not end: it was stopped after {calling.SECONDS} seconds", f"  {calling.where(error)}"]
    if isinstance(error, RecursionError):
        return ["  calls itself without an end", f"  {calling.where(error)}"]
    kind = type(error).__name__
    lines = [f"  stops with {kind}: {error}", f"  {calling.where(error)}"]
    meaning = next((meaning for part, meaning in MEANINGS.items() if part in str(error) or part == kind), None)
    return [*lines, f"  That means: {meaning}"] if meaning else lines
