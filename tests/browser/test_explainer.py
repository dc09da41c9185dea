"""The explainer in the page: every stage is there, all are linked, and mouse, touch and keys operate it."""

import re

import numpy as np
import pytest

from numpyssd.images.preprocess import preprocess
from numpyssd.images.read import read_image
from numpyssd.inference.postprocess import postprocess_explained
from numpyssd.model.default_boxes import default_boxes
from numpyssd.weights import load_model
from tests.browser.opened import SIZES, expect

STAGES = ("input", "maps", "cells", "output", "candidates", "nms", "shown")
SAMPLE = "data/samples/JPEGImages/test_00000.png"


@pytest.fixture(scope="module")
def python():
    """What Python finds in the sample."""
    model = load_model("tiny")
    loc, conf = model.infer(preprocess(read_image(SAMPLE), model.config))
    return conf[0], postprocess_explained(loc[0], conf[0], default_boxes(model.config))


@pytest.fixture
def explained(tiny):
    tiny.give(SAMPLE)
    expect(tiny.at(".ex-why")).to_contain_text("The network")
    return tiny


def see(opened, stage):
    """Scroll to a stage, which is drawn then."""
    opened.at(f"#ex-{stage}").scroll_into_view_if_needed()
    expect(opened.at(f"#ex-{stage} .ex-now")).not_to_be_empty()
    return opened.at(f"#ex-{stage}")


def number_of(text):
    return float(text.replace("−", "-"))


def test_each_stage_says_a_sentence_its_shape_its_section_and_its_lesson(explained):
    for number, name in enumerate(STAGES, start=1):
        stage = see(explained, name)
        assert stage.locator("h3").inner_text().startswith(f"{number} · ")
        assert re.fullmatch(r"[A-Z].*[^.]\.", stage.locator("p").first.inner_text())
        assert not re.search(r"[.!?] [A-Z]", stage.locator("p").first.inner_text())  # one sentence
        facts = stage.locator(".ex-facts").inner_text()
        assert re.search(r"Shape: .*\d", facts)
        assert re.search(r"Paper: section \d", facts)
        assert re.search(r"lessons/\d\d_\w+\.ipynb", facts)  # in words: a file has no pages beside it
        assert stage.locator("a").count() == 0
        for picture in stage.locator("svg[role=img]").all():
            assert len(picture.get_attribute("aria-label")) > 20
        for button in stage.locator("button").all():
            assert button.get_attribute("aria-label") or button.inner_text()
    assert explained.at("#explainer canvas:not([aria-hidden])").evaluate_all(
        "all => all.every(c => c.closest('button'))"
    )


def test_pointing_at_a_box_lights_up_what_it_comes_from(explained):
    for index, name in enumerate(("ring", "rectangle", "cross")):
        target = explained.at(".ex-look .ex-target").filter(has=explained.page.locator("rect")).nth(0)
        assert target.count() == 1
        explained.at(".ex-look .ex-choice button").filter(has_text=name).hover()
        expect(explained.at(".ex-look .ex-choice").nth(1).locator("[aria-pressed=true]")).to_contain_text(name)
        for role in ("field", "cell", "default", "prediction"):
            assert explained.at(f".ex-look .ex-{role}").count() >= 1
        assert explained.at(".ex-look .ex-suppressed").count() > 0
        for stage in STAGES:
            expect(see(explained, stage).locator(".ex-now")).to_contain_text(f"box {index + 1}, {name}")
        explained.page.evaluate("scrollTo(0, 0)")
        assert explained.at("#found button[aria-pressed=true]").inner_text().startswith(name)  # the page follows


def test_a_mouse_over_the_picture_chooses_until_a_click_keeps(explained):
    picture = explained.at(".ex-look .ex-photo")
    picture.scroll_into_view_if_needed()
    area = picture.bounding_box()

    def at(x, y):  # in fractions of the picture
        return area["x"] + x * area["width"], area["y"] + y * area["height"]

    chosen = explained.at(".ex-look .ex-choice").nth(1).locator("[aria-pressed=true]")
    explained.page.mouse.move(*at(0.12, 0.9))
    expect(chosen).to_contain_text("cross")
    explained.page.mouse.click(*at(0.12, 0.9))
    explained.page.mouse.move(*at(0.85, 0.2))
    explained.page.mouse.move(*at(0.84, 0.2))
    explained.page.wait_for_timeout(200)
    expect(chosen).to_contain_text("cross")  # a click keeps it
    explained.page.mouse.click(*at(0.85, 0.2))
    expect(chosen).to_contain_text("ring")


