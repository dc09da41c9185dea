"""The numbers of a config that a fit may change, its scales and aspect ratios, and what values they may have."""

from dataclasses import replace

import numpy as np

from numpyssd.config import Config

RATIOS = (1.15, 5.0)  # how far from square a default box may be
MIN_GROWTH = 1.08  # each scale is at least so much larger than the one before
MAX_SCALE = 6  # steps: a feature map with a larger default box would see too little of it


def with_numbers(config: Config, scales: list[float], ratios: list) -> Config:
    """Return the config with other scales in pixels, one more than maps, and aspect ratios, a list for each map."""
    rows = zip(config.feature_maps, scales[:-1], scales[1:], ratios)
    return replace(
        config,
        feature_maps=tuple(
            replace(row, scale_px=small, next_scale_px=large, aspect_ratios=tuple(own))
            for row, small, large, own in rows
        ),
    )


def numbers_of(config: Config):
    """Return the scales and aspect ratios of a config: the two lists that with_numbers takes."""
    rows = config.feature_maps
    return [*(row.scale_px for row in rows), rows[-1].next_scale_px], [list(row.aspect_ratios) for row in rows]


def spread(boxes, config: Config):
    """Return numbers whose scales are spread evenly over the sizes of the objects, each where its map allows it."""
    scales, ratios = numbers_of(config)
    sizes = np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1)) * config.image_size  # (M,)
    wanted = np.geomspace(*np.maximum(np.quantile(sizes, (0.05, 0.95)), 1), len(scales))
    for i, (low, high) in enumerate(_limits(config)):
        scales[i] = float(np.clip(wanted[i], max(low, MIN_GROWTH * scales[i - 1] if i else low), high))
    return scales, ratios


def _limits(config: Config):
    """Return the least and the largest value of each scale, in pixels; what the config has is always allowed."""
    scales, _ = numbers_of(config)
    steps = [*(row.step for row in config.feature_maps), config.feature_maps[-1].step]
    return [(min(step, s), max(MAX_SCALE * step, s)) for step, s in zip(steps, scales)]


def allowed(numbers, config: Config) -> bool:
    """Return whether scales and ratios lie within the limits of a config, and the scales in order."""
    scales, ratios = numbers
    inside = all(low <= scale <= high for scale, (low, high) in zip(scales, _limits(config)))
    return (
        inside
        and all(a * MIN_GROWTH <= b for a, b in zip(scales, scales[1:]))
        and all(RATIOS[0] <= ratio <= RATIOS[1] for own in ratios for ratio in own)
    )


def moved(numbers, place: tuple[int, int], times: float):
    """Return a copy of the numbers with one of them, a scale (0, i) or ratio i of map k (k + 1, i), multiplied."""
    scales, ratios = list(numbers[0]), [list(own) for own in numbers[1]]
    (scales if place[0] == 0 else ratios[place[0] - 1])[place[1]] *= times
    return scales, ratios


def rounded(numbers):
    """Return whole pixels, so that Caffe's cut to them changes nothing, and ratios of two decimals in order."""
    scales, ratios = numbers
    return [float(max(1, round(scale))) for scale in scales], [sorted(round(r, 2) for r in own) for own in ratios]
