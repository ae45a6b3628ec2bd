"""What a site does to land and water. Arrays and values in, values out; no files."""
