import { expect, test } from "vitest";
import { createRecorder, EXCHANGES_MAX } from "../../../agent/recording/record.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import type { FamilyIo } from "../../../protocols/families/family.ts";

const clock = manualClock(1_000_000);
const password = new Secret("canary");
const login = { id: "site", user: "admin", password };
const never = new AbortController().signal;
const web = { address: "192.0.2.1", port: 443, secure: true, trust: "any" } as const;
const agent = { address: "192.0.2.1", port: 161, access: { version: "2c", community: password } } as const;
const ssh = { address: "192.0.2.1", port: 22, trust: "any", profile: "modern" } as const;
const unused = async (): Promise<never> => {
  throw new Error("not asked in this test");
};

/** A device that answers each door once in each way. */
const device: FamilyIo = {
  http: {
    ask: async (target, ask) => {
      if (ask.path === "/gone") return fail({ kind: "unreachable", via: "https" });
      const headers = new Map([
        ["server", "lighttpd"],
        ["x-odd", "kept out"],
        ["www-authenticate", 'Digest realm="x", nonce="n"'],
      ]);
      const certificate = target.secure ? { certificate: { commonName: "64167faabbcc", fingerprint: "ab", notAfterMs: 1_005_000 } } : {};
      return ok({ status: 200, headers, body: Buffer.from('{"a":1}'), ...certificate });
    },
    certificate: async () => ok({ fingerprint: "ab" }),
    alone: (_address, visit) => visit(),
    close: async () => undefined,
  },
  snmp: {
    get: async (_target, oids) => ok(new Map(oids.map((oid) => [oid, { type: "integer", value: 2 }]))),
    walk: async (_target, root) => ok([{ oid: `${root}.1`, value: { type: "octets", value: Buffer.from("x") } }]),
    close: async () => undefined,
  },
  ssh: {
    banner: async () => ok({ banner: "SSH-2.0-x" }),
    offer: unused,
    session: async (_target, given, run, signal) => {
      if (given.user !== "admin") return fail({ kind: "denied", via: "ssh", credentialId: given.id });
      const ask = async (command: string) =>
        command === "version" ? ok([`version "6.2"`]) : fail({ kind: "refused", via: "ssh", reason: "command not found" } as const);
      return run({ ask, hostFingerprint: "SHA256:x" }, signal);
    },
    close: async () => undefined,
  },
  telnet: { session: async () => fail({ kind: "off", via: "telnet" }), close: async () => undefined },
  sip: {
    options: async () =>
      ok({
        status: 200,
        userAgent: "x",
        headers: new Map([
          ["contact", ["<sip:1001@192.0.2.1:5099>"]],
          ["call-id", ["ours"]],
        ]),
      }),
    notify: async () => ok({ status: 202 }),
    close: async () => undefined,
  },
  clock,
};

test("createRecorder(): hands every answer on and writes it down with the ask, without who asked", async () => {
  const recorder = createRecorder(device, ["canary"]);
  const { http, snmp, sip } = recorder.io;
  expect(await http.ask(web, { method: "GET", path: "/a", login }, never)).toMatchObject({ ok: true, value: { status: 200 } });
  await http.ask({ ...web, secure: false }, { method: "POST", path: "/b", body: '{"password":"canary"}' }, never);
  await http.ask(web, { method: "GET", path: "/gone" }, never);
  await snmp.get(agent, ["1.2"], never);
  await snmp.walk(agent, "1.3", never);
  await sip.options({ address: "192.0.2.1", port: 5099 }, never);
  const doors = recorder.doors();
  expect(doors.https).toEqual({
    certificate: { commonName: "64167faabbcc", fingerprint: "ab", notAfterSeconds: 5 },
    exchanges: [
      {
        ask: { path: "/a", method: "GET", login: true },
        answer: { status: 200, headers: { server: "lighttpd", "www-authenticate": 'Digest realm="x", nonce="n"' }, json: { a: 1 } },
      },
      { ask: { path: "/gone", method: "GET" }, fault: { kind: "unreachable", via: "https" } },
    ],
  });
  expect(doors.http?.exchanges[0]?.ask).toEqual({ path: "/b", method: "POST", body: { login: true } });
  expect(doors.snmp?.exchanges).toEqual([
    { ask: { version: "2c", get: ["1.2"] }, answer: { "1.2": { integer: 2 } } },
    { ask: { version: "2c", walk: "1.3" }, answer: { "1.3.1": { text: "x" } } },
  ]);
  expect(doors.sip?.exchanges).toEqual([
    { ask: { method: "OPTIONS" }, answer: { status: 200, userAgent: "x", headers: { contact: "<sip:1001@192.0.2.1:5060>" } } },
  ]);
  expect(recorder.count()).toBe(6);
  expect(JSON.stringify(doors)).not.toContain("canary");
});

test("createRecorder(): a command line is its log-in, its commands, what each was answered or refused", async () => {
  const recorder = createRecorder(device, []);
  const said = await recorder.io.ssh.session(
    ssh,
    login,
    async (shell) => {
      await shell.ask("nonsense", { line: /x/ });
      return shell.ask("version", { line: /^version/ });
    },
    never,
  );
  expect(said).toEqual(ok(['version "6.2"']));
  expect(recorder.doors().ssh?.exchanges).toEqual([
    { ask: { session: true }, answer: { hostFingerprint: "SHA256:x" } },
    { ask: { command: "nonsense" }, fault: { kind: "refused", via: "ssh", reason: "command not found" } },
    { ask: { command: "version" }, answer: { lines: ['version "6.2"'] } },
  ]);
});

test("createRecorder(): a log-in that fails is written down with its fault", async () => {
  const recorder = createRecorder(device, []);
  const run = async () => ok(undefined);
  await recorder.io.ssh.session(ssh, { ...login, user: "other" }, run, never);
  await recorder.io.telnet.session({ address: "192.0.2.1", port: 24 }, login, run, never);
  expect(recorder.doors()).toEqual({
    ssh: { exchanges: [{ ask: { session: true }, fault: { kind: "denied", via: "ssh", credentialId: "site" } }] },
    telnet: { exchanges: [{ ask: { session: true }, fault: { kind: "off", via: "telnet" } }] },
  });
});

test("createRecorder(): its clock stands still", async () => {
  const recorder = createRecorder(device, []);
  await clock.advance(5_000);
  expect(recorder.io.clock.nowMs()).toBe(1_000_000);
});

test("createRecorder(): keeps no more than its limit, and says so", async () => {
  const recorder = createRecorder(device, []);
  for (let n = 0; n <= EXCHANGES_MAX; n++) await recorder.io.ssh.banner(ssh, never);
  expect(recorder.overflowed()).toBe(true);
  expect(recorder.doors().ssh?.exchanges.length).toBe(EXCHANGES_MAX);
});
