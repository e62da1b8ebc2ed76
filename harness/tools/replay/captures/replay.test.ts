import { describe, expect, it } from "vitest";
import { replayCaptures } from "../../../cli/replay-captures.ts";
import { OWN_CAPTURES, readCaptures } from "./capture-archive.ts";
import { replayCapture } from "./replay.ts";

/** Captures of the real ftp-proxy(8) 1.41, on OpenBSD 7.8 and natively with its ioctls logged. */
const captures = await readCaptures(OWN_CAPTURES);
/** Listings, configuration, measurements and plays of which only one end was recorded. */
const NO_DIALOGUES = [
  "captures/native/load_and_memory.txt",
  "captures/openbsd-7.8/data_states_survive_session.txt",
  "captures/openbsd-7.8/kill9_leaves_anchor.txt",
  "captures/openbsd-7.8/many_sessions_order.txt",
  "captures/openbsd-7.8/pf.conf.txt",
  "captures/openbsd-7.8/pfctl_input.pf.conf",
  "captures/openbsd-7.8/pfctl_nvf.txt",
  "captures/openbsd-7.8/pfctl_show.txt",
  "captures/openbsd-7.8/pfctl_sr.txt",
  "captures/openbsd-7.8/pfctl_sr_R.txt",
  "captures/openbsd-7.8/pfctl_sr_all.txt",
  "captures/openbsd-7.8/pfctl_vf.txt",
  "captures/quirks/pf.conf.txt",
  "captures/quirks/proxy-port-collision.txt",
];

describe("every capture of the real ftp-proxy replays identically", () => {
  const others: string[] = [];

  it.each([...captures.keys()])("%s", async (name) => {
    const result = await replayCapture(name, captures.get(name) ?? "");
    if (result.kind !== "agrees") others.push(name);
    expect(result.kind === "disagrees" ? result.difference : undefined).toBeUndefined();
  });

  it("all but listings, configuration and measurements apply", () => {
    expect(others.sort()).toEqual(NO_DIALOGUES);
  });
});

/** One change to a capture, and what the replay must then find different. */
const changes: readonly (readonly [string, string, RegExp, string, string])[] = [
  ["a word of the log", "captures/quirks/port-canonical.txt", /active: server to/, "active: server at", "log"],
  [
    "a log line too many",
    "captures/quirks/port-canonical.txt",
    /#1 ending session/,
    "#1 farewell\n#1 ending session",
    "log",
  ],
  ["two log lines in another order", "captures/native/port4.txt", /(#1 proxy: .*)\n(#1 active.*)/, "$2\n$1", "log"],
  ["a level", "captures/native/daemon_syslog_priorities.txt", /syslog 2/, "syslog 3", "level"],
  ["a rule", "captures/native/pasv4.txt", /pass out quick/, "pass out", "rules"],
  ["rules after the line", "captures/native/port4.txt", /((?:\[pf\].*\n){4})(#1 server: 200.*\n)/, "$2$1", "log"],
  ["what the client received", "captures/native/pasv4.txt", /C> recv "331/, 'C> recv "332', "bytes"],
  ["what the server received", "captures/native/pasv4.txt", /S> recv "PASS/, 'S> recv "PAST', "bytes"],
  ["an anchor", "captures/openbsd-7.8/pasv4.txt", /nat-to 198.51.100.1\n/, "nat-to 198.51.100.2\n", "anchors"],
  [
    "an anchor that stays",
    "captures/openbsd-7.8/pasv4.txt",
    /(after the session:.*\n)/,
    '$1anchor "5.1" all {\n}\n',
    "anchors",
  ],
  ["an exit status", "captures/openbsd-7.8/usage_errors.txt", /rc 0/, "rc 1", "command line"],
];

describe("a replay notices", () => {
  it.each(changes)("%s", async (_, name, from, to, what) => {
    const text = captures.get(name) ?? "";
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(await replayCapture(name, changed)).toMatchObject({ kind: "disagrees", difference: { what } });
  });
});

describe("the command", () => {
  it("ends on how many agree and exits with 0 when all do", async () => {
    let written = "";
    const write = (text: string) => {
      written += text;
    };
    expect(await replayCaptures(OWN_CAPTURES, { json: false, write })).toBe(0);
    expect(written).toMatch(
      /does not apply {2}captures\/openbsd-7\.8\/many_sessions_order\.txt: only the client's lines/,
    );
    expect(
      written.endsWith(
        `${captures.size - NO_DIALOGUES.length} of ${captures.size - NO_DIALOGUES.length} cases agree\n`,
      ),
    ).toBe(true);
  });

  it("writes one JSON object per line when asked", async () => {
    const lines: unknown[] = [];
    await replayCaptures(OWN_CAPTURES, { json: true, write: (text) => lines.push(JSON.parse(text)) });
    expect(lines).toHaveLength(captures.size + 1);
    expect(lines.at(-1)).toEqual({
      kind: "summary",
      agree: captures.size - NO_DIALOGUES.length,
      apply: captures.size - NO_DIALOGUES.length,
    });
  });
});
