"""Lab 08: which step to take next, decided by numbers."""
TITLE = "Strategy: what to do next"
MINUTES = 80
NEEDS = ("numpy", "matplotlib", "scikit-learn")
