"""Which code of a lesson only draws: a page folds it, so that the figure comes right after the words on it.

A statement only draws if it calls a function that draws, or a method of a figure or its axes; so do statements right
before it that prepare, with nothing but Python and NumPy, what no other code uses. The tags "figure" and "code" of a
cell overrule that: all its code is folded, or shown.
"""

import ast

DRAWING = {"new_figure", "show", "show_widget", "legend", "you_are_here"}  # beside draw_...
PLAIN = {
    "abs", "dict", "enumerate", "float", "int", "len", "list", "max", "min", "range", "reversed", "round", "set",
    "sorted", "str", "sum", "tuple", "zip",
}  # fmt: skip
METHODS = {
    "astype", "copy", "cumsum", "format", "items", "join", "keys", "max", "mean", "min", "ravel", "repeat", "reshape",
    "round", "std", "sum", "tolist", "transpose", "values",
}  # fmt: skip


def parts(cells):
    """Return for each cell its source in parts, pairs (source, whether it only draws).

    cells: pairs (source, tags) of a lesson's cells of code, in order. The parts of a cell, joined by newlines, are its
    source. A cell in which drawing and other code alternate has one part.
    """
    trees = [ast.parse(source) for source, _ in cells]
    known = {name for tree in trees for each in tree.body for name in _widgets(each) | _made_by_new_figure(each)}
    needed, result = set(), []  # needed: what code that is shown uses later
    for tree, (source, tags) in zip(reversed(trees), reversed(cells)):
        flags = ["figure" in tags] * len(tree.body)
        if not {"figure", "code"} & set(tags):
            flags = _flags(tree.body, known, needed - known)
        if sum(after and not before for before, after in zip([False, *flags], flags)) > 1:
            flags = [False] * len(flags)
        for statement, drawing in reversed(list(zip(tree.body, flags))):
            if not drawing:
                needed = (needed - _names(statement, ast.Store)) | _names(statement)
        result.append(_cut(source, tree.body, flags))
    return result[::-1]


def _flags(statements, known, needed):
    """Return for each statement of a cell whether it only draws."""
    flags, after, needed = [], False, set(needed)
    for statement in reversed(statements):
        after = _draws(statement, known) or (after and _prepares(statement, known, needed))
        if not after:
            needed |= _names(statement)
        flags.append(after)
    return flags[::-1]


def _cut(source, statements, flags):
    """Return the source in parts; the comments above a statement belong to it."""
    lines, result, begin = source.splitlines(), [], 0
    for n, (statement, flag) in enumerate(zip(statements, flags)):
        last = n + 1 == len(flags)
        if last or flags[n + 1] != flag:
            end = len(lines) if last else statement.end_lineno
            result.append(("\n".join(lines[begin:end]).strip("\n"), flag))
            begin = end
    return result or [(source, False)]


def _draws(statement, known):
    if isinstance(statement, ast.Expr | ast.Assign):
        return _is_drawing(statement.value, known)
    if isinstance(statement, ast.For) and not statement.orelse:
        inner = known | (_names(statement.target, ast.Store) if _names(statement.iter) & known else set())
        return _flags(statement.body, inner, set()) == [True] * len(statement.body)
    return False


def _prepares(statement, known, needed):
    if isinstance(statement, ast.ImportFrom):
        return all(alias.name.startswith("draw_") for alias in statement.names)
    if not isinstance(statement, ast.Assign):
        return False
    targets = set().union(*(_names(target, ast.Store) for target in statement.targets))
    return not targets & needed and _is_plain(statement.value, known)


def _is_drawing(node, known):
    """Return whether an expression is a call that draws, or of a method of a figure, its axes, or a widget's module."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in DRAWING or name.startswith("draw_"):
        return True
    return isinstance(node.func, ast.Attribute) and bool(_names(node.func) & known)


def _is_plain(node, known):
    """Return whether an expression calls nothing but Python's and NumPy's own functions and methods, and drawing."""
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    return all(_is_drawing(call, known) or _is_pythons_own(call.func) for call in calls)


def _is_pythons_own(function):
    if isinstance(function, ast.Name):
        return function.id in PLAIN
    own = isinstance(function, ast.Attribute) and function.attr in METHODS
    return own or "np" in _names(function)


def _names(node, context=ast.Load):
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, context)}


def _widgets(statement):
    """Return the names of modules of widgets that a statement imports."""
    if isinstance(statement, ast.ImportFrom) and statement.module.startswith("lessons.course.widgets"):
        return {alias.asname or alias.name for alias in statement.names}
    return set()


def _made_by_new_figure(statement):
    if not isinstance(statement, ast.Assign):
        return set()
    calls = [each for each in ast.walk(statement.value) if isinstance(each, ast.Call)]
    if not any(isinstance(call.func, ast.Name) and call.func.id == "new_figure" for call in calls):
        return set()
    return set().union(*(_names(target, ast.Store) for target in statement.targets))
