"""A judge over HTTP that says what a test wants it to."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Answer = tuple[int, dict[str, str], object]


class Server:
    """An OpenAI-compatible server on loopback.  answer: from the request's body and how many came before."""

    def __init__(self) -> None:
        self.requests: list[dict] = []
        self.times: list[float] = []
        self.headers: list[str | None] = []
        self.answer: Callable[[dict, int], Answer] = lambda body, count: reply("4")
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                count = len(server.requests)
                server.requests.append(body)
                server.times.append(time.monotonic())
                server.headers.append(self.headers["authorization"])
                status, headers, content = server.answer(body, count)
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(data))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"
        Thread(target=self.http.serve_forever, daemon=True).start()


def reply(text: str) -> Answer:
    return 200, {}, {"choices": [{"message": {"role": "assistant", "content": text}}]}
