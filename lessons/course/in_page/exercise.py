"""The cell of an exercise as HTML: its code, and for js/exercise.js what it needs to run."""

import json
import re
from html import escape
from pathlib import Path

from lessons.course import check
from lessons.course.in_page.needed_code import functions, needed_code, read
from lessons.course.markup import code_block

SCRIPT = (Path(__file__).parent / "js" / "exercise.js").read_text(encoding="utf-8")
ASKS = re.compile(r"^check\.(?!answer|hint)(\w+)\(\w+\)$", re.MULTILINE)
ANSWER = re.compile(r"^check\.answer\(.*\)\n?", re.MULTILINE)


def exercise_of(source):
    """Return the name of the exercise that a cell asks, or None."""
    found = ASKS.search(source)
    return found[1] if found else None


def exercise_html(sources, number, words):
    """Return the cell ``number`` of a lesson's cells of code as HTML that can be run.

    words: the Markdown before it; functions that it names in code, as `this`, can be used, as all that the answer uses.
    """
    source = sources[number]
    name = exercise_of(source)
    mentioned = functions(sources[:number]) & {"np", *re.findall(r"`(\w+)", words)}
    before = needed_code(sources, number, mentioned | read(check.source(name)))
    data = {"name": name, "before": before, "code": ANSWER.sub("", source).rstrip()}
    written = json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
    return (
        f'<div class="exercise" id="exercise-{escape(name)}">{code_block(source)}'
        f'<script type="application/json">{written}</script></div>'
    )
