"""What the explainer says of a detection, against the network and the arithmetic of Python."""

import dataclasses
import functools
import re

import numpy as np
import pytest

from numpyssd import kernels
from numpyssd.boxes import iou
from numpyssd.browser.network import describe
from numpyssd.browser.page import JS
from numpyssd.config import SSD300, SSD512, TINY
from numpyssd.images.preprocess import preprocess
from numpyssd.inference.suppression import best_detections
from numpyssd.model.geometry import trunk
from numpyssd.model.receptive_field import receptive_fields
from numpyssd.model.ssd import SSD
from numpyssd.reports.trace import origin
from numpyssd.run.recipes import COMPACT
from tests.browser_explainer.python_stages import head_of, stages_of, tiny

CLASSES = 6
THIN = [dataclasses.replace(config, width=1 / 64) for config in (SSD300, SSD512, COMPACT)]
BOUND = 1e-4  # of the largest logit, as for the network itself


@pytest.fixture(scope="module", params=[TINY, *THIN], ids=lambda config: config.name)
def config_and_model(request):
    model = SSD(request.param)
    model.class_names = tuple(map(str, range(1, request.param.num_classes)))
    return request.param, describe(model, "x.npz")[0]


def test_a_row_has_the_place_that_python_says(node, config_and_model):
    config, model = config_and_model
    count = node.call("explainer/place.js", "firstRows", model)[-1]
    for row in [0, 1, 7, count // 3, count // 2, count - 100, count - 4, count - 1]:
        place = node.call("explainer/place.js", "placeOf", model, row)
        feature_map, *rest = origin(config, row)
        assert [config.feature_maps[place["map"]], place["row"], place["column"], place["box"]] == [feature_map, *rest]
        assert node.call("explainer/place.js", "rowAt", model, place) == row


def test_receptive_fields_are_those_of_python(node, config_and_model):
    config, model = config_and_model
    fields = receptive_fields(trunk(config))
    sources = [fields[layer.name] for layer in trunk(config) if layer.feature_map is not None]
    ours = node.call("explainer/receptive_field.js", "receptiveFields", model)
    for theirs, field in zip(sources, ours, strict=True):
        assert field == {"first": theirs.first, "step": theirs.step, "field": theirs.field}


@pytest.mark.parametrize("row", [4 * (16 * 5 + 9) + 1, 4 * (16 * 1 + 2)])  # of conv4_1; coarser maps see everything
def test_a_score_depends_on_its_receptive_field_and_on_nothing_else(node, row):
    model, described = tiny()
    place = node.call("explainer/place.js", "placeOf", described, row)
    square = np.array(node.call("explainer/receptive_field.js", "receptiveSquare", described, place)) * 64
    x1, y1, x2, y2 = np.clip(np.rint(square), 0, 64).astype(int)
    x = preprocess(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8), model.config)
    inside = np.zeros((64, 64, 1), bool)
    inside[y1:y2, x1:x2] = True
    assert 0 < inside.sum() < inside.size
    with kernels.using("reference"):  # Winograd's rounding spreads over its tiles
        before = model.infer(x)[1][0, row]
        np.testing.assert_array_equal(model.infer(np.where(inside, x, -x))[1][0, row], before)
        sides = [
            (x1 > 0, np.s_[:, x1]),
            (y1 > 0, np.s_[y1, :]),
            (x2 < 64, np.s_[:, x2 - 1]),
            (y2 < 64, np.s_[y2 - 1, :]),
        ]
        for edge in [edge for is_inside, edge in sides if is_inside]:  # it is no wider than said
            changed = x.copy()
            changed[0][edge] += 500
            assert not np.array_equal(model.infer(changed)[1][0, row], before)


