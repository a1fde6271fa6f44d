"""A tiny center's Asterisk for tests of the line to it: two phones, two departments, one trunk."""

import shutil
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

from switchboard.child import Account
from switchboard.pbx.ami import Ami
from switchboard.pbx.installation import Installation
from switchboard.pbx.process import AsteriskProcess

USER, SECRET = "test", "a-secret-of-the-tests"
TRUNK_ADDRESS = "127.0.0.9"

MODULES = """
app_db app_dial app_queue app_stack app_userevent bridge_simple bridge_softmix chan_pjsip
codec_ulaw func_callerid func_channel func_db func_logic pbx_config res_pjproject res_pjsip
res_pjsip_authenticator_digest res_pjsip_caller_id res_pjsip_endpoint_identifier_ip
res_pjsip_endpoint_identifier_user res_pjsip_pubsub res_pjsip_registrar res_pjsip_sdp_rtp
res_pjsip_session res_rtp_asterisk res_sorcery_astdb res_sorcery_config res_sorcery_memory
res_timing_timerfd
"""

FILES = {
    "asterisk.conf": """\
[directories]
astetcdir => {home}/etc
astmoddir => {modules}
astvarlibdir => {home}/lib
astdbdir => {home}/lib
astkeydir => {home}/lib
astdatadir => {data}
astagidir => {home}/lib
astspooldir => {home}/spool
astrundir => {home}/run
astlogdir => {home}/log
astsbindir => {home}/lib

[options]
systemname = tiny
""",
    "logger.conf": "[general]\n[logfiles]\nmessages => notice,warning,error,verbose\n",
    "manager.conf": """\
[general]
enabled = yes
bindaddr = 127.0.0.1
port = {ami_port}

[{user}]
secret = {secret}
read = system,call,agent,user
write = system,call,agent,user,command,reporting,originate
""",
    "pjsip.conf": """\
[global]
type = global
endpoint_identifier_order = ip,username

[udp]
type = transport
protocol = udp
bind = 127.0.0.1:{sip_port}

[trunk]
type = endpoint
context = from-trunk
allow = ulaw

[trunk]
type = identify
endpoint = trunk
match = {trunk}

[phone](!)
type = endpoint
context = inside
allow = ulaw
[phone-aor](!)
type = aor
max_contacts = 1
remove_existing = yes

[201](phone)
aors = 201
[201](phone-aor)

[202](phone)
aors = 202
[202](phone-aor)
""",
    "queues.conf": "[general]\npersistentmembers = no\n[sales]\nstrategy = rrmemory\n[support]\n",
    "extensions.conf": """\
[from-trunk]
exten => raw,1,Answer()
 same => n,Wait(60)
exten => queue,1,Answer()
 same => n,Queue(sales)
exten => menu,1,Goto(menu-main-v7,s,1)

[menu-main-v7]
exten => s,1,Answer()
 same => n,Wait(60)
""",
    "modules.conf": "[modules]\nautoload = no\n{loads}",
    "indications.conf": "[general]\ncountry = us\n[us]\nringcadence = 2000,4000\n",
}


class Tiny:
    """A state directory with the files of one Asterisk; `process` is new after each `restart`."""

    def __init__(self, installation: Installation, account: Account | None = None) -> None:
        self.state = Path(tempfile.mkdtemp(prefix="tiny-"))  # short, for the control socket
        self.home = self.state / "asterisk"
        self.conf = self.home / "etc" / "asterisk.conf"
        self.ami_port, self.sip_port = free_port(), free_port()
        self._installation = installation
        self._account = account
        for name in (
            "asterisk/lib",
            "asterisk/log",
            "asterisk/run",
            "asterisk/spool",
            "versions/1/etc",
        ):
            (self.state / name).mkdir(parents=True)
        (self.home / "etc").symlink_to("../versions/1/etc")
        for name in FILES:
            self.write(name)
        self.process = self.new_process()

    def write(self, name: str, secret: str = SECRET) -> None:
        values = {
            "home": str(self.home),
            "modules": str(self._installation.modules_dir),
            "data": str(self._installation.data_dir),
            "ami_port": str(self.ami_port),
            "sip_port": str(self.sip_port),
            "trunk": TRUNK_ADDRESS,
            "user": USER,
            "secret": secret,
            "loads": "".join(f"load = {name}.so\n" for name in MODULES.split()),
        }
        text = FILES[name]
        for key, value in values.items():
            text = text.replace(f"{{{key}}}", value)
        path = self.home / "etc" / name
        path.write_text(text)
        path.chmod(0o600)

    def new_process(self) -> AsteriskProcess:
        return AsteriskProcess(self._installation, self.conf, self._account)

    def ami(self, port: int | None = None, **settings: float) -> Ami:
        """A line, through a proxy if `port` is its."""
        return Ami("127.0.0.1", port or self.ami_port, USER, SECRET, **settings)  # type: ignore[arg-type]

    async def restart(self) -> None:
        """As after a crash."""
        self.process.kill()
        await self.process.wait()
        self.process = self.new_process()
        await self.process.start()

    def remains(self) -> list[int]:
        """The processes of this Asterisk, consoles included."""
        return processes_with(str(self.conf))

    def remove(self) -> None:
        shutil.rmtree(self.state)


def processes_with(argument: str) -> list[int]:
    """Those that were started with `argument`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if argument in path.read_text().split("\0"):
                found.append(int(path.parent.name))
    return found


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has, for UDP and for TCP."""
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        port: int = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        return port
