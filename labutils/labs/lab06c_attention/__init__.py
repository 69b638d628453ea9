"""Lab 06c: attention by hand, from a soft lookup to a causal transformer that writes tunes, beside the GRU of lab 06b."""
TITLE = "Attention: look back at all of it"
MINUTES = 90
NEEDS = ("numpy", "matplotlib", "tensorflow", "music21")
