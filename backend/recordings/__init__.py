"""Sessions kept with the person's consent, and any interventions run over them again."""
