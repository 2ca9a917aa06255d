"""The version of the driver that this stands for."""

__version__ = "3.3.9"
