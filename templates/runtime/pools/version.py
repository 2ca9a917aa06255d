"""The version of the package that this stands for."""

__version__ = "3.3.3"
