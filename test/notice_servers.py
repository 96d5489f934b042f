#!/usr/bin/env python3
"""A mail server and an HTTP receiver for tests of notices (standard library only).

notice_servers.py LOG   prints "SMTP-PORT HTTP-PORT" and serves until standard input ends.

Each message received is a line of JSON in LOG: kind mail or http, at (seconds), and what came.
How they answer is read from LOG.mode at each connection, lines "smtp WORD" and "http WORD":
  smtp  ok | hang (never greets) | refuse (550 to the receiver) | busy (451) | drop (closes after
        the mail, before saying that it was taken: it counts as received)
HTTP goes by the path: /ok /500 /hang /drop /redirect (to /stolen) /slow (0.3 s); /flip does what
"http WORD" says.
"""
import base64, email, email.header, json, os, socket, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

log_path = sys.argv[1]
lock = threading.Lock()


def note(**what):
    what["at"] = time.time()
    with lock, open(log_path, "a", encoding="utf-8") as f:
        f.write(json.dumps(what, ensure_ascii=False, sort_keys=True) + "\n")


def mode(kind):
    try:
        with open(log_path + ".mode", encoding="utf-8") as f:
            for line in f:
                words = line.split()
                if len(words) == 2 and words[0] == kind:
                    return words[1]
    except FileNotFoundError:
        pass
    return "ok"


def hang(connection):
    """Says nothing until the other side gives up."""
    connection.settimeout(60)
    try:
        while connection.recv(4096):
            pass
    except OSError:
        pass


def take_mail(raw, sender, receiver):
    m = email.message_from_bytes(raw)
    subject = str(email.header.make_header(email.header.decode_header(m["Subject"])))
    note(kind="mail", id=m["Message-ID"], subject=subject, date=m["Date"], sender=sender, to=receiver,
         raw_ascii=raw.isascii(), lines=max(len(l) for l in raw.split(b"\r\n")),
         body=base64.b64decode(m.get_payload()).decode("utf-8"))


def smtp(connection):
    how = mode("smtp")
    if how == "hang":
        return hang(connection)
    f = connection.makefile("rwb")

    def say(text):
        f.write(text.encode() + b"\r\n")
        f.flush()

    say("220 test ESMTP")
    sender = receiver = ""
    while line := f.readline():
        word = line.decode().strip()
        verb = word[:4].upper()
        if verb in ("EHLO", "HELO"):
            say("250 test")
        elif verb == "MAIL":
            sender = word
            say("451 try later" if how == "busy" else "250 ok")
        elif verb == "RCPT":
            receiver = word
            say("550 unknown" if how == "refuse" else "250 ok")
        elif verb == "DATA":
            say("354 go on")
            raw = b""
            while (part := f.readline()) not in (b".\r\n", b""):
                raw += part[1:] if part.startswith(b"..") else part
            take_mail(raw, sender, receiver)
            if how == "drop":
                return
            say("250 taken")
        elif verb == "QUIT":
            say("221 bye")
            return
        else:
            say("500 what?")


def smtp_one(connection):
    with connection:
        try:
            smtp(connection)
        except OSError:
            pass


def smtp_serve(server):
    while True:
        connection, _ = server.accept()
        threading.Thread(target=smtp_one, args=(connection,), daemon=True).start()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("utf-8")
        path = self.path.split("?")[0]
        how = mode("http") if path == "/flip" else path[1:]
        note(kind="http", path=self.path, how=how, body=body,
             headers={k.lower(): v for k, v in self.headers.items()})
        self.close_connection = True
        if how == "hang":
            return hang(self.connection)
        if how == "drop":
            return
        if how == "slow":
            time.sleep(0.3)
        self.send_response({"500": 500, "redirect": 302}.get(how, 200))
        if how == "redirect":
            self.send_header("Location", "/stolen")
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_):
        pass


mail = socket.create_server(("127.0.0.1", 0), backlog=128)
web = Server(("127.0.0.1", 0), Receiver)
threading.Thread(target=smtp_serve, args=(mail,), daemon=True).start()
threading.Thread(target=web.serve_forever, daemon=True).start()
print(mail.getsockname()[1], web.server_port, flush=True)
while sys.stdin.buffer.read(4096):
    pass
os._exit(0)
