import { createPrivateKey } from "node:crypto";
import { expect, test } from "vitest";
import { makeCertificate } from "../../support/certificate.ts";
import { given } from "./kit.ts";

const { cert, key } = makeCertificate("CN=zug-01");
const other = makeCertificate("CN=other");
const over = makeCertificate("CN=zug-01", Date.UTC(2021, 4, 5));
const locked = createPrivateKey(key).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" }).toString();
const FILES = {
  secret: "x",
  cert,
  key,
  locked,
  open: "open\n",
  shut: "canary-shut\n",
  other: other.key,
  over: over.cert,
  overKey: over.key,
};

async function told(mqtt: string): Promise<{ errors: string[]; warnings: string[]; text: string }> {
  const loaded = await given([`mqtt: { ${mqtt} }`], FILES).load();
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  const at = (level: string): string[] => problems.flatMap((one) => (one.level === level && one.path.startsWith("mqtt") ? [one.path] : []));
  return { errors: at("error"), warnings: at("warning"), text: JSON.stringify(problems) };
}

test.each([
  "url: mqtts://b.example, certFile: cert, keyFile: key",
  "url: mqtts://b.example, certFile: cert, keyFile: locked, keyPassphraseFile: open",
  "url: 'wss://b.example/mqtt', proxy: { url: 'http://p.example:3128', username: u, passwordFile: secret }",
  "url: 'mqtts://b.example', proxy: { url: 'http://p.example' }",
  "url: 'ws://127.0.0.1:9001/mqtt'",
])("mqtt settings: { %s } are good", async (mqtt) => expect(await told(mqtt)).toMatchObject({ errors: [], warnings: [] }));

test.each([
  ["a WebSocket elsewhere in clear", "url: 'ws://b.example'", "mqtt.url"],
  ["a path MQTT does not have", "url: 'mqtts://b.example/x'", "mqtt.url"],
  ["in clear through a proxy", "url: 'mqtt://127.0.0.1', proxy: { url: 'http://p.example' }", "mqtt.url"],
  ["a proxy that is none", "url: mqtts://b.example, proxy: { url: 'https://p.example' }", "mqtt.proxy.url"],
  ["a proxy with its password in the address", "url: mqtts://b.example, proxy: { url: 'http://u:p@p.example' }", "mqtt.proxy.url"],
  ["a proxy's user without a password", "url: mqtts://b.example, proxy: { url: 'http://p.example', username: u }", "mqtt.proxy"],
  ["a proxy to a broker inside", "embedded: { port: 9000 }, proxy: { url: 'http://p.example' }", "mqtt.proxy"],
  ["a passphrase of nothing", "url: mqtts://b.example, keyPassphraseFile: open", "mqtt.keyPassphraseFile"],
  ["a passphrase that opens nothing", "url: mqtts://b.example, certFile: cert, keyFile: locked, keyPassphraseFile: shut", "mqtt.keyFile"],
  ["a locked key without one", "url: mqtts://b.example, certFile: cert, keyFile: locked", "mqtt.keyFile"],
  ["the key of another certificate", "url: mqtts://b.example, certFile: cert, keyFile: other", "mqtt.keyFile"],
  ["a certificate that is none", "url: mqtts://b.example, certFile: secret, keyFile: key", "mqtt.certFile"],
  [
    "a passphrase that is not there",
    "url: mqtts://b.example, certFile: cert, keyFile: key, keyPassphraseFile: none",
    "mqtt.keyPassphraseFile",
  ],
])("mqtt settings: %s is an error at its place", async (_name, mqtt, at) => {
  const { errors, text } = await told(mqtt);
  expect(errors).toEqual([at]);
  expect(text).not.toContain("canary");
});

test.each([
  ["a certificate that is over", "url: mqtts://b.example, certFile: over, keyFile: overKey", "mqtt.certFile"],
  ["certificates for a broker in clear", "url: 'mqtt://127.0.0.1', certFile: cert, keyFile: key", "mqtt"],
])("mqtt settings: %s is a warning", async (_name, mqtt, at) => expect(await told(mqtt)).toMatchObject({ errors: [], warnings: [at] }));
