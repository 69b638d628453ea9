"""Lab 05c: where things are in a picture, box by box and pixel by pixel."""
TITLE = "Detection and segmentation: what is where"
MINUTES = 90
NEEDS = ("numpy", "matplotlib", "scikit-learn", "tensorflow")
