"""The shape of the package: which way imports go, that nothing needs a screen, and that each component draws itself."""

import ast
import functools
import importlib
import inspect
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "numpyssd"

# A room may import from its own line and from the lines above it. There are no exemptions: demonstrations stand in
# pictures/, which components reach by name alone (drawing.run_figure).
ORDER = (
    (
        "numpyssd",
        "errors",
        "console",
        "files",
        "json_files",
        "transfer",
        "contrast",
        "shell",
        "config",
        "softmax",
        "boxes",
        "figures",
        "fonts",
        "figure_text",
        "drawing",
    ),
    ("kernels",),
    ("layers", "detector"),
    ("model", "images", "datasets", "video"),
    ("weights",),
    ("training", "inference"),
    ("ssd",),
    ("rivals",),
    ("detectors",),
    ("ranks",),
    ("run", "onnx_graph", "browser"),
    ("reports", "pictures"),
    ("cli",),
    ("train", "evaluate", "detect", "explore", "export", "benchmark", "download"),
    ("__main__",),
)
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}

COMPONENTS = (
    "kernels.reference.conv2d",
    "kernels.reference.maxpool2d",
    "kernels.reference.relu",
    "kernels.reference.l2norm",
    "kernels.reference.batchnorm",
    "boxes",
    "model.base_network",
    "model.extra_layers",
    "model.predictors",
    "model.default_boxes",
    "model.box_coding",
    "model.ssd",
    "training.matching",
    "training.hard_negative_mining",
    "training.losses",
    "training.class_losses",
    "training.iou_loss",
    "training.multibox_loss",
    "training.augmentation.pipeline",
    "training.augmentation.crop_samplers",
    "training.augmentation.geometry",
    "training.augmentation.mosaic",
    "training.augmentation.copied_objects",
    "training.augmentation.photometric",
    "training.augmentation.resampling",
    "training.optimizer",
    "training.weight_average",
    "inference.nms",
    "inference.postprocess",
    "inference.average_precision",
    "inference.coco_metrics",
    "inference.error_split",
    "inference.error_costs",
    "inference.evaluation.bootstrap",
    "inference.evaluation.best_scores",
    "inference.evaluation.confusion",
    "rivals.yolo.grid_targets",
    "rivals.yolo.responsibility",
    "rivals.yolo.yolo_loss",
    "rivals.yolo.decoding",
    "rivals.yolo.network",
    "rivals.faster_rcnn.anchors",
    "rivals.faster_rcnn.anchor_targets",
    "rivals.faster_rcnn.proposals",
    "rivals.faster_rcnn.roi_pooling",
    "rivals.faster_rcnn.roi_align",
    "rivals.faster_rcnn.proposal_targets",
    "rivals.faster_rcnn.faster_rcnn_loss",
    "rivals.faster_rcnn.two_stages",
    "rivals.faster_rcnn.network",
)
# A network is drawn by its summary.
DRAWN_BY = {
    "model.ssd": "model.summary",
    "rivals.yolo.network": "rivals.yolo.summary",
    "rivals.faster_rcnn.network": "rivals.faster_rcnn.summary",
}


def imports(source):
    """Return the full names that a file's text imports, wherever in it: modules, and what is taken from them."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports here are written out from the top"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def part(name):
    """Return the part of the package that a name of it belongs to: ``numpyssd.model.ssd.SSD`` -> ``model``."""
    pieces = name.removesuffix(".__version__").split(".")
    return pieces[1] if len(pieces) > 1 else pieces[0]


def breaches(own, source):
    """Return what a file of the part ``own`` imports against the order, as sentences."""
    found = []
    for name in sorted(n for n in imports(source) if n.split(".")[0] == "numpyssd"):
        other = part(name)
        if other not in RANK:
            found.append(f"{name} is in no line of ORDER")
        elif RANK[other] > RANK[own]:
            found.append(f"{own} imports {name}, which comes after it")
        elif {own, other} == {"training", "inference"}:
            found.append(f"{own} imports {name}: training and inference never import each other")
    return found


def dotted(path):
    """Return the name under which a file is imported."""
    pieces = ("numpyssd", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(pieces[:-1] if pieces[-1] == "__init__" else pieces)


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_imports_go_one_way(path):
    own = part(dotted(path))
    assert own in RANK, f"say in ORDER where {own} belongs"
    assert breaches(own, path.read_text(encoding="utf-8")) == []


def circles(graph):
    """Return the circles of a graph, a dictionary from node to the set of those it points at, as sorted lists."""

    def reached(start):
        found, todo = set(), list(graph.get(start, ()))
        while todo:
            node = todo.pop()
            if node not in found:
                found.add(node)
                todo += graph.get(node, ())
        return found

    reach = {node: reached(node) for node in graph}
    return sorted({tuple(sorted(b for b in reach[a] if a in reach.get(b, ()))) for a in graph if a in reach[a]})


def test_no_files_import_one_another_in_a_circle():
    names = {dotted(path) for path in FILES}
    graph = {}
    for path in FILES:
        taken = imports(path.read_text(encoding="utf-8"))
        files = {name if name in names else name.rpartition(".")[0] for name in taken}
        graph[dotted(path)] = (files & names) - {"numpyssd"}
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [("b", "c")]
    assert circles(graph) == []


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_nothing_imports_pyplot(path):
    names = imports(path.read_text(encoding="utf-8"))
    assert not any("pyplot" in name or name.split(".")[0] == "pylab" for name in names)


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_matplotlib_waits_until_something_is_drawn(path):
    # Whoever imports the network must not pay for it, and what draws asks figures.py for it, whatever MPLBACKEND says.
    top = [
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not [name for node in top for name in imports(ast.unparse(node)) if name.split(".")[0] == "matplotlib"]


@functools.cache
def names_at_the_top(module):
    """Return the names that a file of this project, as ``"numpyssd.boxes"``, has at its top."""
    folder = ROOT.joinpath(*module.split("."))
    names = {piece.stem for piece in folder.iterdir()} if folder.is_dir() else set()
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    if not path.exists():
        return names
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def missing(source):
    """Return what a file's text takes by ``from … import …`` from a file of this project that does not have it."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in ("numpyssd", "tests", "benchmarks"):
            names = names_at_the_top(node.module)
            found += [f"{node.module}.{alias.name}" for alias in node.names if alias.name not in names]
    return found