@pytest.mark.parametrize("row", [0, 63, 500, 1023, 1024, 1200, 1300, 1450, 1503])  # all maps, corners among them
def test_what_is_written_down_of_a_score_adds_up_to_the_network_s_output(node, row):
    stages, described = stages_of(0), tiny()[1]
    place = node.call("explainer/place.js", "placeOf", described, row)
    logits = stages["conf"].reshape(-1, CLASSES)
    scale = abs(logits).max()
    for label, against in [(0, None), (1, None), (5, None), (3, 0), (0, 2)]:
        output = node.call(
            "explainer/one_output.js", "oneOutput", described, stages, head_of(place["map"]), row, label, against
        )
        wanted = logits[row, label] - (0 if against is None else logits[row, against])
        assert output["logit"] == pytest.approx(wanted, abs=1e-6)
        by_channel, by_cell = np.array(output["byChannel"]), np.array(output["byCell"])
        assert abs(by_channel.sum() + output["bias"] - wanted) < BOUND * scale
        assert abs(by_cell.sum() + output["bias"] - wanted) < BOUND * scale
        lines = node.call("explainer/one_output.js", "sumLines", output, 6)
        order = np.argsort(-abs(by_channel), kind="stable")
        assert [line["channel"] for line in lines["lines"]] == order[:6].tolist()
        written = [line["value"] for line in lines["lines"]] + [lines["others"]["value"], lines["bias"]]
        assert round(sum(written), 3) == round(lines["logit"], 3) == pytest.approx(wanted, abs=5.1e-4)
        assert lines["others"] == {
            "count": len(order) - 6,
            "value": pytest.approx(by_channel[order[6:]].sum(), abs=0.005),
        }
        nine = node.call("explainer/one_output.js", "channelWindow", output, int(order[0]))
        np.testing.assert_allclose(np.multiply(nine["window"], nine["kernel"]), nine["products"], rtol=1e-6)
        assert sum(nine["products"]) == pytest.approx(by_channel[order[0]], abs=1e-5)


def test_the_offsets_that_are_written_down_make_the_box(node):
    stages = stages_of(0)
    for row in (0, 1030, 1400):
        x, y, w, h = node.call("explainer/decoding.js", "decodingLines", stages, row)
        box = stages["decoded"].reshape(-1, 4)[row] * 96
        for line, value in [(x, box[[0, 2]].mean()), (y, box[[1, 3]].mean())]:
            a, b, c, d, e = numbers(line)
            assert c == 0.1
            assert e == pytest.approx(value, abs=0.051)
            assert a + b * c * d == pytest.approx(e, abs=0.2)
        for line, value in [(w, box[2] - box[0]), (h, box[3] - box[1])]:
            a, b, c, e = numbers(line)
            assert a * np.exp(b * c) == pytest.approx(e, abs=0.2)
            assert e == pytest.approx(value, abs=0.051)


def numbers(line):
    """Return the numbers of a line, whose minus sign is a typographic one."""
    return [float(number) for number in re.findall(r"[+-]?\d+\.\d+", line.replace("−", "-"))]


def detections_over(stages, threshold):
    return [one for one in stages["detections"] if one["score"] > threshold]


def test_candidates_and_steps_of_nms_are_those_of_python(node):
    stages = stages_of(0)
    scores, decoded = stages["probabilities"].reshape(-1, CLASSES), stages["decoded"].reshape(-1, 4)
    for threshold in (0.01, 0.5):
        found = node.call("explainer/fates.js", "candidatesOver", stages, CLASSES, threshold)
        assert len(found) == (scores[:, 1:] > threshold).sum() > 5
        assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    assert {one["label"] for one in detections_over(stages, 0.5)} == set(
        node.call("explainer/nms_steps.js", "labelsShown", stages, 0.5)
    )
    seen = 0
    for label in range(1, CLASSES):
        steps = node.call("explainer/nms_steps.js", "nmsSteps", stages, CLASSES, label, 0.1)
        wanted = [one for one in detections_over(stages, 0.1) if one["label"] == label]
        assert [step["row"] for step in steps] == [one["default_box"] for one in wanted]
        for step, one in zip(steps, wanted):
            rows = [row for row in one["suppressed"] if scores[row, label] > 0.1]
            assert [removed["row"] for removed in step["removed"]] == sorted(
                rows, key=lambda row: (-scores[row, label], row)
            )
            for removed in step["removed"]:
                overlap = iou(decoded[[one["default_box"]]], decoded[[removed["row"]]])[0, 0]
                assert removed["iou"] == pytest.approx(overlap, abs=1e-6)
                assert removed["iou"] > 0.45
                seen += 1
    assert seen > 5


