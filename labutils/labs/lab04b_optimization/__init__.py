"""Lab 04b: how to go downhill: mini-batches, momentum, RMSprop, Adam, and learning rates that decay."""
TITLE = "Optimisation: better ways downhill"
MINUTES = 90
NEEDS = ("numpy", "matplotlib", "scikit-learn")
