"""Lab 04c: choosing settings, normalising layers from within, and more than two classes."""
TITLE = "Tuning, batch norm and softmax"
MINUTES = 90
NEEDS = ("numpy", "matplotlib", "scikit-learn")
