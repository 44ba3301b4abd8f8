import { expect, onTestFinished, test } from "vitest";
import { type Child, ChildFailed, startChild } from "../../../agent/demo/child.ts";

async function child(script: string, readyWithinMs = 20_000): Promise<Child> {
  const started = await startChild({ name: "the child", argv: ["-e", script], environment: { NAME: "given" }, readyWithinMs });
  onTestFinished(() => started.kill());
  return started;
}

const STAYS = "setInterval(() => {}, 1000);";

test("startChild(): ready with the JSON of its first line, only the environment that is given, ended by its own code", async () => {
  const one = await child(
    `process.on("SIGTERM", () => process.exit(7)); console.log(JSON.stringify({ names: Object.keys(process.env).filter((name) => name !== "__CF_USER_TEXT_ENCODING").sort() })); console.log("more"); ${STAYS}`,
  );
  expect(one.ready).toEqual({ names: ["NAME", "PATH"] });
  await one.end();
  expect(await one.ended).toBe(7);
  await one.end();
});

test("kill(): ends it at once, as a power cut would, and twice is fine", async () => {
  const one = await child(`process.on("SIGTERM", () => {}); console.log("1"); ${STAYS}`);
  await one.kill();
  await one.kill();
  expect(one.process.signalCode).toBe("SIGKILL");
});

test("startChild(): one that ends before it is ready fails with its code and its last words", async () => {
  await expect(child(`console.error("no port"); process.exitCode = 3;`)).rejects.toThrow(
    /^the child ended with code 3 before it was ready\nno port/,
  );
});

test("startChild(): one that was ended by a signal says by which", async () => {
  const failed = await child(`process.kill(process.pid, "SIGKILL"); ${STAYS}`).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(ChildFailed);
  expect((failed as ChildFailed).signal).toBe("SIGKILL");
});

test("stop: kills it while it starts, and what came too late is known by its signal", async () => {
  const stop = new AbortController();
  const starting = startChild({ name: "the child", argv: ["-e", STAYS], readyWithinMs: 20_000, stop: stop.signal });
  stop.abort();
  const failed = await starting.catch((error: unknown) => error);
  expect((failed as ChildFailed).signal).toBe("SIGKILL");
  const never = startChild({ name: "the child", argv: ["-e", STAYS], readyWithinMs: 20_000, stop: AbortSignal.abort() });
  expect(((await never.catch((error: unknown) => error)) as ChildFailed).signal).toBe("SIGKILL");
});

test("startChild(): one that is not ready in time fails and does not stay", async () => {
  await expect(child(STAYS, 300)).rejects.toThrow("the child was not ready within 0.3 s");
});

test("startChild(): a first line that is no JSON fails", async () => {
  await expect(child(`console.log("hello"); ${STAYS}`)).rejects.toThrow(SyntaxError);
});

test("talk(): the newest of standard error, bounded", async () => {
  const one = await child(`process.stderr.write("x".repeat(100_000) + "the end", () => console.log("1")); ${STAYS}`);
  await one.kill();
  expect(one.talk().length).toBeLessThanOrEqual(64 * 1024);
  expect(one.talk().endsWith("the end")).toBe(true);
});
