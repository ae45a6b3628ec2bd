"""Other people's change monitors, each behind the same one function.

An adapter is a module with `NAME`, `Setting` (a frozen dataclass whose defaults are the
method's own or recommended ones), `GRID` (settings worth trying), `BEST` (the one of them that
`bench.tune` chose and `best.json` holds) and `detect(pixels, setting)`. What a package needs
is imported inside `detect`, so that the bench runs with those that are installed.
"""
