"""Dates and spans as sentences tell them, in English and Russian."""
