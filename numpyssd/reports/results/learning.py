"""Rules of advice.py that read the log: the training was too short, or has learned its images by heart."""

from numpyssd.run.log import series

HARDLY, NOTHING = 0.3, 0.05  # validation mAP of a network that has hardly trained, and of one that finds nothing
FIRST = 2.0  # weight, heavier than any other


def still_rising(log: dict):
    """Say that the training was too short: the mAP has risen in its last third.

    A network that has hardly trained makes every error, so that this comes first, and two evaluations or a small rise
    are enough.
    """
    _, maps = series(log, "val_map")
    hardly = len(maps) > 0 and maps.max() < HARDLY
    how = "(--resume with more --max-minutes or --iterations)."
    if hardly and maps.max() < NOTHING and maps[-1] >= 0.5 * maps.max():
        return FIRST, f"Train longer: the network finds hardly anything, its validation mAP is {maps[-1]:.3f} {how}"
    if len(maps) < (2 if hardly else 4):
        return None
    third = max(1, len(maps) // 3)
    before, after = maps[:-third].max(), maps[-third:].max()
    if after - before < (0.05 * after if hardly else 0.02):
        return None
    digits = 3 if hardly else 2
    rose = f"from {before:.{digits}f} to {after:.{digits}f} in the last third"
    if hardly:
        return FIRST, f"Train longer: the validation mAP is low, and still rose {rose} {how}"
    return min(1.0, 2 * (after - before) / after), f"Train longer: the validation mAP still rose {rose} {how}"


def falling(log: dict):
    """Say that it was learned by heart: the mAP has fallen since its best."""
    iterations, maps = series(log, "val_map")
    if len(maps) < 4:
        return None
    best = int(maps.argmax())
    if best > 0.6 * len(maps) or maps[best] - maps[-1] < 0.03:
        return None
    return 2 * (maps[best] - maps[-1]), (
        f"Add training images: the mAP fell from {maps[best]:.2f} at iteration {iterations[best]:.0f} to "
        f"{maps[-1]:.2f}, so that a longer training only learns these by heart."
    )
