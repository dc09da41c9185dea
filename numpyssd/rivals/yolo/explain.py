"""The figure of ``detect --explain`` for YOLO: what each cell says, and what is left of it."""

from numpyssd.drawing import new_figure
from numpyssd.images.preprocess import preprocess
from numpyssd.images.resize import resize_for_test
from numpyssd.rivals.yolo.decoding import draw_decoding

SIDE = 300  # pixels of the drawn image: boxes over 64 pixels would hide them


def explain(detector, image, score_threshold=0.5):
    """Return a figure of the network's outputs for an image (H, W, 3) uint8, as Figure 2 of the paper.

    The image is warped to a square, as the network sees it.
    """
    config, names = detector.model.config, detector.model.class_names
    out = detector.model.infer(preprocess(image, config))[0]  # (S, S, 5 B + C)
    figure, axes = new_figure(1, 3, (15, 5.4))
    drawn = resize_for_test(image, max(SIDE, config.image_size))
    draw_decoding(axes, drawn, out, config.boxes_per_cell, names, score_threshold)
    return figure
