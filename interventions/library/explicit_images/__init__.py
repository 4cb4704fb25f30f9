"""Hide explicit pictures, in feeds and in video."""
