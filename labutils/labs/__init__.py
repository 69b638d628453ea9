"""The labs, one folder each; a new lab is a new folder and touches nothing else."""
