"""Lab 00: arrays, shapes, broadcasting; the exercises that every later lab builds on."""
TITLE = "Arrays: think in shapes"
MINUTES = 75
NEEDS = ("numpy", "matplotlib", "scikit-learn")
