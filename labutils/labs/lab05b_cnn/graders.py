"""What the graders of lab 05b know: cases, mistakes, right versions, hints.

The builders (LeNet-5, VGG, residual, Inception) are built and taken apart step by step; what is missing or out of place is said by name.
"""
import itertools
import re

import keras
import numpy as np
import tensorflow as tf

from labutils import anatomy
from labutils.answers import FINE
from labutils.calling import NOTHING, Fault, plain
from labutils.exercise import Case, Challenge, Exercise, Mistake, Quiz
from labutils.image_data import load_images

from . import exercises as ex
from .experiments import accuracy

HIDDEN = ("tanh", "relu", "sigmoid")

# --- looking at what was built ---------------------------------------------------------------------------------------


def build(function, shape, *args):
    """Call a block's function on a Keras input of this shape, twice: (first step, last step) of what it made, or a Fault."""
    x = keras.Input(shape)
    try:
        y, other = function(x, *args), function(x, *args)
    except ValueError as error:
        if re.search("incompatible shapes|matching shapes|[Bb]roadcast|same shape", str(error)):
            return shapes_do_not_fit(str(error))
        raise
    if y is None:
        return NOTHING
    if not isinstance(y, keras.KerasTensor):
        what = "a layer: call it with what it should act on, `layer(x)`" if isinstance(y, keras.layers.Layer) and not isinstance(y, keras.Model) else \
            "a model; the block hands back a tensor, so that others can be built on it" if isinstance(y, keras.Model) else f"an object of type {type(y).__name__}"
        return Fault(f"What comes back is no Keras tensor but {what}.", "not a tensor")
    try:
        model, twin = keras.Model(x, y), keras.Model(x, other)
        last = anatomy.take_apart(model)
    except ValueError:
        return Fault("What comes back is not made from `x`: somewhere the way from x to the result is broken, or a new `keras.Input` begins.", "not made from x")
    steps = anatomy.before(last)
    own = next((s.kind for s in steps if s.does == "other" and weighty(s) and not type(s.layer).__module__.startswith("keras.")), None)
    if own:
        return Fault(f"There is a layer class of your own, {own}. The grader cannot look into it: build the block of Keras's layers, each of them called with a tensor.",
                "a layer of one's own")
    return anatomy.shared_layers([model], [twin]) or last


def weighty(step):
    return bool(getattr(step.layer, "weights", None))


def shapes_do_not_fit(text):
    shapes = re.findall(r"\((?:None, )?(\d+(?:, \d+)*)\)", text)
    return Fault(f"Shapes do not fit where branches come together: {' and '.join(f'({s})' for s in dict.fromkeys(shapes))}, without the examples.", "shapes do not fit")


def sketch(step, start=None):
    """What was built, in a line."""
    if step.does == "input" or step is start:
        return "x"
    if len(step.inputs) > 1:
        return f"{step.does if step.does != 'other' else step.kind} of [" + "], [".join(sketch(i, start) for i in step.inputs) + "]"
    return f"{sketch(step.inputs[0], start) if step.inputs else 'x'} → {word(step)}"


def word(step):
    """A step in a few words."""
    of = f"{step.size[0]}×{step.size[1]}" if step.size else ""
    wide = f", stride {step.stride[0]}" if step.stride and (step.stride[0] != 1 or step.does == "pooling") else ""
    return {"convolution": f"convolution {of}, {step.filters} filters{wide}", "dense": f"dense {step.filters}", "pooling": f"{step.kind} pooling {of}{wide}",
            "activation": step.kind if step.kind != "relu" else "ReLU"}.get(step.does, step.kind if step.does == "other" else step.does)


def odd_step(steps, allowed):
    """The first step that has no business here, as a Fault, or None."""
    for step in steps:
        if step.does in allowed or step.does == "input":
            continue
        if step.kind in ("SeparableConv2D", "DepthwiseConv2D", "Conv2DTranspose", "Conv1D", "Conv2D with groups or dilation"):
            return Fault(f"There is a {step.kind}; plain convolutions, `keras.layers.Conv2D`, are asked for.", "another kind of convolution")
        if step.kind == "global average pooling" or step.kind.startswith("Global"):
            return Fault("There is global pooling, which keeps a single number of each channel. It does not belong here.", "global pooling")
        if step.does == "dropout":
            return Fault("There is dropout (or noise), which is not asked for.", "dropout")
        if step.does == "normalisation":
            return Fault("There is batch normalisation, which is not asked for here.", "batch normalisation")
        if step.does == "activation":
            return Fault(f"There is an activation `{step.kind}`, where ReLU is asked for.", "another activation")
        if step.does == "dense":
            return Fault(f"There is a dense layer ({step.filters} units), which does not belong into the block.", "a dense layer")
        return Fault(f"There is a step that is not asked for: {word(step)}.", "a step too many")
    return None


def other_activation(steps):
    """An activation that is not ReLU, as a Fault, or None."""
    for step in steps:
        if step.does == "activation" and step.kind != "relu":
            return Fault(f"The activation is `{step.kind}`; here it is ReLU.", "another activation")
    return None


def convolution_fault(conv, filters, size, stride, which):
    """What is wrong with one convolution, as a Fault, or None."""
    if tuple(conv.size) != (size, size):
        return Fault(f"{which} is {conv.size[0]}×{conv.size[1]}; {size}×{size} is asked for.", "filter size")
    if tuple(conv.stride) != (stride, stride):
        return Fault(f"{which} has stride {conv.stride[0]}; here it should be {stride}.", "stride")
    if conv.padding != "same" and size > 1:
        return Fault(f'{which} has no "same" padding: without it a {size}×{size} filter loses {size // 2} pixel{"s" * (size > 3)} at each edge, and Keras\'s default is '
                     f'"valid".',
                     "valid padding")
    if conv.filters != filters:
        return Fault(f"{which} has {conv.filters} filters; {filters} are asked for.", "number of filters")
    return None


def used_twice(convs):
    if len({id(c.layer) for c in convs}) < len(convs):
        return Fault("One convolution layer is called more than once, so its weights are shared. Each convolution needs a layer of its own: make it inside the loop.",
                     "one layer used twice")
    return None


def block_case(sizes, *names):
    """draw for blocks: the input's shape, then the settings."""
    return lambda rng, **s: ((s["h"], s["w"], s["c"]), *(s[n] for n in names))


def cases(*rows, names):
    return [dict(zip(names, row)) for row in rows]


# --- build_lenet5 ----------------------------------------------------------------------------------------------------

def play_lenet5(function, input_shape, n_classes):
    model, other = function(input_shape, n_classes), function(input_shape, n_classes)
    if model is None:
        return NOTHING
    if not isinstance(model, keras.Model):
        return Fault(f"What comes back is an object of type {type(model).__name__}, not a Keras model.", "not a model")
    if not isinstance(model, keras.Sequential) and type(model).__module__.split(".")[0] != "keras":
        return Fault("The model is of a class of your own, which the grader cannot look into: use `keras.Sequential([…])` or `keras.Model(inputs, outputs)`.",
                "a class of one's own")
    if not model.built or not getattr(model, "inputs", None):
        return Fault("The model does not know the shape of its input yet: it begins with `keras.Input(input_shape)`.", "no input shape")
    if model is other:
        return Fault("Called twice, the function gives the same model twice; it should build a new one in every call.", "layers shared between calls")
    last = anatomy.take_apart(model)
    return lenet5_fault(last, tuple(model.inputs[0].shape[1:]), input_shape, n_classes) or FINE


PARTS = {"convolution": (2, "convolutions"), "pooling": (2, "poolings, one behind each convolution"), "dense": (3, "dense layers, 120, 84 and one unit a class"),
         "flatten": (1, "place where everything is laid flat")}
ORDER = ["convolution", "pooling", "convolution", "pooling", "flatten", "dense", "dense", "dense"]


def lenet5_fault(last, shape, input_shape, n_classes):
    way = anatomy.chain(last)
    if way is None:
        return Fault("The way through the net forks. LeNet-5 is one layer after the other.", "the way forks")
    if shape != tuple(input_shape):
        return Fault(f"The model takes inputs of shape {shape}; it was asked for {tuple(input_shape)}.", "input shape")
    found = [s for s in way if s.does in ORDER]
    does, built = [s.does for s in found], f" Yours: {sketch(last)}."
    if any(s.kind.lower().startswith("global") for s in way):
        return Fault("Global pooling stands where everything should be laid flat: it keeps one number of each channel and forgets where in the image something "
                     "was. `keras.layers.Flatten` keeps them all.", "global pooling for flatten")
    fault = odd_step(way, [*ORDER, "activation"])
    if fault:
        return fault
    if "flatten" not in does and "dense" in does:
        return Fault("Nothing lays the feature maps flat before the dense layers: a dense layer on (h, w, c) acts on each place by itself, and the model's output "
                     f"has shape {last.shape}.", "flatten missing")
    for kind, (wanted, called) in PARTS.items():
        if does.count(kind) != wanted:
            return Fault(f"LeNet-5 has {wanted} {called}; here {'is' if does.count(kind) == 1 else 'are'} {does.count(kind) or 'none'}.{built}",
                         f"{kind} {'missing' if does.count(kind) < wanted else 'too many'}")
    if does != ORDER:
        return Fault(f"All the layers are there, in another order.{built}", "order of layers")
    conv, pools, dense = found[0:4:2], found[1:4:2], found[5:]
    fault = _numbers_of_lenet5(conv, pools, dense, n_classes)
    if fault:
        return fault
    at = [way.index(s) for s in [*conv, *dense]] + [len(way)]
    acts = [list(dict.fromkeys(s.kind for s in way[a:b] if s.does == "activation")) for a, b in itertools.pairwise(at)]
    where = "the first convolution", "the second convolution", "the dense layer of 120", "the dense layer of 84"
    bare = [name for name, kinds in zip(where, acts) if not kinds]
    if bare:
        return Fault(f"There is no activation behind {', '.join(bare)}. Without one, two layers in a row are no more than one linear layer (lab 02); Keras adds none "
                     "by itself.", "no activation")
    for name, kinds in zip(where, acts):
        if len(kinds) > 1 or kinds[0] not in HIDDEN:
            return Fault(f"Behind {name} stands {' and '.join(f'`{k}`' for k in kinds)}; one of tanh, ReLU and sigmoid is asked for.", "another activation")
    end = [s.kind for s in way[at[4]:] if s.does == "activation"]
    if end not in ([], ["softmax"]):
        return Fault(f"At the end stands {' and '.join(f'`{k}`' for k in end)}. Several classes of which one is right need logits, with nothing behind them, or one softmax.",
                     f"{end[-1] if len(end) == 1 else 'two activations'} at the end")
    return None


def _numbers_of_lenet5(conv, pools, dense, n_classes):
    filters, units = [c.filters for c in conv], [d.filters for d in dense]
    if filters == [16, 6]:
        return Fault("The numbers of filters are exchanged: 6 in the first convolution, 16 in the second. Channels grow while the picture shrinks.", "filters exchanged")
    if units[:2] == [84, 120]:
        return Fault("The dense layers of 120 and 84 are exchanged: 120 comes first.", "dense layers exchanged")
    for i, (c, n) in enumerate(zip(conv, (6, 16))):
        which = ("The first convolution", "The second convolution")[i]
        fault = convolution_fault(c, n, 5, 1, which)
        if fault and fault.name != "valid padding":
            return fault
        if c.filters != n:
            return Fault(f"{which} has {c.filters} filters; {n} are asked for.", "number of filters")
    for p in pools:
        if tuple(p.size) != (2, 2) or tuple(p.stride) != (2, 2):
            return Fault(f"A pooling is {p.size[0]}×{p.size[1]} with stride {p.stride[0]}; 2×2 with stride 2 is asked for.", "pooling size")
    for i, (n, wanted) in enumerate(zip(units, (120, 84))):
        if n != wanted:
            return Fault(f"The {('first', 'second')[i]} dense layer has {n} units; {wanted} are asked for.", "number of units")
    if units[2] != n_classes:
        return Fault(f"The last layer has {units[2]} units, for n_classes = {n_classes}.", "n_classes not used")
    return None


