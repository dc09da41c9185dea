"""What the widgets of lesson 06 show: the receptive field, layer by layer, and unit by unit."""

from lessons.course.widgets.image import pale
from lessons.course.widgets.widget import box, hover, zoom
from lessons.course.receptive_field import windows


def fields_of_layers(config, image, first="conv4_3"):
    """Return the widget of all layers: the unit in the middle, blue its receptive field, gray the distance of units.

    Where a receptive field reaches beyond the image, framed, the drawing shows as much more as is needed.
    """
    states, frame = [], box((0, 0, config.image_size, config.image_size), "number")
    found = windows(config)
    for w in found.values():
        unit = w.size // 2
        x1, y1, x2, y2 = w.box(unit, unit)
        middle, half = (x1 + x2) / 2, w.step / 2
        own = box((middle - half, middle - half, middle + half, middle + half), "default box", kind="fill")
        side = config.image_size
        reach = 1.03 * max(side / 2, side / 2 - x1, x2 - side / 2)  # to each side of the image's middle
        view = [round(float(v), 1) for v in (side / 2 - reach, side / 2 - reach, 2 * reach, 2 * reach)]
        outside = "" if x1 >= 0 and x2 <= config.image_size else "; a part of it is padding"
        say = (
            f"{w.name}: {w.size} x {w.size} units, {w.step} px apart; receptive field {w.field} x {w.field} px{outside}"
        )
        states.append({"say": say, "marks": [own, box((x1, y1, x2, y2), "positive")], "view": view})
    at, size = list(found).index(first), image.shape[1::-1]
    label = "Layer by layer: the receptive field of the unit in the middle."
    return zoom(label, size, states, pale(image), [frame], at)


def fields_of_units(config, name, image, scale=5, first=0):
    """Return the widget of a layer's units: point at one to see its receptive field in an image (S, S, 3)."""
    w, side, cells = windows(config)[name], config.image_size, []
    for row in range(w.size):
        for column in range(w.size):
            x1, y1, x2, y2 = w.box(row, column)
            inside = max(x1, 0), max(y1, 0), min(x2, side), min(y2, side)
            words = f"unit (row {row}, column {column}) of {name}: receptive field rows {inside[1]} to {inside[3] - 1}"
            words += f" and columns {inside[0]} to {inside[2] - 1}"
            seen = box([scale * v for v in inside], "positive")
            place = [scale * v for v in (column * w.step, row * w.step, w.step, w.step)]
            own = box((place[0], place[1], place[0] + place[2], place[1] + place[3]), "default box", kind="fill")
            cells.append((*place, words, [own, seen]))
    label = f"Point at a unit of {name}, or walk by the arrow keys: the dashed square is its receptive field."
    return hover(label, (side * scale, side * scale), cells, w.size, pale(image), first=first)
