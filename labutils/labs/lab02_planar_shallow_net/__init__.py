"""Lab 02: one hidden layer, and what it can do that a single neuron cannot."""
TITLE = "A shallow net: what one hidden layer can do"
MINUTES = 90
NEEDS = ("numpy", "matplotlib", "scikit-learn")
