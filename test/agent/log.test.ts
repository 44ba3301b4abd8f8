import { expect, test } from "vitest";
import { createLog, describeError, type LogOptions, SILENT } from "../../agent/log.ts";
import { Secret } from "../../protocols/core/secret.ts";

const CANARY = "canary-91bd";

function written(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  return { lines, log: createLog({ level: "debug", pretty: false, write: (line) => lines.push(line), ...options }) };
}

/** As a library makes them: the message is harmless, what hangs on it is not. */
function careless(): Error {
  const cause = new Error(`connect ${CANARY}`);
  return Object.assign(new Error("connect failed", { cause }), {
    code: "ECONNREFUSED",
    password: CANARY,
    config: { headers: { authorization: CANARY } },
    options: { password: CANARY },
  });
}

test("createLog(): one JSON line each, with a fixed message and its fields", () => {
  const { lines, log } = written();
  log.info("the agent is ready", { site: "zug-01" });
  log.with({ loop: "drive" }).warn("late");
  const read = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(read[0]).toMatchObject({ level: "info", msg: "the agent is ready", site: "zug-01" });
  expect(read[0]).not.toHaveProperty("pid");
  expect(read[1]).toMatchObject({ level: "warn", msg: "late", loop: "drive" });
});

test("createLog(): what is below the level is not written", () => {
  const { lines, log } = written({ level: "warn" });
  log.debug("a");
  log.info("b");
  log.error("c");
  expect(lines).toHaveLength(1);
  SILENT.with({ a: 1 }).error("never");
});

test.each([true, false])("createLog(): a secret and what hangs on an error never show (pretty: %s)", (pretty) => {
  const { lines, log } = written({ pretty });
  const secret = new Secret(CANARY);
  log.info("a credential", { secret, credential: { id: "site", user: "Polycom", password: secret }, list: [secret] });
  log.error("it failed", { error: careless() });
  log.with({ secret, error: careless() }).warn("with fields of its own");
  const all = lines.join("");
  expect(all).toContain("***");
  expect(all).toContain("ECONNREFUSED");
  expect(all).not.toContain(CANARY);
});

test("describeError(): name, code, message and stack, bounded, nothing else", () => {
  const described = describeError(careless());
  expect(Object.keys(described).sort()).toEqual(["code", "message", "name", "stack"]);
  expect(describeError(new Error("x".repeat(9_000)))["message"]).toHaveLength(500);
  expect(String(describeError(new Error("x".repeat(9_000)))["stack"]).length).toBeLessThanOrEqual(4_000);
  expect(describeError(CANARY)).toEqual({ name: "string" });
  expect(describeError({ password: CANARY })).toEqual({ name: "object" });
});
