"""Loops in a compiled function, and what their instructions do, for x86 and for Arm's 64 bits, as LLVM writes them."""

import re

LABEL = re.compile(r"(\.?L\w+):")
BRANCH = re.compile(r"(?:j\w+|b(?:\.\w+)?|cbn?z|tbn?z) (?:.*[ ,])?(\.?L\w+)$")
# A processor without such an instruction multiplies and then adds; the additions are counted.
MULTIPLY_ADD = re.compile(r"vfmadd\d+p[sd] |v?addp[sd] |fmla |fadd ")
ONE_NUMBER = re.compile(r"vbroadcasts[sd] |v?movs[sd] |v?movddup |ld1r |ldr [sd]\d")
ADDRESS = re.compile(r"(?:add|sub|lea|inc|dec)[lq] |(?:add|sub|subs) [wx]\d")
MOVED_ON = re.compile(r"\], |\]!")  # an address that Arm's load or store changes: ldr q0, [x8], #16
VECTOR = re.compile(r"(?:%[xyz]mm|\b[vqsd])(\d+)")  # q24, v24, s24 of Arm are one register, as are xmm1 and ymm1
READS_ITS_RESULT = re.compile(r"vfmadd|fmla|(?:add|mul|shuf|unpck)\w+ ")
PREFETCH = re.compile(r"prefetch|prfm ")
STACK = re.compile(r"%rsp|\bsp\b")


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
    """Return how many vector registers go from one round of the loop to the next, changed: the sums."""
    before, written = set(), set()
    for line in loop:
        registers = VECTOR.findall(line)
        if registers and not writes_memory(line):
            result = registers.pop(-1 if "%" in line else 0)  # Arm names it first, x86 (as LLVM writes it) last
            before |= {*registers, *([result] if READS_ITS_RESULT.match(line) else [])} - written
            written.add(result)
    return len(before & written)


def hottest(assembly):
    """Return the innermost loop with the most sums, and of two the one that does more steps at once."""
    loops = [loop for loop in innermost_loops(assembly) if multiply_adds(loop)]
    return max(loops, key=lambda loop: (sums(loop), len(multiply_adds(loop))))


def writes_memory(line):
    """Return whether an instruction stores. On x86 a move to memory does; the last operand is the result."""
    return line.startswith("st") if "[" in line else line[-1] == ")" and "mov" in line.split()[0]


def reads_memory(line):
    """Return whether an instruction loads; on x86 any may. One that only asks for memory does not."""
    if PREFETCH.match(line):
        return False
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
        "prefetches": [line for line in loop if PREFETCH.match(line)],
        "changes of addresses and counters": [line for line in loop if ADDRESS.match(line) or MOVED_ON.search(line)],
    }
    steps = round(len(multiply_adds(loop)) / sums(loop))  # not a whole number where a sum is kept on the stack
    return {what: len(lines) / steps for what, lines in found.items()}
