/** What the customer's server has of a phone's overrides, asked as the phone would ask it. */
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Secret } from "../../../protocols/core/secret.ts";
import { UPLOAD_CAPS } from "../../../protocols/provisioning/uploads.ts";
import { openCustomerServer, type Says } from "./customer-server.ts";
import { MAC, openBench, phone } from "./kit.ts";
import { AGENT, openOverlay, text } from "./overlay-kit.ts";

const never = new AbortController().signal;
const FILE = "<PHONE_CONFIG><OVERRIDES a.b='1'/></PHONE_CONFIG>";
const THERE = { kind: "there", bytes: Buffer.from(FILE) };
const ABSENT = { kind: "absent" };
const hidden = (why: string | RegExp) => ({ kind: "hidden", why: typeof why === "string" ? why : expect.stringMatching(why) });
const master = (folder = "") => `<APPLICATION APP_FILE_PATH="sip.ld" OVERRIDES_DIRECTORY="${folder}"/>`;

/** Files by path; all else is not there. */
const files =
  (all: Readonly<Record<string, string | Says>>): Says =>
  (heard, response, request) => {
    const said = all[heard.url];
    const says = said === undefined ? text("", 404) : typeof said === "string" ? text(said) : said;
    says(heard, response, request);
  };

async function seen(says: Says, before: readonly string[] = [], headers: readonly string[] = [AGENT]) {
  const bench = await openOverlay(says);
  for (const url of before) await phone(bench, url, { headers });
  const asked = bench.customer.heard.length;
  const { phone: own, web } = (await bench.endpoint.overridesOf({ mac: MAC, model: "VVX 411", address: "192.0.2.7" }, never)) ?? {};
  return { phone: own, web, bench, heard: bench.customer.heard.slice(asked) };
}

test("overridesOf(): what is there is read where the phone's master file says, as the phone, without any log-in", async () => {
  const {
    phone: own,
    web,
    heard,
  } = await seen(files({ [`/${MAC}.cfg`]: master("o/[PHONE_MAC_ADDRESS]"), [`/o/${MAC}/${MAC}-phone.cfg`]: FILE }), [`/${MAC}.cfg`]);
  expect([own, web]).toEqual([THERE, ABSENT]);
  expect(heard.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `GET /${MAC}.cfg`,
    `GET /o/${MAC}/${MAC}-phone.cfg`,
    `GET /o/${MAC}/${MAC}-web.cfg`,
  ]);
  for (const { headers } of heard) {
    expect(headers.get("user-agent")).toBe(AGENT.slice("User-Agent: ".length));
    expect([headers.get("x-forwarded-for"), headers.get("authorization"), headers.get("accept-encoding")]).toEqual([
      "192.0.2.7",
      undefined,
      "identity",
    ]);
  }
});

test("overridesOf(): everybody's master file tells where, for a phone without its own", async () => {
  const { phone: own, web } = await seen(files({ "/000000000000.cfg": master("over"), [`/over/${MAC}-web.cfg`]: FILE }));
  expect([own, web]).toEqual([ABSENT, THERE]);
});

test("overridesOf(): not there, from a server that gives no master file either, says nothing", async () => {
  const { phone: own, web } = await seen(files({}));
  expect([own, web]).toEqual([
    hidden("it gives the agent no master file for the phone"),
    hidden("it gives the agent no master file for the phone"),
  ]);
});

test("overridesOf(): a phone that was sent to a folder has its files there; whoever only says so changes nothing", async () => {
  const site = files({ [`/zurich/${MAC}.cfg`]: master(), [`/zurich/${MAC}-phone.cfg`]: FILE, "/other/000000000000.cfg": master() });
  expect(await seen(site, [`/zurich/${MAC}.cfg`])).toMatchObject({ phone: THERE, web: ABSENT });
  // Nobody was seen to boot, and there is no master file at the root.
  expect(await seen(site)).toMatchObject({ phone: hidden(/no master file/) });
  // Somebody asks for it where it is not: its own place stays known.
  const tagged = `User-Agent: FileTransport PolycomVVX-VVX_411-UA/5.9.6.2327 (SN:${MAC}) Type/Application`;
  expect(await seen(site, [`/zurich/${MAC}.cfg`, `/nowhere/${MAC}-phone.cfg`, "/other/000000000000.cfg"], [tagged])).toMatchObject({
    phone: THERE,
  });
});

test("overridesOf(): where the phone itself got or left it is looked first, whatever its master file says", async () => {
  const site = files({ [`/${MAC}.cfg`]: master("http://elsewhere/"), [`/kept/${MAC}-phone.cfg`]: FILE });
  expect(await seen(site)).toMatchObject({ phone: hidden(/name of its folder is not understood/) });
  expect(await seen(site, [`/kept/${MAC}-phone.cfg`])).toMatchObject({ phone: THERE, web: hidden(/not understood/) });
});

