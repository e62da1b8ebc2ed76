/**
 * Names of numbers, as compact tables: `echorep:0 unreach:3`. A number may have several names, `groupqry:130
 * listqry:130`: all are read, the first is printed.
 */

export interface NamedNumbers {
  number(name: string): number | undefined;
  name(number: number): string | undefined;
}

export function namedNumbers(table: string): NamedNumbers {
  const numbers = new Map<string, number>();
  const names = new Map<number, string>();
  for (const entry of table.trim().split(/\s+/)) {
    const colon = entry.lastIndexOf(":");
    const name = entry.slice(0, colon);
    const number = Number(entry.slice(colon + 1));
    if (!numbers.has(name)) numbers.set(name, number);
    if (!names.has(number)) names.set(number, name);
  }
  return { number: (name) => numbers.get(name), name: (number) => names.get(number) };
}
