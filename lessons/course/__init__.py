"""What the lessons need: showing, checking, widgets, and how a lesson becomes a notebook and a page.

display.py      show a figure, a widget or the library's own code: in a notebook, on a page, in a terminal
strip.py        the strip above every lesson: the two ways, with "you are here"
check.py        exercises that check themselves; trial.py tries a function on the cases of an exercise (calling.py), and
                says what is wrong: recognize.py the common mistakes, relations.py any exercise's, errors.py what stopped it
exercises/      for each exercise the question, the answer and the common mistakes
widgets/        figures that answer to mouse, finger and keys; widgets/js/*.js is all that they are made of
percent.py      lessons/NN_name.py as cells
notebook.py     python -m lessons.course.notebook: lessons/NN_name.py -> lessons/NN_name.ipynb, with its outputs
site.py         python -m lessons.course.site --out site: all lessons as pages that open without a network
front_page.py   the page that lists the lessons; thumbnail.py makes its small figures
lesson_page.py  one notebook as a page; page.py is the frame of every page, markup.py the HTML of its words
figure_code.py  which code of a lesson only draws, so that its page folds it
in_page/        exercises that run in the page itself, without an installation
"""
