"""``python -m numpyssd.weights FILE`` shows what a file of weights is; see cli/show_weights.py."""

import runpy

if __name__ == "__main__":
    runpy.run_module("numpyssd.cli.show_weights", run_name="__main__", alter_sys=True)
