import { describe, expect, test } from "vitest";
import type { TimelineEvent } from "../../contract/scenario.ts";
import { dataBlocked } from "./data-blocked.ts";

const line = (text: string, from: "client" | "server" = "server"): TimelineEvent => ({
  kind: "line",
  atMs: 0,
  from,
  to: from === "client" ? "server" : "client",
  session: 1,
  text: `${text}\\r\\n`,
});
const data = (event: "opened" | "no-answer" | "refused"): TimelineEvent => ({
  kind: "connection",
  atMs: 0,
  channel: "data",
  from: "server",
  to: "client",
  event,
  addresses: "198.51.100.7:20 -> 10.0.0.5:40000",
});
const login = line("230 Login successful.");
const port = line("PORT 10,0,0,5,156,64", "client");

describe("the firewall is the reason when a program had asked for a data connection and", () => {
  test("nothing answered the server", () => {
    expect(
      dataBlocked("active")([login, port, line("200 PORT command successful"), data("no-answer")]),
    ).toBeUndefined();
  });

  test("the server would not dial an address that is not the client's", () => {
    expect(dataBlocked("active")([login, port, line("500 Illegal PORT command.")])).toBeUndefined();
  });

  test("the client was told an address of the private network", () => {
    const reply = line("227 Entering Passive Mode (10,0,0,20,195,80).");
    expect(dataBlocked("passive")([login, line("PASV", "client"), reply])).toBeUndefined();
  });
});

describe("another reason is", () => {
  test.each<[string, readonly TimelineEvent[], string]>([
    ["a server that is not there", [], "nobody had logged in"],
    ["a wrong password", [line("530 Login incorrect."), data("no-answer")], "nobody had logged in"],
    ["a client that asks for nothing", [login, line("QUIT", "client")], "no active data connection was asked for"],
    ["the other mode", [login, line("EPSV", "client"), data("no-answer")], "no active data connection was asked for"],
    ["a file that is not there, over a connection", [login, port, data("opened")], "a data connection was opened"],
    ["a client that closed its port", [login, port, data("refused")], "nothing on the record"],
  ])("%s", (_, timeline, words) => {
    expect(dataBlocked("active")(timeline)).toContain(words);
  });

  test("for a program whose mode is not known, either counts", () => {
    expect(dataBlocked()([login, port, data("no-answer")])).toBeUndefined();
    expect(dataBlocked()([login, line("EPSV", "client"), data("no-answer")])).toBeUndefined();
    expect(dataBlocked()([login])).toContain("no data connection was asked for");
  });
});