@pytest.mark.parametrize("thresholds", [0.02, (0.9, 0.9, 0.02, 0.02, 0.05)], ids=["of all", "of each"])
def test_with_one_label_the_steps_of_nms_are_those_of_all_classes(node, thresholds):
    stages = stages_of(0, one_label=True, score_threshold=thresholds if np.ndim(thresholds) else 0.01)
    scores, limits = stages["probabilities"].reshape(-1, CLASSES), np.broadcast_to(thresholds, CLASSES - 1)
    over = np.where(scores[:, 1:] > limits, scores[:, 1:], 0)
    if not np.ndim(thresholds):
        over[over < scores[:, 1:].max(axis=1, keepdims=True)] = 0  # another class than the best takes no part
    labels = np.where(over.any(axis=1), 1 + over.argmax(axis=1), 0)
    found = node.call("explainer/fates.js", "candidatesOver", stages, CLASSES, thresholds)
    assert {one["row"]: one["label"] for one in found} == {row: labels[row] for row in np.flatnonzero(labels)}
    assert len(found) == (labels > 0).sum() > 5
    steps = node.call("explainer/nms_steps.js", "nmsSteps", stages, CLASSES, 0, thresholds)
    wanted = [one for one in stages["detections"] if one["score"] > limits[one["label"] - 1]]
    assert [(step["row"], step["label"]) for step in steps] == [(one["default_box"], one["label"]) for one in wanted]
    others = 0
    for step, one in zip(steps, wanted):
        removed = {box["row"]: box["label"] for box in step["removed"]}
        assert removed == {row: labels[row] for row in one["suppressed"] if labels[row]}
        others += sum(label != step["label"] for label in removed.values())
    assert others > 0  # of another class than the one that removed them


def test_with_one_label_a_score_of_another_class_took_no_part_and_that_is_said(node):
    (_, described), stages = tiny(), stages_of(0, one_label=True)
    scores = stages["probabilities"].reshape(-1, CLASSES)[:, 1:]
    second = np.sort(scores, axis=1)[:, -2]
    row = int(second.argmax())
    best, other = (int(label) + 1 for label in np.argsort(scores[row])[:-3:-1])
    assert second[row] > 0.01
    fate = node.call("explainer/why_no_box.js", "boxFateOf", described, stages, row, other, 0.01)
    assert fate["kind"] == "other"
    words = node.call("explainer/why_no_box.js", "fateWords", described, stages, fate, 0.01)
    names = described["class_names"]
    assert words.startswith(f"{names[other - 1]} {second[row]:.2f} took no part: ")
    assert f"stands for {names[best - 1]} alone" in words
    separate = stages_of(0)
    fate = node.call("explainer/why_no_box.js", "boxFateOf", described, separate, row, other, 0.01)
    assert fate["kind"] in ("shown", "suppressed")


def test_the_answers_at_a_place(node):
    (_, described), stages = tiny(), stages_of(0)
    scores, decoded = stages["probabilities"].reshape(-1, CLASSES), stages["decoded"].reshape(-1, 4)
    best = stages["detections"][0]
    x, y = (decoded[best["default_box"], :2] + decoded[best["default_box"], 2:]) / 2

    def at(x, y, threshold):
        found = node.call("explainer/why_no_box.js", "boxesAt", described, stages, float(x), float(y), threshold)
        return found, node.call("explainer/why_no_box.js", "noBoxAnswer", described, stages, found, threshold)

    found, words = at(x, y, 0.5)
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    assert len({one["place"]["map"] for one in found}) == len(found)
    assert (found[0]["row"], found[0]["kind"], found[0]["by"]) == (best["default_box"], "shown", 0)
    assert f"{best['name']} {best['score']:.2f} is shown: it is box 1." in words
    found, words = at(x, y, 0.9999)
    assert found[0]["kind"] == "hidden"
    assert "below your threshold of 1.00" in words

    removed = max(best["suppressed"], key=lambda row: scores[row, best["label"]])
    fates = node.call("explainer/why_no_box.js", "boxFateOf", described, stages, removed, best["label"], 0.5)
    assert (fates["kind"], fates["by"]) == ("suppressed", 0)
    overlap = iou(decoded[[best["default_box"]]], decoded[[removed]])[0, 0]
    words = node.call("explainer/why_no_box.js", "fateWords", described, stages, fates, 0.5)
    assert words == (
        f"{best['name']} {scores[removed, best['label']]:.2f} was suppressed by {best['name']} {best['score']:.2f}, "
        f"which overlaps it by an IoU of {overlap:.2f}, more than 0.45, and is shown as box 1."
    )

    quiet = scores[:, 1:].max(axis=1)
    answers = [at(x, y, 0.5) for x in np.linspace(0.05, 0.95, 7) for y in np.linspace(0.05, 0.95, 7)]
    low = [(found, words) for found, words in answers if found and found[0]["kind"] == "low"]
    assert low  # somewhere is nothing but background
    for found, words in low:
        assert quiet[found[0]["row"]] <= np.float32(0.01)
        assert f"background won with {scores[found[0]['row'], 0]:.3f}" in words


