"""A time-stamp authority: OpenSSL's own, behind a small HTTP server, with a chain of three."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from tests.support.servers import serving

CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = unused
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[middle]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[stamper]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = tsa1
[tsa1]
dir = {folder}
serial = {folder}/serial
signer_cert = {folder}/stamper.pem
certs = {folder}/chain.pem
signer_key = {folder}/stamper.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_chain = yes
ess_cert_id_alg = sha256
tsa_name = yes
"""


@dataclass(frozen=True)
class Authority:
    """Its address, and the file of its root certificate."""

    url: str
    root: Path
    folder: Path


def openssl(*words: str | Path, given: bytes | None = None) -> bytes:
    """Run openssl; what it writes."""
    return subprocess.run(
        ["openssl", *map(str, words)], input=given, check=True, capture_output=True
    ).stdout


def make_authority(folder: Path, name: str = "Test") -> None:
    """Keys and certificates: a root, one in between, and the one that stamps."""
    folder.mkdir(parents=True)
    config = folder / "tsa.cnf"
    config.write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    above = ""
    for who in ("root", "middle", "stamper"):
        openssl(
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-out",
            folder / f"{who}.key",
        )
        openssl(
            "req",
            "-new",
            "-config",
            config,
            "-subj",
            f"/CN={name} {who}",
            "-key",
            folder / f"{who}.key",
            "-out",
            folder / f"{who}.csr",
        )
        by: list[str | Path] = (
            ["-signkey", folder / "root.key"]
            if not above
            else [
                "-CA",
                folder / f"{above}.pem",
                "-CAkey",
                folder / f"{above}.key",
                "-CAcreateserial",
            ]
        )
        openssl(
            "x509",
            "-req",
            "-in",
            folder / f"{who}.csr",
            "-days",
            "3650",
            *by,
            "-extfile",
            config,
            "-extensions",
            who,
            "-out",
            folder / f"{who}.pem",
        )
        above = who
    chain = (folder / "middle.pem").read_text() + (folder / "root.pem").read_text()
    (folder / "chain.pem").write_text(chain)


def let_end(folder: Path, when: datetime) -> None:
    """Let the certificate that stamps have ended at `when`; the authority goes on stamping."""
    old = x509.load_pem_x509_certificate((folder / "stamper.pem").read_bytes())
    above = load_pem_private_key((folder / "middle.key").read_bytes(), None)
    assert isinstance(above, EllipticCurvePrivateKey)
    made = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(old.issuer)
        .public_key(old.public_key())
        .serial_number(old.serial_number)
        .not_valid_before(when - timedelta(days=365))
        .not_valid_after(when)
    )
    for extension in old.extensions:
        made = made.add_extension(extension.value, extension.critical)
    pem = made.sign(above, hashes.SHA256()).public_bytes(Encoding.PEM)
    (folder / "stamper.pem").write_bytes(pem)


@contextmanager
def authority(folder: Path, name: str = "Test") -> Iterator[Authority]:
    """A running authority; it answers with `openssl ts`."""
    make_authority(folder, name)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = folder / "asked.tsq"
            with lock:
                asked.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
                reply = openssl("ts", "-reply", "-config", folder / "tsa.cnf", "-queryfile", asked)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with serving(Handler) as url:
        yield Authority(url, folder / "root.pem", folder)
