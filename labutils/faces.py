"""Small coloured faces, and things that are none, drawn by code; of the faces everything is known that made them. Used in lab 07a.

Each face is made of six factors (`FACTORS`) and a little that nobody asks for: where the head is, how wide it is, the light, and noise.
"""
import numpy as np

SIDE = 32
FACTORS = {"skin": "tone of the skin, from 0 (light) to 1 (dark)", "hair": "colour of the hair, from 0 (black) to 1 (fair)",
           "glasses": "0 or 1", "mouth": "from -1 (corners down) to 1 (corners up)", "hat": "0 or 1", "background": "colour behind, from 0 (blue) to 1 (green)"}
TONES = np.array([[0.98, 0.84, 0.72], [0.78, 0.56, 0.40], [0.30, 0.19, 0.13]])  # of the skin, from light to dark
HAIR = np.array([[0.07, 0.06, 0.06], [0.40, 0.22, 0.10], [0.90, 0.76, 0.42]])
BACKGROUND = np.array([[0.30, 0.45, 0.80], [0.40, 0.65, 0.68], [0.45, 0.72, 0.36]])
DARK = 0.5  # skin tones above count as dark


def random_factors(rng, n, dark_share=0.5):
    """Factors of n faces, drawn independently of each other.

    Parameters
    ----------
    rng : np.random.Generator
    n : int
    dark_share : float
        This share of the faces, rounded, has a skin tone from 0.7 to 1, the others one from 0 to 0.3; the order is random.

    Returns
    -------
    dict {name in FACTORS: ndarray (n,)}
    """
    dark = rng.permutation(np.arange(n) < round(dark_share * n))
    return {"skin": rng.uniform(0, 0.3, n) + 0.7 * dark, "hair": rng.uniform(0, 1, n), "glasses": (rng.random(n) < 0.3).astype(float),
            "mouth": rng.uniform(-1, 1, n), "hat": (rng.random(n) < 0.3).astype(float), "background": rng.uniform(0, 1, n)}


def draw_faces(factors, rng, noise=0.03):
    """Faces with given factors.

    Parameters
    ----------
    factors : dict {name in FACTORS: ndarray (n,)}
    rng : np.random.Generator, for place, width, light and noise
    noise : float, standard deviation of the noise on every number

    Returns
    -------
    ndarray (n, 32, 32, 3), float32 from 0 to 1
    """
    f = {k: np.asarray(v, float) for k, v in factors.items()}
    n = len(f["skin"])
    move, wide = rng.uniform(-1.5, 1.5, (2, n, 1, 1)), rng.uniform(0.92, 1.08, (n, 1, 1))
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    y, x = y - 17 - move[0], (x - 16 - move[1]) / wide
    skin, hair = _between(TONES, f["skin"]), _between(HAIR, f["hair"])
    canvas = _Canvas(_between(BACKGROUND, f["background"]))
    paint = canvas.paint
    paint(11 - np.hypot(x, 1.05 * (y + 1)), hair)
    paint(9 - np.hypot(1.1 * x, 0.88 * (y - 1.5)), skin)
    eyes = np.minimum(np.hypot(x - 3.7, y + 0.5), np.hypot(x + 3.7, y + 0.5))
    paint(1.7 - eyes, [0.95, 0.95, 0.95])
    paint(0.9 - eyes, [0.10, 0.08, 0.10])
    paint(np.minimum(0.6 - np.abs(x), 1.4 - np.abs(y - 3)), 0.8 * skin)
    bent = y - 6.8 + f["mouth"][:, None, None] * (x ** 2 / 9 - 0.9)  # image rows run down: a smile is low in the middle
    paint(np.minimum(0.75 - np.abs(bent), 4.2 - np.abs(x)), 0.5 * skin + 0.5 * np.array([0.45, 0.10, 0.12]))
    rims = np.maximum(0.55 - np.abs(eyes - 3), np.minimum(0.5 - np.abs(y + 0.5), 0.8 - np.abs(x)))
    paint(np.where(f["glasses"][:, None, None] > 0, rims, -1), [0.05, 0.05, 0.08])
    hat = np.maximum(np.minimum(8 - np.abs(x), np.minimum(y + 17, -6.5 - y)), np.minimum(12 - np.abs(x), 1 - np.abs(y + 6.5)))
    paint(np.where(f["hat"][:, None, None] > 0, hat, -1), [0.72, 0.16, 0.20])
    return canvas.finish(rng, noise)


def draw_things(n, rng, noise=0.03):
    """Pictures without a face: an ellipse of any colour on the same backgrounds, with dots and bars on it.

    Parameters
    ----------
    n : int
    rng : np.random.Generator
    noise : float, standard deviation of the noise on every number

    Returns
    -------
    ndarray (n, 32, 32, 3), float32 from 0 to 1
    """
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    canvas = _Canvas(_between(BACKGROUND, rng.uniform(0, 1, n)))

    def number(low, high):
        return rng.uniform(low, high, (n, 1, 1))
    top, left = 17 + number(-2, 2), 16 + number(-2, 2)
    canvas.paint(11 - np.hypot((x - left) / number(0.8, 1.1), (y - top) / number(0.8, 1.1)), rng.uniform(0, 1, (n, 1, 1, 3)))
    canvas.paint(9 - np.hypot((x - left) / number(0.7, 1), (y - top) / number(0.7, 1.1)), _between(TONES, rng.uniform(0, 1, n)) * rng.uniform(0.6, 1.1, (n, 1, 1, 3)))
    for _ in range(3):
        down, right = top + number(-7, 7), left + number(-6, 6)
        canvas.paint(number(0.8, 2) - np.hypot(x - right, y - down), rng.uniform(0, 1, (n, 1, 1, 3)))
        down, right = top + number(-7, 7), left + number(-6, 6)
        canvas.paint(np.minimum(number(0.5, 4) - np.abs(x - right), number(0.4, 1) - np.abs(y - down)), rng.uniform(0, 0.6, (n, 1, 1, 3)))
    return canvas.finish(rng, noise)


class _Canvas:
    """Pictures that colours are laid on, one shape after the other."""

    def __init__(self, ground):
        self.image = np.broadcast_to(ground, (len(ground), SIDE, SIDE, 3)).copy()

    def paint(self, inside, colour):
        """Lay a colour over the pictures where `inside` is above 0, softly at its edge."""
        cover = np.clip(inside + 0.5, 0, 1)[..., None]
        self.image = self.image * (1 - cover) + cover * colour

    def finish(self, rng, noise):
        """The pictures in some light, with noise."""
        light = rng.uniform(0.85, 1.1, (len(self.image), 1, 1, 1))
        return np.clip(self.image * light + rng.normal(0, noise, self.image.shape), 0, 1).astype(np.float32)


def _between(colours, share):
    """Colours (n, 1, 1, 3) on the way through three of them, at shares from 0 to 1."""
    return np.stack([np.interp(share, [0, 0.5, 1], c) for c in colours.T], axis=-1)[:, None, None]
