/**
 * The Node agent as one file, so that it starts quickly, and on hosts without this checkout.
 *
 * @example
 * const { words, env } = await agentFile(folder);
 * startAgent("ip", ["netns", "exec", "client", ...words], env);
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface AgentFile {
  readonly path: string;
  /** What starts the agent on a host: this file by Node, or what ANCHORAGE_AGENT says (`perl vm/agent/anchorage-agent.pl`). */
  readonly words: readonly string[];
  /** What the agent needs to find optional packages of this checkout. */
  readonly env: NodeJS.ProcessEnv;
}

export async function agentFile(folder: string): Promise<AgentFile> {
  const path = join(folder, "anchorage-agent.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./entry.ts", import.meta.url))],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    legalComments: "none",
  });
  const own = process.env.ANCHORAGE_AGENT?.split(/\s+/).filter((word) => word !== "") ?? [];
  const words = own.length > 0 ? own : [process.execPath, path];
  return { path, words, env: { ...process.env, ANCHORAGE_PACKAGES: import.meta.url } };
}
