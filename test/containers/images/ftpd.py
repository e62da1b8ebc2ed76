"""A server of pyftpdlib with one account: user, password, home, first and last passive port, address for 227."""

import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

user, password, home, first, last, address = sys.argv[1:]
FTPHandler.authorizer = DummyAuthorizer()
FTPHandler.authorizer.add_user(user, password, home, perm="elradfmwMT")
FTPHandler.passive_ports = range(int(first), int(last) + 1)
FTPHandler.masquerade_address = address or None
FTPServer(("::", 21), FTPHandler).serve_forever()
