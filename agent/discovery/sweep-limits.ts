/**
 * What no sweep may do, whoever asks for it. Pure.
 */
import { firstOf, hostsOf, isNobody, isPublic, lastOf, type Network, SWEEP_ADDRESSES_MAX } from "../../protocols/core/networks.ts";

export interface SweepRefusal {
  readonly why: "tooLarge" | "public" | "nobody" | "six";
  /** What is wrong, for people. */
  readonly what: string;
}

/** The first reason against sweeping these networks together; `undefined` where they may be. */
export function refusalOfSweep(networks: readonly Network[], allow: { readonly public: boolean }): SweepRefusal | undefined {
  const addresses = networks.reduce((sum, { family, size }) => sum + (family === 4 ? size : 0), 0);
  if (addresses > SWEEP_ADDRESSES_MAX) {
    return { why: "tooLarge", what: `${addresses} addresses are more than a /15: nothing is asked` };
  }
  const six = networks.find((network) => network.family === 6 && hostsOf(network) === 0);
  if (six !== undefined) return { why: "six", what: `IPv6 range "${six.text}" is too large to knock at every address` };
  const ends = (network: Network, is: (address: string) => boolean): boolean => is(firstOf(network)) || is(lastOf(network));
  const group = networks.find((network) => ends(network, isNobody));
  if (group !== undefined) return { why: "nobody", what: `"${group.text}" holds no single devices` };
  const open = networks.find((network) => ends(network, isPublic));
  if (open !== undefined && !allow.public) return { why: "public", what: `"${open.text}" lies on the internet: nothing is asked` };
  return undefined;
}
