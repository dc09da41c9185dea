"""What the exercises of lesson 09 have in common."""

import numpy as np


def tables():
    by_hand = np.array([[20, 20, 60, 48, 48], [10, 24, 45, 36, 36]]) / 60
    tiny = [
        (np.array([[0.6, 0.2]]), 0.5),
        (np.array([[0.5], [0.5 - 1e-3]]), 0.5),
        (np.array([[0.5, 0.9, 0.2]]), 0.5),
        (np.array([[0.3, 0.1], [0.1, 0.7]]), 0.5),
        (np.array([[0.2, 0.1], [0.3, 0.7]]), 0.5),  # the best box of the first object belongs to the second, too
        (np.array([[0.9, 0.3, 0.1], [0.8, 0.2, 0.3]]), 0.5),  # both want the first default box
        (np.array([[0.1, 0.7, 0.8], [0.6, 0.75, 0.9]]), 0.5),
        (np.array([[0.9, 0.55, 0.6], [0.8, 0.65, 0.1]]), 0.5),
        (by_hand, 0.5),
    ]
    rng = np.random.default_rng(8)
    return [*tiny, *((rng.permutation(12).reshape(3, 4) / 12, 0.5) for _ in range(4))]
