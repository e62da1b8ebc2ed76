/**
 * Ports: numbers, service names, `a:b`, `N:*` of translations, and the operators of `port`.
 *
 * port-item = port | unary port | port "a:b" | port ("><" | "<>") port
 */

import type { RangeOperator } from "../../rule.ts";
import { servicePort } from "../names/services.ts";
import type { PoolPorts } from "../nodes.ts";
import { afterPort } from "../tokens/follow.ts";
import { oneOrList, type Reader } from "../tokens/reader.ts";

/** strtoul(3) with base 0 on the whole text; undefined if it is not a number. */
export function unsignedLong(text: string): bigint | undefined {
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  if (match === null) return undefined;
  const digits = match[2] as string;
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const limit = 2n ** 64n;
  if (value >= limit) return undefined;
  return match[1] === "-" && value > 0n ? limit - value : value;
}

/** A number, or a string such as `0x10` that strtoul(3) takes. */
export function unsignedNumber(reader: Reader): number {
  if (reader.peek() === "number") return reader.number();
  const text = reader.string();
  return Number(unsignedLong(text) ?? reader.fail(`${text} is not a number`));
}

function service(reader: Reader, text: string): number {
  const value = unsignedLong(text);
  if (value !== undefined) {
    if (value > 65535n) reader.fail(`illegal port value ${value}`);
    return Number(value);
  }
  // Nothing uses port 0.
  const port = servicePort(text, reader.system) ?? (reader.absent("service", text) ? 0 : undefined);
  return port ?? reader.fail(`unknown port ${text}`);
}

/** One port, already read as text. */
export function plainPort(reader: Reader, text: string): number {
  return text.includes(":") ? reader.fail(`port is invalid: ${text}`) : service(reader, text);
}

/** `21`, `ftp`; with `range` also `1024:2048`, with `star` also `8000:*`. */
export function portSpec(reader: Reader, allow: { range?: boolean; star?: boolean }): PoolPorts {
  const text = reader.numberOrString();
  const colon = text.indexOf(":");
  if (colon < 0) return { from: service(reader, text), to: 0, kind: "single" };
  const first = text.slice(0, colon);
  const second = text.slice(colon + 1);
  if (allow.star && second === "*") return { from: service(reader, first), to: 0, kind: "star" };
  if (allow.range) {
    const from = service(reader, first);
    const to = service(reader, second);
    return from === to ? { from, to: 0, kind: "single" } : { from, to, kind: "range" };
  }
  return reader.fail(`port is invalid: ${text}`);
}

type Unary = "=" | "!=" | "<" | "<=" | ">" | ">=";

const unary: ReadonlySet<string> = new Set(["=", "!=", "<", "<=", ">", ">="]);

/** Takes `= != < <= > >=` if one is next. */
export function unaryOperator(reader: Reader): Unary | undefined {
  const kind = reader.peek();
  if (!unary.has(kind)) return undefined;
  reader.take();
  return kind as Unary;
}

/** Takes `><` or `<>` if it is next. */
export function binaryOperator(reader: Reader): "><" | "<>" | undefined {
  const kind = reader.peek();
  if (kind !== "><" && kind !== "<>") return undefined;
  reader.take();
  return kind;
}

/** `34:12`, `34><34`: operators that can match nothing are refused. */
export const emptyRange = (op: ":" | "><" | "<>", from: number, to: number): boolean =>
  op === "><" ? from >= to : from > to;

export function portItem(reader: Reader): RangeOperator {
  const op = unaryOperator(reader);
  const first = portSpec(reader, { range: true });
  const withColon = "':' cannot be used with an other port operator";
  if (op !== undefined) return first.kind === "range" ? reader.fail(withColon) : { op, value: first.from };
  const between = binaryOperator(reader);
  if (between !== undefined) {
    const second = portSpec(reader, { range: true });
    if (first.kind === "range" || second.kind === "range") reader.fail(withColon);
    if (emptyRange(between, first.from, second.from)) reader.fail("invalid port range");
    return { op: between, from: first.from, to: second.from };
  }
  reader.followedBy(afterPort);
  if (first.kind !== "range") return { op: "=", value: first.from };
  if (emptyRange(":", first.from, first.to)) reader.fail("invalid port range");
  return { op: ":", from: first.from, to: first.to };
}

/** After the word `port` in `from` and `to`. */
export function portList(reader: Reader): RangeOperator[] {
  const ports: RangeOperator[] = [];
  oneOrList(reader, () => ports.push(portItem(reader)));
  return ports;
}
