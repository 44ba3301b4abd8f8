import { expect, test } from "vitest";
import { parseMac } from "../../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import type { Target } from "../../../protocols/families/family.ts";
import { readHomePage, readLogPage, visitPolling } from "../../../protocols/families/phone-web.ts";
import { decodePolledCalls } from "../../../protocols/families/state-polling.ts";
import { createWebSessions } from "../../../protocols/families/web-sessions.ts";
import { credential, NOW_MS, PASSWORD, targetAt } from "../../support/family-io.ts";
import { loggedIn, never, realIo } from "./kit.ts";
import { ADMIN, calls, HOME, IDLE, line, pollingAccount, webPhone } from "./web-phone.ts";

const home = (target: Target, io = realIo()): ReturnType<typeof readHomePage> => readHomePage({ target, family: "soundpoint", io }, never);

test("readHomePage(): asks without a password first, then by header, cookie and a page of the phone's own [uc 5.11]", async () => {
  const phone = await webPhone(IDLE);
  expect(await home(await targetAt({ https: phone.port }))).toMatchObject({
    ok: true,
    value: { via: "https", value: { model: "SoundPoint IP 550" }, certificate: { commonName: "0004f2aabbcc" } },
  });
  const [open, second] = phone.requests;
  expect([open?.headers.authorization, open?.headers.cookie]).toEqual([undefined, undefined]);
  expect(second?.headers).toMatchObject({
    authorization: ADMIN,
    cookie: `Authorization=${ADMIN}`,
    referer: `https://127.0.0.1:${phone.port}/index.htm`,
  });
});

/** Turns everybody away without a challenge, but in a session. */
function sessionPhone(dead: ReadonlySet<string> = new Set()): ReturnType<typeof webPhone> {
  let sessions = 0;
  return webPhone(IDLE, {
    wants: () => undefined,
    first: ({ path, headers }, response) => {
      const cookie = headers.cookie ?? "";
      if (path === "/form-submit/auth.htm") {
        const good = headers.authorization === ADMIN;
        response.writeHead(good ? 200 : 401, good ? { "set-cookie": `session=S${++sessions}; Path=/; Secure` } : {}).end();
      } else if (!/^session=S\d$/.test(cookie) || dead.has(cookie)) response.writeHead(401).end();
      else return false;
      return true;
    },
  });
}

test("readHomePage(): a newer build that turns us away without a challenge is read in a session, kept for later visits [uc 5.12]", async () => {
  const dead = new Set<string>();
  const phone = await sessionPhone(dead);
  const target = await targetAt({ https: phone.port });
  const base = realIo();
  const io = { ...base, webSessions: createWebSessions(base.clock) };
  const logins = (): number => phone.requests.filter(({ path }) => path === "/form-submit/auth.htm").length;
  for (let i = 0; i < 2; i++) expect(await home(target, io)).toMatchObject({ ok: true, value: { value: { model: "SoundPoint IP 550" } } });
  expect([logins(), io.refusals?.snapshot()]).toEqual([1, []]);
  // The phone has ended it: another is opened, and that is no refusal.
  dead.add("session=S1");
  expect([(await home(target, io)).ok, logins(), io.refusals?.snapshot()]).toEqual([true, 2, []]);
});

test("readHomePage(): a wrong password is refused once by the log-in of a newer build, and only named there", async () => {
  const phone = await sessionPhone();
  const wrong: Credential = { kind: "password", id: "site", user: "Polycom", password: new Secret("other") };
  const got = await home(await targetAt({ https: phone.port }, { credentials: [wrong] }));
  expect(got).toMatchObject({ ok: false, fault: { kind: "denied", credentialId: "site" } });
  expect(loggedIn(phone)).toEqual(["POST /form-submit/auth.htm"]);
});

test("readHomePage(): a page that challenges with Digest never sees the password itself [uc 3.4]", async () => {
  const phone = await webPhone(IDLE, {
    wants: () => undefined,
    first: ({ headers }, response) => {
      if (headers.authorization?.startsWith("Digest ") === true) return false;
      response.writeHead(401, { "www-authenticate": 'Digest realm="Polycom", qop="auth", algorithm=MD5, nonce="n1"' }).end();
      return true;
    },
  });
  expect(await home(await targetAt({ https: phone.port }))).toMatchObject({ ok: true });
  const sent = phone.requests.flatMap(({ headers }) => [headers.authorization ?? "", headers.cookie ?? ""]).filter((text) => text !== "");
  expect(sent).toEqual([expect.stringMatching(/^Digest /)]);
});

test("readHomePage(): a page that is open to all is read without a password", async () => {
  const phone = await webPhone(IDLE, { wants: () => undefined });
  expect(await home(await targetAt({ https: phone.port }))).toMatchObject({ ok: true });
  expect(loggedIn(phone)).toEqual([]);
});

test("readHomePage(): a certificate that names another phone sees neither a request nor a password [uc 2.3]", async () => {
  const phone = await webPhone(IDLE);
  const expectMac = parseMac("0004f2000001");
  const target = await targetAt({ https: phone.port }, expectMac === undefined ? {} : { expectMac });
  expect(await home(target)).toMatchObject({ ok: false, fault: { kind: "impostor" } });
  expect(phone.requests).toEqual([]);
});

