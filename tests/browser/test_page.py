"""The page as such: widths, styles, texts for ears, memory, and what it does where workers are refused."""

import contextlib
import os
from pathlib import Path

import pytest

from tests.browser.opened import SIZES, Opened, expect, launch, write_page
from tests.browser.photographs import scenes

PHOTOGRAPHS = 50


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    for i, image in enumerate(scenes(PHOTOGRAPHS)):
        image.resize((320, 240)).save(folder / f"scene{i:02}.png")
    return sorted(folder.iterdir())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_sticks_out_and_everything_has_a_name(tiny, images, size, scheme):
    tiny.page.set_viewport_size({"width": SIZES[size][0], "height": SIZES[size][1]})
    tiny.page.emulate_media(color_scheme=scheme)
    tiny.give(*images[:6])
    assert tiny.page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
    nameless = tiny.page.evaluate(
        "[...document.querySelectorAll('button, select, input, canvas[role=img]')].filter(e => e.offsetParent && "
        "!(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)).map(e => e.outerHTML)"
    )
    assert nameless == []
    ids = tiny.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    low = tiny.page.evaluate(
        "[...document.querySelectorAll('#inputs button, #saving button, #threshold button, #strip button')]"
        ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 32).map(e => e.outerHTML)"
    )
    assert low == []  # large enough for a finger
    assert tiny.at("#status").get_attribute("aria-live") == "polite"
    assert tiny.at("#picture .boxes").get_attribute("aria-label") == tiny.status()


def test_a_page_without_photographs_says_what_to_do(tiny):
    assert "Drop photographs here" in tiny.at("#inputs").inner_text()
    assert "no photograph leaves it" in tiny.at("#about").inner_text()
    assert tiny.at("#title").inner_text() == tiny.page.title() == "Finds cross, ellipse, rectangle, ring, triangle"


MANY_BOXES = """() => {
  const found = (_, i) => ({ label: 1, name: "a", score: 1 - i / 200, box: [i, i, i + 9, i + 9] });
  const shown = Array.from({ length: 200 }, found);
  const picture = new Picture(document.getElementById("picture"), () => {}), view = document.createElement("canvas");
  picture.open(view, 300, 300);
  let labels = 0;
  CanvasRenderingContext2D.prototype.fillText = () => { labels += 1; };
  return [null, shown[3], shown[150]].map((chosen) => {
    labels = 0;
    picture.draw(shown, chosen, "");
    return labels;
  });
}"""


def test_of_many_boxes_the_best_and_the_chosen_one_get_labels(tiny):
    assert tiny.page.evaluate(MANY_BOXES) == [40, 40, 41]


def test_sentences_name_a_few_classes_and_the_beginnings_of_long_names(tiny):
    names = ["a" * 60, *(f"kind {i}" for i in range(30))]
    shown = [{"name": name} for name in names for _ in range(2 if name == "kind 5" else 1)]
    said = tiny.page.evaluate("shown => countsOfClasses(shown)", shown)
    assert said == f"2 kind 5, 1 {'a' * 31}…, 1 kind 0, 1 kind 1, 1 kind 2, 1 kind 3, 25 of other classes"
    assert tiny.page.evaluate("shown => countsOfClasses(shown)", shown[1:3]) == "1 kind 0, 1 kind 1"


def test_a_phone_is_not_told_to_drop_files(phone):
    assert "Drop" not in phone.at("#inputs").inner_text()
    assert phone.at("#choose").is_visible()


def test_where_workers_are_refused_the_page_computes_by_itself(browser, tiny, page_file, images):
    tiny.give(*images[:2])
    expected = tiny.lines()
    script = "window.Worker = class { constructor() { throw new DOMException('refused', 'SecurityError'); } };"
    with Opened(browser, page_file, script=script) as opened:
        expect(opened.at("#notice")).to_contain_text("allows no worker")
        opened.give(*images[:2])
        assert opened.lines() == expected


def test_a_page_that_was_cut_short_says_so(browser, tmp_path):
    path = write_page(tmp_path / "page.html")
    text = path.read_text(encoding="utf-8")
    start = text.index('id="weights">') + 13
    end = text.index("</script>", start)
    path.write_text(text[: start + 4000] + text[end:], encoding="utf-8")
    with Opened(browser, path) as opened:
        expect(opened.at("#notice")).to_contain_text("cut short; copy it again")


def memory_of(opened, others):
    """Return the used memory of the page in MB: of its JavaScript after a collection, and of its process.

    others: numbers of processes that draw other pages.
    """
    session = opened.context.new_cdp_session(opened.page)
    session.send("HeapProfiler.enable")
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")
    session.detach()
    return (heap["usedSize"] + heap.get("backingStorageSize", 0)) / 1e6, max(
        [0, *(size for number, size in renderers().items() if number not in others)]
    )


def renderers():
    """Return the resident memory in MB of each process of ours that draws a page, by its number; none but on Linux."""
    sizes = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            command = status.with_name("cmdline").read_bytes()
            if b"--type=renderer" in command and is_ours(int(status.parent.name)):
                resident = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
                sizes[int(status.parent.name)] = int(resident.split()[1]) / 1024
        except (OSError, StopIteration):  # it has ended meanwhile
            continue
    return sizes


def is_ours(process):
    """Return whether a process was started by this one, directly or not."""
    while process > 1:
        if process == os.getpid():
            return True
        process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return False


def test_memory_is_flat_over_fifty_photographs(browser, page_file, images):
    others, measured = renderers(), []
    with contextlib.closing(launch(browser.browser_type)) as own, Opened(own, page_file) as opened:
        opened.give(*images)
        assert opened.at("#strip button").count() == PHOTOGRAPHS
        for number in range(PHOTOGRAPHS):
            opened.at("#strip button").nth(PHOTOGRAPHS - 1 - number).click()
            expect(opened.at("#status")).to_contain_text(f"scene{PHOTOGRAPHS - 1 - number:02}.png (")
            expect(opened.at("#explainer")).to_be_visible()
            if number in (9, PHOTOGRAPHS - 1):
                measured.append(memory_of(opened, others))
        assert (opened.complaints, opened.leaves()) == ([], [])
    (heap, resident), (heap_at_end, resident_at_end) = measured
    print(f"heap {heap:.1f} -> {heap_at_end:.1f} MB, process {resident:.0f} -> {resident_at_end:.0f} MB")
    assert heap_at_end < heap + 3  # the stages of one photograph are 1.5 MB: 40 kept would be 60
    assert resident_at_end < resident + 40
