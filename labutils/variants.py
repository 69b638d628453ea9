"""The reference with something changed: what a slip of one kind makes of it, as runnable code with a sentence.

Each edit of the syntax tree carries a clause that follows "as if", made from its kind and the names in it:
"the division by `m` were missing". Edits come in a fixed order, the likelier kinds first, so that the same answer gets
the same name on every machine. For the idea see DeMillo, Lipton and Sayward, "Hints on test data selection" (1978),
doi:10.1109/C-M.1978.218136.
"""
import ast
import copy
import warnings
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import Any

MOST = 500  # variants of one piece of source
LIKELY = 26  # kinds up to this rank are also tried on top of a named mistake

WORDS = {"log": "the logarithm", "exp": "the exponential", "sqrt": "the square root", "sum": "the sum", "reduce_sum": "the sum", "reduce_mean": "the mean",
         "mean": "the mean", "abs": "the absolute value", "square": "the square", "sigmoid": "the sigmoid",
         "tanh": "the tanh", "float": "the conversion to a number", "int": "the conversion to whole numbers",
         "squeeze": "`np.squeeze`", "astype": "the conversion of the type", "copy": "the copy"}
EXCHANGES = {"sum": ("mean", "max", "prod", "cumsum"), "mean": ("sum", "median"), "exp": ("log", "exp2", "expm1", "square"),
             "log": ("log2", "log10", "log1p", "exp"), "sqrt": ("square", "cbrt"), "square": ("sqrt", "abs"),
             "abs": ("square", "sign"), "maximum": ("minimum",), "minimum": ("maximum",), "max": ("min", "sum", "mean"),
             "min": ("max",), "argmax": ("argmin", "max"), "argmin": ("argmax",), "dot": ("multiply",),
             "multiply": ("dot", "add"), "matmul": ("multiply",), "var": ("std",), "std": ("var",),
             "zeros": ("ones",), "ones": ("zeros",), "tanh": ("sin", "arctan"), "floor": ("ceil", "round"),
             "round": ("floor",), "cumsum": ("cumprod",), "arange": ("linspace",), "any": ("all",), "all": ("any",),
             "reduce_sum": ("reduce_mean", "reduce_max"), "reduce_mean": ("reduce_sum",), "reduce_max": ("reduce_min", "reduce_sum")}
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**",
             ast.FloorDiv: "//", ast.Mod: "%"}
SWAPS = {ast.Add: (ast.Sub, ast.Mult), ast.Sub: (ast.Add, ast.Mult), ast.Mult: (ast.MatMult, ast.Add, ast.Div),
         ast.Div: (ast.Mult, ast.FloorDiv), ast.MatMult: (ast.Mult,), ast.Pow: (ast.Mult,), ast.FloorDiv: (ast.Div,)}
COMPARED = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!="}
COMPARISONS = {ast.Gt: (ast.Lt, ast.GtE), ast.GtE: (ast.Lt, ast.Gt), ast.Lt: (ast.Gt, ast.LtE),
               ast.LtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,)}


@dataclass(frozen=True)
class Variant:
    """The reference with something changed. `says` is the clause that follows "as if"."""
    name: str
    says: str
    function: Any


@dataclass(frozen=True)
class Edit:
    rank: int  # of its kind: the likelier first
    name: str
    says: str
    changes: tuple  # ((node, field, index or None, new value), ...)
    family: str = ""  # edits of one family are also made all at once
    where: str = ""  # said where the same slip can be made in several places


def variants(source, name, namespace, likely=False):
    """Variants of a function's source.

    Parameters
    ----------
    source : str
    name : str
        The function's name.
    namespace : dict
        Where its global names are looked up; it is copied.
    likely : bool
        Only the likelier kinds.

    Returns
    -------
    list of Variant, the likelier kinds first
    """
    tree = ast.parse(source)
    found = [e for e in _Edits(tree).placed() if e.rank <= LIKELY or not likely]
    families = defaultdict(list)
    for edit in found:
        if edit.family:
            families[edit.family].append(edit)
    for edits in families.values():
        if len(edits) > 1:
            says = list(dict.fromkeys(e.says for e in edits))
            found.append(Edit(edits[0].rank, edits[0].name + ", everywhere", says[0] + ", in all its places" if len(says) == 1 else " and ".join(says[:3]),
                              tuple(c for e in edits for c in e.changes)))
    scope, made, seen = dict(namespace), [], {compile(tree, "", "exec")}
    for edit in sorted(found, key=lambda e: e.rank)[:MOST]:
        with _changed(edit.changes):
            ast.fix_missing_locations(tree)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # such as a number with an index
                    code = compile(tree, f"<{name}, {edit.name}>", "exec")
            except (SyntaxError, ValueError, TypeError):
                continue
        if code in seen:
            continue
        seen.add(code)
        exec(code, scope)  # noqa: S102
        made.append(Variant(edit.name, edit.says + edit.where, scope[name]))
    return made


