"""Values that flow through gossan, and the few functions every room needs.

Nothing here touches files, the network or xarray; see `docs/architecture.md`.
"""
