"""The door: the command line, the wiring and the process tree.

It knows every package and holds no rule of its own; `install` brings a fresh machine to the point
where the rest of the house can run.
"""
