"""What each step of a Keras model does, found by trying it where its kind does not tell: for graders of builders, where any right way of building has to pass.

Where `structure` compares two models as a whole, this takes one apart, so that a grader can say what is missing or out of place.
"""
import itertools
from contextlib import suppress
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from .calling import Fault

ACTIVATIONS = ("linear", "relu", "tanh", "sigmoid", "softmax", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus",
               "softsign", "exponential", "hard_sigmoid", "mish")
POOLS = {"MaxPooling2D": "max", "AveragePooling2D": "average"}
JOINTS = {"sum": np.add, "product": np.multiply, "maximum": np.maximum, "minimum": np.minimum, "difference": np.subtract}


@dataclass(eq=False)
class Step:
    """One step of a model.

    Attributes
    ----------
    does : str
        "input", "convolution", "dense", "pooling", "padding", "flatten", "activation", "normalisation", "dropout"; "concatenation", "average" or one of
        JOINTS for what brings several tensors together; or "other".
    kind : str, how it is called in reports: which activation, "max" or "average" for pooling, the layer's class for others
    shape : tuple, of its output, without the examples
    inputs : list of Step
    layer : Keras' layer or operation
    filters, size, stride, padding, axis : numbers of its settings, where it has them; `size` and `stride` are pairs; for a dense layer `filters` is its units
    """
    does: str
    kind: str
    shape: tuple
    inputs: list = field(default_factory=list)
    layer: object = None
    filters: int = 0
    size: tuple = ()
    stride: tuple = ()
    padding: object = ""
    axis: int = -1


def shared_layers(models, again):
    """A Fault if the models of one call of a builder have weights in common with those of another call, otherwise None."""
    if {id(w) for m in models for w in m.weights} & {id(w) for m in again for w in m.weights}:
        return Fault("Called twice, the function gives the same layers twice, with the same weights. Layers have to be made inside it, new ones in every call.",
                     "layers shared between calls")
    return None


def take_apart(model):
    """The last step of a model with one output; each step knows what enters it.

    An activation inside a layer is a step of its own behind it; what changes nothing is left out; models inside the model are taken apart too.
    """
    return _step(model.outputs[0], {})


def before(step):
    """A step and all that leads to it, each once."""
    found = {}

    def visit(s):
        if id(s) not in found:
            found[id(s)] = s
            for i in s.inputs:
                visit(i)
    visit(step)
    return list(found.values())


def chain(step, start=None):
    """The steps from `start` (or the input; not counted) to this one, in order; None where the way forks or does not begin there."""
    way = []
    while step is not start and step.does != "input":
        way.append(step)
        if len(step.inputs) != 1:
            return None
        step = step.inputs[0]
    return way[::-1] if start in (None, step) else None


def _step(tensor, known):
    if id(tensor) not in known:
        operation, index, which = tensor._keras_history
        call = operation._inbound_nodes[index]
        inputs = [_step(t, known) for t in call.input_tensors]
        if hasattr(operation, "outputs") and hasattr(operation, "layers"):  # a model within the model, perhaps used more than once
            known[id(tensor)] = _step(operation.outputs[which], {id(t): s for t, s in zip(operation.inputs, inputs)})
        else:
            known[id(tensor)] = _found(operation, call, tensor, inputs)
    return known[id(tensor)]


def _found(operation, call, tensor, inputs):
    kind, shape = type(operation).__name__, tuple(tensor.shape[1:])
    keras_layer = type(operation).__module__.startswith("keras.src.layers")
    step = Step("other", kind, shape, inputs, operation)
    if kind == "InputLayer":
        step.does = "input"
    elif keras_layer and kind in ("Conv2D", "Dense"):
        step.does = "convolution" if kind == "Conv2D" else "dense"
        step.filters = operation.filters if kind == "Conv2D" else operation.units
        if kind == "Conv2D":
            step.size, step.stride, step.padding = operation.kernel_size, operation.strides, operation.padding
            if step.padding == "valid" and inputs[0].does == "padding" and all(2 * p + 1 == n for pair, n in zip(inputs[0].padding, step.size) for p in pair):
                step.padding, step.inputs = "same", inputs[0].inputs
            if operation.groups != 1 or set(operation.dilation_rate) != {1} or operation.data_format != "channels_last":
                step.does, step.kind = "other", "Conv2D with groups or dilation"
        name = _named(operation.activation)
        return step if name == "linear" else Step("activation", name, shape, [step], operation.activation)
    elif keras_layer and kind in POOLS:
        step.does, step.kind, step.size, step.stride, step.padding = "pooling", POOLS[kind], operation.pool_size, operation.strides, operation.padding
    elif keras_layer and kind == "ZeroPadding2D":
        step.does, step.padding = "padding", operation.padding
    elif keras_layer and kind == "BatchNormalization" and operation.axis in (-1, len(shape)):
        step.does = "normalisation"
    elif keras_layer and ("Dropout" in kind or "Noise" in kind):
        step.does = "dropout"
    elif kind == "Concatenate":
        step.does, step.axis = "concatenation", operation.axis if operation.axis < 0 else operation.axis - len(shape) - 1
    else:
        return _tried(step, call, tensor)
    return step


def _named(function):
    """Which activation a function is, by what it makes of some numbers."""
    import keras

    x = np.linspace(-8, 8, 42).reshape(2, 21).astype("float32")
    y = np.asarray(function(keras.ops.convert_to_tensor(x)))
    return next((n for n in ACTIVATIONS if y.shape == x.shape and np.allclose(y, keras.activations.get(n)(x), atol=1e-6)), getattr(function, "__name__", "another"))


def _tried(step, call, tensor):
    """A step whose kind says nothing, recognised by what it does to random numbers."""
    import keras

    entering = list({id(t): t for t in call.input_tensors}.values())
    rng = np.random.default_rng(0)
    xs = [3 * rng.normal(size=(2, *t.shape[1:])).astype("float32") for t in entering]
    try:
        y = np.asarray(keras.Function(entering, tensor)(xs))
    except Exception:  # what cannot be tried stays unknown
        return step

    def same(z):
        return np.shape(z) == y.shape and np.allclose(y, z, atol=1e-5)
    if len(xs) == 1 and len(step.inputs) == 1:
        x = xs[0]
        if same(x):
            return step.inputs[0]
        step.kind = next((n for n in ACTIVATIONS if same(keras.activations.get(n)(x))), step.kind)
        if step.kind in ACTIVATIONS:
            step.does = "activation"
        elif same(x.reshape(len(x), -1)):
            step.does = "flatten"
        elif x.ndim == 4 and same(x.mean(axis=(1, 2))):
            step.kind = "global average pooling"
        else:
            for how, pool in (("max", keras.ops.max_pool), ("average", keras.ops.average_pool)) if x.ndim == 4 else ():
                for size, stride, padding in itertools.product((2, 3), (1, 2, 3), ("valid", "same")):
                    if min(x.shape[1:3]) >= size and same(pool(x, size, stride, padding)):
                        step.does, step.kind, step.size, step.stride, step.padding = "pooling", how, (size, size), (stride, stride), padding
    elif len(xs) == len(step.inputs):
        joints = {n: lambda joint=joint: reduce(joint, xs) for n, joint in JOINTS.items()}
        joints |= {"average": lambda: sum(xs) / len(xs), "concatenation": lambda: np.concatenate(xs, axis=-1)}
        for name, join in joints.items():
            with suppress(ValueError):  # shapes that do not fit
                if same(join()):
                    step.does = name
    return step
