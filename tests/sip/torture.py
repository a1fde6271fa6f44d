"""Malformed and strange SIP after RFC 4475, under its names: each to be answered or dropped."""

from collections.abc import Mapping

TO = "127.0.0.1:5060"


def _message(first: str, headers: Mapping[str, str | None], body: str = "") -> bytes:
    """A request from 127.0.0.4; a header that is None is left out."""
    usual: dict[str, str | None] = {
        "Via": "SIP/2.0/UDP 127.0.0.4:5060;branch=z9hG4bK-torture",
        "Max-Forwards": "70",
        "From": "<sip:caller@127.0.0.4>;tag=torture",
        "To": f"<sip:201@{TO}>",
        "Call-ID": "torture",
        "CSeq": "1 INVITE",
        "Contact": "<sip:caller@127.0.0.4:5060>",
        "Content-Length": str(len(body)),
    }
    lines = [
        f"{name}: {value}" for name, value in {**usual, **headers}.items() if value is not None
    ]
    return "\r\n".join([first, *lines, "", body]).encode("utf-8", "surrogateescape")


def _invite(headers: Mapping[str, str | None], body: str = "", uri: str = f"sip:201@{TO}") -> bytes:
    return _message(f"INVITE {uri} SIP/2.0", headers, body)


SDP = "v=0\r\no=mhandley 29739 7272939 IN IP4 127.0.0.4\r\ns=-\r\nc=IN IP4 127.0.0.4\r\nt=0 0\r\n"
SDP += "m=audio 49217 RTP/AVP 0 12\r\n"
LONG = "0123456789" * 400

