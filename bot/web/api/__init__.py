"""The HTTP API: for programs with a token, the JSON that the command line prints."""
