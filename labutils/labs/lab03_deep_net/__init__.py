"""Lab 03: many layers, from one layer's arithmetic to a deep net that reads photographs."""
TITLE = "A deep net: layers upon layers"
MINUTES = 90
NEEDS = ("numpy", "matplotlib", "scikit-learn")
