"""The page that lists the lessons: something to play with, and a card for each lesson."""

import re
from html import escape
from typing import NamedTuple

from lessons.course.lesson_page import output_html
from lessons.course.markup import markdown
from lessons.course.page import page, title_of, top
from lessons.course.thumbnail import thumbnail

TITLE = "Object detection, step by step"
# The first lesson of each group.
GROUPS = (
    ("What a detector is", 0),
    ("The network", 2),
    ("Boxes", 8),
    ("Learning", 10),
    ("From numbers to results", 14),
    ("Your own detector", 16),
    ("Other detectors", 20),
    ("Appendix", 24),
)


class Lesson(NamedTuple):
    """What the pages say of a lesson: the name of its file, title, goal (Markdown), and the minutes it takes, or 0."""

    name: str
    title: str
    goal: str
    minutes: int
    notebook: dict


def lesson_of(name, notebook):
    """Return the Lesson of a notebook: its heading, the sentence after "Goal", the number after "Time"."""
    text = "".join(notebook["cells"][0]["source"])
    goal = re.search(r"\*\*Goal\.\*\*\s*(.+?)(?:\n\n|\Z)", text, re.DOTALL)
    minutes = re.search(r"Time:\s+(\d+)\s+minutes", text)
    words = " ".join(goal[1].split()) if goal else ""
    return Lesson(name, title_of(text), words, int(minutes[1]) if minutes else 0, notebook)


def front_page(course, others=()):
    """Return the page that lists the lessons of a course, and the other pages, paths of Markdown files."""
    hours = sum(lesson.minutes for lesson in course) / 60
    words = (
        f"<h1>{TITLE}</h1>"
        "<p>Each lesson builds one part of a detector, SSD, from loops that you can read to the code that runs fast. "
        "You need NumPy and some patience; no deep learning. The figures move where there is something to try, and "
        "the exercises tell you what went wrong.</p>"
        f'<p><a class="begin" href="{course[0].name}.html">Begin with the first lesson</a> '
        'or <a href="playground.html">draw something, and watch the detector find it</a>.</p>'
        f"<p>{len(course)} lessons, about {max(1, round(hours))} hours with the exercises. To run the code, open a lesson's notebook in "
        "Jupyter or in an editor that knows notebooks, or run it in a terminal: "
        "<code>python lessons/01_boxes_and_iou.py</code>.</p>"
    )
    links = "".join(
        f'<li><a href="{path.stem}.html">{escape(title_of(path.read_text(encoding="utf-8")))}</a></li>'
        for path in others
    )
    more = f"<h2>To look up</h2><ul>{links}</ul>" if links else ""
    groups = "".join(_group(title, lessons) for title, lessons in _grouped(course))
    body = f'{top()}<main><div class="hero"><div>{words}</div><div>{_hero(course)}</div></div>{groups}{more}</main>'
    return page(TITLE, body, "front")


def _grouped(course):
    """Return pairs (title, lessons) of the groups that have lessons; a lesson's number begins the name of its file."""
    groups = [(title, []) for title, _ in GROUPS]
    for lesson in course:
        number = int(re.match(r"\d+", lesson.name)[0])
        groups[sum(first <= number for _, first in GROUPS) - 1][1].append(lesson)
    return [(title, lessons) for title, lessons in groups if lessons]


def _group(title, lessons):
    return f'<h2>{title}</h2><ol class="cards">{"".join(map(_card, lessons))}</ol>'


def _card(lesson):
    time = f"{lesson.minutes} minutes · " if lesson.minutes else ""
    title = escape(lesson.title)
    return (
        f'<li><div class="thumbnail">{thumbnail(lesson.notebook)}</div>'
        f'<h3><a href="{lesson.name}.html">{title}</a></h3>{markdown(lesson.goal)}'
        f'<p class="time">{time}<a href="{lesson.name}.ipynb" download aria-label="Download the notebook of {title}">'
        "notebook</a></p></li>"
    )


def _hero(course):
    """Return the first widget of the course, with the figure that stands for it where no scripts run."""
    outputs = [output for cell in course[0].notebook["cells"] for output in cell.get("outputs", ())]
    for still, widget in zip(outputs, outputs[1:]):
        if still.get("metadata", {}).get("numpyssd") == "still":
            return output_html(still) + output_html(widget)
    return ""
