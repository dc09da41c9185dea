"""Names of classes: which may be given, and what is wrong with one that an object has."""

from numpyssd.datasets.issues import shortened


def unknown_class(name, class_names):
    """Return the sentence about an object whose class is not among the class names."""
    if not name:
        return "the object has no class (<name> is empty or missing)"
    if is_background(name):
        return f"class {shortened(name)!r} stands for the background, which is class 0 by itself"
    known = ", ".join(class_names[:10]) + (", …" if len(class_names) > 10 else "")
    return f"class {shortened(name)!r} is not one of the {known}"


def is_background(name):
    """Return whether a name is one of the background's."""
    return name.strip("_").lower() == "background"


def checked_names(class_names):
    """Return class names as a tuple; raise ValueError for names that are no texts, not different or the background."""
    names = tuple(class_names)
    if isinstance(class_names, str) or not names or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"class_names must be a sequence of names, not {class_names!r}")
    if any(is_background(name) for name in names):
        raise ValueError(f"class_names must leave out the background, which is always class 0, not {names}")
    if len(set(names)) < len(names):
        raise ValueError(f"class_names must differ from one another, not {names}")
    return names
