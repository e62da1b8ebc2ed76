/** The scripted players on two hosts without a firewall: which events a step accepts, and which it refuses. */

import { describe, expect, test } from "vitest";
import { Deviation, type Script } from "../../contract/script.ts";
import type { SimHost } from "../../labs/sim/host.ts";
import { LEFT, RIGHT, twoHosts } from "../../labs/sim/two-hosts.fixture.ts";
import { ScriptedClient } from "./scripted-client.ts";
import { ScriptedServer } from "./scripted-server.ts";
import { ThirdHost } from "./third-host.ts";

interface Players {
  readonly client: ScriptedClient;
  readonly server: ScriptedServer;
  readonly script: Script;
}

/** Client and server with a control connection between them; the client is also its own neighbour. */
function play(script: (players: Players) => Promise<void>): Promise<void> {
  const hosts = twoHosts();
  const nothing = async () => {};
  const own: Script = {
    side: "forward",
    family: "inet",
    profile: "none",
    roles: {
      client: LEFT.inet,
      server: RIGHT.inet,
      dialled: { address: RIGHT.inet, port: 21 },
      proxy: LEFT.inet,
    },
    hosts: { "inside-intruder": hosts.left } as unknown as Readonly<Record<keyof Script["hosts"], SimHost>>,
    anchor: { holdsPassive: nothing, holdsActive: nothing, isEmpty: nothing, holdsTogether: nothing },
    log: { says: nothing },
    proxy: { terminates: nothing },
    step: async (_who, _text, action) => action((milliseconds) => milliseconds),
    noted: () => {},
    patience: (milliseconds) => milliseconds,
    abridged: (milliseconds) => milliseconds,
    wait: (milliseconds) => new Promise((resolve) => void hosts.clock.after(milliseconds, resolve)),
  };
  const client = new ScriptedClient(hosts.left, own);
  const server = new ScriptedServer(hosts.right, own);
  return hosts.play(async () => {
    await server.opens();
    await client.connects();
    await server.accepts();
    await script({ client, server, script: own });
    await client.leave();
    await server.leave();
  });
}

/** How a step deviates. */
const causeOf = (step: Promise<unknown>): Promise<unknown> =>
  step.then(
    () => "as expected",
    (error) => (error instanceof Deviation ? error.deviationCause : error),
  );

describe("lines", () => {
  test("a line that ends in a bare LF is not the line that ends in CR LF", () =>
    play(async ({ client, server }) => {
      await client.sendsSegments("NOOP\n");
      expect(await causeOf(server.gets("NOOP"))).toBe("other-bytes");
      await client.sendsSegments("NOOP\n");
      expect(await causeOf(server.gets("NOOP\n"))).toBe("as expected");
    }));

  test("a code matches the last line of a reply, not a line before it", () =>
    play(async ({ client, server }) => {
      await server.sends("220-Welcome");
      expect(await causeOf(client.gets(220))).toBe("other-bytes");
      await server.sends("220 Ready");
      expect(await causeOf(client.gets(220))).toBe("as expected");
    }));

  test("bytes before the end are not passed over", () =>
    play(async ({ client, server }) => {
      await server.sendsSegments("221 Good");
      await server.closes();
      expect(await causeOf(client.seesClose())).toBe("other-bytes");
    }));

  test("urgent bytes are noticed", () =>
    play(async ({ client, server }) => {
      await client.sendsUrgent("\xff\xf4\xff");
      expect(await causeOf(server.getsBytes("\xff\xf4"))).toBe("as expected");
      expect(await causeOf(server.getsNoUrgentByte())).toBe("other-bytes");
      expect(await causeOf(client.getsNoUrgentByte())).toBe("as expected");
    }));
});

describe("attempts in vain", () => {
  test("a closed port refuses", () =>
    play(async ({ client }) => {
      const closed = { address: RIGHT.inet, port: 50_000 };
      expect(await causeOf(client.cannotOpenData("refused", closed))).toBe("as expected");
      expect(await causeOf(client.cannotOpenData("no-answer", closed))).toBe("refused");
    }));

  test("an address without a host does not answer", () =>
    play(async ({ server }) => {
      const absent = { address: "198.51.100.99", port: 50_000 };
      expect(await causeOf(server.cannotDialData("no-answer", { to: absent }))).toBe("as expected");
    }));

  test("a connection that comes about is a deviation", () =>
    play(async ({ client, server }) => {
      const open = await server.listensForData();
      expect(await causeOf(client.cannotOpenData("refused", open))).toBe("other-bytes");
    }));
});

describe("data connections", () => {
  test("an end, a reset and unread bytes are three deviations", () =>
    play(async ({ client, server }) => {
      const port = await server.listensForData();
      const channels = async () => [await client.opensData(port), await server.acceptsData()] as const;
      const [ended, ending] = await channels();
      await ending.closes();
      expect(await causeOf(ended.seesEnd())).toBe("as expected");
      const [left, leaving] = await channels();
      await leaving.sends("more");
      expect(await causeOf(left.seesEnd())).toBe("other-bytes");
      const [cut, cutting] = await channels();
      await cutting.resets();
      expect(await causeOf(cut.seesEnd())).toBe("reset");
    }));

  test("a half-closed sender still reads", () =>
    play(async ({ client, server }) => {
      const port = await server.listensForData();
      const storing = await client.opensData(port);
      const taking = await server.acceptsData();
      await storing.halfCloses();
      await taking.seesEnd();
      await taking.sends("thanks");
      expect(await causeOf(storing.gets("thanks"))).toBe("as expected");
    }));

  test("a receiver that stops reading gets all of it later", () =>
    play(async ({ client, server, script }) => {
      const file = "0123456789".repeat(60_000);
      const port = await server.listensForData();
      const fetching = await client.opensData(port);
      const serving = await server.acceptsData();
      await fetching.stopsReading();
      await serving.sendsFile(file);
      await script.wait(90_000);
      expect(fetching.received).toBe("");
      await fetching.readsOn();
      expect(await causeOf(fetching.getsFile(file))).toBe("as expected");
    }));
});

describe("a third host", () => {
  test("reports a visitor, and finds closed doors closed", () =>
    play(async ({ server, script }) => {
      const third = await ThirdHost.of(script);
      expect(await causeOf(third.wasLeftAlone())).toBe("as expected");
      expect(await causeOf(third.cannotConnect({ address: RIGHT.inet, port: 50_000 }))).toBe("as expected");
      expect(await causeOf(third.cannotConnect({ address: RIGHT.inet, port: 21 }))).toBe("other-bytes");
      await server.dialsData({ to: third.endpoint, from: 0 });
      expect(await causeOf(third.wasLeftAlone())).toBe("other-bytes");
    }));
});
