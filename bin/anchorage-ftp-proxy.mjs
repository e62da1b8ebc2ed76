#!/usr/bin/env node
// anchorage-ftp-proxy: its sources in a checkout, dist/ftp-proxy.mjs in a package. That file also runs alone.
import { existsSync } from "node:fs";

if (existsSync(new URL("../index.ts", import.meta.url))) {
  const { register } = await import("tsx/esm/api");
  register();
  await import("../proxy/node/entry.ts");
} else {
  await import("../dist/ftp-proxy.mjs");
}