_WRITTEN: dict[str, bytes] = {
    "wsinv": _invite({"TO": f"\r\n  sip:201@{TO} ;   tag    = 1918181833n", "s": ""}),
    "intmeth": _message(
        f"!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~@{TO} SIP/2.0",
        {"CSeq": "139122385 !interesting-Method0123456789_*+`.%indeed'~"},
    ),
    "esc01": _invite({}, uri=f"sip:sips%3Auser%40example.com@{TO}"),
    "escnull": _message(
        f"REGISTER sip:{TO} SIP/2.0",
        {
            "CSeq": "1 REGISTER",
            "To": "sip:null-%00-null@127.0.0.1",
            "Contact": "<sip:%00@127.0.0.4>",
        },
    ),
    "lwsdisp": _invite({"From": "caller<sip:caller@127.0.0.4>;tag=323"}),
    "longreq": _invite({"To": f'"{LONG}" <sip:{LONG}@{TO}>', "Subject": LONG, "Call-ID": LONG}),
    "dblreq": _message(f"REGISTER sip:{TO} SIP/2.0", {"CSeq": "8 REGISTER"}) + _invite({}, SDP),
    "semiuri": _message(
        f"OPTIONS sip:user;par=u%40example.net@{TO} SIP/2.0", {"CSeq": "8 OPTIONS"}
    ),
    "transports": _message(
        f"OPTIONS sip:201@{TO} SIP/2.0",
        {
            "CSeq": "6 OPTIONS",
            "Via": "SIP/2.0/UNKNOWN 127.0.0.4;branch=z9hG4bK1, SIP/2.0/UDP t;branch=a",
        },
    ),
    "badinv01": _invite(
        {"From": '"Mr. J. User <sip:j@127.0.0.4>;tag=1;;,;,,', "Contact": '"Joe" <'}
    ),
    "clerr": _invite({"Content-Length": "9999"}, SDP),
    "ncl": _invite({"Content-Length": "-999"}, SDP),
    "scalar02": _message(
        f"REGISTER sip:{TO} SIP/2.0",
        {"CSeq": "36893488147419103232 REGISTER", "Max-Forwards": "300", "Expires": "1" + "0" * 90},
    ),
    "scalarlg": b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.4;branch=z9hG4bK;recv=1\r\nCSeq: "
    + b"9" * 30
    + b" OPTIONS\r\nContent-Length: 0\r\nRetry-After: 949302838503028349304023988\r\n\r\n",
    "quotbal": _invite({"To": f'"Mr. J. User <sip:201@{TO}>'}),
    "ltgtruri": _invite({}, uri=f"<sip:201@{TO}>"),
    "lwsruri": _invite({}, uri=f"sip:201@{TO}; lr"),
    "lwsstart": _message(f"INVITE  sip:201@{TO}  SIP/2.0", {}),
    "trws": _message(f"OPTIONS sip:201@{TO} SIP/2.0  ", {"CSeq": "1 OPTIONS"}),
    "escruri": _invite({}, uri=f"sip:201@{TO}?Route=%3Csip:example.com%3E"),
    "baddate": _invite({"Date": "Fri, 01 Jan 2010 16:00:00 EST"}),
    "regbadct": _message(
        f"REGISTER sip:{TO} SIP/2.0",
        {"CSeq": "1 REGISTER", "Contact": "sip:user@h?Route=%3Csip:s%3E"},
    ),
    "badaspec": _message(
        f"OPTIONS sip:201@{TO} SIP/2.0",
        {"CSeq": "1 OPTIONS", "To": '"<W@:x.y>" < sip:W@:127.0.0.1 >'},
    ),
    "badvers": _message(f"OPTIONS sip:201@{TO} SIP/7.0", {"CSeq": "1 OPTIONS"}),
    "mismatch01": _message(f"OPTIONS sip:201@{TO} SIP/2.0", {"CSeq": "8 INVITE"}),
    "mismatch02": _message(f"NEWMETHOD sip:201@{TO} SIP/2.0", {"CSeq": "8 INVITE"}),
    "bigcode": b"SIP/2.0 4294967301 better not break the receiver\r\nContent-Length: 0\r\n\r\n",
    "badbranch": _message(
        f"OPTIONS sip:201@{TO} SIP/2.0",
        {"CSeq": "8 OPTIONS", "Via": "SIP/2.0/UDP 127.0.0.4;branch=z9hG4bK"},
    ),
    "insuf": _invite({"Call-ID": None, "From": None, "To": None}),
    "unkscm": _message(
        "OPTIONS nobodyKnowsThisScheme:totallyopaque SIP/2.0", {"CSeq": "3 OPTIONS"}
    ),
    "novelsc": _message(f"OPTIONS soap.beep://{TO} SIP/2.0", {"CSeq": "3 OPTIONS"}),
    "bext01": _message(
        f"OPTIONS sip:201@{TO} SIP/2.0", {"CSeq": "1 OPTIONS", "Require": "nothingSupportsThis"}
    ),
    "invut": _invite({"Content-Type": "application/unknownformat"}, "<audio/>"),
    "multi01": _invite(
        {"from": "<sip:other@127.0.0.5>;tag=2", "CALL-ID": "two", "cseq": "2 INVITE"}
    ),
    "mcl01": _message(f"OPTIONS sip:201@{TO} SIP/2.0", {"CSeq": "1 OPTIONS", "l": "13"}),
    "bcast": b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23\r\n"
    b"Call-ID: bcast\r\nCSeq: 1 INVITE\r\nFrom: <sip:a@a>;tag=1\r\nTo: <sip:b@b>;tag=2\r\n\r\n",
    "zeromf": _message(f"OPTIONS sip:201@{TO} SIP/2.0", {"CSeq": "1 OPTIONS", "Max-Forwards": "0"}),
    "sdp01": _invite({"Content-Type": "application/sdp", "Accept": "text/nobodyKnowsThis"}, SDP),
    "inv2543": b"INVITE sip:201@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP iftgw.example.com\r\n"
    b"From: <sip:+13035551111@127.0.0.4;user=phone>\r\nTo: sip:201@127.0.0.1\r\n"
    b"CSeq: 1 INVITE\r\n\r\n",
    "empty lines": b"\r\n\r\n\r\n",
    "nul": b"\x00" * 1000,
    "bytes": bytes(range(256)) * 16,
}

# each a transaction of its own, or all but the first would be taken for its repetitions
MESSAGES = {
    name: message.replace(b"torture", f"torture-{number}".encode())
    for number, (name, message) in enumerate(_WRITTEN.items())
}
