"""What the widget of lesson 22 shows: what is left of the factor between SSD300 and Faster R-CNN."""

from lessons.course.first_page import INPUTS, faster_rcnn_costs, frames, ssd_costs
from lessons.course.widgets.widget import box, choose, line, text

BATCHES, PROPOSALS = (8, 1), (300, 100, 50, 10)
LEFT, SCALE, TALL = 8, 1.32, 34  # of the bars: where they begin, units of the drawing for 1e9 multiply-adds, height
ROLES = ("default box", "positive", "prediction")


def factor():
    """Return the widget: choose SSD's batch size, Faster R-CNN's input and its proposals, and see what is left of it."""
    groups = [
        {"name": "SSD300 at batch", "options": [str(batch) for batch in BATCHES]},
        {"name": "Faster R-CNN's input", "options": list(INPUTS)},
        {"name": "its proposals", "options": [str(count) for count in PROPOSALS]},
    ]
    states = {}
    for a, batch in enumerate(BATCHES):
        for b, size in enumerate(INPUTS):
            for c, proposals in enumerate(PROPOSALS):
                states[f"{a},{b},{c}"] = _state(batch, size, proposals)
    label = "Multiply-adds of an image. What of the published factor is left? Choose what is to be equal."
    return choose(label, (320, 172), groups, states)


def _state(batch, size, proposals):
    """Return words and marks: a bar of multiply-adds for each of the two, cut into its parts."""
    ssd, faster = ssd_costs(), faster_rcnn_costs(*INPUTS[size], proposals)
    totals = [sum(parts.values()) / 1e9 for parts in (ssd, faster)]
    marks = []
    for y, name, parts, total in zip(
        (30, 108), ("SSD300, 300 x 300", f"Faster R-CNN (line: SSD300), {size}"), (ssd, faster), totals
    ):
        marks.append(text(LEFT, y - 8, f"{name}: {total:.1f} G", anchor="start"))
        x = LEFT
        for value, role in zip(parts.values(), ROLES):
            marks.append(box((x, y, x + SCALE * value / 1e9, y + TALL), role, kind="fill"))
            x += SCALE * value / 1e9
        marks.append(box((LEFT, y, x, y + TALL), "number"))
    marks.append(line(LEFT + SCALE * totals[0], 104, LEFT + SCALE * totals[0], 112 + TALL, "pointer"))
    marks.append(text(LEFT, 164, "gray: trunk; blue: first stage; orange: second stage", anchor="start"))
    return f"{totals[1] / totals[0]:.2f} times the multiply-adds. {_published(batch, size, proposals)}", marks


def _published(batch, size, proposals):
    """Return what was published of the frames a second, and at which batch sizes."""
    ours, theirs = frames("SSD300", batch), frames("Faster R-CNN")
    if size not in ("1000 x 600", "800 x 600") or proposals != 300:
        return "The papers have no frames a second for that."
    unequal = "" if batch == 1 else " (batch 8 against batch 1)"
    return f"Published frames a second: {ours} and {theirs}, {ours / theirs:.1f} times{unequal}."
