import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CAPS, MAC, OTHER_MAC, openBench, PART, phone, sendRaw, TOKEN } from "./kit.ts";

const UA = "FileTransport PolycomVVX-VVX_411-UA/6.4.6.0123 Type/Application";
const IMAGE = `/fw/${TOKEN}/${PART}.sip.ld`;

test("endpoint: the whole boot of a phone with an offer, in order [prov 1a.16] [prov 3.1] [prov 3.11]", async () => {
  const bench = await openBench({ configFiles: ["common.cfg"] });
  bench.endpoint.offer(bench.offer());
  const headers = [`User-Agent: ${UA}`];
  const master = await phone(bench, `/${MAC}.cfg`, { headers });
  expect([master.status, master.headers.get("content-type")]).toEqual([200, "text/xml"]);
  expect(master.body.toString()).toContain(`APP_FILE_PATH="fw/${TOKEN}/sip.ld" CONFIG_FILES="common.cfg"`);
  expect((await phone(bench, IMAGE, { headers })).body.equals(bench.image)).toBe(true);
  for (const name of ["-phone.cfg", "-web.cfg", "-license.cfg", "-calls.xml", "-directory.xml"]) {
    expect((await phone(bench, `/${MAC}${name}`, { headers })).status).toBe(404);
  }
  expect((await phone(bench, `/${MAC}-app.log`, { method: "HEAD", headers })).status).toBe(404);
  expect((await phone(bench, `/${MAC}-app.log`, { method: "PUT", headers, body: "1122120000|so   |4|00|log" })).status).toBe(201);
  expect(bench.events.map((event) => (event.kind === "checkIn" ? event.asked : event.kind))).toEqual([
    "master",
    "image",
    "imageStarted",
    "imageProgress",
    "imageSent",
    "imageDelivered",
    "override",
    "override",
    "licence",
    "directory",
    "directory",
    "log",
    "log",
    "upload",
  ]);
});

test("endpoint: every request only a phone makes is told, with all it says of its sender", async () => {
  const bench = await openBench();
  await phone(bench, `/${MAC}.cfg`, { headers: [`User-Agent: ${UA}`, "X-Device: 8L21ABAABBCCFD/00:e0:db:aa:bb:cc/192.0.2.7"] });
  expect(bench.events).toMatchObject([
    {
      kind: "checkIn",
      address: "127.0.0.1",
      asked: "master",
      method: "GET",
      mac: MAC,
      userAgent: UA,
      xDevice: { serial: "8L21ABAABBCCFD", mac: "00e0dbaabbcc", address: "192.0.2.7" },
      request: { agent: { model: "VVX 411", running: { application: "6.4.6.0123" } } },
    },
  ]);
});

test.each([`/${MAC}.cfg`, "/000000000000.cfg"])(
  "endpoint: without an offer of its own the master file %s names no image, so no phone is led to another model's [prov 5.11]",
  async (target) => {
    const bench = await openBench();
    bench.endpoint.offer(bench.offer({ mac: OTHER_MAC }));
    const answer = await phone(bench, target);
    expect([answer.status, answer.body.toString().includes('APP_FILE_PATH=""')]).toEqual([200, true]);
  },
);

test("endpoint: HEAD of a master file says its length and sends nothing [prov 3.1]", async () => {
  const bench = await openBench();
  const [head, get] = [await phone(bench, `/${MAC}.cfg`, { method: "HEAD" }), await phone(bench, `/${MAC}.cfg`)];
  expect([head.status, head.body.length, head.headers.get("content-length")]).toEqual([200, 0, String(get.body.length)]);
});

test.each([
  ["no offer of ours", "/3111-48450-001.sip.ld", "image without an offer"],
  ["a token nobody has", `/fw/attempt-9/${PART}.sip.ld`, "image without an offer"],
  ["another part number", `/fw/${TOKEN}/3111-44500-001.sip.ld`, "image for other hardware"],
  ["no part number", `/fw/${TOKEN}/sip.ld`, "image for other hardware"],
  ["another image", `/fw/${TOKEN}/${PART}.boot.ld`, "image for other hardware"],
  ["the listing of an offer", `/fw/${TOKEN}/`, "unknown path"],
])("endpoint: an image is served only as offered: %s is not there [prov 5.11]", async (_name, target, reason) => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  const answer = await phone(bench, target);
  expect([answer.status, answer.body.length]).toEqual([404, 0]);
  expect(bench.told()).toEqual([{ kind: "refused", address: "127.0.0.1", reason, count: 1 }]);
});

