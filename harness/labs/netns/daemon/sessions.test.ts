import { describe, expect, test } from "vitest";
import { PROTOCOL, TCP_FLAG, type TcpPacket } from "../../../pf/packet.ts";
import { Sessions } from "./sessions.ts";

const CLIENT = { address: "10.0.0.5", port: 40_000 };
const SERVER = { address: "198.51.100.7", port: 21 };

/** A control connection as the firewall sees it from the client's side. */
class Peer {
  readonly #sessions: Sessions;
  readonly #next = { in: 1_000, out: 5_000 };

  constructor(sessions: Sessions) {
    this.#sessions = sessions;
  }

  sends(direction: "in" | "out", flags: number, text = ""): void {
    const [from, to] = direction === "in" ? [CLIENT, SERVER] : [SERVER, CLIENT];
    const payload = new TextEncoder().encode(text);
    const packet: TcpPacket = {
      family: "inet",
      protocol: PROTOCOL.tcp,
      source: from.address,
      destination: to.address,
      sourcePort: from.port,
      destinationPort: to.port,
      seq: this.#next[direction],
      ack: 0,
      flags,
      window: 65_535,
      ttl: 64,
      tos: 0,
      payload,
    };
    this.#next[direction] += payload.length + ((flags & (TCP_FLAG.S | TCP_FLAG.F)) === 0 ? 0 : 1);
    this.#sessions.add({ kind: "packet", atMs: 7, network: "inside", direction, packet });
  }

  opens(): void {
    this.sends("in", TCP_FLAG.S);
    this.sends("out", TCP_FLAG.S | TCP_FLAG.A);
  }
}

function begun() {
  const sessions = new Sessions("inside");
  const peer = new Peer(sessions);
  peer.opens();
  return { sessions, peer };
}

describe("the control connections that stand", () => {
  test("are told with user, last command and last reply", () => {
    const { sessions, peer } = begun();
    peer.sends("out", TCP_FLAG.A, "220 Ready\r\n");
    peer.sends("in", TCP_FLAG.A, "USER ali");
    peer.sends("in", TCP_FLAG.A, "ce\r\nPAS");
    peer.sends("in", TCP_FLAG.A, "V\r\n");
    peer.sends("out", TCP_FLAG.A, "331 Password?\r\n227 Entering Passive Mode (198,51,100,7,4,1)\r\n");
    expect(sessions.current).toEqual([
      {
        client: "10.0.0.5:40000",
        dialled: "198.51.100.7:21",
        sinceMs: 7,
        state: "open",
        user: "alice",
        command: "PASV",
        reply: "227 Entering Passive Mode (198,51,100,7,4,1)",
      },
    ]);
    expect(sessions.count).toBe(1);
  });

  test("never show a password", () => {
    const { sessions, peer } = begun();
    peer.sends("in", TCP_FLAG.A, "pass secret\r\n");
    expect(sessions.current[0]?.command).toBe("pass …");
  });

  test("show nothing of what follows a granted AUTH", () => {
    const { sessions, peer } = begun();
    peer.sends("in", TCP_FLAG.A, "AUTH TLS\r\n");
    peer.sends("out", TCP_FLAG.A, "234 Go ahead\r\n");
    peer.sends("in", TCP_FLAG.A, "\x16\x03\x01\n\x00\n");
    expect(sessions.current[0]).toMatchObject({ command: "AUTH TLS", reply: "234 Go ahead" });
  });

  test("go with the second FIN, or with a reset", () => {
    const { sessions, peer } = begun();
    peer.sends("in", TCP_FLAG.F | TCP_FLAG.A);
    expect(sessions.current[0]?.state).toBe("closing");
    peer.sends("out", TCP_FLAG.F | TCP_FLAG.A);
    expect(sessions.current).toEqual([]);

    const other = begun();
    other.peer.sends("out", TCP_FLAG.R);
    expect(other.sessions.current).toEqual([]);
  });

  test("are not taken from the other network, nor from other ports", () => {
    const sessions = new Sessions("outside");
    new Peer(sessions).opens();
    expect(sessions.count).toBe(0);
  });
});
