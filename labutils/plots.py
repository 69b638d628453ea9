"""Pictures in the course's one style, each with a description in words."""
import io

import matplotlib.pyplot as plt
import numpy as np

COLOURS = ["#3465a4", "#d9822b", "#2e9d5b", "#9b59b6", "#c0392b", "#16a0a0"]  # told apart by colour-blind readers too

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
