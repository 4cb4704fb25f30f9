"""Who may connect: keys in Android's format, against a library that nobody here wrote."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path

import pytest
from adb_shell.auth.keygen import encode_pubkey, keygen
from adb_shell.auth.sign_pythonrsa import PythonRSASigner
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from device_agent.virtual_phone.adb.auth import (
    TrustedHosts,
    decode_public_key,
    encode_public_key,
    fingerprint,
    verifies,
)
from device_agent.virtual_phone.errors import ProtocolError


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "adbkey"
    keygen(str(path))
    return path


@pytest.fixture(scope="module")
def public_line(key_file: Path) -> bytes:
    return key_file.with_suffix(".pub").read_bytes()


def test_the_public_key_has_androids_bytes(key_file: Path, public_line: bytes) -> None:
    private = load_pem_private_key(key_file.read_bytes(), None)
    assert encode_public_key(decode_public_key(public_line)) == encode_pubkey(str(key_file))
    assert decode_public_key(public_line).public_numbers() == private.public_key().public_numbers()


def test_a_hosts_signature_of_the_token_verifies_and_of_another_does_not(key_file: Path, public_line: bytes) -> None:
    token = secrets.token_bytes(20)
    signature = PythonRSASigner.FromRSAKeyPath(str(key_file)).Sign(token)
    key = decode_public_key(public_line)
    assert verifies(key, token, signature)
    assert not verifies(key, secrets.token_bytes(20), signature)
    assert not verifies(key, token, b"")


@given(st.binary(max_size=900))
def test_anything_else_is_no_key(line: bytes) -> None:
    with pytest.raises(ProtocolError, match="not a public key"):
        decode_public_key(line)


def test_an_unknown_host_is_refused_with_what_to_do(
    tmp_path: Path, public_line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    hosts = TrustedHosts(tmp_path / "adb_keys", accept_first=False)
    assert not hosts.offer(public_line + b"\0")
    assert f"append its adbkey.pub to {tmp_path / 'adb_keys'}" in caplog.text
    assert fingerprint(decode_public_key(public_line)) in caplog.text
    assert not hosts.keys()


def test_an_accepted_host_is_remembered(tmp_path: Path, key_file: Path, public_line: bytes) -> None:
    path = tmp_path / "misc" / "adb_keys"
    assert TrustedHosts(path, accept_first=True).offer(public_line + b"\0")
    token = secrets.token_bytes(20)
    signature = PythonRSASigner.FromRSAKeyPath(str(key_file)).Sign(token)
    assert TrustedHosts(path, accept_first=False).verify(token, signature)
    assert path.stat().st_mode & 0o077 == 0


def test_a_host_that_cannot_be_remembered_is_refused(
    tmp_path: Path, public_line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    assert not TrustedHosts(tmp_path / "file" / "adb_keys", accept_first=True).offer(public_line)
    assert "cannot be written" in caplog.text


def test_a_broken_line_does_not_shut_out_the_others(
    tmp_path: Path, public_line: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "adb_keys"
    path.write_bytes(b"rubbish\n\n" + public_line + b"\n")
    with caplog.at_level(logging.WARNING):
        assert len(TrustedHosts(path, accept_first=False).keys()) == 1
    assert "line 1 is skipped" in caplog.text
