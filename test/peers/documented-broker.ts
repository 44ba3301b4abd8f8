/** The Mosquitto of docs/mqtt.md: its settings with other ports and folders, its access rules to the letter. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAuthority } from "../support/certificate.ts";
import { blockOf, MQTT_PAGE } from "../support/mqtt-page.ts";
import { brokerFolder, freePort, MOSQUITTO_PASSWD, runClient, runMosquitto } from "./mosquitto.ts";

/** Names of the page, and a site that people at the broker may know by a password too. */
export const PASSWORDS = { portal: "portal-word", tom: "tom-word", "hq-zurich": "site-word" } as const;

export interface DocumentedBroker {
  readonly folder: string;
  /** With client certificates; with passwords; with passwords in a WebSocket. */
  readonly ports: { readonly certificates: number; readonly passwords: number; readonly web: number };
  readonly authority: ReturnType<typeof makeAuthority>;
  readonly caFile: string;
  /** Files of a client certificate whose CN is the name. */
  identity(name: string): { readonly certFile: string; readonly keyFile: string };
  /** What Mosquitto's clients need to come in with a certificate, or with a password. */
  asSite(name: string): readonly string[];
  asPerson(name: keyof typeof PASSWORDS): readonly string[];
}

export async function startDocumentedBroker(): Promise<DocumentedBroker> {
  const folder = brokerFolder();
  const page = readFileSync(MQTT_PAGE, "utf8");
  const authority = makeAuthority("CN=customer brokers");
  const own = authority.issue("CN=localhost", undefined, "127.0.0.1");
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const caFile = write("ca.pem", authority.cert);
  write("broker.pem", own.cert);
  write("broker.key", own.key);
  write("groundswell.acl", `${blockOf(page, "mosquitto.acl")}\n`);
  write("groundswell.passwd", "");
  for (const [name, word] of Object.entries(PASSWORDS)) {
    const { code, err } = await runClient(MOSQUITTO_PASSWD, ["-b", join(folder, "groundswell.passwd"), name, word]);
    if (code !== 0) throw new Error(err);
  }
  const ports = { certificates: await freePort(), passwords: await freePort(), web: await freePort() };
  await runMosquitto(folder, settingsIn(page, folder, ports));
  const identity = (name: string) => {
    const made = authority.issue(`CN=${name}`);
    return { certFile: write(`${name}.pem`, made.cert), keyFile: write(`${name}.key`, made.key) };
  };
  const common = ["-V", "mqttv5", "-h", "localhost", "--cafile", caFile, "-q", "1"];
  return {
    folder,
    ports,
    authority,
    caFile,
    identity,
    asSite(name) {
      const { certFile, keyFile } = identity(name);
      return [...common, "-p", String(ports.certificates), "--cert", certFile, "--key", keyFile];
    },
    asPerson: (name) => [...common, "-p", String(ports.passwords), "-u", name, "-P", PASSWORDS[name]],
  };
}

/** Each replacement must find its text, so that the page and this cannot drift apart. */
function settingsIn(page: string, folder: string, ports: DocumentedBroker["ports"]): string {
  const places: readonly (readonly [string, string])[] = [
    ["/etc/mosquitto/certs/", `${folder}/`],
    ["acl_file /etc/mosquitto/", `acl_file ${folder}/`],
    ["password_file /etc/mosquitto/", `password_file ${folder}/`],
    ["/var/lib/mosquitto/", `${folder}/`],
    ["listener 8883\n", `listener ${ports.certificates} 127.0.0.1\n`],
    ["listener 8884\n", `listener ${ports.passwords} 127.0.0.1\n`],
    ["listener 8443\n", `listener ${ports.web} 127.0.0.1\n`],
  ];
  return places.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`docs/mqtt.md has no "${from}"`);
      return text.replaceAll(from, to);
    },
    blockOf(page, "mosquitto.conf"),
  );
}
