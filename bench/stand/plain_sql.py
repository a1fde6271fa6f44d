"""The figures of reports as plain SQL over the calls' documents, for SQLite; and for DuckDB."""

from collections.abc import Iterable
from typing import Any

from reports.report import Row

_CALLS = """
    FROM call WHERE began >= :begin AND began < :end
"""
_SECOND = "(json_extract(v.value, '$.waited') + 999) / 1000"
_VISIT = """
    SELECT json_extract(v.value, '$.department') AS department,
           json_extract(v.value, '$.outcome') AS outcome,
           json_extract(v.value, '$.waited') AS waited,
           (json_extract(v.value, '$.waited') + 999) / 1000 AS whole,
           json_extract(v.value, '$.talked') + json_extract(v.value, '$.held') AS handled
    FROM call, json_each(call.document, '$.visits') AS v
    WHERE json_extract(v.value, '$.began') >= :begin AND json_extract(v.value, '$.began') < :end
      AND call.began >= :begin - 86400000 AND call.began < :end
"""
# what a report calls the column -> how SQL makes it; keys of a row first
QUESTIONS = {
    "departments": f"""
        WITH visit AS ({_VISIT}), ranked AS (
            SELECT *, row_number() OVER (PARTITION BY department ORDER BY whole) AS place,
                   count(*) OVER (PARTITION BY department) AS many FROM visit)
        SELECT department, count(*) AS offered,
               sum(outcome = 'answered') AS answered,
               sum(outcome = 'abandoned') AS abandoned,
               sum(outcome = 'flowed_out') AS flowed_out,
               sum(outcome = 'abandoned' AND waited <= 5000) AS short_abandoned,
               round(sum(CASE WHEN outcome = 'answered' THEN waited END)
                     / sum(outcome = 'answered') / 1000.0, 1) AS asa_seconds,
               max(whole) AS longest_wait_seconds,
               min(CASE WHEN place * 100 >= 90 * many THEN whole END) AS wait_p90_seconds,
               round(100.0 * sum(outcome = 'answered' AND waited <= 20000)
                     / (sum(outcome = 'answered') + sum(outcome = 'abandoned')
                        - sum(outcome = 'abandoned' AND waited <= 20000)), 1) AS "SL-4"
        FROM ranked GROUP BY department""",  # noqa: S608 - our own words
    "hours": f"""
        SELECT strftime('%w %H', began / 1000 + 10800, 'unixepoch') AS at,
               count(*) AS arrived, sum(outcome = 'answered') AS answered,
               sum(outcome LIKE 'abandoned%') AS abandoned
        {_CALLS} AND direction = 'inbound' GROUP BY 1""",
    "numbers": f"""
        SELECT dialled AS number, count(*) AS arrived, sum(outcome = 'answered') AS answered
        {_CALLS} AND direction = 'inbound' GROUP BY 1""",
    "outbound": f"""
        SELECT caller AS agent, count(*) AS made, sum(outcome = 'answered') AS answered,
               sum(outcome = 'no_answer') AS no_answer
        {_CALLS} AND direction = 'outbound' GROUP BY 1""",
    "voicemail": f"""
        SELECT json_extract(document, '$.voicemail') AS mailbox, count(*) AS kept
        {_CALLS} AND outcome = 'voicemail' GROUP BY 1""",
    "agents": """
        SELECT json_extract(r.value, '$.agent') AS agent, count(*) AS rings,
               sum(json_extract(r.value, '$.result') = 'no_answer') AS ring_no_answer
        FROM call, json_each(call.document, '$.rings') AS r
        WHERE json_extract(r.value, '$.began') >= :begin
          AND json_extract(r.value, '$.began') < :end
          AND call.began >= :begin - 86400000 AND call.began < :end
        GROUP BY 1""",
    "menus": """
        SELECT json_extract(s.value, '$.menu') AS menu, count(*) AS played,
               sum(json_extract(s.value, '$.result') = 'left') AS left,
               sum(json_extract(s.value, '$.result') = 'key') AS chosen
        FROM call, json_each(call.document, '$.path') AS s
        WHERE call.began >= :begin AND call.began < :end
        GROUP BY 1""",
}
KEYS = {
    "departments": "department",
    "hours": "at",
    "numbers": "number",
    "outbound": "agent",
    "voicemail": "mailbox",
    "agents": "agent",
    "menus": "menu",
}
_DAYS = {name: str(place) for place, name in enumerate("sun mon tue wed thu fri sat".split())}


def told(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows of a report as SQL names things."""
    found = []
    for row in rows:
        one = dict(row) | dict(row.get("service_level", {}))
        if "hour" in one:
            one["at"] = f"{_DAYS[one['day']]} {one['hour']:02}"
        found.append(one)
    return found


VISITS = """
    SELECT json_extract(v.value, '$.department'), json_extract(v.value, '$.outcome'),
           json_extract(v.value, '$.began'), json_extract(v.value, '$.waited'),
           json_extract(v.value, '$.talked') + json_extract(v.value, '$.held')
    FROM call, json_each(call.document, '$.visits') AS v"""
ARRIVALS = "SELECT began, outcome FROM call WHERE direction = 'inbound'"
DUCK_DEPARTMENTS = """
    SELECT department, outcome, count(*), sum(waited), max(waited), sum(handled),
           count(*) FILTER (waited <= 20000), count(*) FILTER (waited <= 5000),
           quantile_disc((waited + 999) // 1000, [0.5, 0.9, 0.95])
    FROM visit WHERE began >= ? AND began < ? GROUP BY ALL"""
DUCK_HOURS = """
    SELECT strftime(make_timestamp((began + 10800000) * 1000), '%w %H'), outcome, count(*)
    FROM arrival WHERE began >= ? AND began < ? GROUP BY ALL"""
