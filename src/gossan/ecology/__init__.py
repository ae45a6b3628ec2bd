"""What the changes did to living things and water."""