def test_a_place_s_best_boxes_are_the_best_of_their_maps(node):
    (_, described), stages = tiny(), stages_of(0)
    scores, decoded = stages["probabilities"].reshape(-1, CLASSES), stages["decoded"].reshape(-1, 4)
    starts = node.call("explainer/place.js", "firstRows", described)
    found = node.call("explainer/why_no_box.js", "boxesAt", described, stages, 0.3, 0.6, 0.5)
    middle, size = (decoded[:, :2] + decoded[:, 2:]) / 2, decoded[:, 2:] - decoded[:, :2]
    here = (abs(middle - np.float32([0.3, 0.6])) < 0.25 * size).all(axis=1)
    for number, (begin, end) in enumerate(zip(starts, starts[1:])):
        rows = begin + np.flatnonzero(here[begin:end])
        ours = [one["score"] for one in found if one["place"]["map"] == number]
        assert ours == ([pytest.approx(scores[rows, 1:].max())] if len(rows) else [])


def scene(*boxes):
    """Return stages of detections that this test makes up: (label, score, second label, its score, box) each."""
    stages = dict(stages_of(0), detections=[], width=100, height=100)
    scores, decoded = stages["probabilities"].reshape(-1, CLASSES) * 0, stages["decoded"].reshape(-1, 4).copy()
    for row, (label, score, second, less, box) in enumerate(boxes):
        scores[row, [label, second]], decoded[row] = (score, less), box
        name = tiny()[0].class_names[label - 1]
        stages["detections"].append(
            {
                "label": label,
                "name": name,
                "score": score,
                "box": [100 * v for v in box],
                "default_box": row,
                "suppressed": [],
            }
        )
    return stages | {"probabilities": scores.ravel(), "decoded": decoded.ravel()}


BOX, NEAR, APART = [0.1, 0.1, 0.5, 0.5], [0.1, 0.1, 0.5, 0.48], [0.3, 0.1, 0.7, 0.5]


@pytest.mark.parametrize(
    ("boxes", "says"),
    [
        ([(2, 0.92, 4, 0.05, BOX)], "a high score, which may still be wrong: ellipse 0.92, then ring 0.05."),
        ([(2, 0.5, 4, 0.41, BOX)], "A close call: ellipse 0.50 against ring 0.41."),
        ([(2, 0.53, 0, 0.37, BOX)], "The network wavers: ellipse 0.53, but also background 0.37."),
        ([(2, 0.3, 0, 0.7, BOX)], "background 0.70 is the largest score. ellipse 0.30 comes after it"),
        ([(2, 0.9, 4, 0.0, BOX), (4, 0.8, 2, 0.0, NEAR)], "ring 0.80 (box 2): 0.95 IoU. Both stay, because NMS comp"),
        ([(2, 0.9, 4, 0.0, BOX), (2, 0.8, 4, 0.0, APART)], "ellipse 0.80 (box 2): 0.33 IoU. Both stay, because NMS"),
        ([(2, 0.25, 4, 0.0, BOX)], "Its score is only 0.05 over your threshold of 0.20."),
        ([(2, 0.204, 4, 0.0, BOX)], "Its score is only 0.004 over your threshold of 0.20."),
        ([(2, 0.9, 4, 0.0, BOX)], "No other default box says ellipse here over your threshold: this one stands alone."),
        ([(2, 0.9, 4, 0.0, [0, 0, 1, 1])], "Its receptive field does not reach all of the box: it guessed the rest."),
    ],
)  # fmt: skip
def test_why_a_box_was_found(node, boxes, says):
    sentences = node.call("explainer/why_this_box.js", "whyThisBox", tiny()[1], scene(*boxes), 0, 0.2)
    assert says in " ".join(sentences)


