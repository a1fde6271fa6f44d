"""A little exchange for the tests of the telephones: three extensions and a few numbers."""

from pathlib import Path

from switchboard.pbx.installation import Installation
from tests.sip.asterisk import SmallAsterisk

ADDRESS = "127.0.0.1:5060"
TRUNK = "127.0.0.2"
EXTENSIONS = ("201", "202", "203")
MODULES = ("app_voicemail.so", "res_pjsip_mwi.so", "res_pjsip_mwi_body_generator.so")

TRANSPORTS = """\
[global]
type = global
endpoint_identifier_order = ip,username,auth_username

[udp]
type = transport
protocol = udp
bind = {ADDRESS}

[tcp]
type = transport
protocol = tcp
bind = {ADDRESS}
"""

TRUNK_CONF = """\
[trunk]
type = endpoint
context = numbers
disallow = all
allow = ulaw,g722
dtmf_mode = auto
direct_media = no
aors = trunk

[trunk]
type = aor
contact = sip:127.0.0.2:5090

[trunk]
type = identify
endpoint = trunk
match = 127.0.0.2
"""

EXTENSION_CONF = """\
[{number}]
type = endpoint
context = numbers
disallow = all
allow = ulaw,g722
dtmf_mode = auto
direct_media = no
auth = {number}
aors = {number}
callerid = <{number}>

[{number}]
type = auth
username = {number}
password = {secret}

[{number}]
type = aor
max_contacts = 1
remove_existing = yes
mailboxes = {number}@default
"""

VOICEMAIL_CONF = """\
[default]
201 => 83014,Anna
202 => 40962,Boris
203 => 59127,Chai
"""

# `menu` plays main, then the prompt named by the key; `quiet` sends no sound at all for a while.
NUMBERS = """\
[numbers]
exten => _2XX,1,Dial(PJSIP/${EXTEN},20)
exten => _+7XX.,1,Set(CALLERID(num)=+74950000001)
 same => n,Dial(PJSIP/${EXTEN}@trunk)
 same => n,Hangup(${HANGUPCAUSE})
exten => 112,1,Dial(PJSIP/112@trunk)
exten => menu,1,Answer()
 same => n,Read(KEY,PROMPTS/main,1,,1,6)
 same => n,Set(DB(pressed/${CALLERID(num)})=${KEY})
 same => n,Playback(PROMPTS/key-${KEY})
 same => n,Playback(PROMPTS/goodbye)
exten => quiet,1,Answer()
 same => n,Playback(PROMPTS/goodbye)
 same => n,Wait(3)
 same => n,Playback(PROMPTS/goodbye)
exten => who,1,Set(DB(who/${CALLERID(num)})=${CALLERID(name)}|${PJSIP_HEADER(read,Diversion)})
 same => n,Hangup(17)
exten => busy,1,Hangup(17)
exten => _X.,1,Hangup(1)
"""


def secret(number: str) -> str:
    return f"the-secret-of-{number}"


class Exchange(SmallAsterisk):
    """`prompts` is a directory of 8 kHz WAV files."""

    def __init__(self, installation: Installation, prompts: Path) -> None:
        extensions = [EXTENSION_CONF.format(number=one, secret=secret(one)) for one in EXTENSIONS]
        pjsip = "\n".join([TRANSPORTS.format(ADDRESS=ADDRESS), TRUNK_CONF, *extensions])
        numbers = NUMBERS.replace("PROMPTS", str(prompts))
        files = {
            "pjsip.conf": pjsip,
            "extensions.conf": numbers,
            "voicemail.conf": VOICEMAIL_CONF,
        }
        super().__init__(installation, files, MODULES)
