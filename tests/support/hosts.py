"""Addresses that lead where no catalogue, document or redirect may lead, in every disguise."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

INSIDE = {
    "reports.quarry-watch.org": ["127.0.0.1"],
    "half.quarry-watch.org": ["93.184.215.14", "10.1.2.3"],
    "six.quarry-watch.org": ["::1"],
    "mapped.quarry-watch.org": ["::ffff:192.168.0.9"],
    "metadata.quarry-watch.org": ["169.254.169.254"],
}
"""Names in public form that resolve to addresses inside."""

LOOPBACK = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "0x7f.0x0.0x0.0x1",
    "127.000.000.001",
    "127.0.0.01",
    "0",
    "0.0.0.0",
    "0x0",
    "00",
    "127.255.255.254",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "a.localhost",
    "localhost.localdomain",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[2a00:1450::5efe:7f00:1]",
    "[2a00:1450::200:5efe:7f00:1]",
    "127\u30020\u30020\u30021",
    "\uff11\uff12\uff17.0.0.1",
    "\u2460\u2461\u2466.0.0.1",
    "%31%32%37.0.0.1",
    "127.0.0.1%00",
    "127.0.0.1%2e",
    "loc\u00adalhost",
    "x@127.0.0.1",
    "example.org@127.0.0.1",
    "user:word@localhost",
    "example.org\\@127.0.0.1",
    "127.0.0.1\\.example.org",
]
"""Forms of this machine."""

ELSEWHERE = [
    "10.0.0.5",
    "10.1",
    "0xa000005",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "192.168.257",
    "3232235777",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "169.254.43518",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.7",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.3",
    "203.0.113.9",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "[fe80::1%eth0]",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "[fc00::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[ff0e::1]",
    "[100::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
    "[2001:2::1]",
    "[2002:a00:1::1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[::ffff:10.0.0.1]",
    "metadata.google.internal",
    "metadata.google.internal.",
    "metadata",
    "router",
    "printer.local",
    "nas.home.arpa",
    "wiki.corp",
    "db.internal",
    "x.test",
    "x.invalid",
    "x.onion",
    *INSIDE,
]
"""Forms of other places inside: private, shared, link-local, metadata, multicast, reserved."""

SENTENCE = (
    r"no public (address|server)|number in disguise|no name of a server|is no address|"
    r"user name or password|no IPv6 address"
)
"""What the guard says of them; a failed connection would say something else."""


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no name server here: `INSIDE` resolves as said, everything else as usual."""
    usual = socket.getaddrinfo

    def look_up(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        if host not in INSIDE:
            return usual(host, port, *args, **more)
        return [
            (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port))
            for a in INSIDE[host]
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and `names`, with its key: two files."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test")])
    now = datetime.now(UTC)
    also = [x509.IPAddress(ip_address("127.0.0.1")), *map(x509.DNSName, names)]
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(also), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert, secret


@contextmanager
def secure(handler: type[BaseHTTPRequestHandler], cert: Path, key: Path) -> Iterator[int]:
    """An https server on a free port of this machine; the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def listening(act: Any) -> Iterator[int]:
    """A server that does with each connection what `act` does; the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                Thread(target=act, args=(line,), daemon=True).start()

        Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
