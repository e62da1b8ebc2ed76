/**
 * The criteria that make skip steps, in the order in which the kernel tests them (pfvar.h: PF_SKIP_*).
 */

export const SKIP = {
  interface: 0,
  direction: 1,
  rdomain: 2,
  family: 3,
  protocol: 4,
  sourceAddress: 5,
  destinationAddress: 6,
  sourcePort: 7,
  destinationPort: 8,
} as const;
