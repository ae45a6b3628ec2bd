"""The hash chain over everything that was read and made."""
