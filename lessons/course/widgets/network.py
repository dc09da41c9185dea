"""What the widgets of lesson 02 show: steps of one weight at several rates, and a small network while it learns."""

import numpy as np

from lessons.course.descent import walk
from lessons.course.small_network import kink_lines, plane_image
from lessons.course.widgets.widget import choose, line, scrub, text

WIDTH, HEIGHT, BELOW = 360, 220, 22  # of the drawing of a loss, and room for the axis
SIDE = 256  # of the drawing of a plane


def rates(loss, slope, w, rates, best, reach, steps=5, first=(1, 5)):
    """Return the widget of ``steps`` steps from the weight w at each of the rates.

    loss, slope: functions of the weight; best: the weight of the least loss; reach: how far the drawing goes to either
    side of it; first: the index of the rate, and the step, at rest.
    """
    high = loss(best + reach)
    place = lambda v: ((v - best + reach) / (2 * reach) * WIDTH, HEIGHT * (1 - loss(v) / high))  # noqa: E731
    curve = [place(v) for v in np.linspace(best - reach, best + reach, 49)]
    marks = [line(*a, *b, "number") for a, b in zip(curve, curve[1:])]
    marks += [line(0, HEIGHT, WIDTH, HEIGHT, "faint"), text(place(best)[0], HEIGHT + 16, f"w = {best:g}")]
    marks += [text(place(w)[0], HEIGHT + 16, f"w = {w:g}"), text(6, HEIGHT - 8, "loss 0", anchor="start")]
    states = {}
    for r, rate in enumerate(rates):
        weights = walk(slope, w, rate, steps)
        for n, now in enumerate(weights):
            inside = [v for v in weights[: n + 1] if abs(v - best) <= reach]
            path = [place(v) for v in inside]
            own = [line(x1, y1, x2, y1, "prediction") for (x1, y1), (x2, _) in zip(path, path[1:])]
            own += [line(x2, y1, x2, y2, "faint") for (_, y1), (x2, y2) in zip(path, path[1:])]
            own += [["dot", "prediction", round(x, 1), round(y, 1), 4] for x, y in path]
            words = f"rate {rate:g}, step {n}: "
            if n:
                before = weights[n - 1]
                words += f"w = {before:g} - {rate:g} · {_signed(slope(before))} = {now:g}"
            else:
                words += f"w = {now:g}"
            words += f", loss {loss(now):.6g}, slope {slope(now):.6g}"
            states[f"{r},{n}"] = words + ("" if abs(now - best) <= reach else " (outside of the drawing)"), own
    groups = [{"name": "rate", "options": [f"{rate:g}" for rate in rates]}]
    groups.append({"name": "step", "options": [str(n) for n in range(steps + 1)]})
    return choose("Choose a rate, then go step by step.", (WIDTH, HEIGHT + BELOW), groups, states, None, marks, first)


def _signed(value):
    return f"({value:.6g})" if value < 0 else f"{value:.6g}"


def film_of_a_network(frames, points, inside):
    """Return the widget of a small network while it learns, at rest after the last frame.

    frames: each (steps, predict, weight (2, H), bias (H,), loss); points (N, 2), inside (N,). A black line is where a
    hidden unit begins to answer.
    """
    spot = lambda x, y: ((x + 1) / 2 * SIDE, (1 - y) / 2 * SIDE)  # noqa: E731
    dots = []
    for (x, y), value in zip(points, inside):
        left, top = spot(x, y)
        dots.append(["dot", "positive" if value else "negative", round(left, 1), round(top, 1), 3])
    states, images = [], []
    for n, (steps, predict, weight, bias, loss) in enumerate(frames):
        kinks = [ends for ends in kink_lines(weight, bias) if not np.isnan(ends).any()]
        right = int(((predict(points) > 0.5) == (inside > 0.5)).sum())
        marks = [line(*spot(*a), *spot(*b), "number") for a, b in kinks]
        say = f"after {steps} steps: loss {loss:.3f}, {right} of {len(points)} points right"
        states.append({"say": say, "marks": marks, "image": n})
        images.append(plane_image(predict))
    label = "A network learns what is inside a circle: blue is inside, red outside, as it says."
    return scrub(label, (SIDE, SIDE), states, images, dots, first=len(states) - 1)
