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

LABEL = re.compile(r"(\.?L\w+):")
BRANCH = re.compile(r"(?:j\w+|b(?:\.\w+)?|cbn?z|tbn?z) (?:.*[ ,])?(\.?L\w+)$")
# A processor without such an instruction multiplies and then adds; the additions are counted.
MULTIPLY_ADD = re.compile(r"vfmadd\d+p[sd] |v?addp[sd] |fmla |fadd ")
ONE_NUMBER = re.compile(r"vbroadcasts[sd] |v?movs[sd] |v?movddup |ld1r |ldr [sd]\d")
ADDRESS = re.compile(r"(?:add|sub|lea|inc|dec)[lq] |(?:add|sub|subs) [wx]\d")
MOVED_ON = re.compile(r"\], |\]!")  # an address that Arm's load or store changes: ldr q0, [x8], #16
STACK = re.compile(r"%rsp|\bsp\b")
ROUNDS = 1000  # of the loop, in the model


def instructions(assembly):
    """Return the labels and instructions of a compiled function, without comments and with single spaces."""
    lines = (" ".join(re.split(r"##|//|;|#(?!-?\d)", line)[0].split()) for line in assembly.splitlines())
    return [line for line in lines if LABEL.match(line) or (line and line[0] != "." and line[-1] != ":")]


def innermost_loops(assembly):
    """Return the loops that contain no other: the instructions from a label to the branch back to it."""
    lines, places, spans = instructions(assembly), {}, []
    for at, line in enumerate(lines):
        if label := LABEL.match(line):
            places[label[1]] = at
        elif (branch := BRANCH.match(line)) and branch[1] in places:
            spans.append(range(places[branch[1]], at + 1))
    inner = [span for span in spans if not any(a != span and a[0] in span and a[-1] in span for a in spans)]
    return [[lines[at] for at in span if not LABEL.match(lines[at])] for span in inner]


def multiply_adds(loop):
    """Return the instructions that add products to sums."""
    return [line for line in loop if MULTIPLY_ADD.match(line)]


def sums(loop):
    """Return how many registers a loop adds products to. Arm names the result first, x86 (as LLVM writes it) last."""
    return len({re.findall(r"v\d+|%[xyz]mm\d+", line)[0 if "%" not in line else -1] for line in multiply_adds(loop)})


def hottest(assembly):
    """Return the innermost loop with the most sums, and of two the one that does more steps at once."""
    return max(innermost_loops(assembly), key=lambda loop: (sums(loop), len(multiply_adds(loop))))


def writes_memory(line):
    """Return whether an instruction stores. On x86 a move to memory does; the last operand is the result."""
    return line.startswith("st") if "[" in line else line[-1] == ")" and "mov" in line.split()[0]


def reads_memory(line):
    """Return whether an instruction loads; on x86 any may."""
    if "[" in line:
        return line.startswith("ld")
    return "(" in line and not line.startswith("lea") and not writes_memory(line)


def counts(loop):
    """Return {what: how many for one step of k}."""
    reads, writes = ([line for line in loop if test(line)] for test in (reads_memory, writes_memory))
    found = {
        "instructions": loop,
        "multiply-adds": multiply_adds(loop),
        "loads": reads,
        "loads of one number for all lanes": [line for line in reads if ONE_NUMBER.match(line)],
        "stores": writes,
        "loads and stores of the stack": [line for line in reads + writes if STACK.search(line)],
        "changes of addresses and counters": [line for line in loop if ADDRESS.match(line) or MOVED_ON.search(line)],
    }
    steps = len(multiply_adds(loop)) / sums(loop)
    return {what: len(lines) / steps for what, lines in found.items()}


def product_assembly():
    """Return the assembly of the matrix product in float32 as Numba compiles it."""
    import numba  # not before the processor is chosen: Numba and numpyssd ask for it when they are imported

    from numpyssd.kernels.cpu.conv.gemm import Size, gemm
    from numpyssd.kernels.cpu.conv.layout import Matrix
    from numpyssd.kernels.cpu.runtime.jit import OPTIONS

    @numba.njit(**OPTIONS)
    def product(a, row, step, b, c, c_row, c_panel, rows, columns, depth, add):
        gemm(a, Matrix(0, row, step), b, 0, c, Matrix(0, c_row, c_panel), Size(rows, columns, depth), add)

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
    return (
        ROUNDS * len(multiply_adds(loop)) / int(cycles[1])
        if cycles and "not a recognized" not in report.stderr
        else None
    )


def main(argv=None):
    """Parse the arguments, compile, and print a line for each count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inner_loop", description=__doc__.split("\n")[0])
    parser.add_argument("--cpu", metavar="NAME", help="LLVM's name of a processor of this machine's kind")
    parser.add_argument("--features", metavar="LIST", default="", help="what it can, such as +avx2,+fma")
    parser.add_argument("--model", metavar="NAME", help="the processor that llvm-mca models (default: the same)")
    args = parser.parse_args(argv)
    if args.cpu:
        os.environ |= {"NUMBA_CPU_NAME": args.cpu, "NUMBA_CPU_FEATURES": args.features}
    loop = hottest(product_assembly())
    import llvmlite.binding as llvm

    cpu = args.cpu or llvm.get_host_cpu_name()
    print(f"The matrix product for {cpu}: {sums(loop)} vectors of sums; for one step of k:")
    for what, count in counts(loop).items():
        print(f"{count:7.2f} {what}")
    model = args.model or cpu
    if found := rate(loop, llvm.get_process_triple(), model):
        print(f"{found:7.2f} multiply-adds a cycle by llvm-mca's model of {model}")
    else:
        print(f"   none multiply-adds a cycle: llvm-mca is not installed, or has no model of {model} (--model NAME)")


if __name__ == "__main__":
    main()
