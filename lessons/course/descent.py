"""One weight going downhill: how lesson 02 draws the steps, and the lines that the network says on the way."""

import numpy as np

from numpyssd.drawing import COLORS


def walk(slope, w, rate, steps, momentum=0.0):
    """Return the weights (steps + 1,) of a descent from w: velocity = momentum velocity + rate slope(w), w -= velocity.

    Without momentum a step is the rate times the slope.
    """
    velocity, weights = 0.0, [float(w)]
    for _ in range(steps):
        velocity = momentum * velocity + rate * slope(weights[-1])
        weights.append(weights[-1] - velocity)
    return np.array(weights)


# ---------------------------------------------------------------------------------------------------------------------


def draw_descent(ax, loss, slope, weights, title=""):
    """Draw the loss, a function of one weight, and the steps: its tangent (dashed), a step (arrow), the way down (dotted)."""
    low, high = weights.min(), weights.max()
    width = high - low
    line = np.linspace(low - 0.6 * width, high + 0.15 * width, 200)
    ax.plot(line, [loss(w) for w in line], color=COLORS["positive"], linewidth=2)
    heights = np.array([loss(w) for w in weights])
    gray = COLORS["default box"]
    for n, (w, height) in enumerate(zip(weights[:-1], heights[:-1])):
        reach = np.array([-1, 0.4]) * 0.3 * width
        ax.plot(w + reach, height + reach * slope(w), "--", color=gray, linewidth=1)
        ax.plot([weights[n + 1]] * 2, [height, heights[n + 1]], ":", color=gray, linewidth=1.5)
        arrow = {"arrowstyle": "->", "linewidth": 1.5, "shrinkA": 3, "shrinkB": 0}
        ax.annotate("", (weights[n + 1], height), (w, height), arrowprops=arrow)
    ax.plot(weights, heights, "o", color=COLORS["prediction"], markeredgecolor="black", markersize=6.5)
    for n, (w, height) in enumerate(zip(weights, heights)):
        place = (8, -2) if n == 0 else (-8, -11) if n < len(weights) - 1 else (-10, 4)
        ax.annotate(f"{n}", (w, height), place, textcoords="offset points", fontsize=9)
    ax.set_ylim(-0.1 * heights.max(), 1.15 * heights.max())
    ax.set_xlabel("weight w")
    ax.set_ylabel("loss")
    ax.set_title(title, fontsize=11)


def draw_fits(ax, x, y, weights, title=""):
    """Draw points x (N,), y (N,), and for each of the weights the line w x, the last one thick."""
    ends = np.array([0, 1.15 * np.max(x)])
    for n, w in enumerate(weights):
        last = n == len(weights) - 1
        ax.plot(ends, w * ends, color=COLORS["prediction"], linewidth=2.5 if last else 1, alpha=1 if last else 0.6)
        ax.annotate(f"{n}", (ends[1], w * ends[1]), (3, -4), textcoords="offset points", fontsize=9)
    ax.plot(x, y, "s", color=COLORS["ground truth"], markeredgecolor="black", markersize=8, zorder=3)
    ax.set_xlim(0, 1.25 * np.max(x))
    ax.set_xlabel("input x")
    ax.set_ylabel("output")
    ax.set_title(title, fontsize=11)


if __name__ == "__main__":
    from numpyssd.drawing import figure_command

    def draw(ax):
        draw_descent(ax, lambda w: (w - 8) ** 2, lambda w: 2 * (w - 8), walk(lambda w: 2 * (w - 8), 40, 0.25, 5))

    figure_command("descent", draw)
