"""The strip above every lesson."""

import re

import pytest

from lessons.course.display import capturing, you_are_here
from lessons.course.strip import STEPS, strip_html, strip_text


def test_it_has_two_branches():
    assert strip_text(["NMS"]).splitlines() == [
        "you are here",
        "  both         image > base network > feature maps > default boxes",
        "  to detect  > decoding > [NMS] > evaluation",
        "  to train   > augmentation > matching > hard negatives > loss > training",
    ]


def test_html_and_text_have_the_same_steps_and_marks():
    with capturing() as shown:
        you_are_here("default boxes", "loss")
    html, text = shown[0]["data"]["text/html"], shown[0]["data"]["text/plain"]
    assert re.findall(r'<b aria-current="step"[^>]*>([^<]+)</b>', html) == ["default boxes", "loss"]
    assert re.findall(r"\[([A-Z ]+)\]", text) == ["DEFAULT BOXES", "LOSS"]
    assert all(f">{step}</" in html for step in STEPS)


def test_an_unknown_step_is_named():
    for function in (strip_html, strip_text):
        with pytest.raises(ValueError, match=r"no step \['nms'\]; the steps are image, base network"):
            function(["nms"])
