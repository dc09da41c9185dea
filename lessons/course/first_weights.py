"""What the first weights of a network do to a signal that goes through many layers."""

import numpy as np

from numpyssd.drawing import COLORS
from numpyssd.kernels.reference.relu import relu_forward


def signal_sizes(factor, layers=10, width=256, count=64, seed=0):
    """Return the root mean square (layers + 1,) of ``count`` random vectors before and after each layer and its ReLU.

    A layer has width x width weights, normally distributed with a standard deviation of factor * sqrt(2 / width). With
    factor 1 that is the rule of He et al. ("Delving Deep into Rectifiers", 2015, section 2.2).
    """
    rng = np.random.default_rng(seed)
    x, sizes = rng.normal(size=(count, width)), []
    for _ in range(layers):
        sizes.append(np.sqrt(np.mean(x * x)))
        x = relu_forward(x @ rng.normal(0, factor * np.sqrt(2 / width), (width, width)))  # (count, width)
    return np.array([*sizes, np.sqrt(np.mean(x * x))])


# ---------------------------------------------------------------------------------------------------------------------

STYLES = (("positive", "-"), ("prediction", "--"), ("negative", "-."), ("default box", ":"))


def draw_signal(ax, curves, title=""):
    """Draw the sizes of a signal after each layer, on a logarithmic axis; curves: (layers + 1,) by name, at most four."""
    for (name, sizes), (role, style) in zip(curves.items(), STYLES):
        ax.plot(sizes, style, color=COLORS[role], linewidth=2.2)
        ax.annotate(name, (len(sizes) - 1, sizes[-1]), (6, -3), textcoords="offset points", fontsize=9.5)
    ax.set_yscale("log")
    layers = max(len(sizes) for sizes in curves.values()) - 1
    ax.set_xlim(0, 1.45 * layers)  # room for the names
    ax.set_xticks(range(0, layers + 1, 2))
    ax.set_xlabel("layer")
    ax.set_ylabel("size of the signal")
    ax.grid(alpha=0.3)
    ax.set_title(title, fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import figure_command

    def draw(ax):
        draw_signal(ax, {f"{factor:g} times He's": signal_sizes(factor) for factor in (1, 0.5, 2)})

    figure_command("first_weights", draw, size=(8, 4))
