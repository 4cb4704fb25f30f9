"""What a researcher does with models: keep their own, fit and evaluate them, hand them on."""