def test_sentences_about_neighbors_are_not_said_of_distant_boxes(node):
    boxes = [(2, 0.9, 4, 0.0, BOX), (4, 0.8, 2, 0.0, APART), (2, 0.8, 4, 0.0, [0.6, 0.6, 0.9, 0.9])]
    assert "overlaps" not in " ".join(
        node.call("explainer/why_this_box.js", "whyThisBox", tiny()[1], scene(*boxes), 0, 0.2)
    )


def test_the_choice_follows_the_object_through_new_stages(node):
    described, first = tiny()[1], scene((2, 0.9, 4, 0, BOX), (4, 0.8, 2, 0, [0.6, 0.6, 0.9, 0.9]))
    second = scene((4, 0.95, 2, 0, [0.6, 0.6, 0.9, 0.88]), (2, 0.7, 4, 0, NEAR))  # their order has changed
    start = node.call(
        "explainer/choice.js",
        "choiceFor",
        described,
        first,
        0.5,
        {"label": 1, "pinned": False, "ask": None, "detection": None, "decoded": None},
    )
    assert (start["detection"], start["label"], start["number"]) == (0, 2, 0)
    again = node.call("explainer/choice.js", "choiceFor", described, second, 0.5, {**start, "decoded": BOX})
    assert (again["detection"], again["label"], again["number"], again["nmsStep"]) == (1, 2, 1, 1)
    nothing = {**stages_of(1), "detections": []}
    alone = node.call("explainer/choice.js", "choiceFor", described, nothing, 0.5, again | {"decoded": NEAR})
    scores = nothing["probabilities"].reshape(-1, CLASSES)[:, 1:]
    assert (alone["detection"], alone["number"]) == (None, scores.max(axis=1).argmax())


def test_a_default_box_that_was_chosen_by_itself_stays_chosen(node):
    before = {"number": 700, "label": 3, "pinned": True, "ask": None, "detection": None, "decoded": None}
    found = node.call("explainer/choice.js", "choiceFor", tiny()[1], stages_of(0), 0.5, before)
    assert (found["number"], found["label"], found["detection"], found["pinned"]) == (700, 3, None, True)


def test_another_map_keeps_the_place(node):
    described, stages = tiny()[1], stages_of(0)
    place = {"map": 0, "row": 8, "column": 13, "box": 2}
    row = node.call("explainer/place.js", "rowAt", described, place)
    choice = {
        "number": row,
        "label": 1,
        "place": place,
        "detection": None,
        "against": 3,
        "channel": 5,
        "nmsLabel": 1,
        "nmsStep": 0,
    }
    moved = node.call("explainer/choice.js", "afterChange", described, stages, 0.5, choice, {"map": 1})
    assert moved["place"] == {"map": 1, "row": 4, "column": 6, "box": 2}
    assert (moved["channel"], moved["against"], moved["pinned"]) == (None, None, True)
    back = node.call("explainer/choice.js", "afterChange", described, stages, 0.5, moved, {"cell": [0, 7]})
    assert back["place"] == {"map": 1, "row": 0, "column": 7, "box": 2}
    boxed = node.call("explainer/choice.js", "afterChange", described, stages, 0.5, back, {"box": 3})
    assert boxed["number"] == back["number"] + 1


def test_what_covering_says(node):
    words = functools.partial(node.call, "explainer/cover_pieces.js", "coverWords")
    assert words("ring", [0.9, 0.2, 0.3, 0.8], 0.9) == (
        "Without the piece that is framed, the score of ring is 0.20 instead of 0.90; "
        "2 pieces of 4 halve it, each alone."
    )
    said = words("ring", [0.1, 0.8], 0.9, "ellipse 0.85")
    assert said.endswith("is 0.10 instead of 0.90, and the same default box says ellipse 0.85.")
    assert words("ring", [0.5, 0.48, 0.95], 0.5) == (
        "No piece alone matters much: the lowest score of ring without one is 0.48 instead of 0.50. "
        "Without the piece in red it would be 0.95."
    )


