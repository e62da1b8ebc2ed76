import { expect, test } from "vitest";
import type { Transcript } from "../transcript.ts";
import type { Evidence } from "./evidence.ts";
import { hostToHost } from "./host-to-host.ts";

const RULE =
  "pass in quick on rdomain 0 inet proto tcp from 198.51.100.7 to 198.51.100.1 port = 50001 flags S/SA keep state (max 1) rtable 0 rdr-to 10.0.0.5 port 40000";

/** What an anchor held, by the name that the lab's events have for it. */
function verdictOn(...rules: readonly string[]) {
  const anchorChanges = [{ atMs: 0, anchor: "ftp-proxy/4711.1", before: [], rules }];
  const transcript = { anchorChanges } as unknown as Transcript;
  return hostToHost({ transcript, terminates: true, sampled: false, era: "divert-to" } as unknown as Evidence);
}

test("a rule from host to host, one port, one state is as it must be", () => {
  expect(verdictOn(RULE)).toMatchObject({ verdict: "held", detail: "1 rules looked at" });
});

test.each([
  [RULE.replace("from 198.51.100.7 ", "from any "), "not from one host"],
  [RULE.replace("198.51.100.7", "198.51.100.0/24"), "not from one host"],
  [RULE.replace("port = 50001", "port 50001:50002"), "more than one destination port"],
  [RULE.replace("50001", "22"), "destination port 22 is below 1024"],
  [RULE.replace(" (max 1)", ""), "more than one state"],
])("a wider one is told with its anchor's path, as pfctl -a has it: %s", (wide, fault) => {
  expect(verdictOn(RULE, wide)).toMatchObject({ verdict: "broken", detail: `ftp-proxy/4711.1: ${fault}: ${wide}` });
});
