"""The frame of every page: its head, its style and its top line."""

import re
from html import escape
from pathlib import Path

from lessons.course.markup import code_colors

FOLDER = Path(__file__).parent / "widgets" / "js"
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
# A page that runs Python loads one script that lies beside it, compiles WebAssembly, and starts a worker.
POLICY_WITH_PYTHON = f"{POLICY} 'self' file: 'wasm-unsafe-eval'; worker-src blob:"


def page(title, body, name, policy=POLICY):
    """Return a whole page around a body; policy: what it may load and run."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<link rel="icon" href="data:,">
<title>{escape(title)} · numpyssd</title>
<style>
{(FOLDER / "page.css").read_text(encoding="utf-8")}
{code_colors()}
</style>
</head>
<body id="{name}">
{body}
<script>
{(FOLDER / "scrolls.js").read_text(encoding="utf-8")}</script>
</body>
</html>
"""


def top():
    """Return the line above every page."""
    return '<header><a href="index.html">numpyssd · lessons</a></header>'


def title_of(text):
    """Return the heading of a Markdown text."""
    return re.search(r"^# (.+)$", text, re.MULTILINE)[1]
