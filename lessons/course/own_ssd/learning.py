"""What a learner's network learns: one image by heart, and the built-in set, measured by numpyssd's evaluation."""

import time

import numpy as np

from lessons.course.own_ssd.stage import Result, Stage, one_thread
from numpyssd.boxes import iou
from numpyssd.datasets.shapes import CLASS_NAMES, SIZE, ShapesDataset
from numpyssd.inference.average_precision import average_precision

BY_HEART = Stage("one image by heart", (), (), lambda: [], ("a step of training", "detection"))
STEPS, RATE, FALL = 60, 0.01, 20  # of one image: steps, their rate, how many times smaller the loss becomes at least
RECIPE = {"images": 3000, "steps": 600, "batch_size": 8, "lr": 0.01, "test_images": 200}


def samples_of(dataset):
    """Return a data set as my_ssd.py takes it: (image uint8, boxes (M, 4) in [0, 1], labels (M,)) of each image."""
    return [
        (s.image, s.boxes.astype(np.float64) / SIZE, s.labels) for s in map(dataset.__getitem__, range(len(dataset)))
    ]


def steps_of(mine, sample, steps=STEPS, seed=0):
    """Yield (step, loss, weights, averages) after each step of a new network on one image, which is never flipped."""
    weights, averages = mine.new_network(seed)
    velocities = {name: np.zeros_like(value) for name, value in weights.items()}
    batch = mine.make_batch([sample], [False], mine.default_boxes())
    for step in range(steps):
        with one_thread():
            loss = mine.train_step(weights, averages, velocities, batch, RATE)
        yield step, float(loss), weights, averages


def learn_by_heart(mine):
    """Return a Result: whether the loss of one image falls, and its objects are detected."""
    dataset = ShapesDataset(5)
    sample, objects = samples_of(dataset)[4], dataset[4].boxes
    run = list(steps_of(mine, sample))
    losses, network = [step[1] for step in run], run[-1][2:]
    fell = f"after {STEPS} steps the loss is {losses[-1]:.3g}, and was {losses[0]:.3g}"
    if not losses[-1] <= losses[0] / FALL:  # also if it is NaN
        return _failed(f"{fell}: it should fall to a {FALL}th or less")
    boxes, labels, scores = mine.detect(*network, sample[0], 0.5)
    overlaps = iou(objects, boxes) * (sample[2][:, None] == labels[None])  # (objects, detections)
    found = overlaps.max(axis=1, initial=0) > 0.5
    if not found.all() or len(boxes) != len(objects):
        names = ", ".join(f"{CLASS_NAMES[label - 1]} {score:.2f}" for label, score in zip(labels, scores)) or "nothing"
        return _failed(f"{fell}; of {len(objects)} objects {found.sum()} are found. Detected: {names}")
    return Result(BY_HEART, "right", f"{fell}; all {len(objects)} objects are found")


def _failed(words):
    return Result(BY_HEART, "differs", words)


def evaluate(mine, weights, averages, images):
    """Return numpyssd's AveragePrecision (VOC, IoU 0.5) of a network on the first test images of the built-in set."""
    dataset = ShapesDataset(images, split="test")
    detections = [mine.detect(weights, averages, dataset[number].image) for number in range(images)]
    truth = [dataset.annotation(number)[:3] for number in range(images)]
    return average_precision(detections, truth, "voc", class_names=CLASS_NAMES)


def train(mine, say, recipe=RECIPE, every=50, seed=0, moments=()):
    """Train on the built-in set, and return weights, averages and a list of (step, seconds, CPU seconds, loss, mAP).

    say: gets a line of words every so many steps. moments: after these steps the test images are evaluated, which does
    not count as time of training.
    """
    say(f"drawing {recipe['images']} images of the built-in set")
    samples, curve, losses, clocks = samples_of(ShapesDataset(recipe["images"])), [], [], _Clocks()
    clocks.start()

    def look(step, loss, weights, averages):
        losses.append(float(loss))
        if not np.isfinite(loss):
            raise FloatingPointError(f"the loss is {loss} at step {step}")
        done = step + 1
        if done % every and done not in moments:
            return
        clocks.stop()
        mean = np.mean(losses[-every:])
        words = f"step {done:4} of {recipe['steps']}: loss {mean:6.3f}, {clocks.seconds:4.0f} s"
        if done in moments:
            value = evaluate(mine, weights, averages, recipe["test_images"]).mean
            curve.append((done, clocks.seconds, clocks.cpu, float(mean), float(value)))
            words += f", mAP {value:.3f} on {recipe['test_images']} test images"
        say(words)
        clocks.start()

    options = {name: recipe[name] for name in ("steps", "batch_size", "lr")}
    with one_thread():
        weights, averages = mine.train(samples, **options, seed=seed, look=look)
    return weights, averages, curve


class _Clocks:
    """Seconds, and CPU seconds of this process, between start and stop, added up."""

    def __init__(self):
        self.seconds = self.cpu = 0.0

    def start(self):
        self.began = time.perf_counter(), time.process_time()

    def stop(self):
        self.seconds += time.perf_counter() - self.began[0]
        self.cpu += time.process_time() - self.began[1]
