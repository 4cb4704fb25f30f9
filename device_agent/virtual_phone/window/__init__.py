"""The window server: keeps every app's views, lays them out, draws them, and hands out touches and keys."""
