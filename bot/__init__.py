"""The front ends of Quoth: a terminal and a Telegram bot that show a person an Answer."""

INTERRUPTED = 130
"""The exit status after Ctrl-C."""
