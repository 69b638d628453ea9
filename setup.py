"""What pyproject.toml cannot say: the folder data/ goes into the wheel, as labutils/data."""
from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["labutils*"]), "labutils.data"], package_dir={"labutils.data": "data"}, package_data={"labutils.data": ["*"]})
