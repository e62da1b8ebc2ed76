/**
 * The result of a run: the one record that every report reads. Reports read nothing else.
 * It is plain JSON (`results.json`), so another tool can read it too. Times are milliseconds of
 * the lab's own clock since the play began; real time appears only in `RunResult.clock`, so two
 * runs with one seed are equal in all else.
 */

/** Five different words, so that no play passes silently. */
export type Grade =
  /** Everything held, and the end was the expected one (also an expected failure, e.g. of subject `none`). */
  | "passed"
  | "failed"
  /** The lab, the subject or a player cannot do what the scenario needs; `reason` says what. */
  | "unsupported"
  /** The scenario says that this combination has no meaning (PASV over inet6, say). */
  | "does-not-apply"
  /** Chosen, but not played: the run was stopped, or the lab was lost. */
  | "not-run";

export type Family = "inet" | "inet6";
/** `forward`: clients inside; `reverse`: the server inside (`ftp-proxy -R`). */
export type Side = "forward" | "reverse";
/** The speaker: the two control connections are client–proxy and proxy–server; without a proxy they are one. */
export type Party = "client" | "proxy" | "server" | "intruder";

export interface RunResult {
  readonly schema: 2;
  readonly tool: { readonly name: "anchorage"; readonly version: string };
  /** Real time; the only fields that differ between two runs with one seed. */
  readonly clock: { readonly startedAt: string; readonly tookMs: number };
  readonly seed: number;
  readonly plays: readonly PlayResult[];
}

export interface ScenarioInfo {
  /** A path, usable on the command line: `servers/pasv-227-no-parens`. */
  readonly id: string;
  readonly title: string;
  /** The folder: `passive`, `active`, `framing` … */
  readonly category: string;
  /** A paragraph: the deviation, and who makes it. */
  readonly quirk: string;
  /** Where the expectation comes from: RFC section, man page, capture. */
  readonly sources: readonly string[];
  readonly priority: 1 | 2 | 3;
}

/** A player and its part. */
export interface PlayerInfo {
  readonly part: "client" | "server";
  readonly name: string;
  readonly version?: string;
  /** A program of the user's own: its command line, as typed. */
  readonly command?: string;
  /** A program in a play that failed: the end of its output. */
  readonly output?: string;
}

/** One cell of the matrix. */
export interface PlayResult {
  /** `passive/pasv@core,sim,inet,forward`: unique in a run and accepted by `anchorage repro`. */
  readonly id: string;
  readonly scenario: ScenarioInfo;
  readonly subject: string;
  readonly lab: string;
  readonly era: string;
  readonly family: Family;
  readonly side: Side;
  readonly seed: number;
  readonly grade: Grade;
  /** The end of the play in one sentence: `completed`, `the client's data connection got no answer`. */
  readonly outcome: string;
  /** The end that the scenario expects of this subject. */
  readonly expected: string;
  /** It failed at first, and passed when it was played again: so many attempts, and the first one's outcome. */
  readonly flaky?: { readonly attempts: number; readonly first: string };
  /** Why, for every grade but `passed`. */
  readonly reason?: string;
  /** Did FTP work? Absent when the cell was not played. */
  readonly service?: Service;
  /** Did the subject do what its reference does? Absent when the cell was not played. */
  readonly letter?: Letter;
  /** Who else got in, and what stays open? Absent when the cell was not played. */
  readonly harm?: Harm;
  readonly findings: readonly Finding[];
  /** The invariants (docs/invariants.md), each with its verdict. */
  readonly invariants: readonly InvariantResult[];
  readonly players: readonly PlayerInfo[];
  readonly hosts: readonly { readonly name: string; readonly addresses: readonly string[] }[];
  /** pf.conf of the firewall, as given. */
  readonly pfConf: string;
  /** nft(8) rules, where the firewall's own kernel is the subject; pf.conf is empty then. */
  readonly kernelRules?: string;
  /** The command line of the subject, where it has one. */
  readonly subjectCommand?: string;
  readonly timeline: readonly TimelineEvent[];
  /** How long the play lasted on the lab's clock. */
  readonly lastedMs: number;
  /** One command that repeats it. */
  readonly repeat: string;
  /** Packet capture, relative to the report's folder. */
  readonly capture?: string;
}

