"""Reports to be read: as PDF on paper, as one HTML file on a phone.

`sheet` says what a reader sees of a report (key figures against their goals, charts, table, foot),
`pdf` prints it on `pages`, `page` as HTML. `shapes` are what charts are made of, `charts` and
`funnel` the kinds of charts, `drawn` says which report has
which. `switchboard.paper` sets their text.
"""
