import { claimsSchema, decodeCommand, glimpse } from "../../agent/commands/decode.ts";

/** What is made of a command's payload before and after its signature is checked. */
export function readClaims(payload: unknown): unknown {
  const claims = claimsSchema.safeParse(payload);
  return [glimpse(payload), claims.success ? decodeCommand(claims.data.cmd.name, claims.data.cmd.args) : undefined];
}
