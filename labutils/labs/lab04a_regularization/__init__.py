"""Lab 04a: why a net that knows its training set by heart fails on new data, why a deep one may not train at all, and the remedies."""
TITLE = "Regularisation: nets that generalise, and deep ones that train"
MINUTES = 120
NEEDS = ("numpy", "matplotlib", "scikit-learn")
