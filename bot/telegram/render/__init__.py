"""Turns results into Telegram's HTML."""
