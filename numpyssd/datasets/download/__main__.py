"""``python -m numpyssd.datasets.download`` is ``python -m numpyssd.download``, by its earlier name."""

import runpy

if __name__ == "__main__":
    runpy.run_module("numpyssd.download", run_name="__main__", alter_sys=True)
