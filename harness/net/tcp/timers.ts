/**
 * The timers of a TCP connection: retransmission, window probes, delayed acknowledgements, keepalive, and the waits
 * at its end. When retries or keepalive probes run out, the connection ends.
 *
 * @example
 * timers.expectAck(); // something is in flight
 */

import { Alarm } from "./alarm.ts";
import type { TcpConnection, TimerSet } from "./connection.ts";
import { goBack, sendProbe, transmit } from "./transmit.ts";

export class Timers implements TimerSet {
  readonly #connection: TcpConnection;
  readonly #retransmission: Alarm;
  readonly #persist: Alarm;
  readonly #delayedAck: Alarm;
  readonly #keepAlive: Alarm;
  readonly #end: Alarm;
  #connectDeadline = Number.POSITIVE_INFINITY;
  /** Retransmissions of the oldest unacknowledged segment. */
  #retries = 0;
  /** Window probes without an answer, and probes of this closed window: the wait doubles with each. */
  #probes = 0;
  #backoff = 0;
  #keepAliveOn = false;
  #keepAliveProbes = 0;

  constructor(connection: TcpConnection) {
    const { clock } = connection.environment;
    this.#connection = connection;
    this.#retransmission = new Alarm(clock, () => this.#retransmit());
    this.#persist = new Alarm(clock, () => this.#probe());
    this.#delayedAck = new Alarm(clock, () => {
      connection.acknowledge = "now";
      transmit(connection);
    });
    this.#keepAlive = new Alarm(clock, () => this.#askAlive());
    this.#end = new Alarm(clock, () => connection.end());
    if (connection.settings.connectLimitMs !== undefined) {
      this.#connectDeadline = clock.microseconds() + connection.settings.connectLimitMs * 1000;
    }
  }

  get retries(): number {
    return this.#retries;
  }

  expectAck(): void {
    this.#persist.clear();
    if (!this.#retransmission.isSet) this.#setRetransmission();
  }

  acknowledged(inFlight: boolean): void {
    this.#retries = 0;
    if (inFlight) this.#setRetransmission();
    else this.#retransmission.clear();
  }

  probeWindow(): void {
    if (this.#persist.isSet || this.#retransmission.isSet) return;
    this.#persist.set(this.#persistDelay());
  }

  windowTold(open: boolean): void {
    this.#probes = 0;
    if (!open) return;
    this.#backoff = 0;
    this.#persist.clear();
  }

  delayAck(): void {
    if (!this.#delayedAck.isSet) this.#delayedAck.set(this.#connection.settings.delayedAckMs * 1000);
  }

  get ackIsDelayed(): boolean {
    return this.#delayedAck.isSet;
  }

  ackSent(): void {
    if (this.#delayedAck.isSet) this.#delayedAck.clear();
  }

  setKeepAlive(on: boolean): void {
    this.#keepAliveOn = on;
    this.#keepAliveProbes = 0;
    if (on) this.#keepAlive.set(this.#connection.settings.keepAlive.idleMs * 1000);
    else this.#keepAlive.clear();
  }

  heard(): void {
    if (!this.#keepAliveOn) return;
    this.#keepAliveProbes = 0;
    this.#keepAlive.set(this.#connection.settings.keepAlive.idleMs * 1000);
  }

  waitForFin(): void {
    this.#end.set(this.#connection.settings.finWait2Ms * 1000);
  }

  timeWait(): void {
    this.clear();
    this.#end.set(this.#connection.settings.timeWaitMs * 1000);
  }

  clear(): void {
    for (const alarm of [this.#retransmission, this.#persist, this.#delayedAck, this.#keepAlive, this.#end]) {
      alarm.clear();
    }
    this.#keepAliveOn = false;
  }

  #setRetransmission(): void {
    const { environment, rto, state } = this.#connection;
    const wait = rto.milliseconds * 1000;
    if (state !== "SYN_SENT") {
      this.#retransmission.set(wait);
      return;
    }
    this.#retransmission.set(Math.min(wait, Math.max(0, this.#connectDeadline - environment.clock.microseconds())));
  }

  #retransmit(): void {
    const connection = this.#connection;
    const { settings, state, environment } = connection;
    const limit =
      state === "SYN_SENT"
        ? settings.synRetries
        : state === "SYN_RECEIVED"
          ? settings.synAckRetries
          : settings.dataRetries;
    const late = state === "SYN_SENT" && environment.clock.microseconds() >= this.#connectDeadline;
    if (this.#retries >= limit || late) {
      connection.end(connection.softError ?? "ETIMEDOUT");
      return;
    }
    this.#retries++;
    connection.rto.double();
    connection.congestion.timedOut(connection.max - connection.una);
    goBack(connection);
    this.#setRetransmission();
  }

  #probe(): void {
    const connection = this.#connection;
    if (this.#probes >= connection.settings.dataRetries) {
      connection.end("ETIMEDOUT");
      return;
    }
    this.#probes++;
    this.#backoff++;
    sendProbe(connection);
    this.#persist.set(this.#persistDelay());
  }

  #persistDelay(): number {
    const { rto, settings } = this.#connection;
    return Math.min(rto.milliseconds * 2 ** this.#backoff, settings.maximumRtoMs) * 1000;
  }

  #askAlive(): void {
    const connection = this.#connection;
    const { probes, intervalMs } = connection.settings.keepAlive;
    if (this.#keepAliveProbes >= probes) {
      connection.end("ETIMEDOUT");
      return;
    }
    this.#keepAliveProbes++;
    sendProbe(connection);
    this.#keepAlive.set(intervalMs * 1000);
  }
}
