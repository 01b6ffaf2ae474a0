"""A receiver of Splunk's HTTP event collector, as its documentation has it: a token, events one
after the other, gzip, and acknowledgement by channel
(docs.splunk.com, "Format events for HTTP Event Collector", "About HTTP Event Collector Indexer
Acknowledgment")."""

import gzip
import http.server
import json
import socket
import threading

TOKEN = "8a3f1c6e-0f6b-4b1e-9d52-9f1f6f0a7c11"


def serve(port, events):
    """Serves until it is shut down; puts events into the list."""
    acks = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self):
            super().setup()
            server.lines.add(self.connection)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("authorization") != f"Splunk {TOKEN}":
                return self.answer(403, {"text": "Invalid token", "code": 4})
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            channel = self.headers.get("x-splunk-request-channel")
            if self.path.startswith("/services/collector/ack"):
                return self.asked(channel, body)
            if self.path not in ("/services/collector", "/services/collector/event"):
                return self.answer(404, {"text": "Not found", "code": 404})
            return self.collect(channel, body)

        def collect(self, channel, body):
            decoder, text, read = json.JSONDecoder(), body.decode().strip(), []
            while text:
                event, end = decoder.raw_decode(text)
                if "event" not in event:
                    said = {"text": "Event field is required", "code": 12}
                    return self.answer(400, said | {"invalid-event-number": len(read)})
                read.append(event)
                text = text[end:].lstrip()
            if not read:
                return self.answer(400, {"text": "No data", "code": 5})
            events.extend(read)
            said = {"text": "Success", "code": 0}
            if channel:
                acks.setdefault(channel, []).append(True)
                said["ackId"] = len(acks[channel]) - 1
            return self.answer(200, said)

        def asked(self, channel, body):
            if not channel:
                return self.answer(400, {"text": "Data channel is missing", "code": 10})
            known = acks.get(channel, [])
            wanted = json.loads(body)["acks"]
            return self.answer(200, {"acks": {str(ack): ack < len(known) for ack in wanted}})

        def answer(self, status, said):
            said = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.lines = set()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def end(server):
    """Hangs up on everybody."""
    server.shutdown()
    server.server_close()
    for line in server.lines:
        try:
            line.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
