/**
 * All tables, by ruleset: their references, and when they come and go.
 *
 * A table lives while it is `persist`, or some rule of its ruleset names it, or (a main one) some anchor's does.
 * A name that a rule uses without any definition is an inactive table, which matches nothing.
 *
 * @example
 * tables.define("", { name: "lan", persist: true, … }, now)
 */

import type { TableDefinition } from "../../ruleset.ts";
import { Table } from "./table.ts";

export class Tables {
  readonly #byAnchor = new Map<string, Map<string, Table>>();

  get(anchor: string, name: string): Table | undefined {
    return this.#byAnchor.get(anchor)?.get(name);
  }

  /** Active tables of a ruleset, by name. */
  list(anchor: string): Table[] {
    const tables = [...(this.#byAnchor.get(anchor)?.values() ?? [])].filter(({ active }) => active);
    return tables.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** Whether the ruleset keeps any table, active or named. */
  any(anchor: string): boolean {
    return (this.#byAnchor.get(anchor)?.size ?? 0) > 0;
  }

  /** Active tables in all rulesets. */
  count(): number {
    let count = 0;
    for (const tables of this.#byAnchor.values()) for (const { active } of tables.values()) if (active) count++;
    return count;
  }

  /** A rule of this ruleset names the table. */
  attach(anchor: string, name: string): Table {
    const table = this.#find(anchor, name);
    table.references++;
    return table;
  }

  detach(table: Table): void {
    table.references--;
    this.#settle(table);
  }

  /** Puts a definition from a ruleset's text in force. */
  define(anchor: string, definition: TableDefinition, nowMs: number): void {
    const table = this.#find(anchor, definition.name);
    const fresh = !table.active;
    table.active = true;
    table.persist = definition.persist ?? false;
    table.constant = definition.const ?? false;
    table.counting = definition.counters ?? false;
    if (fresh) table.clearedMs = nowMs;
    // pfctl: a definition without an address list keeps the contents.
    if (definition.initialised || fresh) {
      table.clear();
      for (const address of definition.addresses) table.add(address, nowMs);
      table.clearedMs = nowMs;
    }
    this.#settle(table);
  }

  /** pfctl -T add on a name that is not there. */
  create(anchor: string, name: string, nowMs: number): Table {
    const table = this.#find(anchor, name);
    table.active = true;
    table.persist = true;
    table.clearedMs = nowMs;
    return table;
  }

  /** pfctl -T kill: contents and flags go; a name that rules use stays. */
  kill(table: Table): void {
    table.active = false;
    table.persist = false;
    table.constant = false;
    table.counting = false;
    table.clear();
    this.#settle(table);
  }

  #find(anchor: string, name: string): Table {
    let tables = this.#byAnchor.get(anchor);
    if (tables === undefined) {
      tables = new Map();
      this.#byAnchor.set(anchor, tables);
    }
    let table = tables.get(name);
    if (table === undefined) {
      const root = anchor === "" ? undefined : this.#find("", name);
      if (root !== undefined) root.anchorReferences++;
      table = new Table(name, anchor, root);
      tables.set(name, table);
    }
    return table;
  }

  /** pf_table.c, pfr_setflags_ktable(): drops tables without references. */
  #settle(table: Table): void {
    const named = table.references > 0 || table.anchorReferences > 0;
    if (!named && !table.persist) table.active = false;
    if (!table.active) {
      table.persist = false;
      table.constant = false;
      table.clear();
    }
    if (table.active || named) return;
    const tables = this.#byAnchor.get(table.anchor);
    if (tables?.get(table.name) !== table) return;
    tables.delete(table.name);
    if (tables.size === 0) this.#byAnchor.delete(table.anchor);
    if (table.root !== undefined) {
      table.root.anchorReferences--;
      this.#settle(table.root);
    }
  }
}
