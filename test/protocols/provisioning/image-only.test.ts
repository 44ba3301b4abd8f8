import { expect, test } from "vitest";
import { MAC, openBench, PART, phone, TOKEN } from "./kit.ts";

const open = () => openBench({ mode: { kind: "image-only" } });

test("image-only: an offered image is given by its token, in whatever folder the phone was sent to", async () => {
  const bench = await open();
  bench.endpoint.offer(bench.offer());
  for (const folder of ["", "/poly/uc"])
    expect((await phone(bench, `${folder}/fw/${TOKEN}/${PART}.sip.ld`)).body.equals(bench.image)).toBe(true);
});

test("image-only: under the customer's own name it is given to the phone at the address it was last seen at, in its part number", async () => {
  const bench = await open();
  bench.endpoint.offer(bench.offer({ seenAt: "127.0.0.1" }));
  expect((await phone(bench, `/4.0.X/${PART}.sip.ld`)).body.equals(bench.image)).toBe(true);
  expect((await phone(bench, "/3111-48300-001.sip.ld")).status).toBe(404);
  bench.endpoint.withdraw(TOKEN);
  expect((await phone(bench, `/${PART}.sip.ld`)).status).toBe(404);
});

test("image-only: a phone whose master file names its part number puts its own before it all the same; another's before its own is nobody's", async () => {
  const bench = await open();
  bench.endpoint.offer(bench.offer({ seenAt: "127.0.0.1" }));
  expect((await phone(bench, `/${PART}.${PART}.sip.ld`)).body.equals(bench.image)).toBe(true);
  expect((await phone(bench, `/${PART}.3111-48300-001.sip.ld`)).status).toBe(404);
  expect((await phone(bench, `/3111-48300-001.${PART}.sip.ld`)).status).toBe(404);
});

test("image-only: elsewhere it is given to nobody who does not say its MAC", async () => {
  const bench = await open();
  bench.endpoint.offer(bench.offer({ seenAt: "127.0.0.9" }));
  expect((await phone(bench, `/${PART}.sip.ld`)).status).toBe(404);
  const headers = [`User-Agent: FileTransport PolycomVVX-VVX_411-UA/5.9.6.2327 (SN:${MAC}) Type/Application`];
  expect((await phone(bench, `/${PART}.sip.ld`, { headers })).status).toBe(200);
});

test.each([
  ["GET", `/${MAC}.cfg`, 404],
  ["GET", "/000000000000.cfg", 404],
  ["PUT", `/${MAC}-app.log`, 405],
  ["POST", "/", 405],
  ["GET", "/", 404],
  ["GET", "/../etc/passwd", 404],
])("image-only: %s %s is answered with nothing", async (method, target, status) => {
  const bench = await open();
  const answer = await phone(bench, target, { method, ...(method === "PUT" ? { body: "x" } : {}) });
  expect([answer.status, answer.body.length]).toEqual([status, 0]);
  expect(bench.uploaded()).toEqual([]);
});
