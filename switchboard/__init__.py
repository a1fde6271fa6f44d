"""The ground every package stands on.

Errors with words for the user, text with its places in a file, clocks, files, and `pbx`: the one
line to Asterisk. Nothing here knows what a menu, a department or a letter is, and nothing here
imports another package of the house.
"""
