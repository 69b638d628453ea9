"""Runs recorded in TensorBoard's format, without TensorBoard: `tensorboard --logdir FOLDER` shows them where it is installed. Used in lab 06b."""
import tensorflow as tf


def record(name, value, step):
    """Write one number of a run to the current summary writer, as `tf.summary.scalar` does, which needs TensorBoard installed."""
    kind = tf.compat.v1.SummaryMetadata(plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars"))
    tf.summary.write(name, tf.constant(value, tf.float32), step=step, metadata=kind)
