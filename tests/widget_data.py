"""What travels inside a widget, read back from its HTML."""

import json
import re


def data(html):
    found = json.loads(re.search(r"start\(root, (\{.*\})\);\n", html, re.DOTALL)[1].replace("<\\/", "</"))
    return drawn(found, found["pool"])


def drawn(value, pool):
    """Put each mark back where its number stands."""
    if isinstance(value, dict):
        return {key: [pool[n] for n in item] if key == "marks" else drawn(item, pool) for key, item in value.items()}
    listed = isinstance(value, list) and len(value) in (2, 6) and isinstance(value[-1], list)
    if listed and isinstance(value[-2], str):  # (words, marks), or a cell
        return [*value[:-1], [pool[n] for n in value[-1]]]
    return [drawn(item, pool) for item in value] if isinstance(value, list) else value
