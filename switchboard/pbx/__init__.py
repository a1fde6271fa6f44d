"""The line to Asterisk.

`installation` finds the program; whatever starts it, talks to it or reads one of its formats lives
beside it, so that no other package has to know how Asterisk, panoramisk or pyst2 want it.
"""
