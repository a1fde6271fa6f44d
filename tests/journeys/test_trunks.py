"""Carriers and telephones: who is recognised as whom, over which transport, in which codec."""

import asyncio
import re
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from switchboard.pbx.installation import Installation
from tests.centers import write_center
from tests.journeys.center import Center, RunningCenter, they_hear_each_other
from tests.sip import sipp
from tests.sip.asterisk import SmallAsterisk
from tests.sip.carrier import Carrier
from tests.sip.fixtures import OpenPhone
from tests.sip.loopback import take_address

pytestmark = pytest.mark.asterisk

CENTER = """\
name: Acme
timezone: Europe/Moscow
country: RU
language: ru
numbers:
  "+74950000001": {goodbye: {say: "Здравствуйте и до свидания, всего вам доброго."}}
  "+74950000002": {extension: "201"}
extensions: {"201": {}, "202": {}}
"""
TRUNKS = """\
listen:
  sip: 127.0.0.1:5060
  sips: 127.0.0.1:5061
  certificate: tls.crt
  private_key: tls.key
trunks:
  carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}
  small: {host: "127.0.0.4:5090", accept_from: ["127.0.0.4"], max_calls: 1}
  port: {host: "127.0.0.5:5070", accept_from: ["127.0.0.5:5070"]}
  signed: {host: "127.0.0.6:5090", register: {user: acme, secret: Kx7-acme-92jd}}
  secure: {host: "127.0.0.7:5061", transport: tls}
emergency: {trunk: [small, carrier], caller_id: "+74950000001"}
"""
BEHIND_NAT = """\
listen:
  sip: 0.0.0.0:5070
  rtp: 20000-20999
  agi: 127.0.1.1:4573
  ami: 127.0.1.1:5038
  web: 127.0.1.1:8080
  external: 203.0.113.7
  local: [127.0.0.1/32]
trunks: {carrier: {host: "127.0.0.2:5090", accept_from: ["127.0.0.2"]}}
"""
SCENARIOS = Path(__file__).with_name("scenarios")
HELLO = "ru/74950000001-arrives-0-goodbye"
NUMBER = "+74950000001"

CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    " -subj /CN=localhost -keyout tls.key -out tls.crt"
).split()

# A carrier that knows us by our registration; whom it may call is what we registered.
REGISTRAR = """\
[global]
type = global
endpoint_identifier_order = username,auth_username,anonymous

[udp]
type = transport
protocol = udp
bind = 127.0.0.6:5090

[acme]
type = endpoint
context = default
disallow = all
allow = ulaw
auth = acme
aors = acme

[acme]
type = auth
username = acme
password = Kx7-acme-92jd

[acme]
type = aor
max_contacts = 1

[anonymous]
type = endpoint
context = callers
disallow = all
allow = ulaw
"""
TO_REGISTERED = "[callers]\nexten => _[+0-9].,1,Dial(PJSIP/${EXTEN}@acme)\n"

SECURE = """\
[global]
type = global
endpoint_identifier_order = ip,anonymous

[udp]
type = transport
protocol = udp
bind = 127.0.0.7:5060

[tls]
type = transport
protocol = tls
bind = 127.0.0.7:5061
method = tlsv1_2
cert_file = {directory}/tls.crt
priv_key_file = {directory}/tls.key

[center]
type = endpoint
transport = tls
context = default
disallow = all
allow = ulaw
aors = center
media_encryption = {encryption}

[center]
type = aor
contact = sip:127.0.0.1:5061\\;transport=tls

[anonymous]
type = endpoint
context = callers
disallow = all
allow = ulaw
"""
TO_CENTER = "[callers]\nexten => _[+0-9].,1,Dial(PJSIP/${EXTEN}@center)\n"
RTP = "[general]\nrtpstart = 42000\nrtpend = 42999\n"


@pytest.fixture(scope="module")
def center_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = write_center(tmp_path_factory.mktemp("trunks"), CENTER + TRUNKS, {})
    subprocess.run(CERTIFICATE, cwd=directory, check=True, capture_output=True)
    return directory


@pytest.fixture
async def registrar(center: Center, installation: Installation) -> AsyncIterator[SmallAsterisk]:
    files = {"pjsip.conf": REGISTRAR, "extensions.conf": TO_REGISTERED, "rtp.conf": RTP}
    async with SmallAsterisk(installation, files) as registrar:
        yield registrar


async def test_a_trunk_is_known_by_its_address_and_port(
    center: Center, open_phone: OpenPhone
) -> None:
    at, prompts = "127.0.0.1:5060", center.prompts
    line = await open_phone(at=at, listen="127.0.0.5:5070", prompts=prompts)
    assert await (await line.dial(NUMBER)).hears(HELLO)
    other = await open_phone(at=at, listen="127.0.0.5:5071", prompts=prompts)
    assert (await (await other.dial(NUMBER)).ended()).code == 401


async def test_the_one_call_too_many_of_a_trunk_is_refused(
    center: Center, open_phone: OpenPhone
) -> None:
    line = await open_phone(at="127.0.0.1:5060", listen="127.0.0.4")
    first = await line.dial(NUMBER)
    await first.answered()
    assert (await (await line.dial(NUMBER)).ended()).code == 503
    assert "refused congested" in center.events()
    await first.hangup()
    await (await line.dial(NUMBER)).answered()


