"""Everything that asks the network, behind one guard."""
