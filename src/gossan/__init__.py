"""gossan: from an area, a period and open satellite images to a dossier anyone can check."""

__version__ = "0.1.0"
