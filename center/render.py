"""Everything Asterisk reads, as text: the templates of `asterisk-config/` and the printed table."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from callrouter.dialplan import e164_context
from callrouter.house import (
    inside_context,
    member_interface,
    memberships,
    number_context,
    sign_in_context,
    sign_out_context,
    switches_context,
)
from callrouter.line import Trunk
from callrouter.outbound import BURST_REFUSALS, BURST_SECONDS, outbound_contexts
from center.capacity import descriptors, fax_ports, most_calls
from center.load import Center
from center.secrets import AMI_USER, Secrets
from center.state import State
from fax2pdf.dialplan import fax_context
from ivr.table import Table
from ivr.twin import Seconds, twin_contexts
from switchboard.numbering import NumberingPlan, numbering_plan
from switchboard.pbx.dialplan import Context, render_contexts
from switchboard.pbx.installation import NODE, Installation, wanted_modules
from voicemail.dialplan import box_context, voicemail_context

TEMPLATES = Path(__file__).resolve().parent.parent / "asterisk-config"
PARTS = (
    "arrive.conf.j2",
    "engine.conf.j2",
    "ask.conf.j2",
    "serve.conf.j2",
    "outbound.conf.j2",
    "moved.conf.j2",
    "leave.conf.j2",
    "phones.conf.j2",
    "pin.conf.j2",
)
CODECS = "opus,g722,alaw,ulaw"
DAYS_AHEAD = 3 * 366  # for so long the dialplan knows holidays and dates without another apply
DIALPLAN = "version.conf"


@dataclass(frozen=True)
class Job:
    """One rendering: what is rendered, as which version, into which state."""

    center: Center
    table: Table
    seconds: Seconds
    secrets: Secrets
    installation: Installation
    state: State
    number: int
    older: tuple[int, ...]  # versions that calls may still be on
    today: date

    @property
    def version(self) -> str:
        """The version as contexts carry it."""
        return f"v{self.number}"

    @property
    def plan(self) -> NumberingPlan:
        """The country's way to write numbers."""
        plan = numbering_plan(self.center.ground.country)
        if plan is None:
            raise ValueError(f"no numbering plan for {self.center.ground.country}")
        return plan


def render_files(job: Job) -> dict[str, str]:
    """File name -> text of everything in `etc` of the new version."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - these are Asterisk's files, and `check` knows what is unsafe
    )
    values = _values(job)
    names = [path.name for path in sorted(TEMPLATES.glob("*.conf.j2"))]
    files = {
        name.removesuffix(".j2"): environment.get_template(name).render(values) for name in names
    }
    files[DIALPLAN] = render_contexts(version_contexts(job))
    return files | _key_files(job.center)


def _key_files(center: Center) -> dict[str, str]:
    """Copies of certificate and key: the originals the account of Asterisk may not read."""
    listen = center.ground.listen
    written = {"certificate.pem": listen.certificate, "private_key.pem": listen.private_key}
    return {name: (center.directory / file).read_text() for name, file in written.items() if file}


def version_contexts(job: Job) -> list[Context]:
    """The contexts that carry this version's name."""
    center, version = job.center, job.version
    router, mailboxes = center.router, center.voicemail.voicemail
    days = (job.today - timedelta(days=1), job.today + timedelta(days=DAYS_AHEAD))
    return [
        *twin_contexts(
            job.table, router, job.plan, center.ground.timezone, version, job.seconds, days
        ),
        inside_context(router, mailboxes, version),
        switches_context(router, version),
        sign_out_context(router, version),
        sign_in_context(router, version),
        number_context(job.table.outside, router.outbound, job.plan, version),
        *outbound_contexts(router, job.plan, center.ground.timezone, version),
        voicemail_context(mailboxes, job.table.greetings, version),
        box_context(mailboxes, version),
        fax_context(center.fax.fax, version),
    ]


def _values(job: Job) -> dict[str, Any]:
    """What the templates name."""
    center, state = job.center, job.state
    ground, router = center.ground, center.router
    return {
        "node": NODE,
        "entity": _entity(state),
        "home": str(state.asterisk),
        "etc": str(state.etc),
        "modules_dir": str(job.installation.modules_dir),
        "modules": wanted_modules(),
        "version": job.version,
        "versions": [
            str(state.version(number) / "etc" / DIALPLAN) for number in (*job.older, job.number)
        ],
        "parts": PARTS,
        "e164": str(e164_context(job.plan)),
        "language": str(ground.language),
        "timezone": str(ground.timezone),
        "burst_seconds": BURST_SECONDS,
        "burst_refusals": BURST_REFUSALS,
        "codecs": CODECS,
        "ami_user": AMI_USER,
        "ami_secret": job.secrets["ami"],
        **_addresses(center),
        "trunks": [_trunk(name, trunk, job.secrets) for name, trunk in router.trunks.items()],
        "extensions": _extensions(center, job.secrets),
        "departments": _departments(center),
        "mailboxes": _mailboxes(center),
        "musics": _musics(center, state),
        "emergency": _emergency(job),
        "pause_reasons": router.pause_reasons,
        "switched_hours": [name for name, hours in router.hours.items() if hours.switch],
        "switches": {name: hours.switch for name, hours in router.hours.items() if hours.switch},
        "parking_seconds": router.parking_seconds,
    }


