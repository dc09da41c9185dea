"""Two rules for the size of the default boxes of each feature map: Caffe's whole percents, and the paper's equation 4.

Paper: section 2.2, "Choosing scales and aspect ratios for default boxes". The presets of config.py have Caffe's numbers
typed in; here is where they come from, and how to make others.
"""

from dataclasses import replace


def caffe_scales(config, min_percent, max_percent, first_percent):
    """Return the config with the scales of Caffe's scripts: whole percents of the image's side.

    The scales of all maps but the first start at min_percent and grow by a step that is cut to a whole percent, up to
    about max_percent; each map's next scale is one step more, the last one's too. The first map, conv4_3, is put in
    front by hand with first_percent. SSD300: 20, 90, 10 for VOC and 15, 90, 7 for COCO; SSD512: 15, 90, 7 and 10, 90,
    4. These reproduce the four presets. Raises ValueError for a network of fewer than three maps, or percents that
    leave no step. Source: ssd_pascal.py and ssd_coco.py.
    """
    maps = config.feature_maps
    step = (max_percent - min_percent) // (len(maps) - 2) if len(maps) > 2 else 0
    if step < 1 or not 0 < first_percent <= min_percent:
        raise ValueError(
            f"the percents must rise, 0 < first <= min < max, by 1 or more for each of the {len(maps)} feature maps "
            f"(3 or more), but are {first_percent}, {min_percent}, {max_percent}"
        )
    percents = [first_percent, *(min_percent + step * k for k in range(len(maps)))]
    return _with_scales(config, [config.image_size * percent / 100 for percent in percents])


def paper_scales(config, smallest=0.2, largest=0.9, first=0.1, after=None):
    """Return the config with the scales of equation 4: evenly spaced from ``smallest`` to ``largest``, of the side 1.

    Section 3.1 takes the first map, conv4_3, out of the equation and gives it the scale ``first``: 0.1 where smallest
    is 0.2, 0.07 with 0.15 (SSD300 on COCO, SSD512), 0.04 with 0.1 (SSD512 on COCO). None puts equation 4 over all the
    maps, as section 2.2 reads. The large square of each map lies between its own scale and the next one's; what comes
    after the last the paper does not say: here equation 4 taken one map further, 1.075, or ``after`` (one tutorial has
    1). The result differs from Caffe's because that cuts the step to whole percents (0.17 where equation 4 has 0.175).

    Only the scales change. The paper's centers too: ``replace(paper_scales(SSD300), center_rule="cell",
    whole_pixels=False)``. Raises ValueError for scales that do not rise, or too few maps.
    """
    maps = len(config.feature_maps) - (first is not None)
    if maps < 2 or not 0 < smallest < largest or (first is not None and not 0 < first <= smallest):
        raise ValueError(
            f"the scales must rise, 0 < first <= smallest < largest, over two feature maps or more besides the first, "
            f"but are {first}, {smallest}, {largest} for {len(config.feature_maps)} feature maps"
        )
    scales = [smallest + (largest - smallest) / (maps - 1) * k for k in range(maps + 1)]
    if first is not None:
        scales.insert(0, first)
    if after is not None:
        scales[-1] = after
    return _with_scales(config, [config.image_size * scale for scale in scales])


def _with_scales(config, sides):
    """Return the config with sides[k] and sides[k + 1] as the scales in pixels of its feature map k."""
    rows = zip(config.feature_maps, sides, sides[1:])
    return replace(
        config, feature_maps=tuple(replace(row, scale_px=side, next_scale_px=after) for row, side, after in rows)
    )
