"""A certificate authority that only a test trusts, and what it has signed."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAMES = "subjectAltName=IP:127.0.0.1,DNS:post.example"


@dataclass(frozen=True)
class Certificates:
    """`ours` is what a mail server shows; `theirs` the same by an authority that nobody trusts."""

    ours: ssl.SSLContext
    theirs: ssl.SSLContext
    trusting: ssl.SSLContext


def make_certificates(directory: Path) -> Certificates:
    trusting = ssl.create_default_context()
    ours = _server(directory / "ours")
    trusting.load_verify_locations(directory / "ours" / "cert.pem")
    return Certificates(ours, _server(directory / "theirs"), trusting)


def _server(directory: Path) -> ssl.SSLContext:
    """A certificate that signs itself; whoever is told to trust it need trust nobody else."""
    directory.mkdir()
    key, certificate = directory / "key.pem", directory / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=post.example", "-addext", NAMES, "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
