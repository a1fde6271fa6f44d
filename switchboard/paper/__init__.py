"""What all paper of a center shares.

`house` says whose it is, `pictures` reads its logo, `setting` sets text: fonts that are embedded,
scripts that need shaping, names that callers chose. `growing` writes a PDF page by page, `tags`
says what on a page is what.
"""
