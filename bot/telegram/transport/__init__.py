"""Between Telegram and the handlers: updates come in once and in order, and what is sent arrives."""