DRAWINGS = """() => {
  const svg = document.querySelector(".ex-look svg");
  window.drawings = 0;
  new MutationObserver(() => { window.drawings += 1; }).observe(svg, { childList: true });
}"""


def test_a_mouse_that_rests_on_a_box_draws_it_once(explained):
    picture = explained.at(".ex-look .ex-photo")
    picture.scroll_into_view_if_needed()
    area = picture.bounding_box()
    explained.page.wait_for_timeout(500)  # until the browser looks by itself at what lies under a mouse that rests
    explained.page.evaluate(DRAWINGS)
    explained.page.mouse.move(area["x"] + 0.12 * area["width"], area["y"] + 0.9 * area["height"])
    expect(explained.at(".ex-look .ex-choice").nth(1).locator("[aria-pressed=true]")).to_contain_text("cross")
    explained.page.wait_for_timeout(500)
    assert 1 <= explained.page.evaluate("drawings") <= 2  # at 50 a second a press could find another box at its release


def test_the_sum_that_is_shown_adds_up_to_the_network_s_output(explained, python):
    conf, found = python
    stage = see(explained, "output")
    names = ("background", *load_model("tiny").class_names)
    row = int(found.default_box[0])
    probabilities = np.exp(conf[row]) / np.exp(conf[row]).sum()
    for label in range(6):
        stage.locator("select").first.select_option(str(label))
        expect(stage.locator(".ex-total")).to_contain_text(f"the logit of {names[label]}")
        *parts, total = [number_of(text) for text in stage.locator(".ex-sums .ex-value").all_inner_texts()]
        assert len(parts) == 8  # six channels, the others, the bias
        assert sum(parts) == pytest.approx(total, abs=1e-9)
        assert total == pytest.approx(conf[row, label], abs=1.1e-3)
        score = float(re.search(r"= (\d\.\d+)\.", stage.locator(".ex-say").first.inner_text())[1])
        assert score == pytest.approx(probabilities[label], abs=1.1e-3)
    products = [number_of(text) for text in stage.locator(".ex-grid").nth(3).locator("span").all_inner_texts()]
    said = re.search(r"add up to ([+−][\d.]+)\.", stage.locator(".ex-body > .ex-say").inner_text())[1]
    assert sum(products) == pytest.approx(number_of(said), abs=0.005)
    cells = [number_of(text) for text in stage.locator(".ex-grid").first.locator("span").all_inner_texts()]
    assert sum(cells) + parts[-1] == pytest.approx(total, abs=0.05)  # over all channels
    assert "all channels" in stage.locator(".ex-grid figcaption").first.inner_text()
    stage.locator("select").nth(1).select_option("2")
    expect(stage.locator(".ex-total")).to_contain_text("triangle − ellipse")
    kernels = stage.locator(".ex-grid figcaption").nth(2)
    assert kernels.inner_text() == "kernel of triangle minus kernel of ellipse"
    *parts, total = [number_of(text) for text in stage.locator(".ex-sums .ex-value").all_inner_texts()]
    assert sum(parts) == pytest.approx(total, abs=1e-9)
    assert total == pytest.approx(conf[row, 5] - conf[row, 2], abs=2e-3)


def test_keys_walk_over_channels_and_cells(explained):
    strip = see(explained, "maps").locator(".ex-strip")
    strip.focus()
    before = int(strip.get_attribute("aria-valuenow"))
    explained.page.keyboard.press("ArrowRight")
    expect(strip).to_have_attribute("aria-valuenow", str(before + 1))
    expect(strip).to_be_focused()

    cells = see(explained, "cells")
    now = cells.locator(".ex-now")
    cells.locator("svg").focus()
    row, column = map(int, re.search(r"row (\d+), column (\d+)", now.inner_text()).groups())
    explained.page.keyboard.press("ArrowLeft")
    expect(now).to_contain_text(f"row {row}, column {column - 1}")
    explained.page.keyboard.press("ArrowDown")
    expect(now).to_contain_text(f"row {row + 1}, column {column - 1}")
    cells.get_by_role("button", name="conv7", exact=True).click()
    expect(now).to_contain_text("of conv7")
    cells.locator(".ex-rows").first.locator("button").nth(3).press("Enter")
    expect(now).to_contain_text("tall 1 : 1.6")


