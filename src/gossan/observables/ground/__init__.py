"""Disturbed ground as an observable: what claims ask of the sites themselves."""
