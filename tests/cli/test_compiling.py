from types import SimpleNamespace

import pytest

from numpyssd.cli.compiling import compile_kernels
from numpyssd.kernels.cpu.runtime import jit


@pytest.mark.parametrize(
    ("name", "not_kept", "said"),
    [
        ("cpu", {}, "compiling the kernels (seconds the first time, then kept on disk) ... 0.0 s\n"),
        ("cpu", {"relu": "set NUMBA_CACHE_DIR"}, "compiling the kernels (seconds at each start) ... 0.0 s\n"),
        ("cuda", {}, "compiling the kernels (seconds at each start) ... 0.0 s\n"),
        ("reference", {}, ""),
    ],
)
def test_what_is_promised_of_the_compiled_kernels_is_so(name, not_kept, said, monkeypatch, capsys):
    monkeypatch.setattr(jit, "NOT_KEPT", not_kept)
    compile_kernels(SimpleNamespace(NAME=name, warm_up=lambda: None))
    assert capsys.readouterr().out == said
