import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readApart } from "../../../agent/calendars/read-apart.ts";
import { temporaryFolder } from "../../store/temporary.ts";

const never = new AbortController().signal;
const within = { fromMs: Date.UTC(2026, 10, 22), toMs: Date.UTC(2026, 10, 23), zone: "UTC" };

test("readApart(): the answer of a thread of its own", async () => {
  const file = join(temporaryFolder(), "room.ics");
  writeFileSync(
    file,
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20261122T000000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
  );
  expect(await readApart()({ from: { file }, ...within }, never)).toEqual({
    ok: true,
    value: [{ fromMs: within.fromMs, toMs: within.fromMs + 3_600_000 }],
  });
});

/** Takes a connection and never says a word. */
async function silentServer(): Promise<string> {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/room.ics`;
}

test("readApart(): a read without an end ends with its thread", async () => {
  const url = await silentServer();
  expect(await readApart(300)({ from: { url }, ...within }, never)).toEqual({ ok: false, fault: { why: "it takes too long to read" } });
});

test("readApart(): the agent's stop ends it too", async () => {
  const stop = new AbortController();
  const reading = readApart()({ from: { url: await silentServer() }, ...within }, stop.signal);
  stop.abort();
  expect(await reading).toEqual({ ok: false, fault: { why: "the agent stops" } });
});
