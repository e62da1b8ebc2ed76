#!/usr/bin/env python3
"""A small FTP proxy that shares no code with Anchorage: relays the control connection line by line, rewrites PORT, EPRT,
227 and 229, and loads rules with pfctl(8). A thread for each session.

    relay.py LISTEN PORT PFCTL ANCHOR [--server ADDRESS] [--keeps-rules] [--dies-at COMMAND]

--keeps-rules leaves the rules of a session behind. --dies-at ends the whole program at that command of a client.
"""

import argparse
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import threading

options = argparse.ArgumentParser()
for word in ("listen", "port", "pfctl", "anchor"):
    options.add_argument(word)
options.add_argument("--server", default="")
options.add_argument("--keeps-rules", action="store_true")
options.add_argument("--dies-at")
options = options.parse_args()

numbers = itertools.count(1)
ports = itertools.count(50_001)
held = set()


def log(text):
    print(text, file=sys.stderr, flush=True)


def pfctl(anchor, *words, rules=""):
    done = subprocess.run([options.pfctl, "-a", anchor, *words], input=rules, text=True, capture_output=True)
    if done.returncode != 0:
        raise OSError(f"pfctl: {done.stderr.strip()}")


class Session:
    def __init__(self, client):
        self.client = client
        self.anchor = f"{options.anchor}/{os.getpid()}.{next(numbers)}"
        self.dialled = client.getsockname()[0]
        self.client_address = client.getpeername()[0]
        self.server_address = options.server or self.dialled
        self.server = socket.create_connection((self.server_address, 21))
        self.own_address = self.server.getsockname()[0]
        self.family = "inet6" if ":" in self.dialled else "inet"
        log(f"{self.client_address} to {self.server_address}")

    def opens(self, source, seen, target, target_port, shown):
        """A data connection from source to seen, which PF sends to target as if it came from shown. Returns its port."""
        port = next(ports)
        rule = f"{self.family} proto tcp from {source} to {{}} port {{}} flags S/SA keep state (max 1)"
        rules = (
            f"pass in quick {rule.format(seen, port)} rdr-to {target} port {target_port}\n"
            f"pass out quick {rule.format(target, target_port)} nat-to {shown}\n"
        )
        pfctl(self.anchor, "-f", "-", rules=rules)
        held.add(self.anchor)
        return port

    def passive(self, port):
        return self.opens(self.client_address, self.dialled, self.server_address, port, self.own_address)

    def active(self, port):
        return self.opens(self.server_address, self.own_address, self.client_address, port, self.dialled)

    def command(self, line):
        word = line.split(" ")[0].upper()
        if options.dies_at == word:
            log(f"dies at {word}")
            os._exit(7)
        if found := re.match(r"PORT (?:\d+,){4}(\d+),(\d+)$", line, re.I):
            high, low = divmod(self.active(int(found[1]) * 256 + int(found[2])), 256)
            return f"PORT {self.own_address.replace('.', ',')},{high},{low}"
        if found := re.match(r"EPRT \|([12])\|[^|]+\|(\d+)\|$", line, re.I):
            return f"EPRT |{found[1]}|{self.own_address}|{self.active(int(found[2]))}|"
        return line

    def reply(self, line):
        if found := re.match(r"227 [^\d]*(?:\d+,){4}(\d+),(\d+)", line):
            high, low = divmod(self.passive(int(found[1]) * 256 + int(found[2])), 256)
            return f"227 Entering Passive Mode ({self.dialled.replace('.', ',')},{high},{low})"
        if found := re.match(r"229 .*\|\|\|(\d+)\|", line):
            return f"229 Entering Extended Passive Mode (|||{self.passive(int(found[1]))}|)"
        return line

    def relay(self, source, target, change):
        """Until source has sent its FIN or one of them is gone."""
        rest = b""
        try:
            while data := source.recv(4096):
                *lines, rest = (rest + data).split(b"\r\n")
                for line in lines:
                    target.sendall(change(line.decode("latin-1")).encode("latin-1") + b"\r\n")
            target.sendall(rest)
            target.shutdown(socket.SHUT_WR)
        except OSError as error:
            log(f"{self.client_address}: {error}")
            for end in (source, target):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def run(self):
        down = threading.Thread(target=self.relay, args=(self.server, self.client, self.reply))
        down.start()
        self.relay(self.client, self.server, self.command)
        down.join()
        self.server.close()
        self.client.close()
        if self.anchor in held and not options.keeps_rules:
            pfctl(self.anchor, "-F", "rules")
            held.discard(self.anchor)


def serve(client):
    try:
        Session(client).run()
    except OSError as error:
        log(f"session: {error}")
        client.close()


def leave(*_):
    for anchor in list(held):
        pfctl(anchor, "-F", "rules")
    os._exit(0)


signal.signal(signal.SIGTERM, leave)
family = socket.AF_INET6 if ":" in options.listen else socket.AF_INET
listener = socket.create_server((options.listen, int(options.port)), family=family)
log(f"listening on {options.listen} port {options.port}")
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
