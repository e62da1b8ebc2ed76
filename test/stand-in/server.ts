/**
 * The other end of the guest's commands (files/shim.pl): takes a call on a socket, lets the command answer, sends
 * frames back.
 *
 * @example
 * serveCommands(machine, "/tmp/stand-in/root/dev/stand-in");
 */

import { chmodSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { type Call, type Command, Refusal, Unable } from "./commands/command.ts";
import { ifconfig } from "./commands/ifconfig.ts";
import { netstat } from "./commands/netstat.ts";
import { pfctl } from "./commands/pfctl.ts";
import { processes } from "./commands/processes.ts";
import { rcctl } from "./commands/rcctl.ts";
import { route } from "./commands/route.ts";
import { hostname, mount, packages, power, sysctl, uname } from "./commands/system.ts";
import { tcpdump } from "./commands/tcpdump.ts";
import type { Machine } from "./machine.ts";

/** By name, as root.ts puts them into the guest's PATH. */
const COMMANDS: Readonly<Record<string, Command>> = {
  hostname,
  ifconfig,
  mount,
  netstat,
  pfctl,
  pgrep: processes,
  pkg_add: packages,
  pkill: processes,
  rcctl,
  route,
  shutdown: power,
  sysctl,
  tcpdump,
  uname,
};

/** sysexits(3) has 70 for what goes wrong inside. */
const UNABLE = 70;

interface Request {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly uid: number;
  readonly pid: number;
  readonly network: number;
}

export function serveCommands(machine: Machine, path: string): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => void answer(machine, socket));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      chmodSync(path, 0o666);
      resolve();
    });
  });
}

async function answer(machine: Machine, socket: Socket): Promise<void> {
  socket.on("error", () => {});
  const input = new Input(socket);
  const request = JSON.parse(await input.line()) as Request;
  // The shim's words are bytes.
  const text = (bytes: string) => Buffer.from(bytes, "latin1").toString("utf8");
  const send = (type: string, body: Uint8Array | string) => {
    const bytes = Buffer.from(body);
    const head = Buffer.alloc(5);
    head.write(type, "latin1");
    head.writeUInt32BE(bytes.length, 1);
    socket.write(Buffer.concat([head, bytes]));
  };
  const call: Call = {
    ...request,
    cwd: text(request.cwd),
    args: request.args.map(text),
    rdomain: machine.rdomainOf(request.network) ?? 0,
    stdin: () => {
      send("i", "");
      return input.rest();
    },
    write: (stream, bytes) => send(stream === "stdout" ? "o" : "e", bytes),
    gone: input.ended,
  };
  try {
    const command = COMMANDS[call.program];
    if (command === undefined) throw new Unable(call.program);
    const reply = await command(call, machine);
    if ("exec" in reply) send("E", reply.exec.join("\0"));
    else {
      if (reply.stdout) send("o", reply.stdout);
      if (reply.stderr) send("e", reply.stderr);
      send("x", Uint8Array.of(reply.status));
    }
  } catch (error) {
    const refused = error instanceof Refusal;
    const words = refused
      ? error.message
      : `stand-in: ${error instanceof Unable ? `cannot do: ${error.message}` : (error as Error).stack}`;
    send("e", `${words}\n`);
    send("x", Uint8Array.of(refused ? error.status : UNABLE));
    if (!refused) process.stderr.write(`${call.program} ${call.args.join(" ")}: ${words}\n`);
  }
  socket.end();
}

/** What the shim sends: a line, then perhaps standard input. */
class Input {
  readonly ended: Promise<void>;
  #bytes = Buffer.alloc(0);
  #tell: () => void = () => {};
  #over = false;

  constructor(socket: Socket) {
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#over = true;
        this.#tell();
        resolve();
      };
      socket.once("end", end);
      socket.once("close", end);
    });
    socket.on("data", (bytes: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#tell();
    });
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#bytes.indexOf(10);
      if (end >= 0) {
        const line = this.#bytes.subarray(0, end).toString("latin1");
        this.#bytes = this.#bytes.subarray(end + 1);
        return line;
      }
      if (this.#over) throw new Error("a call without an end");
      await this.#more();
    }
  }

  async rest(): Promise<string> {
    while (!this.#over) await this.#more();
    return this.#bytes.toString("utf8");
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }
}