/** Who or what broke a play. `firewall`: a rule, a limit, a lost state. `translation`: an address that leads nowhere. */
export type Breaker = "client" | "server" | "proxy" | "firewall" | "translation" | "network";

/** The answer to "did FTP work?", found from wires, anchors and players in the same way for every subject. */
export interface Service {
  /** `detour`: every errand was done, though a negotiation command or a connection failed first. */
  readonly verdict: "works" | "detour" | "fails";
  /** One sentence, for every verdict: who broke it and how, or by which detour it worked. */
  readonly reason: string;
  readonly by?: Breaker;
  /** Where the dialogue broke: `the 227`, `PORT`, `the greeting`, `the login`, `data connection`, `control connection`. */
  readonly where?: string;
  /** The line of the dialogue at that place, as on the wire: `227 Entering passive mode. 198,51,100,7,195,81`. */
  readonly line?: string;
  /** The rule that dropped it, for `firewall`. */
  readonly rule?: { readonly path: string; readonly text: string; readonly line: number };
  /** What the user sees: `hangs for 30 s`, `connection closed`, `425 Can't open data connection`. */
  readonly notice?: string;
  readonly errands: readonly Errand[];
}

/** Something that the client's user wants, and what came of it. */
export interface Errand {
  readonly what: "log in" | "list" | "fetch" | "store" | "transfer" | "talk";
  /** The file or folder, where there is one. */
  readonly name?: string;
  /** `not-tried`: an earlier errand failed, and the client gave up. */
  readonly verdict: "done" | "detour" | "failed" | "not-tried";
  /** The commands that negotiated its data connections, in order: `EPSV`, `PASV`. */
  readonly negotiation?: readonly string[];
  /** Bytes that arrived, and bytes that should have. */
  readonly bytes?: number;
  readonly of?: number;
  readonly notice?: string;
}

/** The answer to "did the subject do what its reference does, to the letter?". */
export interface Letter {
  /** `no-reference`: the subject claims to be nothing else (`none`, `conntrack`, a proxy of the user's). */
  readonly verdict: "kept" | "differs" | "no-reference";
  readonly differences: readonly LetterDifference[];
}

export interface LetterDifference {
  readonly about: "dialogue" | "rules" | "log";
  /** `client gets a 227 in ftp-proxy's words`. */
  readonly message: string;
  readonly expected: string;
  readonly actual: string;
  readonly atMs: number;
}

/** The answer to "who else got in, and what stays open?". */
export interface Harm {
  readonly verdict: "none" | "harm";
  readonly found: readonly HarmFound[];
  /** What the rule set alone lets anybody do, tried without a session: `inside intruder reaches 198.51.100.7 at port 49999`. */
  readonly policy: readonly string[];
}

export interface HarmFound {
  /** The name of the invariant that it breaks: `intruder-out`, `empty-after`, `slots-free` … */
  readonly name: string;
  /** One sentence: `inside intruder 10.0.0.66 reached 198.51.100.7 port 49999 (while the rules are in force)`. */
  readonly detail: string;
}

/** A difference from the expectation. */
export interface Finding {
  /** `step`: the script could not go on; `letter`: the subject did otherwise than its reference; `invariant`: one of docs/invariants.md is broken; `expectation`: another end was expected; `error`: the harness failed. */
  readonly kind: "step" | "letter" | "invariant" | "expectation" | "error";
  readonly message: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly atMs?: number;
}

