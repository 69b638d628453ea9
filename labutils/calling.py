"""A learner's code and inputs in, plain data out.

Nothing here knows what the right answer is, so this half of grading can run in another process.
"""
import ast
import contextlib
import copy
import functools
import io
import linecache
import re
import signal
import sys
import threading
import time
import types
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

SECONDS = 10.0
PRINTED = 2000  # characters let through in one grade
MOST_SAID = 400  # characters of an exception


class TimeUp(BaseException):
    """Raised inside code that ran out of time; `except Exception` does not catch it."""


@dataclass(frozen=True)
class Odd:
    """Stands in plain data for something that is no number, array, string, list, tuple or dict; or for an answer that an exercise's `observe` cannot look at."""
    what: str  # what stands there, said after "got"
    whole: bool = field(default=False, kw_only=True)  # `what` is a clause of its own instead


@dataclass(frozen=True)
class Fault(Odd):
    """A mistake that an exercise's `play` or `observe` has itself established by looking, such as at a built model: what it is, in sentences, and its name."""
    name: str = ""


NOTHING = Fault("The function returns None: is the last line `return …` missing?", "nothing returned")


@dataclass(frozen=True)
class Failure:
    """An exception: what it says, and where in the learner's code, with what the operands there were."""
    kind: str
    text: str
    line: int | None = None
    code: str = ""
    operation: str = ""  # "matmul", "elementwise" or ""
    operands: tuple = ()  # (source, shape or None), in the order in which they stand


@dataclass
class Outcome:
    """What one call did, as plain data: arrays, numbers, strings, None, lists, tuples, dicts and Odd.

    `value` is what is judged, `given` what came back; they differ where an exercise is judged by statistics.
    """
    value: object = None
    given: object = None
    failure: Failure | None = None
    changed: tuple = ()  # indices of arguments that were changed in place
    warned: tuple = ()
    seconds: float = 0.0


def plain(value, depth=0):
    """A copy of an answer that holds data only: nothing in it can pretend, say by an `__eq__` of its own."""
    kind = type(value)
    if value is None or kind in (bool, int, float, complex, str, Odd, Fault):
        return value
    if issubclass(kind, np.ndarray):
        if value.dtype.kind not in "biuf":
            return Odd(f"an array of dtype {value.dtype}")
        return np.array(value, subok=False)
    if issubclass(kind, np.generic):
        return np.array(value)[()] if value.dtype.kind in "biuf" else Odd(f"a number of type {kind.__name__}")
    if depth < 6 and issubclass(kind, dict):
        return {str(k): plain(v, depth + 1) for k, v in dict.items(value)}
    if depth < 6 and issubclass(kind, list):
        return [plain(v, depth + 1) for v in list.__iter__(value)]
    if depth < 6 and issubclass(kind, tuple):
        return tuple(plain(v, depth + 1) for v in tuple.__iter__(value))
    if issubclass(kind, types.GeneratorType):
        return Odd("a generator (is there a `yield`, or round brackets for square ones?)")
    if kind in (types.FunctionType, types.BuiltinFunctionType, np.ufunc):
        return Odd("a function (is a pair of brackets missing in a call?)")
    if _is_tensor(kind):
        return _tensor(value)
    return Odd(f"an object of type {kind.__name__}")


def _is_tensor(kind):
    """Whether a type is one of TensorFlow's or Keras's for an array, a variable or a placeholder of one."""
    tf, keras = sys.modules.get("tensorflow"), sys.modules.get("keras")
    kinds = [getattr(tf, n, None) for n in ("Tensor", "Variable", "IndexedSlices")] + [getattr(keras, n, None) for n in ("Variable", "KerasTensor")]
    return issubclass(kind, tuple(k for k in kinds if k is not None))


def _tensor(value):
    """The array that a tensor or variable holds; a symbolic one holds none."""
    tf = sys.modules["tensorflow"]
    try:
        return plain(np.array(tf.convert_to_tensor(value).numpy()))
    except Exception:
        return Odd("a symbolic tensor, which stands for values that are still to come and holds none")


def same_data(a, b):
    """Whether two pieces of plain data are equal in type, shape and every value (NaN equals NaN)."""
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same_data(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same_data, a, b))
    if isinstance(a, np.ndarray | np.generic | float | int):
        if not isinstance(b, np.ndarray | np.generic | float | int):
            return False
        a, b = np.asarray(a), np.asarray(b)
        return a.shape == b.shape and np.array_equal(a, b, equal_nan=True)
    return type(a) is type(b) and a == b


