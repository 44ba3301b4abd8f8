import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FEED_LIMITS, readFeed } from "../../../agent/calendars/read.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { temporaryFolder } from "../../store/temporary.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { openFileServer } from "../../support/file-server.ts";

const never = new AbortController().signal;
const [fromMs, toMs] = [Date.UTC(2026, 10, 22), Date.UTC(2026, 10, 23)];
const within = { fromMs, toMs, zone: "UTC" };
const TEXT = [
  "BEGIN:VCALENDAR",
  "BEGIN:VEVENT",
  "UID:a",
  "DTSTART:20261122T090000Z",
  "DURATION:PT1H",
  "END:VEVENT",
  "END:VCALENDAR",
  "",
].join("\r\n");
const NINE = [{ fromMs: fromMs + 9 * 3_600_000, toMs: fromMs + 10 * 3_600_000 }];
const read = (from: Parameters<typeof readFeed>[0]["from"]) => readFeed({ from, ...within }, { clock: systemClock() }, never);

async function server() {
  const files = await openFileServer();
  onTestFinished(() => files.close());
  return files;
}

test("readFeed(): over HTTP, and from a file", async () => {
  const web = await server();
  web.files.set("room.ics", TEXT);
  expect(await read({ url: `${web.url}room.ics` })).toEqual({ ok: true, value: NINE });
  const file = join(temporaryFolder(), "room.ics");
  writeFileSync(file, TEXT);
  expect(await read({ file })).toEqual({ ok: true, value: NINE });
});

test("readFeed(): over HTTPS only from a server whose certificate holds", async () => {
  const { cert, key } = makeCertificate("CN=127.0.0.1", undefined, "127.0.0.1");
  const secure = createServer({ cert, key }, (_request, response) => response.end(TEXT));
  await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void secure.close());
  const url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/room.ics`;
  expect((await read({ url })).ok).toBe(false);
  const caFile = join(temporaryFolder(), "ca.pem");
  writeFileSync(caFile, cert);
  expect(await read({ url, caFile })).toEqual({ ok: true, value: NINE });
  expect(await read({ url, caFile: `${caFile}.none` })).toMatchObject({ ok: false });
});

test("readFeed(): a redirect leads nowhere, and no fault tells the address", async () => {
  const [web, elsewhere] = [await server(), await server()];
  elsewhere.files.set("room.ics", TEXT);
  web.before = (_asked, response) => {
    response.writeHead(302, { location: `${elsewhere.url}room.ics` }).end();
    return true;
  };
  const answer = await read({ url: `${web.url}private-token/room.ics` });
  expect(answer).toEqual({ ok: false, fault: { why: "its server answers with status 302" } });
  expect(elsewhere.asked).toEqual([]);
  expect(JSON.stringify(await read({ file: "/nowhere/private-token.ics" }))).not.toContain("private-token");
  await web.close();
  expect(JSON.stringify(await read({ url: `${web.url}private-token/room.ics` }))).not.toContain("private-token");
});

test("readFeed(): a feed over the limit is not read", async () => {
  const web = await server();
  web.files.set("room.ics", Buffer.alloc(FEED_LIMITS.bytes + 1, "x"));
  expect((await read({ url: `${web.url}room.ics` })).ok).toBe(false);
  const file = join(temporaryFolder(), "room.ics");
  writeFileSync(file, Buffer.alloc(FEED_LIMITS.bytes + 1, "x"));
  expect(await read({ file })).toMatchObject({ ok: false, fault: { why: expect.stringContaining("larger") } });
});
