"""A fax arrives: from Asterisk's spool to pages to a PDF to a letter."""