test("endpoint: an offer for another address is not there", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer({ address: "192.0.2.7" }));
  expect((await phone(bench, IMAGE)).status).toBe(404);
  bench.endpoint.offer(bench.offer({ token: "attempt-2", address: "127.0.0.1" }));
  expect((await phone(bench, `/fw/attempt-2/${PART}.sip.ld`)).status).toBe(200);
});

test("endpoint: forged headers open nothing: an offer goes to the address that connects, whatever the request claims [prov 4.16]", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer({ address: "192.0.2.7" }));
  const headers = [
    `User-Agent: FileTransport PolycomVVX-VVX_411-UA/6.4.6.0123 (SN:${MAC}) Type/Application`,
    "X-Forwarded-For: 192.0.2.7",
    `X-Device: 8L21ABAABBCCFD/${MAC}/192.0.2.7`,
  ];
  expect((await phone(bench, IMAGE, { headers })).status).toBe(404);
});

test("endpoint: hardware that states no part number gets its image without one, and only so", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer({ partNumbers: [] }));
  expect((await phone(bench, `/fw/${TOKEN}/sip.ld`)).status).toBe(200);
  expect((await phone(bench, IMAGE)).status).toBe(404);
});

test("endpoint: a withdrawn offer is gone from master file and path", async () => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  expect([bench.endpoint.offers.length, bench.endpoint.withdraw(TOKEN), bench.endpoint.offers.length]).toEqual([1, true, 0]);
  expect((await phone(bench, IMAGE)).status).toBe(404);
  expect((await phone(bench, `/${MAC}.cfg`)).body.toString()).toContain('APP_FILE_PATH=""');
});

test.each([
  ["app.log", "-app.log"],
  ["boot.log", "-boot.log"],
  ["phone.cfg", "-phone.cfg"],
  ["web.cfg", "-web.cfg"],
])("endpoint: PUT of %s is kept and told", async (file, ending) => {
  const bench = await openBench();
  expect((await phone(bench, `/${MAC}${ending}`, { method: "PUT", body: "text" })).status).toBe(201);
  expect(readFileSync(join(bench.uploadFolder, `${MAC}-${file}`), "utf8")).toBe("text");
  expect(bench.told()).toEqual([{ kind: "upload", mac: MAC, file, bytes: 4 }]);
});

test("endpoint: nothing that was uploaded is ever given back", async () => {
  const bench = await openBench();
  await phone(bench, `/${MAC}-phone.cfg`, { method: "PUT", body: 'reg.1.auth.password="s3cret-canary"' });
  const answer = await phone(bench, `/${MAC}-phone.cfg`);
  expect([answer.status, answer.body.length]).toEqual([404, 0]);
});

test.each([
  ["a directory: personal data [prov 10.5]", `/${MAC}-directory.xml`, 403],
  ["a call list: personal data", `/${MAC}-calls.xml`, 403],
  ["a master file", `/${MAC}.cfg`, 404],
  ["an image", IMAGE, 404],
  ["a crash dump [prov 10.6]", `/${MAC}-core.tgz`, 404],
  ["anything else", "/x.cfg", 404],
  ["a path with a way up", `/../${MAC}-app.log`, 404],
] as const)("endpoint: PUT of %s is refused and nothing is kept", async (_name, target, status) => {
  const bench = await openBench();
  bench.endpoint.offer(bench.offer());
  expect((await phone(bench, target, { method: "PUT", body: "x" })).status).toBe(status);
  expect(bench.uploaded()).toEqual([]);
});

