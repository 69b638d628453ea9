"""Lab 07b: two nets play against each other until one makes images."""
TITLE = "Two nets against each other: GANs"
MINUTES = 90
NEEDS = ("numpy", "matplotlib", "scikit-learn", "tensorflow")
