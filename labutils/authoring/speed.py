"""How fast is a training step of lab 03 beside scikit-learn's and Keras'?  python -m labutils.authoring.speed

The same net on the same images for the same number of full-batch passes, each with its loss, in one run; the contestants take turns, so that a busy
machine slows all of them. One thread each where OPENBLAS_NUM_THREADS=1.
"""
import os
import statistics
import time
import warnings

import numpy as np

LAYER_DIMS, RATE = [3072, 20, 7, 5, 1], 0.01


def data(dtype):
    """The photographs of lab 03 as columns and their labels, both of one type."""
    from labutils.datasets import load_photo_patches
    from labutils.labs.lab00_numpy_foundations.exercises import images_to_matrix

    images, Y, _, _ = load_photo_patches()
    return np.ascontiguousarray(images_to_matrix(images) / 255, dtype), Y.astype(dtype)


def ours(X, Y, parameters, passes):
    """The loop of lab 03's `deep_model`, from given parameters; seconds and the last cost."""
    from labutils.labs.lab03_deep_net import exercises as ex

    def train():
        trained = parameters
        for _ in range(passes):
            AL, caches = ex.model_forward(X, trained)
            cost = ex.deep_cost(AL, Y)
            trained = ex.update_parameters(trained, ex.model_backward(AL, Y, caches), RATE)
        return cost
    return train


def sklearns(X, Y, parameters, passes):
    """scikit-learn's MLPClassifier with plain full-batch gradient descent; it draws its own start."""
    from sklearn.neural_network import MLPClassifier

    rows, labels = np.ascontiguousarray(X.T), Y[0].astype(int)

    def train():
        net = MLPClassifier(tuple(LAYER_DIMS[1:-1]), activation="relu", solver="sgd", batch_size=len(rows), momentum=0, alpha=0, learning_rate="constant",
                            learning_rate_init=RATE, tol=0, n_iter_no_change=passes + 1, max_iter=passes, shuffle=False, random_state=0)
        net.fit(rows, labels)
        assert net.n_iter_ == passes
        return net.loss_
    return train


def kerases(X, Y, parameters, passes):
    """Keras, one compiled step called again and again, from the same parameters as ours."""
    import keras
    import tensorflow as tf

    keras.backend.set_floatx(X.dtype.name)
    layers = [keras.layers.Dense(n, "relu") for n in LAYER_DIMS[1:-1]] + [keras.layers.Dense(1, "sigmoid")]
    net = keras.Sequential([keras.Input(shape=(LAYER_DIMS[0],)), *layers])
    optimizer, loss = keras.optimizers.SGD(RATE), keras.losses.BinaryCrossentropy()
    optimizer.build(net.trainable_variables)
    x, y = tf.constant(X.T), tf.constant(Y.T)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            cost = loss(y, net(x, training=True))
        optimizer.apply_gradients(zip(tape.gradient(cost, net.trainable_variables), net.trainable_variables))
        return cost

    def train():
        for l, layer in enumerate(layers, start=1):
            layer.set_weights([parameters[f"W{l}"].T, parameters[f"b{l}"][:, 0]])
        for _ in range(passes):
            cost = step()
        return float(cost)
    return train


def race(dtype, passes=100, rounds=9):
    """Milliseconds a pass for each contestant: {name: list, one a round}."""
    from labutils.labs.lab03_deep_net.exercises import initialize_parameters_deep

    X, Y = data(dtype)
    start = {name: value.astype(dtype) for name, value in initialize_parameters_deep(LAYER_DIMS, np.random.default_rng(0)).items()}
    trains = {name: make(X, Y, start, passes) for name, make in (("ours", ours), ("scikit-learn", sklearns), ("Keras", kerases))}
    costs = {name: train() for name, train in trains.items()}  # a first round, to warm up
    assert abs(costs["ours"] - costs["Keras"]) < 1e-3, "the same net from the same start reaches the same cost"
    times = {name: [] for name in trains}
    for _ in range(rounds):
        for name, train in trains.items():
            began = time.perf_counter()
            train()
            times[name].append(1e3 * (time.perf_counter() - began) / passes)
    return times


def main():
    """Print the table."""
    threads = int(os.environ.get("OPENBLAS_NUM_THREADS", os.cpu_count()))
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    warnings.simplefilter("ignore")  # scikit-learn's, on steps that did not converge
    print(f"net {LAYER_DIMS}, 209 images, full batch, {threads} thread{'s' * (threads > 1)}; milliseconds a pass: best (median)")
    for dtype in (np.float64, np.float32):
        times = race(dtype)
        best = {name: min(t) for name, t in times.items()}
        shown = ", ".join(f"{name} {best[name]:.2f} ({statistics.median(t):.2f})" for name, t in times.items())
        ratios = ", ".join(f"{best['ours'] / best[name]:.2f} of {name}" for name in best if name != "ours")
        print(f"{np.dtype(dtype).name}: {shown}; ours takes {ratios}", flush=True)


if __name__ == "__main__":
    main()
