"""What a piece of a lesson's code needs of the code before it: so a page can run one exercise without the whole lesson."""

import ast
import symtable


def needed_code(sources, number, more=()):
    """Return the statements of the cells before cell ``number`` that it needs, as code; sources: of all cells of code.

    A cell needs the last statement that gives a value to a name which it reads, what changes this value afterwards, and
    what these statements need. more: names that it may need beside those that it reads.
    """
    statements = [statement for source in sources[:number] for statement in ast.parse(source).body]
    modules = {name for each in statements if _is_import(each) for name in given(ast.unparse(each))}
    names, kept = read(sources[number]) | set(more), []
    for statement in reversed(statements):
        source, changes = ast.unparse(statement), changed(statement) - modules
        gives = given(source)
        if (gives | changes) & names:
            kept.append(ast.unparse(_only(statement, names)) if _is_import(statement) else source)
            names = (names - (gives - changes)) | read(source)
    return "\n".join(reversed(kept))


def read(source):
    """Return the names that code reads without having given them a value itself."""
    names, known = set(), set()
    for statement in ast.parse(source).body:
        own = ast.unparse(statement)
        names |= {name for table in _tables(own) for name in _read_outside(table)} - known
        known |= given(own)
    return names


def given(source):
    """Return the names to which code gives a value; names within its functions are their own."""
    symbols = symtable.symtable(source, "a cell", "exec").get_symbols()
    return {each.get_name() for each in symbols if each.is_assigned() or each.is_imported()}


def functions(sources):
    """Return the names that cells of code import or define as functions."""
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef)
    statements = [each for source in sources for each in ast.parse(source).body if isinstance(each, kinds)]
    return set().union(*(given(ast.unparse(each)) for each in statements))


def changed(statement):
    """Return the names of values that a statement changes: x in x[0] = 1, in x.sort() and in x += 1."""
    names = set()
    for each in ast.walk(statement):
        place = isinstance(each, ast.Subscript | ast.Attribute) and isinstance(each.ctx, ast.Store)
        called = isinstance(each, ast.Expr) and isinstance(each.value, ast.Call)
        if place or called and isinstance(each.value.func, ast.Attribute):
            whole = each if place else each.value.func
            names |= {part.id for part in ast.walk(whole) if isinstance(part, ast.Name)}
        if isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name):
            names.add(each.target.id)
    return names


def _tables(source):
    """Return the tables of symbols of code and of all functions in it."""
    tables = [symtable.symtable(source, "a cell", "exec")]
    for table in tables:
        tables += table.get_children()
    return tables


def _read_outside(table):
    whole = table.get_type() == "module"
    return {each.get_name() for each in table.get_symbols() if each.is_referenced() and (whole or each.is_global())}


def _only(statement, names):
    """Return an import of nothing but the names that are needed."""
    statement.names = [each for each in statement.names if (each.asname or each.name).split(".")[0] in names]
    return statement


def _is_import(node):
    return isinstance(node, ast.Import | ast.ImportFrom)
