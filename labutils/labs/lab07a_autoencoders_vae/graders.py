"""What the graders of lab 07a know: cases, mistakes, right versions, hints.

The two models of an autoencoder are taken apart; noise is judged by statistics; what a VAE trains with is judged by its values and its gradients.
"""
import copy
import itertools

import keras
import numpy as np
import tensorflow as tf

from labutils import anatomy
from labutils.answers import FINE, describe
from labutils.calling import NOTHING, Fault, Odd, plain
from labutils.chance import DEVIATIONS
from labutils.exercise import Case, Challenge, Estimate, Exercise, Mistake, Quiz

from . import exercises as ex
from . import experiments as run

NAMES = {"m": "the number of examples", "d": "the number of latent axes"}
F32 = np.float32

# --- build_autoencoder -----------------------------------------------------------------------------------------------


def play_autoencoder(function, input_shape, latent_dim):
    pair = function(input_shape, latent_dim)
    fault = not_two_models(pair, input_shape, latent_dim)
    if fault:
        return fault
    again = function(input_shape, latent_dim) if latent_dim == 1 else ()  # one case is enough to tell
    fault = anatomy.shared_layers(pair, again)
    if fault:
        return fault
    for model, takes, gives, which in zip(pair, (input_shape, (latent_dim,)), ((latent_dim,), input_shape), ("encoder", "decoder")):
        fault = model_fault(model, tuple(takes), tuple(gives), which)
        if fault:
            return fault
    encoder, decoder = pair
    if {id(w) for w in encoder.weights} & {id(w) for w in decoder.weights}:
        return Fault("The encoder and the decoder share weights: a layer is used in both. Each has its own layers.", "weights shared")
    return FINE


def not_two_models(pair, input_shape, latent_dim):
    """What stands in the way of looking at two models, as a Fault, or None."""
    if pair is None:
        return NOTHING
    if isinstance(pair, keras.Model):
        return Fault("One model comes back. Two are wanted, encoder and decoder, so that codes can be looked at, and decoded, by themselves.", "one model")
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        got = f"{len(pair)} things" if isinstance(pair, tuple | list) else describe(plain(pair))
        return Fault(f"Two models should come back, encoder and decoder; got {got}.", "not two models")
    for model, which in zip(pair, ("encoder", "decoder")):
        if not isinstance(model, keras.Model):
            return Fault(f"The {which} is an object of type {type(model).__name__}, not a Keras model: a tensor or a layer has to be made into one, by "
                         "`keras.Sequential` or `keras.Model(inputs, outputs)`.", "not a model")
        if type(model).__module__.split(".")[0] != "keras":
            return Fault(f"The {which} is of a class of your own, which the grader cannot look into: use `keras.Sequential` or `keras.Model`.", "a class of one's own")
        if not model.built or not getattr(model, "inputs", None):
            return Fault(f"The {which} does not know the shape of its input yet: it begins with a `keras.Input`.", "no input shape")
    takes = [tuple(model.inputs[0].shape[1:]) for model in pair]
    if takes == [(latent_dim,), tuple(input_shape)]:
        return Fault("The two models are there but stand in another order: the encoder comes first.", "decoder first")
    return None


def model_fault(model, takes, gives, which):
    """What is wrong with the encoder or the decoder, as a Fault, or None."""
    shape = tuple(model.inputs[0].shape[1:])
    if which == "decoder" and shape == tuple(gives):
        return Fault("The second model takes images: it is the whole autoencoder, or a second encoder. The decoder begins at the *code*, with an input of its own, "
                     "`keras.Input((latent_dim,))`.", "the whole for the decoder")
    if shape != takes:
        return Fault(f"The {which} takes inputs of shape {shape}; it should take {takes}, the examples left out.", f"input of the {which}")
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        return Fault(f"The {which} has {len(model.inputs)} inputs and {len(model.outputs)} outputs; it should have one of each.", "several inputs or outputs")
    if model.losses:
        return Fault(f"The {which} has a penalty in it (a regularizer), which is not asked for.", "a penalty")
    if len(model.trainable_weights) < len(model.weights) and not any("Normalization" in type(layer).__name__ for layer in model._flatten_layers()):
        return Fault(f"Some weights of the {which} are frozen, so they will not learn.", "frozen weights")
    if computes(model, takes, int(np.prod(gives)), which) and tuple(model.outputs[0].shape[1:]) == gives:
        return None
    way = anatomy.chain(anatomy.take_apart(model))
    if way is None:
        return Fault(f"The way through the {which} forks. It is one layer after the other.", "the way forks")
    return odd_step(way, which) or (encoder_fault if which == "encoder" else decoder_fault)(way, takes, gives) or Fault(
        f"The layers of the {which} are right, but its numbers come out in another order or changed: is something turned round, or scaled, between them?",
        "numbers in another order")


def word(step):
    return {"dense": f"dense {step.filters}", "activation": step.kind if step.kind != "relu" else "ReLU"}.get(step.does, step.kind if step.does == "other" else step.does)


def odd_step(way, which):
    """What has no business in either model, as a Fault, or None."""
    for step in way:
        if step.does == "dropout":
            return Fault(f"There is dropout (or noise) in the {which}, which is not asked for.", "dropout")
        if step.does == "normalisation" or "Normalization" in step.kind:
            return Fault(f"There is normalisation in the {which}, which is not asked for.", "normalisation")
        if step.does in ("convolution", "pooling", "padding") or "Conv" in step.kind or "Pooling" in step.kind or "pooling" in step.kind:
            return Fault(f"There is a step that does not belong into the {which}: {word(step)}. Its layers are dense ones.", "another kind of layer")
        if step.does == "dense" and not step.layer.use_bias:
            return Fault(f"A dense layer of the {which} has no bias.", "bias missing")
    return None


def dense_fault(way, wanted, which):
    """What is wrong with the dense layers of a model, [hidden, last], as a Fault, or None."""
    built, units = f" Yours: {' → '.join(map(word, way))}.", [s.filters for s in way if s.does == "dense"]
    if len(units) != 2:
        return Fault(f"The {which} has 2 dense layers, one hidden and one at its end; here {'is' if len(units) == 1 else 'are'} {len(units) or 'none'}.{built}",
                     f"dense layers {'missing' if len(units) < 2 else 'too many'}")
    if units[0] != wanted[0]:
        return Fault(f"The hidden layer of the {which} has {units[0]} units; {wanted[0]} are asked for.", f"hidden units of the {which}")
    if units[1] != wanted[1]:
        said = "latent_dim" if which == "encoder" else "as many as the image has numbers, the product of all its sides and channels"
        return Fault(f"The last dense layer of the {which} has {units[1]} units; here it should have {wanted[1]}, {said}.", f"last units of the {which}")
    return None


def activations(way):
    """The activations behind each of two dense layers."""
    at = [i for i, s in enumerate(way) if s.does == "dense"] + [len(way)]
    return [[s.kind for s in way[a:b] if s.does == "activation"] for a, b in itertools.pairwise(at)], [s.kind for s in way[:at[0]] if s.does == "activation"]


def hidden_fault(found, which):
    if not found:
        return Fault(f"There is no activation behind the hidden layer of the {which}. Without one its two dense layers are no more than one (lab 02), and Keras adds none by "
                     "itself.", f"no activation in the {which}")
    if found != ["relu"]:
        return Fault(f"Behind the hidden layer of the {which} stands {' and '.join(f'`{k}`' for k in found)}; ReLU is asked for.", f"another activation in the {which}")
    return None


def encoder_fault(way, takes, gives):
    if len(takes) > 1 and not any(s.does == "flatten" or s.kind == "Reshape" and len(s.shape) == 1 for s in way):
        return Fault("The encoder never lays the image flat: a dense layer on (h, w, c) acts on each pixel by itself, and the code is not (latent_dim,).", "flatten missing")
    fault = dense_fault(way, (128, gives[0]), "encoder")
    if fault:
        return fault
    (hidden, end), early = activations(way)
    if early:
        return Fault(f"An activation `{early[0]}` stands before the first dense layer of the encoder; none is asked for there.", "activation on the image")
    fault = hidden_fault(hidden, "encoder")
    if fault:
        return fault
    if end:
        return Fault(f"Behind the code stands `{end[0]}`. A code may be any number, above and below 0: the encoder ends with nothing behind its last dense layer.",
                     "activation on the code")
    return another_step(way, ("flatten", "dense", "activation"), "encoder")


def decoder_fault(way, takes, gives):
    fault = dense_fault(way, (128, int(np.prod(gives))), "decoder")
    if fault:
        return fault
    (hidden, end), early = activations(way)
    if early:
        return Fault(f"An activation `{early[0]}` stands before the first dense layer of the decoder; none is asked for there.", "activation on the code")
    fault = hidden_fault(hidden, "decoder")
    if fault:
        return fault
    if not end:
        return Fault("Nothing keeps the decoder's numbers between 0 and 1: there is no sigmoid at its end. The images have such numbers, and the cross-entropy needs them.",
                     "no sigmoid at the end")
    if end != ["sigmoid"]:
        return Fault(f"At the end of the decoder stands {' and '.join(f'`{k}`' for k in end)}. Each number of an image lies between 0 and 1 by itself: that is what a sigmoid "
                     "gives.", f"{end[-1]} at the end")
    if way[-1].shape != gives:
        return Fault(f"What the decoder gives has shape {way[-1].shape}; it should be an image again, {gives}: a reshape is missing, or has another shape.", "no reshape")
    return another_step(way, ("dense", "activation", "flatten"), "decoder")


def another_step(way, allowed, which):
    step = next((s for s in way if s.does not in allowed and s.kind != "Reshape"), None)
    return step and Fault(f"There is a step in the {which} that is not asked for: {word(step)}.", "a step too many")


def computes(model, takes, n, which):
    """Whether a model is dense 128 with ReLU, then dense n, for the decoder with a sigmoid, by what it gives with random weights, however it is built."""
    shapes = [(int(np.prod(takes)), 128), (128,), (128, n), (n,)]
    if [tuple(w.shape) for w in model.weights] != shapes:
        return False
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(0, 0.3, shape) for shape in shapes])
    W1, b1, W2, b2 = model.get_weights()
    end = (lambda a: a) if which == "encoder" else lambda a: 1 / (1 + np.exp(-a))
    x = (rng.uniform(0, 1, (3, *takes)) if which == "encoder" else rng.normal(0, 2, (8, *takes))).astype(F32)  # codes are of both signs
    numbers = end(np.maximum(x.reshape(len(x), -1) @ W1 + b1, 0) @ W2 + b2)
    return np.allclose(np.asarray(model(x, training=True)).reshape(len(x), -1), numbers, atol=1e-4)


def autoencoder_functional(input_shape, latent_dim):
    image, code = keras.Input(shape=input_shape), keras.Input(shape=(latent_dim,))
    h = keras.layers.ReLU()(keras.layers.Dense(128)(keras.layers.Reshape((-1,))(image)))
    g = keras.layers.Dense(units=128, activation="relu", kernel_initializer="he_normal")(code)
    n = 1
    for side in input_shape:
        n *= side
    g = keras.layers.Reshape(input_shape)(keras.layers.Dense(n)(g))
    return keras.Model(image, keras.layers.Dense(latent_dim, activation="linear")(h)), keras.Model(code, keras.ops.sigmoid(g))


def autoencoder_by_adding(input_shape, latent_dim):
    models = [keras.models.Sequential(name="encoder"), keras.models.Sequential(name="decoder")]
    models[0].add(keras.layers.InputLayer(shape=input_shape))
    models[0].add(keras.layers.Flatten())
    models[1].add(keras.Input(shape=[latent_dim]))
    for model, units in zip(models, (latent_dim, np.prod(input_shape))):
        model.add(keras.layers.Dense(128))
        model.add(keras.layers.Activation("relu"))
        model.add(keras.layers.Dense(int(units)))
    models[1].add(keras.layers.Activation(tf.nn.sigmoid))
    models[1].add(keras.layers.Reshape(target_shape=input_shape))
    return models


def autoencoder_in_parts(input_shape, latent_dim):
    hidden = [keras.layers.Dense(128, activation=keras.activations.relu) for _ in range(2)]
    encoder = keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), keras.Sequential([hidden[0], keras.layers.Dense(latent_dim)])])
    decoder = keras.Sequential([keras.Input((latent_dim,)), hidden[1], keras.layers.Dense(np.zeros(input_shape).size, "sigmoid"), keras.layers.Reshape(input_shape)])
    encoder.compile("adam", "mse")
    return encoder, decoder


def the_whole_for_the_decoder(input_shape, latent_dim):
    encoder, decoder = ex.build_autoencoder(input_shape, latent_dim)
    return encoder, keras.Sequential([keras.Input(input_shape), encoder, decoder])


def one_model(input_shape, latent_dim):
    return keras.Sequential([keras.Input(input_shape), *ex.build_autoencoder(input_shape, latent_dim)])


def three_models(input_shape, latent_dim):
    encoder, decoder = ex.build_autoencoder(input_shape, latent_dim)
    return encoder, decoder, keras.Sequential([keras.Input(input_shape), encoder, decoder])


def autoencoder_by_hand(input_shape, latent_dim):
    encoder, decoder = ex.build_autoencoder(input_shape, latent_dim)
    code = keras.Input((latent_dim,))
    h = keras.ops.maximum(keras.layers.Dense(128)(code), 0.0)
    g = 1 / (1 + keras.ops.exp(-keras.layers.Dense(int(np.prod(input_shape)))(h)))
    return encoder, keras.Model(code, keras.ops.reshape(g, (-1, *input_shape)))


