// `anchorage pfctl` starts often and must start fast: it is bundled into one plain JavaScript file in dist/, made anew
// when a source is newer. Where nothing can be written or bundled, the sources run as they are.
import { readdirSync, renameSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bundle = join(root, "dist", "pfctl.mjs");
const SOURCES = ["harness/cli/pfctl.ts", "harness/cli/input.ts", "harness/cli/exit-status.ts", "harness/pf"];

/** File systems differ in what they keep of a time that is set. */
const KEPT_MS = 2;

/** Milliseconds; 0 if it is not there. */
function changed(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(path) {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return Number.POSITIVE_INFINITY;
  if (!entry.isDirectory()) return entry.mtimeMs;
  // A file that is gone shows in its folder's time.
  return readdirSync(path).reduce(
    (latest, name) => (/\.test\.ts$|^fixtures$/.test(name) ? latest : Math.max(latest, newest(join(path, name)))),
    entry.mtimeMs,
  );
}

/** @param sourcesMs when the newest source was changed; that becomes the time of the bundle. */
async function build(sourcesMs) {
  const { build: bundleWith } = await import("esbuild");
  const unfinished = `${bundle}.${process.pid}`;
  await bundleWith({
    absWorkingDir: root,
    entryPoints: ["harness/cli/pfctl.ts"],
    outfile: unfinished,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    legalComments: "none",
    logLevel: "silent",
  });
  utimesSync(unfinished, sourcesMs / 1000, sourcesMs / 1000);
  // At once, for others that start at the same time.
  renameSync(unfinished, bundle);
}

/** The module harness/cli/pfctl.ts. */
export async function importPfctl() {
  try {
    const sourcesMs = Math.max(...SOURCES.map((path) => newest(join(root, path))));
    if (changed(bundle) + KEPT_MS < sourcesMs) await build(sourcesMs);
    return await import(pathToFileURL(bundle).href);
  } catch {
    const { register } = await import("tsx/esm/api");
    register();
    return import("../harness/cli/pfctl.ts");
  }
}
