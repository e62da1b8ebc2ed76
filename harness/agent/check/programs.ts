/** Checks the protocol page's statements on processes, files and the line itself. */

import type { Process } from "../../../proxy/host.ts";
import { RequestError, request } from "../runner/requests.ts";
import { Broken, type Check, expect, pattern, until, utf8 } from "./check.ts";

const SIZE = 1_000_003;

export const programChecks: readonly Check[] = [
  {
    title: "a program's output and errors come apart, with its exit status",
    async run(host) {
      const result = await host.run("sh", ["-c", "echo out; echo err >&2; exit 3"]);
      expect("the result", result, { status: 3, stdout: "out\n", stderr: "err\n" });
    },
  },
  {
    title: "standard input reaches the program whole, past its first credit, and so does its output",
    async run(host) {
      const cat = await host.spawn("cat", []);
      const { chunks, size } = collect(cat);
      const bytes = pattern(SIZE);
      cat.stdin.write(bytes);
      cat.stdin.end();
      await until(
        host,
        () => `${SIZE} bytes (${size()} have come back)`,
        () => size() === SIZE,
      );
      expect("the exit status", await cat.exited, 0);
      if (Buffer.compare(Buffer.concat(chunks), bytes) !== 0) throw new Broken("other bytes have come back");
    },
  },
  {
    title: "variables are added to the environment, arguments pass as they are",
    async run(host) {
      const env = { ANCHORAGE_CHECK: "a b=c" };
      const { stdout } = await host.run("sh", ["-c", 'printf "%s|%s|" "$ANCHORAGE_CHECK" "$1"', "sh", "x  ü"], { env });
      expect("the output", stdout, "a b=c|x  ü|");
    },
  },
  {
    title: "a program that is not there cannot be started: ENOENT",
    async run(host) {
      const code = await host.spawn("/nonexistent/anchorage", []).then(
        () => "it was started",
        (error) => (error instanceof RequestError ? error.code : String(error)),
      );
      expect("the code", code, "ENOENT");
    },
  },
  ...(["SIGTERM", "SIGKILL", "SIGINT", "SIGHUP"] as const).map(
    (signal): Check => ({
      title: `${signal} ends a program, and EXITED reports 128 + its number`,
      async run(host) {
        const child = await host.spawn("sleep", ["30"]);
        child.kill(signal);
        expect("the status", await child.exited, { SIGTERM: 143, SIGKILL: 137, SIGINT: 130, SIGHUP: 129 }[signal]);
      },
    }),
  ),
  {
    title: "a program that writes to a closed pipe ends by SIGPIPE, as from a shell",
    async run(host) {
      const { status } = await host.run("sh", ["-c", "kill -PIPE $$; exit 0"]);
      expect("the status", status, 141);
    },
  },
  {
    title: "SWEEP kills processes",
    async run(host) {
      const child = await host.spawn("sleep", ["30"]);
      await host.sweep();
      expect("the status", await child.exited, 137);
    },
  },
  {
    title: "SIGKILL takes the program's own children with it",
    needs: "groups",
    // The child holds the output open: without it EXITED would not come.
    async run(host) {
      const child = await host.spawn("sh", ["-c", "sleep 30 & echo started; wait"]);
      const { size } = collect(child);
      await until(host, "its output", () => size() > 0);
      child.kill("SIGKILL");
      expect("the status", await child.exited, 137);
    },
  },
  {
    title: "SIGTERM is for the program alone",
    needs: "groups",
    async run(host) {
      const child = await host.spawn("sh", ["-c", "trap 'exit 4' TERM; (sleep 0.2; echo lives) & echo; wait; exit 5"]);
      const { size } = collect(child);
      await until(host, "its output", () => size() > 0);
      child.kill("SIGTERM");
      expect("the status", await child.exited, 4);
      expect("what the child has said", size(), "\nlives\n".length);
    },
  },
  {
    title: "a file is written, read back whole, and removed",
    async run(host) {
      const { stdout } = await host.run("mktemp", []);
      const path = stdout.trim();
      const bytes = pattern(SIZE);
      await host.files.write(path, bytes);
      const back = await host.files.read(path);
      if (Buffer.compare(back, bytes) !== 0) throw new Broken(`${back.length} other bytes were read`);
      await host.files.write(path, utf8(""));
      expect("a file that was emptied", (await host.files.read(path)).length, 0);
      await host.files.remove(path);
      expect("reading it now", await codeOf(host.files.read(path)), "ENOENT");
      expect("removing it again", await codeOf(host.files.remove(path)), "ENOENT");
    },
  },
  {
    title: "a file in a folder that is not there cannot be written: ENOENT",
    async run(host) {
      expect("writing", await codeOf(host.files.write("/nonexistent/anchorage", utf8("x"))), "ENOENT");
    },
  },
  {
    title: "CLOCK answers the time, and it goes on",
    async run(host) {
      const first = await host.time();
      const second = await host.time();
      // 2020-01-01: any clock that is set at all is later.
      if (first < 1_577_836_800_000_000) throw new Broken(`${first} µs is long ago`);
      if (second < first) throw new Broken(`the clock went back from ${first} to ${second}`);
    },
  },
  {
    title: "a frame of a type that the agent does not know is answered by EOPNOTSUPP, and the line goes on",
    async run(host) {
      expect("the code", await codeOf(request(host, 0x3f)), "EOPNOTSUPP");
      await host.time();
    },
  },
];

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (error) => (error instanceof RequestError ? error.code : String(error)),
  );

function collect(child: Process): { readonly chunks: Uint8Array[]; readonly size: () => number } {
  const chunks: Uint8Array[] = [];
  let size = 0;
  child.onOutput((stream, bytes) => {
    if (stream !== "stdout") return;
    chunks.push(bytes);
    size += bytes.length;
  });
  return { chunks, size: () => size };
}