export interface InvariantResult {
  /** `empty-after`, `slots-free`, `host-to-host`, `rules-before-line`, `intruder-out`, `bytes-intact`, `ends`. */
  readonly name: string;
  readonly title: string;
  readonly verdict: "held" | "broken" | "does-not-apply";
  /** The object of the check, or the cause of the break. */
  readonly detail: string;
}

interface At {
  readonly atMs: number;
}

/** Everything that is drawn on the ladder, in order. */
export type TimelineEvent =
  /** A line, or bytes that are not text, on a control connection, as on the wire. */
  | (At & {
      readonly kind: "line";
      readonly from: Party;
      readonly to: Party;
      /** Control connection number, from 1. */
      readonly session: number;
      /** With C escapes, CR LF included: `PASV\r\n`. */
      readonly text: string;
      /** Not a line of text: TLS records, say; `text` then describes it. */
      readonly opaque?: boolean;
      /** The line that the proxy received, if it sent another one. */
      readonly insteadOf?: string;
      /** It names a data port: why the proxy passed it as it was, or hung up. */
      readonly why?: string;
      /** The option of anchorage-ftp-proxy that would have rewritten it: `--match-replies`. */
      readonly cure?: string;
    })
  /** A control or data connection opens, ends or fails. */
  | (At & {
      readonly kind: "connection";
      readonly channel: "control" | "data";
      readonly from: Party;
      readonly to: Party;
      readonly event: "opened" | "closed" | "reset" | "refused" | "no-answer" | "half-closed";
      /** Who sent the RST, or the first FIN. `firewall`: it answered in a peer's place (`block return`). */
      readonly by?: Party | "firewall";
      /** `10.0.0.5:40000 -> 198.51.100.7:21` as each side sees it. */
      readonly addresses: string;
      readonly bytes?: number;
      readonly sha256?: string;
    })
  /** The contents of an anchor after a change; both lists are pfctl -sr lines. */
  | (At & {
      readonly kind: "anchor";
      readonly anchor: string;
      readonly rules: readonly string[];
      readonly before: readonly string[];
    })
  /** A packet that the firewall did not let through. */
  | (At & {
      readonly kind: "drop";
      /** `tcp 198.51.100.7:20 > 198.51.100.1:50001 S`. */
      readonly packet: string;
      readonly interface: string;
      readonly direction: "in" | "out";
      readonly from: Party | "firewall";
      /**
       * As pf counts it: `match`, `state-limit` …; `ttl`, `no-route`, `no-neighbour`, `too-big` or `scope` when the
       * packet passed the rules and got stuck.
       */
      readonly reason: string;
      /** `its state timed out 40 s ago (tcp.established 300)`, `no host has the address 198.51.100.254`. */
      readonly why?: string;
      /** The rule that dropped it, or that routed it to where it got stuck; absent when no rule did. `path`: `pf.conf`, or the position of a rule in an anchor (`1/4711.1/0`). */
      readonly rule?: { readonly path: string; readonly text: string; readonly line: number };
    })
  /** A state that PF made or removed, as pfctl -ss prints it. */
  | (At & {
      readonly kind: "state";
      readonly event: "created" | "removed";
      readonly state: string;
      /** `timed out: tcp.established 300`. */
      readonly why?: string;
    })
  /** The firewall's kernel has read of a coming connection and will let it in: `198.51.100.7 -> 198.51.100.1 port 40000`. */
  | (At & { readonly kind: "expectation"; readonly text: string })
  /** A line of the subject's log; level as syslog(3). */
  | (At & { readonly kind: "log"; readonly level: number; readonly text: string })
  /** A step of the script. */
  | (At & {
      readonly kind: "step";
      readonly who: Party | "firewall" | "play";
      readonly text: string;
      readonly ok: boolean;
    })
  /** A try of the intruder and its result. */
  | (At & {
      readonly kind: "probe";
      readonly from: string;
      readonly to: string;
      readonly what: string;
      readonly result: string;
      readonly reached: boolean;
    });
