"""The front ends of Quoth: a terminal and a Telegram bot that show a person an Answer."""
