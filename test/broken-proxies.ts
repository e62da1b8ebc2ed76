/**
 * Proxies with one fault each, for tests of the runner: the core, with a back end, an option or a host that misbehaves.
 *
 * @example
 * brokenProxies["forgets -a"].subject // a Subject
 */

import type { Lab, LabHost } from "../harness/contract/lab.ts";
import type { Subject } from "../harness/contract/subject.ts";
import core, { coreSubject } from "../harness/subjects/core.ts";
import type { Connection, ConnectionHandlers } from "../proxy/host.ts";
import { loaded, type PacketFilter } from "../proxy/pf/packet-filter.ts";
import { PfctlPacketFilter } from "../proxy/pf/pfctl.ts";

export interface BrokenProxy {
  readonly subject: Subject;
  /** The invariant that it breaks, or the letter. */
  readonly breaks: string;
}

const bound = (filter: PacketFilter): PacketFilter => ({
  load: (anchor, rules) => filter.load(anchor, rules),
  flush: (anchor) => filter.flush(anchor),
  close: () => filter.close(),
});

/** The back end misbehaves. */
const byFilter = (fault: (pfctl: PacketFilter, host: LabHost) => Partial<PacketFilter>): Subject => ({
  ...core,
  name: "broken",
  start: (lab, setup) => {
    const { firewall } = lab.hosts;
    const broken = (pfctl: PacketFilter) => ({ ...bound(pfctl), ...fault(pfctl, firewall) });
    return coreSubject("broken", "", (host) => broken(new PfctlPacketFilter(host))).start(lab, setup);
  },
});

/** How a client leaves: it resets its connection, or it ends it before the server has answered. */
type Departure = "reset" | "early";

/** The back end misbehaves at the end of a session whose client left like that. */
const byDeparture = (
  departure: Departure,
  flush: (pfctl: PacketFilter, anchor: string) => ReturnType<PacketFilter["flush"]>,
): Subject => ({
  ...core,
  name: "broken",
  start: (lab, setup) => {
    let due = false;
    const watched = watching(lab, (how) => {
      due ||= how === departure;
    });
    const broken = (pfctl: PacketFilter): PacketFilter => ({
      ...bound(pfctl),
      flush(anchor) {
        if (!due) return pfctl.flush(anchor);
        due = false;
        return flush(pfctl, anchor);
      },
    });
    return coreSubject("broken", "", (host) => broken(new PfctlPacketFilter(host))).start(watched, setup);
  },
});

const slotKept = async (pfctl: PacketFilter, anchor: string): ReturnType<PacketFilter["flush"]> => {
  await pfctl.flush(anchor);
  return new Promise(() => {});
};

const withArguments = (change: (args: readonly string[]) => readonly string[]): Subject => ({
  ...core,
  name: "broken",
  start: (lab, setup) => core.start(lab, { ...setup, args: change(setup.args) }),
});

export const brokenProxies = {
  "sends the line on before the rules are loaded": {
    breaks: "rules-before-line",
    subject: byFilter((pfctl, host) => ({
      load: async (anchor, rules) => {
        host.clock.after(5, () => void pfctl.load(anchor, rules));
        return loaded;
      },
    })),
  },
  "leaves its rules behind": { breaks: "empty-after", subject: byFilter(() => ({ flush: async () => loaded })) },
  "opens a rule to everybody": {
    breaks: "host-to-host",
    subject: byFilter((pfctl) => ({
      load: (anchor, rules) => pfctl.load(anchor, rules.replaceAll(/from \S+ to/g, "from any to")),
    })),
  },
  "allows more than one state": {
    breaks: "host-to-host",
    subject: byFilter((pfctl) => ({
      load: (anchor, rules) => pfctl.load(anchor, rules.replaceAll("keep state (max 1)", "keep state (max 2)")),
    })),
  },
  "writes a 229 without its last bar": {
    breaks: "letter",
    subject: {
      ...core,
      name: "broken",
      start: (lab, setup) =>
        core.start(
          writing(lab, (line) => line.replace(/(\(\|\|\|\d+)\|\)/, "$1)")),
          setup,
        ),
    },
  },
  "loads no rules at all": { breaks: "rules-before-line", subject: byFilter(() => ({ load: async () => loaded })) },
  "forgets -a": {
    breaks: "letter",
    subject: withArguments((args) => args.filter((arg, at) => arg !== "-a" && args[at - 1] !== "-a")),
  },
  "keeps the slot of a client that resets": { breaks: "slots-free", subject: byDeparture("reset", slotKept) },
  "keeps the slot of a client that leaves before the server answers": {
    breaks: "slots-free",
    subject: byDeparture("early", slotKept),
  },
  "leaves the rules of a client that resets": {
    breaks: "empty-after",
    subject: byDeparture("reset", async () => loaded),
  },
} satisfies Record<string, BrokenProxy>;