def lenet5_functional(input_shape, n_classes):
    inputs = keras.Input(shape=input_shape)
    x = keras.layers.Conv2D(filters=6, kernel_size=(5, 5), use_bias=False)(inputs)
    x = keras.layers.AveragePooling2D(pool_size=(2, 2), strides=(2, 2))(x)
    x = keras.ops.tanh(x)
    x = keras.layers.Activation("tanh")(keras.layers.Conv2D(16, 5)(x))
    x = keras.layers.AvgPool2D(2, padding="same")(x)
    x = keras.layers.Reshape((-1,))(x)
    for units in (120, 84):
        x = keras.layers.Dense(units, keras.activations.tanh)(x)
    return keras.Model(inputs=inputs, outputs=keras.layers.Softmax()(keras.layers.Dense(n_classes)(x)))


def lenet5_by_adding(input_shape, n_classes):
    net = keras.models.Sequential(name="lenet")
    net.add(keras.layers.InputLayer(shape=input_shape))
    for filters in [6, 16]:
        net.add(keras.layers.Conv2D(filters, kernel_size=5, strides=1, padding="SAME", activation=tf.nn.sigmoid, kernel_initializer="he_normal"))
        net.add(keras.layers.MaxPool2D())
    net.add(keras.layers.Flatten())
    net.add(keras.layers.Dense(120, activation="sigmoid"))
    net.add(keras.layers.Dense(84, activation="relu"))
    net.add(keras.layers.Dense(n_classes, activation="softmax"))
    net.compile("adam", "sparse_categorical_crossentropy")
    return net


def lenet5_in_parts(input_shape, n_classes):
    base = keras.Sequential([keras.Input(input_shape), keras.layers.Conv2D(6, 5, activation=keras.layers.ReLU()), keras.layers.MaxPooling2D(2),
                             keras.layers.Conv2D(16, 5), keras.layers.MaxPooling2D(2), keras.layers.Lambda(lambda t: keras.ops.maximum(t, 0)), keras.layers.Flatten()])
    head = keras.Sequential([keras.layers.Dense(120, "relu"), keras.layers.Dense(84, "tanh"), keras.layers.Dense(n_classes), keras.layers.Identity()])
    return keras.Sequential([keras.Input(input_shape), base, head])


DENSE = 'Dense(84, activation="relu"),\n        keras.layers.Dense(n_classes)'
LENET5 = Exercise(
    ex.build_lenet5, title="LeNet-5", difficulty=1, importance=3, minutes=12,
    draw=lambda rng, h, w, c, n: ((h, w, c), n), sizes=cases((44, 40, 1, 3), (48, 48, 1, 10), (40, 52, 3, 4), names="hwcn"), play=play_lenet5, returns="model",
    names={"n": "the number of classes"}, costly=True, variants=False,
    mistakes=[
        Mistake("no activation", "", replace=[("padding=\"same\", activation=\"relu\"", "padding=\"same\""), ("Conv2D(16, 5, activation=\"relu\")", "Conv2D(16, 5)"),
                                             ("Dense(120, activation=\"relu\")", "Dense(120)"), ("Dense(84, activation=\"relu\")", "Dense(84)")]),
        Mistake("flatten missing", "", replace=("        keras.layers.Flatten(),\n", "")),
        Mistake("global pooling for flatten", "", replace=("Flatten()", "GlobalAveragePooling2D()")),
        Mistake("filters exchanged", "", replace=[("Conv2D(6, 5", "Conv2D(16, 5"), ("Conv2D(16, 5, activation", "Conv2D(6, 5, activation")]),
        Mistake("dense layers exchanged", "", replace=[("Dense(120", "Dense(84"), (DENSE, DENSE.replace("84", "120"))]),
        Mistake("filter size", "", replace=("Conv2D(6, 5", "Conv2D(6, 3")),
        Mistake("stride", "", replace=("Conv2D(16, 5", "Conv2D(16, 5, 2")),
        Mistake("number of filters", "", replace=("Conv2D(16,", "Conv2D(12,")),
        Mistake("number of units", "", replace=("Dense(84", "Dense(64")),
        Mistake("n_classes not used", "", replace=("Dense(n_classes)", "Dense(10)")),
        Mistake("pooling size", "", replace=("        keras.layers.MaxPooling2D(2),\n        keras.layers.Flatten", "        keras.layers.MaxPooling2D(2, strides=1),\n   "
                "     keras.layers.Flatten")),
        Mistake("pooling missing", "", replace=("        keras.layers.MaxPooling2D(2),\n        keras.layers.Flatten", "        keras.layers.Flatten")),
        Mistake("dense missing", "", replace=("        keras.layers.Dense(84, activation=\"relu\"),\n", "")),
        Mistake("order of layers", "", replace=[("        keras.layers.Conv2D(16, 5, activation=\"relu\"),\n", ""),
                                               ("Conv2D(6, 5, padding=\"same\", activation=\"relu\"),\n", "Conv2D(6, 5, padding=\"same\", activation=\"relu\"),\n        "
                                                "keras.layers.Conv2D(16, 5, activation=\"relu\"),\n")]),
        Mistake("another activation", "", replace=("Dense(84, activation=\"relu\")", "Dense(84, activation=\"softmax\")")),
        Mistake("sigmoid at the end", "", replace=("Dense(n_classes)", "Dense(n_classes, activation=\"sigmoid\")")),
        Mistake("relu at the end", "", replace=("Dense(n_classes)", "Dense(n_classes, activation=\"relu\")")),
        Mistake("dropout", "", replace=("        keras.layers.Dense(n_classes)", "        keras.layers.Dropout(0.5),\n        keras.layers.Dense(n_classes)")),
        Mistake("batch normalisation", "", replace=("        keras.layers.Flatten()", "        keras.layers.BatchNormalization(),\n        keras.layers.Flatten()")),
        Mistake("no input shape", "", replace=("        keras.Input(input_shape),\n", "")),
    ],
    right=[lenet5_functional, lenet5_by_adding, lenet5_in_parts],
    hints=("First the image is turned into ever more, ever smaller maps; then it is laid flat and goes through the dense layers of lab 03.",
           "With \"same\" and then \"valid\" padding, 28×28×1 → 28×28×6 → 14×14×6 → 10×10×16 → 5×5×16 → 400 → 120 → 84 → n_classes.",
           "Sequential of: Input, Conv2D 6 of 5 with an activation, MaxPooling2D 2, Conv2D 16 of 5 with an activation, MaxPooling2D 2, Flatten, Dense 120, Dense 84, both "
           "with an "
           "activation, Dense n_classes"),
    why="A convolution looks for the same small pattern everywhere; pooling forgets where exactly it was; the dense layers see which patterns were found, and roughly where.",
    after="The net of 1998 stands.")

# --- vgg_block -------------------------------------------------------------------------------------------------------


def play_vgg(function, x_shape, filters, n_convs):
    last = build(function, x_shape, filters, n_convs)
    return last if isinstance(last, Fault) else vgg_fault(last, filters, n_convs) or FINE


def vgg_fault(last, filters, n_convs):
    way = anatomy.chain(last)
    if way is None:
        return Fault("The way through the block forks; a VGG block is one layer after the other.", "the way forks")
    fault = other_activation(way) or odd_step(way, ("convolution", "pooling", "activation", "normalisation"))
    if fault:
        return fault
    convs, pools = ([s for s in way if s.does == what] for what in ("convolution", "pooling"))
    built = f" Yours: {sketch(last)}."
    if len(convs) != n_convs:
        return Fault(f"For n_convs = {n_convs} there should be {n_convs} convolution{'s' * (n_convs != 1)}; here {'is' if len(convs) == 1 else 'are'} "
                     f"{len(convs) or 'none'}.{built}",
                     "number of convolutions")
    if len(pools) != 1:
        return Fault("There is no pooling at the end: it is what halves height and width." if not pools else
                     f"There are {len(pools)} poolings. A block pools once, behind its last convolution, so that the filters before it stack up to a wider view.{built}",
                     "pooling missing" if not pools else "pooling too many")
    if way.index(pools[0]) < way.index(convs[-1]):
        return Fault(f"The pooling comes before the last convolution; it belongs behind it.{built}", "pooling too early")
    fault = used_twice(convs)
    if fault:
        return fault
    for i, conv in enumerate(convs):
        fault = convolution_fault(conv, filters, 3, 1, "A convolution" if n_convs > 1 else "The convolution")
        if fault:
            return fault
    at = [way.index(c) for c in convs] + [len(way)]
    bare = [i + 1 for i, (a, b) in enumerate(itertools.pairwise(at)) if not any(s.does == "activation" for s in way[a:b])]
    if bare:
        which = "any convolution" if len(bare) == n_convs else f"convolution {', '.join(map(str, bare))} of {n_convs}"
        return Fault(f"There is no ReLU behind {which}. Without it two convolutions in a row are no more than one (linear) convolution.{built}", "no ReLU")
    pool = pools[0]
    if pool.kind != "max":
        return Fault("The pooling takes the average; VGG's takes the maximum.", "average pooling")
    if tuple(pool.size) != (2, 2) or tuple(pool.stride) != (2, 2):
        return Fault(f"The pooling is {pool.size[0]}×{pool.size[1]} with stride {pool.stride[0]}; 2×2 with stride 2 is asked for.", "pooling size")
    if way[0].does != "convolution" or any(s.does == "normalisation" for s in way[way.index(pool):]):
        return Fault(f"Something stands before the first convolution or behind the pooling that does not belong there.{built}", "a step out of place")
    return None


