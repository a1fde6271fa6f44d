"""What happened: from Asterisk's own records to calls to figures."""