ENCODER_HIDDEN = 'Flatten(),\n        keras.layers.Dense(128, activation="relu"),'
DECODER_HIDDEN = 'keras.Input((latent_dim,)),\n        keras.layers.Dense(128, activation="relu"),'
SIGMOID = ', activation="sigmoid")'
AUTOENCODER = Exercise(
    ex.build_autoencoder, title="An encoder and a decoder", difficulty=1, importance=3, minutes=10,
    draw=lambda rng, shape, d: (shape, d), play=play_autoencoder, returns="models", names=NAMES, costly=True, variants=False,
    sizes=[{"shape": s, "d": d} for s, d in (((4, 5, 1), 3), ((6, 4, 3), 2), ((7,), 1))],
    mistakes=[
        Mistake("no activation in the encoder", "", replace=(ENCODER_HIDDEN, ENCODER_HIDDEN.replace(', activation="relu"', ""))),
        Mistake("no activation in the decoder", "", replace=(DECODER_HIDDEN, DECODER_HIDDEN.replace(', activation="relu"', ""))),
        Mistake("another activation in the encoder", "", replace=(ENCODER_HIDDEN, ENCODER_HIDDEN.replace("relu", "tanh"))),
        Mistake("another activation in the decoder", "", replace=(DECODER_HIDDEN, DECODER_HIDDEN.replace("relu", "sigmoid"))),
        Mistake("activation on the code", "", replace=("Dense(latent_dim)", 'Dense(latent_dim, activation="relu")')),
        Mistake("activation on the code", "", replace=("keras.Input((latent_dim,)),", "keras.Input((latent_dim,)),\n        keras.layers.ReLU(),")),
        Mistake("no sigmoid at the end", "", replace=(SIGMOID, ")")),
        Mistake("softmax at the end", "", replace=(SIGMOID, ', activation="softmax")')),
        Mistake("relu at the end", "", replace=(SIGMOID, ', activation="relu")')),
        Mistake("tanh at the end", "", replace=(SIGMOID, ', activation="tanh")')),
        Mistake("flatten missing", "", replace=("        keras.layers.Flatten(),\n", "")),
        Mistake("no reshape", "", replace=("        keras.layers.Reshape(input_shape),\n", "")),
        Mistake("hidden units of the encoder", "", replace=(ENCODER_HIDDEN, ENCODER_HIDDEN.replace("128", "64"))),
        Mistake("hidden units of the decoder", "", replace=(DECODER_HIDDEN, DECODER_HIDDEN.replace("128", "64"))),
        Mistake("last units of the encoder", "", replace=("Dense(latent_dim)", "Dense(2)")),
        Mistake("dense layers missing", "", replace=(ENCODER_HIDDEN, "Flatten(),")),
        Mistake("dense layers too many", "", replace=(DECODER_HIDDEN, DECODER_HIDDEN + '\n        keras.layers.Dense(128, activation="relu"),')),
        Mistake("dropout", "", replace=(ENCODER_HIDDEN, ENCODER_HIDDEN + "\n        keras.layers.Dropout(0.2),")),
        Mistake("normalisation", "", replace=(DECODER_HIDDEN, DECODER_HIDDEN + "\n        keras.layers.BatchNormalization(),")),
        Mistake("bias missing", "", replace=("Dense(latent_dim)", "Dense(latent_dim, use_bias=False)")),
        Mistake("a penalty", "", replace=("Dense(latent_dim)", 'Dense(latent_dim, kernel_regularizer="l2")')),
        Mistake("no input shape", "", replace=("        keras.Input(input_shape),\n", "")),
        Mistake("decoder first", "", replace=("return encoder, decoder", "return decoder, encoder")),
        Mistake("one model", "", function=one_model),
        Mistake("not two models", "", function=three_models),
        Mistake("numpy's whole number", "`np.prod` gives a whole number of numpy's own type, and Keras takes only Python's: `int(…)`.",
                replace=("int(np.prod(input_shape))", "np.prod(input_shape)")),
        Mistake("the whole for the decoder", "", function=the_whole_for_the_decoder),
    ],
    right=[autoencoder_functional, autoencoder_by_adding, autoencoder_in_parts, autoencoder_by_hand],
    hints=("Two nets that meet in the middle. The first makes an image ever smaller, the second makes the code large again, in the same steps turned round.",
           "(h, w, c) → h·w·c → 128 → latent_dim, and latent_dim → 128 → h·w·c → (h, w, c). ReLU behind both hidden layers; nothing behind the code; a sigmoid before the last "
           "reshape.",
           "encoder: Sequential of Input(input_shape), Flatten, Dense 128 ReLU, Dense latent_dim; decoder: Sequential of Input((latent_dim,)), Dense 128 ReLU, Dense of the "
           "product of input_shape with a sigmoid, Reshape(input_shape); return both"),
    why="The bottleneck is the point: what does not fit through latent_dim numbers has to be left out, so the net must find out what matters.",
    after="Images can now be squeezed into a few numbers, and drawn from them again.")

# --- add_noise -------------------------------------------------------------------------------------------------------


def draw_clean(rng, shape, std):
    """Images a third black, a third white, a third in the middle, where small noise is not cut off."""
    return rng.permuted(np.resize([0.0, 0.5, 1.0], shape).ravel()).reshape(shape), std, np.random.default_rng(rng.integers(10 ** 6))


def play_noise(function, x, std, rng):
    """One call; and a second one with the same generator, which must not give the same noise."""
    image, third = x.copy(), np.random.default_rng(7)
    value = function(x, std, rng)
    first = plain(value)
    if std and isinstance(first, np.ndarray) and first.shape == image.shape and np.unique((first - image)[image == 0.5]).size > 2 \
            and np.array_equal(first, plain(function(image.copy(), std, rng))) and not np.array_equal(first, plain(function(image.copy(), std, third))):
        return Fault("Called twice with the same rng, it gives the same noise twice: the draws come from a copy of rng, or rng is set back. Draw from rng itself, which moves on "
                     "with every draw; else the net sees the same noise in every epoch.", "noise repeated")
    return value


def in_order(x, noise):
    """How closely the noise on grey numbers follows their place along an axis, at most: 0 for draws of their own, near 1 where it is sorted."""
    places = np.argwhere(x == 0.5).T
    return max((abs(np.corrcoef(place, noise)[0, 1]) for place in places if np.ptp(place)), default=0.0) if np.ptp(noise) else 0.0


def observe_noise(args, value):
    x, std, _ = args
    value = plain(value)
    if isinstance(value, Fault):
        return value
    if not isinstance(value, np.ndarray) or value.shape != x.shape:
        said = f"`noisy` has shape {value.shape}, expected {x.shape}" if isinstance(value, np.ndarray) else f"expected an array like x, got {describe(value)}"
        return Odd(said, whole=True)
    if std == 0:
        return {"images without noise": value}
    noise = np.nan_to_num(value.astype(float) - x, nan=99.0)
    grey, black, white = (noise[x == level] for level in (0.5, 0.0, 1.0))
    room = DEVIATIONS / grey.size ** 0.5
    distinct = np.unique(grey.round(9)).size / grey.size
    if abs(grey.std() - std) < std * room / 2 and abs(grey.mean()) > 2 * std * room and std < 0.1 and value.min() >= 0 and value.max() <= 1 \
            and abs(np.mean(black > 0) - 0.5) > 0.05:
        return Fault(f"The noise has the right size but is not centred: on grey numbers its mean is {grey.mean():.3g}, for std = {std:g}. It should be 0, so that the noise adds as "
                     "often as it takes away.", "noise not centred")
    if std < 0.1 and distinct > 0.9 and in_order(x, grey) > max(0.3, room):
        return Fault("The noise stands in order: it grows, or falls, along an axis, as if it were sorted. Each number has a draw of its own, wherever it stands.", "noise in order")
    wide = max(grey.std(), std / 100)  # its own: what is compared with a wrong version has the room that this needs
    fourth, eighth = (np.mean(((grey - grey.mean()) / max(grey.std(), 1e-12)) ** power) for power in (4, 8))
    found = {"smallest number": Estimate(float(value.min()), 1e-6 if value.min() >= 0 else wide),
             "largest number": Estimate(float(value.max()), 1e-6 if value.max() <= 1 else wide),
             "share of black numbers that become lighter": Estimate(np.mean(black > 0), 0.5 * DEVIATIONS / black.size ** 0.5),
             "share of white numbers that become darker": Estimate(np.mean(white < 0), 0.5 * DEVIATIONS / white.size ** 0.5),
             "mean of the noise on grey numbers": Estimate(grey.mean(), wide * room),
             "standard deviation of the noise on grey numbers": Estimate(grey.std(), wide * room * max(0.5, (max(fourth, 1.0) - 1) / 4) ** 0.5),
             "mean of the noise on black numbers": Estimate(black.mean(), max(black.std(), std / 100) * DEVIATIONS / black.size ** 0.5),
             "mean of the noise on white numbers": Estimate(white.mean(), max(white.std(), std / 100) * DEVIATIONS / white.size ** 0.5),
             "distinct numbers among the noise": Estimate(distinct, 0.03)}
    if std < 0.1:  # else the tails are cut off
        found["tails of the noise"] = Estimate(fourth, DEVIATIONS * ((24 if fourth < 4 else eighth - fourth ** 2) / grey.size) ** 0.5)
    return found


def noise_by_standard_normal(x, std, rng):
    return np.minimum(1.0, np.maximum(0.0, x + std * rng.standard_normal(x.shape)))


def noise_image_by_image(x, std, rng):
    noisy = np.empty(x.shape)
    for i, image in enumerate(x):
        noisy[i] = (image + rng.normal(loc=0.0, scale=std, size=image.shape)).clip(0, 1)
    return noisy


def noise_in_single(x, std, rng):
    y = x.astype("float32") + np.float32(std) * rng.standard_normal(size=x.shape, dtype="float32")
    y[y < 0] = 0
    y[y > 1] = 1
    return y


def same_noise_for_all(x, std, rng):
    return np.clip(x + rng.normal(0, std, x.shape[1:]), 0, 1)


def one_number_for_an_image(x, std, rng):
    return np.clip(x + rng.normal(0, std, (len(x),) + (1,) * (x.ndim - 1)), 0, 1)


def one_number_for_all(x, std, rng):
    return np.clip(x + rng.normal(0, std), 0, 1)


def one_number_for_a_channel(x, std, rng):
    return np.clip(x + rng.normal(0, std, x.shape[-1]), 0, 1)


def one_number_for_a_pixel(x, std, rng):
    return np.clip(x + rng.normal(0, std, (*x.shape[:-1], 1)), 0, 1)


def noise_dropped(x, std, rng):
    noisy = x + rng.normal(0, std, x.shape)
    return np.where((noisy < 0) | (noisy > 1), x, noisy)


def rescaled(x, std, rng):
    noisy = x + rng.normal(0, std, x.shape)
    return (noisy - noisy.min()) / (noisy.max() - noisy.min())


def salt_and_pepper(x, std, rng):
    return np.where(rng.random(x.shape) < std, rng.integers(0, 2, x.shape), x)


def noise_from_a_copy(x, std, rng):
    return ex.add_noise(x, std, copy.deepcopy(rng))


