"""Lab 07a: autoencoders and variational autoencoders; the latent plane, disentangling, outliers, debiasing."""
TITLE = "Autoencoders and VAEs: a code for images"
MINUTES = 80
NEEDS = ("numpy", "matplotlib", "scikit-learn", "tensorflow")
