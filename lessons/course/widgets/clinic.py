"""What the widget of lesson 17 shows: the curves of a run, and what each answer would mean for them."""

import numpy as np

from lessons.course.clinic.faults import FAULTS
from lessons.course.clinic.records import LETTERS
from lessons.course.clinic.symptoms import symptoms
from lessons.course.widgets.widget import choose, line, text
from numpyssd.run.log import smooth

WIDTH, HEIGHT, LEFT, BOTTOM = 400, 260, 40, 26  # of the drawing, and its margins for numbers
TOP_LOSS, LEAST_LOSS, POINTS = 400, 0.5, 28


def name_the_fault(runs, clue):
    """Return the widget of a run and an answer: the run's loc and conf, and whether the answer fits.

    runs: {name: record}. clue(answer, seen): a sentence on what the fault ``answer`` would show in the numbers of a
    run, and what this run shows; seen: its symptoms.
    """
    titles = [case.title for case in FAULTS]
    groups = [{"name": "run", "options": list(LETTERS)}, {"name": "the fault", "options": ["?", *titles]}]
    states, healthy = {}, runs["healthy"]
    for r, (letter, name) in enumerate(LETTERS.items()):
        marks, seen = curves(runs[name], healthy["iteration"][-1]), symptoms(runs[name])
        states[f"{r},0"] = (f"{letter}: {numbers(seen)}", marks)
        for a, case in enumerate(FAULTS, start=1):
            right = "Yes" if case.name == name else "No"
            states[f"{r},{a}"] = (f"{letter}: {right}. {clue(case.name, seen)}", marks)
    label = (
        "Choose a run, look at its curves above, and name the fault. Orange is conf, green loc, gray the healthy run."
    )
    fixed = axes(healthy["iteration"][-1]) + curves(healthy, healthy["iteration"][-1], ("faint", "faint"))
    return choose(label, (WIDTH, HEIGHT), groups, states, marks=fixed)


def numbers(seen):
    """Return the numbers of a run in words."""
    first = f"first conf {seen['first']:.1f} times the expected one"
    if seen["val"] is None:
        return f"{first}; it stopped, because a number was not finite"
    return (
        f"{first}; at the end conf {seen['conf']:.1f}, loc {seen['loc']:.1f}; mAP {seen['train']:.2f} on training, "
        f"{seen['val']:.2f} on validation and {seen['test']:.2f} on test images"
    )


def curves(record, last, roles=("prediction", "ground truth")):
    """Return the marks of conf and loc of a run, smoothed, on a logarithmic axis."""
    marks = []
    for name, role in zip(("conf", "loc"), roles):
        values = smooth(record[name], 5)
        at = np.unique(np.linspace(0, len(values) - 1, POINTS).round().astype(int))
        x, y = np.round(_place(record["iteration"][at], values[at], last), 1)
        marks += [line(*ends, role) for ends in zip(x, y, x[1:], y[1:])]
    return marks


def axes(last):
    """Return the marks of the two axes with their numbers."""
    marks = []
    for loss in (1, 10, 100):
        x, y = _place(np.array([1, last]), np.array([loss, loss]), last)
        marks += [line(x[0], y[0], x[1], y[1], "grid"), text(LEFT - 6, y[0] + 4, loss, anchor="end")]
    for iteration in np.linspace(0, last, 5):
        x = _place(np.array([iteration]), np.array([1.0]), last)[0][0]
        marks.append(text(x, HEIGHT - 8, round(float(iteration))))
    return marks


def _place(iterations, losses, last):
    x = LEFT + (WIDTH - LEFT - 14) * np.asarray(iterations) / last
    span = np.log(TOP_LOSS / LEAST_LOSS)
    y = (HEIGHT - BOTTOM) * (1 - np.log(np.clip(losses, LEAST_LOSS, TOP_LOSS) / LEAST_LOSS) / span)
    return x, y
