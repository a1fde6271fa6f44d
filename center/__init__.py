"""The administrator's room: load a center, check it, render it for Asterisk, apply it."""
