"""What an app's refusals mean, whose connections go past the proxy, and what is kept of that."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.network import phone_authority
from backend.network.ca import Authority
from backend.network.checks import traffic_checks
from backend.network.messages import Note
from backend.network.probe import bypassing, judge_host, judge_hosts, trusts_user_authorities
from backend.network.report import read_report, write_report
from backend.network.sockets import parse_sockets, parse_uids
from backend.network.traffic import MOST_HOSTS, HostTraffic, Traffic
from backend.phones.doctor import run_doctor
from backend.phones.phone import Phone
from backend.phones.shell_protocol import ShellResult
from device_agent.virtual_phone.adb import AdbDaemon
from device_agent.virtual_phone.still import StillDevice

UNKNOWN_CA = {"The client does not trust the proxy's certificate for x.test (tlsv1 alert unknown ca)": 3}
CERTIFICATE_UNKNOWN = {"The client does not trust the proxy's certificate (sslv3 alert certificate unknown)": 3}
LEFT = {"The client disconnected during the handshake.": 3}
TABLE = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0F02000A:A1B2 5DB8D822:01BB 01 00000000:00000000 00:00000000 00000000 10123        0 45678 1 0 20 4 30 10 -1
   1: 0100007F:9C40 0100007F:1F90 01 00000000:00000000 00:00000000 00000000 10200        0 45679 1 0 20 4 30 10 -1
   2: 0F02000A:A1B3 5DB8D822:01BB 06 00000000:00000000 00:00000000 00000000 10124        0 0 1 0 20 4 30 10 -1
"""
TABLE6 = """  sl  local_address                         remote_address                        st
   0: 0000000000000000FFFF00000100007F:9C41 0000000000000000FFFF00000100007F:01BB 01 0:0 0:0 0 10300 0 7 1 0
   1: B80D0120000000000000000001000000:D001 B80D0120000000000000000002000000:01BB 07 0:0 0:0 0 10125 0 8 2 0
"""


def seen(decrypted: int = 3, refused: int = 0, flows: int = 0, reasons: dict[str, int] | None = None) -> HostTraffic:
    counts = {"decrypted": decrypted, "client_tls": refused, "flow": flows}
    return HostTraffic("x.test", counts, reasons or {})


@pytest.mark.parametrize(
    ("traffic", "trusted", "verdict", "remedy"),
    [
        (seen(flows=2), True, "readable", ""),
        (seen(refused=3, reasons=UNKNOWN_CA), True, "distrusts", "rebuild the app"),
        (seen(refused=3, reasons=UNKNOWN_CA), False, "distrusts", "network ca SERIAL install"),
        (seen(refused=3, reasons=CERTIFICATE_UNKNOWN), True, "pinned", "--on app"),
        (seen(refused=3, reasons=CERTIFICATE_UNKNOWN), None, "distrusts", "network ca SERIAL install"),
        (seen(refused=3, reasons=LEFT), True, "pinned", "--on app"),
        (seen(flows=0), True, "pinned", "--on app"),
        (HostTraffic("x.test", {"tunnelled": 4}), True, "tunnelled", ""),
        (HostTraffic("x.test", {"unreachable": 4}), True, "unknown", ""),
    ],
)
def test_a_refusal_is_told_from_how_it_came(
    traffic: HostTraffic, trusted: bool | None, verdict: str, remedy: str
) -> None:
    found, why, what_to_do = judge_host(traffic, trusted)
    assert (found, remedy in what_to_do) == (verdict, True)
    assert why


def test_an_app_of_several_hosts_is_called_by_the_worst() -> None:
    hosts = [HostTraffic("a.test", {"decrypted": 1, "flow": 1}), HostTraffic("b.test", {"decrypted": 2})]
    (row,) = judge_hosts(hosts, True, {"a.test": "org.example", "b.test": "org.example"})
    assert (row.app, row.verdict, row.hosts) == ("org.example", "pinned", ("a.test", "b.test"))


def test_the_phones_tables_are_read_as_linux_writes_them() -> None:
    direct, proxied, ended = parse_sockets(TABLE)
    assert (direct.uid, direct.remote_port, direct.remote_is_loopback, direct.state) == (10123, 443, False, 1)
    assert (proxied.uid, proxied.local_port, proxied.remote_is_loopback, proxied.inode) == (10200, 40000, True, 45679)
    assert ended.state == 6
    mapped, quic = parse_sockets(TABLE6)
    assert (mapped.remote_is_loopback, quic.remote_is_loopback, quic.uid) == (True, False, 10125)


@given(st.text(alphabet="0123456789ABCDEF: \n", max_size=400))
def test_a_broken_table_is_no_error(text: str) -> None:
    assert all(0 <= one.local_port <= 0xFFFF for one in parse_sockets(text))


def test_the_kernels_own_table_lists_a_connection_of_ours() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as client,
    ):
        port = client.getsockname()[1]
        found = [one for one in parse_sockets(Path("/proc/net/tcp").read_text()) if one.local_port == port]
    assert [one.remote_is_loopback for one in found] == [True]


class _Told(Phone):
    """A phone that answers from a table of a real one's words."""

    def __init__(self, answers: dict[str, str], folder: Path) -> None:
        super().__init__("127.0.0.1:1", folder)
        self._answers = answers

    def shell(self, command: str, timeout_s: float = 10.0) -> ShellResult:
        found = next((text for start, text in self._answers.items() if command.startswith(start)), None)
        return ShellResult(found or "", "", 0 if found is not None else 1)