test.each([
  ["bytes 0-3/4", 201],
  ["bytes 4-7/8", 416],
  ["bytes 0-3/8", 416],
  ["bytes 0-3/*", 201],
  ["nonsense", 416],
] as const)(
  "endpoint: an upload with Content-Range %j of 4 bytes is answered %d: whole or not at all [prov 3.2]",
  async (range, status) => {
    const bench = await openBench();
    const answer = await phone(bench, `/${MAC}-app.log`, { method: "PUT", body: "text", headers: [`Content-Range: ${range}`] });
    expect([answer.status, bench.uploaded().length]).toEqual([status, status === 201 ? 1 : 0]);
  },
);

test("endpoint: a log goes on where HEAD says it ends; a gap is refused, and nobody reads it back [prov 3.2]", async () => {
  const bench = await openBench();
  const path = `/${MAC}-app.log`;
  await phone(bench, path, { method: "PUT", body: "0001|first\n" });
  const head = await phone(bench, path, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), head.body.length]).toEqual([200, "11", 0]);
  const put = (body: string, headers: string[]) => phone(bench, path, { method: "PUT", body, headers });
  expect((await put("0002|second\n", ["Content-Range: bytes 11-22/23"])).status).toBe(201);
  expect((await put("0009|gap\n", ["Content-Range: bytes 24-32/33"])).status).toBe(416);
  expect((await phone(bench, path)).status).toBe(404);
  expect(bench.uploaded().map((name) => readFileSync(join(bench.uploadFolder, name), "utf8"))).toEqual(["0001|first\n0002|second\n"]);
});

test("endpoint: overrides come whole; a part of one is of no use", async () => {
  const bench = await openBench();
  await phone(bench, `/${MAC}-phone.cfg`, { method: "PUT", body: "abc" });
  const headers = ["Content-Range: bytes 3-5/6"];
  expect((await phone(bench, `/${MAC}-phone.cfg`, { method: "PUT", body: "def", headers })).status).toBe(416);
  expect((await phone(bench, `/${MAC}-phone.cfg`, { method: "HEAD" })).status).toBe(404);
});

test("endpoint: an upload that states a size over its cap is refused before it is read", async () => {
  const bench = await openBench();
  const headers = [`Content-Length: ${CAPS.logBytes + 1}`];
  expect((await phone(bench, `/${MAC}-app.log`, { method: "PUT", headers })).status).toBe(413);
  expect([bench.uploaded(), bench.told()]).toMatchObject([[], [{ kind: "refused", reason: "upload tooLarge" }]]);
});

test("endpoint: an upload in chunks that passes its cap leaves nothing behind", async () => {
  const bench = await openBench();
  const chunk = `${(200).toString(16)}\r\n${"x".repeat(200)}\r\n`;
  const head = `PUT /${MAC}-app.log HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
  await sendRaw(bench.endpoint.port, head + chunk.repeat(20));
  expect([bench.uploaded(), bench.told()]).toMatchObject([[], [{ kind: "refused", reason: "upload tooLarge" }]]);
});

test.each(["POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])("endpoint: %s is not allowed", async (method) => {
  const bench = await openBench();
  expect((await phone(bench, `/${MAC}-app.log`, { method, body: "x" })).status).toBe(405);
  expect(bench.uploaded()).toEqual([]);
});

test("endpoint: no path leads out: every odd one is 404 without a byte, never an error of ours", async () => {
  const bench = await openBench({}, 50);
  bench.endpoint.offer(bench.offer());
  const piece = fc.constantFrom(
    "..",
    "%2e%2e",
    "..%2f",
    "%2e",
    "fw",
    TOKEN,
    "sip.ld",
    "image",
    "uploads",
    "etc",
    "passwd",
    "\\",
    "%00",
    "%5c",
    ";",
    "~",
    ".",
  );
  const joint = fc.constantFrom("/", "//", "\\", "%2f", "%252f", "/./");
  const target = fc.array(fc.tuple(piece, joint), { minLength: 1, maxLength: 7 }).map((parts) => `/${parts.flat().join("")}`);
  await fc.assert(
    fc.asyncProperty(target, async (path) => {
      const answer = await phone(bench, path);
      expect([404, 429]).toContain(answer.status);
      expect(answer.body.length).toBe(0);
    }),
    { numRuns: 120 },
  );
  expect(bench.events.filter((event) => event.kind === "bug")).toEqual([]);
});
