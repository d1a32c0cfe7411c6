"""Commands for whoever runs Quoth: what is wrong, and backups."""
