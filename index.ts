/**
 * What a scenario, a player, a subject or a lab of your own imports:
 * `import { scenario, stopsAt } from "anchorage"`.
 */

export * from "./harness/lab.ts";
export type { Family, Packet } from "./harness/pf/packet.ts";
export { CONTROL_PORT, type Roles } from "./harness/roles.ts";
export {
  completes,
  type End,
  type EndPlace,
  type PlacedEnd,
  type Player,
  type Scenario,
  type Stage,
  stopsAt,
  type TimelineEvent,
  type Witness,
} from "./harness/scenario.ts";
export { type Cause, Deviation, type Script, StepFailure } from "./harness/script.ts";
export { testCertificate } from "./harness/sim/bottle/test-certificate.ts";
export type { Profile, RunningSubject, Subject, SubjectSetup } from "./harness/subject.ts";
export * from "./proxy/host.ts";
export {
  activeCommand,
  downloadsActively,
  downloadsPassively,
  entersActiveMode,
  entersPassiveMode,
  FILE,
  logsIn,
  passiveReply,
  quits,
  says,
  uploadsActively,
  uploadsPassively,
} from "./scenarios/dialogue.ts";
export { extendedHostPort, hostPort, longHostPort } from "./scenarios/players/addresses.ts";
export type { DataChannel } from "./scenarios/players/data-channel.ts";
export { basicFtpClient, type LibraryClient } from "./scenarios/players/library-client.ts";
export { ftpSrvServer, type LibraryServer } from "./scenarios/players/library-server.ts";
export { ScriptedClient, scriptedClient } from "./scenarios/players/scripted-client.ts";
export { ScriptedServer, scriptedServer } from "./scenarios/players/scripted-server.ts";
export { ThirdHost } from "./scenarios/players/third-host.ts";
export {
  commandPasses,
  proxyRefusesCommand,
  proxyRefusesReply,
  replyPasses,
  replyVanishes,
} from "./scenarios/refusals.ts";
export {
  ownReplyChanges,
  rewritten227,
  rewritten229,
  rewrittenActive,
  rewrittenEprt,
  rewrittenPassive,
  rewrittenPort,
  untouched,
} from "./scenarios/rewritten.ts";
export { type ScenarioText, scenario } from "./scenarios/scenario.ts";
