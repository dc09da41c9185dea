"""Exercise frames_ratio of lesson 22: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


def frames_ratio(first, second):
    shared = [batch for batch in first if batch in second]
    return first[min(shared)] / second[min(shared)] if shared else 0.0


def frames_best_of_each(first, second):
    return max(first.values()) / max(second.values())


def frames_first_named(first, second):
    return next(iter(first.values())) / next(iter(second.values()))


def frames_largest_batch(first, second):
    shared = [batch for batch in first if batch in second]
    return first[max(shared)] / second[max(shared)] if shared else 0.0


def frames_upside_down(first, second):
    ratio = frames_ratio(first, second)
    return 1 / ratio if ratio else 0.0


def frames_smallest_of_each(first, second):
    return first[min(first)] / second[min(second)]


def frames_smallest_if_any_is_shared(first, second):
    return frames_smallest_of_each(first, second) if set(first) & set(second) else 0.0


def frames_no_shared(first, second):
    batch = min(set(first) & set(second))
    return first[batch] / second[batch]


def frames_first_shared(first, second):
    for batch in first:
        if batch in second:
            return first[batch] / second[batch]
    return 0.0


def frames_difference(first, second):
    shared = [batch for batch in first if batch in second]
    return first[min(shared)] - second[min(shared)] if shared else 0.0


def frames_batch(first, second):
    return min(set(first) & set(second), default=0)


def frames_best_shared(first, second):
    return max([first[batch] / second[batch] for batch in first if batch in second], default=0.0)


def frames_mean_of_shared(first, second):
    ratios = [first[batch] / second[batch] for batch in first if batch in second]
    return sum(ratios) / len(ratios) if ratios else 0.0


def frames_smallest_of_first(first, second):
    return first[min(first)] / second[min(first)] if min(first) in second else 0.0


def frames_batch_of_one(first, second):
    return first[1] / second[1] if 1 in first and 1 in second else 0.0


def tables_of_frames():
    return [
        ({1: 46}, {1: 7}),
        ({8: 59, 1: 46}, {1: 7}),
        ({8: 59}, {1: 7}),
        ({8: 59, 1: 46}, {1: 45}),
        ({8: 22, 1: 19}, {8: 11, 1: 5}),
        ({8: 20, 2: 12}, {2: 3, 1: 2}),
        ({1: 5, 8: 40}, {8: 20, 1: 10}),
        ({8: 30, 2: 10}, {2: 5, 8: 20}),
        ({1: 46, 8: 59}, {8: 20}),
    ]


EXERCISE = Exercise(
    question="Return how many times as many frames a second the first has, at the smallest batch size that both "
    "have, and 0 where they share none.",
    answer=frames_ratio,
    cases=tables_of_frames,
    hints=(
        "Both arguments are dictionaries from batch size to frames a second. Which keys are in both?",
        "shared = set(first) & set(second), and then first[min(shared)] / second[min(shared)].",
    ),
    mistakes={
        "best of each": Mistake(
            frames_best_of_each, "you compare batch 8 with batch 1, as the sentence of the first page does."
        ),
        "first named": Mistake(
            frames_first_named,
            "which batch comes first in a dictionary says nothing.",
            variants=(frames_first_shared,),
        ),
        "largest batch": Mistake(frames_largest_batch, "of the shared batch sizes the smallest is asked for."),
        "upside down": Mistake(frames_upside_down, "your ratio is the second over the first."),
        "smallest of each": Mistake(
            frames_smallest_of_each,
            "the smallest of each need not be the same batch size: look for shared ones.",
            variants=(frames_smallest_if_any_is_shared, frames_smallest_of_first),
        ),
        "none shared": Mistake(
            frames_no_shared, "they may share no batch size, and the minimum of nothing is an error. Return 0 then."
        ),
        "batch 1": Mistake(
            frames_batch_of_one, "you look for batch 1 only. Compare at the smallest batch size that both have."
        ),
        "difference": Mistake(frames_difference, "this is a difference. How many *times* as many is a quotient."),
        "batch": Mistake(frames_batch, "this is the batch size. Divide the frames a second at that batch size."),
        "best ratio": Mistake(
            frames_best_shared,
            "of the shared batch sizes one counts, the smallest, and not the best or the mean of all.",
            variants=(frames_mean_of_shared,),
        ),
    },
)
