"""The curves of a training run: four panels drawn from ``log.csv``, each of which answers one question."""

import io

import numpy as np

from numpyssd.drawing import new_figure
from numpyssd.figures import import_matplotlib
from numpyssd.run.log import series, smooth

# Three line colors that the color-blind can tell apart on either background (after Okabe and Ito, 2008).
LIGHT = {"text": "#1f2328", "background": "#ffffff", "grid": "#d9dde3", "lines": ("#0072B2", "#D55E00", "#009E73")}
DARK = {"text": "#e4e7eb", "background": "#1c1f24", "grid": "#3a3f47", "lines": ("#56B4E9", "#F0A830", "#3CCB9C")}


def curves_png(log, panels, rows, columns, size, theme=LIGHT):
    """Return the bytes of a PNG of panels, functions ``draw(ax, log, theme)``, in the colors of the theme."""
    text, background = theme["text"], theme["background"]
    style = dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), text)
    style |= dict.fromkeys(("figure.facecolor", "axes.facecolor", "savefig.facecolor", "legend.facecolor"), background)
    style |= dict.fromkeys(("axes.edgecolor", "grid.color", "legend.edgecolor"), theme["grid"])
    with import_matplotlib().rc_context(style):
        figure, axes = new_figure(rows, columns, size)
        for draw, ax in zip(panels, np.atleast_1d(axes)):
            ax.grid(alpha=0.6, linewidth=0.6)
            ax.set_axisbelow(True)
            ax.spines["top"].set_visible(False)
            ax.set_xlabel("iteration")
            ax.set_xlim(0, 1.02 * max(1, log["iteration"].max(initial=0)))
            draw(ax, log, theme)
        buffer = io.BytesIO()
        # Inside the context: ticks take their colors from the style when they are drawn.
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def draw_loss(ax, log, theme=LIGHT):
    """Draw the loss and its two parts: the logged values pale, their running mean strong."""
    ax.set_title("Loss: does it still fall?")
    drawn = []
    for name, label, color in zip(("loss", "conf", "loc"), ("loss", "conf (what)", "loc (where)"), theme["lines"]):
        x, y = series(log, name)
        if len(y):
            ax.plot(x, y, color=color, alpha=0.3, linewidth=0.8)
            ax.plot(x, smooth(y, _window(y)), color=color, linewidth=2, label=label)
            drawn.append(y)
    if not drawn:
        return _say(ax, "nothing logged yet")
    values = np.concatenate(drawn)
    if values.min() > 0 and values.max() > 8 * values.min():
        _logarithmic(ax)
    ax.legend(fontsize=9)


def draw_learning_rate(ax, log, theme=LIGHT):
    """Draw the learning rate on a logarithmic scale."""
    ax.set_title("Learning rate: how large are the steps?")
    x, y = series(log, "lr")
    if not (y > 0).any():
        return _say(ax, "nothing logged yet")
    ax.plot(x[y > 0], y[y > 0], color=theme["lines"][0], linewidth=2)
    ax.set_ylim(max(0.7 * y[y > 0].min(), 1e-4 * y.max()), 1.5 * y.max())  # a cosine ends at next to nothing
    _logarithmic(ax)


def draw_validation(ax, log, theme=LIGHT):
    """Draw the mAP on the validation images, with a circle around the best."""
    ax.set_title("Validation mAP: does it get better?")
    x, y = series(log, "val_map")
    if not len(y):
        return _say(ax, "no validation logged yet")
    best = int(y.argmax())
    ring = {"markersize": 13, "fillstyle": "none", "markeredgewidth": 2, "color": theme["lines"][1]}
    ax.plot(x, y, color=theme["lines"][0], linewidth=2, marker="o", markersize=4)
    ax.plot(x[best], y[best], "o", **ring, label=f"best: {y[best]:.3f} at {x[best]:.0f}")
    ax.set_ylim(0, max(0.05, 1.1 * y[best]))
    ax.legend(fontsize=9)


def draw_gradient(ax, log, theme=LIGHT):
    """Draw the norm of the gradient (left), and the number of positives in a batch (right)."""
    ax.set_title("Gradient and positives: is it healthy?")
    x, norm = series(log, "gradient_norm")
    x, norm = x[norm > 0], norm[norm > 0]
    positives_x, positives = series(log, "positives")
    if not len(norm) and not len(positives):
        return _say(ax, "nothing logged yet")
    first, second, _ = theme["lines"]
    if len(norm):
        ax.plot(x, norm, color=first, alpha=0.3, linewidth=0.8)
        ax.plot(x, smooth(norm, _window(norm)), color=first, linewidth=2)
        _logarithmic(ax)
    ax.set_ylabel("norm of the gradient", color=first)
    if len(positives):
        right = ax.twinx()
        right.spines["top"].set_visible(False)
        right.plot(positives_x, positives, color=second, alpha=0.3, linewidth=0.8)
        right.plot(positives_x, smooth(positives, _window(positives)), color=second, linewidth=2)
        right.set_ylim(0, max(1, 1.1 * positives.max()))
        right.set_ylabel("positives in the batch", color=second)


PANELS = (draw_loss, draw_validation, draw_learning_rate, draw_gradient)


def _window(values):
    return max(5, len(values) // 30)


def _say(ax, text):
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", fontsize=11, alpha=0.7)
    ax.set_yticks([])


def _logarithmic(ax):
    """Make the y axis logarithmic with plain numbers, at 1, 2 and 5 if few powers of ten are in sight."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1000 * low else (1,)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_locator(NullLocator())
