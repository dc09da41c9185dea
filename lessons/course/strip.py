"""The strip above every lesson: the way from an image to detections and to a trained network, "you are here" marked."""

from html import escape

# Each way begins where the one above it ends or, for the last two, where the first ends.
STRIP = {
    "both": ("image", "base network", "feature maps", "default boxes"),
    "to detect": ("decoding", "NMS", "evaluation"),
    "to train": ("augmentation", "matching", "hard negatives", "loss", "training"),
}
STEPS = tuple(step for way in STRIP.values() for step in way)


def strip_text(steps):
    """Return the strip as lines for a terminal, the marked steps in capitals and brackets."""
    _known(steps)
    width = max(map(len, STRIP))
    lines = ["you are here"]
    for name, way in STRIP.items():
        words = " > ".join(f"[{step.upper()}]" if step in steps else step for step in way)
        lines.append(f"  {name:{width}}  {'  ' if way is STRIP['both'] else '> '}{words}")
    return "\n".join(lines)


def strip_html(steps):
    """Return the strip as HTML that reads well without any style, too: a notebook's viewer may strip it."""
    _known(steps)
    rows = ""
    for name, way in STRIP.items():
        chain = " → ".join(_step(step, step in steps) for step in way)
        arrow = "" if way is STRIP["both"] else "→ "
        rows += (
            f'<p><span class="way" style="display:inline-block;width:5.2em">{escape(name)}</span> {arrow}{chain}</p>'
        )
    return f'<div class="strip" role="group" aria-label="You are here">{rows}</div>'


def _step(name, marked):
    style = "display:inline-block;padding:0 .5em;border-radius:.8em;"
    if marked:
        here = style + "background:#0072B2;color:#fff;border:1px solid #0072B2"
        return f'<b aria-current="step" style="{here}">{escape(name)}</b>'
    return f'<span style="{style}border:1px solid #8a8a8a88">{escape(name)}</span>'


def _known(steps):
    unknown = set(steps) - set(STEPS)
    if unknown:
        raise ValueError(f"there is no step {sorted(unknown)}; the steps are {', '.join(STEPS)}")
