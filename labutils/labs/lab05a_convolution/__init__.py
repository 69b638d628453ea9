"""Lab 05a: convolution and pooling, forward and backward, from plain loops to matrix products."""
TITLE = "Convolution: small weights that travel over an image"
MINUTES = 90
NEEDS = ("numpy", "matplotlib", "scikit-learn", "tensorflow")
