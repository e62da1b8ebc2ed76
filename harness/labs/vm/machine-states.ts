/**
 * How the machines are, as `vagrant status --machine-readable` tells it: lines of comma-separated fields,
 * `time,machine,type,data…`.
 *
 * @example
 * machineStates("1700000000,openbsd-7.8,state,running\n") // Map { "openbsd-7.8" => { state: "running" } }
 */

export interface MachineState {
  /** `running`, `not_created`, `shutoff`, `poweroff` … in the provider's words. */
  readonly state: string;
  readonly provider?: string;
}

export function machineStates(text: string): Map<string, MachineState> {
  const found = new Map<string, MachineState>();
  for (const line of text.split("\n")) {
    const [, machine = "", type, data = ""] = line.trim().split(",");
    if (machine === "") continue;
    const known = found.get(machine) ?? { state: "unknown" };
    if (type === "state") found.set(machine, { ...known, state: data });
    if (type === "provider-name") found.set(machine, { ...known, provider: data });
  }
  return found;
}
