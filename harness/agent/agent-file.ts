/**
 * The Node agent as one file, so that it starts quickly, and on hosts without this checkout.
 *
 * @example
 * const { path, env } = await agentFile(folder);
 * startAgent("node", [path], env);
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** `env`: what the agent needs to find optional packages of this checkout. */
export async function agentFile(folder: string): Promise<{ readonly path: string; readonly env: NodeJS.ProcessEnv }> {
  const path = join(folder, "anchorage-agent.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("entry.ts", import.meta.url))],
    outfile: path,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    legalComments: "none",
  });
  return { path, env: { ...process.env, ANCHORAGE_PACKAGES: import.meta.url } };
}
