/**
 * The modules that `require` finds under Node's names: the bottle's where a module reaches the world
 * (network, files, time, random, names), Node's where it only computes, an error for the rest.
 *
 * @example
 * const modules = createBuiltins(runtime, tree);
 * modules.get("net"); // the bottle's
 * modules.get("child_process"); // throws ERR_UNKNOWN_BUILTIN_MODULE
 */
import * as assert from "node:assert";
import * as asyncHooks from "node:async_hooks";
import * as buffer from "node:buffer";
import * as crypto from "node:crypto";
import * as events from "node:events";
import { constants as osConstants } from "node:os";
import { posix } from "node:path";
import { nextTick } from "node:process";
import * as querystring from "node:querystring";
import * as stream from "node:stream";
import * as streamPromises from "node:stream/promises";
import * as stringDecoder from "node:string_decoder";
import * as url from "node:url";
import * as util from "node:util";
import * as zlib from "node:zlib";
import { resolveHost } from "./address.ts";
import type { FileTree } from "./file-tree.ts";
import { createFs } from "./fs.ts";
import { createNet } from "./net.ts";
import { createRealm } from "./realm.ts";
import type { Runtime } from "./runtime.ts";
import { nodeError } from "./system-error.ts";
import { createTimers } from "./timers.ts";
import { createTls } from "./tls.ts";

/** An ES namespace as `require` gives the module: the function or class where there is one. */
function common(namespace: object): unknown {
  return "default" in namespace ? namespace.default : namespace;
}

const pure: Readonly<Record<string, unknown>> = {
  assert: common(assert),
  async_hooks: common(asyncHooks),
  buffer: common(buffer),
  events: common(events),
  path: posix,
  "path/posix": posix,
  querystring: common(querystring),
  stream: common(stream),
  "stream/promises": common(streamPromises),
  string_decoder: common(stringDecoder),
  url: common(url),
  util: common(util),
  zlib: common(zlib),
};

/** node:crypto, drawing random numbers from the host. */
function createCrypto(runtime: Runtime) {
  const fill = <Bytes extends Uint8Array>(bytes: Bytes): Bytes => {
    for (let index = 0; index < bytes.length; index += 1) bytes[index] = runtime.host.random.below(256);
    return bytes;
  };
  const randomBytes = (size: number, callback?: (error: null, bytes: Buffer) => void): Buffer | undefined => {
    const bytes = fill(Buffer.alloc(size));
    if (callback === undefined) return bytes;
    nextTick(callback, null, bytes);
    return undefined;
  };
  const randomUUID = (): string => {
    const bytes = fill(Buffer.alloc(16));
    // RFC 9562, section 5.4: version 4 and the variant.
    bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x40;
    bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80;
    return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };
  const randomInt = (from: number, to?: number): number =>
    to === undefined ? runtime.host.random.below(from) : from + runtime.host.random.below(to - from);
  return { ...crypto, randomBytes, randomFillSync: fill, getRandomValues: fill, randomUUID, randomInt };
}

function createOs(runtime: Runtime) {
  return {
    EOL: "\n",
    constants: osConstants,
    arch: () => "x64",
    endianness: () => "LE",
    homedir: () => "/",
    hostname: () => runtime.host.name,
    networkInterfaces: () => ({}),
    platform: () => "linux",
    release: () => "0",
    tmpdir: () => "/",
    type: () => "Linux",
  };
}

function createDns() {
  const lookup = (
    host: string,
    options: { readonly family?: number },
    callback: (...args: unknown[]) => void,
  ): void => {
    try {
      const address = resolveHost(host, options.family);
      nextTick(callback, null, address, address.includes(":") ? 6 : 4);
    } catch (error) {
      nextTick(callback, error);
    }
  };
  return { lookup };
}

export function createBuiltins(runtime: Runtime, tree: FileTree) {
  const timers = createTimers(runtime);
  const net = createNet(runtime);
  const fs = createFs(tree, runtime);
  const ownCrypto = createCrypto(runtime);
  const realm = createRealm(runtime, timers, ownCrypto);
  const own: Readonly<Record<string, unknown>> = {
    console: realm.console,
    crypto: ownCrypto,
    dns: createDns(),
    fs,
    "fs/promises": fs.promises,
    net,
    os: createOs(runtime),
    perf_hooks: { performance: realm.performance },
    process: realm.process,
    timers,
    "timers/promises": timers.promises,
    tls: createTls(runtime, net, timers),
  };
  return {
    realm,
    get: (name: string): unknown => {
      const plain = name.startsWith("node:") ? name.slice("node:".length) : name;
      const module = own[plain] ?? pure[plain];
      if (module !== undefined) return module;
      throw nodeError(
        "ERR_UNKNOWN_BUILTIN_MODULE",
        `A bottle has no module "${plain}": it has ${[...Object.keys(own), ...Object.keys(pure)].sort().join(", ")}.`,
      );
    },
  };
}

export type Builtins = ReturnType<typeof createBuiltins>;