def test_a_click_on_a_channel_and_on_a_cell_chooses_it(explained):
    maps = see(explained, "maps")
    area = maps.locator(".ex-strip canvas").bounding_box()
    explained.page.mouse.click(area["x"] + 5, area["y"] + 5)
    expect(maps.locator(".ex-strip")).to_have_attribute("aria-valuenow", "0")
    cells = see(explained, "cells")
    cells.get_by_role("button", name="conv9_2", exact=True).click()
    area = cells.locator(".ex-photo").bounding_box()
    explained.page.mouse.click(area["x"] + 0.9 * area["width"], area["y"] + 0.1 * area["height"])
    expect(cells.locator(".ex-now")).to_contain_text("row 0, column 3 of conv9_2")


def test_nms_goes_forward_and_backward_and_plays(explained, python):
    found = python[1]
    stage = see(explained, "nms")
    stage.get_by_role("button", name="ring").click()
    words = stage.locator(".ex-say")
    count = int((found.probabilities[:, 4] > 0.5).sum())
    expect(words).to_contain_text(f"Before: {count} boxes say ring over your threshold.")
    stage.get_by_role("button", name="next step").click()
    removed = int((found.probabilities[found.suppressed[0], 4] > 0.5).sum())
    expect(words).to_contain_text(f"stays and removes {removed} (red)")
    assert stage.locator(".ex-suppressed").count() == removed
    forward = stage.get_by_role("button", name="next step")
    expect(forward).to_have_attribute("aria-disabled", "true")  # one ring: this is the last step
    expect(forward).to_be_focused()  # and a key pressed again is not lost
    stage.get_by_role("button", name="previous step").click()
    expect(words).to_contain_text("Before:")
    stage.get_by_role("button", name="play").press("Enter")
    expect(words).to_contain_text("Step 1 of", timeout=5000)
    stage.locator("input").focus()
    explained.page.keyboard.press("Home")
    expect(words).to_contain_text("Before:")


def test_nms_shows_a_chosen_box_below_the_threshold(explained, python):
    found = python[1]
    explained.page.get_by_role("button", name="Why is there no box here?").click()
    explained.set_threshold(99)  # what is asked about stays
    picture, why = explained.at(".ex-look .ex-photo"), explained.at(".ex-why")
    row = next(row for row, score in zip(found.default_box, found.scores) if 0.1 < score < 0.99)
    x1, y1, x2, y2 = map(float, found.decoded[row])
    picture.scroll_into_view_if_needed()
    area = picture.bounding_box()
    explained.page.mouse.click(area["x"] + (x1 + x2) / 2 * area["width"], area["y"] + (y1 + y2) / 2 * area["height"])
    expect(why).to_contain_text(f"This is the place {100 * (x1 + x2) / 2:.0f} % across")
    expect(why).to_contain_text("below your threshold")
    stage = see(explained, "nms")
    expect(stage.get_by_role("button", name="all over 0.01")).to_have_attribute("aria-pressed", "true")
    expect(stage.locator(".ex-say")).to_contain_text(re.compile(r"\(below your threshold\), stays and|is one of them"))
    stage.get_by_role("button", name="over your threshold").click()
    expect(stage.get_by_role("button", name="over your threshold")).to_have_attribute("aria-pressed", "true")


def test_with_one_label_nms_is_explained_as_it_was_done(explained):
    explained.set_threshold(3)
    stage = see(explained, "nms")
    assert "boxes of one class" in stage.locator("p").first.inner_text()
    classes = stage.locator(".ex-choice").first.locator("button")
    assert classes.count() > 1
    explained.at("#one-label input").check()
    explained.wait()
    see(explained, "nms")
    expect(classes).to_have_text(["all classes"])
    assert "whatever their classes" in stage.locator("p").first.inner_text()
    shown = explained.at("#found button").count()
    words = stage.locator(".ex-say")
    stage.locator("input").focus()
    explained.page.keyboard.press("End")
    expect(words).to_contain_text(f"Step {shown} of {shown}")
    expect(see(explained, "candidates")).to_contain_text("one for each box, that of its best class")
    said = []
    for number in range(shown):
        explained.at(".ex-look .ex-choice").nth(1).locator("button").nth(number).click()
        expect(explained.at(".ex-look .ex-choice").nth(1).locator("button").nth(number)).to_have_attribute(
            "aria-pressed", "true"
        )
        said.append(explained.at(".ex-why").inner_text())
    assert any("as you want one label for each object" in text for text in said)
    assert not any("NMS compares boxes of one class only" in text for text in said)


