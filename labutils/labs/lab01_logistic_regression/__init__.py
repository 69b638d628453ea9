"""Lab 01: one neuron, from its cost to a classifier of photographs."""
TITLE = "Logistic regression: one neuron learns to see"
MINUTES = 90
NEEDS = ("numpy", "matplotlib", "scikit-learn")