def call(function, args, play=None, observe=None, seconds=SECONDS, computing=False):
    """Call a learner's function once on copies of the arguments.

    Parameters
    ----------
    function : callable
    args : tuple
    play : callable (function, *args), optional
        How to play it where it is no plain call.
    observe : callable (args, value), optional
        What of the answer is kept, for answers with chance in them.
    seconds : float
        Raises `TimeUp` after this time.
    computing : bool
        Whether these are seconds of computing, which do not run while others have the processor.

    Returns
    -------
    Outcome
    """
    mine = copy.deepcopy(args)
    outcome, start = Outcome(), time.perf_counter()
    forget_keras_call()
    with warnings.catch_warnings(record=True) as caught, np.errstate(over="warn", divide="warn", invalid="warn", under="ignore"):
        warnings.simplefilter("always")
        try:
            with time_limit(seconds, computing):
                value = play(function, *mine) if play else function(*mine)
            outcome.seconds = time.perf_counter() - start
            outcome.given = plain(value)
            outcome.value = observe(args, value) if observe and value is not None else outcome.given
        except (TimeUp, KeyboardInterrupt):
            raise
        except BaseException as error:  # SystemExit too: a learner's exit() must not end the kernel
            outcome.failure = failure(error, home(function))
        finally:
            forget_keras_call()
    outcome.changed = tuple(i for i, (a, b) in enumerate(zip(args, mine))
                            if not isinstance(a, np.random.Generator) and not same_data(plain(a), plain(b)))
    outcome.warned = tuple(sorted({str(w.message) for w in caught if issubclass(w.category, RuntimeWarning)}))
    return outcome


def forget_keras_call():
    """Let Keras forget a call of a layer that broke off: it would take what comes next for a part of it, its `training` and its losses included."""
    state = sys.modules.get("keras.src.backend.common.global_state")
    if state is not None:
        state.set_global_attribute("current_call_ctx", None)


def play(exercise, function, case, seconds=SECONDS, computing=False):
    """One call of an exercise's function on a case."""
    return call(function, case.args, exercise.play, exercise.observe, seconds, computing)


def home(function):
    """The namespace in which a function, or the methods of a class, look up their global names."""
    while True:
        if isinstance(function, functools.partial):
            function = function.func
        elif isinstance(function, np.vectorize):
            function = function.pyfunc
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        elif isinstance(function, types.MethodType):
            function = function.__func__
        else:
            break
    if not isinstance(function, type | types.FunctionType) and isinstance(vars(type(function)).get("__call__"), types.FunctionType):
        function = type(function).__call__  # an object that can be called
    if isinstance(function, type):
        function = next((v for v in vars(function).values() if isinstance(v, types.FunctionType)), None)
    return getattr(function, "__globals__", None)


@contextmanager
def borrowed(namespace, names):
    """A namespace with these names in it; afterwards everything is as it was."""
    if namespace is None:
        yield
        return
    missing = object()
    before = {name: namespace.get(name, missing) for name in names}
    namespace.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is missing:
                namespace.pop(name, None)
            else:
                namespace[name] = value


# --- time ------------------------------------------------------------------------------------------------------------

@contextmanager
def time_limit(seconds, computing=False):
    """Stop the body after some seconds, of computing where that is asked for, by raising `TimeUp` in it, and again until it gives way."""
    seconds = max(seconds, 0.001)
    if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        with _alarm(seconds, *((signal.ITIMER_PROF, signal.SIGPROF) if computing else (signal.ITIMER_REAL, signal.SIGALRM))):
            yield
    else:
        with _watchdog(seconds):
            yield


@contextmanager
def _alarm(seconds, timer, sign):
    inside, tracing = True, sys.gettrace()

    def leaving(frame):
        return frame.f_code.co_filename == contextlib.__file__ or frame.f_code is _alarm.__wrapped__.__code__

    def stop(frame, event, arg=None):
        if inside and event == "line" and not leaving(frame):
            raise TimeUp
        return stop

    def ring(signum, frame):
        if inside and not leaving(frame):  # a late alarm must not break the way out
            sys.settrace(stop)
            while frame:  # a bare `except:` may swallow this one; the next line that runs, the handler's own, raises again
                frame.f_trace = stop
                frame = frame.f_back
            raise TimeUp

    before = signal.signal(sign, ring)
    signal.setitimer(timer, seconds, 0.05)
    try:
        yield
    finally:
        inside = False
        sys.settrace(tracing)
        signal.setitimer(timer, 0)
        signal.signal(sign, before)


@contextmanager
def _watchdog(seconds):
    import ctypes

    target, done = ctypes.c_ulong(threading.get_ident()), threading.Event()

    def watch():
        wait = seconds
        while not done.wait(wait):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(TimeUp))
            wait = 0.05

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        ctypes.pythonapi.PyThreadState_SetAsyncExc(target, None)


# --- printing --------------------------------------------------------------------------------------------------------

class _Cut(io.TextIOBase):
    def __init__(self, stream):
        self.stream, self.left = stream, PRINTED

    def write(self, text):
        if self.left > 0:
            self.stream.write(text[:self.left])
            if len(text) > self.left:
                self.stream.write("\n… (more was printed; it is cut here)\n")
        self.left -= len(text)
        return len(text)

    def flush(self):
        self.stream.flush()


