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
  /** What the steps have noted. */
  readonly differences: readonly string[];
  /** Ports that third hosts tried, and addresses that came to them. */
  readonly harm: (number | string)[];
}

/** Client and server with a control connection between them; the client is also its own neighbour. */
function play(script: (players: Players) => Promise<void>): Promise<void> {
  const hosts = twoHosts();
  const differences: string[] = [];
  const nothing = async () => {};
  const harm: (number | string)[] = [];
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
    thirdHost: { tries: (_, { port }) => void harm.push(port), wasVisited: (_, by) => void harm.push(by) },
    noted: () => {},
    patience: (milliseconds) => milliseconds,
    step: async (who, text, action) =>
      action(
        (milliseconds) => milliseconds,
        (_, expected, actual) => differences.push(`${who} ${text}: ${expected}, not ${actual}`),
      ),
    abridged: (milliseconds) => milliseconds,
    wait: (milliseconds) => new Promise((resolve) => void hosts.clock.after(milliseconds, resolve)),
  };
  const client = new ScriptedClient(hosts.left, own);
  const server = new ScriptedServer(hosts.right, own);
  return hosts.play(async () => {
    await server.opens();
    await client.connects();
    await server.accepts();
    await script({ client, server, script: own, differences, harm });
    await client.leave();
    await server.leave();
  });
}

/** Why the script stops at a step. */
const causeOf = (step: Promise<unknown>): Promise<unknown> =>
  step.then(
    () => "as expected",
    (error) => (error instanceof Deviation ? error.deviationCause : error),
  );

describe("lines", () => {
  test("a line that ends in a bare LF is not the line that ends in CR LF", () =>
    play(async ({ client, server, differences }) => {
      await client.sendsSegments("NOOP\n");
      await server.gets("NOOP");
      expect(differences).toEqual(["server gets NOOP: NOOP, not NOOP\n"]);
      await client.sendsSegments("NOOP\n");
      await server.gets("NOOP\n");
      expect(differences.length).toBe(1);
    }));

  test("a code matches the last line of a reply, not a line before it", () =>
    play(async ({ client, server, differences }) => {
      await server.sends("220-Welcome");
      await client.gets(220);
      expect(differences).toEqual(["client gets a 220 reply: a 220 reply, not 220-Welcome"]);
      await server.sends("220 Ready");
      await client.gets(220);
      expect(differences.length).toBe(1);
    }));

  test("other words are noted, and their address is taken; another code or verb stops the script", () =>
    play(async ({ client, server, differences }) => {
      await server.sends("227 =198,51,100,7,195,80");
      await client.gets({ name: "a 227 in other words", pattern: /^227 Entering Passive Mode / });
      expect(client.passivePort).toBe(50_000);
      await client.sends("EPRT !1!10.0.0.5!40000!");
      await server.gets(/^(PORT|EPRT) \|/);
      expect(server.activePort).toBe(40_000);
      expect(differences.length).toBe(2);
      await server.sends("425 No data connection");
      expect(await causeOf(client.gets(/^227 /))).toBe("other-bytes");
      await client.sends("QUIT");
      expect(await causeOf(server.gets("NOOP"))).toBe("other-bytes");
      expect(differences.length).toBe(2);
    }));

  test("bytes before the end are not passed over", () =>
    play(async ({ client, server }) => {
      await server.sendsSegments("221 Good");
      await server.closes();
      expect(await causeOf(client.seesClose())).toBe("still-open");
    }));

  test("urgent bytes are noticed", () =>
    play(async ({ client, server, differences }) => {
      await client.sendsUrgent("\xff\xf4\xff");
      await server.getsBytes("\xff\xf4");
      await client.getsNoUrgentByte();
      expect(differences).toEqual([]);
      await server.getsNoUrgentByte();
      expect(differences).toEqual(["server gets no urgent byte: no urgent byte, not urgent 255"]);
    }));
});

describe("attempts in vain", () => {
  test("a closed port refuses", () =>
    play(async ({ client, differences }) => {
      const closed = { address: RIGHT.inet, port: 50_000 };
      await client.cannotOpenData("refused", closed);
      expect(differences).toEqual([]);
      await client.cannotOpenData("no-answer", closed);
      expect(differences).toEqual([expect.stringContaining("refused")]);
    }));

  test("an address without a host does not answer", () =>
    play(async ({ server, differences }) => {
      await server.cannotDialData("no-answer", { to: { address: "198.51.100.99", port: 50_000 } });
      expect(differences).toEqual([]);
    }));

  test("a connection that comes about is noted", () =>
    play(async ({ client, server, differences }) => {
      await client.cannotOpenData("refused", await server.listensForData());
      expect(differences).toEqual([expect.stringContaining("an open connection")]);
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
  test("reports its attempts and visitors, and neither stops the play", () =>
    play(async ({ server, script, harm }) => {
      const third = await ThirdHost.of(script);
      await third.wasLeftAlone();
      expect(harm).toEqual([]);
      await third.cannotConnect({ address: RIGHT.inet, port: 21 });
      await server.dialsData({ to: third.endpoint, from: 0 });
      expect(await causeOf(third.wasLeftAlone())).toBe("as expected");
      expect(harm).toEqual([21, RIGHT.inet]);
    }));
});
