"""A small animation inside a notebook, as a GIF that needs no other program; its idea is used in lab 04b."""
import base64
import io

import matplotlib.pyplot as plt
import numpy as np


def play(figure, draw, frames, description, milliseconds=120):
    """Draw a figure frame by frame and show the frames as one moving picture with its description below.

    Parameters
    ----------
    figure : matplotlib Figure; it stays open, so that the last frame can be shown as a still
    draw : callable (frame), changes what the figure shows
    frames : sequence, one entry a frame
    description : str, what is to be seen; also the picture's alternative text
    milliseconds : int, for each frame

    Returns
    -------
    bytes of the GIF; outside a notebook that is all, inside it is displayed
    """
    from PIL import Image

    from .report import in_notebook

    pictures = []
    for frame in frames:
        draw(frame)
        figure.set_dpi(60)
        figure.canvas.draw()
        pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]
        pictures.append(Image.fromarray(pixels).quantize(48))
    figure.set_dpi(plt.rcParams["figure.dpi"])
    times = [milliseconds] * (len(pictures) - 1) + [2500]
    buffer = io.BytesIO()
    pictures[0].save(buffer, format="GIF", save_all=True, append_images=pictures[1:], duration=times, loop=0)
    if in_notebook():
        from html import escape

        from IPython.display import HTML, display

        source = base64.b64encode(buffer.getvalue()).decode()
        display(HTML(f'<img alt="{escape(description, quote=True)}" src="data:image/gif;base64,{source}">'
                     f'<div style="opacity:.75;font-size:13px;max-width:60em">{escape(description)}</div>'))
    return buffer.getvalue()
