"""AWS with TLS 1.3 in front of the local cloud, which speaks without. Reads of the table are asked there once and then
answered from memory: what is measured is the function, and every run of it gets the same bytes.
"""
import http.client
import socket
import ssl
import subprocess
import threading
import urllib.parse

from runtime_api import answer, read_message

READS = ("DynamoDB_20120810.Query", "DynamoDB_20120810.GetItem", "DynamoDB_20120810.BatchGetItem")


class TlsFront:
    def __init__(self, upstream, folder):
        self._upstream = urllib.parse.urlparse(upstream)
        self.authority = certificates(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(f"{folder}/server.pem", f"{folder}/server.key")
        context.set_alpn_protocols(["http/1.1"])
        # A full handshake every time, as a new execution environment has it.
        context.num_tickets = 0
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url, self.plain_url = f"https://localhost:{port}", upstream
        self._known = {}
        self.handshakes = 0
        self.calls = []
        threading.Thread(target=self._accept, daemon=True).start()

    def forget(self):
        """What was read before; the table is another one now."""
        self._known.clear()

    def _accept(self):
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain):
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._context.wrap_socket(plain, server_side=True) as connection:
                self.handshakes += 1
                stream = connection.makefile("rb")
                while (read := read_message(stream)) is not None:
                    answer(connection, *self._answer(*read))
        except OSError:
            pass

    def _answer(self, first, headers, body):
        target = headers.get("x-amz-target", first)
        self.calls.append(target)
        if target not in READS:
            return self._ask(first, headers, body)
        if (target, body) not in self._known:
            self._known[target, body] = self._ask(first, headers, body)
        return self._known[target, body]

    def _ask(self, first, headers, body):
        method, path, _ = first.split(" ", 2)
        upstream = http.client.HTTPConnection(self._upstream.hostname, self._upstream.port)
        upstream.request(method, path, body, {name: value for name, value in headers.items() if name != "content-length"})
        reply = upstream.getresponse()
        body = reply.read()
        kept = {name: value for name, value in reply.headers.items() if name.lower() not in HOP}
        return f"{reply.status} {reply.reason}", kept, body


HOP = ("content-length", "transfer-encoding", "connection", "date")


def certificates(folder):
    """An authority of our own with ECDSA keys, as Amazon's services have them, and a certificate for localhost."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Headend bench")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    with open(f"{folder}/names", "w") as names:
        names.write("subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n")
    authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"]
    openssl("x509", "-req", "-in", "server.csr", "-out", "server.pem", "-days", "2", *authority)
    return f"{folder}/ca.pem"