def vgg_with_layers(x, filters, n_convs):
    for i in range(n_convs):
        x = keras.layers.Conv2D(filters=filters, kernel_size=(3, 3), strides=(1, 1), padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization()(x)
        x = keras.layers.Activation("relu")(x)
    return keras.layers.MaxPool2D(pool_size=(2, 2), strides=(2, 2), padding="same")(x)


def vgg_with_ops(x, filters, n_convs):
    remaining = n_convs
    while remaining > 0:
        x = keras.ops.maximum(keras.layers.Conv2D(filters, [3, 3], padding="SAME", name=None)(x), 0.0)
        remaining -= 1
    return keras.ops.max_pool(x, 2, strides=2)


def vgg_recursive(x, filters, n_convs):
    if n_convs == 0:
        return keras.layers.MaxPooling2D()(x)
    x = keras.layers.ZeroPadding2D(1)(x)
    return vgg_recursive(keras.layers.ReLU()(keras.layers.Conv2D(filters, 3, kernel_initializer="he_normal")(x)), filters, n_convs - 1)


def vgg_as_sequential(x, filters, n_convs):
    layers = [keras.layers.Conv2D(filters, 3, 1, "same", activation=keras.activations.relu) for _ in range(n_convs)]
    return keras.Sequential([*layers, keras.layers.MaxPooling2D(2, 2)])(x)


def vgg_one_layer(x, filters, n_convs):
    conv = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")
    x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    for _ in range(n_convs - 1):
        x = conv(x)
    return keras.layers.MaxPooling2D(2)(x)


def vgg_from_anew(x, filters, n_convs):
    first = x
    for _ in range(n_convs):
        x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(first)
    return keras.layers.MaxPooling2D(2)(x)


VGG = Exercise(
    ex.vgg_block, title="A VGG block", difficulty=1, importance=2, minutes=8,
    draw=block_case("hwc", "filters", "n_convs"), play=play_vgg, returns="block", costly=True, variants=False,
    sizes=cases((16, 18, 3, 5, 1), (20, 16, 2, 4, 2), (18, 24, 5, 5, 3), names=("h", "w", "c", "filters", "n_convs")),
    mistakes=[
        Mistake("no ReLU", "", replace=(", activation=\"relu\"", "")),
        Mistake("number of convolutions", "", replace=("range(n_convs)", "range(1, n_convs)")),
        Mistake("pooling missing", "", replace=("keras.layers.MaxPooling2D(2)(x)", "x")),
        Mistake("pooling too many", "", replace=("activation=\"relu\")(x)\n", "activation=\"relu\")(x)\n        x = keras.layers.MaxPooling2D(2, padding=\"same\")(x)\n")),
        Mistake("pooling too early", "", replace=[("    for _", "    x = keras.layers.MaxPooling2D(2)(x)\n    for _"),
                                                  ("return keras.layers.MaxPooling2D(2)(x)", "return x")]),
        Mistake("one layer used twice", "", function=vgg_one_layer),
        Mistake("number of convolutions", "", function=vgg_from_anew),
        Mistake("filter size", "", replace=("filters, 3", "filters, 5")),
        Mistake("stride", "", replace=("filters, 3", "filters, 3, 2")),
        Mistake("valid padding", "", replace=("3, padding=\"same\"", "3")),
        Mistake("number of filters", "", replace=("Conv2D(filters", "Conv2D(2 * filters")),
        Mistake("average pooling", "", replace=("MaxPooling2D", "AveragePooling2D")),
        Mistake("pooling size", "", replace=("MaxPooling2D(2)", "MaxPooling2D(2, strides=1)")),
        Mistake("another activation", "", replace=("\"relu\"", "\"tanh\"")),
        Mistake("dropout", "", replace=("return keras.layers.MaxPooling2D(2)(x)", "return keras.layers.Dropout(0.2)(keras.layers.MaxPooling2D(2)(x))")),
        Mistake("not a tensor", "", replace=("MaxPooling2D(2)(x)", "MaxPooling2D(2)")),
    ],
    right=[vgg_with_layers, vgg_with_ops, vgg_recursive, vgg_as_sequential],
    hints=("Two 3×3 convolutions in a row see 5×5 pixels, three see 7×7, with fewer weights than one wide filter and a ReLU in between.",
           "(h, w, c) → n_convs times (h, w, filters) → (h/2, w/2, filters).",
           "n_convs times: x = Conv2D(filters, 3, same padding, ReLU)(x); then return MaxPooling2D(2)(x)"),
    why="x is a tensor that stands for values to come. Each layer, called with it, gives the next tensor; giving it the old name makes the loop short.",
    after="Blocks like this, stacked, were VGG-16: thirteen convolutions.")

# --- residual_block --------------------------------------------------------------------------------------------------


def play_residual(function, x_shape, filters, stride):
    last = build(function, x_shape, filters, *([] if stride is None else [stride]))
    stride = stride or 1
    projected = stride != 1 or filters != x_shape[-1]
    if isinstance(last, Fault):
        if last.name != "shapes do not fit":
            return last
        return Fault(last.what + " " + _why_they_differ(x_shape, filters, stride), "the skip does not fit the sum")
    return residual_fault(last, filters, stride, projected) or FINE


def _why_they_differ(x_shape, filters, stride):
    what = [f"x has {x_shape[-1]} channels and the main path {filters}"] * (filters != x_shape[-1]) + [f"the stride is {stride}"] * (stride != 1)
    if not what:
        return "Here stride is 1 and the channels agree, so both paths should keep the shape of x: is \"same\" padding missing?"
    return (f"Here {' and '.join(what)}, so the skip has to be a 1×1 convolution with `filters` filters and the block's stride. It is needed if the stride is not 1, *or* "
            f"if the "
            "channels differ; and only the first of the two 3×3 convolutions has the stride.")


def residual_fault(last, filters, stride, projected):
    steps, built = anatomy.before(last), f" Yours: {sketch(last)}."
    sums = [s for s in steps if s.does == "sum"]
    if not sums:
        for other, says in (("concatenation", "The two paths are concatenated: the channels pile up. A residual block *adds*, so that the main path has to learn only "
                                              "what is to be changed."),
                            ("average", "The two paths are averaged, not added."), ("product", "The two paths are multiplied; they should be added."),
                            ("maximum", "The larger of the two paths is taken; they should be added."), ("difference", "One path is subtracted from the other; they "
                                    "should be added.")):
            if any(s.does == other for s in steps):
                return Fault(says, f"{other} for the sum")
        return Fault(f"There is no skip: nothing is added to what the convolutions make.{built}", "no skip")
    if len(sums) > 1 or len(sums[0].inputs) != 2:
        return Fault(f"There should be one sum, of two things: the main path and the skip.{built}", "more than one sum")
    total = sums[0]
    behind = anatomy.chain(last, total)
    paths = [anatomy.chain(s) for s in total.inputs]
    if behind is None or None in paths:
        return Fault(f"The two paths should both begin at x and run apart until the sum.{built}", "the paths do not run apart")
    fault = other_activation(behind + paths[0] + paths[1])
    if fault:
        return fault
    skip, main = sorted(paths, key=lambda p: (sum(s.does == "convolution" and s.size != (1, 1) for s in p), len(p)))
    if any(s.does == "activation" for s in main[-1:]) and not behind:
        return Fault("The last ReLU stands before the sum, in the main path, and none behind it. There the main path can only add, never take away; the ReLU belongs "
                     "behind the sum.",
                     "ReLU before the sum only")
    if not any(s.does == "activation" for s in behind):
        return Fault("There is no ReLU behind the sum. It is the block's last step, so that the next block gets something that is not linear in this one.",
                "no ReLU behind the sum")
    if any(s.does != "activation" for s in behind):
        return Fault(f"Behind the sum stands more than the ReLU.{built}", "more behind the sum")
    fault = odd_step(main, ("convolution", "activation", "normalisation", "pooling"))
    if fault:
        return fault
    shared = {id(s) for s in skip} & {id(s) for s in main}
    if shared:
        return Fault(f"The skip begins inside the block, behind {word(max((s for s in skip if id(s) in shared), key=skip.index))}. It should begin at x, the block's "
                     f"input.{built}",
                     "skip from inside the block")
    return _main_path(main, filters, stride, built) or _skip(skip, filters, stride, projected)


def _main_path(main, filters, stride, built):
    convs = [s for s in main if s.does == "convolution"]
    if len(convs) != 2 or any(s.does == "pooling" for s in main):
        return Fault(f"The main path should be two convolutions; here {'is' if len(convs) == 1 else 'are'} {len(convs)}"
                     f"{', and pooling' if any(s.does == 'pooling' for s in main) else ''}.{built}", "main path")
    fault = used_twice(convs)
    if fault:
        return fault
    strides = [tuple(c.stride) for c in convs]
    if stride != 1 and strides == [(1, 1), (stride, stride)]:
        return Fault("The second convolution has the stride; it belongs to the first, so that the second works on the smaller map.", "stride in the second convolution")
    for conv, s, which in zip(convs, (stride, 1), ("The first convolution of the main path", "The second convolution of the main path")):
        fault = convolution_fault(conv, filters, 3, s, which)
        if fault:
            return fault
    first, second = (main.index(c) for c in convs)
    if not any(s.does == "activation" for s in main[first:second]):
        return Fault("There is no ReLU between the two convolutions, so they are no more than one linear step.", "no ReLU between the convolutions")
    if any(s.does == "activation" for s in main[second:]):
        return Fault("There is a ReLU before the sum too, behind the second convolution. With it the main path can only add to x, never take away.", "ReLU before the sum too")
    if first:
        return Fault(f"Before the first convolution stands {word(main[0])}. In this block the convolution comes first (the pre-activation form is another one).",
                "pre-activation")
    return None


def _skip(skip, filters, stride, projected):
    convs = [s for s in skip if s.does == "convolution"]
    others = [s for s in skip if s.does not in ("convolution", "normalisation", "activation")]
    if not projected:
        if convs:
            return Fault("The skip has a convolution though x and the main path have the same shape: there it is x itself, so that the block can do nothing at all if "
                         "nothing is to be "
                         "done.", "projection where none is needed")
        if skip:
            return Fault(f"On the skip stands {word(skip[0])}; where shapes agree it is x itself.", "something on the skip")
        return None
    if not convs:
        if others:
            return Fault(f"The skip is brought to the right shape by {word(others[0])}; a 1×1 convolution with the block's stride is asked for.", "no projection")
        return Fault("x is added as it is though it has another number of channels: its single channel is repeated for all of them by broadcasting, without complaint. A "
                     "1×1 convolution "
                     "is asked for there.", "no projection")
    if len(convs) > 1 or others:
        return Fault("The skip should be a single 1×1 convolution of x where shapes differ.", "more than a projection")
    if any(s.does == "activation" for s in skip):
        return Fault("There is a ReLU on the skip. The projection only changes the shape; the ReLU stands behind the sum.", "ReLU on the skip")
    fault = convolution_fault(convs[0], filters, 1, stride, "The projection on the skip")
    return Fault(fault.what, f"{fault.name} of the projection") if fault else None


def residual_plain(x, filters, stride=1):
    shortcut = x
    out = keras.layers.Conv2D(filters, (3, 3), strides=(stride, stride), padding="same", activation="relu")(x)
    out = keras.layers.Conv2D(filters, (3, 3), padding="same")(out)
    if tuple(shortcut.shape) != tuple(out.shape):
        shortcut = keras.layers.Conv2D(filters, (1, 1), strides=(stride, stride), padding="same")(shortcut)
    return keras.layers.Activation("relu")(out + shortcut)


def residual_with_ops(inputs, n, s=1):
    def normalised(t, size, stride):
        return keras.layers.BatchNormalization()(keras.layers.Conv2D(n, size, stride, "same", use_bias=False)(t))
    same = s == 1 and inputs.shape[-1] == n
    skip = keras.layers.Identity()(inputs) if same else normalised(inputs, 1, s)
    main = normalised(keras.ops.relu(normalised(inputs, 3, s)), 3, 1)
    return keras.ops.relu(keras.ops.add(skip, main))


def residual_as_sequential(x, filters, stride=1):
    main = keras.Sequential([keras.layers.ZeroPadding2D(1), keras.layers.Conv2D(filters, 3, strides=stride), keras.layers.ReLU(),
                             keras.layers.Conv2D(filters, 3, padding="same", kernel_initializer="he_normal")])
    skip = keras.layers.Conv2D(filters, kernel_size=1, strides=stride, name=None)(x) if stride > 1 or x.shape[3] != filters else x
    return keras.layers.Lambda(lambda t: keras.ops.maximum(t, 0))(keras.layers.add([main(x), skip]))


RESIDUAL = Exercise(
    ex.residual_block, title="A residual block", difficulty=2, importance=3, minutes=15,
    draw=block_case("hwc", "filters", "stride"), play=play_residual, returns="block", costly=True, variants=False,
    sizes=cases((6, 5, 3, 3, 1), (6, 5, 3, 4, 1), (6, 5, 4, 4, 2), (7, 6, 2, 5, 2), (4, 6, 1, 3, 1), (9, 7, 3, 2, 3), names=("h", "w", "c", "filters", "stride")),
    extra=[Case(((6, 5, 3), 3, None), {"h": 6, "w": 5, "c": 3, "filters": 3}, label="no stride given")],
    mistakes=[
        Mistake("no skip", "", replace=("keras.layers.Add()([x, y])", "y")),
        Mistake("concatenation for the sum", "", replace=("Add()", "Concatenate()")),
        Mistake("no ReLU behind the sum", "", replace=("keras.layers.ReLU()(keras.layers.Add()([x, y]))", "keras.layers.Add()([x, y])")),
        Mistake("ReLU before the sum only", "", replace=("keras.layers.ReLU()(keras.layers.Add()([x, y]))", "keras.layers.Add()([x, keras.layers.ReLU()(y)])")),
        Mistake("ReLU before the sum too", "", replace=("Add()([x, y])", "Add()([x, keras.layers.ReLU()(y)])")),
        Mistake("no ReLU between the convolutions", "", replace=("keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=0.9)(y))",
                "keras.layers.BatchNormalization(momentum=0.9)(y)")),
        Mistake("the skip does not fit the sum", "", replace=("stride != 1 or x.shape[-1] != filters", "stride != 1")),
        Mistake("the skip does not fit the sum", "", replace=("stride != 1 or x.shape[-1] != filters", "x.shape[-1] != filters")),
        Mistake("the skip does not fit the sum", "", replace=("filters, 1, strides=stride", "filters, 1")),
        Mistake("projection where none is needed", "", replace=("    if stride != 1 or x.shape[-1] != filters:\n        x =", "    x =")),
        Mistake("filter size of the projection", "", replace=("x = keras.layers.Conv2D(filters, 1, strides=stride)", "x = keras.layers.Conv2D(filters, 3, strides=stride, "
                "padding=\"same\")")),
        Mistake("ReLU on the skip", "", replace=("filters, 1, strides=stride)", "filters, 1, strides=stride, activation=\"relu\")")),
        Mistake("skip from inside the block", "", replace=("padding=\"same\")(x)\n", "padding=\"same\")(x)\n    x = y\n    stride = 1\n")),
        Mistake("stride in the second convolution", "", replace=[("3, strides=stride, padding=\"same\")(x)", "3, padding=\"same\")(x)"),
                                                                ("3, padding=\"same\")(y)", "3, strides=stride, padding=\"same\")(y)")]),
        Mistake("filter size", "", replace=("3, padding=\"same\")(y)", "5, padding=\"same\")(y)")),
        Mistake("main path", "", replace=("    y = keras.layers.Conv2D(filters, 3, padding=\"same\")(y)\n", "")),
        Mistake("another activation", "", replace=("keras.layers.ReLU()(keras.layers.Add()([x, y]))", "keras.ops.tanh(keras.layers.Add()([x, y]))")),
    ],
    right=[residual_plain, residual_with_ops, residual_as_sequential],
    hints=("Keep x; let two convolutions work; then add the two. If the shapes differ, x needs a cheap convolution that only changes its shape.",
           "y = conv3×3(relu(conv3×3 of stride s (x))); skip = x, or conv1×1 of stride s (x); out = relu(y + skip).",
           "y = Conv2D(filters, 3, stride, same)(x), ReLU; y = Conv2D(filters, 3, same)(y); if stride is not 1 or the channels of x are not `filters`: x = "
           "Conv2D(filters, 1, stride)(x); "
           "return ReLU of Add of both"),
    why="If the two convolutions give 0, the block passes on relu(x): doing nothing is easy. In a plain stack it has to be learned. Backwards the sum hands the gradient "
        "on undiminished.",
    after="Now depth costs less: see below what happens to a plain stack of the same depth.")

# --- inception_cost --------------------------------------------------------------------------------------------------


ADDED = "Multiplications and additions are counted together; only multiplications are asked for."
BIASES = "Biases are counted. They are added, not multiplied."


def draw_cost(rng, bottleneck):
    h, w, c_in, c_out, reduce = (int(v) for v in rng.choice(np.arange(2, 24), 5, replace=False))
    return h, w, c_in, int(rng.choice([3, 5, 7])), c_out, reduce if bottleneck else None


def play_cost(function, h, w, c_in, f, c_out, reduce):
    return function(h, w, c_in, f, c_out) if reduce == "none given" else function(h, w, c_in, f, c_out, reduce)


def cost_in_loops(h, w, c_in, f, c_out, reduce=None):
    total = 0
    steps = [(f, c_in, c_out)] if reduce is None else [(1, c_in, reduce), (f, reduce, c_out)]
    for size, before, after in steps:
        total += h * w * after * size ** 2 * before
    return total


def cost_as_float(h, w, c_in, f, c_out, reduce=None):
    return np.prod([h, w, c_out, f, f, c_in], dtype=float) if not reduce else float(h * w) * reduce * (c_in + f * f * c_out)


def cost_recursive(height, width, channels, size, out, reduce=None):
    if reduce is not None:
        return cost_recursive(height, width, channels, 1, reduce) + cost_recursive(height, width, reduce, size, out)
    return np.int64(height) * width * (size * size * channels) * out


COST = Exercise(
    ex.inception_cost, title="What a bottleneck saves", difficulty=1, importance=2, minutes=8, draw=draw_cost, play=play_cost,
    sizes=[{"bottleneck": b} for b in (False, True, True, False, True)], returns="cost", names={"h": "the height", "w": "the width"},
    extra=[Case((4, 7, 3, 5, 6, "none given"), {"bottleneck": False}, label="no `reduce` given: 4×7×3, 5×5, 6 filters"), Case((3, 4, 5, 1, 2, None), {"bottleneck": False}),
           Case((5, 3, 2, 3, 4, 1), {"bottleneck": True})],
    mistakes=[
        Mistake("f for f²", "A filter has f·f weights in each channel; here they count as f only.", replace=("c_out * f * f * c_in", "c_out * f * c_in")),
        Mistake("f for f² behind the bottleneck", "A filter has f·f weights in each channel; behind the bottleneck they count as f only.",
                replace=("c_out * f * f * reduce", "c_out * f * reduce")),
        Mistake("f for f² everywhere", "A filter has f·f weights in each channel; here they count as f only.",
                replace=[("c_out * f * f * c_in", "c_out * f * c_in"), ("c_out * f * f * reduce", "c_out * f * reduce")]),
        Mistake("channels of the input forgotten", "Each filter reaches through all channels of its input: the number of them is a factor too.", replace=("f * f * c_in",
                "f * f")),
        Mistake("number of filters forgotten", "That is the work of one filter; there are c_out of them.", replace=("h * w * c_out * f * f * c_in", "h * w * f * f * c_in")),
        Mistake("positions forgotten", "That is the number of weights, the parameters. Each of them is multiplied once at each of the h·w places.",
                replace=("h * w * c_out * f * f * c_in", "c_out * f * f * c_in")),
        Mistake("parameters counted", "That is the number of weights, the parameters. Each of them is multiplied once at each of the h·w places.",
                replace=[("h * w * c_out * f * f * c_in", "c_out * f * f * c_in"), ("h * w * reduce * c_in", "reduce * c_in"), ("h * w * c_out * f * f * reduce",
                        "c_out * f * f * reduce")]),
        Mistake("bottleneck not counted", "The 1×1 convolution itself is missing from the sum: it is cheap, but not free.", replace=("bottleneck + convolution",
                "convolution")),
        Mistake("only the bottleneck counted", "Only the 1×1 convolution is counted, the f×f convolution behind it is not.", replace=("bottleneck + convolution",
                "bottleneck")),
        Mistake("bottleneck multiplied", "The two convolutions are done one after the other: their multiplications add up.", replace=("bottleneck + convolution",
                "bottleneck * convolution")),
        Mistake("full channels behind the bottleneck", "The f×f convolution is counted with all c_in channels. Behind the bottleneck it sees only `reduce` of them; that "
                                                       "is the whole saving.",
                replace=("c_out * f * f * reduce", "c_out * f * f * c_in")),
        Mistake("f² in the bottleneck", "The convolution that reduces is 1×1: it has one weight in each channel, not f·f.", replace=("reduce * c_in",
                "reduce * f * f * c_in")),
        Mistake("reduce without influence", "The bottleneck is never used: with `reduce` given the cost is still that of the direct way.", replace=("if reduce is None:",
                "if True:")),
        Mistake("c_out for reduce in the bottleneck", "The bottleneck has `reduce` filters, not c_out.", replace=("h * w * reduce * c_in", "h * w * c_out * c_in")),
        Mistake("c_in forgotten in the bottleneck", "The 1×1 filters of the bottleneck reach through all c_in channels.", replace=("h * w * reduce * c_in", "h * w * reduce")),
        Mistake("valid padding", "The filter is counted only at the (h − f + 1)·(w − f + 1) places where it lies wholly inside. With \"same\" padding the output is h×w.",
                replace=("return h * w * c_out", "return (h - f + 1) * (w - f + 1) * c_out")),
        Mistake("valid padding everywhere", "The filter is counted only at the (h − f + 1)·(w − f + 1) places where it lies wholly inside. With \"same\" padding the "
                                            "output is h×w.",
                replace=[("return h * w * c_out", "return (h - f + 1) * (w - f + 1) * c_out"), ("convolution = h * w", "convolution = (h - f + 1) * (w - f + 1)")]),
        *(Mistake(f"{name} in the {way}", says, replace=edit) for name, says, edits in (
            ("additions counted", ADDED, (("return h * w * c_out", "return 2 * h * w * c_out"), ("return bottleneck + convolution", "return 2 * (bottleneck + convolution)"))),
            ("biases counted", BIASES, (("f * f * c_in", "(f * f * c_in + 1)"), ("f * f * reduce", "(f * f * reduce + 1)"))),
            ("biases counted once", BIASES, (("f * f * c_in", "f * f * c_in + c_out"), ("bottleneck + convolution", "bottleneck + convolution + reduce + c_out"))))
          for way, edit in zip(("direct way", "way through the bottleneck"), edits)),
        Mistake("additions counted too", ADDED,
                replace=[("return h * w * c_out", "return 2 * h * w * c_out"), ("return bottleneck + convolution", "return 2 * (bottleneck + convolution)")]),
        Mistake("biases counted", BIASES, replace=[("f * f * c_in", "(f * f * c_in + 1)"), ("reduce * c_in",
                "reduce * (c_in + 1)"),
                                                                                              ("f * f * reduce", "(f * f * reduce + 1)")]),
    ],
    right=[cost_in_loops, cost_as_float, cost_recursive],
    hints=("One output number costs as many multiplications as the filter has weights. How many output numbers are there?",
           "h·w·c_out numbers, f·f·c_in multiplications each. With a bottleneck: h·w·reduce·c_in, plus h·w·c_out·f·f·reduce.",
           "if reduce is None return h * w * c_out times f * f * c_in; else the same formula twice: once with f = 1 and `reduce` filters, once with `reduce` channels "
           "coming in"),
    unchanged={"a number where an array": "numbers only", "steps exchanged": "the two steps do not depend on each other"},
    why="A convolution's output has h·w·c_out numbers, each the product of f·f·c_in pairs. The bottleneck makes the last factor small before the expensive filter comes.",
    after="For GoogLeNet's 28×28×192 and 32 filters of 5×5 you can now say what 16 channels in between save.")

# --- inception_module ------------------------------------------------------------------------------------------------


def play_inception(function, x_shape, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    last = build(function, x_shape, f1, f3_reduce, f3, f5_reduce, f5, pool_proj)
    if isinstance(last, Fault):
        if last.name != "shapes do not fit":
            return last
        return Fault(f"{last.what} To be put side by side, all four branches have to keep height and width: stride 1 and \"same\" padding everywhere. Keras's pooling "
                     f"takes its own size as "
                     "the stride unless it is told another, and neither pooling nor convolution pads by itself. (And they are joined along the channels, the last axis.)",
                     "branches of different height and width")
    return inception_fault(last, f1, f3_reduce, f3, f5_reduce, f5, pool_proj) or FINE


def inception_fault(last, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    steps, built = anatomy.before(last), f" Yours: {sketch(last)}."
    joints = [s for s in steps if len(s.inputs) > 1]
    if not joints:
        return Fault(f"There is only one way through the module. Four branches, each of them from x, stand side by side.{built}", "no branches")
    wrong = next((s for s in joints if s.does != "concatenation"), None)
    if wrong:
        return Fault(f"The branches come together in a {wrong.does if wrong.does != 'other' else wrong.kind}. They are concatenated: each keeps its channels.",
                "branches not concatenated")
    if any(s.axis != -1 for s in joints):
        return Fault("The branches are concatenated along another axis than the channels, the last one: the maps stand beside each other in the image instead of behind "
                     "each other.",
                     "concatenated along another axis")
    head = last
    behind = []
    while len(head.inputs) == 1:
        behind, head = [head, *behind], head.inputs[0]
    fault = other_activation(steps) or odd_step(behind, ("activation",))
    if fault:
        return fault
    ends = _branches(head)
    ways = [anatomy.chain(e) for e in ends]
    if None in ways:
        return Fault(f"A branch does not come from x alone: something is concatenated on the way.{built}", "the branches do not run apart")
    for way in ways:
        fault = odd_step(way, ("convolution", "pooling", "activation", "normalisation"))
        if fault:
            return fault
    owners = [id(s) for way in ways for s in way]
    if len(owners) > len(set(owners)):
        return Fault(f"A branch goes on from another branch, or two of them share a layer. Each of the four begins at x.{built}", "a branch from another branch")
    if len(ways) != 4:
        return Fault(f"There are {len(ways)} branches; four are asked for.{built}", "branch missing" if len(ways) < 4 else "branch too many")
    return _four_branches(ways, {"1×1": (f1,), "3×3": (f3_reduce, f3), "5×5": (f5_reduce, f5), "pooling": (pool_proj,)}, built, any(s.does == "activation" for s in behind))


def _branches(step):
    return [e for s in step.inputs for e in _branches(s)] if step.does == "concatenation" else [step]


def _four_branches(ways, wanted, built, relu_behind):
    def kind(way):
        sizes = [s.size[0] for s in way if s.does == "convolution"]
        return "pooling" if any(s.does == "pooling" for s in way) else f"{max(sizes, default=0)}×{max(sizes, default=0)}"
    kinds = [kind(way) for way in ways]
    lost = [k for k in wanted if k not in kinds]
    if lost:
        return Fault(f"There is no branch with {lost[0] if lost[0] == 'pooling' else 'a ' + lost[0] + ' convolution'}{' at its end' * (lost[0] != 'pooling')}.{built}",
                "branch missing")
    for way, name in zip(ways, kinds):
        fault = _one_branch(way, name, wanted[name], built, relu_behind)
        if fault:
            return fault
    return None


def _one_branch(way, name, filters, built, relu_behind):
    convs, pools = ([s for s in way if s.does == what] for what in ("convolution", "pooling"))
    where = f"the {name} branch" if name != "pooling" else "the pooling branch"
    if len(convs) != len(filters):
        if name == "pooling" and not convs:
            return Fault("Behind the pooling there is no 1×1 convolution: without it the branch hands on all channels of x, however many there are.",
                    "no convolution behind the pooling")
        if len(convs) < len(filters):
            return Fault(f"In {where} there is no 1×1 convolution before the {name} one: it makes the channels few, so that the wide filter is cheap.", "no bottleneck")
        return Fault(f"In {where} there are {len(convs)} convolutions; {len(filters)} {'is' if len(filters) == 1 else 'are'} asked for.{built}", "convolution too many")
    if name == "pooling":
        pool = pools[0]
        if len(pools) > 1 or pool.kind != "max":
            return Fault("The pooling takes the average; here it takes the maximum." if pool.kind != "max" else "There is more than one pooling in its branch.",
                         "average pooling" if pool.kind != "max" else "pooling too many")
        if tuple(pool.size) != (3, 3) or tuple(pool.stride) != (1, 1) or pool.padding != "same":
            return Fault(f"The pooling is {pool.size[0]}×{pool.size[1]} with stride {pool.stride[0]} and \"{pool.padding}\" padding; 3×3 with stride 1 and \"same\" "
                         f"padding is asked for.",
                         "pooling size")
        if way.index(pool) > way.index(convs[0]):
            return Fault("In the pooling branch the 1×1 convolution comes before the pooling; it belongs behind it.", "pooling behind the convolution")
    sizes = (1,) if len(filters) == 1 else (1, int(name[0]))
    if [c.size[0] for c in convs] == list(sizes)[::-1] and len(sizes) == 2:
        return Fault(f"In {where} the 1×1 convolution comes behind the {name} one. It has to come before it to make it cheap.", "bottleneck behind the filter")
    if [c.filters for c in convs] == list(filters)[::-1] and len(set(filters)) == 2:
        return Fault(f"In {where} the two numbers of filters are exchanged: {filters[0]} in the 1×1 convolution, {filters[1]} in the {name} one.",
                "reduce and filters exchanged")
    for conv, n, size in zip(convs, filters, sizes):
        fault = convolution_fault(conv, n, size, 1, f"In {where} the {size}×{size} convolution")
        if fault:
            return fault
    fault = used_twice(convs)
    if fault:
        return fault
    at = [way.index(c) for c in convs] + [len(way)]
    bare = [c for c, (a, b) in zip(convs, itertools.pairwise(at)) if not any(s.does == "activation" for s in way[a:b]) and not (b == len(way) and relu_behind)]
    if bare:
        return Fault(f"In {where} there is no ReLU behind the {bare[0].size[0]}×{bare[0].size[1]} convolution; one belongs behind every convolution of the module.", "no ReLU")
    if any(s.does == "normalisation" for s in way[:at[0]]):
        return Fault(f"In {where} batch normalisation stands before the first convolution; it may stand behind a convolution.", "a step out of place")
    return None


def inception_long_way(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    a = keras.layers.Conv2D(f1, (1, 1), activation="relu")(x)
    b = keras.layers.Conv2D(f3_reduce, kernel_size=1, activation="relu")(x)
    b = keras.layers.Conv2D(filters=f3, kernel_size=(3, 3), padding="same", activation="relu")(b)
    c = keras.layers.Conv2D(f5_reduce, 1, activation="relu")(x)
    c = keras.layers.Conv2D(f5, 5, 1, "same", activation="relu")(c)
    d = keras.layers.MaxPool2D((3, 3), strides=(1, 1), padding="same")(x)
    d = keras.layers.Conv2D(pool_proj, 1, activation="relu")(d)
    return keras.layers.concatenate([d, c, b, a], axis=3)


def inception_with_ops(t, a, b1, b, c1, c, d):
    def go(y, *steps):
        for n, k in steps:
            y = keras.ops.relu(keras.layers.BatchNormalization()(keras.layers.Conv2D(n, k, padding="same", use_bias=False)(y)))
        return y
    pooled = keras.ops.max_pool(t, 3, strides=1, padding="same")
    return keras.ops.concatenate([go(t, (a, 1)), go(t, (b1, 1), (b, 3)), go(t, (c1, 1), (c, 5)), go(pooled, (d, 1))], axis=-1)


def inception_relu_last(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    layer = keras.layers
    reduced3, reduced5 = (layer.ReLU()(layer.Conv2D(n, 1)(x)) for n in (f3_reduce, f5_reduce))
    left = layer.Concatenate()([layer.Conv2D(f1, 1)(x), layer.Conv2D(f3, 3, padding="same")(reduced3)])
    right = layer.Concatenate()([layer.Conv2D(f5, 5, padding="same")(reduced5), layer.Conv2D(pool_proj, 1)(layer.MaxPooling2D(3, 1, "same")(x))])
    return layer.Activation("relu")(layer.Concatenate()([left, right]))


INCEPTION = Exercise(
    ex.inception_module, title="An Inception module", difficulty=3, importance=2, minutes=15,
    draw=block_case("hwc", "f1", "f3_reduce", "f3", "f5_reduce", "f5", "pool_proj"), play=play_inception, returns="module", costly=True, variants=False,
    sizes=cases((12, 10, 4, 3, 3, 3, 3, 3, 3), (10, 13, 3, 2, 3, 4, 5, 6, 7), (14, 9, 2, 6, 2, 5, 1, 4, 3), names=("h", "w", "c", "f1", "f3_reduce", "f3", "f5_reduce", "f5",
            "pool_proj")),
    mistakes=[
        Mistake("branches of different height and width", "", replace=("MaxPooling2D(3, strides=1, padding=\"same\")", "MaxPooling2D(3)")),
        Mistake("branches of different height and width", "", replace=("MaxPooling2D(3, strides=1, padding=\"same\")", "MaxPooling2D(3, padding=\"same\")")),
        Mistake("branches of different height and width", "", replace=("size, padding=\"same\", activation", "size, activation")),
        Mistake("no ReLU", "", replace=(", activation=\"relu\"", "")),
        Mistake("another activation", "", replace=("\"relu\"", "\"sigmoid\"")),
        Mistake("no bottleneck", "", replace=("conv(conv(x, f3_reduce, 1), f3, 3)", "conv(x, f3, 3)")),
        Mistake("no convolution behind the pooling", "", replace=("conv(keras.layers.MaxPooling2D(3, strides=1, padding=\"same\")(x), pool_proj, 1)",
                                                                   "keras.layers.MaxPooling2D(3, strides=1, padding=\"same\")(x)")),
        Mistake("pooling behind the convolution", "", replace=("conv(keras.layers.MaxPooling2D(3, strides=1, padding=\"same\")(x), pool_proj, 1)",
                                                                "keras.layers.MaxPooling2D(3, strides=1, padding=\"same\")(conv(x, pool_proj, 1))")),
        Mistake("reduce and filters exchanged", "", replace=("conv(conv(x, f3_reduce, 1), f3, 3)", "conv(conv(x, f3, 1), f3_reduce, 3)")),
        Mistake("number of filters", "", replace=("one = conv(x, f1, 1)", "one = conv(x, f3, 1)")),
        Mistake("filter size", "", replace=("f5_reduce, 1), f5, 5)", "f5_reduce, 3), f5, 5)")),
        Mistake("bottleneck behind the filter", "", replace=("conv(conv(x, f3_reduce, 1), f3, 3)", "conv(conv(x, f3_reduce, 3), f3, 1)")),
        Mistake("average pooling", "", replace=("MaxPooling2D", "AveragePooling2D")),
        Mistake("pooling size", "", replace=("MaxPooling2D(3", "MaxPooling2D(2")),
        Mistake("branch missing", "", replace=("[one, three, five, pool]", "[one, three, pool]")),
        Mistake("a branch from another branch", "", replace=("five = conv(conv(x,", "five = conv(conv(three,")),
        Mistake("a branch from another branch", "", replace=("[one, three, five, pool]", "[one, three, five, five, pool]")),
        Mistake("concatenated along another axis", "", replace=("Concatenate()", "Concatenate(axis=1)")),
        Mistake("not a tensor", "", replace=("keras.layers.Concatenate()([one, three, five, pool])", "[one, three, five, pool]")),
    ],
    right=[inception_long_way, inception_with_ops, inception_relu_last],
    hints=("Which filter size is best? The module tries all of them and lets the next layer choose.",
           "x (h, w, c) → 1×1: f1 | 1×1: f3_reduce → 3×3: f3 | 1×1: f5_reduce → 5×5: f5 | max 3×3 of stride 1 → 1×1: pool_proj; together (h, w, f1 + f3 + f5 + pool_proj).",
           "a little helper conv(x, filters, size) with same padding and ReLU; one, three, five from x through it; MaxPooling2D(3, strides=1, padding same), then conv of "
           "size 1; "
           "Concatenate of the four"),
    why="Everything keeps height and width, so the maps of the four branches lie on each other and can be stacked as channels.",
    after="Nine of these make GoogLeNet.")

# --- pca_color_augment -----------------------------------------------------------------------------------------------


def draw_colours(rng, m, h, w):
    turned, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    colours = rng.normal(size=(m, h, w, 3)) * (0.3, 0.2, 0.12) @ turned + (0.3, 0.5, 0.7)
    return np.round(colours, 2), np.round(rng.uniform(0.5, 3, 3) * rng.choice([-1, 1], 3), 2)


def play_colours(function, images, alphas):
    """Play it so that the signs of its eigenvectors, and n or n − 1, make no difference: both are read off from what it does with one component alone."""
    original, got = images.copy(), function(images, alphas)
    if not isinstance(got, np.ndarray | tf.Tensor) or tuple(got.shape) not in (original.shape, (3,)):
        return got
    base, pixels = (original if len(got.shape) == 4 else 0), original.reshape(-1, 3)
    values, vectors = np.linalg.eigh(np.cov(pixels.T))
    alone = [np.mean((np.asarray(function(original.copy(), unit), float) - base).reshape(-1, 3), axis=0) @ vectors[:, 2 - k] for k, unit in enumerate(np.eye(3))][::-1]
    less = (len(pixels) - 1) / len(pixels)
    scale = 1 / less if np.allclose(np.abs(alone), values * less, rtol=1e-4) else 1.0
    return base + (np.asarray(got, float) - base) @ vectors * (scale * np.where(np.array(alone) < 0, -1, 1)) @ vectors.T


def colours_by_svd(images, alphas):
    pixels = images.reshape(-1, images.shape[-1])
    centred = pixels - pixels.mean(axis=0)
    _, s, vt = np.linalg.svd(centred, full_matrices=False)
    return images + ((alphas * s ** 2 / len(pixels)) @ vt)[None, None, None]


def colours_in_a_loop(images, alphas):
    flat = images.transpose(3, 0, 1, 2).reshape(3, -1)
    w, v = np.linalg.eig(np.cov(flat, bias=True))
    order = np.argsort(-w)
    out = images.copy()
    for k, at in enumerate(order):
        out += alphas[k] * w[at] * -v[:, at]
    return out


def colours_in_float32(images, alphas):
    x = tf.reshape(tf.constant(images, tf.float32), (-1, 3))
    x -= tf.reduce_mean(x, axis=0)
    values, vectors = tf.linalg.eigh(tf.matmul(x, x, transpose_a=True) / (len(x) - 1))
    return tf.constant(images, tf.float32) + tf.linalg.matvec(vectors, values * np.asarray(alphas, np.float32)[::-1])


def shifted_by(matrix):
    """A wrong version that takes the eigenvectors of another matrix, matrix(images, n or n − 1)."""
    def with_divisor(less):
        def shifted(images, alphas):
            values, vectors = np.linalg.eigh(matrix(images, images.size // 3 - less))
            return images + vectors[:, ::-1] @ (alphas * values[::-1])
        return shifted
    return with_divisor


def each_image(less):
    def shifted(images, alphas):
        out = images.copy()
        for i, image in enumerate(images):
            values, vectors = np.linalg.eigh(np.cov(image.reshape(-1, 3), rowvar=False, ddof=less))
            out[i] = image + vectors[:, ::-1] @ (alphas * values[::-1])
        return out
    return shifted


def first_image(less):
    def shifted(images, alphas):
        values, vectors = np.linalg.eigh(np.cov(images[0].reshape(-1, 3), rowvar=False, ddof=less))
        return images + vectors[:, ::-1] @ (alphas * values[::-1])
    return shifted


def each_channel(less):
    return lambda images, alphas: images + alphas * images.reshape(-1, 3).var(axis=0, ddof=less)


def not_centred(images, n):
    return images.reshape(-1, 3).T @ images.reshape(-1, 3) / n


def not_divided(images, n):
    return np.cov(images.reshape(-1, 3), rowvar=False) * (images.size // 3 - 1)


def correlation(images, n):
    return np.corrcoef(images.reshape(-1, 3), rowvar=False)


def either_divisor(mistakes):
    """Each mistake twice: with the covariance divided by n − 1, and by n."""
    return [Mistake(m.name, m.says, function=m.function(less)) if m.function else
            Mistake(m.name, m.says, replace=m.edits() + [] if less else m.edits() + [(", rowvar=False", ", rowvar=False, bias=True")]) for m in mistakes for less in (1, 0)]


COLOURS = Exercise(
    ex.pca_color_augment, title="Colours along their own axes", difficulty=2, importance=1, minutes=12, draw=draw_colours, play=play_colours, returns="images",
    sizes=[{"m": 1, "h": 2, "w": 3}, {"m": 2, "h": 3, "w": 4}, {"m": 3, "h": 4, "w": 2}, {"m": 1, "h": 5, "w": 4}],
    mistakes=either_divisor([
        Mistake("from the smallest eigenvalue up", "`alphas[0]` goes with the smallest eigenvalue. `np.linalg.eigh` sorts them from the smallest up; here alphas[0] "
                                                   "belongs to the largest.",
                replace=("    values, vectors = values[::-1], vectors[:, ::-1]\n", "")),
        Mistake("only eigenvalues turned round", "The eigenvalues were brought into falling order but not the eigenvectors with them: each belongs to its own.",
                replace=("values[::-1], vectors[:, ::-1]", "values[::-1], vectors")),
        Mistake("only eigenvectors turned round", "The eigenvectors were brought into another order but not the eigenvalues with them: each belongs to its own.",
                replace=("values[::-1], vectors[:, ::-1]", "values, vectors[:, ::-1]")),
        Mistake("rows for columns", "The rows of the matrix of eigenvectors are taken; the eigenvectors are its columns.", replace=("vectors @ (", "vectors.T @ (")),
        Mistake("rows turned round", "The rows of the matrix of eigenvectors are turned round; its columns are the eigenvectors, so `[:, ::-1]`.", replace=(
                "vectors[:, ::-1]", "vectors[::-1]")),
        Mistake("eigenvalues left out", "The eigenvalues are missing from the shift: all three directions count the same, though the colours hardly vary along the third.",
                replace=("alphas * values", "alphas")),
        Mistake("roots of the eigenvalues", "The square roots of the eigenvalues are taken. The shift is Σ alphas[k] · λ_k · e_k.", replace=("alphas * values",
                "alphas * np.sqrt(values)")),
        Mistake("alphas left out", "The alphas have no part in the shift.", replace=("alphas * values", "values")),
        Mistake("each image by itself", "Each image is shifted along its own principal components. Here they are those of all pixels of the batch, and the shift is the "
                                        "same for all of them.",
                function=each_image),
        Mistake("not centred", "The mean colour was not subtracted before the products were taken, so this is no covariance: the first direction points to the mean colour.",
                function=shifted_by(not_centred)),
        Mistake("not divided by n", "The products are added up but not divided by the number of pixels, so the shift grows with the batch. A covariance is a mean.",
                function=shifted_by(not_divided)),
        Mistake("correlation", "That is the correlation matrix, in which each channel has been divided by its deviation; the covariance is asked for.",
                function=shifted_by(correlation)),
        Mistake("each channel by itself", "Each channel is shifted by its own variance. The principal components mix the channels: colours vary mostly together.",
                function=each_channel),
        Mistake("scrambled pixels", "`reshape(3, -1)` does not bring the channels to the front: it cuts the numbers as they lie in memory and scrambles the colours. "
                "`reshape(-1, 3)` keeps the last axis.", replace=("images.reshape(-1, 3)", "images.reshape(3, -1).T")),
        Mistake("clipped", "The result is clipped to 0…1. It should not be, here.", replace=("images + shift", "np.clip(images + shift, 0, 1)")),
        Mistake("subtracted mean", "The mean colour is missing from the result: it belongs to the computation of the covariance, not to the images.",
                replace=("images + shift", "images - pixels.mean(axis=0) + shift")),
        Mistake("only the shift", "That is the shift alone; it is to be added to the images.", replace=("images + shift", "np.zeros(images.shape) + shift")),
        Mistake("only the shift, not the images", "That is the shift alone; it is to be added to the images.", replace=("images + shift", "shift")),
        Mistake("only the first component", "Only the first principal component has a part in the shift; all three do.", replace=("vectors @ (alphas * values)",
                "vectors[:, 0] * alphas[0] * values[0]")),
        Mistake("colours of the first image", "The principal components are those of the first image alone; they are those of all pixels of the batch.", function=first_image),
        Mistake("one pixel's brightness", "The shift is one number for all channels: the components were added up. It is a vector, one number for each channel.",
                replace=("images + shift", "images + shift.sum()")),
        Mistake("each pixel scaled", "The images are multiplied by the shift; it is added.", replace=("images + shift", "images * shift")),
    ]) + [
        Mistake("rowvar", "`np.cov` takes rows for variables unless it is told `rowvar=False`: that gives a covariance of pixels, not of channels.",
                replace=(", rowvar=False", "")),
    ],
    right=[colours_by_svd, colours_in_a_loop, colours_in_float32],
    hints=("Colours of photographs lie along a line from dark to bright, and spread little to the sides. Shift them most where they vary most.",
           "pixels (n, 3), n = m·h·w; covariance (3, 3); eigenvalues λ falling, eigenvectors the columns of E; shift = E (alphas ∘ λ), (3,).",
           "reshape to rows of 3; np.cov with rowvar=False; np.linalg.eigh; both results turned round, the vectors by columns; images plus vectors @ (alphas * values)"),
    unchanged={"sign": "an eigenvector's sign is free", "- in place of +": "an eigenvector's sign is free", "2 in place of 1": "reshape takes any negative number for "
            "\"the rest\""},
    why="Under another light all colours move together, roughly along the first principal component. The augmentation imitates that.",
    after="Bright, dim, warm or cold light no longer needs to be in the training set.")

# --- freeze_base -----------------------------------------------------------------------------------------------------


def _small_net(kind):
    """A little net with random weights; in the second one layers are frozen already."""
    stack = [keras.layers.Conv2D(2, 3, activation="relu"), keras.layers.MaxPooling2D(2), keras.layers.BatchNormalization(), keras.layers.Flatten(),
             keras.layers.Dense(4, activation="relu"), keras.layers.Dropout(0.5), keras.layers.Dense(3)]
    if kind == "functional":
        stack = stack[:1] + stack[3:]
        x = inputs = keras.Input((6, 6, 1))
        for layer in stack:
            x = layer(x)
        model = keras.Model(inputs, x)
        model.layers[-1].trainable = model.layers[1].trainable = False
    else:
        model = keras.Sequential([keras.Input((6, 6, 1)), *stack])
    rng = np.random.default_rng(0)
    model.set_weights([np.abs(rng.normal(size=w.shape)) for w in model.get_weights()])
    return model


def play_freeze(function, kind, n_trainable):
    model = _small_net(kind)
    weights, flags = model.get_weights(), [layer.trainable for layer in model.layers]
    frozen = function(model, n_trainable)
    if frozen is None:
        return NOTHING
    if not isinstance(frozen, keras.Model):
        return Fault(f"What comes back is an object of type {type(frozen).__name__}, not a Keras model.", "not a model")
    if frozen is model:
        return Fault("The model itself comes back, its flags changed. A copy is asked for: else training it would change the base that other experiments start from.",
                "no copy")
    if {id(v) for v in frozen.weights} & {id(v) for v in model.weights}:
        return Fault("The copy shares its variables with the model: a new `Model` or `Sequential` made of the same layers is a second door to the same room. "
                     "`keras.models.clone_model` makes new layers.", "variables shared")
    if not all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights())):
        return Fault("The weights of the model that was given are changed.", "the model changed")
    if [layer.trainable for layer in model.layers] != flags or not model.trainable:
        return Fault("The flags `trainable` of the model that was given are changed; set those of the copy.", "the model changed")
    if [type(layer) for layer in frozen.layers] != [type(layer) for layer in model.layers]:
        return Fault("The copy has other layers than the model.", "another model")
    if not frozen.built or [v.shape for v in frozen.weights] != [v.shape for v in model.weights]:
        return Fault("The copy has other weights, or none yet.", "another model")
    if not all(np.array_equal(a, b) for a, b in zip(weights, frozen.get_weights())):
        return Fault("The copy does not have the model's weights: `clone_model` copies the layers and starts them anew, with random weights. What was learned is lost.",
                "weights not copied")
    if not frozen.trainable and n_trainable:
        return Fault("Nothing can learn: the copy's own flag, `copy.trainable`, is still False, and it overrules those of its layers. (`copy.trainable = False` sets the "
                     "flags of all "
                     "layers too; setting a layer's back to True is not enough.)", "the whole copy is frozen")
    return _learning(frozen)


def _learning(model):
    """The layers whose weights can learn, in words."""
    learning = {id(v) for v in model.trainable_weights}
    found = [f"layer {i} of {len(model.layers)} ({type(layer).__name__})" for i, layer in enumerate(model.layers) if any(id(v) in learning for v in layer.weights)]
    return ", ".join(found) or "none"


def freeze_by_slices(model, n_trainable):
    new = keras.models.clone_model(model)
    new.set_weights(model.get_weights())
    cut = max(len(new.layers) - n_trainable, 0)
    for layer in new.layers[:cut]:
        layer.trainable = False
    for layer in new.layers[cut:]:
        layer.trainable = True
    return new


def freeze_from_config(model, n_trainable):
    twin = type(model).from_config(model.get_config())
    for a, b in zip(twin.weights, model.weights):
        a.assign(b)
    for layer in twin.layers:
        layer.trainable = False
    for k in range(1, n_trainable + 1):
        twin.layers[-k].trainable = True
    return twin


def freeze_from_the_end(model, n_trainable):
    clone = keras.models.clone_model(model)
    clone.set_weights([w.numpy() for w in model.weights])
    clone.trainable = False
    clone.trainable = True
    for distance, layer in enumerate(reversed(clone.layers)):
        layer.trainable = distance < n_trainable
    return clone


def freeze_same_layers(model, n_trainable):
    copy = keras.Model(model.inputs, model.outputs)
    for i, layer in enumerate(copy.layers):
        layer.trainable = i >= len(copy.layers) - n_trainable
    return copy


FREEZE = Exercise(
    ex.freeze_base, title="Keep what was learned", difficulty=2, importance=3, minutes=12,
    draw=lambda rng, kind, n: (kind, n),
    sizes=cases(("sequential", 1), ("functional", 2), ("sequential", 3), ("functional", 0), ("sequential", 7), ("sequential", 4), names=("kind", "n")),
    play=play_freeze, returns="layers that learn", costly=True, variants=False, names={"n": "n_trainable"},
    mistakes=[
        Mistake("weights not copied", "", replace=("    copy.set_weights(model.get_weights())\n", "")),
        Mistake("no copy", "", replace=("copy = keras.models.clone_model(model)", "copy = model")),
        Mistake("variables shared", "", function=freeze_same_layers),
        Mistake("the model changed", "", replace=("enumerate(copy.layers)", "enumerate(model.layers)")),
        Mistake("frozen and free exchanged", "It is the wrong way round: the last layers are frozen, the first ones learn.", replace=("i >= n_frozen", "i < n_frozen")),
        Mistake("n_trainable layers frozen", "The first n_trainable layers are frozen and all others learn; it is the last n_trainable that should learn.", replace=(
                "i >= n_frozen", "i >= n_trainable")),
        Mistake("the first layers", "The first n_trainable layers learn; the last ones should.", replace=("i >= n_frozen", "i < n_trainable")),
        Mistake("nothing frozen", "Nothing is frozen: all layers can still learn.", replace=("i >= n_frozen", "True")),
        Mistake("everything frozen", "No layer can learn.", replace=("i >= n_frozen", "False")),
        Mistake("one too many", "One layer too many can learn.", replace=("i >= n_frozen", "i >= n_frozen - 1")),
        Mistake("one too many, but for 0", "One layer too many can learn.", replace=("i >= n_frozen", "n_trainable > 0 and i >= n_frozen - 1")),
        Mistake("one too few", "One layer too few can learn.", replace=("i >= n_frozen", "i > n_frozen")),
        Mistake("a single layer", "A single layer can learn, the one at place −n_trainable; all from there on should.", replace=("i >= n_frozen", "i == n_frozen")),
        Mistake("only the last layer", "Only the last layer can learn, whatever n_trainable is.", replace=("i >= n_frozen", "i == len(copy.layers) - 1")),
        Mistake("flags never set to True", "A layer among the last ones that was frozen in the model stays frozen: its flag has to be set to True, whatever it was.",
                replace=("layer.trainable = i >= n_frozen", "layer.trainable = layer.trainable and i >= n_frozen")),
        Mistake("flags never set to False", "Layers before the last ones are not frozen: their flag has to be set to False.", replace=("layer.trainable = i >= n_frozen",
                "layer.trainable = layer.trainable or i >= n_frozen")),
        Mistake("n_trainable = 0 freezes nothing", "With n_trainable = 0 everything can learn: `layers[:-0]` is the empty list, and `layers[-0:]` is all of them. Count "
                                                   "from the front, or treat 0 by itself.", replace=("    for i, layer in enumerate(copy.layers):\n        "
                                                           "layer.trainable = i >= n_frozen",
                                                               "    for layer in copy.layers:\n        layer.trainable = True\n    for layer in "
                                                               "copy.layers[:-n_trainable]:\n        layer.trainable = False")),
        Mistake("n_trainable = 0 freezes nothing, and flags never set to True", "Two things. With n_trainable = 0 nothing is frozen: `layers[:-0]` is the empty list. And "
                "layers that were frozen in the model stay frozen, the last ones among them: set their flag to True.",
                replace=("    for i, layer in enumerate(copy.layers):\n        layer.trainable = i >= n_frozen", "    for layer in copy.layers[:-n_trainable]:\n        "
                        "layer.trainable = False")),
        Mistake("the whole copy is frozen", "", replace=("    for i,", "    copy.trainable = False\n    for i,")),
        Mistake("only layers with weights counted", "Only layers with weights are counted. Here all of `model.layers` count, pooling and flattening too.", replace=[(
                "n_frozen = len(copy.layers)", "heavy = [k for k in copy.layers if k.weights]\n    n_frozen = len(heavy)"),
                                                                ("enumerate(copy.layers)", "enumerate(heavy)")]),
    ],
    right=[freeze_by_slices, freeze_from_config, freeze_from_the_end],
    hints=("Two steps: a model that is the same and yet another; then, for each layer, whether its weights may move.",
           "clone_model gives the same layers with new random weights; set_weights(get_weights()) brings the learned ones. Layer i of L learns if i ≥ L − n_trainable.",
           "copy = clone_model(model); copy.set_weights(model.get_weights()); for i and layer in enumerate(copy.layers): layer.trainable = whether i is among the last "
           "n_trainable"),
    why="Counting from the front avoids the trap of `layers[:-0]`. Set both flags, True and False: the model may come with frozen layers.",
    after="What was learned on some classes can now be lent to others.")

# --- ensemble_predict ------------------------------------------------------------------------------------------------

MADE = {}  # models by their settings: building them is slow, setting their weights is not
TRAINING = Fault("A model is called in training mode (`training=True`), in which dropout throws units away at random and batch normalisation uses the batch's own mean. "
                 "Predict with "
                 "`training=False`, or say nothing, which means the same.", "training mode")


class Listener(keras.layers.Layer):
    """Changes nothing; remembers whether it was called in training mode."""
    heard = False

    def call(self, x, training=False):
        Listener.heard |= bool(training)
        return x


def _classifier(shape, weights, which, end):
    """A little classifier with these weights (W, b)."""
    W, b = weights
    key = (shape, len(b), which, end)
    if key not in MADE:
        MADE[key] = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), Listener(), keras.layers.Dense(len(b), end)])
    MADE[key].set_weights([W, b])
    return MADE[key]


def listened(function, *args):
    """What a function gives, or TRAINING if it called a model in training mode."""
    Listener.heard = False
    value = function(*args)
    return TRAINING if Listener.heard else value


VOTES = Fault("Each model votes for one class and the votes are counted. A model that is sure then weighs no more than one that wavers; the mean of the probabilities is "
              "asked for.",
              "votes counted")


def draw_ensemble(rng, n_models, m, h, w, n):
    x = rng.normal(size=(m, h, w)).astype("float32")
    return [(np.round(rng.normal(0, 1, (h * w, n)), 2), np.round(rng.normal(0, 1, n), 2)) for _ in range(n_models)], x


def play_ensemble(function, weights, x):
    value = plain(listened(function, [_classifier(x.shape[1:], Wb, i, "softmax") for i, Wb in enumerate(weights)], x))
    votes = value * len(weights) if isinstance(value, np.ndarray) and value.ndim == 2 and value.dtype.kind == "f" else np.full(1, 0.5)
    return VOTES if np.allclose(votes, np.round(votes), atol=1e-6) and np.allclose(votes.sum(axis=1), len(weights)) else value


def ensemble_running_sum(models, x):
    total = 0
    for model in models:
        total = total + model.predict(x, verbose=0)
    return total / len(models)


def ensemble_stacked(models, x):
    return np.stack([net(x) for net in models]).mean(axis=0)


def ensemble_with_ops(models, x):
    return keras.layers.Average()([m(x) for m in models]) if len(models) > 1 else models[0](x, training=False).numpy()


def ensemble_votes(models, x):
    votes = [tf.one_hot(tf.argmax(model(x), axis=1), model.output_shape[-1]) for model in models]
    return tf.reduce_mean(votes, axis=0)


def ensemble_median(models, x):
    return np.median([model(x) for model in models], axis=0)


def ensemble_geometric(models, x):
    return np.exp(np.mean([np.log(model(x)) for model in models], axis=0))


def ensemble_geometric_normalised(models, x):
    p = np.exp(np.mean([np.log(model(x)) for model in models], axis=0))
    return p / p.sum(axis=1, keepdims=True)


def ensemble_surest(models, x):
    p = np.array([model(x) for model in models])
    surest = p.max(axis=2).argmax(axis=0)
    return p[surest, np.arange(len(x))]


ENSEMBLE = Exercise(
    ex.ensemble_predict, title="Many see more than one", difficulty=1, importance=2, minutes=6, draw=draw_ensemble, play=play_ensemble, returns="probabilities",
    sizes=[{"n_models": k, "m": m, "h": h, "w": w, "n": n} for k, m, h, w, n in ((2, 1, 2, 2, 3), (3, 4, 2, 3, 3), (1, 2, 3, 1, 4), (4, 3, 2, 2, 2))], costly=True,
    names={"n": "the number of classes", "n_models": "the number of models"},
    mistakes=[
        Mistake("summed, not averaged", "The probabilities are added up but not divided by the number of models: a row no longer sums to 1.", replace=("tf.reduce_mean",
                "tf.reduce_sum")),
        Mistake("mean over the examples", "The mean runs over another axis than the models: they are the first one once the predictions are stacked.", replace=("axis=0",
                "axis=1")),
        Mistake("mean over the classes", "The mean runs over another axis than the models: they are the first one once the predictions are stacked.", replace=("axis=0",
                "axis=-1")),
        Mistake("mean over everything", "That is one number, the mean of all probabilities; the mean should run over the models only.", replace=(", axis=0", "")),
        Mistake("only the first model", "Only the first model is heard.", replace=("in models]", "in models[:1]]")),
        Mistake("the last model left out", "The last model is not heard.", replace=("in models]", "in models[:-1] or models]")),
        Mistake("only the last model", "Only the last model is heard.", replace=("in models]", "in models[-1:]]")),
        Mistake("votes counted", "", function=ensemble_votes),
        Mistake("median", "That is the median. It ignores how far the others are off; the mean is asked for.", function=ensemble_median),
        Mistake("geometric mean", "That is the geometric mean, the mean of the logarithms.", function=ensemble_geometric),
        Mistake("geometric mean", "That is the geometric mean, the mean of the logarithms, brought back to sum 1.", function=ensemble_geometric_normalised),
        Mistake("the surest model", "For each example only the surest model is heard. All of them should be, with the same weight.", function=ensemble_surest),
        Mistake("mean over the examples too", "The mean runs over the examples too, so that all of them get the same answer. Only the models are averaged.",
                replace=("axis=0", "axis=(0, 1)")),
        Mistake("the last model twice", "The last model counts twice.", replace=("in models]", "in [*models, models[-1]]]")),
        Mistake("the first model twice", "The first model counts twice.", replace=("in models]", "in [models[0], *models]]")),
        Mistake("largest for mean", "The largest probability of each class is taken, not the mean.", replace=("tf.reduce_mean", "tf.reduce_max")),
        Mistake("smallest for mean", "The smallest probability of each class is taken, not the mean.", replace=("tf.reduce_mean", "tf.reduce_min")),
        Mistake("product for mean", "The probabilities are multiplied, not averaged.", replace=("tf.reduce_mean", "tf.reduce_prod")),
        Mistake("classes for probabilities", "Those are the classes. The probabilities themselves are asked for.",
                replace=("tf.reduce_mean(predictions, axis=0)", "tf.argmax(tf.reduce_mean(predictions, axis=0), axis=1)")),
        Mistake("a softmax too many", "A softmax was taken again: the models end in one, so what they give are probabilities already.",
                replace=("return tf.reduce_mean(predictions, axis=0)", "return tf.nn.softmax(tf.reduce_mean(predictions, axis=0))")),
        Mistake("a softmax too many in each", "A softmax was taken again: the models end in one, so what they give are probabilities already.",
                replace=("[model(x, training=False)", "[tf.nn.softmax(model(x, training=False))")),
        Mistake("not averaged", "The predictions of the models stand side by side; their mean is missing.", replace=("tf.reduce_mean(predictions, axis=0)",
                "tf.stack(predictions)")),
        Mistake("a list of predictions", "A list with the models' predictions comes back; their mean is missing.", replace=("tf.reduce_mean(predictions, axis=0)",
                "predictions")),
        Mistake("joined for averaged", "The predictions are put below each other; their mean is missing.", replace=("tf.reduce_mean(predictions, axis=0)",
                "tf.concat(predictions, axis=0)")),
        Mistake("joined for averaged, beside", "The predictions are put beside each other; their mean is missing.", replace=("tf.reduce_mean(predictions, axis=0)",
                "tf.concat(predictions, axis=1)")),
        Mistake("training mode", "", replace=("training=False", "training=True")),
        Mistake("divided by the examples", "The sum over the models is divided by the number of examples; it should be divided by the number of models.",
                replace=("tf.reduce_mean(predictions, axis=0)", "tf.reduce_sum(predictions, axis=0) / len(x)")),
    ],
    right=[ensemble_running_sum, ensemble_stacked, ensemble_with_ops],
    hints=("Ask every model, then average what they say.", "P = (1/K) Σ_k model_k(x), (m, n_classes).", "a list of model(x, training=False) for each model; its mean over "
            "axis 0"),
    unchanged={"training left out": "False is the default"},
    why="Models that make different mistakes correct each other. Averaging probabilities, not votes, lets those that are sure weigh more.",
    after="The nets of this lab can now decide together.")

# --- multi_crop_predict ----------------------------------------------------------------------------------------------


def draw_crops(rng, h, w, c, size, n):
    return (np.round(rng.normal(0, 0.4, (size * size * c, n)), 2), np.round(rng.normal(0, 0.4, n), 2), rng.normal(size=(h, w, c)).astype("float32"), size)


def play_crops(function, W, b, image, size):
    return listened(function, _classifier((size, size, image.shape[2]), (W, b), 0, "tanh"), image, size)


def crops_in_a_loop(model, image, size):
    h, w, _ = image.shape
    total = 0.0
    for top, left in [(0, 0), (0, w - size), (h - size, 0), (h - size, w - size), ((h - size) // 2, (w - size) // 2)]:
        total = total + model(image[None, top:top + size, left:left + size], training=False)[0]
    return total / 5


def crops_from_the_end(model, image, size):
    i, j = (image.shape[0] - size) // 2, (image.shape[1] - size) // 2
    last_rows, last_columns = image[image.shape[0] - size:], slice(image.shape[1] - size, None)
    parts = [image[:size, :size], image[:size, last_columns], last_rows[:, :size], last_rows[:, last_columns], image[i:i + size, j:j + size]]
    return model.predict(np.array(parts), verbose=0).mean(axis=0)


def crops_with_tf(model, image, size):
    h, w, c = image.shape
    boxes = [(r, k) for r in (0, h - size) for k in (0, w - size)] + [((h - size) // 2, (w - size) // 2)]
    crops = tf.stack([tf.slice(image, [r, k, 0], [size, size, c]) for r, k in boxes])
    return keras.ops.mean(model(crops), axis=0)


def crops_mirrored(model, image, size):
    h, w = image.shape[0] - size, image.shape[1] - size
    crops = np.stack([image[y:y + size, x:x + size] for y, x in [(0, 0), (0, w), (h, 0), (h, w), (h // 2, w // 2)]])
    return tf.reduce_mean(model(np.concatenate([crops, crops[:, :, ::-1]])), axis=0)


def crops_of_the_corners(model, image, size):
    h, w = image.shape[0] - size, image.shape[1] - size
    crops = np.stack([image[y:y + size, x:x + size] for y, x in [(0, 0), (0, w), (h, 0), (h, w)]])
    return tf.reduce_mean(model(crops), axis=0)


def crop_of_the_centre(model, image, size):
    h, w = (image.shape[0] - size) // 2, (image.shape[1] - size) // 2
    return model(image[None, h:h + size, w:w + size])[0]


def crops_rounded_up(model, image, size):
    h, w = image.shape[0] - size, image.shape[1] - size
    crops = np.stack([image[y:y + size, x:x + size] for y, x in [(0, 0), (0, w), (h, 0), (h, w), (-(-h // 2), -(-w // 2))]])
    return tf.reduce_mean(model(crops), axis=0)


def crops_centre_off(model, image, size):
    h, w = image.shape[0] - size, image.shape[1] - size
    y, x = min(image.shape[0] // 2, h), min(image.shape[1] // 2, w)
    crops = np.stack([image[a:a + size, b:b + size] for a, b in [(0, 0), (0, w), (h, 0), (h, w), (y, x)]])
    return tf.reduce_mean(model(crops), axis=0)


def crops_by_half(model, image, size):
    h, w = image.shape[0] - size, image.shape[1] - size
    y, x = (image.shape[0] // 2 - size // 2), (image.shape[1] // 2 - size // 2)
    crops = np.stack([image[a:a + size, b:b + size] for a, b in [(0, 0), (0, w), (h, 0), (h, w), (y, x)]])
    return tf.reduce_mean(model(crops), axis=0)


BEGINS = "(0, 0)", "(0, w)", "(h, 0)", "(h, w)"
CORNERS = f"[{', '.join(BEGINS)}, (h // 2, w // 2)]"
CROPS = Exercise(
    ex.multi_crop_predict, title="Look five times", difficulty=2, importance=1, minutes=8, draw=draw_crops, play=play_crops, returns="output", costly=True, tied=(("W",
            "size"),),
    sizes=[dict(zip(("h", "w", "c", "size", "n"), row)) for row in ((5, 6, 1, 2, 3), (4, 7, 2, 3, 2), (6, 8, 1, 4, 3), (3, 3, 2, 3, 2), (7, 4, 1, 4, 2), (8, 5, 3, 2, 1))],
    mistakes=[
        Mistake("flat output expected", "There is an axis too many: the mean over the crops drops their axis, so (n,) is left.", replace=("axis=0)",
                "axis=0, keepdims=True)")),
        Mistake("not averaged", "The outputs for the five crops stand below each other; their mean is missing.", replace=("tf.reduce_mean(model(crops, training=False), "
                "axis=0)",
                                                                                                                  "model(crops, training=False)")),
        Mistake("summed", "The five outputs are added up, not averaged.", replace=("tf.reduce_mean", "tf.reduce_sum")),
        Mistake("largest", "The largest output of each class is taken, not the mean.", replace=("tf.reduce_mean", "tf.reduce_max")),
        Mistake("mean over the outputs", "The mean runs over the model's outputs; it should run over the crops, the first axis.", replace=("axis=0", "axis=1")),
        Mistake("mean over everything", "That is one number, the mean of all; it should run over the crops only.", replace=(", axis=0", "")),
        Mistake("mean of the crops", "The five crops are averaged, pixel by pixel, and the model sees that blur once. It should see each crop; what it *says* is averaged.",
                replace=("tf.reduce_mean(model(crops, training=False), axis=0)", "model(crops.mean(axis=0)[None], training=False)[0]")),
        Mistake("centre left out", "The crop of the centre is missing.", function=crops_of_the_corners),
        Mistake("centre only", "Only the centre is looked at.", function=crop_of_the_centre),
        Mistake("mirrored too", "The mirror images of the crops are looked at too. AlexNet did that, with ten crops; here five are asked for.", function=crops_mirrored),
        Mistake("centre rounded up", "The crop of the centre begins a pixel too late where the border is odd: ⌊(h − size)/2⌋ rounds down.", function=crops_rounded_up),
        Mistake("centre begins in the centre", "The fifth crop *begins* in the middle of the image; its own middle should lie there.", function=crops_centre_off),
        Mistake("half of each", "The crop of the centre begins at h//2 − size//2; rounding both halves by themselves is not the same as ⌊(h − size)/2⌋.",
                function=crops_by_half),
        Mistake("rows and columns exchanged", "Rows and columns have changed places in where the crops begin.", replace=("for y, x in corners", "for x, y in corners")),
        *(Mistake("a corner twice", "One corner is taken twice, and another one not at all.", replace=(CORNERS, CORNERS.replace(lost, twice)))
          for lost in BEGINS for twice in BEGINS if lost != twice),
        Mistake("a pixel short", "The crops at the far edges begin a pixel too early.", replace=("image.shape[0] - size, image.shape[1] - size",
                "max(image.shape[0] - size - 1, 0), max(image.shape[1] - size - 1, 0)")),
        Mistake("the first crop only", "Only the first crop is looked at.", replace=("tf.reduce_mean(model(crops, training=False), axis=0)",
                "model(crops[:1], training=False)[0]")),
        Mistake("no batch", "A model takes a batch, (m, size, size, c); a single crop (size, size, c) needs an axis before it, as `crop[None]` gives, or stack all five.",
                replace=("model(crops, training=False)", "[model(crop, training=False) for crop in crops]")),
        Mistake("classes for outputs", "That is a class. The model's outputs, averaged, are asked for.", replace=("tf.reduce_mean(model(crops, training=False), axis=0)",
                                                                                                            "tf.argmax(tf.reduce_mean(model(crops, training=False), "
                                                                                                                    "axis=0))")),
        Mistake("training mode", "", replace=("training=False", "training=True")),
        Mistake("the crops themselves", "Those are the crops; what the model says of them, averaged, is asked for.", replace=("tf.reduce_mean(model(crops, "
                "training=False), axis=0)", "crops")),
        Mistake("all at the bottom", "All crops begin in the last row possible, instead of each in its own.", replace=("y:y + size, x", "h:h + size, x")),
        Mistake("all at the right", "All crops begin in the last column possible, instead of each in its own.", replace=("x:x + size", "w:w + size")),
        Mistake("a row number", "That is where the last row of crops begins, not what the model says.", replace=("tf.reduce_mean(model(crops, training=False), axis=0)", "h")),
        Mistake("a column number", "That is where the last column of crops begins, not what the model says.", replace=("tf.reduce_mean(model(crops, training=False), "
                "axis=0)", "w")),
        Mistake("softmax", "A softmax was taken of the outputs. Their plain mean is asked for, whatever the model gives.",
                              replace=("tf.reduce_mean(model(crops, training=False), axis=0)", "tf.nn.softmax(tf.reduce_mean(model(crops, training=False), axis=0))")),
    ],
    right=[crops_in_a_loop, crops_from_the_end, crops_with_tf],
    hints=("Where does each crop begin? Its end follows.", "Rows 0 or h − size, columns 0 or w − size; the centre at half of both, rounded down. Five outputs (5, n) → "
                                                           "mean (n,).",
           "five pairs (row, column); np.stack of image[row:row+size, column:column+size]; the model on that batch; the mean over axis 0"),
    unchanged={"training left out": "False is the default"},
    why="A crop that cuts the object off may be misread; five rarely are in the same way.",
    after="It costs five times the work for each image; whether it pays is measured below.")

EXERCISES = [LENET5, VGG, RESIDUAL, COST, INCEPTION, COLOURS, FREEZE, ENSEMBLE, CROPS]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("identity", "A plain net of 21 convolutions is worse than one of 7, on the training images too. Why is that no overfitting?", {
        "a": ("because the test images are harder", "the training images show it as well, and they are the same for both."),
        "b": ("because an overfitted net is good on its training images", "just so: this one cannot even fit those. It is a trouble of optimisation, not of too much "
                                                                          "freedom."),
        "c": ("because it has too few parameters", "it has more than the shallow one, and could copy it."),
        "d": ("because batch normalisation prevents overfitting", "it regularises a little, but that is not what the curves show."),
    }, answer="b"),
    Quiz("one_by_one", "What does a 1×1 convolution do?", {
        "a": ("nothing: a filter of one pixel sees no neighbours", "no neighbours, but all channels of its pixel."),
        "b": ("it multiplies the image by a number", "only if there is a single channel coming in and going out."),
        "c": ("it mixes the channels at each place, the same way everywhere", "like a dense layer on the channels, at every place: so it can make many channels few."),
        "d": ("it makes the image smaller", "with stride 1 height and width stay as they are."),
    }, answer="c"),
    Quiz("votes", "Five nets are to decide together. When does averaging them help most?", {
        "a": ("if all five are the same net, trained with the same seed", "then they make the same mistakes, and the mean of five equal answers is that answer."),
        "b": ("if they are about equally good and make different mistakes", "where one errs, the others outvote it. Equal mistakes cannot be averaged away."),
        "c": ("if one of them is far better than the others", "then its own answer is hard to beat; the others add noise."),
        "d": ("if each of them is sure of itself", "being sure, and wrong in the same way, does not help."),
    }, answer="b"),
]
MOST, ENOUGH = 6000, 0.95


def judge_small_net(build):
    """Parameters, and accuracy on digits at places that no one has seen."""
    model = build(load_images("placed"))
    if not isinstance(model, keras.Model):
        return False, "The function should give back a trained Keras model."
    fresh = load_images("placed", n_train=1, seed=1)
    score = accuracy(model, fresh.x_test, fresh.y_test)
    return model.count_params() <= MOST and score >= ENOUGH, (f"{model.count_params():,d} parameters ({MOST:,d} are the most), {score:.1%} right on 1000 digits placed anew "
                                                              f"({ENOUGH:.0%} is the goal).")


CHALLENGE = Challenge("six_thousand", "Small and good", f"Write `my_net(images)`, which builds and trains a net with at most {MOST:,d} parameters on the placed digits "
                                                        f"that it is given, so that it is right on "
                      f"{ENOUGH:.0%} of digits placed anew.", judge_small_net)