DRAWN = "rng.normal(0, std, x.shape)"
NOISE = Exercise(
    ex.add_noise, title="Noise to take away again", difficulty=1, importance=2, minutes=5, draw=draw_clean, play=play_noise, observe=observe_noise, returns="noisy", names=NAMES,
    sizes=[{"shape": (1, 60, 40, 2), "std": 0.05}, {"shape": (6, 30, 20, 3), "std": 0.04}, {"shape": (40, 15, 20, 1), "std": 0.4}, {"shape": (3, 4, 5, 1), "std": 0.0},
           {"shape": (90, 70), "std": 0.09}],
    mistakes=[
        Mistake("not clipped", "Some numbers lie below 0 or above 1: they are not clipped. An image has no such numbers.", replace=("np.clip(x + noise, 0, 1)", "x + noise")),
        Mistake("noise clipped", "The *noise* is clipped to the range from 0 to 1, so all of it is positive. It is the sum that is clipped.",
                replace=("np.clip(x + noise, 0, 1)", "x + np.clip(noise, 0, 1)")),
        Mistake("noise clipped, and the sum", "The *noise* is clipped too, so all of it is positive. Only the sum is clipped.",
                replace=("np.clip(x + noise, 0, 1)", "np.clip(x + np.clip(noise, 0, 1), 0, 1)")),
        Mistake("clipped below only", "Numbers above 1 are left: both ends are clipped.", replace=("np.clip(x + noise, 0, 1)", "np.maximum(x + noise, 0)")),
        Mistake("clipped above only", "Numbers below 0 are left: both ends are clipped.", replace=("np.clip(x + noise, 0, 1)", "np.minimum(x + noise, 1)")),
        Mistake("clipped to −1 and 1", "Numbers below 0 are left: the range is from 0 to 1.", replace=("np.clip(x + noise, 0, 1)", "np.clip(x + noise, -1, 1)")),
        Mistake("folded for clipped", "Numbers below 0 are turned to positive ones by an absolute value. Clipping puts them to 0.",
                replace=("np.clip(x + noise, 0, 1)", "np.minimum(np.abs(x + noise), 1)")),
        Mistake("rescaled for clipped", "The whole is stretched into the range from 0 to 1, which changes numbers that were inside too. Clipping changes only those outside.",
                function=rescaled),
        Mistake("uniform noise", "The noise is uniform: it has no tails. A normal distribution is asked for.", replace=(DRAWN, "rng.uniform(-1, 1, x.shape) * std * 3 ** 0.5")),
        Mistake("uniform noise from −std to std", "The noise is uniform, between −std and std. A normal distribution with standard deviation std is asked for.",
                replace=(DRAWN, "rng.uniform(-std, std, x.shape)")),
        Mistake("noise from 0 to std", "The noise is uniform and never negative. A normal distribution with mean 0 is asked for.", replace=(DRAWN, "std * rng.random(x.shape)")),
        Mistake("noise of one sign", "All of the noise is positive. Half of it should take away.", replace=(DRAWN, "np.abs(rng.normal(0, std, x.shape))")),
        Mistake("variance for standard deviation", "The noise is too large: its standard deviation is the square root of std. `normal` takes the standard deviation as it is.",
                replace=(DRAWN, "rng.normal(0, std ** 0.5, x.shape)")),
        Mistake("standard deviation squared", "The noise is too small: its standard deviation is std². `normal` takes the standard deviation as it is.",
                replace=(DRAWN, "rng.normal(0, std ** 2, x.shape)")),
        Mistake("std not used", "The noise has standard deviation 1, whatever std is.", replace=(DRAWN, "rng.normal(0, 1, x.shape)")),
        Mistake("std as the mean", "`std` stands where the mean belongs, so the noise is std on average, with standard deviation 1. `normal` takes the mean first.",
                replace=(DRAWN, "rng.normal(std, 1, x.shape)")),
        Mistake("the same noise for all images", "All images get the same noise. Each number of each image has its own draw.", function=same_noise_for_all),
        Mistake("one draw for an image", "Each image gets one number, added everywhere: it becomes lighter or darker as a whole. Each number has its own draw.",
                function=one_number_for_an_image),
        Mistake("one draw for all", "One number is drawn for everything. Each number of each image has its own draw.", function=one_number_for_all),
        Mistake("noise multiplied, nothing added", "The image is multiplied with the noise, so black stays black and half of the rest becomes black. Noise is added.",
                replace=("x + noise", "x * noise")),
        Mistake("noise multiplied", "The noise is multiplied with the image, so black stays black. It is added.", replace=("x + noise", "x * (1 + noise)")),
        Mistake("noise for image", "The image is gone: only the noise comes back.", replace=("x + noise", "noise")),
        Mistake("no noise", "There is no noise in the result.", replace=("x + noise", "x")),
        Mistake("salt and pepper", "Some numbers become black or white and the others stay as they are. Here every number gets its own normal draw, added to it.",
                function=salt_and_pepper),
        Mistake("Laplace noise", "The noise has a Laplace distribution, with too many large values. A normal distribution is asked for.",
                replace=(DRAWN, "rng.laplace(0, std, x.shape)")),
        Mistake("noise dropped at the edges", "Where the sum would leave the range, x is left as it is. Clipping puts it to the end of the range.", function=noise_dropped),
        Mistake("one draw for a channel", "Each channel, or column, gets one number, added everywhere. Each number has its own draw.", function=one_number_for_a_channel),
        Mistake("the same noise for all channels", "All channels of a pixel get the same noise. Each number has its own draw.", function=one_number_for_a_pixel),
        Mistake("noise not centred", "", replace=(DRAWN, "rng.normal(std, std, x.shape)")),
        Mistake("noise in order", "", replace=(DRAWN, f"np.sort({DRAWN}, axis=0)")),
        Mistake("noise in order", "", replace=(DRAWN, f"np.sort({DRAWN}.ravel()).reshape(x.shape)")),
        Mistake("noise repeated", "", function=noise_from_a_copy),
        Mistake("mean ½", "The noise is ½ on average, so every image becomes lighter. Its mean is 0.", replace=(DRAWN, "rng.normal(0.5, std, x.shape)")),
        Mistake("scale of 0 to 255", "The noise is divided by 255, as if the images had numbers from 0 to 255. Theirs are from 0 to 1, and std is meant for these.",
                replace=(DRAWN, "rng.normal(0, std / 255, x.shape)")),
        Mistake("scale of 0 to 255, multiplied", "The noise is multiplied by 255, as if the images had numbers from 0 to 255. Theirs are from 0 to 1, and std is meant for these.",
                replace=(DRAWN, "rng.normal(0, std * 255, x.shape)")),
        Mistake("deviation relative to the images", "The noise is scaled by the spread of the images' own numbers. Its standard deviation is std, whatever the images are.",
                replace=(DRAWN, "rng.normal(0, std * x.std(), x.shape)")),
        Mistake("wrapped for clipped", "Numbers beyond the range come in again at its other end, as a remainder does: white becomes black. Clipping puts them to the end of the range.",
                replace=("np.clip(x + noise, 0, 1)", "(x + noise) % 1")),
        Mistake("mirrored for clipped", "Numbers beyond the range are mirrored back into it. Clipping puts them to the end of the range.",
                replace=("np.clip(x + noise, 0, 1)", "1 - np.abs(1 - np.abs(x + noise))")),
        Mistake("sigmoid for clipped", "A sigmoid squeezes all numbers into the range, and changes those that were inside too. Clipping changes only those outside.",
                replace=("np.clip(x + noise, 0, 1)", "1 / (1 + np.exp(-(x + noise)))")),
        Mistake("tanh for clipped", "A tanh squeezes the numbers, and changes those inside the range too. Clipping changes only those outside.",
                replace=("np.clip(x + noise, 0, 1)", "np.tanh(x + noise)")),
        Mistake("black stays black", "Noise is added only where x is above 0; black numbers get theirs too.", replace=("x + noise", "x + noise * (x > 0)")),
        Mistake("white stays white", "Noise is added only where x is below 1; white numbers get theirs too.", replace=("x + noise", "x + noise * (x < 1)")),
        Mistake("only grey numbers", "Noise is added only between 0 and 1; black and white numbers get theirs too.", replace=("x + noise", "x + noise * ((x > 0) & (x < 1))")),
        Mistake("rounded", "The result is rounded to 0 and 1, so the noise is gone where it is small.", replace=("np.clip(x + noise, 0, 1)", "np.rint(np.clip(x + noise, 0, 1))")),
        Mistake("half precision", "The result has half precision, with three digits: many numbers that differ become the same.",
                replace=("np.clip(x + noise, 0, 1)", "np.clip(x + noise, 0, 1).astype(np.float16)")),
        Mistake("noise cut at one deviation", "The noise is cut at −std and std. A normal distribution also has larger values; only the sum is clipped.",
                replace=(DRAWN, "np.clip(rng.normal(0, std, x.shape), -std, std)")),
        Mistake("noise of two values", "The noise is std up or down, with nothing between. A normal distribution is asked for.", replace=(DRAWN, "std * np.sign(rng.normal(0, 1, x.shape))")),
        Mistake("mixed with the noise", "The image is made fainter, by 1 − std, before the noise is added. The noise is added to the image as it is.",
                replace=("x + noise", "(1 - std) * x + noise")),
        Mistake("Laplace noise of the right size", "The noise has a Laplace distribution: the right standard deviation, but too many large values. A normal distribution is asked for.",
                replace=(DRAWN, "rng.laplace(0, std / 2 ** 0.5, x.shape)")),
        Mistake("noise twice", "Noise is added twice.", replace=("x + noise", "x + noise + rng.normal(0, std, x.shape)")),
        Mistake("noise doubled", "The noise is twice as large as it should be.", replace=("x + noise", "x + 2 * noise")),
        Mistake("half the noise", "The noise is half as large as it should be.", replace=("x + noise", "x + noise / 2")),
    ],
    right=[noise_by_standard_normal, noise_image_by_image, noise_in_single],
    hints=("`rng` has a method for draws from a normal distribution, as many as you ask for. How many are needed?",
           "noisy = min(max(x + n, 0), 1) with n ~ N(0, std²) of the shape of x, a draw for each number.",
           "noise = rng.normal of 0, std and the shape of x; return np.clip of x + noise between 0 and 1"),
    why="Each number needs a draw of its own. Noise that many numbers share would be a pattern, and a pattern can be learned by heart.",
    unchanged={"sign of noise": "the noise is as often below 0 as above", "- in place of +": "the noise is as often below 0 as above"},
    after="Now the autoencoder can be asked for something that it never saw: the image without the noise.")

# --- outlier_scores --------------------------------------------------------------------------------------------------


def draw_pairs(rng, m, shape):
    return tuple(rng.uniform(0, 1, (m, *shape)).round(3) for _ in range(2))


def scores_by_loop(x, x_hat):
    found = np.zeros(x.shape[0])
    for i in range(x.shape[0]):
        found[i] = np.square(x[i] - x_hat[i]).mean()
    return found


def scores_by_axes(x, x_hat):
    return np.mean((x_hat - x) ** 2, axis=tuple(range(1, x.ndim)))


def scores_by_dot(x, x_hat):
    d = np.reshape(x - x_hat, (x.shape[0], -1))
    return np.einsum("ij,ij->i", d, d) / d.shape[1]


def scores_by_keras(x, x_hat):
    m = x.shape[0]
    return keras.losses.mean_squared_error(x.reshape(m, -1), x_hat.reshape(m, -1))


def scores_of_four_axes(x, x_hat):
    return np.mean((x - x_hat) ** 2, axis=(1, 2, 3))


def scores_of_three_axes(x, x_hat):
    return np.mean((x - x_hat) ** 2, axis=(1, 2))


def scores_of_two_axes_at_most(x, x_hat):
    return ((x - x_hat) ** 2).mean(axis=tuple(range(1, min(3, x.ndim))))


SQUARES, REDUCED = "(x - x_hat) ** 2", "squares.reshape(len(x), -1).mean(axis=1)"
SCORES = Exercise(
    ex.outlier_scores, title="What the model does not know", difficulty=2, importance=2, minutes=6, draw=draw_pairs, returns="scores", names=NAMES,
    sizes=[{"m": 1, "shape": (2, 3)}, {"m": 3, "shape": (2, 2, 1)}, {"m": 4, "shape": (5,)}, {"m": 2, "shape": (3, 2, 3)}, {"m": 3, "shape": (2, 1, 2, 3)}],
    mistakes=[
        Mistake("one number for all", "One number comes out, the error over all images. Each image has its own.", replace=(REDUCED, "squares.mean()")),
        Mistake("mean over the images", "The mean runs over the images, so an image of errors is left. It should run over the numbers of each image.",
                replace=(REDUCED, "squares.mean(axis=0)")),
        Mistake("mean over the images, laid flat", "The mean runs over the images; it should run over the numbers of each image.",
                replace=(REDUCED, "squares.reshape(len(x), -1).mean(axis=0)")),
        Mistake("only the last axis", "The mean runs over the last axis only. All axes behind the first belong to the image.", replace=(REDUCED, "squares.mean(axis=-1)")),
        Mistake("only the second axis", "The mean runs over the second axis only. All axes behind the first belong to the image.", replace=(REDUCED, "squares.mean(axis=1)")),
        Mistake("axes counted out", "The axes are counted out for images with height, width and channels. Here any number of axes may stand behind the first.",
                function=scores_of_four_axes),
        Mistake("axes counted out, two", "The axes are counted out for images with height and width. Here any number of axes may stand behind the first.",
                function=scores_of_three_axes),
        Mistake("summed", "The squares are added up; their mean is asked for.", replace=(".mean(axis=1)", ".sum(axis=1)")),
        Mistake("root taken", "A root was taken at the end; the mean of the squares is asked for as it is.", replace=(REDUCED, f"np.sqrt({REDUCED})")),
        Mistake("length of the difference", "That is the length of the difference, the root of the sum of squares; the mean of the squares is asked for.",
                replace=(REDUCED, "np.sqrt(squares.reshape(len(x), -1).sum(axis=1))")),
        Mistake("absolute values", "The absolute values of the differences are averaged. Squares are asked for: they make few large errors count more than many small ones.",
                replace=(SQUARES, "np.abs(x - x_hat)")),
        Mistake("not squared", "The differences are not squared, so errors of either sign cancel.", replace=(SQUARES, "x - x_hat")),
        Mistake("difference of squares", "The squares are subtracted, x² − x̂²; it is the difference that is squared.", replace=(SQUARES, "x ** 2 - x_hat ** 2")),
        Mistake("largest error", "The largest squared error of each image is taken, not the mean.", replace=(".mean(axis=1)", ".max(axis=1)")),
        Mistake("median", "The median is taken, not the mean: it looks away just where an image is odd.", replace=(REDUCED, "np.median(squares.reshape(len(x), -1), axis=1)")),
        Mistake("half", "The error is halved.", replace=(REDUCED, f"{REDUCED} / 2")),
        Mistake("similarity for error", "The sign is turned round: the score should be large for what the model does *not* know.", replace=(REDUCED, f"-{REDUCED}")),
        Mistake("divided by the number of images", "The sum of each image is divided by the number of images; it should be divided by how many numbers an image has.",
                replace=(REDUCED, "squares.reshape(len(x), -1).sum(axis=1) / len(x)")),
        Mistake("divided by one side", "The sum of each image is divided by the length of one axis only; it should be divided by how many numbers an image has.",
                replace=(REDUCED, "squares.reshape(len(x), -1).sum(axis=1) / x.shape[1]")),
        Mistake("divided by the last axis", "The sum of each image is divided by the length of the last axis only; it should be divided by how many numbers an image has.",
                replace=(REDUCED, "squares.reshape(len(x), -1).sum(axis=1) / x.shape[-1]")),
        Mistake("divided by all numbers", "The sum of each image is divided by the numbers of *all* images; it should be divided by how many one image has.",
                replace=(REDUCED, "squares.reshape(len(x), -1).sum(axis=1) / x.size")),
        Mistake("scaled", "The scores are scaled so that the largest is 1. Then the same image has another score in other company.", replace=(REDUCED, f"{REDUCED} / ({REDUCED}).max()")),
        Mistake("mean over images and rows", "The mean runs over the images too. Each image has its own score.", replace=(REDUCED, "squares.mean(axis=(0, 1))")),
        Mistake("all axes but the last", "The mean runs over the images too. Each image has its own score.", replace=(REDUCED, "squares.mean(axis=tuple(range(x.ndim - 1)))")),
        Mistake("a column", "The scores stand in a column, (m, 1); (m,) is asked for.", replace=(".mean(axis=1)", ".mean(axis=1, keepdims=True)")),
        Mistake("divided by the image", "The error is divided by the squared numbers of the image; the plain mean is asked for.",
                replace=(SQUARES, "(x - x_hat) ** 2 / (x ** 2 + 1e-9)")),
        Mistake("spread of the error", "That is the variance of the differences: their mean is taken off first. The squares themselves are averaged.",
                replace=(REDUCED, "(x - x_hat).reshape(len(x), -1).var(axis=1)")),
        Mistake("two axes at most", "The mean runs over the second and the third axis only. All axes behind the first belong to the image.", function=scores_of_two_axes_at_most),
        Mistake("standardised", "The scores are standardised: less their mean, divided by their spread. Then the same image has another score in other company.",
                replace=(REDUCED, f"({REDUCED} - ({REDUCED}).mean()) / ({REDUCED}).std()")),
        Mistake("stretched to 0 and 1", "The scores are stretched so that they reach from 0 to 1. Then the same image has another score in other company.",
                replace=(REDUCED, f"({REDUCED} - ({REDUCED}).min()) / np.ptp({REDUCED})")),
        Mistake("sums to 1", "The scores are divided by their sum. Then the same image has another score in other company.", replace=(REDUCED, f"{REDUCED} / ({REDUCED}).sum()")),
        Mistake("order for scores", "That is the order of the images, their numbers with the worst first. A score for each image is asked for, in the images' own order.",
                replace=(REDUCED, f"np.argsort(-{REDUCED})")),
        Mistake("order for scores, best first", "That is the order of the images, their numbers with the best first. A score for each image is asked for, in the images' own order.",
                replace=(REDUCED, f"np.argsort({REDUCED})")),
        Mistake("sorted", "The scores are sorted. The score of an image stands where the image stands.", replace=(REDUCED, f"np.sort({REDUCED})")),
        Mistake("sorted, largest first", "The scores are sorted, the largest first. The score of an image stands where the image stands.", replace=(REDUCED, f"-np.sort(-{REDUCED})")),
        Mistake("relative to the image", "The error is divided by how bright the image is, the sum of its squares. The plain mean of the squared differences is asked for.",
                replace=(REDUCED, "squares.reshape(len(x), -1).sum(axis=1) / (x ** 2).reshape(len(x), -1).sum(axis=1)")),
        Mistake("one channel only", "Only the first channel, the first entry of the last axis, counts. All numbers of an image do.", replace=(SQUARES, "((x - x_hat) ** 2)[..., :1]")),
        Mistake("divided by n − 1", "The sum is divided by one less than how many numbers an image has, as for a variance. A mean is divided by all of them.",
                replace=(REDUCED, "squares.reshape(len(x), -1).sum(axis=1) / (squares[0].size - 1)")),
        Mistake("mean squared afterwards", "The mean of the absolute differences is squared. Each difference is squared first, then comes the mean.",
                replace=(REDUCED, "np.abs(x - x_hat).reshape(len(x), -1).mean(axis=1) ** 2")),
        Mistake("mean difference squared", "The differences are averaged first and then squared, so errors of either sign cancel. Each difference is squared first.",
                replace=(REDUCED, "(x - x_hat).reshape(len(x), -1).mean(axis=1) ** 2")),
        Mistake("logarithm", "A logarithm is taken of the error; it is asked for as it is.", replace=(REDUCED, f"np.log({REDUCED})")),
        Mistake("decibels", "That is a peak signal-to-noise ratio in decibels, which is large for what the model knows. The mean squared error itself is asked for.",
                replace=(REDUCED, f"-10 * np.log10({REDUCED})")),
        Mistake("one over the error", "One is divided by the error, so it is large for what the model knows. The score is large for what it does *not* know.",
                replace=(REDUCED, f"1 / ({REDUCED})")),
        Mistake("one over one plus the error", "1/(1 + error) is large for what the model knows. The score is large for what it does *not* know.", replace=(REDUCED, f"1 / (1 + {REDUCED})")),
        Mistake("product for difference", "The images are multiplied with each other, not subtracted.", replace=(SQUARES, "x * x_hat")),
        Mistake("sum for difference", "The two images are added; it is their difference that is squared.", replace=(SQUARES, "(x + x_hat) ** 2")),
        Mistake("cross-entropy", "That is the cross-entropy. The mean squared error is asked for, which is 0 for an image that comes back as it was.",
                replace=(SQUARES, "-x * np.log(x_hat) - (1 - x) * np.log(1 - x_hat)")),
    ],
    right=[scores_by_loop, scores_by_axes, scores_by_dot, scores_by_keras],
    hints=("One number for each image, whatever its shape. What makes every shape the same?", "s_i = (1/n) Σ_j (x_ij − x̂_ij)², over all n numbers j of image i; (m,).",
           "square the difference; reshape it to (m, −1); the mean over axis 1"),
    why="A model that has learned to draw only what it knows draws an unknown thing as something known. The difference tells.",
    unchanged={"difference turned round": "it is squared", "x_hat in place of x": "both have as many images", "2 in place of 1": "the count of axes behind the first is the same",
               "x + 1 in place of x": "only its length counts", "x - 1 in place of x": "only its length counts", "squares in place of x": "both have as many images"},
    after="Each image has a number now that says how strange it is to the model.")

