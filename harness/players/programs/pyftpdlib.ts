/** pyftpdlib, a Python library, with a server of six lines. */

import { HOME, PASSWORD, USER } from "./account.ts";
import type { ServerProgram } from "./program-server.ts";

export const pyftpdlib: ServerProgram = {
  name: "pyftpdlib",
  command: "/usr/bin/python3",
  package: "python3-pyftpdlib",
  ownAccounts: true,
  versionArgs: ["-c", "import pyftpdlib; print(pyftpdlib.__ver__)"],
  proofArgs: ["-c", "import pyftpdlib"],
  files: ({ work }) => ({
    [`${work}/server.py`]: `${[
      "from pyftpdlib.authorizers import DummyAuthorizer",
      "from pyftpdlib.handlers import FTPHandler",
      "from pyftpdlib.servers import FTPServer",
      "authorizer = DummyAuthorizer()",
      `authorizer.add_user("${USER}", "${PASSWORD}", "${HOME}", perm="elradfmwMT")`,
      "FTPHandler.authorizer = authorizer",
      'FTPServer(("::", 21), FTPHandler).serve_forever()',
    ].join("\n")}\n`,
  }),
  args: ({ work }) => [`${work}/server.py`],
};
