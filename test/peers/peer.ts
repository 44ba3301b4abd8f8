/**
 * Tests against real peers run where the peer is installed. Elsewhere they are skipped by name, so that a plain clone passes;
 * with GROUNDSWELL_PEERS=required a missing peer is a failure.
 */
import { accessSync, constants } from "node:fs";
import { test } from "vitest";

function installed(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs `fn` as the test `name` where the programs at `paths` are installed; else skips it by name, or fails where peers are required. */
export function peerTest(name: string, paths: string | readonly string[], fn: () => Promise<void> | void, timeoutMs?: number): void {
  const path = [paths].flat().find((one) => !installed(one));
  if (path === undefined) {
    test(name, fn, timeoutMs);
  } else if (process.env["GROUNDSWELL_PEERS"] === "required") {
    test(name, () => {
      throw new Error(`Cannot run against a real peer: "${path}" is not installed`);
    });
  } else {
    test.skip(`${name} [peer ${path} is not installed]`, () => undefined);
  }
}
