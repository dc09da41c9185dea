"""Every control, by mouse, by touch and by keys."""

import base64
import re

import pytest

from tests.browser.opened import expect
from tests.browser.photographs import encoded, scenes


@pytest.fixture
def images(tmp_path):
    for i, image in enumerate(scenes(4)):
        image.save(tmp_path / f"scene{i}.png")
    return sorted(tmp_path.glob("scene*.png"))


def press(opened, selector, by):
    """Use a button by mouse, by touch, or by keys."""
    button = opened.at(selector)
    if by == "mouse":
        button.click()
    elif by == "touch":
        button.tap()
    else:
        button.focus()
        opened.page.keyboard.press("Enter")


def choose(opened, buttons, number, by, arrow):
    """Use one of several buttons by mouse, by touch, or by an arrow key from the first one on."""
    if by == "mouse":
        buttons.nth(number).click()
    elif by == "touch":
        buttons.nth(number).tap()
    else:
        buttons.nth(0).focus()
        for _ in range(number):
            opened.page.keyboard.press(arrow)
        opened.page.keyboard.press("Enter")


@pytest.fixture(params=["mouse", "touch", "keys"])
def by(request):
    return request.param


@pytest.fixture
def opened(request, by):
    return request.getfixturevalue("phone" if by == "touch" else "tiny")


@pytest.mark.parametrize(("button", "several"), [("#choose", True), ("#take", False)])
def test_photographs_from_a_dialog_and_from_the_camera(opened, by, images, button, several):
    with opened.page.expect_file_chooser() as dialog:
        press(opened, button, by)
    assert dialog.value.is_multiple() == several
    dialog.value.set_files(images if several else images[0])
    opened.wait()
    assert opened.status().startswith("scene0.png (211 × 157 pixels): ")
    assert opened.at("#strip button").count() == (4 if several else 1)
    assert opened.at("#camera").get_attribute("capture") == "environment"


def test_the_strip_chooses(opened, by, images):
    opened.give(*images)
    strip = opened.at("#strip button")
    expect(strip.nth(0)).to_have_attribute("aria-pressed", "true")
    choose(opened, strip, 2, by, "ArrowRight")
    expect(strip.nth(2)).to_have_attribute("aria-pressed", "true")
    expect(opened.at("#status")).to_contain_text("scene2.png (192 × 192 pixels): ")


def test_the_threshold_slides_and_goes_back(opened, by, images):
    opened.give(images[0])
    start = opened.status()
    slider = opened.at("#slider")
    area = slider.bounding_box()
    if by == "keys":
        opened.set_threshold(10)
    elif by == "touch":
        opened.page.touchscreen.tap(area["x"] + 0.12 * area["width"], area["y"] + area["height"] / 2)
    else:
        opened.page.mouse.move(area["x"] + area["width"] / 2, area["y"] + area["height"] / 2)
        opened.page.mouse.down()
        opened.page.mouse.move(area["x"] + 0.12 * area["width"], area["y"] + area["height"] / 2, steps=4)
        opened.page.mouse.up()
    value = float(slider.input_value())
    assert 0.05 < value < 0.2
    assert slider.get_attribute("aria-valuetext") == opened.at("#threshold output").inner_text() == f"{value:.2f}"
    shown = opened.at("#found .score").all_inner_texts()
    assert len(shown) > len(re.findall("found", start))
    assert all(float(score) >= value for score in shown)
    assert f"{len(shown)} found" == opened.at("#strip .count").text_content()
    press(opened, "#threshold button", by)
    assert opened.status() == start


def test_a_box_is_chosen_in_the_list_and_the_explainer_follows(opened, by, images):
    opened.give(images[2])
    opened.set_threshold(10)
    found = opened.at("#found button")
    assert found.count() >= 2
    choose(opened, found, 1, by, "ArrowDown")
    expect(found.nth(1)).to_have_attribute("aria-pressed", "true")
    name, score = found.nth(1).locator(".name").inner_text(), float(found.nth(1).locator(".score").inner_text())
    expect(opened.at("#explainer [aria-pressed=true]").filter(has_text=f"{name} {score:.2f}")).to_have_count(1)
    opened.page.keyboard.press("Escape")
    expect(opened.at("#found button[aria-pressed=true]")).to_have_count(0)


def area_of(found):
    x1, y1, x2, y2 = found["box"]
    return (x2 - x1) * (y2 - y1)


@pytest.mark.parametrize("by", ["mouse", "touch"])  # keys have the list
def test_a_box_is_chosen_in_the_picture(opened, by, images):
    opened.give(images[2])
    line = opened.lines()[0]
    opened.at("#picture .boxes").scroll_into_view_if_needed()
    area = opened.at("#picture .boxes").bounding_box()
    scale = area["width"] / line["width"]
    smallest = min(line["detections"], key=area_of)
    x1, y1, x2, y2 = smallest["box"]
    x, y = area["x"] + scale * (x1 + x2) / 2, area["y"] + scale * (y1 + y2) / 2
    if by == "touch":
        opened.page.touchscreen.tap(x, y)
    else:
        opened.page.mouse.move(x, y)
        expect(opened.at("#found button[aria-pressed=true]")).to_have_count(1)
        opened.page.mouse.move(area["x"] - 3, area["y"] - 3)
        expect(opened.at("#found button[aria-pressed=true]")).to_have_count(0)
        opened.page.mouse.click(x, y)
    number = line["detections"].index(smallest)
    expect(opened.at("#found button").nth(number)).to_have_attribute("aria-pressed", "true")


