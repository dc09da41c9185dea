"""The category that Roboflow puts above the classes of a project: {id 0, name X, supercategory "none"}.

No object has it, and every class of the project names it as its supercategory
(https://github.com/roboflow/rf-detr/issues/1303). A network would get an output for it that nothing trains.
"""


def root_category(categories: list[dict], annotations: list[dict]) -> dict | None:
    """Return the category that is only the root of an export, or None.

    It has the supercategory "none", a name of its own and no annotation, and is the supercategory of all others.
    """
    used = {annotation["category_id"] for annotation in annotations}
    for root in categories:
        others = [category for category in categories if category is not root]
        is_root = root.get("supercategory") == "none" and root["id"] not in used
        if is_root and others and all(_is_below(category, root) for category in others):
            return root
    return None


def _is_below(category, root):
    return category.get("supercategory") == root["name"] != category["name"]
