"""Lab 06b: a recurrent net in Keras that writes Irish tunes."""
TITLE = "A net that writes tunes"
MINUTES = 90
NEEDS = ("numpy", "matplotlib", "tensorflow", "music21")
