"""The texts of a Matplotlib figure, made such that any name of a class or a file in them can be drawn.

Half a letter (a lone surrogate) would stop Matplotlib with a TypeError, and letters that its font lacks would become
empty boxes, with a warning for each.
"""

from numpyssd.fonts import MAX_LENGTH, drawable, families

MAX_NAME = 40  # letters of a name beside an axis or in a legend; longer ones would leave the axes no room


def make_drawable(figure):
    """Write letters that no font has as codes in all texts of a figure, and give each text the fonts of its letters."""
    from matplotlib.legend import Legend
    from matplotlib.text import Text

    names = {text for legend in figure.findobj(Legend) for text in legend.get_texts()}
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        _make_ticks_drawable(axis.get_major_formatter())
        names.update(axis.get_ticklabels())
    for text in {*figure.findobj(Text), *names}:
        words = text.get_text()
        safe = _drawable(words, MAX_NAME if text in names else None)
        if safe != words:
            text.set_text(safe)
        if not safe.isascii():
            known = text.get_fontfamily()
            text.set_fontfamily([*known, *(name for name in families(safe.replace("\n", " ")) if name not in known)])


def _make_ticks_drawable(formatter):
    """Let a formatter, which sets the texts of the ticks anew whenever a figure is drawn, return drawable ones."""
    as_before = formatter.format_ticks
    formatter.format_ticks = lambda values: [_drawable(text, MAX_NAME) for text in as_before(values)]


def set_legend(ax, handles, names, **options):
    """Add a legend with a text for each handle, also for names that begin with an underscore or have dollars."""
    legend = ax.legend(handles, [str(number) for number in range(len(names))], **options)
    for text, name in zip(legend.get_texts(), names):
        text.set_text(name)
        text.set_parse_math(False)
    return legend


def _drawable(text, max_length=None):
    if text.isascii() and text.isprintable() and len(text) <= (max_length or len(text)):
        return text
    return "\n".join(_drawable_line(line, max_length or MAX_LENGTH) for line in text.split("\n"))


def _drawable_line(line, max_length):
    return drawable(line, max_length) if line.strip(" ") else line  # our own lines are blank at times
