import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { type Fault, ok } from "../../../protocols/core/fault.ts";
import { parseMac } from "../../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import { createRefusals } from "../../../protocols/families/refusals.ts";
import { askFirst, endsVisit, type PhoneVisit, visitPhone } from "../../../protocols/families/uc-phone-visit.ts";
import { createUnsupported } from "../../../protocols/families/unsupported.ts";
import { credential, PASSWORD, targetAt } from "../../support/family-io.ts";
import { httpsDevice } from "../../support/https-device.ts";
import { type Answer, closeAfter, DISABLED, loggedIn, never, PHONE_CERTIFICATE, phone, phoneWithoutRest, realIo, said } from "./kit.ts";
import { quickIo } from "./web-phone.ts";

const PATH = "v1/mgmt/device/info";
const wrong = (id: string): Credential => ({ kind: "password", id, user: "Polycom", password: new Secret("wrong") });
const askOnce = (visit: PhoneVisit): ReturnType<PhoneVisit["ask"]> => visit.ask(PATH);

/** One ask of a phone that answers so. */
async function answerTo(answer: Answer): Promise<unknown> {
  const device = await phone({ [PATH]: answer });
  return visitPhone(await targetAt({ https: device.port }), quickIo().io, never, askOnce);
}

test("visitPhone(): a disabled interface is off, and no password was sent to learn it [uc 3.11] [uc 1.10]", async () => {
  const device = await phoneWithoutRest();
  const answer = await visitPhone(await targetAt({ https: device.port }), realIo(), never, askOnce);
  expect(answer).toMatchObject({ ok: false, fault: { kind: "off", via: "https" } });
  expect(loggedIn(device)).toEqual([]);
});

test("visitPhone(): without a password the visit still learns whether the interface is on", async () => {
  const [off, on] = [await phoneWithoutRest(), await phone({})];
  const at = async (port: number): Promise<unknown> =>
    visitPhone(await targetAt({ https: port }, { credentials: [] }), realIo(), never, askOnce);
  expect(await at(off.port)).toMatchObject({ ok: false, fault: { kind: "off" } });
  expect(await at(on.port)).toMatchObject({ ok: false, fault: { kind: "denied" } });
});

test("visitPhone(): 403 is busy with another request: asked again, and taken when it is free [uc 3.9] [uc 3.8]", async () => {
  let asks = 0;
  const answer = await answerTo(() => (asks++ === 0 ? { status: 403 } : { Status: "2000", data: 7 }));
  expect(answer).toEqual(ok({ code: "2000", data: 7 }));
});

test("visitPhone(): a phone that stays busy is asked four times, at last 10 s apart, and no password was refused [uc 3.9]", async () => {
  const device = await phone({ [PATH]: { status: 403 } });
  const { io, waits } = quickIo();
  const answer = await visitPhone(await targetAt({ https: device.port }), io, never, askOnce);
  expect(answer).toEqual({ ok: false, fault: { kind: "busy", via: "https" } });
  expect(loggedIn(device)).toHaveLength(4);
  expect(waits).toEqual([500, 10_000, 10_000]);
  expect(io.refusals?.snapshot()).toEqual([]);
});

test("visitPhone(): a visit cut off while it waits for a busy phone ends without asking again", async () => {
  const stop = new AbortController();
  const device = await phone({ [PATH]: { status: 403 } });
  const io = realIo();
  const sleep = async (): Promise<void> => {
    stop.abort();
    stop.signal.throwIfAborted();
  };
  const target = await targetAt({ https: device.port });
  const answer = await visitPhone(target, { ...io, clock: { ...io.clock, sleep } }, stop.signal, askOnce);
  expect(answer).toEqual({ ok: false, fault: { kind: "busy", via: "https" } });
  expect(loggedIn(device)).toHaveLength(1);
});

test("visitPhone(): a locked phone says for how long, else a minute is assumed [uc 3.12]", async () => {
  const locked = (headers: Record<string, string>): Promise<unknown> => answerTo({ status: 503, headers });
  expect(await locked({ "retry-after": "30" })).toEqual({ ok: false, fault: { kind: "lockedOut", via: "https", retryAfterMs: 30_000 } });
  expect(await locked({ "retry-after": "Mon, 23 Nov 2026" })).toMatchObject({ fault: { retryAfterMs: 60_000 } });
  expect(await locked({})).toMatchObject({ fault: { retryAfterMs: 60_000 } });
});

