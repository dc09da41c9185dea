"""Compiles every kernel for one kind of GPU and assembles it, with NVIDIA's own tools and without a GPU.

    python tests/cuda/assemble.py 8.0        the kernels' numbers for compute capability 8.0, as JSON
    python tests/cuda/assemble.py 8.0 FILE   the same for the kernels of another file's ROWS
    python tests/cuda/assemble.py --accept   write registers.json anew, after a look at why a number rose

One process for each kind of GPU, since Numba keeps what it compiled.
"""

import json
import os
import re
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

REGISTERS = Path(__file__).with_name("registers.json")


def ptxas():
    """Return the path of the assembler that came with the compiler: an older one refuses what this one writes."""
    import nvidia

    found = [path for folder in nvidia.__path__ for path in Path(folder).glob("*/bin/ptxas")]
    if not found:
        raise FileNotFoundError("no ptxas: pip install -r requirements-cuda-check.txt")
    return found[0]


def newest():
    """Return the newest compute capability that compiler and assembler know, as 12.1."""
    from numba.cuda.cudadrv.nvrtc import get_supported_ccs

    listed = subprocess.run([ptxas(), "--help"], capture_output=True, text=True, check=True).stdout
    known = {(int(n[:-1]), int(n[-1])) for n in re.findall(r"'sm_(\d+)'", listed)}
    return ".".join(map(str, max(tuple(cc) for cc in get_supported_ccs() if tuple(cc) in known)))


def compiled(rows, cc):
    """Return {name: PTX} of rows of the table."""
    from numba import cuda

    return {row.kernel.__name__: cuda.compile_ptx(row.kernel, row.signature, cc=cc)[0] for row in rows}


def assembled(texts, cc):
    """Return {name: {registers, shared, stack, spills, float64}} for {name: PTX}, assembled as one file."""
    found, parts = {}, []
    for number, text in enumerate(texts.values()):
        parts.append(re.sub(r"^\.(version|target|address_size).*$", "", text, flags=re.M) if number else text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kernels.ptx"
        path.write_text("\n".join(parts))
        command = [ptxas(), f"-arch=sm_{cc[0]}{cc[1]}", "-v", "-o", os.devnull, path]
        result = subprocess.run(command, capture_output=True, text=True)
    said = result.stdout + result.stderr
    if result.returncode:
        raise RuntimeError(f"ptxas refuses: {said}")
    entries = {re.search(r"\.entry (\S+?)\(", text)[1]: name for name, text in texts.items()}
    for block in said.split("Compiling entry function '")[1:]:
        name = entries[block.split("'")[0]]
        stack, stores, loads = max(
            tuple(map(int, numbers))
            for numbers in re.findall(
                r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", block
            )
        )
        shared = re.search(r"(\d+) bytes smem", block)
        found[name] = {
            "registers": int(re.search(r"Used (\d+) registers", block)[1]),
            "shared": int(shared[1]) if shared else 0,
            "stack": stack,
            "spills": stores + loads,
            "float64": len(re.findall(r"\.f64\b", texts[name])),
            "signed64": len(re.findall(r"\b(?:div|rem)\.s64\b", texts[name])),
        }
    return found


def table_for(cc, rows):
    """Return what assembled() says for all kernels of a table."""
    pair = tuple(map(int, cc.split(".")))
    return assembled(compiled(rows, pair), pair)


def in_a_process(*arguments):
    """Return what this file prints for these arguments, computed in a process of its own."""
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}"}
    command = [sys.executable, __file__, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def kinds_of_gpus():
    """Return the compute capabilities that are checked."""
    return "7.5", "8.0", "9.0", newest()


if __name__ == "__main__":
    if sys.argv[1] == "--accept":
        found = {cc: in_a_process(cc) for cc in kinds_of_gpus()}
        kept = {cc: {name: row["registers"] for name, row in rows.items()} for cc, rows in found.items()}
        REGISTERS.write_text(json.dumps(kept, indent=1) + "\n")
    elif len(sys.argv) == 2:
        from numpyssd.kernels.cuda.table import KERNELS

        print(json.dumps(table_for(sys.argv[1], KERNELS)))
    else:
        print(json.dumps(table_for(sys.argv[1], runpy.run_path(sys.argv[2])["ROWS"])))
