import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { brokerWay, unreached } from "../../../agent/cli/broker-way.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { folder } from "./kit.ts";

const { cert, key } = makeCertificate("CN=tom");

function files() {
  const at = folder();
  const write = (name: string, text: string): string => {
    writeFileSync(join(at, name), text, { mode: 0o600 });
    return join(at, name);
  };
  return { ca: write("ca.pem", "CA"), cert: write("tom.pem", cert), key: write("tom.key", key), password: write("word", "canary-w\n") };
}

test("brokerWay(): every option reaches the client", async () => {
  const made = files();
  const options = { caFile: made.ca, brokerUser: "tom", brokerPasswordFile: made.password, brokerCert: made.cert, brokerKey: made.key };
  const way = await brokerWay("wss://b.example/mqtt", { ...options, brokerProxy: "http://p.example:3128" }, {});
  expect(way).toMatchObject({
    host: "b.example",
    port: 443,
    user: "tom",
    tls: { ca: "CA", certificate: cert },
    webSocket: { path: "/mqtt" },
    proxy: { host: "p.example", port: 3128 },
  });
  expect([way.password?.reveal(), way.tls?.key?.reveal()]).toEqual(["canary-w", key.trimEnd()]);
  expect(JSON.stringify(way)).not.toContain("canary");
});

test("brokerWay(): on this machine nothing is needed", async () => {
  const way = await brokerWay("mqtt://127.0.0.1", {}, {});
  expect(Object.keys(way)).toEqual(["host", "port", "maxPayloadBytes"]);
});

test.each([
  ["mqtt://b.example", {}, /is not encrypted, and the broker is on another machine/],
  ["mqtt://127.0.0.1", { brokerProxy: "http://p.example" }, /is not encrypted, and leads through a proxy/],
  ["mqtts://b.example", { brokerProxy: "socks://p.example" }, /is not the address of a proxy/],
  ["mqtts://b.example", { brokerCert: "c.pem" }, /belong together/],
  ["mqtts://me:canary@b.example", {}, /"mqtts:\/\/\*\*\*@b.example" holds a user or password/],
])("brokerWay(): %s with %j is a wrong call", async (broker, options, told) => {
  await expect(brokerWay(broker, options, {})).rejects.toMatchObject({ message: expect.stringMatching(told), exitCode: 2 });
});

test.each([
  [{ kind: "denied", via: "mqtt" }, 77, "--broker-user"],
  [{ kind: "denied", via: "tls" }, 77, "--broker-cert"],
  [{ kind: "denied", via: "http" }, 77, "--broker-proxy"],
  [{ kind: "unreachable", via: "mqtt" }, 69, "--ca-file"],
  [{ kind: "impostor", via: "tls", wanted: "a", found: "b" }, 69, "--ca-file"],
] as const)("unreached(): %j", (fault, exitCode, look) => {
  expect(unreached("mqtts://b.example", fault)).toMatchObject({ exitCode, hint: expect.stringContaining(look) });
});