test.each<[string, Says, RegExp]>([
  ["asks for a log-in", text("", 401, ["WWW-Authenticate", "Digest x"]), /does not let the agent see it \(401\)/],
  ["forbids", text("", 403), /does not let the agent see it \(403\)/],
  ["sends elsewhere", text("", 302, ["Location", "/login"]), /sends the agent elsewhere \(302\)/],
  ["says not modified", text("", 304), /sends the agent elsewhere \(304\)/],
  ["fails", text("", 500), /it answers 500/],
  ["gives a log-in page", text("<html>Sign in</html>"), /page of HTML/],
  ["compresses", text("x", 200, ["Content-Encoding", "gzip"]), /compresses/],
  ["gives too much", text("x".repeat(UPLOAD_CAPS.overrideBytes + 1)), /too large/],
  [
    "breaks off",
    (_heard, response) => void response.writeHead(200, { "content-length": 9 }).write("x", () => response.destroy()),
    /broke off/,
  ],
  ["hangs up", (_heard, response) => void response.destroy(), /does not answer \(ECONNRESET\)/],
])("overridesOf(): a server that %s hides it", async (_what, says, why) => {
  const site = files({ [`/${MAC}.cfg`]: master(), [`/${MAC}-phone.cfg`]: says });
  expect(await seen(site)).toMatchObject({ phone: hidden(why), web: ABSENT });
});

test("overridesOf(): a server that is not there hides everything", async () => {
  const bench = await openOverlay(text(""));
  await bench.customer.close();
  expect(await bench.endpoint.overridesOf({ mac: MAC }, never)).toMatchObject({
    phone: hidden(/ECONNREFUSED/),
    web: hidden(/ECONNREFUSED/),
  });
});

test("overridesOf(): a server that says nothing is given up by its wait", async () => {
  const bench = await openOverlay(() => undefined, { waits: { connectMs: 1_000, answerMs: 60 } });
  expect(await bench.endpoint.overridesOf({ mac: MAC }, never)).toMatchObject({ phone: hidden(/does not answer \(silent\)/) });
});

test("overridesOf(): garbage is no answer", async () => {
  const server = createServer((socket) => void socket.on("error", () => undefined).once("data", () => socket.end("SSH-2.0-x\r\n")));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const bench = await openBench({
    mode: { kind: "overlay", upstream: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` } },
  });
  expect(await bench.endpoint.overridesOf({ mac: MAC }, never)).toMatchObject({ phone: hidden(/does not answer \(HPE_/) });
});

test("overridesOf(): a phone that logged in and was told that there is none, has none, as long as nothing passes", async () => {
  const guarded: Says = (heard, response, request) => {
    const isIn = heard.headers.get("authorization") === "Basic own";
    const answers = heard.method === "PUT" ? 201 : heard.url === `/${MAC}.cfg` ? 200 : 404;
    text("<APPLICATION/>", isIn ? answers : 401)(heard, response, request);
  };
  const bench = await openOverlay(guarded);
  const log = { headers: ["Authorization: Basic own"] };
  await phone(bench, `/nowhere/${MAC}-web.cfg`);
  expect(await bench.endpoint.overridesOf({ mac: MAC }, never)).toMatchObject({ phone: hidden(/401/), web: hidden(/401/) });
  await phone(bench, `/${MAC}-phone.cfg`, log);
  await phone(bench, `/${MAC}-web.cfg`, log);
  expect(await bench.endpoint.overridesOf({ mac: MAC }, never)).toMatchObject({ phone: ABSENT, web: ABSENT });
  await phone(bench, `/${MAC}-web.cfg`, { ...log, method: "PUT", body: FILE });
  expect(await bench.endpoint.overridesOf({ mac: MAC }, never)).toMatchObject({ phone: ABSENT, web: hidden(/401/) });
});

test("overridesOf(): the agent's own account is used where it has one", async () => {
  const customer = await openCustomerServer((heard, response, request) =>
    text("<APPLICATION/>", heard.headers.has("authorization") ? (heard.url === `/${MAC}.cfg` ? 200 : 404) : 401)(heard, response, request),
  );
  const account = { user: "boot", password: new Secret("canary") };
  const bench = await openBench({ mode: { kind: "overlay", upstream: { url: customer.url, account } } });
  expect(await bench.endpoint.overridesOf({ mac: MAC }, never)).toMatchObject({ phone: ABSENT, web: ABSENT });
  // Nobody's address is invented.
  expect(customer.heard[0]?.headers.has("x-forwarded-for")).toBe(false);
});

test.each(["own", "image-only"] as const)("overridesOf(): mode %s has no other server", async (kind) => {
  const bench = await openBench({ mode: { kind } });
  expect(await bench.endpoint.overridesOf({ mac: MAC }, never)).toBeUndefined();
});