@pytest.mark.parametrize("box", [[0.4, 0.5, 0.46, 0.58], [-0.1, 0.9, 0.2, 1.2], [0.1, 0.1, 0.9, 0.9]])
def test_the_pieces_that_are_covered_tile_what_lies_around_the_box(node, box):
    x1, y1, x2, y2 = area = node.call("explainer/cover_pieces.js", "coverArea", box, 300)
    assert min(area) >= 0
    assert max(area) <= 1
    middle = np.clip([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], 0, 1)
    assert x1 <= middle[0] <= x2
    assert y1 <= middle[1] <= y2
    assert x2 - x1 == pytest.approx(min(1, 3 * (box[2] - box[0])))
    pieces = node.call("explainer/cover_pieces.js", "coverPieces", area, 300)
    values = np.array([node.call("explainer/cover_pieces.js", "coveredInput", np.zeros(300 * 300 * 3, np.float32), 300,
                                 [1, 2, 3], piece) for piece in pieces[::8]])  # fmt: skip
    assert (values.reshape(-1, 300 * 300, 3).sum(axis=1) > 0).all()
    grid = np.zeros((300, 300), int)
    for left, top, right, bottom in np.rint(np.array(pieces) * 300).astype(int):
        assert right - left >= 2
        grid[top:bottom, left:right] += 1
    assert grid.max() == 1
    assert grid.sum() == pytest.approx((x2 - x1) * (y2 - y1) * 300**2, rel=0.12)


def test_covering_begins_with_the_pixels_that_were_detected_on(node):
    values = np.arange(8 * 8 * 3, dtype=np.float32)
    cover = functools.partial(node.call, "explainer/cover_pieces.js", "coveredInput", values, 8, [123.4, 117, 104])
    np.testing.assert_array_equal(cover(None), values)
    inside, outside = cover([0.25, 0.5, 0.5, 1]).reshape(8, 8, 3), cover([0.25, 0.5, 0.5, 1], True).reshape(8, 8, 3)
    mask = np.zeros((8, 8, 1), bool)
    mask[4:8, 2:4] = True
    np.testing.assert_array_equal(inside, np.where(mask, [123, 117, 104], values.reshape(8, 8, 3)))
    np.testing.assert_array_equal(outside, np.where(mask, values.reshape(8, 8, 3), [123, 117, 104]))


def test_a_number_is_told_from_its_limit(node):
    for value, limit, text in [
        (0.4512, 0.45, "0.451"),
        (0.4498, 0.45, "0.4498"),
        (0.72, 0.45, "0.72"),
        (0.45, 0.45, "0.450000"),
    ]:
        assert node.call("explainer/numbers.js", "toldFrom", value, limit) == text


def test_softmax_is_written_with_numbers_that_can_be_divided(node):
    (_, described), stages = tiny(), stages_of(0)
    logits = stages["conf"].reshape(-1, CLASSES)
    for row in (0, 700, stages["detections"][0]["default_box"]):
        for label in (0, 3):
            chosen = {"number": row, "label": label, "against": None}
            words = node.call("explainer/output_words.js", "softmaxWords", described, stages, chosen)
            own, total, score = map(float, re.search(r"(\S+) / (\S+) = (\d\.\d+)\.", words).groups())
            assert own == pytest.approx(np.exp(logits[row, label]), rel=1e-4)
            assert total == pytest.approx(np.exp(logits[row].astype(float)).sum(), rel=1e-4)
            assert own / total == pytest.approx(score, abs=6e-4)


def test_l2_normalization_is_written_down_with_its_numbers(node):
    (model, described), stages = tiny(), stages_of(0)
    row = 4 * (16 * 5 + 9)
    output = node.call("explainer/one_output.js", "oneOutput", described, stages, head_of(0), row, 1)
    raw = stages["maps"][0]["data"].reshape(16, 16, -1)[5, 9]
    channel, silent = int(raw.argmax()), int(raw.argmin())
    words = node.call("explainer/output_words.js", "normalizationWords", stages, output, channel)
    after, before, length, scale = map(float, re.findall(r"\d+\.\d+", words))
    assert before == pytest.approx(raw[channel], abs=0.006)
    assert length == pytest.approx(np.linalg.norm(raw), abs=0.006)
    assert scale == pytest.approx(model.predictors.norm.scale.value.ravel()[channel], abs=0.006)
    assert after == pytest.approx(before / length * scale, rel=0.02)
    assert raw[silent] == 0
    assert "Infinity" not in node.call("explainer/output_words.js", "normalizationWords", stages, output, silent)


