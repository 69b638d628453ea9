"""Lab 06a: recurrent nets from scratch, from one step to titles that nobody wrote."""
TITLE = "Recurrent nets from scratch: one step, again and again"
MINUTES = 90
NEEDS = ("numpy", "matplotlib", "scikit-learn", "music21")
