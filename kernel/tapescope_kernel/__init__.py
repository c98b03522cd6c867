"""The Jupyter kernel of Tapescope: runs cells as IPython does and shows the graphs that they build."""

__version__ = "0.1.0"
