"""Why a box was found: sentences about scenes that are made up."""

import pytest

from tests.browser_explainer.python_stages import APART, BOX, NEAR, scene, tiny


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
