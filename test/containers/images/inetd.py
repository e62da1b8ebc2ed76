"""Starts a program for each connection to port 21, as inetd(8) does."""

import socket
import subprocess
import sys

listener = socket.create_server(("::", 21), family=socket.AF_INET6, dualstack_ipv6=True)
while True:
    client, _ = listener.accept()
    subprocess.Popen(sys.argv[1:], stdin=client, stdout=client, stderr=subprocess.DEVNULL)
    client.close()
