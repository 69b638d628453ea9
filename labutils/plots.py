"""Pictures in the course's one style, each with a description in words."""
import io

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

COLOURS = ["#3465a4", "#d9822b", "#2e9d5b", "#9b59b6", "#c0392b", "#16a0a0"]  # told apart by colour-blind readers too
SIDES = LinearSegmentedColormap.from_list("sides", [COLOURS[0], "#f7f7f7", COLOURS[1]])  # label 0, undecided, label 1

plt.rcParams.update({
    "figure.dpi": 96, "figure.facecolor": "white", "axes.prop_cycle": plt.cycler(color=COLOURS), "axes.spines.top": False,
    "axes.spines.right": False, "axes.grid": True, "grid.alpha": 0.25, "font.size": 10, "axes.titlesize": 11,
    "figure.constrained_layout.use": True, "image.interpolation": "nearest", "image.cmap": "viridis"})


def show(description):
    """Show the current figure with its description below, for readers who cannot see it and for those who can.

    Parameters
    ----------
    description : str
        What is to be seen, in a sentence or two. It is also the picture's alternative text.

    In a notebook the picture is displayed, elsewhere the figure is shown by matplotlib. The figure is closed afterwards.
    """
    from .report import in_notebook

    figure = plt.gcf()
    if not in_notebook():
        print(description)
        plt.show()
        plt.close(figure)
        return
    from IPython.display import HTML, display

    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    plt.close(figure)
    display({"image/png": buffer.getvalue(), "text/plain": description}, raw=True,
            metadata={"image/png": {"alt": description}})
    display(HTML(f'<div style="opacity:.75;font-size:13px;max-width:60em">{description}</div>'))


def images(pictures, titles=None, columns=8, size=1.3, cmap=None, limits=None):
    """Draw a sheet of pictures.

    Parameters
    ----------
    pictures : sequence of ndarray (h, w) or (h, w, 3)
    titles : sequence of str, optional
    columns : int
    size : float, inches a picture
    cmap : str, for pictures (h, w)
    limits : (low, high), the values of the ends of the colour map
    """
    rows = -(-len(pictures) // columns)
    low, high = limits or (None, None)
    figure, axes = plt.subplots(rows, columns, figsize=(columns * size, rows * size * (1.25 if titles is not None else 1)), squeeze=False)
    for i, axis in enumerate(axes.ravel()):
        axis.axis("off")
        if i < len(pictures):
            axis.imshow(np.asarray(pictures[i]), cmap=cmap, vmin=low, vmax=high)
            if titles is not None:
                axis.set_title(titles[i], fontsize=8)


def boundary(predict, X, Y, axis=None, title=""):
    """Draw what a classifier says everywhere in the plane: probabilities as shades, its boundary as a line, and the examples.

    Parameters
    ----------
    predict : callable (2, n) → (1, n) or (n,)
        Probabilities of label 1, or labels.
    X : ndarray (2, m)
    Y : ndarray (1, m), zeros and ones
        Label 0 is drawn as blue circles, label 1 as orange triangles.
    axis : matplotlib axes, optional
        The current ones if none are given.
    title : str
    """
    axis = axis or plt.gca()
    (left, bottom), (right, top) = X.min(axis=1), X.max(axis=1)
    edge = 0.06 * max(right - left, top - bottom)
    x, y = np.linspace(left - edge, right + edge, 160), np.linspace(bottom - edge, top + edge, 160)
    grid = np.meshgrid(x, y)
    says = np.asarray(predict(np.stack([g.ravel() for g in grid])), float).reshape(grid[0].shape)
    axis.imshow(says, extent=(x[0], x[-1], y[0], y[-1]), origin="lower", aspect="auto", cmap=SIDES, vmin=0, vmax=1, alpha=0.55, interpolation="bilinear")
    if says.min() < 0.5 < says.max():
        axis.contour(x, y, says, [0.5], colors="#22303c", linewidths=1.4)
    for label, marker in enumerate("o^"):
        axis.scatter(*X[:, np.ravel(Y) == label], s=16, marker=marker, color=COLOURS[label], edgecolors="white", linewidths=0.5)
    axis.grid(False)
    axis.set(title=title, xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
