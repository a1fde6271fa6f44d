"""Reports to be read: as PDF on paper, as one HTML file on a phone.

`sheet` says what a reader sees of a report (key figures against their goals, charts, table, foot),
`pdf` and `page` print it. `shapes` are what charts are drawn of, `charts` says which report has
which. `switchboard.paper` sets their text.
"""