def test_why_there_is_no_box_at_a_place(explained):
    explained.page.get_by_role("button", name="Why is there no box here?").click()
    why, picture = explained.at(".ex-why"), explained.at(".ex-look .ex-photo")
    expect(why.locator("li").first).to_be_visible()
    area = picture.bounding_box()
    explained.page.mouse.click(area["x"] + 0.92 * area["width"], area["y"] + 0.77 * area["height"])
    expect(why).to_contain_text("conv")
    first = why.inner_text()
    explained.at(".ex-look svg").focus()
    for _ in range(12):
        explained.page.keyboard.press("ArrowLeft")
    expect(why).not_to_have_text(first)
    explained.page.mouse.click(area["x"] + 0.04 * area["width"], area["y"] + 0.04 * area["height"])
    expect(why).to_contain_text("background")
    why.locator("li button").first.click()  # one of the boxes there, taken apart
    expect(explained.at(".ex-why")).to_contain_text("You chose the default box")


def test_the_threshold_is_that_of_the_page(explained, python):
    found = python[1]
    for percent in (85, 5):
        explained.set_threshold(percent)
        stage = see(explained, "candidates")
        over = int((found.probabilities[:, 1:] > percent / 100).sum())
        expect(stage.locator(".ex-choice button").first).to_have_text(f"over your threshold: {over}")
        shown = int((found.scores > percent / 100).sum())
        expect(see(explained, "shown").locator(".ex-facts")).to_contain_text(f"Shape: {shown} boxes")


def test_a_finger_does_what_the_mouse_does(phone):
    phone.page.emulate_media(color_scheme="dark")
    phone.give(SAMPLE)
    picture = phone.at(".ex-look .ex-photo")
    picture.scroll_into_view_if_needed()
    expect(phone.at(".ex-why")).to_contain_text("ring")
    area = picture.bounding_box()
    phone.page.touchscreen.tap(area["x"] + 0.12 * area["width"], area["y"] + 0.9 * area["height"])
    expect(phone.at(".ex-why")).to_contain_text("cross")
    phone.page.touchscreen.tap(area["x"] + 0.04 * area["width"], area["y"] + 0.04 * area["height"])
    expect(phone.at(".ex-why")).to_contain_text("background")
    for stage in STAGES:
        see(phone, stage)
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= SIZES["phone"][0]


def test_hostile_class_names_are_texts_everywhere(hostile):
    hostile.give(SAMPLE)
    hostile.set_threshold(1)
    for stage in STAGES:
        see(hostile, stage)
    stage = see(hostile, "output")
    options = stage.locator("select").first.locator("option").all_inner_texts()
    assert "<script>alert(1)</script>" in options
    for value in ("1", "2", "3"):
        stage.locator("select").first.select_option(value)
    expect(stage.locator(".ex-total")).to_contain_text("안전모 <!--")
    hostile.page.evaluate("scrollTo(0, 0)")
    hostile.page.get_by_role("button", name="Why is there no box here?").click()
    expect(hostile.at(".ex-why li").first).to_be_visible()
    assert hostile.at("#explainer script, #explainer img").count() == 0