@pytest.mark.parametrize("folder", ["numpyssd", "tests", "benchmarks", "lessons"])
def test_every_name_that_is_imported_exists(folder):
    # Read, not run: tests/oracle and tests/cuda need packages that are not installed here, and still may not rot.
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    assert {str(path.relative_to(ROOT)): missing(path.read_text(encoding="utf-8")) for path in files} == {
        str(path.relative_to(ROOT)): [] for path in files
    }


def test_the_checks_see_what_they_look_for():
    assert breaches("model", "from numpyssd.training import batches") != []
    assert breaches("model", "def f():\n    import numpyssd.cli.command") != []
    assert breaches("kernels", "from numpyssd import layers") != []
    assert breaches("training", "from numpyssd.inference.nms import nms") != []
    assert breaches("inference", "from numpyssd import training") != []
    assert breaches("model", "from numpyssd.elsewhere import x") != []
    assert breaches("model", "if __name__ == '__main__':\n    from numpyssd.training import batches") != []
    assert breaches("training", "from numpyssd.model.default_boxes import default_boxes\nimport numpy") == []
    assert imports("import matplotlib.pyplot as plt") == {"matplotlib.pyplot"}
    assert missing("from numpyssd.boxes import iou, uoi") == ["numpyssd.boxes.uoi"]
    assert missing("def f():\n    from numpyssd.boxen import iou") == ["numpyssd.boxen.iou"]
    assert missing("from numpyssd import boxes\nfrom numpyssd.kernels.reference import conv2d") == []


def test_a_figure_of_the_package_run_by_python_itself_has_nothing_to_complain_of(tmp_path):
    # kernels.reference imports its modules, and Python warns of running one that has been imported already.
    command = [sys.executable, "-m", "numpyssd.kernels.reference.relu", "--out", str(tmp_path / "relu.png")]
    result = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")
    assert (tmp_path / "relu.png").exists()


def exists(name):
    return PACKAGE.joinpath(*name.split(".")).with_suffix(".py").exists()


@pytest.mark.parametrize("name", COMPONENTS)
def test_each_component_draws_itself_as_a_command(name, tmp_path, monkeypatch, capsys):
    if not exists(name):
        pytest.skip(f"{name} is not written yet")
    module = importlib.import_module(f"numpyssd.{DRAWN_BY.get(name, name)}")
    drawers = [f for f in vars(module).values() if inspect.isfunction(f) and f.__name__.startswith("draw_")]
    own = [f for f in drawers if f.__module__ == module.__name__]
    assert own, f"{name} has no draw_ function"
    assert all(list(inspect.signature(f).parameters)[0] in ("ax", "axes") for f in own)
    out = tmp_path / "figure.png"
    monkeypatch.setattr(sys, "argv", [name, "--out", str(out)])
    monkeypatch.chdir(tmp_path)
    code = 0
    try:
        runpy.run_path(str(PACKAGE.joinpath(*name.split(".")).with_suffix(".py")), run_name="__main__")
    except SystemExit as stop:
        code = stop.code
    assert not code
    assert out.read_bytes().startswith(b"\x89PNG")
    assert out.stat().st_size > 5000  # more than an empty figure
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]
    assert "figure written to" in capsys.readouterr().out