class _changed:
    """The tree with the changes made; afterwards they are taken back."""

    def __init__(self, changes):
        self.changes, self.before = changes, []

    def __enter__(self):
        for node, slot, index, new in self.changes:
            old = getattr(node, slot)
            if index is None:
                self.before.append((node, slot, old))
                setattr(node, slot, new)
            else:
                self.before.append((node, slot, list(old)))
                old = list(old)
                old[index:index + 1] = new if isinstance(new, list) else [new]
                setattr(node, slot, old)

    def __exit__(self, *_):
        for node, slot, old in reversed(self.before):
            setattr(node, slot, old)


def short(node, most=48):
    """The source of a node, for a sentence."""
    text = ast.unparse(node)
    return f"`{text}`" if len(text) <= most else f"`{text[:most - 1]}…`"


class _Edits:
    def __init__(self, tree):
        self.tree, self.root = tree, tree.body[0]
        self.arguments = [a.arg for n in ast.walk(self.root) if isinstance(n, ast.arguments) for a in n.args
                          if a.arg != "self"]
        self.locals = list(dict.fromkeys(n.id for n in ast.walk(self.root)
                                         if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)))

    def placed(self):
        """Every edit; where the same slip can be made in several places, with the place."""
        edits, place = list(self.all()), {}
        for step in ast.walk(self.root):
            if isinstance(step, ast.Assign) and isinstance(step.targets[0], ast.Name):
                place.update((id(n), f", where `{step.targets[0].id}` is set") for n in ast.walk(step))
        said = Counter(e.says for e in edits)
        return [replace(e, where=place.get(id(e.changes[0][0]), "")) if said[e.says] > 1 else e for e in edits]

    def all(self):
        """Every edit; the slot of a node is (parent, field, index)."""
        for node in ast.walk(self.root):
            for name, value in ast.iter_fields(node):
                for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
                    if isinstance(child, ast.expr) and not (isinstance(node, ast.Call) and name == "func"):
                        yield from self.expression(child, (node, name, index), node)
            if isinstance(node, ast.Call):
                yield from self.call(node)
            if isinstance(node, ast.Compare) and len(node.ops) == 1:
                yield from self.comparison(node)
            for field in ("body", "orelse"):
                if isinstance(getattr(node, field, None), list):
                    yield from self.steps(node, field)

    def expression(self, e, slot, parent):
        def edit(rank, name, says, new, family=""):
            return Edit(rank, name, says, ((*slot, new),), family)

        if isinstance(e, ast.BinOp):
            yield from self.binary(e, edit)
        elif isinstance(e, ast.UnaryOp) and isinstance(e.op, ast.USub) and not isinstance(e.operand, ast.Constant):
            if isinstance(e.operand, ast.BinOp) and _binds(e.operand.op) == 1:
                first = ast.UnaryOp(ast.USub(), e.operand.left)
                yield edit(14, "brackets left out", f"the brackets around {short(e.operand)} were missing",
                           ast.BinOp(first, e.operand.op, e.operand.right))
            yield edit(10, "minus sign left out", f"the minus sign before {short(e.operand)} were missing", e.operand,
                       "minus")
        elif isinstance(e, ast.UnaryOp) and isinstance(e.op, ast.Not):
            yield edit(50, "condition turned round", f"the condition {short(e)} were turned round", e.operand)
        elif isinstance(e, ast.Attribute) and e.attr == "T":
            yield edit(20, f"transpose of {ast.unparse(e.value)} left out",
                       f"{short(e.value)} were used without its transpose", e.value, f"T {ast.unparse(e)}")
        elif isinstance(e, ast.Call):
            yield from self.left_out_call(e, edit)
        elif isinstance(e, ast.Constant):
            yield from self.constant(e, edit, parent)
        elif isinstance(e, ast.Name) and isinstance(e.ctx, ast.Load) and e.id in self.arguments + self.locals:
            for other in self.arguments + self.locals:
                if other != e.id:
                    both = e.id in self.arguments and other in self.arguments
                    yield edit(26 if both else 70, f"{other} in place of {e.id}",
                               f"`{other}` stood where `{e.id}` belongs",
                               ast.Name(other, ast.Load()), f"name {e.id} {other}")
            if e.id in self.arguments and isinstance(parent, ast.Tuple | ast.Call):
                for op, sign in ((ast.Add(), "+"), (ast.Sub(), "-")):
                    yield edit(60, f"{e.id} {sign} 1 in place of {e.id}", f"`{e.id} {sign} 1` stood where `{e.id}` belongs",
                               ast.BinOp(e, op, ast.Constant(1)))
            if e.id in self.arguments and not isinstance(parent, ast.Attribute):
                for value in (0, 1, 0.01, 0.1, 0.5):
                    yield edit(80, f"{value} in place of {e.id}", f"{value} stood where `{e.id}` belongs",
                               ast.Constant(value), f"fixed {e.id} {value}")
        elif isinstance(e, ast.Tuple | ast.List) and isinstance(e.ctx, ast.Load) and isinstance(parent, ast.Return | ast.Call | ast.Subscript):
            for i in range(len(e.elts) - 1):
                swapped = [*e.elts[:i], e.elts[i + 1], e.elts[i], *e.elts[i + 2:]]
                yield edit(30, "order exchanged", f"{short(e.elts[i])} and {short(e.elts[i + 1])} had changed places",
                           type(e)(swapped, e.ctx))
        elif isinstance(e, ast.Dict):
            yield from self.dictionary(e, edit)
        elif isinstance(e, ast.IfExp):
            yield edit(50, "branches exchanged", f"the two branches of {short(e.test)} had changed places",
                       ast.IfExp(e.test, e.orelse, e.body))
        elif isinstance(e, ast.Slice):
            for part in ("lower", "upper"):
                if getattr(e, part) is not None:
                    new = copy.copy(e)
                    setattr(new, part, None)
                    yield edit(60, "slice bound left out", f"the bound {short(getattr(e, part))} of a slice were missing", new)
        if isinstance(e, ast.Name | ast.Call | ast.Subscript) and isinstance(getattr(e, "ctx", ast.Load()), ast.Load) \
                and _takes_matrix(parent):
            yield edit(25, f"transpose of {ast.unparse(e)[:24]} too many",
                       f"{short(e)} were transposed where it should not be", _transposed(e, parent))
        if isinstance(parent, ast.Assign | ast.Return) and isinstance(e, ast.Name | ast.BinOp | ast.Call):
            target = short(parent.targets[0]) if isinstance(parent, ast.Assign) else "what is returned"
            yield edit(40, f"sign of {target.strip('`')}", f"the sign of {target} were turned round",
                       ast.UnaryOp(ast.USub(), e))

    def binary(self, e, edit):
        kind, left, right = type(e.op), short(e.left), short(e.right)
        if kind is ast.Mult and isinstance(e.right, ast.Call) and len(e.right.args) == 1 and isinstance(e.right.args[0], ast.BinOp) \
                and _binds(e.right.args[0].op) == 1:  # y * np.log(1 - a) → y * np.log(1) - a
            inside = e.right.args[0]
            product = ast.BinOp(e.left, e.op, ast.Call(e.right.func, [inside.left], e.right.keywords))
            yield edit(14, "bracket closed too early", f"the bracket of {right} closed before `{OPERATORS[type(inside.op)]}`",
                       ast.BinOp(product, inside.op, inside.right))
        for inner in (e.left, e.right):
            if isinstance(inner, ast.BinOp) and _binds(inner.op) < _binds(e.op):
                new = ast.BinOp(inner.left, inner.op, ast.BinOp(inner.right, e.op, e.right)) if inner is e.left else \
                    ast.BinOp(ast.BinOp(e.left, e.op, inner.left), inner.op, inner.right)
                yield edit(14, "brackets left out", f"the brackets around {short(inner)} were missing", new)
        if kind is ast.Div:
            yield edit(5, f"division by {ast.unparse(e.right)} left out", f"the division by {right} were missing",
                       e.left, f"div {right}")
            if not isinstance(e.left, ast.Constant):
                yield edit(45, "numerator left out", f"{left} were missing above the fraction",
                           ast.BinOp(ast.Constant(1), e.op, e.right))
            yield edit(45, "fraction upside down", f"the fraction of {left} and {right} were upside down",
                       ast.BinOp(e.right, e.op, e.left))
        elif kind is ast.Mult:
            for rest, gone in ((e.right, e.left), (e.left, e.right)):
                yield edit(8, f"factor {ast.unparse(gone)[:30]} left out", f"the factor {short(gone)} were missing", rest,
                           f"factor {short(gone)}")
        elif kind is ast.Add:
            for rest, gone in ((e.left, e.right), (e.right, e.left)):
                yield edit(7, f"term {ast.unparse(gone)[:30]} left out", f"the term {short(gone)} were missing", rest,
                           f"term {short(gone)}")
        elif kind is ast.Sub:
            yield edit(7, f"term {ast.unparse(e.right)[:30]} left out", f"the term {right} were missing", e.left,
                       f"term {right}")
            yield edit(12, "difference turned round", f"the difference {short(e)} were taken the other way round",
                       ast.BinOp(e.right, e.op, e.left), "turned")
            for rest in (ast.UnaryOp(ast.USub(), e.right), e.right):
                yield edit(30, f"term {ast.unparse(e.left)[:30]} left out", f"the term {left} were missing", rest, f"first {rest is e.right}")
        elif kind is ast.Pow:
            yield edit(9, "power left out", f"the power {right} of {left} were missing", e.left, "power")
            yield edit(60, "another power", f"{left} stood to the power 3, not {right}",
                       ast.BinOp(e.left, e.op, ast.Constant(3)))
        elif kind is ast.FloorDiv:
            yield edit(9, "division left out", f"the division by {right} were missing", e.left)
        elif kind is ast.MatMult:
            yield edit(35, "factors exchanged", f"{left} and {right} were multiplied in the other order",
                       ast.BinOp(e.right, e.op, e.left))
        for other in SWAPS.get(kind, ()):
            yield edit(15, f"{OPERATORS[other]} in place of {OPERATORS[kind]}",
                       f"`{OPERATORS[other]}` stood where `{OPERATORS[kind]}` belongs, between {left} and {right}",
                       ast.BinOp(e.left, other(), e.right), f"operator {kind.__name__} {other.__name__}")

    def left_out_call(self, e, edit):
        if len(e.args) == 1 and isinstance(e.args[0], ast.BinOp):  # np.log(1 - A) → np.log(1) - A
            inside = e.args[0]
            yield edit(14, "bracket closed too early", f"the bracket of {short(e)} closed before `{OPERATORS.get(type(inside.op), '?')}`",
                       ast.BinOp(ast.Call(e.func, [inside.left], e.keywords), inside.op, inside.right))
        name = e.func.attr if isinstance(e.func, ast.Attribute) else getattr(e.func, "id", "")
        word = WORDS.get(name, f"`{name}`")
        inner = e.args[0] if e.args else None
        if isinstance(e.func, ast.Attribute) and not _is_module(e.func.value):
            inner = e.func.value  # x.sum() without the sum
        if inner is not None and not isinstance(inner, ast.Starred | ast.GeneratorExp) \
                and name not in ("dot", "matmul", "zeros", "ones", "range", "enumerate", "zip"):
            yield edit(6, f"{name} left out", f"{word} of {short(inner)} were missing", inner, f"call {name}")
        if name in ("dot", "matmul", "multiply", "subtract", "divide") and len(e.args) == 2:
            yield edit(35, "factors exchanged", f"{short(e.args[0])} and {short(e.args[1])} stood in the other order",
                       ast.Call(e.func, e.args[::-1], e.keywords))

    def call(self, e):
        name = e.func.attr if isinstance(e.func, ast.Attribute) else getattr(e.func, "id", "")
        for other in EXCHANGES.get(name, ()) if isinstance(e.func, ast.Attribute) else ():
            module = ast.unparse(e.func.value) if _is_module(e.func.value) else "np"
            yield Edit(15, f"{other} in place of {name}", f"`{module}.{other}` stood where `{module}.{name}` belongs",
                       ((e.func, "attr", None, other),), f"function {name} {other}")
        if name == "sigmoid":
            for other in ("tanh", "exp"):
                module = "tf" if ast.unparse(e.func).startswith("tf.") else "np"
                new = ast.Attribute(ast.Name(module, ast.Load()), other, ast.Load())
                yield Edit(16, f"{other} in place of the sigmoid", f"`{module}.{other}` stood where the sigmoid belongs",
                           ((e, "func", None, new),))
        for i, keyword in enumerate(e.keywords):
            if keyword.arg == "axis" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, int):
                old = keyword.value.value
                for new in (1 - old,) if old in (0, 1) else (0, 1):
                    yield Edit(13, f"axis {new} in place of {old}", f"`{name}` ran along axis {new} instead of {old}",
                               ((keyword, "value", None, ast.Constant(new)),), f"axis {new}")
            yield Edit(14, f"{keyword.arg} left out", f"`{keyword.arg}={ast.unparse(keyword.value)}` were missing in `{name}`",
                       ((e, "keywords", i, []),), f"without {keyword.arg}")
        if len(e.args) > 1 and name not in ("dot", "matmul", "range") and not isinstance(e.args[-1], ast.Starred):
            yield Edit(25, f"argument {ast.unparse(e.args[-1])[:24]} left out", f"{short(e.args[-1])} were not given to `{name}`",
                       ((e, "args", len(e.args) - 1, []),), f"argument {name} {ast.unparse(e.args[-1])}")
        if name == "range":
            stop = e.args[-1] if len(e.args) < 3 else e.args[1]
            at = e.args.index(stop)
            for change, words in ((-1, "one turn of the loop too few were made"), (1, "one turn of the loop too many were made")):
                op = ast.Sub() if change < 0 else ast.Add()
                yield Edit(22, words.replace(" were made", ""), words,
                           ((e, "args", at, ast.BinOp(stop, op, ast.Constant(1))),))
            if len(e.args) == 1:
                yield Edit(22, "the loop begins at 1", "the loop began at 1, not at 0", ((e, "args", 0, [ast.Constant(1), stop]),))
            yield Edit(23, "one turn of the loop only", "the loop were run once only", ((e, "args", at, ast.Constant(1)),))

    def comparison(self, e):
        old = type(e.ops[0])
        for new in COMPARISONS.get(old, ()):
            yield Edit(18, f"{COMPARED[new]} in place of {COMPARED[old]}",
                       f"`{COMPARED[new]}` stood where `{COMPARED[old]}` belongs, between {short(e.left)} and "
                       f"{short(e.comparators[0])}", ((e, "ops", 0, new()),))

    def constant(self, e, edit, parent):
        value = e.value
        if isinstance(value, bool):
            yield edit(55, f"{not value} in place of {value}", f"{not value} stood where {value} belongs",
                       ast.Constant(not value))
        elif isinstance(value, int | float) and not isinstance(parent, ast.keyword):
            others = {0: (1, -1), 1: (0, 2, -1), 2: (1, 3), 0.5: (0, 0.25, 1), 100: (1, 1000), -1: (0, 1)}.get(value)
            for other in others or ((value + 1, value - 1) if isinstance(value, int) else (value * 10, value / 10, 0)):
                yield edit(55, f"{other} in place of {value}", f"{other} stood where {value} belongs",
                           ast.Constant(other))
        elif isinstance(value, str):
            for other in dict.fromkeys(n.value for n in ast.walk(self.root) if isinstance(n, ast.Constant)
                                       and isinstance(n.value, str) and len(n.value) < 20):
                if other != value and len(value) < 20:
                    yield edit(65, f'"{other}" in place of "{value}"', f'"{other}" stood where "{value}" belongs',
                               ast.Constant(other))

    def dictionary(self, e, edit):
        for i in range(len(e.keys) - 1):
            if e.keys[i] is None or e.keys[i + 1] is None:  # **other
                continue
            values = [*e.values[:i], e.values[i + 1], e.values[i], *e.values[i + 2:]]
            yield edit(30, "entries exchanged", f"the entries {short(e.keys[i])} and {short(e.keys[i + 1])} had changed places",
                       ast.Dict(e.keys, values))

    def steps(self, node, field):
        body = getattr(node, field)
        for i, step in enumerate(body):
            if isinstance(step, ast.Assign | ast.AugAssign):
                target = step.targets[0] if isinstance(step, ast.Assign) else step.target
                what = f"the step that sets {short(target)} were skipped"
                if isinstance(step, ast.AugAssign) or ast.unparse(target) in ast.unparse(step.value):
                    what = f"{short(target)} were never updated"
                yield Edit(17, f"{ast.unparse(target)} not updated", what, ((node, field, i, ast.Pass()),))
            if isinstance(step, ast.AugAssign):
                yield Edit(19, f"{ast.unparse(step.target)} overwritten",
                           f"{short(step.target)} were set anew each time instead of added to",
                           ((node, field, i, ast.Assign([step.target], step.value, lineno=0)),))
                opposite = {ast.Add: ast.Sub, ast.Sub: ast.Add}.get(type(step.op))
                if opposite:
                    yield Edit(11, f"{ast.unparse(step.target)} moved the other way",
                               f"{short(step.value)} were {'subtracted from' if opposite is ast.Sub else 'added to'} "
                               f"{short(step.target)}, not the other way", ((step, "op", None, opposite()),))
            if isinstance(step, ast.Expr) and isinstance(step.value, ast.Call):
                yield Edit(17, "step skipped", f"the step {short(step.value)} were skipped", ((node, field, i, ast.Pass()),))
            if isinstance(step, ast.If):
                for value in (True, False):
                    yield Edit(50, "condition without effect", f"{short(step.test)} were always {value}",
                               ((step, "test", None, ast.Constant(value)),))
                yield Edit(50, "condition turned round", f"the condition {short(step.test)} were turned round",
                           ((step, "test", None, ast.UnaryOp(ast.Not(), step.test)),))
            if isinstance(step, ast.For | ast.While):
                if i + 1 < len(body) and isinstance(body[i + 1], ast.Return):
                    yield Edit(22, "return inside the loop", "the `return` stood inside the loop, so that only the first turn counts",
                               ((step, "body", len(step.body), [body[i + 1]]),))
                for j, inner in enumerate(step.body):
                    if isinstance(inner, ast.Assign | ast.AugAssign | ast.Expr) and len(step.body) > 1:
                        rest = copy.copy(step)
                        rest.body = step.body[:j] + step.body[j + 1:]
                        what = short(inner.targets[0]) if isinstance(inner, ast.Assign) else short(inner)
                        for new, words in (([inner, rest], f"{what} were computed once, before the loop"),
                                           ([rest, inner], f"{what} were done once, after the loop")):
                            yield Edit(24, "outside the loop", words, ((node, field, i, new),))
            if i + 1 < len(body) and all(isinstance(s, ast.Assign | ast.AugAssign | ast.Expr) for s in body[i:i + 2]):
                first, second = body[i], body[i + 1]
                yield Edit(21, "steps exchanged", f"{short(second)} came before {short(first)}",
                           ((node, field, i, second), (node, field, i + 1, first)))
            if isinstance(step, ast.Return) and step.value is not None and isinstance(step.value, ast.BinOp | ast.Call | ast.Name):
                for other in (n for n in self.locals if n != ast.unparse(step.value)):
                    yield Edit(72, f"{other} returned", f"`{other}` were returned",
                               ((step, "value", None, ast.Name(other, ast.Load())),))


def _binds(op):
    """How tightly an operator binds."""
    return 1 if isinstance(op, ast.Add | ast.Sub) else 3 if isinstance(op, ast.Pow) else 2


def _is_module(node):
    return isinstance(node, ast.Name) and node.id in ("np", "math", "tf", "keras") or \
        isinstance(node, ast.Attribute) and _is_module(node.value)


def _transposed(e, parent):
    if isinstance(parent, ast.Call) and ast.unparse(parent.func).startswith("tf."):
        return ast.Call(ast.parse("tf.transpose", mode="eval").body, [e], [])
    return ast.Attribute(e, "T", ast.Load())


def _takes_matrix(parent):
    if isinstance(parent, ast.BinOp):
        return isinstance(parent.op, ast.MatMult)
    return isinstance(parent, ast.Call) and getattr(parent.func, "attr", "") in ("dot", "matmul")
