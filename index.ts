/**
 * What a scenario, a player, a subject or a lab of your own imports:
 * `import { fails, scenario } from "anchorage"`.
 */

export {
  type ClientChoice,
  cells,
  type MatrixCell,
  type MatrixChoice,
  matrix,
  type PlayChoice,
  play,
  type ServerChoice,
} from "./harness/api/matrix.ts";
export { explain, ftp, type LintResult, lint } from "./harness/api/pf.ts";
export { testCertificate } from "./harness/bottle/test-certificate.ts";
export { AnchorageError } from "./harness/contract/errors.ts";
export {
  any,
  dropsReply,
  type Expectation,
  type Expectations,
  type ExpectedHarm,
  fails,
  hangsUpAt,
  type PlacedExpectation,
  served,
  works,
  worksAfterDetour,
  worksWith,
} from "./harness/contract/expectation.ts";
export * from "./harness/contract/lab.ts";
export { asWithoutProxy } from "./harness/contract/plain-service.ts";
export { CONTROL_PORT, type Roles } from "./harness/contract/roles.ts";
export type { Player, Scenario, Stage } from "./harness/contract/scenario.ts";
export { type Cause, Deviation, type Script, StepFailure } from "./harness/contract/script.ts";
export type { Profile, RunningSubject, Subject, SubjectSetup } from "./harness/contract/subject.ts";
export {
  type Dialled,
  type DialOptions,
  ftpClient,
  type LoopbackClient,
  NoSuchHost,
} from "./harness/loopback/client.ts";
export { type FtpServerOptions, ftpServer, type LoopbackServer } from "./harness/loopback/server.ts";
export type { Family, Packet } from "./harness/pf/packet.ts";
export { FILE } from "./harness/players/files.ts";
export { quirkyClient, quirkyServer } from "./harness/players/ftp/quirk.ts";
export type { Handler, Reply, ReplyPlace, ServerSession } from "./harness/players/ftp/server-session.ts";
export { basicFtpClient, type LibraryClient } from "./harness/players/libraries/basic-ftp.ts";
export { ftpSrvServer, type LibraryServer } from "./harness/players/libraries/ftp-srv.ts";
export type {
  ClientAdapter,
  LibraryCall,
  RunningServer,
  ServerAdapter,
  ServerCall,
} from "./harness/players/libraries/own-library.ts";
export { programMatrix } from "./harness/players/pairing/matrix.ts";
export {
  curl,
  ftplib,
  inetutilsFtp,
  lftp,
  ncftp,
  tnftp,
  wget,
} from "./harness/players/programs/clients.ts";
export { CommandLineError } from "./harness/players/programs/command-line.ts";
export { extendedHostPort, hostPort, longHostPort, parseLongHostPort } from "./harness/players/script/addresses.ts";
export type { DataChannel } from "./harness/players/script/data-channel.ts";
export {
  activeCommand,
  downloadsActively,
  downloadsPassively,
  entersActiveMode,
  entersPassiveMode,
  logsIn,
  passiveReply,
  quits,
  says,
  uploadsActively,
  uploadsPassively,
} from "./harness/players/script/dialogue.ts";
export {
  rewritten227,
  rewritten229,
  rewrittenPassive,
  untouched,
} from "./harness/players/script/proxy-lines.ts";
export { type ScenarioText, scenario } from "./harness/players/script/scenario.ts";
export { ScriptedClient, scriptedClient } from "./harness/players/script/scripted-client.ts";
export { ScriptedServer, scriptedServer } from "./harness/players/script/scripted-server.ts";
export { ThirdHost } from "./harness/players/script/third-host.ts";
export { clientHello, sealed, serverHello } from "./harness/players/script/tls-records.ts";
export { DiscoveryError } from "./harness/run/discover.ts";
export { NoSuchQuirk } from "./harness/run/no-such-quirk.ts";
export { SelectionError } from "./harness/run/selection.ts";
export { PacketTextError } from "./harness/tools/explain/packet-text.ts";
export { RulesError } from "./harness/tools/ftp/own-rules.ts";
export * from "./proxy/host.ts";
export type { Errand, Harm, Letter, PlayResult, RunResult, Service } from "./reports/model.ts";
