#!/usr/bin/env node
// The agent of docs/agent-protocol.md, from a checkout.
import { register } from "tsx/esm/api";

register();
await import("../harness/agent/entry.ts");
