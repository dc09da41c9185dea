"""Formulas as SVG: Matplotlib sets them, the page carries the curves, and no script or font is asked for."""

from functools import cache
from html import escape

HEIGHT = 16.0  # of the letters, in pixels of the page


@cache
def svg(tex, inline=True):
    """Return a formula (what stands between the dollars) as an <svg> that takes the color of the text around it.

    Raises ValueError, with the place, for what Matplotlib's mathtext does not know. A formula that is displayed may
    have several lines, divided by a double backslash.
    """
    if inline:
        return _line(tex, HEIGHT)
    lines = tex.replace(r"\frac", r"\dfrac").split(r"\\")
    return "".join(f'<span class="formula">{_line(line, 1.15 * HEIGHT)}</span>' for line in lines)


def _line(tex, height):
    from matplotlib.font_manager import FontProperties
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), f"${tex.strip()}$", size=height, prop=FontProperties(math_fontfamily="cm"))
    letters = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}
    parts = []
    for points, code in path.iter_segments(curves=True, simplify=False):
        pairs = "" if code == Path.CLOSEPOLY else " ".join(f"{value:.2f}" for value in points)
        parts.append(letters[code] + pairs)
    extent = path.get_extents()
    left, bottom = extent.x0 - 1, min(extent.y0, 0) - 1
    width, tall = extent.x1 - left + 1, max(extent.y1, 0) - bottom + 1
    return (
        f'<svg class="math" role="img" aria-label="{escape(tex.strip())}" width="{width:.1f}" height="{tall:.1f}" '
        f'viewBox="{left:.2f} {-bottom - tall:.2f} {width:.2f} {tall:.2f}" style="vertical-align:{bottom:.2f}px">'
        f'<path transform="scale(1 -1)" fill="currentColor" d="{"".join(parts)}"/></svg>'
    )
