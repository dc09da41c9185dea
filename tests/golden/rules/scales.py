"""The scales of the feature maps (paper, equation 4; Caffe: ssd_pascal.py and ssd_coco.py)."""


def paper_scales(maps, lowest=0.2, highest=0.9):
    """Return s_1 to s_m of equation 4, fractions of the image's side."""
    return [lowest + (highest - lowest) / (maps - 1) * k for k in range(maps)]


def caffe_scales(image_size, maps, lowest, highest, first):
    """Return min_sizes and max_sizes in pixels: whole percents for all maps but conv4_3, which is put in front.

    lowest, highest: percents of the image's side. first: those of conv4_3, which the scripts set by hand.
    """
    step = (highest - lowest) // (maps - 2)  # rounded down: 17 for SSD300, where 17.5 would be even
    percents = [first, *range(lowest, highest + 1, step)]
    smallest = [image_size * percent / 100 for percent in percents]
    largest = [*smallest[1:], image_size * (percents[-1] + step) / 100]
    return smallest, largest