# --- with gradients --------------------------------------------------------------------------------------------------


WEIGHTS = np.cos(np.arange(100)) + 1.5


def with_gradients(function, tensors, names, *settings, says):
    """What a function of tensors {name: array} gives, and its gradients with respect to those in `names`; of a weighted sum, so that every entry counts in its own way."""
    points = {n: tf.constant(t) for n, t in tensors.items()}
    watched = [points[n] for n in names]
    with tf.GradientTape() as tape:
        for point in watched:
            tape.watch(point)
        value = function(*points.values(), *settings)
        seen = plain(value)
        total = None
        if tf.is_tensor(value) and value.dtype.is_floating:
            total = tf.reduce_sum(value * WEIGHTS[:seen.size].reshape(seen.shape).astype(value.dtype.as_numpy_dtype))
    if seen is None:
        return None
    gradients = [None] * len(watched) if total is None else tape.gradient(total, watched)
    lost = {n: Odd(f"no gradient reaches `{n}`: {'the result is no tensor' if total is None else 'the way to it is cut'}, by numpy perhaps", whole=True) for n in names}
    return {says: seen, **{f"gradient of {n}": lost[n] if g is None else cut_range(n, tensors[n], g) for n, g in zip(names, gradients)}}


def cut_range(name, values, gradient):
    """A gradient; or a Fault where it is 0 just for the values that lie farthest out, as behind a clip."""
    g, middle = plain(gradient), 0.5 if name == "x_hat" else 0.0
    if not isinstance(g, np.ndarray) or g.shape != values.shape or g.size < 6:
        return gradient
    place, flat = (values - middle)[values != middle], (g == 0)[values != middle]
    rest = place[~flat]
    if flat.any() and rest.size > 1 and rest.min() < 0 < rest.max() \
            and any(far[flat].min() > far[~flat].max() for far in (np.abs(place), place, -place)):
        kept = values[(g != 0) & (values != middle)]
        return Fault(f"The gradient of {name} is 0 where {name} lies far out, and not where it lies from {kept.min():.3g} to {kept.max():.3g}: {name} is cut to a range. Every value of it "
                     "counts as it is.", whole=True, name=f"{name} changed")
    return gradient


def spread(rng, far, shape):
    """Numbers all over the range from −far to far, in no order."""
    return rng.permuted(np.linspace(-far, far, int(np.prod(shape))) * rng.uniform(0.9, 1)).reshape(shape)


def draw_code(rng, m, d):
    """Means and log-variances of either sign."""
    return rng.normal(0, 1.2, (m, d)).astype(F32), rng.normal(0, 0.8, (m, d)).astype(F32)


# --- reparameterize --------------------------------------------------------------------------------------------------


def far_only(place, got, like):
    """Where the entries that differ are just those with the largest size, or value, or the smallest: "far from", "above", "below", or "" otherwise."""
    if not isinstance(got, np.ndarray) or got.shape != like.shape or got.size < 6:
        return ""
    off = np.abs(got.astype(float) - like) > 1e-3 * np.abs(like) + 1e-5 * np.abs(like).max()
    if off.all() or not off.any():
        return ""
    return next((word for word, far in (("far from", np.abs(place)), ("above", place), ("below", -place)) if far[off].min() > far[~off].max()), "")


def draw_sample(rng, m, d):
    """Log-variances near 0 where they are few, up to ±5 elsewhere."""
    mean, log_var = draw_code(rng, m, d)
    return mean, spread(rng, 5, (m, d)).astype(F32) if m * d > 6 else log_var, rng.normal(size=(m, d)).astype(F32)


def see_sample(args, got, like):
    where = far_only(args[1], got.get("z"), like["z"]) if isinstance(got, dict) else ""
    return where and ("log_var changed", f"`z` is right for most of log_var and wrong where it lies far {'from' if where == 'far from' else where} 0: is log_var cut to a range, or something "
                      "added to σ? Every log_var counts as it is.")


def sample_with_cut_log_var(mean, log_var, epsilon):
    return mean + tf.exp(tf.clip_by_value(log_var, -2.0, 2.0) / 2) * epsilon


def play_sample(function, mean, log_var, epsilon):
    return with_gradients(function, {"mean": mean, "log_var": log_var, "epsilon": epsilon}, ("mean", "log_var"), says="z")


def sample_by_root(mean, log_var, epsilon):
    variance = tf.math.exp(log_var)
    return tf.add(mean, tf.multiply(tf.sqrt(variance), epsilon))


def sample_by_keras(mean, log_var, epsilon):
    return epsilon * keras.ops.exp(0.5 * log_var) + mean


def sample_by_power(mean, log_var, epsilon):
    sigma = tf.exp(log_var) ** 0.5
    return tf.math.multiply_add(sigma, epsilon, mean) if hasattr(tf.math, "multiply_add") else sigma * epsilon + mean


def sample_with_noise_from_numpy(mean, log_var, epsilon):
    return mean + tf.exp(log_var * 0.5) * np.asarray(epsilon)


def sample_by_log(mean, log_var, epsilon):
    log_sigma = tf.divide(log_var, 2.0)
    rows = [m + tf.exp(s) * e for m, s, e in zip(tf.unstack(mean), tf.unstack(log_sigma), tf.unstack(epsilon))]
    return tf.stack(rows)


def sample_by_numpy(mean, log_var, epsilon):
    return mean.numpy() + np.exp(log_var.numpy() / 2) * epsilon.numpy()


CUT = ("The numbers are right, but no gradient reaches {}: the way is cut, by numpy or by a new tensor made of numbers. The encoder would never learn.")
SAMPLE = Exercise(
    ex.reparameterize, title="Chance outside, gradients through", unsteady="Called twice with the same inputs, it gives two different samples: noise is drawn inside the function. The noise comes from outside, as epsilon.", difficulty=2, importance=3, minutes=8, draw=draw_sample, play=play_sample, returns="z", names=NAMES, otherwise=see_sample,
    costly=True, sizes=[{"m": 1, "d": 2}, {"m": 3, "d": 2}, {"m": 2, "d": 4}, {"m": 4, "d": 1}, {"m": 1, "d": 1}, {"m": 1, "d": 7}, {"m": 3, "d": 5}],
    mistakes=[
        Mistake("variance for standard deviation", "The noise is stretched by σ², exp(log_var). A normal distribution is stretched by its standard deviation: the root of the "
                "variance.", replace=("tf.exp(log_var / 2)", "tf.exp(log_var)")),
        Mistake("log-variance for standard deviation", "The noise is stretched by log_var itself, the *logarithm* of the variance, which may even be negative. What undoes a "
                "logarithm?", replace=("tf.exp(log_var / 2)", "log_var")),
        Mistake("half of the log-variance", "The noise is stretched by half of log_var. That is log σ; σ itself is wanted.", replace=("tf.exp(log_var / 2)", "log_var / 2")),
        Mistake("root of the log-variance", "A root is taken of log_var. It is the logarithm of the variance, not the variance, and may be negative.",
                replace=("tf.exp(log_var / 2)", "tf.sqrt(log_var)")),
        Mistake("exp of the root", "The root is taken of the logarithm, before the exponential. σ is the root of exp(log_var).",
                replace=("tf.exp(log_var / 2)", "tf.exp(tf.sqrt(log_var))")),
        Mistake("squared variance", "The noise is stretched by exp(2·log_var), σ⁴. For σ the logarithm is halved, not doubled.", replace=("log_var / 2", "log_var * 2")),
        Mistake("one over sigma", "The noise is divided by σ, or the sign of the exponent is turned round. A wide distribution has large deviations.", replace=("log_var / 2", "-log_var / 2")),
        Mistake("mean forgotten", "The mean is missing: the noise is stretched but not shifted.", replace=("mean + tf", "tf")),
        Mistake("mean subtracted", "The mean is subtracted from the noise; the sample lies around the mean.", replace=("mean + tf.exp(log_var / 2) * epsilon",
                                                                                                       "tf.exp(log_var / 2) * epsilon - mean")),
        Mistake("noise subtracted", "The noise is subtracted. As a distribution that is the same, but here the sample for a given epsilon is asked for.",
                replace=("mean + tf", "mean - tf")),
        Mistake("not stretched", "The noise is added as it is: log_var has no part in the sample, and would never learn.", replace=("tf.exp(log_var / 2) * epsilon", "epsilon")),
        Mistake("no noise", "The sample does not depend on epsilon.", replace=("tf.exp(log_var / 2) * epsilon", "tf.exp(log_var / 2)")),
        Mistake("only the mean", "The mean comes back, without any noise.", replace=("mean + tf.exp(log_var / 2) * epsilon", "mean")),
        Mistake("sigma on the mean too", "σ stretches the mean as well: only the noise is stretched.", replace=("mean + tf.exp(log_var / 2) * epsilon",
                                                                                                 "tf.exp(log_var / 2) * (mean + epsilon)")),
        Mistake("added for multiplied", "σ is added to the noise; it should stretch it.", replace=("tf.exp(log_var / 2) * epsilon", "tf.exp(log_var / 2) + epsilon")),
        Mistake("mean multiplied", "The mean is multiplied with the noise; it should shift it.", replace=("mean + tf", "mean * tf")),
        Mistake("shift and stretch exchanged", "The mean stretches the noise and σ shifts it. It is the other way round.",
                replace=("mean + tf.exp(log_var / 2) * epsilon", "mean * epsilon + tf.exp(log_var / 2)")),
        Mistake("mean and log-variance exchanged", "mean and log_var have changed places.", replace=("mean + tf.exp(log_var / 2) * epsilon", "log_var + tf.exp(mean / 2) * epsilon")),
        Mistake("size of log_var", "The absolute value is taken of log_var. It may well be negative: then σ is below 1.", replace=("log_var / 2", "tf.abs(log_var) / 2")),
        Mistake("new noise", "The noise is drawn anew, and epsilon is left lying. The noise comes from outside.",
                replace=("* epsilon", "* tf.random.stateless_normal(tf.shape(mean), (1, 2))")),
        Mistake("gradient stopped at log_var", CUT.format("`log_var`"), replace=("tf.exp(log_var / 2)", "tf.exp(tf.stop_gradient(log_var) / 2)")),
        Mistake("gradient stopped at mean", CUT.format("`mean`"), replace=("mean + tf", "tf.stop_gradient(mean) + tf")),
        Mistake("gradient stopped", CUT.format("mean and log_var"), replace=("mean + tf.exp(log_var / 2) * epsilon", "tf.stop_gradient(mean + tf.exp(log_var / 2) * epsilon)")),
        Mistake("outside TensorFlow", CUT.format("mean and log_var"), function=sample_by_numpy),
        Mistake("one noise for all", "All examples share the noise of the first one.", replace=("* epsilon", "* epsilon[:1]")),
        Mistake("power of two", "The base is 2 instead of e: log_var is a natural logarithm.", replace=("tf.exp(log_var / 2)", "2.0 ** (log_var / 2)")),
        Mistake("softplus", "σ is made by a softplus of log_var; that is another agreement. log_var is log σ².", replace=("tf.exp(log_var / 2)", "tf.math.softplus(log_var)")),
        Mistake("log_var changed", "log_var is cut to a range, from −2 to 2. It may be any number: a code can be very sure, or not at all.", function=sample_with_cut_log_var),
        Mistake("root of the size", "The root is taken of log_var without its sign, as if that were the variance. It is the variance's logarithm: what undoes a logarithm?",
                replace=("tf.exp(log_var / 2)", "tf.sqrt(tf.abs(log_var))")),
        Mistake("σ at most 1", "log_var is cut at 0, so σ is never above 1. It may well be positive.", replace=("log_var / 2", "tf.minimum(log_var, 0) / 2")),
        Mistake("σ at least 1", "log_var is cut at 0, so σ is never below 1. It may well be negative: a code that is sure.", replace=("log_var / 2", "tf.maximum(log_var, 0) / 2")),
        Mistake("noise in the exponent", "The noise stands within the exponential. It is multiplied with σ, outside.", replace=("tf.exp(log_var / 2) * epsilon", "tf.exp(log_var / 2 * epsilon)")),
        Mistake("everything in the exponent", "The mean stands within the exponential. It is added to the noise, outside.",
                replace=("mean + tf.exp(log_var / 2) * epsilon", "tf.exp(mean + log_var / 2 * epsilon)")),
        Mistake("noise squared", "The noise is squared, so it only ever adds.", replace=("* epsilon", "* epsilon ** 2")),
        Mistake("size of the noise", "The absolute value is taken of the noise, so it only ever adds.", replace=("* epsilon", "* tf.abs(epsilon)")),
        Mistake("σ of the first axis", "The σ of the first latent axis stretches all axes. Each has its own.", replace=("tf.exp(log_var / 2)", "tf.exp(log_var[:, :1] / 2)")),
        Mistake("σ of the first example", "The σ of the first example stretches all examples. Each has its own.", replace=("tf.exp(log_var / 2)", "tf.exp(log_var[:1] / 2)")),
        Mistake("σ averaged over the axes", "σ is averaged over the latent axes. Each axis of each example has its own.",
                replace=("tf.exp(log_var / 2)", "tf.reduce_mean(tf.exp(log_var / 2), axis=1, keepdims=True)")),
        Mistake("log-variance averaged over the axes", "log_var is averaged over the latent axes. Each axis of each example has its own.",
                replace=("tf.exp(log_var / 2)", "tf.exp(tf.reduce_mean(log_var, axis=1, keepdims=True) / 2)")),
        Mistake("σ averaged over the examples", "σ is averaged over the examples. Each axis of each example has its own.",
                replace=("tf.exp(log_var / 2)", "tf.reduce_mean(tf.exp(log_var / 2), axis=0)")),
        Mistake("noise of the first axis", "All latent axes of an example share the noise of the first one. Each has its own.", replace=("* epsilon", "* epsilon[:, :1]")),
        Mistake("tanh on the sample", "A tanh is taken of the sample, which keeps it between −1 and 1. A normal variable may be any number.",
                replace=("mean + tf.exp(log_var / 2) * epsilon", "tf.tanh(mean + tf.exp(log_var / 2) * epsilon)")),
        Mistake("sigmoid on the sample", "A sigmoid is taken of the sample, which keeps it between 0 and 1. A normal variable may be any number.",
                replace=("mean + tf.exp(log_var / 2) * epsilon", "tf.sigmoid(mean + tf.exp(log_var / 2) * epsilon)")),
        Mistake("sigmoid for the exponential", "σ is made by a sigmoid of log_var. log_var is a logarithm: what undoes a logarithm?", replace=("tf.exp(log_var / 2)", "tf.sigmoid(log_var)")),
        Mistake("constant added to σ", "A small constant is added to σ. An exponential is above 0 by itself; nothing has to be added.",
                replace=("tf.exp(log_var / 2)", "(tf.exp(log_var / 2) + 1e-3)")),
        Mistake("constant added to the variance", "A small constant is added to the variance. An exponential is above 0 by itself; nothing has to be added.",
                replace=("tf.exp(log_var / 2)", "tf.sqrt(tf.exp(log_var) + 1e-3)")),
        Mistake("a quarter of the log-variance", "The logarithm is divided by 4, so the root is taken twice. log_var is log σ²: half of it is log σ.",
                replace=("log_var / 2", "log_var / 4")),
        Mistake("variance halved", "The variance is halved, exp(log_var) / 2. For σ its *logarithm* is halved: that is the root.", replace=("tf.exp(log_var / 2)", "tf.exp(log_var) / 2")),
        Mistake("noise centred", "The mean of the noise over the examples is taken off. The noise counts as it is drawn.", replace=("* epsilon", "* (epsilon - tf.reduce_mean(epsilon, axis=0))")),
        Mistake("noise standardised", "The noise is standardised over the examples first. It counts as it is drawn.",
                replace=("* epsilon", "* (epsilon - tf.reduce_mean(epsilon, axis=0)) / (tf.math.reduce_std(epsilon, axis=0) + 1e-7)")),
        Mistake("summed over the latent axis", "The axes of the code are added up; a sample has as many numbers as the mean.",
                replace=("mean + tf.exp(log_var / 2) * epsilon", "tf.reduce_sum(mean + tf.exp(log_var / 2) * epsilon, axis=1)")),
    ],
    right=[sample_by_root, sample_by_keras, sample_by_power, sample_by_log, sample_with_noise_from_numpy],
    hints=("A normal variable is a standard one, stretched and shifted. By what is it stretched, the variance or its root?",
           "z = μ + σ ⊙ ε, with σ = √(σ²) = exp(½ log σ²), all (m, d).", "tf.exp of half of log_var, times epsilon, plus mean"),
    why="The chance stands in ε, which needs no gradient. What is left is a plain function of mean and log_var: ∂z/∂μ = 1, ∂z/∂log σ² = ½ σ ε.",
    after="Chance no longer stands in the way of backpropagation.")

