"""The Lambda Runtime API of one process: hands out events one after the other, and keeps what is answered.

After the last event the process is left waiting for the next, as Lambda leaves it between two requests.
"""
import json
import socket
import threading

WAIT_SECS = 120


class RuntimeApi:
    def __init__(self, events=()):
        self._events = iter(events)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self.first_asked = threading.Event()
        self.idle = threading.Event()
        self.answered = 0
        self.last = None
        self.failure = None
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        stream = connection.makefile("rb")
        try:
            while (read := read_message(stream)) is not None:
                first, _, body = read
                method, path, _ = first.split(" ", 2)
                if method == "GET":
                    self._next(connection)
                else:
                    self._take(path, body)
                    answer(connection, "202 Accepted", {}, b"{}")
        except OSError:
            pass

    def _next(self, connection):
        self.first_asked.set()
        event = next(self._events, None)
        if event is None:
            self.idle.set()
            return
        headers = {
            "content-type": "application/json",
            "lambda-runtime-aws-request-id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
            "lambda-runtime-deadline-ms": "4102444800000",
            "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-west-1:000000000000:function:bench",
            "lambda-runtime-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        }
        answer(connection, "200 OK", headers, event)

    def _take(self, path, body):
        if path.endswith("/response"):
            self.answered += 1
            self.last = body
        else:
            self.failure = f"{path}: {body.decode(errors='replace')}"
            self.idle.set()

    def wait_idle(self, secs=WAIT_SECS):
        """Until all events are answered and the process waits for more."""
        if not self.idle.wait(secs):
            raise RuntimeError(f"not idle after {secs} s; {self.answered} answers, the last: {self.last}")
        if self.failure:
            raise RuntimeError(self.failure)

    def last_answer(self):
        return json.loads(self.last)

    def close(self):
        self._listener.close()
        for connection in self._open:
            connection.close()


def read_message(stream):
    """The first line, the headers and the body of one HTTP message, or None at the end."""
    first = stream.readline()
    if not first:
        return None
    headers = {}
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, value = line.decode("latin-1").split(":", 1)
        headers[name.strip().lower()] = value.strip()
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = b""
        while size := int(stream.readline().split(b";")[0], 16):
            body += stream.read(size)
            stream.readline()
        stream.readline()
    else:
        body = stream.read(int(headers.get("content-length", "0")))
    return first.decode("latin-1").strip(), headers, body


def answer(connection, status, headers, body):
    """In one piece, so that no packet waits for the acknowledgement of another."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *(f"{name}: {value}" for name, value in headers.items())]
    connection.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
