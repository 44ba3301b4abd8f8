import { expect, test } from "vitest";
import { DAY, HOUR } from "../../protocols/core/time.ts";
import { type NewCommand, REPLAY_KEPT_LEAST, REPLAY_KEPT_MS } from "../../store/commands.ts";
import { T0, temporaryStore } from "./temporary.ts";

function command(jti: string, changes: Partial<NewCommand> = {}): NewCommand {
  return { jti, expMs: T0 + 300_000, receivedAtMs: T0, verb: "device.refresh", subject: "doe", status: "accepted", ...changes };
}

test("record(): a repeated id gets the first row back and changes nothing", () => {
  const { commands } = temporaryStore();
  expect(commands.record(command("a"))).toEqual({ repeated: false });
  expect(commands.record(command("a", { verb: "campaign.start", subject: "eve" }))).toEqual({ repeated: true, first: command("a") });
  expect(commands.load("a")).toEqual(command("a"));
});

test("record(): a repeated id after the end gets the stored answer", () => {
  const { commands } = temporaryStore();
  commands.record(command("a"));
  commands.finish("a", "done", { code: "done" });
  expect(commands.record(command("a"))).toEqual({ repeated: true, first: command("a", { status: "done", answer: { code: "done" } }) });
});

test("finish(): the first end stays", () => {
  const { commands } = temporaryStore();
  commands.record(command("a"));
  expect(commands.finish("a", "failed", { code: "faulted" })).toBe(true);
  expect(commands.finish("a", "done", { code: "done" })).toBe(false);
  expect(commands.load("a")).toMatchObject({ status: "failed", answer: { code: "faulted" } });
  expect(commands.finish("unknown", "done", {})).toBe(false);
});

test("unfinished(): what a restart must look at, oldest first", () => {
  const { commands } = temporaryStore();
  commands.record(command("b", { receivedAtMs: T0 + 1 }));
  commands.record(command("a"));
  commands.record(command("c", { status: "rejected", answer: { code: "expired" } }));
  expect(commands.unfinished().map(({ jti }) => jti)).toEqual(["a", "b"]);
});

test("prune(): an id is remembered until a day after its expiry, then forgotten", () => {
  const { commands, transaction } = temporaryStore();
  expect(REPLAY_KEPT_MS).toBe(DAY);
  commands.record(command("a", { expMs: T0, status: "done" }));
  transaction(() => {
    for (let i = 0; i < REPLAY_KEPT_LEAST; i++) commands.record(command(`later-${i}`, { expMs: T0 + HOUR, status: "done" }));
  });
  expect(commands.prune(T0 + DAY)).toBe(0);
  expect(commands.prune(T0 + DAY + 1)).toBe(1);
  expect(commands.load("a")).toBeUndefined();
});

test("prune(): a clock that is far ahead for a while makes nobody forget the newest ids", () => {
  const { commands } = temporaryStore();
  commands.record(command("a", { expMs: T0, status: "done" }));
  expect(commands.prune(T0 + 400 * DAY)).toBe(0);
  expect(commands.record(command("a", { expMs: T0 }))).toMatchObject({ repeated: true });
});

test("prune(): a command under way is never forgotten", () => {
  const { commands } = temporaryStore();
  commands.record(command("a", { expMs: T0 }));
  expect(commands.prune(T0 + 100 * DAY)).toBe(0);
});