def test_saving_removing_and_dismissing(opened, by, images, tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    opened.give(*images, tmp_path / "notes.txt")
    for button, name in ((".one", "scene0.json"), (".all", "detections.jsonl")):
        with opened.page.expect_download() as download:
            press(opened, f"#saving {button}", by)
        assert download.value.suggested_filename == name
    opened.at("#format").focus()
    opened.page.keyboard.press("End")
    expect(opened.at("#format")).to_have_value("png")
    press(opened, "#dismiss", by)
    expect(opened.at("#errors")).to_be_hidden()
    press(opened, "#remove", by)
    for gone in ("#result", "#strip", "#explainer", "#remove"):
        expect(opened.at(gone)).to_be_hidden()
    opened.give(images[1])
    assert opened.status().startswith("scene1.png")


HOLD = """() => {
  const read = Blob.prototype.arrayBuffer, may = new Promise((resolve) => { window.release = resolve; });
  Blob.prototype.arrayBuffer = async function () { await may; return read.call(this); };
}"""
SIDES = "[...document.querySelectorAll('#picture canvas.image')].map(c => c.width / c.height)[0]"


def test_a_photograph_that_waits_to_be_opened_has_its_own_picture_and_boxes(tiny, images):
    tiny.give(*images)
    tiny.set_threshold(1)
    places = []
    for number in (1, 0):
        tiny.at("#strip button").nth(number).click()
        expect(tiny.at("#status")).to_contain_text(f"scene{number}.png")
        tiny.wait()
        places.append(tiny.at("#found .place").all_inner_texts())
    tiny.page.evaluate(HOLD)  # as if the network were busy with another photograph
    tiny.at("#strip button").nth(1).click()
    expect(tiny.at("#status")).to_contain_text("scene1.png (157 × 211 pixels)")
    assert places[0] != places[1]
    assert tiny.at("#found .place").all_inner_texts() == places[0]
    assert tiny.page.evaluate(SIDES) == pytest.approx(157 / 211, abs=0.01)
    tiny.page.set_input_files("#files", str(images[2]))  # nothing is known of it
    expect(tiny.at("#picture")).to_be_hidden()
    expect(tiny.at("#found button")).to_have_count(0)
    tiny.page.evaluate("release()")
    tiny.wait()
    expect(tiny.at("#picture")).to_be_visible()
    assert tiny.page.evaluate(SIDES) == 1


def test_what_is_removed_while_it_is_read_says_nothing_afterwards(tiny, images, tmp_path):
    (tmp_path / "half.png").write_bytes(images[0].read_bytes()[:2000])
    tiny.page.evaluate(HOLD)
    tiny.page.set_input_files("#files", [str(tmp_path / "half.png"), str(images[1])])
    tiny.at("#remove").click()
    tiny.page.evaluate("release()")
    tiny.give(images[2])
    assert tiny.sentences() == []
    assert tiny.at("#strip .name").all_text_contents() == ["scene2.png"]
    assert tiny.status().startswith("scene2.png")


DROPPED = """([kind, text]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)), data = new DataTransfer();
  data.items.add(new File([bytes], "given.png", { type: "image/png" }));
  const all = { bubbles: true, cancelable: true };
  const events = kind === "paste" ? [new ClipboardEvent("paste", { clipboardData: data, ...all })]
    : ["dragover", "drop"].map((name) => new DragEvent(name, { dataTransfer: data, ...all }));
  for (const event of events) document.body.dispatchEvent(event);
}"""


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_photographs_that_are_pasted_or_dropped(tiny, kind):
    text = base64.b64encode(encoded(scenes(1)[0], "PNG")).decode()
    for _ in range(2):
        tiny.page.evaluate(DROPPED, [kind, text])
        tiny.wait()
    assert tiny.at("#strip .name").all_inner_texts() == ["given.png", "given-2.png"]


def test_the_order_of_the_tab_key_reaches_everything(tiny, images, tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    tiny.give(*images, tmp_path / "notes.txt")
    tiny.page.evaluate("document.activeElement.blur()")
    reached, name_of = [], "(e => e.id || e.className || e.closest('[id]')?.id)(document.activeElement)"
    for _ in range(40):
        tiny.page.keyboard.press("Tab")
        reached.append(tiny.page.evaluate(name_of))
    for name in ("choose", "take", "remove", "dismiss", "strip", "slider", "found", "format", "one", "all"):
        assert name in reached, (name, reached)