test("visitPhone(): pages, redirects and other statuses are garbled", async () => {
  expect(await answerTo({ status: 200, body: "<html>Login</html>" })).toMatchObject({ ok: false, fault: { kind: "garbled" } });
  expect(await answerTo({ status: 302, headers: { location: "https://example/" } })).toMatchObject({
    fault: { kind: "garbled", detail: "HTTP 302" },
  });
  expect(await answerTo({ status: 500 })).toMatchObject({ fault: { kind: "garbled", detail: "HTTP 500" } });
});

test("visitPhone(): another certificate than the expected one ends the visit before any request [uc 2.3]", async () => {
  const device = await phone({ [PATH]: said({}) });
  const expectMac = parseMac("64167f000001");
  const target = await targetAt({ https: device.port }, expectMac === undefined ? {} : { expectMac });
  expect(await visitPhone(target, realIo(), never, askOnce)).toMatchObject({ ok: false, fault: { kind: "impostor" } });
  expect(device.requests).toEqual([]);
});

test("visitPhone(): a visit shows at most two wrong passwords, told by 401: five lock the owner out [uc 3.12] [uc 3.10]", async () => {
  const device = await phone({ [PATH]: said({}) });
  const credentials = [wrong("a"), wrong("b"), wrong("c"), credential];
  const answer = await visitPhone(await targetAt({ https: device.port }, { credentials }), realIo(), never, askOnce);
  expect(answer).toMatchObject({ ok: false, fault: { kind: "denied", credentialId: "b" } });
  expect(loggedIn(device)).toHaveLength(2);
});

test("visitPhone(): a password refused twice is not sent a third time", async () => {
  const device = await phone({ [PATH]: said({}) });
  const [io, target] = [realIo(), await targetAt({ https: device.port }, { credentials: [wrong("a")] })];
  for (let visit = 0; visit < 4; visit++) await visitPhone(target, io, never, askOnce);
  expect(loggedIn(device)).toHaveLength(2);
});

test("visitPhone(): a password taken first and refused later in the visit counts as refused", async () => {
  let asks = 0;
  const device = await phone({ [PATH]: said({}), other: said({}) }, { accepts: (sent) => sent !== "" && asks++ === 0 });
  const [io, target] = [realIo(), await targetAt({ https: device.port })];
  const visit = await visitPhone(target, io, never, async (phoneVisit) => {
    await phoneVisit.ask(PATH);
    await phoneVisit.ask("other");
    return ok("seen");
  });
  expect(visit).toEqual(ok("seen"));
  expect(io.refusals?.snapshot()).toEqual([{ device: "127.0.0.1", credentialId: "site", count: 1 }]);
});

test("visitPhone(): asks go one after the other on one connection, with the content type the phone demands [uc 3.6] [uc 3.8] [uc 3.13]", async () => {
  const device = await phone({ [PATH]: said({}), post: said({}) });
  await visitPhone(await targetAt({ https: device.port }), realIo(), never, async (visit) => {
    await Promise.all([visit.ask(PATH), visit.ask("post", { data: {} }), visit.ask(PATH)]);
    return ok(undefined);
  });
  expect([device.mostAtOnce(), device.connections()]).toEqual([1, 1]);
  const posted = device.requests.findLast(({ method }) => method === "POST");
  expect([posted?.headers["content-type"], posted?.body]).toEqual(["application/json", '{"data":{}}']);
});

test("visitPhone(): the certificate shown is kept for evidence", async () => {
  const device = await phone({ [PATH]: said({}) });
  const target = await targetAt({ https: device.port });
  const shown = await visitPhone(target, { ...realIo(), refusals: createRefusals() }, never, async (visit) => {
    await visit.ask(PATH);
    return ok(visit.certificate?.commonName);
  });
  expect(shown).toEqual(ok("64167faabbcc"));
});

test("askFirst(): the next path is asked only where the one before does not exist", async () => {
  const ask = async (answers: Record<string, Answer>): Promise<unknown> => {
    const device = await phone(answers);
    return visitPhone(await targetAt({ https: device.port }), realIo(), never, (visit) => askFirst(visit, ["new", "old"]));
  };
  const old = { old: said("old") };
  expect(await ask({ new: DISABLED, ...old })).toMatchObject({ ok: true, value: { data: "old" } });
  expect(await ask({ new: said(undefined, "4004"), ...old })).toMatchObject({ ok: true, value: { data: "old" } });
  expect(await ask({ new: said(undefined, "5000"), ...old })).toMatchObject({ ok: true, value: { code: "5000" } });
  expect(await ask({ new: { status: 200, body: "?" }, ...old })).toMatchObject({ ok: false, fault: { kind: "garbled" } });
  expect(await ask({})).toMatchObject({ ok: false, fault: { kind: "off" } });
});