def test_the_size_of_a_default_box_is_said_in_both_pixels(node):
    (_, described), stages = tiny(), dict(stages_of(0), width=200, height=100)
    row = 4 * (16 * 5 + 9) + 2
    words = node.call("explainer/decoding.js", "sizeWordsOf", described, stages, row)
    wide, high, w, h, to_w, to_h = map(float, re.findall(r"\d+\.\d+", words))
    assert (wide, high) == (pytest.approx(200 / 64, abs=0.006), pytest.approx(100 / 64, abs=0.006))
    assert (to_w, to_h) == (pytest.approx(w * 200 / 64, abs=0.2), pytest.approx(h * 100 / 64, abs=0.2))
    lines = node.call("explainer/decoding.js", "decodingLines", stages, row)
    assert [numbers(line)[0] for line in lines[2:]] == [to_w, to_h]  # the arithmetic below begins with them
    x1, y1, x2, y2 = stages["decoded"].reshape(-1, 4)[row] * [200, 100, 200, 100]
    words = node.call("explainer/decoding.js", "placeWords", stages, row)
    wanted = np.floor(np.array([x2 - x1, y2 - y1, x1, y1]) + 0.5)
    assert [int(number) for number in re.findall(r"-?\d+", words)] == wanted.tolist()


def chosen_for(node, stages, threshold, **patch):
    start = node.call(
        "explainer/choice.js", "choiceFor", tiny()[1], stages, threshold,
        {"label": 1, "pinned": False, "ask": None, "detection": None, "decoded": None},
    )  # fmt: skip
    return node.call("explainer/choice.js", "afterChange", tiny()[1], stages, threshold, start, patch)


def test_the_steps_of_nms_follow_what_is_chosen_also_below_the_threshold(node):
    stages = stages_of(0)
    hidden = next(i for i, one in enumerate(stages["detections"]) if one["score"] < 0.5 and one["suppressed"])
    one = stages["detections"][hidden]
    found = chosen_for(node, stages, 0.5, number=one["default_box"], label=one["label"])
    assert (found["detection"], found["nmsLabel"], found["nmsAll"]) == (hidden, one["label"], True)
    steps = node.call("explainer/nms_steps.js", "nmsSteps", stages, CLASSES, one["label"], 0)
    assert steps[found["nmsStep"] - 1]["index"] == hidden
    assert {box["row"] for box in steps[found["nmsStep"] - 1]["removed"]} == set(one["suppressed"])
    words = node.call("explainer/chain.js", "removedWords", tiny()[1], stages, 0.5, hidden)
    assert f"removed {len(one['suppressed'])} other" in words
    assert "itself below your threshold, and step 6 shows all" in words
    best = stages["detections"][0]
    row = best["suppressed"][0]  # what was removed is shown at the step that removed it
    found = chosen_for(node, stages, 0.5, number=row, label=best["label"])
    assert (found["detection"], found["nmsLabel"]) == (None, best["label"])
    low = stages["probabilities"].reshape(-1, CLASSES)[row, best["label"]] <= 0.5
    assert found["nmsAll"] == low
    steps = node.call("explainer/nms_steps.js", "nmsSteps", stages, CLASSES, best["label"], 0 if low else 0.5)
    assert row in [box["row"] for box in steps[found["nmsStep"] - 1]["removed"]]


def test_it_is_said_how_many_removed_boxes_are_over_the_threshold(node):
    stages = stages_of(0)
    scores = stages["probabilities"].reshape(-1, CLASSES)
    best = stages["detections"][0]
    rows = scores[best["suppressed"], best["label"]]
    limit = float(np.sort(rows)[-2]) - 1e-6  # two are over it
    words = node.call("explainer/chain.js", "removedWords", tiny()[1], stages, limit, 0)
    assert f"removed {len(rows)} other boxes of its class with a score over 0.01" in words
    assert "only 2 of them are over your threshold, which step 6 shows" in words
    one = float(np.sort(rows)[-1]) - 1e-6
    assert "only 1 of them is over" in node.call("explainer/chain.js", "removedWords", tiny()[1], stages, one, 0)
    all_over = node.call("explainer/chain.js", "removedWords", tiny()[1], stages, 0.01, 0)
    assert all_over.endswith(f"{len(rows)} other boxes of its class, all over your threshold")


def test_boxes_are_numbered_as_they_are_shown(node):
    boxes = [(2, 0.9, 4, 0, BOX), (4, 0.8, 2, 0, NEAR), (2, 0.7, 4, 0, [0.6, 0.6, 0.9, 0.9])]
    limits = [0.5, 0.5, 0.5, 0.85, 0.5]  # the second is hidden
    stages = scene(*boxes)
    assert node.call("explainer/fates.js", "shownNumber", stages, limits, 2) == 2
    fate = node.call("explainer/why_no_box.js", "boxFateOf", tiny()[1], stages, 2, 2, limits)
    assert node.call("explainer/why_no_box.js", "fateWords", tiny()[1], stages, fate, limits) == (
        "ellipse 0.70 is shown: it is box 2."
    )


