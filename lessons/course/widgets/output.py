"""What the widget of lesson 07 shows: every row of a network's output, where it lies in memory, and its box."""

from lessons.course.widgets.boxes import rows_of_maps
from lessons.course.widgets.image import pale
from lessons.course.widgets.widget import box, line, rows, text

WIDE, HIGH, HEAD, SIDE = 5, 8, 16, 150  # of a row's slot; of a heading; of the image


def output_rows(config, image, scores, class_names, first=0):
    """Return the widget of all rows of an output, for an image (S, S, 3) and its softmax scores (K, C).

    Each map is drawn as it lies in memory: a line of slots for each row of cells, a slot for each default box. The
    first map stands above the image, the others beside it.
    """
    maps, count = rows_of_maps(config)
    best, sure = scores[:, 1:].argmax(axis=1), scores[:, 1:].max(axis=1)  # (K,)
    over = -maps[0]["size"] * HIGH - HEAD / 2  # where the first map begins
    marks, left, top = [], 0, over
    for f in maps:
        boxes, size = len(f["shapes"]), f["size"]
        f["slots"] = [left, top, WIDE, HIGH]
        words = f"{f['name']}: rows {f['first']} to {f['first'] + size * size * boxes - 1}"
        marks.append(text(left, top - 4, words, anchor="start"))
        right, below = left + size * boxes * WIDE, top + size * HIGH
        for n in range(f["first"], f["first"] + size * size * boxes):
            row, column = divmod(n - f["first"], size * boxes)
            x, y = left + column * WIDE, top + row * HIGH
            depth = 3 if sure[n] > 0.5 else 1 if sure[n] > 0.05 else 0  # laid on top of each other
            marks += [box((x, y, x + WIDE, y + HIGH), "prediction", kind="fill")] * depth
        marks += [line(left + i * boxes * WIDE, top, left + i * boxes * WIDE, below, "grid") for i in range(size + 1)]
        marks += [line(left, top + i * HIGH, right, top + i * HIGH, "grid") for i in range(size + 1)]
        if left == 0:  # the others stand beside the image
            left, top = SIDE + 12, HEAD
        else:
            top = below + 1.5 * HEAD
    found = {n: f"; {class_names[best[n]]} {sure[n]:.2f}" for n in range(count) if sure[n] > 0.05}
    label = "Each slot is a row of the output; four make a cell. Orange rows have found something. Point, or slide."
    width = max(maps[0]["size"] * len(maps[0]["shapes"]) * WIDE, left + 11 * HEAD)  # room for the headings
    view = [-1, over - HEAD, width + 2, below - over + HEAD + 2]
    scale = SIDE / config.image_size
    return rows(label, maps, SIDE, pale(image, 6), first, marks, view=view, scale=scale, found=found)
