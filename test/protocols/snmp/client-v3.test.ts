import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { createSnmpClient, type SnmpAccess, type SnmpClient } from "../../../protocols/snmp/client.ts";
import { AUTH_PASSPHRASE, type Engine, PRIV_PASSPHRASE, type Suite, startEngine, USER } from "./engine.ts";
import { octets, report, SYS_DESCR, USM, usm, varbind } from "./messages.ts";

const never = new AbortController().signal;
type V3 = Extract<SnmpAccess, { version: "3" }>;
const AUTH: V3 = { version: "3", user: USER, auth: { protocol: "sha", key: new Secret(AUTH_PASSPHRASE) } };
const PRIV: V3 = { ...AUTH, priv: { protocol: "aes", key: new Secret(PRIV_PASSPHRASE) } };

const PATIENT_MS = 2_000;
/** Where no answer counts. */
const IMPATIENT_MS = 150;

function client(timeoutMs = PATIENT_MS): SnmpClient {
  const made = createSnmpClient({ clock: manualClock(0), random: seededRandom(1), timeoutMs });
  onTestFinished(() => made.close());
  return made;
}

const ask = (snmp: SnmpClient, engine: Engine, access: SnmpAccess = AUTH) =>
  snmp.get({ address: "127.0.0.1", port: engine.port, access }, [SYS_DESCR], never);

/** The text read, or the kind of the fault. */
async function told(asking: ReturnType<typeof ask>): Promise<string> {
  const result = await asking;
  if (!result.ok) return result.fault.kind;
  const value = result.value.get(SYS_DESCR);
  return value?.type === "octets" ? value.value.toString() : "nothing";
}

test("get(): the engine is found first, then asked under its own id and clock", async () => {
  const engine = await startEngine();
  expect(await told(ask(client(), engine))).toBe("Polycom");
  expect(engine.asked.map(({ engine: id, boots, user, flags }) => [id.length, boots, user, flags & 3])).toEqual([
    [0, 0, "", 0],
    [11, 1, USER, 1],
  ]);
});

test("get(): an engine once known is not searched again", async () => {
  const engine = await startEngine();
  const snmp = client();
  for (let i = 0; i < 3; i++) expect(await told(ask(snmp, engine))).toBe("Polycom");
  expect(engine.asked).toHaveLength(4);
});

test("get(): encrypted with AES", async () => {
  const engine = await startEngine({ privacy: true });
  expect(await told(ask(client(), engine, PRIV))).toBe("Polycom");
  expect(engine.asked.at(-1)?.flags).toBe(7);
});

test.each<[V3["auth"] & object, Suite]>([
  [
    { protocol: "sha", key: new Secret(AUTH_PASSPHRASE) },
    { hash: "sha1", cipher: "aes" },
  ],
  [
    { protocol: "sha", key: new Secret(AUTH_PASSPHRASE) },
    { hash: "sha1", cipher: "des" },
  ],
  [
    { protocol: "md5", key: new Secret(AUTH_PASSPHRASE) },
    { hash: "md5", cipher: "aes" },
  ],
  [
    { protocol: "md5", key: new Secret(AUTH_PASSPHRASE) },
    { hash: "md5", cipher: "des" },
  ],
])(
  "get(): every pair of algorithms a video system offers, SHA with AES the best of them: $1.hash and $1.cipher [snmp 2.1] [snmp 2.5]",
  async (auth, suite) => {
    const engine = await startEngine({ privacy: true, suite });
    const access: V3 = { version: "3", user: USER, auth, priv: { protocol: suite.cipher, key: new Secret(PRIV_PASSPHRASE) } };
    expect(await told(ask(client(), engine, access))).toBe("Polycom");
    expect(engine.asked.at(-1)?.flags).toBe(7);
  },
);

test("get(): an agent that rebooted is asked again with its new clock, once [snmp 7.3]", async () => {
  const engine = await startEngine();
  const snmp = client();
  await ask(snmp, engine);
  engine.boots = 2;
  expect(await told(ask(snmp, engine))).toBe("Polycom");
  expect(engine.asked.at(-1)?.boots).toBe(2);
});

test("get(): an agent whose boot count went back (a new image, a new board) is got to know anew, once", async () => {
  const engine = await startEngine();
  engine.boots = 5;
  const snmp = client();
  await ask(snmp, engine);
  engine.boots = 1;
  expect(await told(ask(snmp, engine))).toBe("Polycom");
  expect(engine.asked.filter(({ engine: id }) => id.length === 0)).toHaveLength(2);
});

test.each([
  ["of an earlier boot", { boots: 4 }],
  ["of ten minutes ago", { seconds: 10 }],
])("get(): an authentic answer %s is outside the time window and never a value [snmp 7.3]", async (_name, then) => {
  const engine = await startEngine({ answer: (_asked, honest) => honest() });
  Object.assign(engine, { boots: 5, seconds: 610 });
  const snmp = client();
  expect(await told(ask(snmp, engine))).toBe("Polycom");
  Object.assign(engine, then);
  const first = engine.asked.length;
  expect(await told(ask(snmp, engine))).toBe("Polycom");
  // The old answer was not taken: the engine was got to know anew.
  expect(engine.asked.slice(first).map(({ engine: id }) => id.length)).toEqual([11, 0, 11]);
});