test("readHomePage(): a wrong password is denied by its name, and not used a third time", async () => {
  const phone = await webPhone(IDLE, { wants: () => "Basic other" });
  const [io, target] = [realIo(), await targetAt({ https: phone.port })];
  for (let visit = 0; visit < 3; visit++) {
    expect(await home(target, io)).toMatchObject({ ok: false, fault: { kind: "denied", credentialId: "site" } });
  }
  expect(loggedIn(phone)).toHaveLength(2);
});

test("readHomePage(): over plain HTTP no password is ever sent; what is open there is read [uc 3.5]", async () => {
  const asks = await webPhone(IDLE, { plain: true });
  expect(await home(await targetAt({ http: asks.port }))).toMatchObject({ ok: false, fault: { kind: "denied", via: "http" } });
  expect([loggedIn(asks), asks.requests.length, JSON.stringify(asks.requests)]).toEqual([[], 1, expect.not.stringContaining(PASSWORD)]);
  const open = await webPhone(IDLE, { plain: true, wants: () => undefined });
  expect(await home(await targetAt({ http: open.port }))).toMatchObject({
    ok: true,
    value: { via: "http", value: { partNumber: "3111-12500-001" } },
  });
});

test("readHomePage(): no page is off, another page is garbled, nobody there is unreachable", async () => {
  const at = async (pages: Parameters<typeof webPhone>[0]): Promise<unknown> =>
    home(await targetAt({ https: (await webPhone(pages)).port }));
  expect(await at({})).toMatchObject({ ok: false, fault: { kind: "off" } });
  expect(await at({ "/home.htm": "<html>Welcome</html>" })).toMatchObject({ ok: false, fault: { kind: "garbled" } });
  expect(await at({ "/home.htm": 500 })).toMatchObject({ ok: false, fault: { kind: "garbled", detail: "HTTP 500" } });
  expect(await home(await targetAt({}))).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "https" } });
});

const poll = (target: Target, io = realIo()): Promise<unknown> =>
  visitPolling(target, io, never, (ask) => ask("callstateHandler", decodePolledCalls));

test("visitPolling(): uses the account for state polling alone, and answers in the response [uc 6.1] [uc 1.3]", async () => {
  const phone = await webPhone(IDLE);
  const target = await targetAt({ https: phone.port }, { credentials: [credential, pollingAccount] });
  expect(await poll(target)).toEqual({ ok: true, value: { state: "idle" } });
  expect(phone.requests.map(({ path }) => path)).toEqual(["/polling/callstateHandler", "/polling/callstateHandler"]);
});

test("visitPolling(): without such an account nothing is asked: the administrator's password is not tried", async () => {
  const phone = await webPhone(IDLE);
  expect(await poll(await targetAt({ https: phone.port }))).toMatchObject({ ok: false, fault: { kind: "off" } });
  expect(phone.requests).toEqual([]);
});

test("visitPolling(): an account the phone refuses does not stop the administrator's password", async () => {
  const phone = await webPhone(IDLE, { wants: (path) => (path.startsWith("/polling/") ? "Basic other" : ADMIN) });
  const [io, target] = [realIo(), await targetAt({ https: phone.port }, { credentials: [credential, pollingAccount] })];
  for (let visit = 0; visit < 2; visit++) {
    expect(await poll(target, io)).toMatchObject({ ok: false, fault: { kind: "denied", credentialId: "polling" } });
  }
  expect(await home(target, io)).toMatchObject({ ok: true });
});

test("visitPolling(): a phone that posts its answers elsewhere is off, an odd answer is garbled", async () => {
  const at = async (body: string | number): Promise<unknown> => {
    const phone = await webPhone({ "/polling/callstateHandler": body });
    return poll(await targetAt({ https: phone.port }, { credentials: [pollingAccount] }));
  };
  expect(await at("")).toMatchObject({ ok: false, fault: { kind: "off", detail: expect.stringContaining("responseMode") } });
  expect(await at(HOME)).toMatchObject({ ok: false, fault: { kind: "garbled" } });
  expect(await at(404)).toMatchObject({ ok: false, fault: { kind: "off" } });
  expect(await at(calls(line("Active")))).toMatchObject({ ok: true, value: { state: "busy" } });
});

test("readLogPage(): each log is a page of its own, read like the others; another page is no log [uc 5.2]", async () => {
  const phone = await webPhone({ "/Diagnostics/log": "1122101500|so   |*|00|Initial log entry. Current logging level 4\r\n" });
  const place = { target: await targetAt({ https: phone.port }), family: "soundpoint", io: realIo() } as const;
  for (const log of ["app", "boot", "audit"] as const) {
    expect(await readLogPage(place, log, never)).toMatchObject({ ok: true, value: { value: [{ component: "so" }] } });
    expect(phone.requests.at(-1)?.path).toBe(`/Diagnostics/log?value=${log}&dummyParam=${NOW_MS}`);
  }
  const other = await webPhone({ "/Diagnostics/log": HOME });
  const elsewhere = { ...place, target: await targetAt({ https: other.port }) };
  expect(await readLogPage(elsewhere, "app", never)).toMatchObject({ ok: false, fault: { kind: "garbled", wanted: "a log" } });
});
