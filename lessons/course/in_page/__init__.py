"""Exercises that run in the page: Python, NumPy and Pillow as WebAssembly (Pyodide), with no network or installation.

runtime.py      the files of Pyodide: where they come from, and that they are what Pyodide's own list says
bundle.py       these files and numpyssd's own code as one script, python.js, which a page loads when it is needed
needed_code.py  what an exercise needs of the lesson before it
run_exercise.py runs the code, inside of the page
exercise.py     the cell of an exercise as HTML that js/exercise.js makes into an editor; js/worker.js runs the code
"""