def test_covering_shows_which_piece_the_score_needs(explained):
    chips = explained.at(".ex-look .ex-choice button")
    chips.filter(has_text="cross").click()  # at the lower left
    stage = see(explained, "output")
    stage.get_by_role("button", name="Cover the picture piece by piece").click()
    words = stage.locator(".ex-cover .ex-say")
    expect(words).to_contain_text("the score of cross is", timeout=60000)
    score = re.search(r"\d\.\d+", chips.filter(has_text="cross").inner_text())[0]
    assert f"instead of {score}" in words.inner_text()  # the same pixels, and so the same number as everywhere
    rects = [stage.locator(f".ex-cover .ex-{role} rect").first for role in ("default", "prediction")]
    left, top, wide, high = (
        [float(rect.get_attribute(name)) for rect in rects] for name in ("x", "y", "width", "height")
    )
    assert left[0] - wide[1] < left[1] < left[0] + wide[0]  # the piece lies in the box
    assert top[0] - high[1] < top[1] < top[0] + high[0]
    assert stage.locator(".ex-cover .ex-photo rect.ex-line").count() == 51
    assert stage.locator(".ex-cover .ex-photo text").count() == 49
    explained.page.evaluate("scrollTo(0, 0)")
    chips.filter(has_text="ring").click()
    expect(see(explained, "output").locator(".ex-cover .ex-pair")).to_be_hidden()  # of another box


@pytest.mark.parametrize("size", ["tiny", "phone"])
def test_a_link_goes_to_its_step_at_once_and_takes_the_focus_along(request, size):
    opened = request.getfixturevalue(size)
    for link, stage in (("NMS kept it", "nms"), ("it stands on the cell", "maps"), ("what spoke for", "output")):
        opened.page.goto(opened.path.as_uri())  # nothing is drawn yet
        opened.give(SAMPLE)
        opened.at(".ex-chain button").filter(has_text=link).click()
        opened.page.wait_for_timeout(300)
        top = opened.at(f"#ex-{stage}").evaluate("stage => stage.getBoundingClientRect().top")
        assert abs(top) < 20
        expect(opened.at(f"#ex-{stage}-title")).to_be_focused()
        expect(opened.at(f"#ex-{stage} .ex-now")).not_to_be_empty()
    opened.page.goto(opened.path.as_uri())
    opened.give(SAMPLE)
    opened.at(".ex-contents button").filter(has_text="All candidates").click()
    expect(opened.at("#ex-candidates-title")).to_be_focused()


def test_covering_starts_by_its_link_keeps_the_focus_and_stops(explained):
    explained.at(".ex-chain button").filter(has_text="cover it piece by piece").click()
    button = explained.at("#ex-cover button")
    expect(button).to_be_focused()
    expect(button).to_have_text("Stop")
    explained.page.keyboard.press("Enter")
    expect(button).to_have_text("Cover the picture piece by piece")
    expect(button).to_be_focused()
    expect(explained.at("#ex-cover .ex-pair")).to_be_hidden()


def test_the_steps_follow_a_place_without_a_box_and_a_drag_asks_nothing(explained):
    explained.page.get_by_role("button", name="Why is there no box here?").click()
    picture, why = explained.at(".ex-look .ex-photo"), explained.at(".ex-why")
    area = picture.bounding_box()
    places = [(area["x"] + x * area["width"], area["y"] + y * area["height"]) for x, y in ((0.1, 0.1), (0.9, 0.6))]
    explained.page.mouse.click(*places[0])
    expect(why).to_contain_text("10 % across and 10 % down")
    explained.page.mouse.move(*places[0])
    explained.page.mouse.down()
    explained.page.mouse.move(*places[1], steps=3)
    explained.page.mouse.up()
    explained.page.wait_for_timeout(100)
    assert "10 % across and 10 % down" in why.inner_text()
    explained.page.mouse.click(*places[1])
    expect(why).to_contain_text("90 % across and 60 % down")
    best = why.locator("li").first.inner_text()
    now = see(explained, "input").locator(".ex-now")
    expect(now).to_contain_text(f"of {best.split(':')[0]}")
    why.locator("li button").first.press("Enter")
    expect(why).to_be_focused()
    explained.page.get_by_role("button", name="Why this box?").click()
    explained.page.get_by_role("button", name="Why is there no box here?").click()
    explained.page.get_by_role("button", name="Why this box?").click()
    expect(see(explained, "input").locator(".ex-now")).to_contain_text("box 1")


def test_more_channels_of_a_sum_can_be_opened(explained):
    stage = see(explained, "output")
    values = stage.locator(".ex-sums .ex-value")
    count = values.count()
    stage.get_by_role("button", name="show more of them").click()
    expect(values).to_have_count(count + 12)
    *parts, total = [number_of(text) for text in values.all_inner_texts()]
    assert sum(parts) == pytest.approx(total, abs=1e-9)
