#!/usr/bin/env node
/**
 * Bundles the proxy into one file that runs with nothing but node: `dist/ftp-proxy.mjs`.
 *
 * @example
 * // node proxy/build.mjs
 */

import { chmodSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Writes the bundle and answers its path. */
export async function buildProxy(outfile = `${root}dist/ftp-proxy.mjs`) {
  await build({
    absWorkingDir: root,
    entryPoints: ["proxy/node/entry.ts"],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: { js: "#!/usr/bin/env node" },
    legalComments: "none",
  });
  chmodSync(outfile, 0o755);
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildProxy();
