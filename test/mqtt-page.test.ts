/** docs/mqtt.md, read as a partner reads it: each block that can be tried is taken out of the text and tried. */
import { spawnSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { FAIL_CODES, REJECT_CODES } from "../agent/commands/answer.ts";
import { decodeCommand } from "../agent/commands/decode.ts";
import { COMMAND_TYPE, digestOf, MAX_REPLY_BYTES, openJws, REPLY_TYPE, verifyJws } from "../agent/commands/jws.ts";
import { writeKeyFile } from "../agent/commands/keys.ts";
import { keyOf, payloadDocument } from "../agent/feed/asyncapi.ts";
import { decodeHealth } from "../agent/feed/health-batch.ts";
import { MESSAGES, type MessageKind } from "../agent/feed/messages.ts";
import type { SiteId } from "../protocols/core/ids.ts";
import { matches } from "../protocols/mqtt/reconnect.ts";
import { commandTopic, isReplyTopic, siteMayPublish } from "../protocols/mqtt/topics.ts";
import { given } from "./agent/config/kit.ts";
import { temporaryFolder } from "./store/temporary.ts";
import { makeCertificate } from "./support/certificate.ts";
import { blockOf, blocksOf, MQTT_PAGE, sectionOf } from "./support/mqtt-page.ts";

const page = readFileSync(MQTT_PAGE, "utf8");
const site = "contoso-zh" as SiteId;
const PUBLIC_KEY = /with its public half, `([^`]+)`/.exec(page)?.[1] ?? "";

describe.each(MESSAGES.map((kind) => [kind.name, kind] as const))("docs/mqtt.md, %s", (name, kind) => {
  const section = sectionOf(page, name);

  test("is said of the right topic, sender and retention", () => {
    const topic = blockOf(section, "topic");
    expect(topic).toMatch(new RegExp(`^${kind.topic.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`));
    expect(section).toContain(`From the ${kind.from}, ${kind.retained ? "retained" : "not retained"}`);
    expect(section).toContain(`\`schemas/mqtt-${keyOf(kind)}.schema.json\``);
  });

  test("has an example that its own decoder and its published schema take", async () => {
    const read = kind.decode(await payloadIn(section, kind));
    expect(read).toBeDefined();
    const published = JSON.parse(readFileSync(join(MQTT_PAGE, "..", "schemas", `mqtt-${keyOf(kind)}.schema.json`), "utf8")) as object;
    expect(published).toEqual(JSON.parse(JSON.stringify(payloadDocument(kind))));
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(published);
    expect([validate(read), validate.errors]).toEqual([true, null]);
    if (kind.form !== "text") expect(JSON.parse(blockOf(section, "json"))).toEqual(JSON.parse(JSON.stringify(read)));
  });
});

/** The example's bytes as they go over the wire, opened where they are signed. */
async function payloadIn(section: string, kind: MessageKind): Promise<Buffer> {
  switch (kind.form) {
    case "text":
      return Buffer.from(blockOf(section, "text"));
    case "json":
      return Buffer.from(blockOf(section, "json"));
    case "deflate":
      return Buffer.from(blockOf(section, "base64"), "base64");
    case "jws": {
      const opened = openJws(blockOf(section, "jws"), kind.from === "desk" ? COMMAND_TYPE : REPLY_TYPE, MAX_REPLY_BYTES);
      if (typeof opened === "string") throw new Error(`the token is ${opened}`);
      expect(await verifyJws(blockOf(section, "jws"), PUBLIC_KEY)).toBe(true);
      return Buffer.from(JSON.stringify(opened.payload));
    }
  }
}