test.each([USM.user, USM.window, USM.level])(
  "get(): an engine that makes itself known by another complaint (%i) is known",
  async (counter) => {
    const engine = await startEngine({ hello: counter });
    expect(await told(ask(client(), engine))).toBe("Polycom");
  },
);

test("get(): an agent whose clock is never right is given up after a bounded number of tries [snmp 7.3]", async () => {
  const engine = await startEngine({ answer: ({ id, innerId }) => report(USM.window, { id }, innerId) });
  expect(await told(ask(client(), engine))).toBe("refused");
  expect(engine.asked.length).toBeLessThanOrEqual(6);
});

test.each([
  ["an unknown user", USM.user, "unknown user"],
  ["a wrong digest", USM.digest, "wrong authentication key"],
  ["a level it does not offer", USM.level, "security level not supported"],
  ["a wrong privacy key", USM.decryption, "wrong privacy key"],
])("get(): a Report of %s is denied", async (_name, counter, detail) => {
  const engine = await startEngine({ answer: ({ id, innerId }) => report(counter, { id }, innerId) });
  const result = await ask(client(), engine);
  expect(result).toEqual({ ok: false, fault: { kind: "denied", via: "snmp", detail } });
});

test("get(): a plain answer to an authenticated question is never a value", async () => {
  const forged = [varbind(SYS_DESCR, octets("forged"))];
  const engine = await startEngine({ answer: ({ id, innerId }) => usm({ id: innerId, varbinds: forged }, { id, flags: 0 }) });
  expect(await told(ask(client(IMPATIENT_MS), engine))).toBe("garbled");
});

test("get(): an answer that only claims to be authenticated is never a value", async () => {
  const forged = [varbind(SYS_DESCR, octets("forged"))];
  const engine = await startEngine({
    answer: ({ id, innerId }) => usm({ id: innerId, varbinds: forged }, { id, flags: 1, digest: Buffer.alloc(12, 1) }),
  });
  expect(await told(ask(client(IMPATIENT_MS), engine))).toBe("denied");
});

test("get(): encrypted noise under our own digest is garbled", async () => {
  const engine = await startEngine({ privacy: true, answer: (_asked, _honest, noise) => noise(Buffer.alloc(40, 0xee)) });
  expect(await told(ask(client(IMPATIENT_MS), engine, PRIV))).toBe("garbled");
});

test("get(): encrypted noise under no digest of ours is not listened to", async () => {
  const noise = { flags: 3, digest: Buffer.alloc(12), salt: Buffer.alloc(8), secret: Buffer.alloc(40, 0xee) };
  const engine = await startEngine({ privacy: true, answer: ({ id, innerId }) => usm({ id: innerId }, { id, ...noise }) });
  expect(await told(ask(client(IMPATIENT_MS), engine, PRIV))).toBe("denied");
});

test("get(): an authenticated answer to an encrypted question is never a value", async () => {
  const engine = await startEngine({
    privacy: true,
    answer: ({ id, innerId }) => usm({ id: innerId }, { id, flags: 1, digest: Buffer.alloc(12) }),
  });
  expect(await told(ask(client(IMPATIENT_MS), engine, PRIV))).toBe("garbled");
});

test("get(): an answer of another engine is never a value", async () => {
  const engine = await startEngine({
    answer: ({ id, innerId }) => usm({ id: innerId }, { id, flags: 1, engine: Buffer.from("80001f88ff", "hex"), digest: Buffer.alloc(12) }),
  });
  expect(await told(ask(client(IMPATIENT_MS), engine))).toBe("garbled");
});

test("get(): an answer changed under way is never a value", async () => {
  const engine = await startEngine({
    answer: (_asked, honest) => {
      const packet = honest();
      packet[packet.length - 1] = (packet[packet.length - 1] as number) ^ 1;
      return packet;
    },
  });
  expect(await told(ask(client(IMPATIENT_MS), engine))).toBe("denied");
});

test("get(): wrong passphrases are a fault, and no fault holds a passphrase", async () => {
  const wrong: V3 = { ...AUTH, auth: { protocol: "sha", key: new Secret("hush-hush-hush") } };
  const engine = await startEngine();
  const result = await ask(client(IMPATIENT_MS), engine, wrong);
  expect(result).toMatchObject({ ok: false, fault: { kind: "denied" } });
  expect(JSON.stringify(result)).not.toContain("hush");
});

test("get(): privacy without authentication is denied and nothing is sent", async () => {
  const engine = await startEngine();
  const access: V3 = { version: "3", user: USER, priv: { protocol: "aes", key: new Secret(PRIV_PASSPHRASE) } };
  expect(await told(ask(client(), engine, access))).toBe("denied");
  expect(engine.asked).toEqual([]);
});

test("get(): an engine that never makes itself known is unreachable", async () => {
  const engine = await startEngine();
  await engine.close();
  engine.close = async () => undefined;
  expect(await told(ask(client(IMPATIENT_MS), engine))).toBe("unreachable");
});
