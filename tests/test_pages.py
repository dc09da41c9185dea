"""The pages: their links, and the files, modules and targets that they name, are there; the code in them runs."""

import importlib
import os
import re
from pathlib import Path

import pytest

from numpyssd.weights import load_model

ROOT = Path(__file__).resolve().parents[1]
FETCHED = ("bccd", "shapes", "VOCdevkit", "coco", "downloads")  # folders of data/ that a command makes
PLACEHOLDER = "NAME|FORMAT|NN_"
REMOVED = ("data/tiny.npz",)  # the changelog says where it went
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "data/README.md",
    "lessons/README.md",
    "lessons/WRITING.md",
) + tuple(path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").glob("*.md")))
WITHOUT_LINKS = {"data/README.md", "docs/commands.md"}


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def headings(page):
    """Return the anchors of a page's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_the_pages_leads_somewhere(page):
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text_of(page)) if "://" not in link]
    assert links or page in WITHOUT_LINKS
    for link in links:
        path, _, anchor = link.partition("#")
        place = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert place.exists(), link
        if anchor:
            assert anchor in headings(place.relative_to(ROOT).as_posix()), link


@pytest.mark.parametrize("page", PAGES)
def test_every_file_module_and_target_that_a_page_names_exists(page):
    text = text_of(page)
    for name in re.findall(r"`((?:numpyssd|tests|lessons|benchmarks|docs|data)/[\w/.]+)`", text):
        if name.split("/")[1] not in FETCHED and not re.search(PLACEHOLDER, name) and name not in REMOVED:
            assert (ROOT / name).exists(), name
    for module in re.findall(r"python -m ((?:numpyssd|benchmarks|lessons)[a-z0-9_.]*)", text):
        assert exists(module), module
    for target in re.findall(r"(?:`|^    )make ([a-z][a-z-]*)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", text_of("Makefile"), re.MULTILINE), target


def exists(module):
    place = ROOT.joinpath(*module.rstrip(".").split("."))
    return place.with_suffix(".py").exists() or (place / "__main__.py").exists()


def test_every_command_of_the_map_exists():
    modules = re.findall(r"`((?:kernels\.reference|model|training|inference)\.\w+)`", text_of("README.md"))
    assert len(modules) > 10
    for name in modules:
        assert exists(f"numpyssd.{name}"), name


def test_the_readme_is_short():
    assert len(text_of("README.md").splitlines()) <= 130


def test_the_lines_for_windows_are_those_without_make():
    lines = re.findall(r"^    (.*\S)", text_of("README.md"), re.MULTILINE)
    without_make = [line for line in lines if line.startswith(("python3 ", ".venv/bin/python "))]
    on_windows = [line for line in lines if line.startswith(("py ", ".venv\\Scripts\\python "))]
    assert len(without_make) == 4
    assert on_windows == [
        line.replace("python3 ", "py ").replace(".venv/bin/", ".venv\\Scripts\\") for line in without_make
    ]


def test_every_page_of_docs_is_in_its_index():
    names = {page.removeprefix("docs/") for page in PAGES if page.startswith("docs/")} - {"README.md"}
    assert names == set(re.findall(r"\]\(([\w.]+)\)", text_of("docs/README.md")))


def test_the_moved_modules_are_where_the_changelog_says():
    rows = re.findall(r"^\| `(numpyssd[\w.]+)` \| (.+) \|$", text_of("CHANGELOG.md"), re.MULTILINE)
    assert len(rows) > 30
    for before, now in rows:
        assert not exists(before), before
        for name in re.findall(r"`([\w.]+)`", now):
            assert exists(name), name


def test_the_new_names_of_the_changelog_are_there():
    rows = re.findall(r"^\| `\w+` \| `(numpyssd[\w.]+)\.(\w+)` \|$", text_of("CHANGELOG.md"), re.MULTILINE)
    assert len(rows) > 5
    for module, name in rows:
        assert hasattr(importlib.import_module(module), name), name


def test_the_code_of_the_page_on_the_library_runs(monkeypatch, tmp_path):
    try:
        os.symlink(ROOT / "data", tmp_path / "data")
    except OSError as reason:
        pytest.skip(f"no link can be made here: {reason}")
    monkeypatch.chdir(tmp_path)
    names = {}
    for code in re.findall(r"```python\n(.+?)```", text_of("docs/library.md"), re.DOTALL):
        exec(code, names)
    assert (names["loc"].shape, names["conf"].shape) == ((1, 8732, 4), (1, 8732, 21))
    assert sum(parameter.value.size for parameter in names["SSD"](names["SSD300"]).parameters().values()) == 26_285_486
    assert names["names"]
    assert names["result"].mean > 0.8
    assert load_model(tmp_path / "runs/mine/last.npz").config.norm_scale == 10
