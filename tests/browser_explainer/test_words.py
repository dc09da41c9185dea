"""Words and numbers: each term is explained, a number can be told from its limit, a full list is said to end."""

import re

import pytest

from numpyssd.browser.page import JS


def test_a_number_is_told_from_its_limit(node):
    for value, limit, text in [
        (0.4512, 0.45, "0.451"),
        (0.4498, 0.45, "0.4498"),
        (0.72, 0.45, "0.72"),
        (0.45, 0.45, "0.450000"),
    ]:
        assert node.call("explainer/numbers.js", "toldFrom", value, limit) == text


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
