"""Scenes for COCO's numbers, the same with every NumPy: crowds, areas that are not those of the box, equal scores."""

import numpy as np


class Numbers:
    """A generator of whole numbers that is written out here, so that typed-in results stay true."""

    def __init__(self, seed):
        self.state = seed

    def __call__(self, below):
        self.state = (1103515245 * self.state + 12345) % 2**31
        return self.state // 65536 % below


def scene(seed=1, images=20, classes=4, crowds=True, most=5):
    """Return detections, ground truth, crowd and areas, as ``coco_metrics`` takes them.

    Objects are of 8 to 180 pixels, some on the borders of the ranges of area; of each there are up to ``most`` shaken
    boxes, now and then with another class. The last class has no object but a crowd (or none), the last but one image
    has no object, and the last has no detection.
    """
    number = Numbers(seed)
    found, truth, crowd, areas = [], [], [], []
    for image in range(images):
        boxes, labels, is_crowd, sizes, seen = [], [], [], [], []
        for _ in range(0 if image == images - 2 else number(7)):
            side = (32, 96, 8 + number(40), 20 + number(160))[number(4)]
            x, y, width, height = number(300), number(300), side, (side, side + number(30))[number(2)]
            boxes.append([x, y, x + width, y + height])
            labels.append(1 + number(classes - 1))
            is_crowd.append(crowds and number(5) == 0)
            sizes.append(width * height * (10 - number(6)) // 10 if number(2) else width * height)
            if is_crowd[-1] and number(3) == 0:
                labels[-1] = classes
            for _ in range(number(most)):
                shake = [(number(41) - 20) * width // 100 for _ in range(4)]
                other = number(6) == 0
                seen.append((
                    [x + shake[0], y + shake[1], x + width + shake[2], y + height + shake[3]],
                    1 + number(classes) if other else labels[-1], number(40) / 40,
                ))  # fmt: skip
        seen = [] if image == images - 1 else seen
        found.append((
            np.array([row[0] for row in seen], float).reshape(-1, 4), np.array([row[1] for row in seen], int),
            np.array([row[2] for row in seen], float),
        ))  # fmt: skip
        truth.append((
            np.array(boxes, float).reshape(-1, 4), np.array(labels, int), np.zeros(len(labels), bool),
        ))  # fmt: skip
        crowd.append(np.array(is_crowd, bool))
        areas.append(np.array(sizes, float))
    return found, truth, crowd, areas
