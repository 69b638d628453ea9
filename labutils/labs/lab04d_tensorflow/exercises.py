"""Exercises of lab 04d."""
import keras
import tensorflow as tf


def matrix_rank_and_shape(t):
    """How many dimensions a tensor has, and how long each of them is.

    The *rank* of a tensor in TensorFlow's sense, what `tf.rank` gives, is its number of dimensions: 0 for a
    number, 1 for a vector, 2 for every matrix. It is not the rank of linear algebra, the number of independent
    rows.

    Parameters
    ----------
    t : tf.Tensor of any rank, 0 included, and any type of number

    Returns
    -------
    rank : int (a tensor or array that holds this one number is fine)
    shape : tuple of int, one for each dimension, () for a number. A list is fine; a TensorShape, as `t.shape`
        gives it, or a tensor, as `tf.shape` gives it, is not: make it a tuple
    """
    # TODO: 2 or 3 lines
    ### BEGIN SOLUTION
    rank = int(tf.rank(t))
    shape = tuple(t.shape)
    return rank, shape
    ### END SOLUTION


def affine(x, W, b):
    """What a dense layer computes before its activation, for a batch of examples in rows: x W + b.

    Parameters
    ----------
    x : tf.Tensor (m, d), float32, one example a row
    W : tf.Tensor (d, n), float32, one unit a column
    b : tf.Tensor (1, n), float32, one number a unit

    Returns
    -------
    tf.Tensor (m, n)
    """
    # TODO: one line, with tf.matmul
    ### BEGIN SOLUTION
    return tf.matmul(x, W) + b
    ### END SOLUTION


class OurDenseLayer(keras.layers.Layer):
    """A dense layer with sigmoid, written by ourselves: y = sigmoid(x W + b).

    Parameters
    ----------
    n_output_nodes : int, the number n of its units

    Attributes
    ----------
    W : trainable weight (d, n), random at the start (all zeros would keep the units twins, lab 02)
    b : trainable weight (1, n), zero at the start
    """

    def __init__(self, n_output_nodes):
        super().__init__()
        self.n_output_nodes = n_output_nodes

    def build(self, input_shape):
        """Make the weights. Keras calls this once, with the shape (m, d) of the first input; m may be None."""
        # TODO: self.W and self.b by self.add_weight, its arguments by keyword (about 3 lines)
        ### BEGIN SOLUTION
        d = input_shape[-1]
        self.W = self.add_weight(shape=(d, self.n_output_nodes), initializer="random_normal")
        self.b = self.add_weight(shape=(1, self.n_output_nodes), initializer="zeros")
        ### END SOLUTION

    def call(self, x):
        """x (m, d) → y (m, n), all of it between 0 and 1. Keras calls this whenever the layer is called."""
        # TODO: affine, then the sigmoid (about 2 lines)
        ### BEGIN SOLUTION
        z = affine(x, self.W, self.b)
        return tf.sigmoid(z)
        ### END SOLUTION


class SubclassModel(keras.Model):
    """A model with one dense layer, sigmoid behind it, and a switch that lets the inputs pass untouched.

    Parameters
    ----------
    n_output_nodes : int, the number n of units of the layer
    """

    def __init__(self, n_output_nodes):
        super().__init__()
        # TODO: make the layer and keep it; keras.layers.Dense has a bias and takes an activation (1 line)
        ### BEGIN SOLUTION
        self.dense_layer = keras.layers.Dense(n_output_nodes, activation="sigmoid")
        ### END SOLUTION

    def call(self, inputs, isidentity=False):
        """inputs (m, d) → sigmoid(inputs W + b) (m, n); with isidentity=True (a bool) → the inputs as they are."""
        # TODO: about 3 lines
        ### BEGIN SOLUTION
        if isidentity:
            return inputs
        return self.dense_layer(inputs)
        ### END SOLUTION


def gradient_of(f, x):
    """Gradient of a function at a point by `tf.GradientTape`: exact to rounding, with a single call of f.

    Parameters
    ----------
    f : function of one tensor, made of TensorFlow's operations, that gives one number (a tensor of rank 0) and
        depends on x
    x : ndarray, tf.Tensor or tf.Variable of any shape, float32 or float64

    Returns
    -------
    tensor or array of x's shape: ∂f/∂x, the derivative with respect to each entry of x
    """
    # TODO: make x a tensor, watch it, record f, ask the tape (about 5 lines)
    ### BEGIN SOLUTION
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x)
    ### END SOLUTION


def minimize_with_tape(f, x0, learning_rate, steps):
    """Gradient descent on any function, without a single derivative by hand.

    Parameters
    ----------
    f : function of one tensor that gives one number, as in gradient_of
    x0 : ndarray of any shape, float32, or a Python float: where to start; it is left as it is
    learning_rate : float
    steps : int, 0 or more: how many steps x ← x − learning_rate · ∂f/∂x to make

    Returns
    -------
    x : tensor, variable or array of x0's shape: where the last step ends (x0's values after 0 steps)
    history : list of float, one a step: f(x) from before that step (tensors of rank 0 are fine)
    """
    # TODO: a loop; each step records, keeps the value, asks for the gradient and moves (about 8 lines)
    ### BEGIN SOLUTION
    x = tf.Variable(x0)
    history = []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            value = f(x)
        history.append(float(value))
        gradient = tape.gradient(value, x)
        x.assign_sub(learning_rate * gradient)
    return x, history
    ### END SOLUTION


def train_step(model, optimizer, loss_fn, x, y):
    """One step of training for any Keras model, loss and optimizer.

    The model is called once, with training=True. The loss is loss_fn(y, predictions) plus everything in
    `model.losses`, the penalties that layers with a regularizer have put there. Its gradients with respect to
    the model's trainable variables go to the optimizer, which changes them; weights that are not trainable are
    left to the model.

    Parameters
    ----------
    model : keras.Model, built
    optimizer : keras.optimizers.Optimizer, kept from step to step
    loss_fn : function (y_true, y_pred) → tensor of rank 0, such as keras.losses.BinaryCrossentropy()
    x, y : tensors (m, …), a batch and its labels

    Returns
    -------
    loss : tensor of rank 0 or float, penalties included, from before the step
    """
    # TODO: you know all the parts
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        predictions = model(x, training=True)
        loss = loss_fn(y, predictions) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss
    ### END SOLUTION