async def test_a_registered_trunk_may_call_us_by_our_user_and_name_the_number_in_to(
    center: Center,
) -> None:
    fields = {"user": "acme", "number": NUMBER}
    placed = await sipp.run(
        "registered", folder=SCENARIOS, at="127.0.0.1:5060", listen="127.0.0.6", fields=fields
    )
    assert placed.successful == 1, placed.errors
    assert [event for event in center.events() if event.startswith("arrived")] == [
        f"arrived v1 {NUMBER} ru"
    ]


async def test_we_register_and_are_called_where_we_registered(
    center: Center, registrar: SmallAsterisk, open_phone: OpenPhone
) -> None:
    await center.cli("pjsip send register signed-registration")
    deadline = time.monotonic() + 25
    while "acme/sip:" not in await registrar.rx("pjsip show contacts"):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)
    line = await open_phone(at="127.0.0.6:5090", listen="127.0.0.9", prompts=center.prompts)
    assert await (await line.dial(NUMBER)).hears(HELLO)
    assert {row.channel.rpartition("-")[0] for row in center.cel()} == {"PJSIP/signed"}
    shown = await center.cli("pjsip show registrations")
    assert "Registered" in shown


def secure_carrier(center: Center, installation: Installation, encryption: str) -> SmallAsterisk:
    pjsip = SECURE.format(directory=center.running.directory, encryption=encryption)
    files = {"pjsip.conf": pjsip, "extensions.conf": TO_CENTER, "rtp.conf": RTP}
    return SmallAsterisk(installation, files)


async def test_a_trunk_over_tls_carries_encrypted_sound(
    center: Center, installation: Installation, open_phone: OpenPhone
) -> None:
    """The other side would refuse an answer without a key, as we do below."""
    async with secure_carrier(center, installation, "sdes"):
        line = await open_phone(at="127.0.0.7:5060", listen="127.0.0.9", prompts=center.prompts)
        assert await (await line.dial(NUMBER)).hears(HELLO)
        assert {row.channel.rpartition("-")[0] for row in center.cel()} == {"PJSIP/secure"}


async def test_a_trunk_over_tls_refuses_sound_that_anyone_can_hear(
    center: Center, installation: Installation, open_phone: OpenPhone
) -> None:
    async with secure_carrier(center, installation, "no"):
        line = await open_phone(at="127.0.0.7:5060", listen="127.0.0.9")
        assert (await (await line.dial(NUMBER)).ended()).code in (488, 503)
        assert not center.events()


async def test_a_telephone_over_tls_talks_encrypted_to_one_that_is_not(center: Center) -> None:
    anna = await center.phone("201", at="127.0.0.1:5061", transport="tls")
    boris = await center.phone("202")
    call = await boris.dial("201")
    await they_hear_each_other(call, await (await anna.rings()).answer())
    said = (anna.folder / "sip.log").read_text()
    assert len(set(re.findall("a=crypto:.*", said))) == 2  # offered and taken
    assert " UDP " not in said


@pytest.mark.parametrize("codec", ["opus/48000/2", "g722/16000/1", "pcma", "pcmu"])
async def test_telephones_hear_each_other_in_any_codec(center: Center, codec: str) -> None:
    anna = await center.phone("201", codecs=(codec,))
    boris = await center.phone("202", codecs=("pcmu",))
    call = await boris.dial("201")
    await they_hear_each_other(call, await (await anna.rings()).answer())


async def test_an_emergency_number_goes_out_over_each_trunk_in_turn(
    center: Center, installation: Installation
) -> None:
    async with Carrier(installation, center="127.0.0.1:5060", listen="127.0.0.2:5090") as carrier:
        anna = await center.phone("201")
        call = await anna.dial("112")
        await call.answered(within=40)
        assert await call.hears_tone(440)
        [carried] = await carrier.calls()
        assert (carried.number, carried.caller_number) == ("112", "+74950000001")
        await call.hangup()
        await center.running.becomes_quiet()
        assert not {"dialled", "goodbye"} & set(center.events())  # nothing runs after the end


async def test_behind_nat_each_side_is_told_the_address_it_can_reach(
    own_network: None, tmp_path: Path, prompt_cache: Path, open_phone: OpenPhone
) -> None:
    directory = write_center(tmp_path / "nat", CENTER + BEHIND_NAT, {})
    take_address("203.0.113.7")
    with RunningCenter(directory, prompt_cache) as running:
        line = await open_phone(at="127.0.0.1:5070", listen="127.0.0.2")
        secret = running.secrets["201"]
        anna = await open_phone(at="127.0.0.1:5070", register="201", secret=secret)
        call = await line.dial("+74950000002")
        await they_hear_each_other(call, await (await anna.rings()).answer())
        outside = (line.folder / "sip.log").read_text()
        assert "c=IN IP4 203.0.113.7" in outside
        assert "Contact: <sip:203.0.113.7:5070" in outside
        assert "203.0.113.7" not in (anna.folder / "sip.log").read_text()
        await call.hangup()
