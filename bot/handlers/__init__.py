"""What the bot does with a message; `app.py` says which handler gets which."""