# --- kl_divergence ---------------------------------------------------------------------------------------------------


def draw_kl(rng, m, d):
    """Log-variances near 0 where they are few, up to ±5 elsewhere."""
    mean, log_var = draw_code(rng, m, d)
    return mean, spread(rng, 5, (m, d)).astype(F32) if m * d > 6 else log_var


def see_kl(args, got, like):
    if not isinstance(got, dict):
        return None
    for n, arg in (("log_var", args[1]), ("mean", args[0])):
        where = far_only(arg, got.get(f"gradient of {n}"), like[f"gradient of {n}"])
        if where:
            return (f"{n} changed", f"The gradient of {n} is right for most of {n} and wrong where it lies far {'from' if where == 'far from' else where} 0: is {n} cut to a range, or the "
                    f"divergence? Every {n} counts as it is.")
    return None


def play_kl(function, mean, log_var):
    return with_gradients(function, {"mean": mean, "log_var": log_var}, ("mean", "log_var"), says="kl")


def kl_as_usually_written(mean, log_var):
    return -0.5 * tf.reduce_sum(1 + log_var - tf.square(mean) - tf.exp(log_var), axis=-1)


def kl_by_keras(mean, log_var):
    variance = keras.ops.exp(log_var)
    return keras.ops.sum(0.5 * (variance + mean ** 2 - 1.0 - keras.ops.log(variance)), axis=1)


def kl_by_sigma(mean, log_var):
    sigma = tf.exp(0.5 * log_var)
    return tf.reduce_sum((sigma ** 2 + mean * mean - 1) / 2 - tf.math.log(sigma), 1)


def kl_axis_by_axis(mean, log_var):
    total = 0.0
    for k in range(mean.shape[1]):
        total += (mean[:, k] ** 2 + tf.exp(log_var[:, k]) - log_var[:, k] - 1) / 2
    return total


def kl_reversed(mean, log_var):
    return 0.5 * tf.reduce_sum(log_var + (1 + mean ** 2) / tf.exp(log_var) - 1, axis=1)


def kl_both_ways(mean, log_var):
    return ex.kl_divergence(mean, log_var) + kl_reversed(mean, log_var)


def kl_both_ways_averaged(mean, log_var):
    return kl_both_ways(mean, log_var) / 2


def kl_with_cut_log_var(mean, log_var):
    return ex.kl_divergence(mean, tf.clip_by_value(log_var, -2.0, 2.0))


INNER = "mean ** 2 + tf.exp(log_var) - 1 - log_var"
WHOLE = f"0.5 * tf.reduce_sum({INNER}, axis=1)"
KL = Exercise(
    ex.kl_divergence, title="How far from the prior", difficulty=2, importance=3, minutes=10, draw=draw_kl, play=play_kl, returns="kl", names=NAMES, costly=True, otherwise=see_kl,
    sizes=[{"m": 1, "d": 2}, {"m": 3, "d": 2}, {"m": 2, "d": 4}, {"m": 4, "d": 1}, {"m": 5, "d": 3}, {"m": 1, "d": 7}],
    extra=[Case((np.zeros((2, 3), F32), np.zeros((2, 3), F32)), {"m": 2, "d": 3}, "the prior itself, mean 0 and log_var 0")],
    mistakes=[
        Mistake("wrong sign", "The sign is turned round: a divergence is never below 0. Minimised like this, the loss would drive the codes away from the prior without end.",
                replace=(WHOLE, f"-{WHOLE}")),
        Mistake("factor ½ missing", "It is twice too large: the factor ½ of the normal distribution's exponent is missing.", replace=("0.5 * tf", "tf")),
        Mistake("wrong sign, no ½", "It is −2 times what it should be: the sign is turned round and the factor ½ is missing.", replace=(WHOLE, WHOLE.replace("0.5 *", "-"))),
        Mistake("log-variance for variance", "log_var itself stands where the variance belongs: σ² is exp(log_var).", replace=("tf.exp(log_var) - 1", "log_var - 1")),
        Mistake("log-variance taken for the variance", "log_var is treated as if it were the variance: its logarithm is taken again, which does not exist below 0.",
                replace=(INNER, "mean ** 2 + log_var - 1 - tf.math.log(log_var)")),
        Mistake("log-variance taken for log σ", "log_var is treated as log σ. It is log σ², the logarithm of the *variance*: exp(log_var) is σ² already, and the last term is "
                "log_var once.", replace=(INNER, "mean ** 2 + tf.exp(2 * log_var) - 1 - 2 * log_var")),
        Mistake("log-variance taken for the standard deviation", "log_var is squared, as if it were σ. It is log σ².",
                replace=(INNER, "mean ** 2 + log_var ** 2 - 1 - tf.math.log(log_var ** 2)")),
        Mistake("variance squared", "exp(2·log_var) is σ⁴. The variance is exp(log_var).", replace=("tf.exp(log_var)", "tf.exp(2 * log_var)")),
        Mistake("standard deviation for variance", "exp(log_var / 2) is σ; the formula has the variance σ².", replace=("tf.exp(log_var)", "tf.exp(log_var / 2)")),
        Mistake("mean over the latent axis", "The mean runs over the latent axis; the divergences of independent axes add up: a sum.", replace=("tf.reduce_sum", "tf.reduce_mean")),
        Mistake("summed over everything", "Everything is added up, examples too. Each example keeps its own divergence, (m,).", replace=(", axis=1)", ")")),
        Mistake("mean over everything", "That is one number, the mean of all. Each example keeps its own, (m,), a sum over its latent axes.",
                replace=(WHOLE, f"0.5 * tf.reduce_mean({INNER})")),
        Mistake("mean over the examples", "The divergences are averaged over the examples. That comes later, in the loss; here each keeps its own, (m,).",
                replace=(WHOLE, f"tf.reduce_mean({WHOLE})")),
        Mistake("summed over the examples", "The sum runs over the examples, axis 0; the latent axis is axis 1.", replace=("axis=1", "axis=0")),
        Mistake("not summed", "There is one number for each latent axis. The divergences of an example's axes are added up, (m,).", replace=(WHOLE, f"0.5 * ({INNER})")),
        Mistake("first example only", "Only the first example's divergence comes back; all are wanted, (m,).", replace=(WHOLE, f"({WHOLE})[0]")),
        Mistake("a column", "The divergences stand in a column, (m, 1); (m,) is asked for.", replace=("axis=1)", "axis=1, keepdims=True)")),
        Mistake("−1 forgotten", "The −1 is missing, so the divergence is not 0 for the prior itself.", replace=("tf.exp(log_var) - 1 - log_var", "tf.exp(log_var) - log_var")),
        Mistake("+1", "The 1 has the wrong sign: the divergence should be 0 for the prior itself.", replace=("- 1 - log_var", "+ 1 - log_var")),
        Mistake("log term forgotten", "The term −log_var is missing. It is what keeps σ from shrinking to nothing.", replace=("- 1 - log_var", "- 1")),
        Mistake("log term's sign", "log_var is added; it is subtracted. As it stands, σ = 0 would be best.", replace=("- 1 - log_var", "- 1 + log_var")),
        Mistake("log term doubled", "The logarithm counts twice. log σ² is log_var as it is, once.", replace=("- 1 - log_var", "- 1 - 2 * log_var")),
        Mistake("log term halved", "The logarithm is halved. Inside the bracket stands log σ², which is log_var as it is.", replace=("- 1 - log_var", "- 1 - log_var / 2")),
        Mistake("sign of log_var", "log_var has the wrong sign everywhere, as if it were the logarithm of one over the variance.",
                replace=(INNER, "mean ** 2 + tf.exp(-log_var) - 1 + log_var")),
        Mistake("−1 only once", "1 is subtracted once for each example; every latent axis has its own.",
                replace=(WHOLE, "0.5 * (tf.reduce_sum(mean ** 2 + tf.exp(log_var) - log_var, axis=1) - 1)")),
        Mistake("mean and log-variance exchanged", "mean and log_var have changed places.", replace=(INNER, "log_var ** 2 + tf.exp(mean) - 1 - mean")),
        Mistake("variance forgotten", "The term σ² is missing. It is what keeps σ from growing without end.", replace=("mean ** 2 + tf.exp(log_var) - 1", "mean ** 2 - 1")),
        Mistake("variance subtracted", "σ² is subtracted; it is added.", replace=("mean ** 2 + tf.exp(log_var)", "mean ** 2 - tf.exp(log_var)")),
        Mistake("mean forgotten", "The term mean² is missing: codes far from 0 would cost nothing.", replace=("mean ** 2 + tf", "tf")),
        Mistake("mean subtracted", "mean² is subtracted; it is added: codes far from 0 have to cost more.", replace=("mean ** 2 + tf", "-mean ** 2 + tf")),
        Mistake("mean not squared", "The mean is not squared, so codes below 0 would even be rewarded.", replace=("mean ** 2", "mean")),
        Mistake("size of the mean", "The absolute value of the mean stands where its square belongs.", replace=("mean ** 2", "tf.abs(mean)")),
        Mistake("the other way round", "That is KL(p ‖ q), of the prior from the code's distribution. Asked for is KL(q ‖ p): the average over the *code's* distribution.",
                function=kl_reversed),
        Mistake("½ on one term only", "The factor ½ stands at one term only; it belongs to the whole bracket.", replace=(WHOLE, "tf.reduce_sum(0.5 * mean ** 2 + tf.exp(log_var) - 1 "
                                                                                                                         "- log_var, axis=1)")),
        Mistake("in bits", "The result is in bits: the logarithm has base 2. Nats are asked for.", replace=(WHOLE, f"{WHOLE} / np.log(2)")),
        Mistake("forced above 0", "The absolute value is taken, of each term or of the whole. Check the signs inside; the divergence is above 0 by itself.",
                replace=(INNER, "mean ** 2 + tf.exp(log_var) + tf.abs(1 + log_var)")),
        Mistake("log_var changed", "log_var is cut to a range, from −2 to 2. It may be any number, and the divergence grows with it.", function=kl_with_cut_log_var),
        Mistake("logarithm of the log-variance", "A logarithm is taken of log_var, which is a logarithm already: log σ² is log_var as it is.",
                replace=("- 1 - log_var", "- 1 - tf.math.log(tf.abs(log_var) + 1e-7)")),
        Mistake("both ways added", "Both divergences are added, of q from p and of p from q. Asked for is KL(q ‖ p) alone.", function=kl_both_ways),
        Mistake("both ways averaged", "That is the average of both divergences, of q from p and of p from q. Asked for is KL(q ‖ p) alone.", function=kl_both_ways_averaged),
        Mistake("mean relative to σ", "mean² is divided by the variance. In KL(q ‖ p) it stands as it is: the prior's variance, by which it is divided, is 1.",
                replace=("mean ** 2", "mean ** 2 / tf.exp(log_var)")),
        Mistake("mean times σ", "mean² is multiplied by the variance. In KL(q ‖ p) it is added.", replace=("mean ** 2 + tf.exp(log_var)", "mean ** 2 * tf.exp(log_var)")),
        Mistake("variance on both", "mean² is multiplied by the variance, too; it stands as it is.", replace=("mean ** 2 + tf", "mean ** 2 * tf.exp(log_var) + tf")),
        Mistake("sum of the means squared", "The means of an example are added up before they are squared. Each is squared first.",
                replace=(INNER, f"tf.reduce_sum(mean, axis=1, keepdims=True) ** 2 / mean.shape[1] + {INNER.replace('mean ** 2 + ', '')}")),
        Mistake("mean squared over the axes", "The means of an example are averaged before they are squared. Each is squared first.",
                replace=(INNER, f"tf.reduce_mean(mean, axis=1, keepdims=True) ** 2 + {INNER.replace('mean ** 2 + ', '')}")),
        Mistake("mean of the batch taken off", "The average over the examples is taken off the means first, so codes far from 0 cost nothing if all are alike. The prior lies at 0.",
                replace=("mean ** 2", "(mean - tf.reduce_mean(mean, axis=0)) ** 2")),
        Mistake("spread of the means", "The spread of the means over the examples is put for their squares. Each mean is squared as it is: the prior lies at 0.",
                replace=("mean ** 2", "tf.math.reduce_variance(mean, axis=0)")),
        Mistake("root of the divergence", "A root is taken at the end; the divergence is asked for as it is.", replace=(WHOLE, f"tf.sqrt({WHOLE})")),
        Mistake("(mean − 1)²", "1 is taken off the mean before it is squared. It is taken off the sum: the prior lies at 0.",
                replace=(INNER, "(mean - 1) ** 2 + tf.exp(log_var) - log_var")),
        Mistake("largest over the latent axes", "The largest of an example's axes is taken; the divergences of its axes add up.", replace=("tf.reduce_sum", "tf.reduce_max")),
        Mistake("−d for −1", "As many are subtracted on each axis as there are axes; it is 1 for each.", replace=("- 1 - log_var", "- mean.shape[1] - log_var")),
        Mistake("factor ¼", "It is half of what it should be: the factor ½ stands there twice.", replace=("0.5 * tf", "0.25 * tf")),
        Mistake("log-variance cut at 0", "log_var is cut at 0; it may well be negative, or positive.", replace=("tf.exp(log_var) - 1 - log_var", "tf.exp(tf.nn.relu(log_var)) - 1 - tf.nn.relu(log_var)")),
        Mistake("size of log_var", "The absolute value is taken of log_var. It may well be negative: then σ is below 1.",
                replace=("tf.exp(log_var) - 1 - log_var", "tf.exp(tf.abs(log_var)) - 1 - tf.abs(log_var)")),
        Mistake("exponential minus one over", "exp(−log_var) is one over the variance; the formula has the variance itself.", replace=("tf.exp(log_var)", "tf.exp(-log_var)")),
        Mistake("outside TensorFlow", CUT.format("mean and log_var"), replace=(WHOLE, "0.5 * np.sum(mean ** 2 + np.exp(log_var) - 1 - log_var, axis=1)")),
        Mistake("a new tensor", CUT.format("mean and log_var"), replace=(WHOLE, f"tf.constant(({WHOLE}).numpy())")),
    ],
    right=[kl_as_usually_written, kl_by_keras, kl_by_sigma, kl_axis_by_axis],
    hints=("Set mean = 0 and σ = 1: what has to come out? Every term of the formula above must be there for that.",
           "KL = ½ Σ_k (μ_k² + σ_k² − 1 − log σ_k²), a sum over the d latent axes for each example, (m,); σ² = exp(log_var).",
           "half of the tf.reduce_sum, over axis 1, of mean squared plus tf.exp of log_var minus 1 minus log_var"),
    why="Each term has a job: μ² pulls the centre to 0, σ² keeps the width from growing, −log σ² from shrinking, and −1 sets the least value to 0.",
    after="Now it is known, to the last digit, what a code costs.")