@pytest.mark.parametrize(("score", "says"), [
    (0.02, "ellipse 0.02 is far below your threshold of 0.52, and background got more: 0.98. It was also cut from"),
    (0.6, "ellipse 0.60 was dropped: better boxes filled"),
])  # fmt: skip
def test_what_is_below_the_threshold_was_not_lost_to_the_list(node, score, says):
    stages = scene((2, score, 0, 1 - score, [0.45, 0.45, 0.55, 0.55]))
    stages["detections"] = []
    found = [node.call("explainer/why_no_box.js", "boxFateOf", tiny()[1], stages, 0, 2, 0.52)]
    assert found[0]["kind"] == "dropped"
    assert says in node.call("explainer/why_no_box.js", "fateWords", tiny()[1], stages, found[0], 0.52)
    answer = node.call("explainer/why_no_box.js", "noBoxAnswer", tiny()[1], stages, found, 0.52)
    assert answer.startswith("The network saw next to nothing" if score < 0.5 else "There was a box here")


def test_the_steps_follow_the_place_that_is_asked_about(node):
    stages = stages_of(0)
    found = chosen_for(node, stages, 0.5, ask=[0.3, 0.6])
    best = node.call("explainer/why_no_box.js", "boxesAt", tiny()[1], stages, 0.3, 0.6, 0.5)[0]
    assert (found["number"], found["label"], found["ask"]) == (best["row"], best["label"], [0.3, 0.6])


def test_what_nobody_chose_gives_way_to_a_better_box_on_the_same_object(node):
    stages = scene((4, 0.95, 2, 0, NEAR), (2, 0.7, 4, 0, BOX))
    before = {"label": 2, "ask": None, "detection": 0, "decoded": BOX, "number": 0}
    for pinned, index in ((False, 0), (True, 1)):
        found = node.call("explainer/choice.js", "choiceFor", tiny()[1], stages, 0.5, before | {"pinned": pinned})
        assert found["detection"] == index


def test_every_word_of_a_stage_is_explained():
    folder = JS / "explainer"
    read = {name: (folder / name).read_text(encoding="utf-8") for name in ("words.js", "look.js", "glossary.js")}
    lists = re.findall(r"terms: \[(.*?)\]", read["words.js"]) + re.findall(
        r"glossary\(parent, \[(.*?)\]", read["look.js"]
    )
    used = {term for text in lists for term in re.findall(r'"(.*?)"', text)}
    table = read["glossary.js"].split("TERMS = {")[1].split("};")[0]
    assert used == set(re.findall(r'^  "?([\w ]+?)"?: "', table, re.MULTILINE))
    assert len(lists) == 8  # seven stages, and the picture beside them


@pytest.mark.parametrize(
    ("count", "says"),
    [(200, "150 more below the threshold, and the list ends at 200."), (199, "149 more below the threshold.")],
)
def test_a_full_list_is_said_to_end(node, count, says):
    found = [{"name": "ring", "label": 1, "score": 0.9 if i < 50 else 0.1} for i in range(count)]
    photo = {"name": "a.png", "width": 9, "height": 9, "seconds": 0.1, "detections": found}
    assert says in node.call("page/detections.js", "sentenceOf", photo, 0.5)


@pytest.mark.parametrize("limit", [0.3, 0.7, 0.01, 0.55])
def test_a_score_that_is_the_threshold_to_32_bits_is_not_shown_as_detect_does_not_show_it(node, limit):
    equal = np.float32(limit)
    scores = [float(np.nextafter(equal, np.float32(side))) for side in (1, 0)] + [float(equal)]
    found = [{"label": 1, "score": score} for score in scores]
    _, _, shown = best_detections(
        np.float32([[i, 0, i + 1, 1] for i in range(3)]), np.float32([[0, s] for s in scores]), limit
    )
    assert [one["score"] for one in node.call("page/detections.js", "overThreshold", found, limit)] == shown.tolist()
    assert [node.call("explainer/fates.js", "isShown", one, [limit]) for one in found] == [True, False, False]
