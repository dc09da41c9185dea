"""What the widget of lesson 19 shows: what a network finds after some steps, from each of several starts."""

from lessons.course.widgets.widget import box, choose

SIDE = 288  # of the drawing of an image
MAX_BOXES = 10  # that are drawn; a network that knows nothing finds hundreds


def found_from_starts(image, objects, films, moments):
    """Return the widget: choose a start and a moment, and see what the network finds in one image.

    image (S, S, 3); objects (M, 4) xyxy in pixels; films: {start: for each of the moments boxes (D, 4) in pixels,
    names, scores}; moments: after how many steps.
    """
    groups = [
        {"name": "Start", "options": list(films)},
        {"name": "after steps", "options": [str(moment) for moment in moments]},
    ]
    scale, states = SIDE / image.shape[0], {}
    for a, (start, film) in enumerate(films.items()):
        for b, (moment, (boxes, names, scores)) in enumerate(zip(moments, film)):
            marks = [box(each * scale, "ground truth") for each in objects]
            shown = list(zip(boxes, names, scores))[:MAX_BOXES]
            marks += [box(each * scale, "prediction", f"{name} {score:.2f}") for each, name, score in shown]
            words = f"{start}, after {moment} steps; boxes with a score over 0.5: {len(boxes)}"
            states[f"{a},{b}"] = (words, marks)
    label = "Choose a start, and after how many steps: orange is what the network finds, green is the truth."
    return choose(label, (SIDE, SIDE), groups, states, image, first=[len(films) - 1, len(moments) - 1])
