"""Callers and agents for tests: real calls against a real Asterisk, and what was heard on them.

`phone.py` a telephone, `ring.py` it rings, `call.py` a call of it · `worker.py`, `soundline.py`,
`relay.py` the process behind a telephone · `hearing.py`, `sound.py` which prompts are in what was
heard · `asterisk.py` a small Asterisk, `carrier.py` the telephone network made of one · `sipp.py`,
`scenarios/` calls that no telephone would make · `loopback.py` a network of one's own ·
`fixtures.py` what tests take.
"""