def _entity(state: State) -> str:
    """An id that tells this Asterisk from others, in the form of a private hardware address."""
    digest = hashlib.sha256(str(state.root.absolute()).encode()).hexdigest()
    return ":".join(["02", *(digest[at : at + 2] for at in range(0, 10, 2))])


def _addresses(center: Center) -> dict[str, Any]:
    listen = center.ground.listen
    sip_host, _, sip_port = listen.sip.rpartition(":")
    ami_host, _, ami_port = listen.ami.rpartition(":")
    first, _ = listen.rtp_ports
    fax_first, last = fax_ports(listen)
    transports = [
        {"name": f"transport-{protocol}", "protocol": protocol, "bind": f"{sip_host}:{sip_port}"}
        for protocol in ("udp", "tcp")
    ]
    if listen.sips:
        transports.append({"name": "transport-tls", "protocol": "tls", "bind": str(listen.sips)})
    return {
        "transports": transports,
        "secure": listen.sips is not None,
        "media_address": "" if sip_host in ("0.0.0.0", "[::]") or listen.external else sip_host,  # noqa: S104
        "external": listen.external,
        "local": list(listen.local),
        "agi": str(listen.agi),
        "ami_address": ami_host,
        "ami_port": ami_port,
        "rtp_first": first,
        "rtp_last": fax_first - 1,
        "max_calls": most_calls(listen),
        "descriptors": descriptors(listen),
        "udptl_first": fax_first,
        "udptl_last": last,
    }


def _trunk(name: str, trunk: Trunk, secrets: Secrets) -> dict[str, Any]:
    registration = trunk.register_as
    host = trunk.host.rpartition(":")[0] or trunk.host
    return {
        "name": name,
        "host": str(trunk.host),
        "accept_from": list(trunk.accept_from) or [host],
        "max_calls": trunk.max_calls,
        "transport": trunk.transport,
        "user": registration.user if registration else trunk.user,
        "secret": secrets.get(f"trunk {name}"),
        "registers": registration is not None,
        "expires_seconds": registration.expires_seconds if registration else 0,
    }


def _extensions(center: Center, secrets: Secrets) -> list[dict[str, Any]]:
    lamps: dict[str, list[str]] = {str(number): [] for number in center.router.extensions}
    for name, box in center.voicemail.voicemail.items():
        for number in {str(name), *map(str, box.lamps)} & lamps.keys():
            lamps[number].append(f"{name}@center")
    served = memberships(center.router)
    return [
        {
            "number": str(number),
            "name": extension.name or number,
            "language": extension.language or center.ground.language,
            "secret": secrets[number],
            "mailboxes": ",".join(lamps[number]),
            "departments": ",".join(served.get(number, {})),
            "member": member_interface(number, extension),
            "networks": list(extension.networks),
            "max_contacts": extension.max_contacts,
        }
        for number, extension in center.router.extensions.items()
    ]


def _departments(center: Center) -> list[dict[str, Any]]:
    return [
        {
            **{key: getattr(department, key) for key in type(department).model_fields},
            "name": str(name),
            "announces": department.announcements.position or department.announcements.wait,
        }
        for name, department in center.router.departments.items()
    ]


def _mailboxes(center: Center) -> list[dict[str, Any]]:
    extensions = center.router.extensions
    return [
        {
            "name": str(name),
            "pin": str(box.pin),
            "number": box.number if box.number not in extensions else None,
            "title": extensions[name].name or name if name in extensions else name,
            "language": box.language or center.ground.language,
            "max_seconds": box.max_seconds,
            "review": "yes" if box.review else "no",
        }
        for name, box in center.voicemail.voicemail.items()
    ]


def music_names(center: Center) -> set[str]:
    """The music classes of the center's departments."""
    return {
        str(department.music)
        for department in center.router.departments.values()
        if department.music
    }


def _musics(center: Center, state: State) -> list[dict[str, str]]:
    names = ["default", *sorted(music_names(center))]
    return [{"name": name, "directory": str(state.music / name)} for name in names]


def _emergency(job: Job) -> Mapping[str, Any]:
    router = job.center.router
    emergency, trunks, outbound = router.emergency, router.trunks, router.outbound
    names = list(emergency.trunk) or list(trunks)
    return {
        "numbers": sorted(job.plan.emergency_numbers | set(emergency.numbers)),
        "trunks": [_trunk(name, trunks[name], job.secrets) for name in names],
        "caller_id": emergency.caller_id or (outbound.caller_id if outbound else None),
    }
