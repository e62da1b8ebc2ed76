/**
 * The routes of a node: the longest prefix wins, then the route added first. A cache serves the few destinations
 * that most packets have.
 *
 * @example
 * routes.add({ prefix: "0.0.0.0/0", interface: "em0", gateway: "10.0.0.1" });
 * routes.lookup("198.51.100.7"); // { interface: "em0", nextHop: "10.0.0.1" }
 */

import { contains, type Prefix, parsePrefix } from "./prefix.ts";

export interface Route {
  /** Text such as `0.0.0.0/0`. */
  readonly prefix: string;
  /** Name of the interface to leave by. */
  readonly interface: string;
  /** Absent: the destination is on that link. */
  readonly gateway?: string;
}

export interface Hop {
  readonly interface: string;
  readonly nextHop: string;
  /** By the default route. */
  readonly byDefault?: boolean;
}

/** Destinations in the cache; a full cache is emptied. */
const CACHE_LIMIT = 4096;

export class RoutingTable {
  readonly #routes: { readonly route: Route; readonly prefix: Prefix }[] = [];
  readonly #cache = new Map<string, Hop | undefined>();

  get routes(): readonly Route[] {
    return this.#routes.map(({ route }) => route);
  }

  add(route: Route): void {
    this.#routes.push({ route, prefix: parsePrefix(route.prefix) });
    // The sort is stable: equal lengths stay in order of adding.
    this.#routes.sort((a, b) => b.prefix.length - a.prefix.length);
    this.#cache.clear();
  }

  remove(route: Route): void {
    const at = this.#routes.findIndex((known) => known.route === route);
    if (at >= 0) this.#routes.splice(at, 1);
    this.#cache.clear();
  }

  lookup(destination: string): Hop | undefined {
    if (this.#cache.has(destination)) return this.#cache.get(destination);
    const found = this.#routes.find(({ prefix }) => contains(prefix, destination))?.route;
    const hop = found && { interface: found.interface, nextHop: found.gateway ?? destination };
    if (this.#cache.size >= CACHE_LIMIT) this.#cache.clear();
    this.#cache.set(destination, hop);
    return hop;
  }
}
