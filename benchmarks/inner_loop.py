"""Count the instructions of the innermost loop of the matrix product, where a convolution spends most of its time.

    python -m benchmarks.inner_loop                                      # as compiled for this processor
    python -m benchmarks.inner_loop --cpu haswell --features +avx2,+fma  # for another one of the same kind
    .venv-arm/bin/python -m benchmarks.inner_loop --cpu cortex-a76       # for Arm on x86; `make check-arm` makes it

The product is compiled and not run. Counts are for one step of k, so that unrolled loops compare with plain ones: a
step does one multiply-add for each vector of sums that stays in a register. Where LLVM's llvm-mca is installed, the
last line has the multiply-adds a cycle by its model of the processor, which knows no caches; --model names another
processor for it, where LLVM has no true model of the one that is compiled for.
"""

import argparse
import os
import re
import shutil
import subprocess

from benchmarks.assembly import counts, hottest, multiply_adds, sums

ROUNDS = 1000  # of the loop, in the model


def product_assembly(transposed):
    """Return the assembly of the matrix product in float32, of a or of a transposed, as Numba compiles it."""
    import numba  # not before the processor is chosen: Numba and numpyssd ask for it when they are imported

    from numpyssd.kernels.cpu.conv.gemm import Size, gemm, gemm_transposed
    from numpyssd.kernels.cpu.conv.layout import Matrix
    from numpyssd.kernels.cpu.runtime.jit import OPTIONS

    function = gemm_transposed if transposed else gemm

    @numba.njit(**OPTIONS)
    def product(a, row, step, b, c, c_row, c_panel, rows, columns, depth, add):
        function(a, Matrix(0, row, step), b, 0, 0, c, Matrix(0, c_row, c_panel), Size(rows, columns, depth), add)

    array, number = numba.float32[::1], numba.int64
    product.compile((array, number, number, array, array, *[number] * 6))
    return next(iter(product.inspect_asm().values()))


def rate(loop, triple, cpu):
    """Return the multiply-adds a cycle by llvm-mca's model of a processor, or None without llvm-mca or a model."""
    names = ["llvm-mca", *(f"llvm-mca-{version}" for version in range(15, 40))]  # Debian's names
    if not (programs := [name for name in names if shutil.which(name)]):
        return None
    command = [programs[-1], f"-mtriple={triple}", f"-mcpu={cpu}", f"-iterations={ROUNDS}"]
    report = subprocess.run(command, input="\n".join(loop), capture_output=True, text=True)
    cycles = re.search(r"Total Cycles: +(\d+)", report.stdout)
    if not cycles or "not a recognized processor" in report.stderr:
        return None
    return ROUNDS * len(multiply_adds(loop)) / int(cycles[1])


def main(argv=None):
    """Parse the arguments, compile, and print a line for each count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inner_loop", description=__doc__.split("\n")[0])
    parser.add_argument("--cpu", metavar="NAME", help="LLVM's name of a processor of this machine's kind")
    parser.add_argument("--features", metavar="LIST", default="", help="what it can, such as +avx2,+fma")
    parser.add_argument("--model", metavar="NAME", help="the processor that llvm-mca models (default: the same)")
    args = parser.parse_args(argv)
    if args.cpu:
        os.environ |= {"NUMBA_CPU_NAME": args.cpu, "NUMBA_CPU_FEATURES": args.features}
    loops = [hottest(product_assembly(transposed)) for transposed in (False, True)]
    import llvmlite.binding as llvm

    cpu = args.cpu or llvm.get_host_cpu_name()
    model = args.model or cpu
    print(f"One step of k for {cpu}, {sums(loops[0])} vectors of sums; a @ b (forward), a.T @ b (gradient of weights):")
    for what, plain, transposed in zip(counts(loops[0]), *(counts(loop).values() for loop in loops)):
        print(f"{plain:8.2f}{transposed:8.2f}  {what}")
    rates = [rate(loop, llvm.get_process_triple(), model) for loop in loops]
    if all(rates):
        print(f"{rates[0]:8.2f}{rates[1]:8.2f}  multiply-adds a cycle by llvm-mca's model of {model}")
    else:
        print(f"No rate: llvm-mca is not installed, or has no model of {model} (--model NAME)")


if __name__ == "__main__":
    main()
