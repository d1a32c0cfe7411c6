"""Documents that people send."""
