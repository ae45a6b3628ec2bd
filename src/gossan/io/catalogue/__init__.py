"""Catalogues: what is offered, and which of it is read."""
