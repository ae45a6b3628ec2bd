"""One model, several faces: page, PDF and tables."""
