"""One score taken apart: its sum, L2 normalization and softmax in numbers."""

import re

import numpy as np
import pytest

from tests.browser_explainer.python_stages import CLASSES, head_of, stages_of, tiny

BOUND = 1e-4  # of the largest logit, as for the network itself


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