/** The lab with a firewall that reports how clients leave. */
function watching(lab: Lab, left: (how: Departure) => void): Lab {
  const { firewall } = lab.hosts;
  let answered = false;
  return withFirewall(lab, {
    connect(options) {
      answered = false;
      return listenedTo(firewall.connect(options), {
        onConnect: () => {
          answered = true;
        },
      });
    },
    listen: (options, onConnection) =>
      firewall.listen(options, (client) => {
        const gone = () => {
          if (!answered) left("early");
        };
        const onClose: ConnectionHandlers["onClose"] = (error) =>
          error?.code === "ECONNRESET" ? left("reset") : gone();
        onConnection(listenedTo(client, { onEnd: gone, onClose }));
      }),
  });
}

/** The lab with a firewall that changes the lines that it sends to clients. */
const writing = (lab: Lab, change: (line: string) => string): Lab =>
  withFirewall(lab, {
    listen: (options, onConnection) =>
      lab.hosts.firewall.listen(options, (client) => {
        const changed = (bytes: Uint8Array) => Buffer.from(change(Buffer.from(bytes).toString("latin1")), "latin1");
        onConnection({ ...listenedTo(client, {}), write: (bytes) => client.write(changed(bytes)) });
      }),
  });

function withFirewall(lab: Lab, instead: Partial<LabHost>): Lab {
  const { firewall } = lab.hosts;
  const host: LabHost = {
    ...{ name: firewall.name, clock: firewall.clock, random: firewall.random, files: firewall.files },
    ...{ linkLocal: firewall.linkLocal, address: (family) => firewall.address(family) },
    run: (...how) => firewall.run(...how),
    spawn: (...how) => firewall.spawn(...how),
    log: (...line) => firewall.log(...line),
    connect: (options) => firewall.connect(options),
    listen: (...how) => firewall.listen(...how),
    ...instead,
  };
  return { ...lab, hosts: { ...lab.hosts, firewall: host } };
}

/** The connection, whose events are reported before its own handlers get them. */
function listenedTo(connection: Connection, first: ConnectionHandlers): Connection {
  return {
    get local() {
      return connection.local;
    },
    get remote() {
      return connection.remote;
    },
    get pending() {
      return connection.pending;
    },
    ...(connection.attempted && { attempted: connection.attempted }),
    handle: (handlers) =>
      connection.handle({
        ...handlers,
        onConnect: () => {
          first.onConnect?.();
          handlers.onConnect?.();
        },
        onEnd: () => {
          first.onEnd?.();
          handlers.onEnd?.();
        },
        onClose: (error) => {
          first.onClose?.(error);
          handlers.onClose?.(error);
        },
      }),
    write: (bytes) => connection.write(bytes),
    writeUrgent: (bytes) => connection.writeUrgent(bytes),
    end: () => connection.end(),
    close: () => connection.close(),
    reset: () => connection.reset(),
    pause: () => connection.pause(),
    resume: () => connection.resume(),
    setKeepAlive: (on) => connection.setKeepAlive(on),
  };
}
