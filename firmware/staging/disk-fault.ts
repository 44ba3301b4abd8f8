/**
 * What a failure of our own disk is to those who asked. Pure.
 */
import { codeOf } from "../../protocols/core/error-code.ts";
import type { Fault } from "../../protocols/core/fault.ts";

/** `refused` where there is no room, else `unreachable`. Anything that is no error of the system is a bug, and is thrown on. @param where  for people */
export function diskFault(error: unknown, where?: string): Fault {
  if (!(error instanceof Error && "syscall" in error)) throw error;
  const code = codeOf(error);
  if (code === "ENOSPC" || code === "EDQUOT")
    return { kind: "refused", via: "depot", reason: "the disk is full; what has come is kept: free space, then try again" };
  const what = `${String(error.syscall)}: ${code}`;
  return { kind: "unreachable", via: "depot", detail: where === undefined ? what : `${where}: ${what}` };
}
