"""A page folds code that only draws, and no other."""

from lessons.course import percent
from lessons.course.figure_code import parts

DRAWS = "figure, ax = new_figure(size=(4, 4))\ndraw_image(ax, image)\nshow(figure, 'an image')"


def folded(*sources, tags=()):
    cells = [(source, tags) for source in sources]
    return [[fold for _, fold in cell] for cell in parts(cells)]


def test_a_cell_that_draws_is_folded():
    assert folded(DRAWS) == [[True]]
    assert folded("figure, axes = new_figure(1, 2)\nfor ax in axes:\n    ax.plot([0, 1])\nshow(figure, 'lines')") == [
        [True]
    ]
    assert folded("first_page.draw_causes(ax)") == [[True]]


def test_other_code_is_not():
    for other in (
        "assert x == 2",
        "print(x)",
        "def f(x):\n    ...",
        "x = softmax(conf)",
        "show_source(iou)",
        "check.iou(f)",
    ):
        assert folded(other) == [[False]]


def test_of_a_cell_only_the_part_that_draws_is_folded():
    (cell,) = parts([("x = softmax(conf)  # kept\n\n" + DRAWS + "\nprint(x)  # printed\n# the end", ())])
    assert cell == [("x = softmax(conf)  # kept", False), (DRAWS, True), ("print(x)  # printed\n# the end", False)]


def test_numbers_that_only_the_drawing_uses_are_folded_with_it():
    assert folded("names = [str(n) for n in labels]\n" + DRAWS) == [[True]]
    assert folded("names = softmax(conf)\n" + DRAWS) == [[False, True]]
    assert folded("names = [1, 2]\n" + DRAWS, "print(names)") == [[False, True], [False]]
    assert folded("names = [1, 2]\n" + DRAWS, "names = [3]\nprint(names)") == [[True], [False]]
    assert folded("names = [1, 2]\n" + DRAWS + "\nprint(names)") == [[False, True, False]]


def test_a_widget_is_made_in_the_code_of_its_figure():
    imports = "from lessons.course.widgets import boxes as box_widgets"
    assert folded(imports, "widget = box_widgets.two_boxes()\nshow_widget(widget, figure, 'boxes')") == [
        [False],
        [True],
    ]


def test_where_drawing_and_other_code_alternate_all_is_shown():
    assert folded("draw_image(ax, image)\nprint(1)\ndraw_image(ax, image)") == [[False]]


def test_tags_overrule_that():
    assert folded(DRAWS, tags=("code",)) == [[False]]
    assert folded("x = softmax(conf)", tags=("figure",)) == [[True]]


def test_the_parts_of_a_cell_are_its_code():
    for path in percent.lessons():
        cells = [cell for cell in percent.read_cells(path.read_text(encoding="utf-8")) if cell.kind == "code"]
        for cell, cut in zip(cells, parts([(cell.source, cell.tags) for cell in cells]), strict=True):
            lines = [line for part, _ in cut for line in part.splitlines() if line.strip()]
            assert lines == [line for line in cell.source.splitlines() if line.strip()]
