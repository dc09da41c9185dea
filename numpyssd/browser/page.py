"""A detector as one HTML page: template, style, scripts and weights in one file, which asks no network for anything.

The scripts are ES modules, which Node's tests import as they are. A page opened from disk cannot import modules, so
they are put one after the other here, each after those that it imports, without the words import and export.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpyssd
from numpyssd.browser.packing import to_base64

HERE = Path(__file__).parent
JS, HTML = HERE / "js", HERE / "html"
STYLES = ("page.css", "explainer.css")
_IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"([^"]+)";[^\S\n]*\n', re.MULTILINE)
_NAME = re.compile(r"^(?:export\s+)?(?:async\s+)?(?:function\*?|class)\s+(\w+)", re.MULTILINE)
_NAMES = re.compile(r"^(?:export\s+)?(?:const|let|var)\s+(\w[^;]*|[{[][^=]*)", re.MULTILINE)  # of one declaration
_INNER = re.compile(r"[({[][^(){}[\]]*[)}\]]")  # brackets without brackets inside
_EXPORT = re.compile(r"^export\s+(?=(?:async\s+)?function\b|class\b|const\b)", re.MULTILINE)


def detector_page(description: dict, weights: bytes) -> str:
    """Return the page of a model: its description and packed weights, as ``network.describe`` returns them."""
    return fill(
        (HTML / "page.html").read_text(encoding="utf-8"),
        style=style_of(STYLES),
        scripts=scripts_of(JS / "page" / "main.js", "startDetector();\n"),
        data={"MODEL": embedded_json(description), "WEIGHTS": to_base64(weights)},
    )


def style_of(names: Sequence[str]) -> str:
    """Return the style sheets of these names, one after the other."""
    return "\n".join((HTML / name).read_text(encoding="utf-8") for name in names)


def scripts_of(main: Path, start: str) -> dict[str, str]:
    """Return the two scripts of a page by mark: NETWORK, which its worker runs, and PAGE, all else that main imports.

    The page runs NETWORK too, where the browser refuses workers. start: what PAGE does when it is loaded. Raises
    ValueError for modules that cannot share one scope.
    """
    network = modules([JS / "page" / "worker.js"])
    page = [path for path in modules([main]) if path not in network]
    check_names(network + page)
    return {"NETWORK": script(network), "PAGE": script(page, start)}


def modules(entries: list[Path]) -> list[Path]:
    """Return the files of ES modules that entries import, themselves included, each after those that it imports."""
    found: list[Path] = []

    def add(path):
        if path in found:
            return
        for _, other in _IMPORT.findall(path.read_text(encoding="utf-8")):
            add((path.parent / other).resolve())
        if path not in found:
            found.append(path)

    for entry in entries:
        add(entry.resolve())
    return found


def check_names(paths: list[Path]):
    """Raise ValueError for a name that two modules have at their top, or that one imports and the other does not have.

    A browser would only say so when it runs them.
    """
    owners: dict[str, Path] = {}
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for name in names_at_top(text):
            if name in owners:
                raise ValueError(f"{owners[name].name} and {path.name} both have the name {name}")
            owners[name] = path
        for names, other in _IMPORT.findall(text):
            for name in filter(None, re.split(r"[\s,]+", names)):
                if owners.get(name) != (path.parent / other).resolve():
                    raise ValueError(f"{path.name} imports {name}, which {other} does not have")


def names_at_top(text: str) -> list[str]:
    """Return the names that a module declares at its top, imports left out."""
    names = _NAME.findall(text)
    for declared in _NAMES.findall(text):
        if declared[0] in "{[":
            names += re.findall(r"\w+", declared)
            continue
        count = 1
        while count:  # until only commas between declared names are left
            declared, count = _INNER.subn("", declared)
        names += re.findall(r"(?:^|,\s*(?=\w+\s*=[^=>]))(\w+)", declared)
    return names


def script(paths: list[Path], end: str = "") -> str:
    """Return ES modules as one classic script, in this order; end: what it does when it is loaded.

    They share one scope, so that no two of them may have a name in common. Raises ValueError for a script that would
    end the element in which it stands.
    """
    parts = []
    for path in paths:
        text = _IMPORT.sub("", path.read_text(encoding="utf-8"))
        parts.append(f"// ---- {path.parent.name}/{path.name}\n{_EXPORT.sub('', text)}")
    text = '"use strict";\n' + "\n".join(parts) + end
    if re.search(r"</script|<!--", text, re.IGNORECASE):
        raise ValueError("a script holds </script or <!--, which would end it in a page")
    return text


def fill(template: str, style: str, scripts: dict[str, str], data: dict[str, str]) -> str:
    """Return a template with what belongs at its marks, such as @PAGE@.

    style: of @STYLE@. scripts: texts by mark, which alone may run, as the policy at @POLICY@ says. data: texts that are
    no HTML, by mark.
    """
    texts = {"VERSION": escape(numpyssd.__version__), "STYLE": style, "POLICY": policy(scripts.values())}
    texts |= scripts | data
    return re.sub(r"@([A-Z]+)@", lambda mark: texts[mark[1]], template)


def policy(scripts) -> str:
    """Return the security policy of a page that runs these scripts and nothing else, and loads nothing."""
    hashes = (to_base64(hashlib.sha256(text.encode()).digest()) for text in scripts)
    allowed = [f"'sha256-{value}'" for value in hashes]
    if any("WebAssembly" in text for text in scripts):
        allowed.append("'wasm-unsafe-eval'")
    return (
        f"default-src 'none'; script-src {' '.join(allowed)}; worker-src blob:; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def embedded_json(value) -> str:
    """Return a value as JSON that can stand in a <script> of an HTML page, whatever its texts are."""
    return json.dumps(value).replace("<", "\\u003c")
