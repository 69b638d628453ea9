"""What graders look at where chance has a part in the answer: statistics, each with the room that chance needs."""
import numpy as np

from .answers import describe
from .calling import Odd, plain
from .exercise import Estimate

DEVIATIONS = 6 * 2 ** 0.5  # of a statistic; the difference of two independent ones then stays within six of its own


def normal(name, value, shape, std):
    """Statistics of weights that should be normal with mean 0.

    Parameters
    ----------
    name : str, such as "W1"
    value : what the learner gave
    shape : tuple, expected
    std : float, the standard deviation that the room is made for

    Returns
    -------
    dict {"mean of W1", "standard deviation of W1", "tails of W1", "distinct numbers in W1": Estimate}
        The tails are the mean of the fourth power of the standardised numbers, 3 for a normal distribution and 1.8 for a uniform one;
        they are left out below 2000 numbers, where chance hides the difference. Where `value` is no array of this shape
        they are all Odd, with a sentence.
    """
    n = int(np.prod(shape))
    names = [f"{what} {name}" for what in ("mean of", "standard deviation of", "distinct numbers in", "tails of")]
    names = names if n >= 2000 else names[:-1]
    if isinstance(value, Odd):
        return dict.fromkeys(names, value)
    value = plain(value)
    if not isinstance(value, np.ndarray) or value.shape != tuple(shape):
        got = f"has shape {value.shape}, expected {tuple(shape)}" if isinstance(value, np.ndarray) else \
            f"expected an array of shape {tuple(shape)}, got {describe(value)}"
        return dict.fromkeys(names, Odd(f"`{name}` {got}" if isinstance(value, np.ndarray) else f"`{name}`: {got}", whole=True))
    x = value.astype(float)
    spread = x.std() if x.std() > 0 else 1.0
    std = max(std, x.std())  # what is compared with a wrong version, as large as these, gets its room
    found = (Estimate(x.mean(), DEVIATIONS * std / n ** 0.5), Estimate(x.std(), DEVIATIONS * std / (2 * n) ** 0.5),
             Estimate(np.unique(x).size / n, 0.02), Estimate(np.mean(((x - x.mean()) / spread) ** 4), DEVIATIONS * (24 / n) ** 0.5))
    return dict(zip(names, found))


def entry(value, key):
    """The entry of a learner's dict, or an Odd that says what is missing."""
    if not isinstance(value, dict):
        return Odd(f"expected a dict, got {describe(plain(value))}", whole=True)
    return value[key] if key in value else Odd(f'there is no key "{key}" (the keys are {", ".join(map(repr, value)) or "none"})', whole=True)
