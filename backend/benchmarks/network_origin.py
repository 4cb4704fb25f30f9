"""The web server that `mindproof bench network` measures through: feeds made beforehand, as fast as they can be sent.

A process of its own, ``python -m backend.benchmarks.network_origin FOLDER SEED COUNT``: writes ``origin.pem`` (its
certificate, which is its own authority) into the folder, then prints its port, and ends when its input does.
"""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import json
import random
import ssl
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

POSTS = 50
_KNOWN_POSTS = 2000
_ABUSE = ("you are a disgusting idiot", "shut up you stupid bitch", "these people are vermin and scum")
_WORDS = tuple(
    """
    morning train window coffee garden letter river music photo answer friend market summer paper story evening
    street season colour kitchen weather village bridge picture corner station teacher dinner football library
    """.split()  # noqa: SIM905  (thirty quoted words are harder to read)
)


def feeds(seed: int, count: int) -> list[bytes]:
    """Feeds of `POSTS` posts, drawn from 2,000, as people's feeds share posts; one post in twenty is abusive."""
    drawn = random.Random(seed)  # noqa: S311  (no secret)
    posts = [_post(drawn, number) for number in range(_KNOWN_POSTS)]
    pages = ({"page": page, "next": page + 1, "posts": drawn.sample(posts, POSTS)} for page in range(count))
    return [json.dumps(page).encode() for page in pages]


def _post(drawn: random.Random, number: int) -> dict[str, object]:
    text = " ".join(drawn.choices(_WORDS, k=14))
    return {
        "id": f"p{number}",
        "author": {"id": drawn.randrange(10**9), "name": " ".join(drawn.choices(_WORDS, k=2)).title()},
        "text": f"{text}, {drawn.choice(_ABUSE)}" if number % 20 == 0 else text,
        "created_at": f"2026-03-{drawn.randint(1, 28):02}T12:{drawn.randint(0, 59):02}:00Z",
        "like_count": drawn.randrange(5000),
        "comment_count": drawn.randrange(300),
        "image": f"https://cdn.example/{number}.webp",
    }


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark origin")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))]
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both, alone = folder / "origin-key.pem", folder / "origin.pem"
    alone.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    both.touch(mode=0o600)
    both.write_bytes(secret + alone.read_bytes())
    return both


async def _serve(folder: Path, answers: list[bytes]) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(answers[int(head.split(b" ", 2)[1].rpartition(b"/")[2])])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    second = await asyncio.start_server(answer, "127.0.0.2", port, ssl=context)
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()
    second.close()


def main() -> None:
    folder, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: "
    answers = [f"{head}{len(feed)}\r\n\r\n".encode() + feed for feed in feeds(seed, count)]
    asyncio.run(_serve(folder, answers))


if __name__ == "__main__":
    main()
