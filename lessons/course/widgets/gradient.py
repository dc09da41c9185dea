"""What the widget of lesson 04 shows: a convolution forwards and backwards, one operation a frame."""

import numpy as np

from numpyssd.kernels.reference.conv2d import conv2d_forward
from lessons.course.widgets.widget import box, scrub, text

SIDE, TOP, GAP = 34, 20, 22  # of a square; room for a heading; between two grids


def convolution_steps(x, weight, dout):
    """Return the widget of a convolution of x (H, W) by weight (kh, kw), forwards, then backwards from dout (H', W').

    It begins with the frame after the first output has sent back its gradients.
    """
    out = conv2d_forward(x[None, :, :, None], weight[:, :, None, None], np.zeros(1, x.dtype))[0, :, :, 0]
    known, places = np.full(out.shape, np.nan), list(np.ndindex(out.shape))
    sums = {"x": x, "weight": weight, "out": known}
    states = [_state("all that is there: x, the kernel, and a bias of 0", sums)]
    for r, c in places:
        known[r, c] = out[r, c]
        window = _window(r, c, weight)
        terms = " + ".join(f"{a:g}·{_signed(b)}" for a, b in zip(x[window].flat, weight.flat))
        read = [("x", window), ("weight", np.s_[:, :])]
        states.append(_state(f"forward: out ({r}, {c}) = {terms} = {out[r, c]:g}", sums, read, [("out", _one(r, c))]))
    sums |= {"dout": dout, "dx": np.zeros_like(x), "dweight": np.zeros_like(weight), "dbias": np.zeros((1, 1))}
    states.append(_state("now the loss gives the gradient of each output: dout", sums, (), [("dout", np.s_[:, :])]))
    for r, c in places:
        window, factor, came = _window(r, c, weight), dout[r, c], [("dout", _one(r, c))]
        begin = f"backward from out ({r}, {c}):"
        sums["dbias"] += factor
        states.append(_state(f"{begin} dbias += {factor:g}", sums, came, [("dbias", np.s_[:, :])]))
        sums["dweight"] += factor * x[window]
        say = f"{begin} dweight += {_signed(factor)} · the window of x"
        states.append(_state(say, sums, [*came, ("x", window)], [("dweight", np.s_[:, :])]))
        sums["dx"][window] += factor * weight
        say = f"{begin} that window of dx += {_signed(factor)} · the kernel"
        states.append(_state(say, sums, [*came, ("weight", np.s_[:, :])], [("dx", window)]))
    label = "Forwards, then backwards. Filled: what is read. Framed: what is written."
    height = (len(x) + max(len(x), len(weight) + 1)) * SIDE + 3 * TOP + GAP + 2  # dbias stands below dweight
    size = (x.shape[1] + weight.shape[1] + out.shape[1]) * SIDE + 2 * GAP + 2, height
    return scrub(label, size, states, first=len(places) + 4)


def _one(row, column):
    return np.s_[row : row + 1, column : column + 1]


def _window(row, column, weight):
    return np.s_[row : row + len(weight), column : column + weight.shape[1]]


def _signed(value):
    return f"({value:g})" if value < 0 else f"{value:g}"


def _state(say, grids, read=(), written=()):
    """Return a frame: grids by name, parts of them that are read (filled), parts that are written (framed)."""
    (height, width), (_, kernel) = grids["x"].shape, grids["weight"].shape
    second, third = width * SIDE + GAP, (width + kernel) * SIDE + 2 * GAP
    below = height * SIDE + TOP + GAP
    corners = {"x": (1, 0), "weight": (second, 0), "out": (third, 0), "dx": (1, below), "dweight": (second, below)}
    corners |= {"dout": (third, below), "dbias": (second, below + (len(grids["weight"])) * SIDE + TOP)}
    marks = []
    for parts, kind in ((read, "fill"), (written, "box")):
        for name, (rows, columns) in parts:
            (left, top), shape = corners[name], grids[name].shape
            (i, k, _), (j, m, _) = rows.indices(shape[0]), columns.indices(shape[1])
            corner = np.array([j, i, m, k]) * SIDE + [left, top + TOP] * 2
            marks.append(box(corner, "positive", kind=kind))
    for name, grid in grids.items():
        left, top = corners[name]
        words = {"x": "x (input)", "weight": "kernel", "out": "out"}.get(name, name)
        marks.append(text(left, top + TOP - 6, words, anchor="start"))
        for (i, j), value in np.ndenumerate(grid):
            at = np.array([left + j * SIDE, top + TOP + i * SIDE])
            marks.append(box((*at, *(at + SIDE)), "faint"))
            marks.append(text(*(at + [SIDE / 2, SIDE / 2 + 4]), "" if np.isnan(value) else f"{value:g}"))
    return {"say": say, "marks": marks}
