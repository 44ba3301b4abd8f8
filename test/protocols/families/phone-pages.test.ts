import { expect, test } from "vitest";
import { parseMac } from "../../../protocols/core/ids.ts";
import { type Credential, Secret } from "../../../protocols/core/secret.ts";
import type { Target } from "../../../protocols/families/family.ts";
import { type PagesSeen, seeByPages } from "../../../protocols/families/phone-pages.ts";
import { credential, targetAt } from "../../support/family-io.ts";
import { loggedIn, never, realIo, sipPhone } from "./kit.ts";
import { CALL, calls, IDLE, line, network, type Pages, pollingAccount, webPhone } from "./web-phone.ts";

const AGENT = "PolycomSoundPointIP-SPIP_550-UA/4.0.15.1009";
const seen = (target: Target, whole = true, signal = never): Promise<PagesSeen> =>
  seeByPages({ target, family: "soundpoint", io: realIo() }, whole, signal);
const BOTH = { credentials: [credential, pollingAccount] };

test("seeByPages(): somebody else's certificate ends it: SIP is not asked either", async () => {
  const [web, sip] = [await webPhone(IDLE), await sipPhone(AGENT)];
  const expectMac = parseMac("0004f2000001");
  const more = expectMac === undefined ? BOTH : { ...BOTH, expectMac };
  const result = await seen(await targetAt({ https: web.port, sip: sip.port }, more));
  expect([result.facts, result.faults.map(({ kind }) => kind), web.requests, sip.messages]).toEqual([{}, ["impostor"], [], []]);
});

test("seeByPages(): a caller that stops is cancelled, and nothing more is asked", async () => {
  const sip = await sipPhone(AGENT);
  const result = await seen(await targetAt({ https: (await webPhone(IDLE)).port, sip: sip.port }, BOTH), true, AbortSignal.abort());
  expect([result.faults, sip.messages]).toEqual([[{ kind: "cancelled", by: "shutdown" }], []]);
});

test("seeByPages(): each door that stays shut is one fault, and the others are still asked", async () => {
  const sip = await sipPhone(AGENT);
  const at = async (pages: Pages): Promise<PagesSeen> => seen(await targetAt({ https: (await webPhone(pages)).port, sip: sip.port }, BOTH));
  const { "/home.htm": _home, ...polling } = IDLE;
  expect(await at(polling)).toMatchObject({ faults: [{ kind: "off", detail: "no such page (404)" }], inUse: { state: "idle" } });
  expect(await at({ "/home.htm": IDLE["/home.htm"] ?? 404 })).toMatchObject({
    faults: [{ kind: "off" }],
    facts: { partNumber: "3111-12500-001" },
  });
  expect(await at({})).toMatchObject({ faults: [{ kind: "off" }, { kind: "off" }], facts: { model: "SoundPoint IP 550" } });
});

test("seeByPages(): what the device handler leaves out is absent, and its calls still count", async () => {
  const { "/polling/deviceHandler": _device, "/polling/networkHandler": _network, ...rest } = IDLE;
  const sip = await sipPhone(AGENT);
  const result = await seen(await targetAt({ https: (await webPhone(rest)).port, sip: sip.port }, BOTH));
  expect(result).toMatchObject({ inUse: { state: "idle" }, facts: { running: { application: "4.0.15.1009" } } });
  expect(result.facts).not.toHaveProperty("managedBy");
});

test("seeByPages(): where the secure port is shut polling is not tried, and the open page is evidence without a certificate", async () => {
  const plain = await webPhone(IDLE, { plain: true, wants: () => undefined });
  const result = await seen(await targetAt({ http: plain.port }, BOTH), false);
  expect(result).toMatchObject({ facts: { model: "SoundPoint IP 550" }, inUse: { state: "unknown" } });
  expect(result.evidence).toMatchObject([{ via: "http", what: "home page, without a certificate" }]);
  expect(plain.requests.map(({ path }) => path)).toEqual(["/home.htm"]);
});

test("seeByPages(): a locked web server is not tried by another way [uc 3.12]", async () => {
  const [web, sip] = [await webPhone({ ...IDLE, "/home.htm": 503 }, { wants: () => undefined }), await sipPhone(AGENT)];
  const result = await seen(await targetAt({ https: web.port, sip: sip.port }, BOTH));
  expect(result).toMatchObject({ faults: [{ kind: "lockedOut", retryAfterMs: 60_000 }], inUse: { state: "unknown" } });
  expect(web.requests.map(({ path }) => path)).toEqual(["/home.htm"]);
});

test("seeByPages(): wrong passwords on pages and by polling together leave the owner two of five [uc 3.12]", async () => {
  const web = await webPhone(IDLE, { wants: () => "Basic other" });
  const wrong = (id: string, families?: readonly string[]): Credential => ({
    kind: "password",
    id,
    user: "Polycom",
    password: new Secret("wrong"),
    ...(families === undefined ? {} : { families }),
  });
  const credentials = [wrong("a"), wrong("b"), wrong("c"), wrong("p", ["state-polling"]), wrong("q", ["state-polling"])];
  const sip = await sipPhone(AGENT);
  await seen(await targetAt({ https: web.port, sip: sip.port }, { credentials }));
  expect(loggedIn(web)).toHaveLength(3);
});

test("seeByPages(): a CCX that lists no call may hold an application's: never idle, and not known to be nobody's [uc 4.3.8]", async () => {
  const home = IDLE["/home.htm"]?.toString().replace("SoundPoint IP 550", "CCX 500") ?? "";
  const at = async (pages: Pages): Promise<PagesSeen> => {
    const target = await targetAt({ https: (await webPhone(pages)).port }, BOTH);
    return seeByPages({ target, family: "uc-phone", io: realIo() }, false, never);
  };
  const idle = await at({ ...IDLE, "/home.htm": home });
  expect(idle).toMatchObject({
    inUse: { state: "unknown", reason: expect.stringContaining("application") },
    facts: { managedBy: "unknown" },
  });
  const lens = network("https://t1.deviceprovisioning.prod01-eu.dm.lens.poly.com");
  const busy = { ...IDLE, "/home.htm": home, "/polling/callstateHandler": calls(line("Active", CALL)), "/polling/networkHandler": lens };
  expect(await at(busy)).toMatchObject({ inUse: { state: "busy" }, facts: { managedBy: "lens" } });
});
