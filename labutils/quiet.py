"""TensorFlow and Keras without the noise they make: log lines, progress bars. Neither is loaded here unless it is asked for."""
import logging
import os
import sys
from contextlib import contextmanager


def load_tensorflow():
    """Load TensorFlow and wake its devices, without the log lines that its compiled part writes past Python to the screen."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _no_standard_error():
        import tensorflow as tf

        tf.constant(0)


@contextmanager
def _no_standard_error():
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def quiet():
    """No log lines up to warnings, and no progress bars from Keras, while the body runs."""
    config = getattr(sys.modules.get("keras"), "config", None)
    bars = config is not None and config.is_interactive_logging_enabled()
    level = logging.root.manager.disable
    logging.disable(max(level, logging.WARNING))
    if bars:
        config.disable_interactive_logging()
    try:
        yield
    finally:
        logging.disable(level)
        if bars:
            config.enable_interactive_logging()
