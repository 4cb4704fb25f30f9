"""Hide what people pointed at."""