@contextmanager
def cut_printing():
    """Let prints through, but not a flood of them."""
    before = sys.stdout
    sys.stdout = _Cut(before)
    try:
        yield
    finally:
        sys.stdout = before


# --- exceptions ------------------------------------------------------------------------------------------------------

MATMUL = {"dot", "matmul"}
ELEMENTWISE = {"add", "subtract", "multiply", "divide", "maximum", "minimum", "power"}


def failure(error, namespace):
    """An exception as data: the last line of it that stands in the learner's own code, and its operands."""
    found = None
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_globals is namespace:
            found = trace
        trace = trace.tb_next
    kind, text = type(error).__name__, gist(str(error))
    if found is None:
        return Failure(kind, text)
    frame, line = found.tb_frame, found.tb_lineno
    code = linecache.getline(frame.f_code.co_filename, line, frame.f_globals).strip()
    try:
        operation, operands = _operation(frame, found.tb_lasti)
    except Exception:  # only a help: without positions or source there is no more to say
        operation, operands = "", ()
    return Failure(kind, text, line, code, operation, operands)


def _uncounted(name):
    """The name of a layer or variable without the numbers that Keras counts through a whole session."""
    return re.sub(r"(?<=[a-z])_\d+(?!\d)", "", name.strip().removesuffix(":0"))


def gist(text):
    """What an exception says, without what TensorFlow and Keras write around it."""
    text = re.sub(r"\x1b\[\d*m", "", text)
    text = re.split(r"\n\s*Arguments received by |\s*\[Op:\w+\]| You are likely doing something like", text)[0]
    text = re.sub(r"^in user code:.*\n\s+\w+: ", "", text, flags=re.DOTALL)
    text = re.sub(r"^(Exception encountered when calling [^\n]*\s*|Could not automatically infer .*?Error encountered:\s*)+", "", text, flags=re.DOTALL)
    text = re.sub(r"\{\{function_node [^}]*\}\} ?|^cannot compute \w+ as ", "", text)
    text = re.sub(r" for '\{\{node [^}]*\}\} = (\w+)\[.*?' with", r" in \1 with", text)
    text = re.sub(r"<\w*Variable path=([\w/.-]+), shape=(\([^)]*\)).*?>(?=\W|$)", r"variable '\1' \2", text, flags=re.DOTALL)
    text = re.sub(r"(?<=layer|iable) (['\"])([^'\"]*)\1", lambda name: f" `{_uncounted(name[2])}`", text)
    return text.strip().split("\n\n")[0].split(" \n")[0].split("\n\t")[0][:MOST_SAID]


def _operation(frame, at):
    """The operation that failed: what kind it is, and for each operand its source and shape."""
    first, last, start, end = list(frame.f_code.co_positions())[at // 2]
    lines = [linecache.getline(frame.f_code.co_filename, i, frame.f_globals).encode() for i in range(first, last + 1)]
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][start:]
    text = b"".join(lines).decode().strip()
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:  # an augmented assignment
        step = ast.parse(text).body[0]
        node = ast.BinOp(step.target, step.op, step.value)
    kind, parts = "", []
    if isinstance(node, ast.BinOp):
        kind = "matmul" if isinstance(node.op, ast.MatMult) else "elementwise"
        parts = [node.left, node.right]
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        kind = "matmul" if name in MATMUL and not node.keywords else "elementwise" if name in ELEMENTWISE else ""
        parts = [a for a in node.args if not isinstance(a, ast.Starred)]
        if isinstance(node.func, ast.Attribute) and not isinstance(frame.f_globals.get(ast.unparse(node.func.value)), types.ModuleType):
            parts.insert(0, node.func.value)  # x.dot(y), x.reshape(…)
    elif isinstance(node, ast.Subscript):
        kind, parts = "subscript", [node.value]
    return kind, tuple((ast.unparse(p), _shape(p, frame)) for p in parts)


def _shape(node, frame):
    """The shape of an operand (for a dict its keys), if looking at it again can have no effect."""
    harmless = ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Subscript, ast.Call, ast.keyword, ast.Tuple, ast.List
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and not ast.unparse(part.func).startswith(("np.", "tf.")):
            return None
        if isinstance(part, ast.Attribute) and ast.unparse(part).startswith(("np.random", "tf.random")):
            return None
        if isinstance(part, ast.expr) and not isinstance(part, harmless):
            return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        value = eval(compile(ast.Expression(node), "<operand>", "eval"), frame.f_globals, frame.f_locals)  # noqa: S307
    if isinstance(value, dict):
        return tuple(map(str, value))
    if _is_tensor(type(value)):
        return tuple(value.shape)
    return np.shape(value) if isinstance(value, np.ndarray | np.generic | int | float | list | tuple) else None  # np.c_ never ends
