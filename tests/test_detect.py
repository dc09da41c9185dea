import contextlib
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from numpyssd import detect, weights
from numpyssd.boxes import iou
from numpyssd.cli import images, inputs, lines
from numpyssd.config import SSD300, TINY
from numpyssd.datasets.shapes import example
from numpyssd.drawing import COLORS
from numpyssd.errors import InputError
from numpyssd.images.read import read_image
from numpyssd.model.box_coding import decode
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.reports import annotate
from numpyssd.reports.explain import SUPPRESSED_SHOWN, explain
from numpyssd.reports.trace import origin, trace_best

NAMES = ("ellipse", "ring", r"a$\bad{$", "triangle", "cross")
ORIENTATION = 0x0112


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Weights that have learned nothing, and so find something everywhere: of six classes one is over 1 / 6."""
    path = tmp_path_factory.mktemp("weights") / "tiny.npz"
    weights.save(SSD(TINY), path, NAMES)
    return path


@pytest.fixture(scope="module")
def model(checkpoint):
    return weights.load_model(checkpoint)


@pytest.fixture
def image_path(tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(example(120)[0][:80]).save(path)  # 120 wide, 80 high
    return path


@pytest.fixture
def run(checkpoint, tmp_path, capsys):
    """Run the command in this process; return its code, its lines and what it wrote to standard error."""

    def run_command(*arguments, out=tmp_path / "out"):
        code = detect.main([*map(str, arguments), "--weights", str(checkpoint), "--out", str(out)])
        written = capsys.readouterr()
        return code, written.out.splitlines(), written.err

    return run_command


# ---- what is printed -------------------------------------------------------------------------------------------------


def test_json_is_one_line_for_each_image_in_the_fixed_form(run, image_path, model):
    code, lines, errors = run(image_path, "--json", "--score", "0.2")
    assert (code, len(lines), errors) == (0, 1, "")
    answer = json.loads(lines[0])
    assert list(answer) == ["image", "width", "height", "detections"]
    assert (answer["image"], answer["width"], answer["height"]) == (str(image_path), 120, 80)
    assert answer["detections"]
    for found in answer["detections"]:
        assert list(found) == ["label", "score", "box"]
        assert found["label"] in NAMES
        assert 0.2 < found["score"] <= 1
        x1, y1, x2, y2 = found["box"]
        assert 0 <= x1 <= x2 <= 120
        assert 0 <= y1 <= y2 <= 80
    scores = [found["score"] for found in answer["detections"]]
    assert scores == sorted(scores, reverse=True)
    trace = trace_best(model, read_image(image_path))
    first = answer["detections"][0]
    assert first["label"] == NAMES[trace.label - 1]
    assert first["score"] == pytest.approx(trace.probabilities[trace.label], abs=1e-6)
    assert first["box"] == pytest.approx(np.clip(trace.box, 0, 1) * [120, 80, 120, 80], abs=0.01)


def test_people_get_a_short_line_with_the_best(run, image_path, tmp_path):
    code, lines, _ = run(image_path, "--score", "0.2")
    assert (code, len(lines)) == (0, 1)
    assert lines[0].startswith(f"{image_path}: ")
    assert "found: " in lines[0]
    assert " ms) -> " in lines[0]
    assert lines[0].endswith(str(tmp_path / "out" / "photo.png"))
    assert len(re.findall(r" [01]\.\d\d", lines[0])) == 4  # the best four


def test_words():
    assert lines.summary([], [], 0.5) == "nothing scores over 0.5"
    assert lines.summary(["cat"], [0.876], 0.5) == "1 found: cat 0.88"
    assert lines.summary(["a\nb"], [0.876], 0.5) == "1 found: a\\u000ab 0.88"
    assert lines.summary(["a"] * 5, [0.9] * 5, 0.5) == "5 found: a 0.90, a 0.90, a 0.90, a 0.90, …"


def test_a_score_of_one_finds_nothing_and_says_so(run, image_path, tmp_path):
    code, lines, _ = run(image_path, "--score", "1")
    assert code == 0
    assert "nothing scores over 1" in lines[0]
    assert (tmp_path / "out" / "photo.png").exists()
    assert json.loads(run(image_path, "--score", "1", "--json")[1][0])["detections"] == []


@pytest.mark.parametrize("score", ["-0.1", "1.5", "nan", "inf"])
def test_a_score_that_is_no_probability(run, image_path, score):
    with pytest.raises(InputError, match="from 0 to 1"):
        run(image_path, f"--score={score}")


# ---- which images --------------------------------------------------------------------------------------------------


def test_a_folder_gives_its_images_by_name_and_not_those_in_its_folders(run, tmp_path):
    folder = tmp_path / "in"
    (folder / "deeper").mkdir(parents=True)
    for name in ("b.JPG", "a.PnG", "c.webp", "deeper/d.png", ".hidden.png"):
        Image.new("RGB", (20, 20)).save(folder / name)
    (folder / "notes.txt").write_text("no image")
    (folder / "e.png").mkdir()
    code, lines, _ = run(folder, "--json")
    assert code == 0
    assert [json.loads(line)["image"] for line in lines] == [
        str(folder / name) for name in ("a.PnG", "b.JPG", "c.webp")
    ]


def test_one_bad_file_does_not_stop_the_others(run, image_path, tmp_path):
    bad, empty = tmp_path / "bad.png", tmp_path / "empty.jpg"
    bad.write_text("no image at all")
    empty.touch()
    code, lines, errors = run(tmp_path / "missing.png", bad, image_path, empty, "--json")
    assert code == 2
    assert [json.loads(line)["image"] for line in lines] == [str(image_path)]
    assert (tmp_path / "out" / "photo.png").exists()
    errors = errors.splitlines()
    assert len(errors) == 3
    for line, name in zip(errors, ("missing.png", "bad.png", "empty.jpg")):
        assert line.startswith("error: ")
        assert name in line


def test_a_folder_with_bad_files_does_the_others_and_names_each(run, image_path, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    good = image_path.read_bytes()
    for name in ("a.png", "m über alles.PNG", "z.png"):
        (folder / name).write_bytes(good)
    bad = ["b.jpg", "c.png", "d.HEIC", "e.gif"]
    (folder / "b.jpg").write_bytes(b"")
    (folder / "c.png").write_bytes(good[: len(good) // 2])
    (folder / "d.HEIC").write_bytes(b"\0\0\0\x18ftypheic")
    (folder / "e.gif").write_text("no image")
    with contextlib.suppress(OSError):  # on Windows links need a right, and no name has two lines
        (folder / "f.png").symlink_to(tmp_path / "nowhere.png")
        bad.append("f.png")
    with contextlib.suppress(OSError):
        (folder / "g\nh.png").write_text("no image either")
        bad.append("g\nh.png")
    code, lines, errors = run(folder, "--json")
    assert code == 2
    done = [folder / name for name in ("a.png", "m über alles.PNG", "z.png")]
    assert [json.loads(line)["image"] for line in lines] == list(map(str, done))
    assert len(list((tmp_path / "out").iterdir())) == 3
    errors = errors.splitlines()
    assert len(errors) == len(bad)
    for line, name in zip(errors, bad):
        assert line.startswith("error: ")
        assert name.replace("\n", "\\u000a") in line


def test_a_folder_without_images(run, tmp_path):
    (tmp_path / "in").mkdir()
    code, lines, errors = run(tmp_path / "in")
    assert (code, lines) == (2, [])
    assert errors.startswith("error: ")
    assert "holds no images" in errors
    assert errors.count("\n") == 1


def test_an_image_named_twice_is_taken_once(tmp_path):
    Image.new("RGB", (5, 5)).save(tmp_path / "a.png")
    images, errors = inputs.find_images([tmp_path / "a.png", tmp_path, tmp_path / "." / "a.png"])
    assert images == [tmp_path / "a.png"]
    assert errors == []


def test_wrong_weights_and_a_wrong_folder(image_path, tmp_path, checkpoint):
    with pytest.raises(InputError, match="none.npz does not exist"):
        detect.main([str(image_path), "--weights", str(tmp_path / "none.npz")])
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file cannot be made a folder"):
        detect.main([str(image_path), "--weights", str(checkpoint), "--out", str(tmp_path / "file")])


# ---- names of what is written ----------------------------------------------------------------------------------------


def test_outputs_never_overwrite_each_other(run, tmp_path):
    for name in ("a/x.jpg", "b/x.jpg", "b/X.png", "b/y.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.new("RGB", (20, 20)).save(tmp_path / name)
    code, lines, _ = run(tmp_path / "a", tmp_path / "b")
    assert code == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["X-2.png", "x-3.png", "x.png", "y.png"]
    assert {line.split(" -> ")[1] for line in lines} == {str(tmp_path / "out" / name) for name in written}


def test_outputs_never_overwrite_the_images_themselves(run, image_path, tmp_path):
    before = image_path.read_bytes()
    assert run(image_path, out=tmp_path)[0] == 0
    assert image_path.read_bytes() == before
    assert (tmp_path / "photo-2.png").exists()


@given(
    st.lists(st.sampled_from(["x.jpg", "X.png", "x.explain.png", "x-2.jpg", "x-2.explain.jpg", "y.jpg"]), max_size=9)
)
@settings(deadline=None, max_examples=50)
def test_names_differ_whatever_the_images_are_called(tmp_path_factory, files):
    out = tmp_path_factory.getbasetemp()
    images = [out / str(i) / name for i, name in enumerate(files)]
    suffixes = (".png", ".explain.png")
    written = [name + suffix for name in inputs.output_names(images, out, suffixes) for suffix in suffixes]
    assert len({name.lower() for name in written}) == len(written) == 2 * len(files)


# ---- images of every kind ------------------------------------------------------------------------------------------


def as_one_bit(image):
    return image.convert("1")


def as_gray_and_transparent(image):
    return as_transparent(image).convert("LA")


def as_animated(image):
    return image


def as_gray(image):
    return image.convert("L")


def as_palette(image):
    return image.convert("P")


def as_transparent(image):
    image = image.convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def as_cmyk(image):
    return image.convert("CMYK")


def as_16_bit(image):
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (as_gray, "gray.jpg"),
        (as_one_bit, "one_bit.png"),
        (as_gray_and_transparent, "la.png"),
        (as_animated, "animated.webp"),
        (as_animated, "deceiving.jpg"),
        (as_palette, "palette.gif"),
        (as_transparent, "transparent.png"),
        (as_cmyk, "cmyk.jpg"),
        (as_16_bit, "deep.png"),
    ],
)
def test_an_image_of_any_mode_is_detected_in_as_a_viewer_shows_it(run, image_path, tmp_path, change, name):
    more = {
        "animated.webp": {"save_all": True, "append_images": [Image.new("RGB", (120, 80))], "lossless": True},
        "deceiving.jpg": {"format": "PNG"},
    }.get(name, {})
    with Image.open(image_path) as image:
        change(image).save(tmp_path / name, **more)
    shown = tmp_path / "shown.png"
    Image.fromarray(read_image(tmp_path / name)).save(shown)
    code, lines, _ = run(tmp_path / name, shown, "--json", "--score", "0.2")
    assert code == 0
    first, second = map(json.loads, lines)
    assert first["detections"] == second["detections"] != []
    with Image.open(tmp_path / "out" / f"{shown.stem}.png") as written:
        assert written.mode == "RGB"


ROTATED = {  # how a viewer turns what is stored (Exif 2.3, table 6), and what it does with numbers that mean nothing
    0: None,
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
    9: None,
    65535: None,
}


def test_boxes_are_in_pixels_of_the_image_as_the_camera_was_held(run, image_path, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    with Image.open(image_path) as image:
        for orientation, turn in ROTATED.items():
            exif = Image.Exif()
            exif[ORIENTATION] = orientation
            image.save(folder / f"{orientation:05}-stored.png", exif=exif)
            (image if turn is None else image.transpose(turn)).save(folder / f"{orientation:05}-upright.png")
    found = list(map(json.loads, run(folder, "--json", "--score", "0.2")[1]))
    assert len(found) == 2 * len(ROTATED)
    for orientation, first, second in zip(ROTATED, found[::2], found[1::2]):
        assert f"{orientation:05}-stored" in first["image"]
        assert (first["width"], first["height"]) == ((80, 120) if 5 <= orientation <= 8 else (120, 80))
        assert first["detections"] == second["detections"] != []
        with Image.open(tmp_path / "out" / f"{orientation:05}-stored.png") as written:
            assert (written.height > written.width) == (5 <= orientation <= 8)


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1), (3, 7)])
def test_very_small_and_very_long_images_are_detected_in(run, tmp_path, size):
    Image.new("RGB", size, "red").save(tmp_path / "odd.png")
    code, lines, errors = run(tmp_path / "odd.png", "--json", "--score", "0.1", "--explain")
    assert (code, errors) == (0, "")
    answer = json.loads(lines[0])
    assert (answer["width"], answer["height"]) == size
    for found in answer["detections"]:
        x1, y1, x2, y2 = found["box"]
        assert 0 <= x1 <= x2 <= size[0]
        assert 0 <= y1 <= y2 <= size[1]


# ---- the annotated image -------------------------------------------------------------------------------------------


def rgb(color):
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))


def test_boxes_and_labels_are_drawn_where_they_belong():
    image = np.full((400, 600, 3), 90, np.uint8)
    drawn = np.asarray(annotate.annotate(image, np.array([[100, 150, 300, 350.0]]), [1], [0.9], NAMES))
    assert drawn.shape == image.shape
    orange = (drawn == rgb(COLORS["prediction"])).all(axis=2)
    rows, columns = np.nonzero(orange[150:])  # without the label, which lies above the box
    assert (rows.min() + 150, rows.max() + 150) == (150, 349)
    assert (columns.min(), columns.max()) == (100, 299)
    assert orange[133:150].any(axis=0).sum() > 60  # the label
    assert (drawn[200:300, 150:250] == 90).all()  # the inside is left as it was
    assert (image == 90).all()  # and so is the array that was given


@pytest.mark.parametrize(("width", "height"), [(1, 1), (32, 32), (640, 480), (4000, 32), (32, 2000), (3000, 2000)])
def test_labels_can_be_read_at_any_size(width, height):
    image = np.full((height, width, 3), 90, np.uint8)
    boxes = np.array([[0, 0, width, height], [0.4 * width, 0.4 * height, 0.6 * width, 0.6 * height]], float)
    drawn = annotate.annotate(image, boxes, [1, 2], [0.9, 0.8], NAMES)
    factor = drawn.width / width
    assert factor == drawn.height / height == annotate.enlargement(width, height)
    assert max(drawn.size) >= 360
    assert max(drawn.size) <= max(2000, width, height)
    found = np.asarray(drawn)
    for label in (1, 2):
        color = (found == rgb(annotate.class_color(label))).all(axis=2)
        assert color.any(axis=1).sum() >= 13  # as many rows as letters need


def test_images_without_detections_stay_as_they_are():
    image = example(400)[0]
    drawn = annotate.annotate(image, np.zeros((0, 4)), np.zeros(0, int), np.zeros(0), NAMES)
    np.testing.assert_array_equal(np.asarray(drawn), image)


@given(
    st.lists(st.tuples(*[st.integers(-50, 700)] * 4), min_size=1, max_size=30),
    st.tuples(st.integers(20, 600), st.integers(14, 400)),
)
@settings(deadline=None, max_examples=50)
def test_labels_stay_in_the_image(boxes, size):
    taken = []
    for x1, y1, x2, y2 in boxes:
        box = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
        place = annotate.label_place(box, 20, 14, size, 3, taken)
        assert (place[2] - place[0], place[3] - place[1]) == (20, 14)
        assert place[0] >= 0
        assert place[1] >= 0
        assert place[2] <= size[0]
        assert place[3] <= size[1]
        taken.append(place)


def test_a_label_makes_room_for_the_one_before_it():
    first = annotate.label_place((50, 100, 150, 200), 60, 15, (400, 400), 2, [])
    assert first == (49, 85, 109, 100)  # above the box
    second = annotate.label_place((50, 100, 150, 200), 60, 15, (400, 400), 2, [first])
    assert second[1] >= 100
    high = annotate.label_place((50, 3, 150, 200), 60, 15, (400, 400), 2, [])
    assert high[1] < 20  # no room above: inside, or moved down a little


def test_colors_of_classes_differ_and_stay():
    colors = [annotate.class_color(label) for label in range(1, 81)]
    assert colors[0] == COLORS["prediction"]
    assert len(set(colors)) == 80
    assert annotate.text_color("#F0E442") == "black"
    assert annotate.text_color("#0072B2") == "white"


def test_long_names_are_shortened_in_the_middle():
    text = annotate.shortened("a very long name of a class 0.93", 13, 100)
    assert annotate.text_width(text, 13) <= 100
    assert text.startswith("a v")
    assert text.endswith("0.93")
    assert annotate.shortened("cat 0.93", 13, 100) == "cat 0.93"


def test_pages_that_are_not_read_are_noted_once(run, tmp_path):
    pages = [Image.new("RGB", (32, 32), color) for color in ("red", "blue")]
    for name in ("a.tif", "b.tif"):
        pages[0].save(tmp_path / name, save_all=True, append_images=pages[1:])
    code, found, errors = run(tmp_path / "a.tif", tmp_path / "b.tif", "--json")
    assert (code, len(found)) == (0, 2)
    sentence = "the image has 2 pages, and the first of them is read (2 images like this one)"
    assert errors == f"note: {tmp_path / 'a.tif'}: {sentence}\n"


# ---- the explanation -------------------------------------------------------------------------------------------------


def test_explain_writes_a_second_image(run, image_path, tmp_path):
    code, lines, _ = run(image_path, "--explain", "--json")
    assert (code, len(lines)) == (0, 1)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["photo.explain.png", "photo.png"]
    with Image.open(tmp_path / "out" / "photo.explain.png") as drawn:
        assert drawn.width > 1000


def test_trace_follows_the_best_box_back(model):
    image = example(96)[0]
    trace = trace_best(model, image)
    defaults = default_boxes(TINY)
    np.testing.assert_array_equal(trace.default_box, defaults[trace.row])
    np.testing.assert_allclose(decode(trace.offsets[None], trace.default_box[None])[0], trace.box, rtol=1e-5)
    assert trace.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert trace.label == trace.probabilities[1:].argmax() + 1
    assert len(trace.suppressed) == len(trace.suppressed_scores)
    assert (iou(trace.box[None], trace.suppressed) > 0.45).all()
    assert (np.diff(trace.suppressed_scores) <= 0).all()
    assert (trace.suppressed_scores <= trace.probabilities[trace.label]).all()


@pytest.mark.parametrize("config", [TINY, SSD300])
def test_origin_inverts_the_order_of_default_boxes(config):
    defaults = default_boxes(config) * config.image_size
    for row in (0, 1, 5, len(defaults) // 2, len(defaults) * 4 // 5, len(defaults) - 1):
        feature_map, i, j, box = origin(config, row)
        assert defaults[row, 0] == pytest.approx((j + 0.5) * feature_map.step, rel=1e-5)
        assert defaults[row, 1] == pytest.approx((i + 0.5) * feature_map.step, rel=1e-5)
        assert 0 <= box < feature_map.boxes_per_cell
    assert origin(config, 2)[1:] == (0, 0, 2)
    with pytest.raises(ValueError, match="row must be"):
        origin(config, len(defaults))


def test_explanation_draws_every_step(model):
    image = example(96)[0][:60]
    trace = trace_best(model, image)
    figure = explain(model, image, 0.5)
    way, numbers, classes = figure.axes
    assert len(way.patches) == min(len(trace.suppressed), SUPPRESSED_SHOWN) + 2
    last = way.patches[-1]
    drawn = (last.get_x(), last.get_y(), last.get_x() + last.get_width(), last.get_y() + last.get_height())
    assert drawn == pytest.approx(trace.box * [96, 60, 96, 60])
    text = numbers.texts[0].get_text()
    assert f"default box {trace.row}: " in text
    assert f"{trace.offsets[2]:+5.2f}" in text
    assert [bar.get_width() for bar in classes.patches] == pytest.approx(sorted(trace.probabilities, reverse=True))
    assert classes.get_title() == "its score is the probability of its class"
    assert "not over 1" in explain(model, image, 1).axes[2].get_title()
    figure.draw_without_rendering()  # whatever a class is called, it is no formula


def test_a_network_that_sees_only_background_is_explained_all_the_same(checkpoint):
    model = weights.load_model(checkpoint)
    for conf in model.predictors.conf:
        conf.weight.value[:] = 0
        conf.bias.value.reshape(-1, TINY.num_classes)[:, 0] = 8
    trace = trace_best(model, example(96)[0])
    assert trace.probabilities[trace.label] < 0.01
    assert "not over 0.5" in explain(model, example(96)[0]).axes[2].get_title()


def test_weights_that_are_not_finite_are_named_as_the_cause(checkpoint, image_path, tmp_path):
    model = weights.load_model(checkpoint)
    for conf in model.predictors.conf:
        conf.bias.value[:] = np.nan
    with pytest.raises(InputError, match="not finite"):
        trace_best(model, example(96)[0])
    weights.save(model, tmp_path / "nan.npz", NAMES)
    with pytest.raises(InputError, match="nan.npz holds weights that are not finite"):
        detect.main([str(image_path), "--weights", str(tmp_path / "nan.npz"), "--out", str(tmp_path)])


# ---- the process -----------------------------------------------------------------------------------------------------


def process(*arguments, **environment):
    command = [sys.executable, "-m", "numpyssd.detect", *map(str, arguments)]
    environment = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_exit_codes_of_the_process(image_path, checkpoint, tmp_path):
    done = process(image_path, tmp_path / "none.jpg", "--weights", checkpoint, "--out", tmp_path / "out", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["image"] == str(image_path)
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    failed = process(image_path, "--weights", tmp_path / "none.npz")
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.startswith("error: ")
    assert failed.stderr.count("\n") == 1


def test_a_terminal_that_knows_few_letters(tmp_path, checkpoint):
    name = tmp_path / "Bär.png"
    Image.new("RGB", (20, 20)).save(name)
    done = process(name, "--weights", checkpoint, "--out", tmp_path / "out", "--score", "0", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert r"B\xe4r.png" in done.stdout


def test_ctrl_c_is_code_130(image_path, checkpoint, tmp_path, monkeypatch):
    from numpyssd.cli import command

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(images, "detect_image", interrupted)
    with pytest.raises(SystemExit) as stopped:
        command.run(detect.main, [str(image_path), "--weights", str(checkpoint), "--out", str(tmp_path / "out")])
    assert stopped.value.code == 130


def test_help_shows_examples(capsys):
    with pytest.raises(SystemExit) as stopped:
        detect.main(["--help"])
    assert stopped.value.code == 0
    assert "examples:\n  python -m numpyssd.detect" in capsys.readouterr().out
