"""lessons/paper_caffe_others.md: all known differences are there, each switch exists, the figures hold."""

import ast
import importlib
import inspect
import re
import sys
from pathlib import Path

import pytest

from benchmarks import differences, differences_detection
from benchmarks.differences import First, matches, rules_of_default_boxes
from numpyssd.config import SSD300, SSD300_COCO, SSD512, SSD512_COCO, TINY
from numpyssd.datasets.analysis.coverage import all_objects
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.pictures.default_box_differences import difference, rules

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "lessons" / "paper_caffe_others.md").read_text(encoding="utf-8")
ROWS = ("the paper", "Caffe", "others", "numpyssd", "switch", "effect")


def entries(page):
    """Return {number: (title, {row: text})} of the page."""
    found = {}
    for part in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        number, title = re.match(r"(\d+)\. (.+)", part).groups()
        rows = dict(re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", part.split("\n## ")[0], flags=re.MULTILINE))
        assert int(number) not in found
        found[int(number)] = title, rows
    return found


ENTRIES = entries(PAGE)
SWITCHES = sorted({name for _, rows in ENTRIES.values() for name in re.findall(r"`(.+?)`", rows["switch"])})


def check_switch(name):
    """Raise AssertionError unless ``module.function(argument=value)`` names an argument that there is."""
    parsed = re.fullmatch(r"([a-z0-9_.]+)\.([A-Za-z0-9_]+)\(([a-z0-9_]+)=(.+)\)", name)
    assert parsed, f"{name} is not written module.function(argument=value)"
    module = importlib.import_module(f"numpyssd.{parsed[1]}")
    function = getattr(module, parsed[2], None)
    assert function is not None, f"numpyssd.{parsed[1]} has no {parsed[2]}"
    parameters = inspect.signature(function).parameters
    assert parsed[3] in parameters, f"{parsed[2]} takes {', '.join(parameters)}, not {parsed[3]}"
    value = ast.literal_eval(parsed[4])
    if isinstance(value, str):
        # The word must stand in the module, or in one that it takes a function from.
        functions = [f for f in vars(module).values() if inspect.isfunction(f)]
        modules = {module, *(sys.modules[f.__module__] for f in functions if f.__module__.startswith("numpyssd."))}
        assert any(f'"{value}"' in inspect.getsource(m) for m in modules), f"numpyssd.{parsed[1]} knows no {value!r}"


def test_all_differences_are_there_and_each_says_everything():
    assert list(ENTRIES) == list(range(1, max(ENTRIES) + 1))
    assert max(ENTRIES) >= 28
    for number, (title, rows) in ENTRIES.items():
        assert tuple(rows) == ROWS, f"{number}. {title}"
        assert all(rows.values()), f"{number}. {title}"


@pytest.mark.parametrize("name", SWITCHES)
def test_each_switch_exists(name):
    check_switch(name)


def test_the_check_of_switches_sees_what_it_looks_for():
    check_switch('training.matching.match(rule="argmax")')
    for wrong in (
        'training.matching.match(rule="best")',
        'training.matching.match(ruling="argmax")',
        'training.matching.matches(rule="argmax")',
        "training.matching.match",
    ):
        with pytest.raises(AssertionError):
            check_switch(wrong)


def test_an_entry_without_a_switch_says_none_and_one_without_a_figure_says_so():
    for number, (title, rows) in ENTRIES.items():
        assert "`" in rows["switch"] or rows["switch"].startswith("none"), f"{number}. {title}"
        effect = rows["effect"]
        assert re.search(r"\d|python -m", effect) or "ot measured here" in effect, f"{number}. {title}"


def test_links_and_commands_lead_somewhere():
    headings = {
        re.sub(r"[^a-z0-9 -]", "", f"{n}. {title}".lower()).replace(" ", "-") for n, (title, _) in ENTRIES.items()
    }
    links = re.findall(r"\]\(#(.+?)\)", PAGE)
    assert links
    assert set(links) <= headings
    for module in set(re.findall(r"python -m ([a-z0-9_.]+)", PAGE)):
        assert ROOT.joinpath(*module.split(".")).with_suffix(".py").exists(), module
    for path in re.findall(r"\((tests/.+?\.py)\)", PAGE):
        assert (ROOT / path).exists(), path


def test_the_figures_of_the_default_boxes_are_as_measured():
    def moved(config, name):
        return str(difference(config, rules(config)[name]).moved.sum())

    effects = {number: rows["effect"] for number, (_, rows) in ENTRIES.items()}
    assert moved(SSD300, "the paper's scales") in effects[1]
    assert moved(SSD512, "fractions of pixels") in effects[2]
    assert moved(SSD512_COCO, "fractions of pixels") in effects[2]
    assert moved(SSD300, "centers by cell") in effects[3]
    for config in (SSD300, SSD300_COCO):
        for mode in ("cxcywh", "size"):
            assert f"{mode} {moved(config, f'clip {mode}')}" in effects[4]
    assert f"corners {moved(SSD300, 'clip corners')}" in effects[4]


def test_the_figures_of_the_network_are_as_measured():
    effects = {number: rows["effect"] for number, (_, rows) in ENTRIES.items()}
    for number, text in differences.network():
        for figure in re.findall(r"\d+\.\d+|\d{3}", text):
            assert figure in effects[number]


def test_matching_is_measured_as_the_page_tells():
    objects = all_objects(First(ShapesDataset(200), 200))
    lines = list(matches(objects, TINY))
    without = [re.findall(r"(?:bipartite|argmax|threshold) (\d+)", text) for number, text in lines if number == 29]
    effect = ENTRIES[29][1]["effect"]
    assert f"of {len(objects.boxes)}: {', '.join(without[0])} and {', '.join(without[2])}" in effect


def test_rules_of_default_boxes_reach_what_reach_says():
    objects = all_objects(First(ShapesDataset(10), 10))
    lines = {text.split(":")[0]: text for _, text in rules_of_default_boxes(objects, TINY)}
    assert "288 of 1504" in lines["tiny, the paper's scales"]
    assert f"of {len(objects.boxes)} objects" in lines["tiny, Caffe"]


def test_the_command_prints_every_entry_that_it_measures(capsys):
    differences.main(["--images", "8"])
    lines = capsys.readouterr().out.splitlines()
    numbers = {int(line.split()[0]) for line in lines[1:-1]}
    measured = {n for n, (_, rows) in ENTRIES.items() if not rows["effect"].startswith(("Not measured", "`", "A cell"))}
    assert measured - {24} <= numbers  # the schedule is plain arithmetic
    assert numbers <= set(ENTRIES)


def test_a_simulated_network_finds_most_objects():
    from numpyssd.model.default_boxes import default_boxes

    scenes, defaults = [ShapesDataset(20, size=300)[i] for i in range(20)], default_boxes(SSD300)
    outputs = [differences_detection.simulate_detector(scene, defaults, i) for i, scene in enumerate(scenes)]
    found = differences_detection.detect(scenes, outputs, defaults)
    assert 0.5 < differences_detection.score(found, scenes, ShapesDataset.class_names) < 0.99
