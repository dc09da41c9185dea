"""Hard negative mining (paper, section 2.2; Caffe: MineHardExamples, MAX_NEGATIVE)."""


def hard_negatives(loss, positive, ratio=3):
    """Return a mask of the negatives that train: image by image the ``ratio`` times positives with the largest loss."""
    masks = []
    for losses, positives in zip(loss, positive):
        negatives = [k for k in range(len(losses)) if not positives[k]]
        negatives.sort(key=lambda k: (-losses[k], k))  # of equal losses the lower index
        chosen = set(negatives[: int(ratio * sum(positives))])
        masks.append([k in chosen for k in range(len(losses))])
    return masks
