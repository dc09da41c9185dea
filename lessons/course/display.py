"""Show a figure, a widget or a piece of the library: in a notebook, on a page, and in a terminal.

A terminal cannot show a figure among the words. So the figure is written into a folder and its name is printed.
"""

import base64
import inspect
import io
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from pathlib import Path

from numpyssd.drawing import save_figure
from lessons.course.strip import strip_html, strip_text

FIGURES = "lesson_pictures"  # where a terminal finds them
COLORS_KEPT, DOTS_PER_INCH = 160, 96  # enough for a page; a fifth of the bytes
_outputs = ContextVar("outputs", default=None)  # a list while a lesson is being captured


@contextmanager
def capturing():
    """Collect what is shown, as nbformat's display_data, in a list, instead of showing it."""
    collected = []
    token = _outputs.set(collected)
    try:
        yield collected
    finally:
        _outputs.reset(token)


def place():
    """Return where showing goes: "captured", "notebook" or "terminal"."""
    if _outputs.get() is not None:
        return "captured"
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return "notebook" if getattr(shell, "kernel", None) is not None else "terminal"


def emit(data, metadata=None):
    """Show what data, a dictionary by media type, holds; a terminal gets the text/plain of it."""
    if place() == "captured":
        _outputs.get().append({"data": data, "metadata": metadata or {}, "output_type": "display_data"})
    elif place() == "notebook":
        from IPython.display import display

        display(data, metadata=metadata or {}, raw=True)
    else:
        print(data["text/plain"])


def show(figure, alt):
    """Show a Matplotlib figure; alt says in words what there is to see, for readers who cannot see it."""
    _show_figure(figure, alt, {})


def show_widget(widget, still, alt):
    """Show a widget (HTML from lessons.course.widgets) and, for viewers that strip scripts, a figure of it at rest."""
    _show_figure(still, alt, {"numpyssd": "still"})
    if place() != "terminal":
        emit({"text/html": widget, "text/plain": "(a figure to play with, where scripts may run)"})


def _show_figure(figure, alt, metadata):
    if place() == "terminal":
        path = next_figure(Path(FIGURES) / lesson_name())
        save_figure(figure, path)
        print(f"[figure: {path}]\n  {alt}")
    else:
        emit({"image/png": base64.b64encode(png(figure)).decode("ascii"), "text/plain": alt}, metadata)


def png(figure):
    """Return a figure as the bytes of a PNG, the same at every call, in few colors so that a notebook stays small."""
    from PIL import Image

    whole, small = io.BytesIO(), io.BytesIO()
    figure.savefig(whole, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    # By coverage: thin lines keep their colors, however few pixels they have.
    options = {"method": Image.Quantize.MAXCOVERAGE, "kmeans": 1, "dither": Image.Dither.NONE}
    Image.open(whole).convert("RGB").quantize(COLORS_KEPT, **options).save(small, "PNG", optimize=True)
    return small.getvalue()


def lesson_name():
    """Return the name of the lesson that Python was started with, or "figures" at the prompt."""
    return Path(getattr(sys.modules["__main__"], "__file__", None) or "figures").stem


def next_figure(folder, _counts={}):  # noqa: B006  (the count of this process is what it is for)
    """Return folder/01.png, then 02.png and so on: a new run of a lesson overwrites the figures of the last."""
    _counts[folder] = _counts.get(folder, 0) + 1
    return folder / f"{_counts[folder]:02d}.png"


def show_source(*functions):
    """Show the library's own code, as it is: never a copy of it."""
    for function in functions:
        source = inspect.getsource(function).rstrip()
        path = Path(inspect.getsourcefile(function))
        depth = inspect.unwrap(function).__module__.count(".") + 1 + (path.stem == "__init__")
        head = "# " + "/".join(path.parts[-depth:])
        emit({"text/markdown": f"```python\n{head}\n{source}\n```", "text/plain": f"{head}\n{source}\n"})


def fold(title, source):
    """Show Python code behind a title that opens at a click; a terminal prints only the title."""
    block = f"<details><summary>{escape(title)}</summary><pre>{escape(source)}</pre></details>"
    emit({"text/html": block, "text/plain": title}, {"numpyssd": "answer"})


def you_are_here(*steps):
    """Show the way from an image to detections and to a trained network, with the steps of this lesson marked."""
    emit({"text/html": strip_html(steps), "text/plain": strip_text(steps)})
