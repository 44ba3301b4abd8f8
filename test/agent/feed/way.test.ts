import { expect, test } from "vitest";
import { wayOf } from "../../../agent/feed/way.ts";
import { Bug } from "../../../protocols/core/fault.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { stateTopic } from "../../../protocols/mqtt/topics.ts";

const site = "zug-01" as SiteId;
const word = new Secret("w");

test("wayOf(): no broker, no way", () => {
  expect(wayOf({}, {}, site)).toBeUndefined();
  expect(wayOf({ mqtt: { username: "zug-01" } }, {}, site)).toBeUndefined();
});

test("wayOf(): the embedded broker is on this machine; the will is said for the site, whose id is the user", () => {
  expect(wayOf({ mqtt: { embedded: { port: 1884 } } }, {}, site)).toEqual({
    host: "127.0.0.1",
    port: 1884,
    clientId: "groundswell-zug-01",
    user: "zug-01",
    will: { topic: stateTopic(site), payload: "offline", retain: true },
    keepSessionS: 600,
  });
});

test("wayOf(): all that settings and secrets say reaches the client", () => {
  const mqtt = { url: "wss://b.example:8443/mqtt", username: "u", proxy: { url: "http://p.example:3128", username: "agent" } };
  const secrets = {
    mqttPassword: word,
    mqttCa: "CA",
    mqttCertificate: "C",
    mqttKey: word,
    mqttKeyPassphrase: word,
    mqttProxyPassword: word,
  };
  expect(wayOf({ mqtt }, secrets, site)).toMatchObject({
    host: "b.example",
    port: 8443,
    user: "u",
    password: word,
    tls: { ca: "CA", certificate: "C", key: word, keyPassphrase: word },
    webSocket: { path: "/mqtt" },
    proxy: { host: "p.example", port: 3128, user: "agent", password: word },
  });
});

test("wayOf(): certificates are for TLS only, and TLS is there without any", () => {
  expect(wayOf({ mqtt: { url: "mqtt://127.0.0.1" } }, { mqttCa: "CA" }, site)).not.toHaveProperty("tls");
  expect(wayOf({ mqtt: { url: "mqtts://b.example" } }, {}, site)).toMatchObject({ port: 8883, tls: {} });
});

test("wayOf(): an address that the check of the settings would not have let pass is our own mistake", () => {
  expect(() => wayOf({ mqtt: { url: "mqtt://b.example" } }, {}, site)).toThrow(Bug);
  expect(() => wayOf({ mqtt: { url: "mqtts://b.example", proxy: { url: "ftp://p" } } }, {}, site)).toThrow(Bug);
});
