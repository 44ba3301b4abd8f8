/**
 * IPv6 neighbours of this host, as its kernel knows them: an IPv6 network is found by who was heard of, never by walking it.
 */
import { execFile } from "node:child_process";
import * as z from "zod";

/** Real milliseconds; it asks only the kernel. */
const TIMEOUT_MS = 2_000;
const OUTPUT_BYTES = 4 * 1024 * 1024;

const rows = z.array(z.looseObject({ dst: z.ipv6(), state: z.array(z.string()).optional() }));

/** What `ip -json -6 neigh` printed, as addresses. Link-local ones are left out: they mean nothing without their interface. Pure. */
export function neighboursIn(printed: string): readonly string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(printed);
  } catch {
    return []; // an older `ip` without JSON
  }
  const read = rows.safeParse(parsed);
  const known = read.success ? read.data : [];
  return known.flatMap(({ dst, state }) => (/^fe[89ab]/i.test(dst) || state?.includes("FAILED") === true ? [] : [dst]));
}

/** Empty where the host has no `ip`, or it says nothing. */
export function neighbourCache(): Promise<readonly string[]> {
  return new Promise((resolve) => {
    execFile("ip", ["-json", "-6", "neigh"], { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES }, (error, printed) =>
      resolve(error === null ? neighboursIn(printed) : []),
    );
  });
}
