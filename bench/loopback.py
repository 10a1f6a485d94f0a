"""Servers of S3's protocol for the comparisons, in this process: what they take is no client's CPU."""

import random
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from measuring import MIB


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class LoopbackS3:
    """One bucket, "bucket", on loopback as long as `with` lasts; a thread a connection. `get`,
    `put` and `post` answer, where there are such."""

    def __init__(self):
        s3 = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes

            def do_GET(self):
                s3.get(self)

            def do_PUT(self):
                s3.put(self)

            def do_POST(self):
                s3.post(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def answer(handler, status, body=b"", **headers):
        handler.send_response(status)
        for name, value in {"Content-Length": len(body), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)


class ReadOnlyS3(LoopbackS3):
    """Serves a directory as a bucket, and counts the bytes of objects that it sends."""

    def __init__(self, directory):
        super().__init__()
        self.directory = directory
        self.sent = 0

    def get(self, handler):
        address = urlsplit(handler.path)
        key = unquote(address.path).removeprefix("/bucket").removeprefix("/")
        if key:
            self.answer_object(handler, self.directory / key)
        else:
            self.answer_listing(handler, parse_qs(address.query).get("prefix", [""])[0])

    def answer_object(self, handler, path):
        if not path.is_file():
            self.answer(handler, 404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        content, status = path.read_bytes(), 200
        wanted = handler.headers.get("Range")
        headers = {"ETag": '"0"'}
        if wanted:
            first, last = (int(n) for n in wanted.removeprefix("bytes=").split("-"))
            last = min(last, len(content) - 1)
            headers["Content_Range"] = f"bytes {first}-{last}/{len(content)}"
            content, status = content[first:last + 1], 206
        self.sent += len(content)
        self.answer(handler, status, content, **headers)

    def answer_listing(self, handler, prefix):
        keys = sorted(str(p.relative_to(self.directory)) for p in self.directory.rglob("*")
                      if p.is_file())
        listed = "".join(
            f"<Contents><Key>{key}</Key><Size>{(self.directory / key).stat().st_size}</Size></Contents>"
            for key in keys if key.startswith(prefix))
        self.answer(handler, 200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{listed}"
                    "</ListBucketResult>".encode())


class WriteOnlyS3(LoopbackS3):
    """Counts what it is sent and keeps nothing. It answers each PUT `delay` seconds late. Where
    `failing`, one PUT of each ten, at random, fails, in turns with InternalError and with a reset in
    the middle of the body."""

    def __init__(self, delay=0.0, failing=False, seed=0):
        super().__init__()
        self.delay, self.failing = delay, failing
        self.random = random.Random(seed)
        self.mutex = threading.Lock()
        self.stored = 0  # bytes, guarded by mutex as all that follows
        self.puts = 0
        self.failed = 0
        self.unlucky = None  # which of these ten

    def put(self, handler):
        with self.mutex:
            if self.puts % 10 == 0:
                self.unlucky = self.random.randrange(10)
            fails = self.failing and self.puts % 10 == self.unlucky
            self.puts += 1
            self.failed += fails
            resets = fails and self.failed % 2 == 0
        size = int(handler.headers["Content-Length"])
        if resets:
            self.reset(handler, size // 2)
            return
        self.read(handler, size)
        time.sleep(self.delay)
        if fails:
            self.answer(handler, 500, b"<Error><Code>InternalError</Code></Error>")
            return
        with self.mutex:
            self.stored += size
        self.answer(handler, 200, ETag='"0"')

    def post(self, handler):
        """Begins and ends an upload of parts."""
        self.read(handler, int(handler.headers.get("Content-Length", 0)))
        begins = "uploads" in parse_qs(urlsplit(handler.path).query, keep_blank_values=True)
        root = "InitiateMultipartUploadResult" if begins else "CompleteMultipartUploadResult"
        self.answer(handler, 200, f"<{root}><UploadId>0</UploadId><ETag>0</ETag></{root}>".encode())

    @staticmethod
    def read(handler, size):
        buffer = memoryview(bytearray(MIB))
        while size > 0:
            count = handler.rfile.readinto(buffer[:min(size, MIB)])
            if count == 0:
                raise ConnectionError("the client went away")
            size -= count

    def reset(self, handler, size):
        self.read(handler, size)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True
