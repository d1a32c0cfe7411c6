"""Readers of chats: what was said, by whom and when."""
