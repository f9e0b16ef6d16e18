#!/usr/bin/env python3
"""A scriptable HTTP endpoint for tests that logs all requests.

Prints the port that it listens on as its first line. Every request becomes a line of JSON in --log.
--answers is a file with a JSON list, one answer per request, the last one for all further requests; it is
read again for each request, so that a test may change it:
  {"status": 503, "headers": {"Retry-After": "1"}, "body": "later"}
  {"do": "hang"}  accepts the request and never answers    {"do": "reset"}  resets the connection
  {"do": "cut"}   answers 200 and stops within the body     {"do": "drip"}   a byte of it at a time
  {"do": "flood"} answers 200 with a body without end
As a proxy it answers requests with a whole URL itself, and tunnels CONNECT.
"""

import argparse
import json
import pathlib
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    count = 0

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass  # the sender may be gone: tests do that on purpose

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            return  # a sender that was killed in the middle of its request
        plan = json.loads(pathlib.Path(self.server.answers).read_text())
        certificate = self.connection.getpeercert() if hasattr(
            self.connection, "getpeercert") else None
        with Handler.lock:
            answer = plan[min(Handler.count, len(plan) - 1)]
            Handler.count += 1
            with open(self.server.log, "a") as log:
                log.write(json.dumps({
                    "at": time.time(), "method": self.command, "path": self.path,
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "body": body.decode(), "certificate": json.dumps(certificate),
                }) + "\n")
        what = answer.get("do")
        if what == "hang":
            time.sleep(3600)
        if what == "reset":
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        if what in ("drip", "flood"):
            self.pour(b"x" if what == "drip" else b"x" * 65536, 0.2 if what == "drip" else 0)
            return
        text = answer.get("body", "").encode()
        self.send_response(answer.get("status", 200))
        for name, value in answer.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text) + (10 if what == "cut" else 0)))
        self.end_headers()
        self.wfile.write(text)
        if what == "cut":
            self.close_connection = True

    def pour(self, piece, pause):
        """Sends a body of a terabyte, piece by piece, until the client has had enough."""
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(piece)
            time.sleep(pause)

    do_POST = do_PUT = do_PATCH = do_GET = answer

    def do_CONNECT(self):
        with Handler.lock, open(self.server.log, "a") as log:
            log.write(json.dumps({"method": "CONNECT", "path": self.path}) + "\n")
        host, port = self.path.rsplit(":", 1)
        far = socket.create_connection((host, int(port)))
        self.send_response(200)
        self.end_headers()

        def copy(source, target):
            try:
                while data := source.recv(65536):
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        back = threading.Thread(target=copy, args=(far, self.connection), daemon=True)
        back.start()
        copy(self.connection, far)
        back.join()
        self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass  # tests break handshakes and connections on purpose


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--log", required=True)
    parser.add_argument("--answers", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate", help="PEM file with certificate and key: speak TLS")
    parser.add_argument("--clients", help="PEM file with the authority for client certificates")
    parser.add_argument("--stay", action="store_true", help="keep running after standard input is closed")
    options = parser.parse_args()
    server = Server(("127.0.0.1", options.port), Handler)
    server.log, server.answers = options.log, options.answers
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate)
        if options.clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(options.clients)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False)
    print(server.server_address[1], flush=True)
    if options.stay:
        server.serve_forever()
    # The parent holds the other end: this process must not outlive a test that was killed.
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
