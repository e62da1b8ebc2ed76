/**
 * The port that a PORT, EPRT, 227 or 229 line announces, read leniently: what some client or server
 * somewhere would make of it.
 */

/** PORT and 227: the fifth and sixth of six numbers. @example parsePort("227 … (192,0,2,1,195,80)\r\n") // 50000 */
export function parsePort(line: string): number | undefined {
  const match = /^(?:PORT |227[ -]).*?(\d+),(\d+),(\d+),(\d+),(\d+),(\d+)/is.exec(line);
  return match === null ? undefined : Number(match[5]) * 256 + Number(match[6]);
}

/** EPRT and 229: the number between the last delimiters. @example parseExtendedPort("229 … (|||50000|)\r\n") // 50000 */
export function parseExtendedPort(line: string): number | undefined {
  const match = /^(?:EPRT |229[ -]).*([|!])(\d+)\1/is.exec(line);
  return match === null ? undefined : Number(match[2]);
}
