"""A fax arrives: from Asterisk's spool to pages to a PDF to a letter.

The dialplan receives it and notes in a sidecar who sent it and how it ended (`dialplan`, `fax`).
The sweep finds both (`spool`). A child with limits looks at the TIFF without decoding it (`tiff`),
copies its strips into a PDF (`pdf`) and draws the first page small (`picture`, `making`). Where the
line wants it, text is recognised and a cover put before the pages (`searchable`, `cover`,
`finishing`). A row and a letter tell of it (`row`, `store`, `letter`), committed together
(`deliver`); several faxes are on this way at once (`in_hand`).
"""
