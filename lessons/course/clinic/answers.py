"""What each fault shows, in words: the answers of lesson 17, with the numbers of the runs, and the widget's replies."""

import textwrap

WHERE_FOUND = {
    "rate": "issue 275 of amdegroot/ssd.pytorch: loss 15, 12, 14, 20, 29821698048, nan; a lower rate was the remedy",
    "warm_up": "issue 3297 of open-mmlab/mmdetection: nan after 400 steps; the advice is 1000 or 2000 steps of warm-up",
    "labels": "pull request 219 of Deci-AI/super-gradients: an SSD that never finds people, who were background",
    "boxes": "issue 479 of keras-team/keras-io: x and y were exchanged first, and then read as x and y",
    "mean": "issue 30 of shicai/DenseNet-Caffe: predictions are bad until images are scaled as in training",
    "negatives": "issue 5 of rykov8/ssd_keras: the scores lean to background; the answer explains mining",
    "defaults": "issue 222 of balancap/SSD-Tensorflow: objects smaller than every default box give no loss",
    "leak": "issue 77 of balancap/SSD-Tensorflow: 0.599 where the README said 0.778, perhaps of training images",
}


def clue(name, seen):
    """Return what a fault would show, and what the symptoms of a run are, in one sentence each.

    A run that stopped has no mAP; then the numbers of its loss have to do.
    """
    if seen["val"] is None and name in ("labels", "boxes", "mean", "leak"):
        return f"With this fault the loss falls; here it grows to {seen['worst']:.0e} times the first."
    return {
        "rate": "The loss would grow without bounds; here the largest conf is {worst:.3g} times the first.",
        "warm_up": "The first step would be as large as the weights, and the loss would rise at once; here the largest "
        "step is {step:.2f} of its weights, and conf rises to {rise:.2f} times the first.",
        "labels": "Boxes would fit and have wrong names; here {found:.0%} of the objects are found, and {named:.0%} of "
        "these have the right name.",
        "boxes": "conf and loc would both stay high; here they end at {conf:.1f} and {loc:.1f}, and {found:.0%} of the "
        "objects are found.",
        "mean": "The loss would fall, and the detector would fail on the training images too; here conf ends at "
        "{conf:.1f}, with mAP {train:.2f} on training images and {found:.0%} of the objects found.",
        "negatives": "The first conf would be far above the expected one; here it is {first:.1f} times as large.",
        "defaults": "Objects would have one positive each and large offsets; here an object has {positives:.1f} "
        "positives, and loc ends at {loc:.1f}.",
        "leak": "mAP would be higher on validation than on test images; here it is {val:.2f} and {test:.2f}.",
    }[name].format(**seen)


def answer(name, seen):
    """Return the answer of a run in lines: what it shows, and a project that had the fault."""
    words = (clue(name, seen), f"Who had it: {WHERE_FOUND[name]}.")
    return "\n".join(textwrap.fill(each, 80) for each in words)
