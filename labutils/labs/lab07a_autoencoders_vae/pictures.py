"""Plots that lab 07a draws more than once, or that would fill a cell by themselves."""
import matplotlib.pyplot as plt
import numpy as np

from labutils.plots import COLOURS


def plane(axis, codes, labels, title):
    """Codes (m, 2) as dots, a colour and a number for each of ten labels."""
    for k in range(10):
        axis.scatter(*codes[labels == k].T, s=5, color=plt.cm.tab10(k))
        axis.text(*np.median(codes[labels == k], axis=0), str(k), fontsize=13, weight="bold", ha="center", va="center",
                  bbox={"fc": "white", "ec": "none", "alpha": 0.7, "pad": 1})
    axis.set(title=title, aspect="equal")


def drawn(axis, decoder, across, down, title):
    """What a decoder draws on a grid over the plane, as one picture: `across` from left to right, `down` from the bottom up."""
    z = np.stack([g.ravel() for g in np.meshgrid(across, down[::-1])], axis=1)
    tiles = np.pad(decoder(z.astype("float32")).numpy()[..., 0], ((0, 0), (1, 1), (1, 1)))
    h, w = tiles.shape[1:]
    axis.imshow(tiles.reshape(len(down), len(across), h, w).transpose(0, 2, 1, 3).reshape(len(down) * h, -1), cmap="gray", vmin=0, vmax=1)
    axis.set_title(title)
    axis.axis("off")


def seeds(axis, table, names, across=True):
    """A dot for each seed and name: `table` is {row: [{name: number}, one a seed]}; rows run across, or down."""
    for name, marker, colour, offset in zip(names, "os", COLOURS, (-0.13, 0.13) if len(names) > 1 else (0,)):
        for i, runs in enumerate(table.values()):
            at, values = [i + offset] * len(runs), [r[name] for r in runs]
            axis.plot(*((at, values) if across else (values, at)), marker, color=colour, alpha=0.6, label=name if i == 0 else None)
    ticks = {"ticks": range(len(table)), "ticklabels": list(table)}
    axis.set(**{f"{'x' if across else 'y'}{k}": v for k, v in ticks.items()})


def means(table, name):
    """The mean over the seeds of one number, for each row of such a table."""
    return {row: float(np.mean([r[name] for r in runs])) for row, runs in table.items()}
