#!/usr/bin/env node
// anchorage-ftp-proxy from a checkout: TypeScript is run by tsx. Without the checkout use dist/ftp-proxy.mjs.
import { register } from "tsx/esm/api";

register();
await import("../proxy/node/entry.ts");
