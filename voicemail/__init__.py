"""A caller leaves a message: from Asterisk's spool to a message to a letter."""