def test_apps_that_speak_quic_or_ignore_the_proxy_are_named(tmp_path: Path) -> None:
    phone = _Told(
        {
            "pm list packages -U": "package:org.direct uid:10123\npackage:org.quic uid:10125\npackage:org.x uid:10124",
            "cat /proc/net/udp": TABLE6,
            "cat /proc/net/tcp": TABLE,
        },
        tmp_path,
    )
    found = {one.app: (one.verdict, one.why) for one in bypassing(phone)}
    assert found == {
        "org.direct": ("bypassing", "it connects directly, past the proxy"),
        "org.quic": ("bypassing", "it speaks QUIC (UDP 443), past the proxy"),
    }


@pytest.mark.parametrize(("told", "expected"), [("targetSdk=23", True), ("targetSdk=34", None), ("", None)])
def test_an_app_for_android_6_trusts_users_authorities(tmp_path: Path, told: str, expected: bool | None) -> None:
    assert trusts_user_authorities(_Told({"dumpsys package": f"  {told} minSdk=21"}, tmp_path), "org.x") is expected


def test_uids_that_several_apps_share_count_for_the_first() -> None:
    assert parse_uids("package:a uid:10001\npackage:b uid:10001\nnonsense") == {10001: "a"}


def test_hosts_beyond_the_most_are_counted_without_their_name() -> None:
    traffic = Traffic()
    for number in range(MOST_HOSTS + 5):
        traffic.add(Note("tunnelled", 1, f"h{number}.test"))
    assert traffic.total("tunnelled") == MOST_HOSTS + 5
    assert len(traffic.hosts()) == MOST_HOSTS + 1


def test_a_report_keeps_no_host_that_was_tunnelled(tmp_path: Path) -> None:
    tunnelled = HostTraffic("secret.test", {"tunnelled": 9})
    write_report(tmp_path, "127.0.0.1:5555", [seen(flows=2), tunnelled], {"x.test": "org.x"})
    report = read_report(tmp_path, "127.0.0.1:5555")
    assert ([one.host for one in report.hosts], report.apps) == (["x.test"], {"x.test": "org.x"})
    assert "secret" not in "".join(path.read_text() for path in (tmp_path / "network" / "seen").iterdir())
    next((tmp_path / "network" / "seen").iterdir()).write_text("{")
    assert read_report(tmp_path, "127.0.0.1:5555").hosts == ()


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Phone]:
    with (
        StillDevice(np.zeros((128, 96, 4), np.uint8), "<hierarchy/>") as device,
        AdbDaemon(device, "127.0.0.1", 0, tmp_path / "trusted", True) as daemon,
        Phone(f"127.0.0.1:{daemon.port}", tmp_path / "keys") as link,
    ):
        (device.root / phone_authority.USER_STORE.strip("/")).mkdir(parents=True)
        yield link


def test_the_authority_is_put_where_android_keeps_it_and_taken_off_again(phone: Phone, tmp_path: Path) -> None:
    authority = Authority(tmp_path / "network" / "ca")
    certificate = authority.certificate()
    assert phone_authority.is_installed(phone, certificate) in (False, None)
    assert phone_authority.install(phone, certificate).where == "user store"
    name = phone_authority.store_name(certificate.read_bytes())
    assert phone.pull(f"/data/misc/user/0/cacerts-added/{name}") == certificate.read_bytes()
    assert phone_authority.is_installed(phone, certificate) is True
    phone_authority.remove(phone, certificate)
    assert phone_authority.is_installed(phone, certificate) is False
    assert not phone.shell(f"ls {phone_authority.DOWNLOAD}").ok


def test_where_the_shell_may_not_the_person_is_shown_the_way(phone: Phone, tmp_path: Path) -> None:
    certificate = Authority(tmp_path / "network" / "ca").certificate()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phone_authority, "USER_STORE", "/data/system/cacerts-added")
        placed = phone_authority.install(phone, certificate)
    assert (placed.where, "Install a certificate" in placed.steps) == ("by hand", True)
    assert phone.pull(phone_authority.DOWNLOAD) == certificate.read_bytes()


def test_the_key_is_its_owners_only_and_removable(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "network" / "ca")
    authority.certificate()
    keys = [path for path in authority.folder.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in keys] == [0o600]
    assert stat.S_IMODE(authority.folder.stat().st_mode) == 0o700
    assert authority.forget()
    assert authority.existing() is None


def test_the_doctor_says_of_each_app_whether_it_can_be_read(phone: Phone, tmp_path: Path) -> None:
    phone_authority.install(phone, Authority(tmp_path / "network" / "ca").certificate())
    hosts = [seen(flows=2), HostTraffic("pin.test", {"decrypted": 2, "client_tls": 2}, CERTIFICATE_UNKNOWN)]
    write_report(tmp_path, phone.serial, hosts, {"x.test": "org.reader", "pin.test": "org.chat"})
    told = run_doctor(phone.serial, tmp_path / "keys", checks={}, further=traffic_checks(tmp_path, phone.serial))
    found = {one.name: (one.status, one.found.partition(":")[0]) for one in told}
    assert found["certificate"] == ("ok", "trusted by the phone's user")
    assert found["traffic of org.reader"] == ("ok", "readable")
    assert found["traffic of org.chat"] == ("warn", "pinned")


def test_the_doctor_says_how_to_look_where_nothing_was_seen(phone: Phone, tmp_path: Path) -> None:
    told = run_doctor(phone.serial, tmp_path / "keys", checks={}, further=traffic_checks(tmp_path, phone.serial))
    (apps,) = [one for one in told if one.name == "traffic of apps"]
    assert (apps.status, "network on" in apps.remedy) == ("skip", True)
