"""Identifiers of people and vehicles: found, blotted out, struck later."""