# --- vae_loss --------------------------------------------------------------------------------------------------------


def draw_loss(rng, m, shape, d, beta):
    """Numbers of x̂ in the middle where they are few, from 0.002 to 0.998 elsewhere."""
    x_hat = rng.uniform(0.1, 0.9, (m, *shape)) if m * np.prod(shape) < 6 else 1 / (1 + np.exp(spread(rng, 6.2, (m, *shape))))
    return rng.uniform(0.05, 0.95, (m, *shape)).astype(F32), x_hat.astype(F32), *draw_code(rng, m, d), beta


def see_loss(args, got, like):
    name = "gradient of x_hat"
    if not isinstance(got, dict) or any(not isinstance(got.get(f"gradient of {n}"), np.ndarray) for n in ("mean", "log_var")) \
            or any(not np.allclose(got[f"gradient of {n}"], like[f"gradient of {n}"], 1e-3, 1e-5) for n in ("mean", "log_var")):
        return None
    where = far_only(args[1] - 0.5, got.get(name), like[name])
    return where and ("x_hat changed", "The gradient of x_hat is right for most numbers and wrong where x_hat is close to "
                      f"{ {'far from': '0 or 1', 'above': '1', 'below': '0'}[where]}: is x_hat cut to a range, or a constant added inside the logarithm? Every number strictly between "
                      "0 and 1 counts as it is.")


def loss_with_cut_x_hat(x, x_hat, mean, log_var, beta):
    return ex.vae_loss(x, tf.clip_by_value(x_hat, 0.05, 0.95), mean, log_var, beta)


def play_loss(function, x, x_hat, mean, log_var, beta):
    return with_gradients(function, {"x": x, "x_hat": x_hat, "mean": mean, "log_var": log_var}, ("x_hat", "mean", "log_var"), beta, says="loss")


def loss_by_keras(x, x_hat, mean, log_var, beta):
    entropy = keras.losses.binary_crossentropy(x[..., None], x_hat[..., None])
    reconstruction = tf.reduce_sum(entropy, axis=list(range(1, len(x.shape))))
    return tf.reduce_mean(reconstruction) + beta * tf.reduce_mean(ex.kl_divergence(mean, log_var))


def loss_by_mean_times_size(x, x_hat, mean, log_var, beta):
    m = x.shape[0]
    n = int(np.prod(x.shape[1:]))
    reconstruction = n * keras.losses.binary_crossentropy(tf.reshape(x, (m, n)), tf.reshape(x_hat, (m, n)))
    kl = -0.5 * tf.reduce_sum(1 + log_var - mean ** 2 - tf.exp(log_var), axis=1)
    return tf.reduce_mean(reconstruction + kl * beta)


def loss_by_the_formula(x, x_hat, mean, log_var, beta):
    entropy = -x * tf.math.log(x_hat) - (1 - x) * tf.math.log(1 - x_hat)
    reconstruction = tf.reduce_sum(tf.reshape(entropy, (x.shape[0], -1)), axis=1)
    return tf.reduce_mean(reconstruction + beta * ex.kl_divergence(mean, log_var))


def loss_by_sums(x, x_hat, mean, log_var, beta):
    total = -tf.reduce_sum(x * tf.math.log(x_hat) + (1 - x) * tf.math.log(1 - x_hat))
    return (total + beta * tf.reduce_sum(ex.kl_divergence(mean, log_var))) / len(x)


def loss_by_logits(x, x_hat, mean, log_var, beta):
    logits = keras.ops.log(x_hat) - keras.ops.log(1 - x_hat)
    entropy = tf.keras.layers.Flatten()(tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits))
    return keras.ops.mean(keras.ops.sum(entropy, axis=1), axis=0) + beta * keras.ops.mean(ex.kl_divergence(mean, log_var))


ENTROPY = "keras.ops.binary_crossentropy(x, x_hat)"
SUMMED = "tf.reduce_sum(entropy) / x.shape[0]"
RETURNED = "reconstruction + beta * tf.reduce_mean(kl_divergence(mean, log_var))"
AVERAGED = "tf.reduce_mean(kl_divergence(mean, log_var))"
DIVERGENCE = "kl_divergence(mean, log_var)"


def loss_over_last_axis(x, x_hat, mean, log_var, beta):
    entropy = keras.losses.binary_crossentropy(x, x_hat)  # a mean over the last axis
    reconstruction = tf.reduce_sum(tf.reshape(entropy, (len(x), -1)), axis=1)
    return tf.reduce_mean(reconstruction + beta * ex.kl_divergence(mean, log_var))