test("endsVisit(): a path that is missing or odd does not end a visit; silence, refusal of the password and lock-out do", () => {
  const goOn: readonly Fault[] = [
    { kind: "off", via: "https" },
    { kind: "garbled", via: "https", wanted: "x" },
    { kind: "refused", via: "https", reason: "4003" },
  ];
  const end: readonly Fault[] = [
    { kind: "unreachable", via: "https" },
    { kind: "denied", via: "https" },
    { kind: "lockedOut", via: "https", retryAfterMs: 1 },
    { kind: "busy", via: "https" },
    { kind: "cancelled", by: "shutdown" },
    { kind: "overBudget", via: "https", budget: "time", limit: 1 },
  ];
  expect([goOn.map(endsVisit), end.map(endsVisit)]).toEqual([Array(3).fill(false), Array(6).fill(true)]);
});

test("visitPhone(): logs in as the user on record, by HTTPS, below /api/ [uc 3.1] [uc 3.2]", async () => {
  const device = await phone({ [PATH]: said({}) });
  await visitPhone(await targetAt({ https: device.port }), realIo(), never, askOnce);
  const { path, headers } = device.requests.at(-1) ?? { path: "", headers: {} };
  const [user] = Buffer.from(headers.authorization?.replace("Basic ", "") ?? "", "base64")
    .toString()
    .split(":");
  expect([path, user]).toEqual([`/api/${PATH}`, "Polycom"]);
});

test("visitPhone(): a phone that challenges with Digest is answered so, and the password stays home [uc 3.4]", async () => {
  const device = await digestPhone();
  const answer = await visitPhone(await targetAt({ https: device.port }), realIo(), never, askOnce);
  expect(answer).toEqual(ok({ code: "2000", data: 7 }));
  const sent = device.requests.map(({ headers }) => headers.authorization ?? "");
  expect(sent.map((text) => text.split(" ", 1)[0])).toEqual(["", "Digest"]);
  expect(sent.join()).not.toContain(PASSWORD);
});

/** Edge E 8.6: knows Digest alone. */
async function digestPhone(): ReturnType<typeof httpsDevice> {
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  const device = await httpsDevice(PHONE_CERTIFICATE, ({ headers, path }, response) => {
    const field = (name: string): string => new RegExp(`${name}="?([^",]*)`).exec(headers.authorization ?? "")?.[1] ?? "";
    const ha1 = md5(`Polycom:Edge:${PASSWORD}`);
    const wanted = md5(`${ha1}:n1:${field("nc")}:${field("cnonce")}:auth:${md5(`GET:${path}`)}`);
    if (field("response") === wanted) return void response.writeHead(200).end('{"Status":"2000","data":7}');
    response.writeHead(401, { "www-authenticate": 'Digest realm="Edge", nonce="n1", qop="auth"' }).end();
  });
  closeAfter(() => device.close());
  return device;
}

test("visitPhone(): a body the phone would refuse for its size is not sent; its own refusal is one [uc 3.7]", async () => {
  const device = await phone({ [PATH]: said({}) });
  const target = await targetAt({ https: device.port });
  const large = await visitPhone(target, realIo(), never, (visit) => visit.ask(PATH, { data: "x".repeat(20 * 1024) }));
  expect(large).toMatchObject({ ok: false, fault: { kind: "overBudget", budget: "bytes", limit: 20_480 } });
  expect(device.requests).toEqual([]);
  expect(await answerTo({ status: 413 })).toMatchObject({ ok: false, fault: { kind: "refused" } });
});

test("visitPhone(): what a firmware does not support is not asked again of that model and version, on any phone [uc 3a.7]", async () => {
  const lacking = { old: said(undefined, "4004") };
  const [first, second] = [await phone(lacking), await phone(lacking)];
  const io = { ...realIo(), unsupported: createUnsupported() };
  const visit = async (port: number, version: string): Promise<unknown> =>
    visitPhone(await targetAt({ https: port }), io, never, async (phoneVisit) => {
      phoneVisit.runs({ model: "VVX 411", version });
      const answer = await phoneVisit.ask("old");
      return answer.ok ? ok(answer.value.code) : answer;
    });
  expect(await visit(first.port, "6.4.6.1")).toEqual(ok("4004"));
  expect(await visit(second.port, "6.4.6.1")).toMatchObject({ ok: false, fault: { kind: "off" } });
  expect(second.requests).toEqual([]);
  expect(await visit(second.port, "6.4.7.1")).toEqual(ok("4004"));
});
