"""What is chosen, and what follows from a change."""

from tests.browser_explainer.python_stages import BOX, CLASSES, NEAR, chosen_for, scene, stages_of, tiny


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