LOSS = Exercise(
    ex.vae_loss, title="What a VAE minimises", difficulty=2, importance=3, minutes=12, draw=draw_loss, play=play_loss, returns="loss", names=NAMES, costly=True, otherwise=see_loss,
    sizes=[dict(zip(("m", "shape", "d", "beta"), row)) for row in ((1, (3,), 2, 2.0), (3, (2, 3, 1), 2, 0.5), (2, (5,), 4, 3.0), (2, (2, 2, 3), 3, 0.0), (1, (7,), 3, 1.5))],
    uses=(KL,), tied=(("x", "x_hat"), ("mean", "log_var")),
    mistakes=[
        Mistake("mean over the numbers", "The cross-entropy is averaged over the numbers of an image; it is *summed*. Averaged, it is so small beside the KL that the codes carry "
                "nothing.", replace=(SUMMED, "tf.reduce_mean(entropy)")),
        Mistake("mean over the last axis", "The cross-entropy is averaged over the last axis, which is what Keras' losses do by themselves. It is a sum over all numbers of an "
                "image.", function=loss_over_last_axis),
        Mistake("mean over the last axis, examples summed", "Two things: the cross-entropy is averaged over the last axis, which is what Keras' losses do by themselves, and the examples "
                "are added up. It is a sum over all numbers of an image and a mean over the examples.", replace=(SUMMED, "tf.reduce_sum(tf.reduce_mean(entropy, axis=-1))")),
        Mistake("mean over the last axis, all summed", "The cross-entropy is averaged over the last axis, as Keras' losses do, and the examples are added up in both parts. It is a sum "
                "over all numbers of an image and a mean over the examples.", replace=[(SUMMED, "tf.reduce_sum(tf.reduce_mean(entropy, axis=-1))"),
                                                                                 ("tf.reduce_mean(kl", "tf.reduce_sum(kl")]),
        Mistake("all averaged, KL over the latent axes too", "Everything is averaged, over the numbers of an image and over the latent axes. Both are sums; only over the examples is it a mean.",
                replace=[(SUMMED, "tf.reduce_mean(entropy)"), (AVERAGED, f"{AVERAGED} / mean.shape[1]")]),
        Mistake("summed over the last axis only", "The cross-entropy is added up over the last axis only and averaged over the others. It is a sum over all numbers of an image.",
                replace=(SUMMED, "tf.reduce_mean(tf.reduce_sum(entropy, axis=-1))")),
        Mistake("only one side counted", "The mean of the numbers is multiplied by the length of one axis only. The sum over an image has as many terms as the image has numbers.",
                replace=(SUMMED, "tf.reduce_mean(entropy) * x.shape[1]")),
        Mistake("root of the reconstruction", "A root is taken of the reconstruction. It is added as it is.", replace=(SUMMED, f"tf.sqrt({SUMMED})")),
        Mistake("summed over the examples", "The examples are added up. Both parts are a mean over the examples, so that the batch size does not matter.",
                replace=[(SUMMED, "tf.reduce_sum(entropy)"), ("tf.reduce_mean(kl", "tf.reduce_sum(kl")]),
        Mistake("KL summed over the examples", "The KL is added up over the examples while the reconstruction is averaged. Both are a mean over the examples.",
                replace=("tf.reduce_mean(kl", "tf.reduce_sum(kl")),
        Mistake("reconstruction summed over the examples", "The reconstruction is added up over the examples while the KL is averaged. Both are a mean over the examples.",
                replace=(SUMMED, "tf.reduce_sum(entropy)")),
        Mistake("not averaged", "There is one number for each example. Their mean is the loss.", replace=[(SUMMED, "tf.reduce_sum(tf.reshape(entropy, (x.shape[0], -1)), axis=1)"), (AVERAGED, DIVERGENCE)]),
        Mistake("beta forgotten", "beta has no part in it: the KL counts once, whatever beta is.", replace=("beta * ", "")),
        Mistake("beta on the reconstruction", "beta stands at the reconstruction; it belongs to the KL.", replace=("reconstruction + beta * ", "beta * reconstruction + ")),
        Mistake("beta on both", "beta stands before both parts; it belongs to the KL alone.", replace=(RETURNED, f"beta * (reconstruction + {AVERAGED})")),
        Mistake("beta and its complement", "The two parts are weighted with 1 − beta and beta. Asked for is reconstruction + beta · KL.",
                replace=("reconstruction + beta", "(1 - beta) * reconstruction + beta")),
        Mistake("one minus beta", "The KL is weighted with 1 − beta; it is beta.", replace=("beta * tf", "(1 - beta) * tf")),
        Mistake("beta as a power", "beta is a power of the KL; it is a factor.", replace=(f"beta * {AVERAGED}", f"{AVERAGED} ** beta")),
        Mistake("beta added", "beta is added to the KL; it is a factor.", replace=("beta * tf", "beta + tf")),
        Mistake("divided by beta", "The KL is divided by beta; it is multiplied.", replace=(f"beta * {AVERAGED}", f"{AVERAGED} / beta")),
        Mistake("KL subtracted", "The KL is subtracted, so that codes far from the prior would be rewarded. The ELBO has −KL; the loss is −ELBO.",
                replace=("reconstruction + beta", "reconstruction - beta")),
        Mistake("ELBO for loss", "That is the ELBO, which is *maximised*. The loss is minimised: the sign of the whole is turned round.", replace=(f"return {RETURNED}", f"return -({RETURNED})")),
        Mistake("sign of the reconstruction", "The cross-entropy has the wrong sign: a logarithm of a number below 1 is negative, hence the minus.",
                replace=(ENTROPY, "x * tf.math.log(x_hat) + (1 - x) * tf.math.log(1 - x_hat)")),
        Mistake("KL left out", "The KL has no part in the loss: that is a plain autoencoder.", replace=(f" + beta * {AVERAGED}", "")),
        Mistake("reconstruction left out", "Only the KL is left: nothing asks for the image.", replace=("reconstruction + beta", "beta")),
        Mistake("dark part forgotten", "The part (1 − x) log(1 − x̂) is missing: ink on a black pixel would cost nothing.", replace=(ENTROPY, "-x * tf.math.log(x_hat)")),
        Mistake("light part forgotten", "The part x log x̂ is missing: a white pixel left black would cost nothing.", replace=(ENTROPY, "-(1 - x) * tf.math.log(1 - x_hat)")),
        Mistake("image and reconstruction exchanged", "x and x̂ have changed places: the logarithm is taken of what the *decoder* says.",
                replace=(ENTROPY, "-x_hat * tf.math.log(x) - (1 - x_hat) * tf.math.log(1 - x)")),
        Mistake("the same logarithm twice", "log x̂ stands in both parts. With 1 − x belongs log(1 − x̂).",
                replace=(ENTROPY, "-x * tf.math.log(x_hat) - (1 - x) * tf.math.log(x_hat)")),
        Mistake("dark part turned round", "In the second part image and reconstruction have changed places: it is (1 − x) log(1 − x̂).",
                replace=(ENTROPY, "-x * tf.math.log(x_hat) - (1 - x_hat) * tf.math.log(1 - x)")),
        Mistake("terms subtracted", "The two parts of the cross-entropy are subtracted from each other. Both have the same sign: −x log x̂ − (1 − x) log(1 − x̂).",
                replace=(ENTROPY, "-x * tf.math.log(x_hat) + (1 - x) * tf.math.log(1 - x_hat)")),
        Mistake("logarithms exchanged", "The two logarithms have changed places: log x̂ belongs to x, log(1 − x̂) to 1 − x.",
                replace=(ENTROPY, "-x * tf.math.log(1 - x_hat) - (1 - x) * tf.math.log(x_hat)")),
        Mistake("squared error", "That is the squared error. The cross-entropy is asked for.", replace=(ENTROPY, "(x - x_hat) ** 2")),
        Mistake("half the squared error", "That is half the squared error. The cross-entropy is asked for.", replace=(ENTROPY, "0.5 * (x - x_hat) ** 2")),
        Mistake("absolute error", "That is the absolute error. The cross-entropy is asked for.", replace=(ENTROPY, "tf.abs(x - x_hat)")),
        Mistake("sigmoid too many", "A sigmoid is taken of x̂, which has been through one already: its numbers are between 0 and 1.",
                replace=(ENTROPY, "tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=x_hat)")),
        Mistake("images made black and white", "x is rounded to 0 and 1. Grey numbers count as they are.",
                replace=(ENTROPY, "-tf.round(x) * tf.math.log(x_hat) - (1 - tf.round(x)) * tf.math.log(1 - x_hat)")),
        Mistake("KL averaged over the latent axes", "The KL is divided by the number of latent axes; it is a sum over them.",
                replace=(AVERAGED, f"{AVERAGED} / mean.shape[1]")),
        Mistake("KL halved", "The KL is halved once more; `kl_divergence` has its ½ already.", replace=("beta * tf", "0.5 * beta * tf")),
        Mistake("KL doubled", "The KL counts twice, or its ½ is missing.", replace=("beta * tf", "2 * beta * tf")),
        Mistake("KL divided by the numbers of an image", "The KL is divided by how many numbers an image has. It is added as it is.",
                replace=(AVERAGED, f"{AVERAGED} / np.prod(x.shape[1:])")),
        Mistake("mean and log-variance exchanged", "mean and log_var have changed places.", replace=(DIVERGENCE, "kl_divergence(log_var, mean)")),
        Mistake("in bits", "The cross-entropy is in bits; the natural logarithm is asked for.", replace=(ENTROPY, f"{ENTROPY} / np.log(2)")),
        Mistake("x_hat changed", "x̂ is cut to a range, from 0.05 to 0.95. Every number strictly between 0 and 1 counts as it is.", function=loss_with_cut_x_hat),
        *(Mistake("constant in the logarithm", f"A constant, {c:g}, is added inside the logarithm{where}. It is too large: it changes what x̂ near 0 or 1 costs. x̂ lies strictly between 0 "
                  "and 1, so nothing has to be added.", replace=(ENTROPY, f"-x * tf.math.log(x_hat + {c}) - (1 - x) * tf.math.log(1 - x_hat + {d})"))
          for c in (1e-2, 1e-3, 1e-5) for d, where in ((0, ", of x̂"), (c, ", of both parts")) if d or c > 1e-3),
        Mistake("entropy of x taken off", "The entropy of x is taken off, so that a perfect image costs 0. Asked for is the cross-entropy as it is; its gradient is the same.",
                replace=(ENTROPY, f"{ENTROPY} - keras.ops.binary_crossentropy(x, x)")),
        Mistake("half of log_var to the KL", "The KL is given half of log_var, log σ. `kl_divergence` takes log σ² as it is.", replace=(DIVERGENCE, "kl_divergence(mean, log_var / 2)")),
        Mistake("σ to the KL", "The KL is given σ, exp(log_var / 2). `kl_divergence` takes log σ² as it is.", replace=(DIVERGENCE, "kl_divergence(mean, tf.exp(log_var / 2))")),
        Mistake("σ² to the KL", "The KL is given σ², exp(log_var). `kl_divergence` takes log σ² as it is.", replace=(DIVERGENCE, "kl_divergence(mean, tf.exp(log_var))")),
        Mistake("logarithm of log_var to the KL", "The KL is given a logarithm of log_var, which is a logarithm already.", replace=(DIVERGENCE, "kl_divergence(mean, tf.math.log(log_var))")),
        Mistake("beta at least 1", "beta below 1 counts as 1. It may be any number.", replace=("beta * tf", "max(beta, 1.0) * tf")),
        Mistake("beta at most 1", "beta above 1 counts as 1. It may be any number.", replace=("beta * tf", "min(beta, 1.0) * tf")),
        Mistake("beta squared", "beta is squared; it is a factor as it is.", replace=("beta * tf", "beta ** 2 * tf")),
        Mistake("1 + beta", "The KL is weighted with 1 + beta; it is beta alone.", replace=("beta * tf", "(1 + beta) * tf")),
        Mistake("divided by 1 + beta", "The whole is divided by 1 + beta, as a weighted mean. Asked for is reconstruction + beta · KL.", replace=(f"return {RETURNED}", f"return ({RETURNED}) / (1 + beta)")),
        Mistake("KL of the average code", "The codes are averaged over the examples before their KL is taken. Each example has its own KL; the mean comes afterwards.",
                replace=(DIVERGENCE, "kl_divergence(tf.reduce_mean(mean, 0, keepdims=True), tf.reduce_mean(log_var, 0, keepdims=True))")),
        Mistake("largest KL", "The largest KL among the examples is taken; it is their mean.", replace=("tf.reduce_mean(kl", "tf.reduce_max(kl")),
        Mistake("KL of the first example", "Only the first example's KL counts; it is the mean over all.", replace=(AVERAGED, f"{DIVERGENCE}[0]")),
        Mistake("parts multiplied", "The two parts are multiplied; they are added.", replace=("reconstruction + beta", "reconstruction * beta")),
        Mistake("divided by the latent axes", "The reconstruction is divided by the number of latent axes; it is a mean over the examples.", replace=("x.shape[0]", "mean.shape[1]")),
        Mistake("whole divided by the numbers of an image", "The whole is divided by how many numbers an image has. It is a sum over them.",
                replace=(f"return {RETURNED}", f"return ({RETURNED}) / np.prod(x.shape[1:])")),
        Mistake("sum of squared errors halved KL", "That is the squared error with the KL halved once more. Asked for is the cross-entropy, and beta times the KL.",
                replace=[(ENTROPY, "(x - x_hat) ** 2"), ("beta * tf", "0.5 * beta * tf")]),
        Mistake("mean squared error", "That is the mean squared error over all numbers. Asked for is the cross-entropy, summed over the numbers of an image.",
                replace=[(ENTROPY, "(x - x_hat) ** 2"), (SUMMED, "tf.reduce_mean(entropy)")]),
        Mistake("gradient stopped at the KL", CUT.format("mean and log_var"), replace=(DIVERGENCE, "tf.stop_gradient(kl_divergence(mean, log_var))")),
        Mistake("two parts returned", "Two numbers come back, one for each part. Their sum is the loss.",
                replace=(RETURNED, f"reconstruction, beta * {AVERAGED}")),
        Mistake("outside TensorFlow", "The loss is right, but a plain number comes back and no gradient: it has to stay a tensor.",
                replace=(f"return {RETURNED}", f"return ({RETURNED}).numpy()")),
        Mistake("gradient cut at x_hat", CUT.format("x_hat"), replace=(ENTROPY, "-x * np.log(x_hat) - (1 - x) * np.log(1 - x_hat)")),
    ],
    right=[loss_by_the_formula, loss_by_keras, loss_by_mean_times_size, loss_by_sums, loss_by_logits],
    hints=("Two parts: how badly the image came back, and how far the code lies from the prior. Which axes are added up, and over which is the mean taken?",
           "L = (1/m) Σ_i [ Σ_j −x_ij log x̂_ij − (1 − x_ij) log(1 − x̂_ij) + β KL_i ], one number.",
           "entropy of each number; its reduce_sum, divided by how many examples there are; plus beta times the reduce_mean of kl_divergence"),
    why="−loss at β = 1 is the ELBO, a lower bound of the images' log-likelihood (grey numbers taken as probabilities). Summing over pixels is what a likelihood of all pixels asks for.",
    unchanged={f"{n} in place of x": "only the number of examples counts there" for n in ("x_hat", "mean", "log_var", "x + 1", "x - 1", "entropy")},
    after="This is all that a VAE needs to learn.")

# --- resampling_probabilities ----------------------------------------------------------------------------------------


def draw_means(rng, m, d, n_bins, smoothing):
    """Codes with a crowd and a few far away, each axis with its own scale and centre."""
    crowd = rng.normal(0, 1, (m, d))
    crowd[rng.random(m) < 0.2] += 4
    return crowd * rng.uniform(0.5, 3, d) + rng.normal(0, 2, d), n_bins, smoothing


def resample_by_floor(latent_means, n_bins, smoothing):
    low, high = latent_means.min(axis=0), latent_means.max(axis=0)
    bins = np.minimum((latent_means - low) / (high - low) * n_bins, n_bins - 1).astype(int)
    weights = np.ones(len(bins))
    for k in range(bins.shape[1]):
        share = np.bincount(bins[:, k], minlength=n_bins) / len(bins)
        weights *= 1 / (share[bins[:, k]] + smoothing)
    return weights / np.sum(weights)


def resample_by_logs(latent_means, n_bins, smoothing):
    logs = np.zeros(latent_means.shape[0])
    for k in range(latent_means.shape[1]):
        z = latent_means[:, k]
        edges = np.linspace(z.min(), z.max(), n_bins + 1)
        at = np.clip(np.searchsorted(edges, z, side="right") - 1, 0, n_bins - 1)
        density = np.array([np.mean(at == b) for b in range(n_bins)])
        logs -= np.log(density[at] + smoothing)
    p = np.exp(logs - logs.max())
    return p / p.sum()


def resample_as_others_do(latent_means, n_bins, smoothing):
    """With the outer edges moved out and each histogram scaled anew, which makes no difference in the end."""
    p = 1.0
    for z in latent_means.T:
        counts, edges = np.histogram(z, bins=n_bins)
        edges[0], edges[-1] = -np.inf, np.inf
        smooth = counts / counts.sum() + smoothing
        smooth = smooth / smooth.sum()
        axis = 1 / smooth[np.digitize(z, edges) - 1]
        p = p * axis / axis.sum()
    return p / p.sum()


def resample_by_pairs(latent_means, n_bins, smoothing):
    m, d = latent_means.shape
    p = []
    for i in range(m):
        weight = 1.0
        for k in range(d):
            z = latent_means[:, k]
            width = (z.max() - z.min()) / n_bins
            bins = [min(int((v - z.min()) / width), n_bins - 1) for v in z]
            weight /= bins.count(bins[i]) / m + smoothing
        p.append(weight)
    return np.array(p) / sum(p)


def resample_by_the_largest(latent_means, n_bins, smoothing):
    weights = np.zeros(len(latent_means))
    for values in latent_means.T:
        counts, edges = np.histogram(values, n_bins)
        one = 1 / (counts[np.digitize(values, edges[1:-1])] / len(values) + smoothing)
        weights = np.maximum(weights, one / one.sum())
    return weights / weights.sum()


def resample_by_the_largest_weight(latent_means, n_bins, smoothing):
    weights = np.zeros(len(latent_means))
    for values in latent_means.T:
        counts, edges = np.histogram(values, n_bins)
        weights = np.maximum(weights, 1 / (counts[np.digitize(values, edges[1:-1])] / len(values) + smoothing))
    return weights / weights.sum()


def resample_by_one_histogram(latent_means, n_bins, smoothing):
    counts, edges = np.histogram(latent_means, n_bins)
    bins = np.digitize(latent_means, edges[1:-1])
    weights = np.prod(1 / (counts[bins] / latent_means.size + smoothing), axis=1)
    return weights / weights.sum()


def resample_by_sum(latent_means, n_bins, smoothing):
    total = np.zeros(len(latent_means))
    for values in latent_means.T:
        counts, edges = np.histogram(values, n_bins)
        one = 1 / (counts[np.digitize(values, edges[1:-1])] / len(values) + smoothing)
        total += one / one.sum()
    return total / total.sum()


def resample_jointly(latent_means, n_bins, smoothing):
    cells = np.stack([np.digitize(v, np.histogram(v, n_bins)[1][1:-1]) for v in latent_means.T])
    _, at, counts = np.unique(cells, axis=1, return_inverse=True, return_counts=True)
    weights = 1 / (counts[at.ravel()] / len(latent_means) + smoothing)
    return weights / weights.sum()


def resample_by_quantiles(latent_means, n_bins, smoothing):
    weights = np.ones(len(latent_means))
    for values in latent_means.T:
        edges = np.quantile(values, np.linspace(0, 1, n_bins + 1))
        bins = np.digitize(values, edges[1:-1])
        weights /= np.bincount(bins, minlength=n_bins)[bins] / len(values) + smoothing
    return weights / weights.sum()


def resample_by_rounding(latent_means, n_bins, smoothing):
    weights = np.ones(len(latent_means))
    for values in latent_means.T:
        bins = np.minimum(np.round((values - values.min()) / np.ptp(values) * n_bins), n_bins - 1).astype(int)
        weights /= np.bincount(bins)[bins] / len(values) + smoothing
    return weights / weights.sum()


