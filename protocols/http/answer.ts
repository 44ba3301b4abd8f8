/**
 * The parts of an answer in our own form, bounded.
 */
import { overBudget } from "../core/budget.ts";
import type { Transport } from "../core/fault.ts";
import { FaultError } from "./connect.ts";

/** Reads a body to its end; a `FaultError` where it is longer than `limitBytes`. */
export async function readBody(body: AsyncIterable<unknown>, limitBytes: number, via: Transport): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    // Leaving the loop by a throw destroys the body, and with it the connection.
    if (size > limitBytes) throw new FaultError(overBudget(via, "bytes", limitBytes));
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Names in lower case; repeated headers joined with a comma, cookies with a line break. */
export function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): ReadonlyMap<string, string> {
  const plain = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const lower = name.toLowerCase();
    plain.set(lower, Array.isArray(value) ? value.join(lower === "set-cookie" ? "\n" : ", ") : value);
  }
  return plain;
}
