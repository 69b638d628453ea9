"""Lab 04d: TensorFlow and Keras, from a tensor to a trained net."""
TITLE = "TensorFlow: the machine does the calculus"
MINUTES = 85
NEEDS = ("numpy", "matplotlib", "scikit-learn", "tensorflow")
