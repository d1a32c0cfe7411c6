"""Commands that read, index and list documents."""
