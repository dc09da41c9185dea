"""Whether splits share images: then the one does not test what was learned from the other."""

from numpyssd.datasets.issues import Problem


def shared_images(data, first, first_split, second, second_split):
    """Return a list of at most one Problem: images of one split that are in another one too.

    first, second: data sets. A split that is compared with itself is no defect: whoever does so knows it.
    """
    if first_split == second_split:
        return []
    theirs = {second.image_path(i).resolve() for i in range(len(second))}
    both = [path.name for path in map(first.image_path, range(len(first))) if path.resolve() in theirs]
    if not both:
        return []
    names = ", ".join(both[:3]) + (f" and {len(both) - 3} more" if len(both) > 3 else "")
    sentence = (
        f"{len(both)} of the {len(second)} images of the split {second_split!r} are in {first_split!r} too ({names}): "
        "figures measured on them would be too good"
    )
    return [Problem(str(data), None, None, sentence, "they stay in both")]
