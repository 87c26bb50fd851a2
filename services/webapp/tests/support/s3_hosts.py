"""S3 under its own names, of any region, on loopback: it checks host and signature as S3 does."""

import hashlib
import hmac
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SECRET = "the-secret-key-of-the-site"
SUFFIXES = (".amazonaws.com", ".amazonaws.com.cn")


def host_of(bucket: str, region: str) -> str:
    """Under which S3 has a bucket."""
    return f"{bucket}.s3.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


@dataclass
class S3Hosts:
    """Buckets by name, each in its region; all have the same recording.

    Addresses signed before `valid_from` are refused, as are those of credentials that have expired.
    """

    regions: dict[str, str]
    recording: bytes
    certificate: Path
    valid_from: float = 0.0
    most: int = 1 << 30  # bytes of an answer, after which the connection is lost
    log: list[tuple[str, int]] = field(default_factory=list)
    port: int = 0

    def check(self, method: str, host: str, target: str) -> int:
        """The status with which S3 answers."""
        bucket = host.partition(".")[0]
        if host != host_of(bucket, self.regions.get(bucket, "")):
            return 307
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        given = query.pop("X-Amz-Signature", "")
        signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%S%z").timestamp()
        is_over = time.time() > signed_at + int(query["X-Amz-Expires"])
        if is_over or signed_at < self.valid_from or query["X-Amz-SignedHeaders"] != "host":
            return 403
        expected = _sign(method, host, parts.path, query, self.regions[bucket])
        return 200 if hmac.compare_digest(given, expected) else 403


def _sign(method: str, host: str, path: str, query: dict[str, str], region: str) -> str:
    """The signature of version 4 in a query ("Authenticating requests", S3's API reference)."""
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query.items()
    )
    asked = "&".join(f"{name}={value}" for name, value in pairs)
    request = f"{method}\n{path}\n{asked}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    scope = [query["X-Amz-Date"][:8], region, "s3", "aws4_request"]
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], "/".join(scope), digest])
    key = reduce(_hmac, scope, f"AWS4{SECRET}".encode())
    return _hmac(key, text).hex()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _handler(hosts: S3Hosts) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            """Where a bucket lies, as it is asked by who has credentials: told in any case."""
            host = self.headers["Host"]
            bucket = host.partition(".")[0]
            region = hosts.regions[bucket]
            self.send_response(200 if host == host_of(bucket, region) else 301)
            self.send_header("x-amz-bucket-region", region)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            host = self.headers["Host"]
            status = hosts.check("GET", host, self.path)
            hosts.log.append((host, status))
            if status != 200:
                self.send_response(status)
                self.send_header("Location", "https://elsewhere.amazonaws.com/")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._send(hosts.recording, hosts.most)

        def _send(self, whole: bytes, most: int) -> None:
            asked = self.headers.get("Range", "")
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start, end = int(first or 0), min(int(last or len(whole) - 1), len(whole) - 1)
            self.send_response(206 if asked else 200)
            self.send_header("Content-Type", "video/mp4")
            self.send_header("Accept-Ranges", "bytes")
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{end}/{len(whole)}")
            self.send_header("Content-Length", str(end + 1 - start))
            self.end_headers()
            self.wfile.write(whole[start : end + 1][:most])
            self.close_connection = end + 1 - start > most

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Browsers hang up when they have enough."""


@contextmanager
def s3_hosts(folder: Path, regions: dict[str, str], recording: bytes) -> Iterator[S3Hosts]:
    """The emulator, and a certificate for all names that AWS has for these."""
    names = [name for bucket in regions for name in _names(bucket, {*regions.values()})]
    certificate, key = _certify(folder, names)
    hosts = S3Hosts(regions, recording, certificate)
    server = _Server(("127.0.0.1", 0), _handler(hosts))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    hosts.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield hosts
    server.shutdown()
    server.server_close()


def _names(bucket: str, regions: set[str]) -> list[str]:
    """Wherever a bucket may be looked for."""
    elsewhere = {"us-west-2", "cn-northwest-1"}
    return [host_of(bucket, region) for region in regions | elsewhere] + [
        f"{bucket}.s3.amazonaws.com"
    ]


def _certify(folder: Path, names: list[str]) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "S3 on loopback")])
    made = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    certificate, secret = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(pem))
    no_password = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, no_password))
    return certificate, secret
