"""Ed25519 and RFC 3161, the latter against a real OpenSSL time-stamp authority."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.servers import file_server
from tests.support.tsa import Authority, authority, let_end, openssl

from gossan.core.errors import GossanError
from gossan.evidence import signature, timestamp
from gossan.io.network.tsa import ask
from gossan.run.publish import new_key, public_key, signing

MANIFEST = b'{"files": {}}\n'


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no time-stamp authority to ask")
    with authority(tmp_path_factory.mktemp("tsa") / "one") as running:
        yield running


def test_the_same_key_gives_the_same_bytes_and_openssl_agrees(tmp_path: Path) -> None:
    public = new_key(tmp_path / "k")
    secret = signing(tmp_path / "k").secret
    one, two = signature.seal(secret, MANIFEST), signature.seal(secret, MANIFEST)
    assert one.bytes == two.bytes
    assert one.key == public == public_key(str(tmp_path / "k"))
    signature.check(signature.read_signature(one.bytes), MANIFEST)
    (tmp_path / "m").write_bytes(signature.MANIFEST_CONTEXT + MANIFEST)
    (tmp_path / "s").write_bytes(bytes.fromhex(one.signature))
    openssl("pkey", "-in", tmp_path / "k", "-pubout", "-out", tmp_path / "p")
    said = openssl(
        "pkeyutl",
        "-verify",
        "-rawin",
        "-pubin",
        "-inkey",
        tmp_path / "p",
        "-in",
        tmp_path / "m",
        "-sigfile",
        tmp_path / "s",
    )
    assert b"Verified Successfully" in said


def test_every_byte_of_the_signature_file_counts(tmp_path: Path) -> None:
    new_key(tmp_path / "k")
    data = signature.seal(signing(tmp_path / "k").secret, MANIFEST, [b"reply"]).bytes
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(GossanError):
            signature.check(signature.read_signature(changed), MANIFEST, [b"reply"])


def test_a_key_is_private_never_written_over_and_may_be_locked(tmp_path: Path) -> None:
    new_key(tmp_path / "k", "secret words")
    assert (tmp_path / "k").stat().st_mode & 0o077 == 0
    with pytest.raises(GossanError, match="exists already"):
        new_key(tmp_path / "k")
    for password in ("", "wrong"):
        with pytest.raises(GossanError, match="secret key"):
            signing(tmp_path / "k", password)
    assert signing(tmp_path / "k", "secret words").key.startswith("ed25519:")
    (tmp_path / "other").write_bytes(openssl("genrsa", "2048"))
    with pytest.raises(GossanError, match="another kind"):
        signing(tmp_path / "other")
    with pytest.raises(GossanError, match="64 hexadecimal"):
        public_key("desk")


def test_a_stamp_holds_up_to_the_root_one_trusts(tsa: Authority, tmp_path: Path) -> None:
    wanted = timestamp.request_for(b"signature")
    reply = ask(tsa.url, wanted.body)
    roots = timestamp.read_roots(tsa.root.read_bytes())
    stamp = timestamp.check_reply(reply, b"signature", roots, wanted.nonce)
    assert stamp.trusted
    assert stamp.authority == "CN=Test stamper"
    assert stamp.root == "CN=Test root"
    assert abs(stamp.time - datetime.now(UTC)) < timedelta(minutes=5)
    alone = timestamp.check_reply(reply, b"signature")
    assert (alone.root, alone.trusted) == ("CN=Test root", False)
    with pytest.raises(GossanError, match="does not hold"):
        timestamp.check_reply(reply, b"another", roots)
    with pytest.raises(GossanError, match="Nonce"):
        timestamp.check_reply(reply, b"signature", roots, 7)
    (tmp_path / "reply").write_bytes(reply)
    (tmp_path / "data").write_bytes(b"signature")
    said = openssl(
        "ts",
        "-verify",
        "-in",
        tmp_path / "reply",
        "-data",
        tmp_path / "data",
        "-CAfile",
        tsa.root,
        "-untrusted",
        tsa.folder / "chain.pem",
    )
    assert b"OK" in said


def test_a_stamp_of_another_root_does_not_hold(tsa: Authority, tmp_path: Path) -> None:
    with authority(tmp_path / "two", "Other") as other:
        reply = ask(other.url, timestamp.request_for(b"x").body)
    with pytest.raises(GossanError, match="does not hold"):
        timestamp.check_reply(reply, b"x", timestamp.read_roots(tsa.root.read_bytes()))


def test_a_seal_covers_every_byte_of_the_stamp(tsa: Authority, tmp_path: Path) -> None:
    new_key(tmp_path / "k")
    secret = signing(tmp_path / "k").secret
    reply = ask(tsa.url, timestamp.request_for(signature.sign(secret, MANIFEST)).body)
    found = signature.seal(secret, MANIFEST, [reply])
    signature.check(found, MANIFEST, [reply])
    for at in range(0, len(reply), 7):
        changed = reply[:at] + bytes([reply[at] ^ 0x20]) + reply[at + 1 :]
        with pytest.raises(GossanError, match="time-stamp"):
            signature.check(found, MANIFEST, [changed])


def test_answers_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html>")
    with file_server(tmp_path) as web, pytest.raises(GossanError, match="gave no time-stamp"):
        ask(f"{web.url}/page.html", b"asked")
    with pytest.raises(GossanError, match=r"http\(s\) address"):
        ask("ftp://example.org?key=secret", b"asked")
    for junk in (b"", b"<html>", b"\x30\x82" * 50, b"\x30" + b"\xff" * 5000):
        with pytest.raises(GossanError, match="does not hold"):
            timestamp.check_reply(junk, b"data")


def test_a_refusal_is_said(tsa: Authority) -> None:
    """OpenSSL refuses a digest it was not told to accept."""
    from rfc3161_client import decode_timestamp_response

    md5 = subprocess.run(
        ["openssl", "ts", "-query", "-digest", "00" * 16, "-md5", "-cert"],
        check=True,
        capture_output=True,
    ).stdout
    reply = ask(tsa.url, md5)
    assert decode_timestamp_response(reply).status == 2
    with pytest.raises(GossanError, match="refused"):
        timestamp.check_reply(reply, b"data")


def test_a_stamp_that_came_after_its_certificate_ended_is_refused_in_words(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: no time-stamp authority to ask")
    with authority(tmp_path / "tsa", "Late") as late:
        let_end(late.folder, datetime.now(UTC).replace(microsecond=0) - timedelta(days=1))
        reply = ask(late.url, timestamp.request_for(b"signature").body)
    for roots in ((), timestamp.read_roots(late.root.read_bytes())):
        with pytest.raises(GossanError, match="after the certificate of CN=Late stamper had ended"):
            timestamp.check_reply(reply, b"signature", roots)


def test_a_seal_covers_every_stamp_and_their_order(tmp_path: Path) -> None:
    new_key(tmp_path / "k")
    found = signature.seal(signing(tmp_path / "k").secret, MANIFEST, [b"one", b"two"])
    assert signature.read_signature(found.bytes) == found
    signature.check(found, MANIFEST, [b"one", b"two"])
    for wrong in ([b"one"], [b"two", b"one"], [b"one", b"two", b"three"], []):
        with pytest.raises(GossanError, match="time-stamp"):
            signature.check(found, MANIFEST, wrong)


def test_a_signature_of_an_older_gossan_still_holds() -> None:
    """As commit a01b9a3 wrote it, with its place for one time-stamp."""
    golden = Path(__file__).parents[1] / "golden" / "dossier-a01b9a3.tar.xz"
    with tarfile.open(golden) as archive:
        manifest, signed = (
            archive.extractfile(name).read()  # type: ignore[union-attr]
            for name in ("manifest.json", "signature.json")
        )
    found = signature.read_signature(signed)
    assert found.timestamps == ()
    signature.check(found, manifest)
    with pytest.raises(GossanError, match="time-stamp"):
        signature.check(found, manifest, [b"reply"])
