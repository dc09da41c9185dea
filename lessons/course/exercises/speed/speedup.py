"""Exercise speedup of lesson 24: its answer, its cases, and the mistakes that are often made in it."""

from lessons.course.exercises.exercise import Exercise, Mistake


def speedup(parallel, threads):
    return 1 / ((1 - parallel) + parallel / threads)


def speedup_without_the_rest(parallel, threads):
    return threads / parallel


def speedup_in_proportion(parallel, threads):
    return parallel * threads


def speedup_as_time(parallel, threads):
    return (1 - parallel) + parallel / threads


def speedup_exchanged(parallel, threads):
    return speedup(1 - parallel, threads)


def speedup_adds_speeds(parallel, threads):
    return (1 - parallel) + parallel * threads


def speedup_without_threads(parallel, threads):
    return 1 / (1 - parallel) if parallel < 1 else float(threads)


def speedup_no_brackets(parallel, threads):
    return 1 / (1 - parallel) + parallel / threads  # an error where all is parallel


def speedup_threads_only(parallel, threads):
    return threads


def speedup_multiplied(parallel, threads):
    return 1 / ((1 - parallel) + parallel * threads)


def speedup_saved(parallel, threads):
    return 1 - ((1 - parallel) + parallel / threads)


EXERCISE = Exercise(
    question="Return how many times as fast a program is if a fraction of its time is spread over threads.",
    answer=speedup,
    cases=lambda: [(1.0, 4), (0.5, 2), (0.5, 1000), (0.9, 8), (0.95, 16), (0.2, 1)],
    hints=(
        "Say the whole takes 1 second with one thread. How long do the two parts take with several?",
        "1 - parallel seconds stay as they are, parallel seconds become parallel / threads; divide 1 by their sum.",
    ),
    mistakes={
        "without the rest": Mistake(
            speedup_without_the_rest, "what is not spread over threads still takes its time: 1 - parallel."
        ),
        "in proportion": Mistake(
            speedup_in_proportion, "this grows without limit. Ask how long it takes, part by part."
        ),
        "as time": Mistake(speedup_as_time, "this is the time that is left. How many times as fast is 1 over it."),
        "exchanged": Mistake(
            speedup_exchanged, "the two parts are exchanged: the *parallel* part is divided by the threads."
        ),
        "speeds added": Mistake(
            speedup_adds_speeds, "you add speeds. Times add up: 1 - parallel, and parallel / threads."
        ),
        "limit": Mistake(
            speedup_without_threads,
            "this is the limit for any number of threads. Add the time of the parallel part.",
        ),
        "no brackets": Mistake(
            speedup_no_brackets, "brackets are missing: 1 is divided by the sum of both times, 1 / (a + b)."
        ),
        "threads": Mistake(
            speedup_threads_only, "only the parallel part is faster by the threads. The rest takes its time."
        ),
        "multiplied": Mistake(
            speedup_multiplied, "with threads the parallel part takes *less* time: divide it by them."
        ),
        "saved": Mistake(
            speedup_saved, "this is the fraction of time that is saved. How many times as fast is 1 / time."
        ),
    },
)
