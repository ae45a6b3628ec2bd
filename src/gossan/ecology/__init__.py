"""What became of vegetation, water and terrain: values measured on arrays and tables."""
