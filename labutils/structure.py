"""What a Keras model is built of, as plain data: for graders of builders, where any right way of building has to pass.

Names of layers, the order in which they were made, and whether an activation stands in a layer or behind it make no difference.
"""
import zlib

import numpy as np

# What of a layer matters, by the attribute that holds it; the kind is the name of its class.
SETTINGS = ("units", "filters", "kernel_size", "pool_size", "strides", "dilation_rate", "padding", "output_dim", "rate", "axis", "return_sequences", "size",
            "target_shape")
FOLDED = ("Dense", "Conv1D", "Conv2D", "Conv2DTranspose", "DepthwiseConv2D", "SeparableConv2D")  # take an activation in
ACTIVATIONS = {"ReLU": "relu", "Relu": "relu", "Sigmoid": "sigmoid", "Softmax": "softmax", "Tanh": "tanh", "LeakyReLU": "leaky_relu", "ELU": "elu"}
ANY_ORDER = ("Add", "Multiply", "Maximum", "Average", "Concatenate")  # what enters them has no order that matters
NOTHING = ("Identity",)


class Node:
    """One step of a model's graph: its layer (or None), kind, settings, output shape, and the nodes that enter it."""

    def __init__(self, layer, kind, settings, shape, inputs):
        self.layer, self.kind, self.settings, self.shape, self.inputs = layer, kind, settings, shape, inputs
        self.depth = 1 + max((n.depth for n in inputs), default=-1)

    @property
    def text(self):
        """The step in a line, as reports show it."""
        said = [f"{k}={v}" for k, v in self.settings.items()]
        return f"{self.kind}({', '.join(said)}) → {self.shape}"

    @property
    def signature(self):
        """The step and all before it, in one text: the same for graphs that are built alike."""
        before = [n.signature for n in self.inputs]
        return f"{self.text}[{'; '.join(sorted(before) if self.kind in ANY_ORDER else before)}]"


def describe_model(model):
    """A built model as plain data.

    Parameters
    ----------
    model : Keras model with a graph: functional, or sequential with its input known

    Returns
    -------
    dict with
        "layers" : list of str, one a step from the inputs to the outputs, such as "Dense(units=4, activation=relu) → (4,)", shapes without
            the examples; an activation of its own right behind a layer of FOLDED counts as that layer's
        "connections" : list of lists of int, for each step the places in "layers" of what enters it
        "outputs" : list of int, the places of the outputs
        "parameters" : int, all of them, and "trainable" : int
    """
    outputs = graph(model)
    nodes = ordered(outputs)
    place = {id(n): i for i, n in enumerate(nodes)}
    entering = [[place[id(n)] for n in node.inputs] for node in nodes]
    return {"layers": [n.text for n in nodes], "connections": [sorted(e) if n.kind in ANY_ORDER else e for n, e in zip(nodes, entering)],
            "outputs": [place[id(n)] for n in outputs], "parameters": int(model.count_params()),
            "trainable": int(sum(np.prod(w.shape) for w in model.trainable_weights))}


def fill(model, seed=0):
    """Give a model weights that depend on nothing but its structure: two models built alike then compute the same.

    The numbers of a layer are drawn from a seed made of its signature, so neither names nor the order of creation matter. Where branches are
    concatenated in another order, outputs agree up to the order of their channels only: compare the structure there.
    """
    for node in ordered(graph(model)):
        if not getattr(node.layer, "weights", None):
            continue
        rng = np.random.default_rng([seed, zlib.crc32(node.signature.encode())])
        values = [rng.normal(0, max(1, np.prod(w.shape[:-1])) ** -0.5, w.shape) for w in node.layer.weights]
        node.layer.set_weights([np.abs(v) if "variance" in w.path else v for w, v in zip(node.layer.weights, values)])


def ordered(outputs):
    """All nodes that lead to these, by depth, then by signature."""
    found = {}

    def visit(node):
        if id(node) not in found:
            found[id(node)] = node
            for n in node.inputs:
                visit(n)
    for node in outputs:
        visit(node)
    return sorted(found.values(), key=lambda n: (n.depth, n.signature))


def graph(model):
    """The nodes of a model's outputs; each knows what enters it."""
    nodes, uses = {}, {}
    for tensor in model.outputs:
        _count(tensor, uses, set())
    return [_node(t, nodes, uses) for t in model.outputs]


def _count(tensor, uses, seen):
    """How often each tensor enters a step."""
    operation, index, _ = tensor._keras_history
    if (id(operation), index) in seen:
        return
    seen.add((id(operation), index))
    for t in operation._inbound_nodes[index].input_tensors:
        uses[id(t)] = uses.get(id(t), 0) + 1
        _count(t, uses, seen)


def _node(tensor, nodes, uses):
    if id(tensor) in nodes:
        return nodes[id(tensor)]
    operation, index, which = tensor._keras_history
    entering = operation._inbound_nodes[index].input_tensors
    inputs = [_node(t, nodes, uses) for t in entering]
    kind, shape = type(operation).__name__, tuple(tensor.shape[1:])
    activation = ACTIVATIONS.get(kind) or (_name(operation.activation) if kind == "Activation" else None)
    if hasattr(operation, "outputs") and hasattr(operation, "layers"):  # a model within the model
        node = _inner(operation, which, inputs)
    elif kind in NOTHING or activation == "linear":
        node = inputs[0]
    elif activation:
        before = inputs[0]
        if before.kind in FOLDED and before.settings["activation"] == "linear" and uses[id(entering[0])] == 1:
            node = Node(before.layer, before.kind, {**before.settings, "activation": activation}, before.shape, before.inputs)
        else:
            node = Node(None, "Activation", {"activation": activation}, shape, inputs)
    else:
        settings = {s: _plain(s, getattr(operation, s), len(tensor.shape)) for s in SETTINGS if hasattr(operation, s)}
        settings = {s: v for s, v in settings.items() if s != "dilation_rate" or set(np.ravel(v)) != {1}}
        if kind in FOLDED or kind in ("LSTM", "GRU", "SimpleRNN"):
            settings |= {"activation": _name(operation.activation)} | ({} if operation.use_bias else {"bias": False})
        node = Node(operation, kind, settings, shape, inputs)
    nodes[id(tensor)] = node
    return node


def _inner(model, which, inputs):
    """The output node of a model that stands as a layer in another: its steps, with what enters it in place of its inputs."""
    nodes, uses = {id(t): n for t, n in zip(model.inputs, inputs)}, {}
    _count(model.outputs[which], uses, set())
    return _node(model.outputs[which], nodes, uses)


def _name(activation):
    return getattr(activation, "__name__", type(activation).__name__)


def _plain(setting, value, rank):
    value = tuple(value) if isinstance(value, list | tuple) else value
    return value - rank if setting == "axis" and isinstance(value, int) and value >= 0 else value
