"""What the lessons need: showing, checking, widgets, and how a lesson becomes a notebook and a page.

display.py      show a figure, a widget or the library's own code: in a notebook, on a page, in a terminal
check.py        exercises that check themselves; exercises/*.py: what is asked, the answer, the common mistakes
widgets.py      pictures that answer to mouse, finger and keys; js/*.js is all that they are made of
notebook.py     python -m lessons.course.notebook: lessons/NN_name.py -> lessons/NN_name.ipynb, with its outputs
site.py         python -m lessons.course.site --out site: all lessons as pages that open without a network
"""
