"""Lab 07c: diffusion, pictures out of noise, step by step; and four families of generators under one score."""
TITLE = "Diffusion: pictures out of noise"
MINUTES = 90
NEEDS = ("numpy", "tensorflow", "matplotlib", "scikit-learn")