test("docs/mqtt.md: no example is of a message that there is not", () => {
  const names = [...page.slice(page.indexOf("\n## Messages")).matchAll(/^### (.+)$/gm)].map(([, name]) => name);
  expect(names).toEqual(MESSAGES.map(({ name }) => name));
});

test("docs/mqtt.md: the health example is packed, and says of each way a row can be told", () => {
  const packed = Buffer.from(blockOf(sectionOf(page, "health"), "base64"), "base64");
  expect(packed[0]).toBe(0x78);
  expect(new Set(decodeHealth(packed)?.rows.map(({ how }) => how))).toEqual(new Set(["full", "changed", "unchanged"]));
});

test("docs/mqtt.md: the answer is the one to the command", () => {
  const command = blockOf(sectionOf(page, "cmd"), "jws");
  const reply = JSON.parse(blockOf(sectionOf(page, "reply"), "json")) as { id: string; request: string };
  const claims = JSON.parse(blockOf(sectionOf(page, "cmd"), "json")) as {
    jti: string;
    reply: string;
    cmd: { name: string; args: unknown };
  };
  expect(reply).toMatchObject({ id: claims.jti, request: digestOf(command) });
  expect(blockOf(sectionOf(page, "reply"), "topic")).toBe(claims.reply);
  expect(decodeCommand(claims.cmd.name, claims.cmd.args)).toMatchObject({ verb: "sync" });
});

test("docs/mqtt.md: every code of an answer is in the table, and none that is not", () => {
  const table = page.slice(page.indexOf("### Answers"), page.indexOf("## Connecting a site"));
  const told = [...table.matchAll(/^\| `(\w+)` \| [^|]+ \| [^|]*\|$/gm)].map(([, code = ""]) => code);
  expect(told.toSorted()).toEqual(["accepted", "done", ...REJECT_CODES, ...FAIL_CODES].toSorted());
});

test("docs/mqtt.md: the subscriptions hear everything the site sends but the answers, and no more", () => {
  const filters = blockOf(page, "subscriptions").split("\n");
  const heard = MESSAGES.filter((kind) => filters.some((filter) => matches(filter, String(kind.example().topic))));
  expect(heard.map(({ name }) => name)).toEqual(MESSAGES.filter(({ name }) => name !== "cmd" && name !== "reply").map(({ name }) => name));
  for (const filter of filters) expect(MESSAGES.some((kind) => matches(filter, kind.example().topic))).toBe(true);
});

test("docs/mqtt.md: the access rules of a site are those of the embedded broker", () => {
  const rules = [...blockOf(page, "mosquitto.acl").matchAll(/^pattern (read|write) (\S+)$/gm)];
  const may = (access: string, topic: string): boolean =>
    rules.some(([, what, filter = ""]) => what === access && matches(filter.replace("%u", site), topic));
  for (const kind of MESSAGES) {
    const { topic } = kind.example();
    expect([kind.name, may("write", topic)]).toEqual([kind.name, siteMayPublish(site, topic)]);
    expect([kind.name, may("write", topic.replace(site, "other-01"))]).toEqual([kind.name, false]);
  }
  expect([may("read", commandTopic(site)), may("write", commandTopic(site))]).toEqual([true, false]);
});

test.each(blocksOf(page, "yaml"))("docs/mqtt.md: settings %# are taken, with nothing to warn of", async (block) => {
  const { cert, key } = makeCertificate("CN=zug-01");
  const locked = createPrivateKey(key).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" }).toString();
  const files = {
    "broker-ca.pem": cert,
    "site.pem": cert,
    "site.key": locked,
    "site.pass": "open\n",
    "mqtt.secret": "x",
    "proxy.secret": "x",
  };
  // The settings of the tests are of another site.
  const loaded = await given(block.replaceAll("hq-zurich", "zug-01").split("\n"), files).load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  expect(loaded.warnings.filter(({ path }) => path.startsWith("mqtt"))).toEqual([]);
});

test("docs/mqtt.md: the script signs what the agent takes", async () => {
  const folder = temporaryFolder();
  const key = await writeKeyFile(join(folder, "tom.key"));
  writeFileSync(join(folder, "sign-command.mjs"), blockOf(page, "js"));
  const jti = "01JDQ4Z3N8C5W7X9Y0A1B2C3D5";
  const args = ["sign-command.mjs", "tom.key", site, "desk-1", jti, "device.show", '{"device":"x"}'];
  const ran = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  const token = ran.stdout.trim();
  const opened = openJws(token, COMMAND_TYPE);
  expect([ran.stderr, typeof opened]).toEqual(["", "object"]);
  expect(await verifyJws(token, key.publicKey)).toBe(true);
  const claims = MESSAGES.find(({ name }) => name === "cmd")?.decode(
    Buffer.from(JSON.stringify(typeof opened === "string" ? undefined : opened.payload)),
  ) as { iss: string; reply: string; exp: number; iat: number } | undefined;
  expect(claims).toMatchObject({ iss: key.kid, aud: site, jti, cmd: { name: "device.show", args: { device: "x" } } });
  expect([isReplyTopic(site, claims?.reply ?? ""), (claims?.exp ?? 0) - (claims?.iat ?? 0)]).toEqual([true, 300]);
});
