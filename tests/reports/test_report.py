import base64
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from numpyssd.cli.report import main
from numpyssd.drawing import new_figure
from numpyssd.errors import InputError
from numpyssd.reports import curves, page, report
from numpyssd.reports.report import duration, next_commands, write_report
from numpyssd.run.log import COLUMNS, Log, read_log, series, smooth

HEADER = ",".join(COLUMNS) + "\n"
VOID = ("meta", "img", "source", "link", "br")


class Page(HTMLParser):
    """What a browser would do with a page: texts, addresses, and whether every tag is closed."""

    def __init__(self, text):
        super().__init__()
        self.text, self.addresses, self.tags, self.open = "", [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "srcset", "href", "action", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text += data + "\n"


@pytest.fixture
def quick(monkeypatch):
    """Put a small image in the place of the curves, for the tests of the words around them."""
    buffer = io.BytesIO()
    Image.new("RGB", (4, 3), "blue").save(buffer, format="PNG")
    monkeypatch.setattr(report, "curves_png", lambda *_: buffer.getvalue())


def make_run(folder, rows=30, **settings_of_run):
    folder.mkdir(parents=True, exist_ok=True)
    log = Log(folder / "log.csv")
    for i in range(rows):
        common = {"iteration": 10 * i + 1, "epoch": i / 7, "seconds": 60.0 * (i + 1), "lr": 0.01 / (i + 1)}
        log.add(
            **common, loss=9 / (i + 1), loc=3 / (i + 1), conf=6 / (i + 1), positives=100 + i, negatives=300,
            gradient_norm=2.0, images_per_second=40.5,
        )  # fmt: skip
        if i % 10 == 9:
            log.add(**common, images_per_second=40.5, val_map={9: 0.4, 19: 0.625, 29: 0.5}[i])
    log.close()
    if settings_of_run:
        (folder / "config.json").write_text(json.dumps(settings_of_run), encoding="utf-8")
    return folder


def report_of(folder):
    return Page(write_report(folder).read_text(encoding="utf-8"))


def log_of(tmp_path, text):
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    return read_log(tmp_path / "log.csv")


# ---- the log ---------------------------------------------------------------------------------------------------------


def test_the_log_is_read_as_it_was_written(tmp_path):
    log = read_log(make_run(tmp_path) / "log.csv")
    assert set(log) == set(COLUMNS)
    x, y = series(log, "val_map")
    assert x.tolist() == [91, 191, 291]
    assert y.tolist() == [0.4, 0.625, 0.5]
    x, y = series(log, "loss")  # the rows of an evaluation have no loss, and are not taken for zero
    assert len(y) == 30
    assert y[0] == 9


def test_a_log_that_is_missing_empty_or_cut_short(tmp_path):
    assert len(read_log(tmp_path / "log.csv")["loss"]) == 0
    assert len(log_of(tmp_path, "")["loss"]) == 0
    assert len(log_of(tmp_path, HEADER)["loss"]) == 0
    log = log_of(tmp_path, HEADER + "1,0,1,0.1,5,2,3,7,21,1,9,\n11,0,2,0.1,4,1.")
    assert log["iteration"].tolist() == [1, 11]
    assert np.isnan(log["conf"][1])
    log = log_of(tmp_path, HEADER + "1,0,1,0.1,5,2,3,7,21,1,9,\n" + "\0" * 40)
    assert log["iteration"].tolist() == [1]


def test_what_is_not_finite_is_left_out_of_the_curves(tmp_path):
    log = log_of(
        tmp_path, HEADER + "1,0,1,.1,nan,2,3,7,21,1,9,\n2,0,1,.1,inf,2,3,7,21,1,9,\n3,0,1,.1,8,x,3,7,21,1,9,\n"
    )
    assert [values.tolist() for values in series(log, "loss")] == [[3], [8]]
    assert [values.tolist() for values in series(log, "loc")] == [[1, 2], [2, 2]]


def test_columns_of_a_later_or_an_earlier_version(tmp_path):
    log = log_of(tmp_path, "iteration,loss,novelty\n1,5,8\n")
    assert log["loss"].tolist() == [5]
    assert len(series(log, "val_map")[0]) == 0


@given(st.lists(st.floats(-100, 100), max_size=30), st.integers(1, 12))
@settings(deadline=None, max_examples=50)
def test_smooth_is_the_mean_of_the_neighbors(values, window):
    window_used = max(1, min(window, len(values)))
    before = window_used // 2
    expected = [np.mean(values[max(0, i - before) : i - before + window_used]) for i in range(len(values))]
    np.testing.assert_allclose(smooth(np.array(values), window), expected, atol=1e-9)


# ---- the curves ------------------------------------------------------------------------------------------------------


def draw(panel, log):
    _, ax = new_figure()
    panel(ax, log, curves.LIGHT)
    return ax


def test_loss_panel_draws_each_part_raw_and_smooth(tmp_path):
    ax = draw(curves.draw_loss, read_log(make_run(tmp_path) / "log.csv"))
    assert len(ax.lines) == 6
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["loss", "conf (what)", "loc (where)"]
    raw, smoothed = ax.lines[0].get_ydata(), ax.lines[1].get_ydata()
    assert raw[0] == 9
    assert len(smoothed) == len(raw)
    assert ax.get_yscale() == "log"


def test_learning_rate_is_on_a_logarithmic_scale(tmp_path):
    ax = draw(curves.draw_learning_rate, read_log(make_run(tmp_path) / "log.csv"))
    assert ax.get_yscale() == "log"
    assert ax.lines[0].get_ydata()[0] == 0.01


def test_validation_panel_rings_the_best(tmp_path):
    ax = draw(curves.draw_validation, read_log(make_run(tmp_path) / "log.csv"))
    assert (ax.lines[1].get_xdata()[0], ax.lines[1].get_ydata()[0]) == (191, 0.625)


def test_gradient_panel_draws_positives_on_an_axis_of_their_own(tmp_path):
    ax = draw(curves.draw_gradient, read_log(make_run(tmp_path) / "log.csv"))
    right = next(other for other in ax.figure.axes if other is not ax)
    assert right.lines[0].get_ydata().tolist() == list(range(100, 130))


ZEROS, NANS, ONE = "1" + ",0" * 11 + "\n", "1" + ",nan" * 11 + "\n", "5,,,1e-3,2,1,1,9,9,1,1,.5\n"


@pytest.mark.parametrize("panel", curves.PANELS)
@pytest.mark.parametrize("rows", ["", ZEROS, NANS, ONE])
def test_every_panel_stands_every_log(tmp_path, panel, rows):
    ax = draw(panel, log_of(tmp_path, HEADER + rows))
    ax.figure.draw_without_rendering()
    assert ax.get_title()
    drawn = [line for axes in ax.figure.axes for line in axes.lines]
    assert all(len(line.get_ydata()) for line in drawn)
    assert drawn or ax.texts


# ---- the page --------------------------------------------------------------------------------------------------------


def test_headline_numbers(tmp_path, quick):
    text = report_of(
        make_run(tmp_path, result={"mAP": 0.6117, "metric": "voc", "per_class": {"cat": 0.7, "dog": 0.5}})
    ).text
    for words in (
        "0.625",
        "best validation mAP, at iteration 191",
        "0.612",
        "30 min",
        "40.5",
        "291",
        "images per second",
    ):
        assert words in text


def test_classes_come_best_first_and_one_without_objects_last(tmp_path, quick):
    per_class = {"none": None, "cat": 0.25, "dog": 0.75, "nan": float("nan")}
    text = report_of(make_run(tmp_path, result={"mAP": float("nan"), "per_class": per_class})).text
    assert re.findall(r"dog|cat|none|nan|0\.750|0\.250|no objects", text) == [
        "dog", "0.750", "cat", "0.250", "none", "no objects", "nan", "no objects"
    ]  # fmt: skip


def test_the_page_asks_nobody_for_anything(tmp_path, quick):
    make_run(tmp_path, data="https://example.org/x")
    Image.new("RGB", (8, 8), "red").save(tmp_path / "data.png")
    seen = report_of(tmp_path)
    assert len(seen.addresses) == 9  # four curves by day and by night, and one image
    assert all(address.startswith("data:image/png;base64,") for address in seen.addresses)
    assert "script" not in seen.tags
    assert "url(" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_images_in_the_page_are_those_of_the_folder(tmp_path):
    make_run(tmp_path)
    Image.new("RGB", (8, 8), "red").save(tmp_path / "detections.png")
    addresses = report_of(tmp_path).addresses
    assert base64.b64decode(addresses[-1].split(",")[1]) == (tmp_path / "detections.png").read_bytes()
    with Image.open(tmp_path / "curves.png") as image:
        assert image.width > 1000


def test_what_comes_from_files_is_escaped(tmp_path, quick):
    evil = "<script>alert(1)</script>&\"'"
    folder = make_run(
        tmp_path / "a<b>",
        data=evil,
        result={"mAP": 0.5, "metric": evil, "per_class": {evil: 0.5}},
        **{evil: [evil, {evil: evil}], "table": [{evil: evil}]},
    )
    seen = report_of(folder)
    assert "script" not in seen.tags
    assert "b" not in seen.tags[seen.tags.index("body") : seen.tags.index("div")]
    assert seen.text.count("alert(1)") >= 8
    assert "a<b>" in seen.text


def test_settings_are_shown_as_a_person_would_write_them(tmp_path, quick):
    seen = report_of(make_run(tmp_path, lr=0.02, resume=False, width=None, sizes=[1, 2.5], recipe={"momentum": 0.9}))
    for words in ("0.02", "no", "–", "1, 2.5", "momentum", "0.9"):
        assert words in seen.text
    assert "details" in seen.tags


@pytest.mark.parametrize(
    "config", [None, "", "[1, 2]", '{"result": 5}', '{"result": {"per_class": [1], "mAP": "high"}}', "{broken", "\xff"]
)
def test_a_damaged_config_still_gives_the_curves(tmp_path, config, quick):
    make_run(tmp_path)
    if config is not None:
        (tmp_path / "config.json").write_bytes(config.encode("latin-1"))
    assert "0.625" in report_of(tmp_path).text


@pytest.mark.parametrize("text", [None, "", HEADER, HEADER + "1,nan,nan,nan,nan,nan,nan,nan,nan,nan,nan,nan\n"])
def test_a_run_without_numbers_still_gives_a_page(tmp_path, text, quick):
    if text is not None:
        (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    assert "What to type next" in report_of(tmp_path).text


def test_no_temporary_file_stays(tmp_path, quick):
    write_report(make_run(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curves.png", "log.csv", "report.html"]


def test_next_commands_quote_what_a_shell_would_split(tmp_path):
    folder = tmp_path / "my run"
    folder.mkdir()
    lines = next_commands(folder, {"data": "my data"})
    assert any(f"--weights '{folder}/best.npz' --data 'my data'" in line for line in lines)
    (folder / "last.npz").touch()  # a run without validation has no best.npz
    assert f"'{folder}/last.npz'" in next_commands(folder, {})[1]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (89, "89 s"), (91, "2 min"), (3599, "1 h 0 min"), (12000, "3 h 20 min")]
)
def test_durations(seconds, words):
    assert duration(seconds) == words


def test_tables_of_like_rows_have_one_head():
    html = page.table([{"name": "conv7", "size": 19}, {"name": "conv8_2", "size": 10}])
    assert html.count("<th>") == 2
    assert html.count("<tr>") == 3
    assert page.table([{"a": 1}, {"b": 2}]) == "a: 1, b: 2"
    assert page.table({}) == page.table([]) == page.table(None) == "–"


def test_a_folder_that_is_none_is_named(tmp_path, quick):
    with pytest.raises(InputError, match="nowhere is not a folder"):
        write_report(tmp_path / "nowhere")
    (tmp_path / "report.html").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write_report(tmp_path)


def test_the_command_writes_the_report_again(tmp_path, capsys, quick):
    assert main([str(make_run(tmp_path))]) == 0
    assert "report.html" in capsys.readouterr().out
