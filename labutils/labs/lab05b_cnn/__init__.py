"""Lab 05b: convolutional nets, from LeNet-5 to residual and Inception blocks; augmentation, transfer, ensembles."""
TITLE = "Convolutional nets: build one, train it, read it"
MINUTES = 90
NEEDS = ("numpy", "matplotlib", "scikit-learn", "tensorflow")