COUNTED = "counts, edges = np.histogram(values, n_bins)"
WEIGHED = "weights = weights / (counts[bins] / len(values) + smoothing)"
NORMED = "weights / weights.sum()"
RESAMPLE = Exercise(
    ex.resampling_probabilities, title="The rare more often", difficulty=3, importance=2, minutes=15, draw=draw_means, returns="probabilities", names={**NAMES,
        "n_bins": "the number of bins on each axis"},
    sizes=[dict(zip(("m", "d", "n_bins", "smoothing"), row)) for row in ((6, 1, 3, 0.1), (12, 2, 4, 0.05), (30, 3, 5, 0.2), (20, 2, 7, 0.0), (2, 3, 2, 0.5), (40, 1, 10, 0.01),
                                                                     (9, 2, 1, 0.3))],
    mistakes=[
        Mistake("common made commoner", "The density itself is taken: what is common comes more often still. Rare examples should, so it is one over the density.",
                replace=(WEIGHED, "weights = weights * (counts[bins] / len(values) + smoothing)")),
        Mistake("not scaled", "The weights are right but do not sum to 1: probabilities do.", replace=(f"return {NORMED}", "return weights")),
        Mistake("divided by the largest", "The weights are divided by the largest of them; probabilities sum to 1.", replace=(NORMED, "weights / weights.max()")),
        Mistake("mean for sum", "The weights are divided by their mean, so they sum to m; probabilities sum to 1.", replace=(NORMED, "weights / weights.mean()")),
        Mistake("softmax", "A softmax is taken of the weights. They are positive already: dividing by their sum is all.", replace=(NORMED,
                                                                                                       "np.exp(weights - weights.max()) / np.exp(weights - weights.max()).sum()")),
        Mistake("smoothing left out", "smoothing has no part in it.", replace=(" + smoothing)", ")")),
        Mistake("smoothing outside the fraction", "smoothing is added to the fraction; it belongs under it, to the density, to keep the fraction from growing too large.",
                replace=(WEIGHED, "weights = weights * (len(values) / counts[bins] + smoothing)")),
        Mistake("smoothing of counts", "smoothing is added to the *number* of examples in the bin; it is added to their share.",
                replace=(WEIGHED, "weights = weights / ((counts[bins] + smoothing) / len(values))")),
        Mistake("density by width", "The density is that of `np.histogram(…, density=True)`, which is divided by the width of the bins too, so smoothing means something else on "
                "every axis. Here the density is the share of examples in the bin.", replace=[(COUNTED, "counts, edges = np.histogram(values, n_bins, density=True)"),
                                                                                     ("counts[bins] / len(values)", "counts[bins]")]),
        Mistake("summed over the axes", "The weights of the axes are added up; they are multiplied.", replace=(WEIGHED,
                                                                                            "weights = weights - 1 * (len(weights) == 0) + 1 / (counts[bins] / len(values) + smoothing)")),
        Mistake("summed from 0", "The weights of the axes are added up; they are multiplied.", replace=[("np.ones(len(latent_means))", "np.zeros(len(latent_means))"),
                                                                                      (WEIGHED, "weights = weights + 1 / (counts[bins] / len(values) + smoothing)")]),
        Mistake("densities added", "The densities of the axes are added up before the fraction is taken; each axis has its own fraction, and these are multiplied.",
                replace=[("np.ones(len(latent_means))", "np.zeros(len(latent_means))"), (WEIGHED, "weights = weights + counts[bins] / len(values) + smoothing"),
                         (NORMED, "(1 / weights) / (1 / weights).sum()")]),
        Mistake("smoothed once", "smoothing is added once, to the product of the densities; each axis has its own.",
                replace=[(WEIGHED, "weights = weights * counts[bins] / len(values)"), (NORMED, "(1 / (weights + smoothing)) / (1 / (weights + smoothing)).sum()")]),
        Mistake("largest over the axes", "The largest of the axes' probabilities is taken, as some do. Here the weights of the axes are multiplied.", function=resample_by_the_largest),
        Mistake("largest weight", "The largest of the axes' weights is taken. Here they are multiplied.", function=resample_by_the_largest_weight),
        Mistake("only the last axis", "Only the last axis counts: the weights of the others are overwritten.", replace=("weights = weights / (counts", "weights = 1 / (counts")),
        Mistake("only the first axis", "Only the first axis counts; the weight is a product over all of them.", replace=("in latent_means.T", "in latent_means.T[:1]")),
        Mistake("cells for axes", "The examples are counted in the cells of all axes together. With many axes nearly every cell holds one example; so each axis is taken by itself.",
                function=resample_jointly),
        Mistake("bins with equal numbers", "The bins hold equal numbers of examples (quantiles), so all densities are alike. They should have equal *width*.",
                function=resample_by_quantiles),
        Mistake("one range for all axes", "All axes are cut at the same places. Each axis has its own range, from its smallest to its largest value.",
                replace=(COUNTED, "counts, edges = np.histogram(values, n_bins, (latent_means.min(), latent_means.max()))")),
        Mistake("one histogram for all axes", "One histogram is made of all numbers together. Each axis has its own.", function=resample_by_one_histogram),
        Mistake("probabilities added", "The axes' probabilities are added up or averaged; the weights are multiplied, and scaled at the end.", function=resample_by_sum),
        Mistake("range from −3 to 3", "The bins do not reach from the smallest to the largest value of the axis.",
                replace=(COUNTED, "counts, edges = np.histogram(np.clip(values, -3, 3), n_bins, (-3, 3))")),
        Mistake("examples for axes", "The loop runs over the examples instead of the latent axes.", replace=[("np.ones(len(latent_means))", "np.ones(latent_means.shape[1])"),
                                                                                               ("in latent_means.T", "in latent_means")]),
        Mistake("a bin too many", "There is one bin too many: n_bins bins have n_bins + 1 edges.", replace=(COUNTED, "counts, edges = np.histogram(values, n_bins + 1)")),
        Mistake("a bin too few", "There is one bin too few: n_bins bins have n_bins + 1 edges.", replace=(COUNTED, "counts, edges = np.histogram(values, max(n_bins - 1, 1))")),
        Mistake("the neighbouring bin", "The density is that of the neighbouring bin: `np.digitize` counts from 1 when all edges are given.",
                replace=("bins = np.digitize(values, edges[1:-1])", "bins = np.minimum(np.digitize(values, edges), n_bins - 1)")),
        Mistake("largest value without a bin", "The largest value of an axis lies on the last edge, and falls out of the last bin or into another one. It belongs to the last bin.",
                replace=("bins = np.digitize(values, edges[1:-1])", "bins = (np.digitize(values, edges) - 1) % n_bins")),
        Mistake("largest value beyond the last bin", "The largest value of an axis lies on the last edge, and `np.digitize` puts it into a bin that is not there. It belongs to the "
                "last bin.", replace=("bins = np.digitize(values, edges[1:-1])", "bins = np.digitize(values, edges) - 1")),
        Mistake("rounded for cut off", "The number of the bin is rounded, so the first and the last bin are half as wide and the others moved. It is cut off: from 0 to below 1 is bin 0.",
                function=resample_by_rounding),
        Mistake("squared", "The densities are squared.", replace=(WEIGHED, "weights = weights / (counts[bins] / len(values) + smoothing) ** 2")),
        Mistake("root", "A root is taken of the densities.", replace=(WEIGHED, "weights = weights / np.sqrt(counts[bins] / len(values) + smoothing)")),
        Mistake("logarithm", "A logarithm is taken of the density; the weight is one over it.", replace=(WEIGHED,
                                                                                        "weights = weights * -np.log(counts[bins] / len(values) + smoothing)")),
        Mistake("one minus the density", "The weight is one minus the density; it should be one over it, so that what is twice as rare comes twice as often.",
                replace=(WEIGHED, "weights = weights * (1 - counts[bins] / len(values) + smoothing)")),
        Mistake("smallest weight", "The smallest of the axes' weights is taken. Here they are multiplied.",
                replace=[("np.ones(len(latent_means))", "np.full(len(latent_means), np.inf)"), (WEIGHED, "weights = np.minimum(weights, 1 / (counts[bins] / len(values) + smoothing))")]),
        Mistake("last axis left out", "The last axis has no part in it; the weight is a product over all of them.",
                replace=("in latent_means.T", "in latent_means.T[:max(latent_means.shape[1] - 1, 1)]")),
        Mistake("first axis left out", "The first axis has no part in it; the weight is a product over all of them.", replace=("in latent_means.T", "in latent_means.T[latent_means.shape[1] > 1:]")),
        Mistake("smoothed after scaling", "smoothing is added to the probabilities at the end. It belongs under the fraction of each axis, to the density.",
                replace=[(" + smoothing)", ")"), (NORMED, "(weights / weights.sum() + smoothing) / (weights / weights.sum() + smoothing).sum()")]),
        Mistake("weights smoothed", "smoothing is added to the weights before they are scaled. It belongs under the fraction of each axis, to the density.",
                replace=[(" + smoothing)", ")"), (NORMED, "(weights + smoothing) / (weights + smoothing).sum()")]),
        Mistake("the neighbouring bin below", "The density is that of the bin below, and the first bin has that of the last: the numbers of the bins are off by one.",
                replace=("bins = np.digitize(values, edges[1:-1])", "bins = (np.digitize(values, edges[1:-1]) - 1) % n_bins")),
        Mistake("the neighbouring bin below, counted twice", "The density is that of the bin below, and the first bin has that of the last: 1 is subtracted twice.",
                replace=("bins = np.digitize(values, edges[1:-1])", "bins = (np.digitize(values, edges) - 2) % n_bins")),
        Mistake("size of the values", "The absolute values are cut into bins, so what lies far on one side falls together with what lies far on the other.",
                replace=("in latent_means.T", "in np.abs(latent_means).T")),
        Mistake("length of the code", "One histogram is made of the length of each code. Each axis has its own histogram, and the weights are multiplied.",
                replace=("in latent_means.T", "in [np.linalg.norm(latent_means, axis=1)]")),
        Mistake("average of the code", "One histogram is made of the average of each code. Each axis has its own histogram, and the weights are multiplied.",
                replace=("in latent_means.T", "in [latent_means.mean(axis=1)]")),
        Mistake("geometric mean", "The root is taken of the product, as many times as there are axes: their geometric mean. The product itself is the weight.",
                replace=(NORMED, "weights ** (1 / latent_means.shape[1]) / (weights ** (1 / latent_means.shape[1])).sum()")),
        Mistake("one minus the logarithm", "The weight is one minus the logarithm of the density; it is one over the density.",
                replace=(WEIGHED, "weights = weights * (1 - np.log(counts[bins] / len(values) + smoothing))")),
        Mistake("a probability for each bin", "There is one number for each bin of the last axis; one for each example is asked for.",
                replace=(f"return {NORMED}", "return 1 / (counts / len(values) + smoothing) / (1 / (counts / len(values) + smoothing)).sum()")),
        Mistake("share of the fullest bin", "The number in the bin is divided by that of the fullest bin. The density is the share of *all* examples.",
                replace=("counts[bins] / len(values)", "counts[bins] / counts.max()")),
        Mistake("shares by the bins", "The number in the bin is divided by the number of bins. The density is the share of all examples.",
                replace=("counts[bins] / len(values)", "counts[bins] / n_bins")),
        Mistake("smoothing divided by the bins", "smoothing is divided by the number of bins; it is added to the density as it is.", replace=("+ smoothing)", "+ smoothing / n_bins)")),
        Mistake("smoothing for a floor", "The larger of density and smoothing is taken. smoothing is added to the density.",
                replace=(WEIGHED, "weights = weights / np.maximum(counts[bins] / len(values), smoothing)")),
        Mistake("smoothing multiplied", "The density is mixed with smoothing, (1 − smoothing) of it. smoothing is added, and nothing taken away.",
                replace=(WEIGHED, "weights = weights / ((1 - smoothing) * counts[bins] / len(values) + smoothing)")),
        Mistake("smoothing subtracted", "smoothing is subtracted from the density; it is added, to keep the fraction from growing too large.", replace=("+ smoothing)", "- smoothing)")),
        Mistake("range around the mean", "The bins reach three standard deviations to either side of the mean. The range is from the axis's smallest to its largest value.",
                replace=(COUNTED, "values = (values - values.mean()) / values.std(); counts, edges = np.histogram(np.clip(values, -3, 3), n_bins, (-3, 3))")),
        Mistake("range from 0", "The bins begin at 0. The range is from the axis's smallest to its largest value.", replace=(COUNTED, "counts, edges = np.histogram(values, n_bins, (0, max(values.max(), 1e-9)))")),
        Mistake("all alike", "All examples have the same probability.", replace=(WEIGHED, "pass")),
        Mistake("densities of the bins", "There is one number for each bin, or axis; one for each example is asked for.", replace=(f"return {NORMED}",
                                                                                                              "return counts / counts.sum()")),
    ],
    right=[resample_by_floor, resample_by_logs, resample_as_others_do, resample_by_pairs],
    hints=("A histogram tells how crowded each part of an axis is. Each example looks up the bin that it lies in.",
           "w_i = Π_k 1 / (n_k(i)/m + smoothing), with n_k(i) the number of examples in the bin of example i on axis k; p_i = w_i / Σ w.",
           "weights of ones; for each column: np.histogram gives counts and edges, np.digitize with the inner edges gives each value's bin; divide the weights by counts of the bin / m "
           "+ smoothing; at the end divide by their sum"),
    why="No label is used: rare is what lies where few codes lie. Smoothing is the brake; without it, one lonely example could fill every batch.",
    unchanged={"sign of weights": "the scaling takes it out again", "latent_means + 1": "only its length counts", "latent_means - 1": "only its length counts",
               **{f"{n} in place of values": "all have as many entries as there are examples" for n in ("latent_means", "weights", "bins")}},
    after="Now training can look at rare faces more often, without being told who is rare.")

EXERCISES = [AUTOENCODER, NOISE, SCORES, SAMPLE, KL, LOSS, RESAMPLE]

# --- questions and challenge -----------------------------------------------------------------------------------------

QUIZZES = [
    Quiz("linear", "An autoencoder has no activations at all, one dense layer each way and the squared error. What can it learn at best?", {
        "a": ("the same as with ReLU, only more slowly", "without activations, two layers are one linear map (lab 02)."),
        "b": ("what PCA finds with as many numbers", "the best linear bottleneck is PCA's; that is why PCA is the opponent of this lab."),
        "c": ("nothing, its gradient is 0", "a linear net has gradients, and learns."),
        "d": ("the identity, without any error", "only if the code is as wide as the images really vary."),
    }, answer="b"),
    Quiz("collapse", "A VAE is trained with a very large β. Its KL is 0 for every image. What does the decoder draw?", {
        "a": ("the image it was given, only sharper", "KL 0 means that every image has the same code distribution: the decoder cannot know which image it was."),
        "b": ("noise", "it still minimises the reconstruction, as well as it can without a code."),
        "c": ("the same picture for all, the average image", "with no code left, the best guess for each pixel is its mean."),
        "d": ("a random image of the training set", "it cannot store them in a code that carries nothing."),
    }, answer="c"),
    Quiz("trick", "Why is z not drawn by `tf.random.normal(…, mean, σ)` but as μ + σ·ε?", {
        "a": ("it is faster", "the cost is the same."),
        "b": ("the samples are otherwise not normal", "they would be normal too, with the same mean and σ."),
        "c": ("so that there is a path of derivatives from z back to μ and σ", "with the chance in ε, z is a plain function of μ and σ. (TensorFlow's own function does it the same "
                                                                              "way inside; the idea is the point.)"),
        "d": ("so that each example gets another noise", "both ways give that."),
    }, answer="c"),
]


def judge_codes(encode):
    """How far each factor has an axis to itself, on faces that nobody has seen."""
    x, factors = run.load_faces(1200, 77)
    codes = np.asarray(plain(encode(x)), float)
    if codes.ndim != 2 or len(codes) != len(x) or codes.shape[1] > CODE:
        return False, f"The codes have shape {codes.shape}; ({len(x)}, {CODE}) is wanted, or fewer axes."
    score = run.gap(codes, factors)
    return score >= ENOUGH, f"The gap is {score:.2f}; {ENOUGH:.2f} is the goal. Chance gives {run.gap(np.random.default_rng(0).normal(size=codes.shape), factors):.2f}."


CODE, ENOUGH = 8, 0.60
CHALLENGE = Challenge(
    "an_axis_each", "An axis for each factor",
    f"Write `encode(x)`, which makes codes (m, {CODE}) of faces (m, 32, 32, 3), learned from images alone, without looking at any factor. On new faces the gap should be at least "
    f"{ENOUGH:.2f}.", judge_codes)
