/**
 * The contract carried by a real Mosquitto as docs/mqtt.md sets it up: TLS, client certificates, rules by user name, MQTT 5.
 * The real daemon speaks, Mosquitto's own clients listen.
 */
import { expect, onTestFinished } from "vitest";
import { signCommand } from "../../agent/cli/sign.ts";
import { digestOf, MAX_REPLY_BYTES, openJws, REPLY_TYPE, verifyJws } from "../../agent/commands/jws.ts";
import { makeUlid } from "../../agent/commands/ulid.ts";
import { type Stage, setStage } from "../../agent/demo/stage.ts";
import { MESSAGES } from "../../agent/feed/messages.ts";
import type { SiteId } from "../../protocols/core/ids.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { Secret } from "../../protocols/core/secret.ts";
import { manualClock, systemClock } from "../../protocols/core/time.ts";
import { createMqttClient } from "../../protocols/mqtt/client.ts";
import type { MqttClient, MqttOptions, MqttState } from "../../protocols/mqtt/link.ts";
import { matches } from "../../protocols/mqtt/reconnect.ts";
import { commandTopic, deviceTopic, everythingFilter, infoTopic, replyTopic, stateTopic } from "../../protocols/mqtt/topics.ts";
import { proxyGate } from "../protocols/mqtt/gates.ts";
import { deviceId } from "../store/temporary.ts";
import { makeAuthority } from "../support/certificate.ts";
import { type DocumentedBroker, PASSWORDS, startDocumentedBroker } from "./documented-broker.ts";
import { listen, MOSQUITTO, MOSQUITTO_PUB, MOSQUITTO_SUB, runClient } from "./mosquitto.ts";
import { peerTest } from "./peer.ts";

const site = "contoso-zh" as SiteId;
const other = "other-01" as SiteId;
const random = seededRandom(11);
/** Retained, topic, correlation data and the payload in hex, which every payload survives. */
const FORMAT = ["-d", "-F", "> %r %t %D|%x"];

interface Heard {
  readonly retained: boolean;
  readonly topic: string;
  readonly correlation: string;
  readonly payload: Buffer;
}

function heardIn(line: string): Heard {
  const [, retained = "", topic = "", correlation = "", hex = ""] = /^([01]) (\S+) ?(.*)\|([0-9a-f]*)$/.exec(line) ?? [];
  return { retained: retained === "1", topic, correlation, payload: Buffer.from(hex, "hex") };
}

/** What a message says by the list of the contract; throws where it is none of it, or does not decode. */
function readBy({ topic, payload }: Heard): { readonly name: string; readonly said: unknown } {
  const kind = MESSAGES.find((one) => matches(one.topic.replaceAll(/\{\w+\}/g, "+"), topic));
  if (kind === undefined || kind.form === "jws") throw new Error(`nobody expects "${topic}" here`);
  const said = kind.decode(payload);
  if (said === undefined) throw new Error(`"${topic}" does not decode: ${payload.toString("latin1").slice(0, 200)}`);
  return { name: kind.name, said };
}

/** The whole daemon with a small simulated site, at the broker with its certificate. */
async function daemonAt(broker: DocumentedBroker): Promise<Stage> {
  const stage = await setStage({
    seed: 5,
    devices: 3,
    factor: 20,
    originMs: systemClock().nowMs(),
    broker: "embedded",
    settings: { mqtt: { url: `mqtts://localhost:${broker.ports.certificates}`, caFile: broker.caFile, ...broker.identity(site) } },
    onPart: () => undefined,
  });
  onTestFinished(() => stage.close());
  return stage;
}

const publish = (who: readonly string[], topic: string, message: string, more: readonly string[] = []) =>
  runClient(MOSQUITTO_PUB, [...who, "-t", topic, "-m", message, ...more]);

peerTest(
  "contract: the daemon is read by a stock mosquitto_sub, commanded by a stock mosquitto_pub, and ends properly",
  MOSQUITTO_SUB,
  async () => {
    const broker = await startDocumentedBroker();
    const portal = await listen([...broker.asPerson("portal"), "-i", "portal-1", "-c", "-x", "86400", ...FORMAT, "-t", everythingFilter()]);
    const stage = await daemonAt(broker);
    const seen = (): Set<string> => new Set(portal.lines.map((line) => readBy(heardIn(line)).name));
    await portal.until(() => ["state", "info", "device", "event/device.found", "health"].every((name) => seen().has(name)));
    const numbers = portal.lines
      .map(heardIn)
      .filter(({ topic }) => topic.includes("/event/"))
      .map((heard) => Number((readBy(heard).said as { sequence: string }).sequence));
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));

    // Who comes later finds the retained ones.
    const kept = await runClient(MOSQUITTO_SUB, [
      ...broker.asPerson("portal"),
      ...FORMAT.slice(1),
      "-t",
      stateTopic(site),
      "-t",
      infoTopic(site),
      "-C",
      "2",
    ]);
    const documents = kept.out
      .trim()
      .split("\n")
      .map((line) => heardIn(line.slice(2)));
    expect(documents.map(({ retained, topic }) => [retained, topic]).sort()).toEqual([
      [true, infoTopic(site)],
      [true, stateTopic(site)],
    ]);
    const info = documents.map(readBy).find(({ name }) => name === "info")?.said as { agentKey: { publicKey: string } };

    // A technician's command, with MQTT 5's own way to be answered.
    const id = makeUlid(stage.clock.nowMs(), random);
    const reply = replyTopic(site, "tom-1", id) ?? "";
    const tom = await listen([...broker.asPerson("tom"), ...FORMAT, "-t", reply]);
    const token = await signCommand({ id, site, name: "agent.status", args: {}, atMs: stage.clock.nowMs() }, stage.technician.key);
    const ask = [
      "-D",
      "publish",
      "response-topic",
      reply,
      "-D",
      "publish",
      "correlation-data",
      "corr-17",
      "-D",
      "publish",
      "message-expiry-interval",
      "300",
    ];
    expect((await publish(broker.asPerson("tom"), commandTopic(site), token, ask)).code).toBe(0);
    await tom.until((lines) => lines.length >= 2);
    const answers = tom.lines.map(heardIn);
    const inside = [];
    for (const { topic, correlation, payload } of answers) {
      expect([topic, correlation]).toEqual([reply, "corr-17"]);
      expect(await verifyJws(payload.toString(), info.agentKey.publicKey)).toBe(true);
      const opened = openJws(payload.toString(), REPLY_TYPE, MAX_REPLY_BYTES);
      inside.push(typeof opened === "string" ? opened : opened.payload);
    }
    expect(inside).toMatchObject([
      { id, status: "accepted", request: digestOf(token) },
      { id, status: "done", request: digestOf(token), result: { broker: { connected: true } } },
    ]);

    await stage.agent().end();
    await portal.until((lines) =>
      lines.some((line) => heardIn(line).topic === stateTopic(site) && heardIn(line).payload.toString() === "offline"),
    );
    for (const line of portal.lines.filter((one) => !heardIn(one).topic.includes("/reply/") && !heardIn(one).topic.endsWith("/cmd")))
      readBy(heardIn(line));
  },
);

peerTest(
  "contract: by the documented rules another site can neither read a site nor speak for it, nor anybody but the portal and technicians command it",
  MOSQUITTO,
  async () => {
    const broker = await startDocumentedBroker();
    const [mine, theirs, portal, tom] = [broker.asSite(site), broker.asSite(other), broker.asPerson("portal"), broker.asPerson("tom")];
    const watch = await listen([...portal, ...FORMAT, "-t", everythingFilter()]);
    for (const topic of [stateTopic(site), infoTopic(site), deviceTopic(site, deviceId(1))])
      expect((await publish(mine, topic, "mine", ["-r"])).code).toBe(0);

    // Reading: whatever it may hear has come before a word on its own topic.
    const wants = [everythingFilter(site), everythingFilter(), stateTopic(site), commandTopic(site), commandTopic(other)].flatMap(
      (filter) => ["-t", filter],
    );
    const spy = await listen([...theirs, ...FORMAT, ...wants]);
    await publish(mine, stateTopic(site), "mine again", ["-r"]);
    await publish(tom, commandTopic(site), "for contoso");
    await publish(portal, commandTopic(other), "for other");
    await spy.until((lines) => lines.length > 0);
    // Once for each of its subscriptions that match.
    expect(new Set(spy.lines.map((line) => heardIn(line).topic))).toEqual(new Set([commandTopic(other)]));

    // Speaking: refused with a reason, and nobody hears it.
    const forged = [
      stateTopic(site),
      infoTopic(site),
      deviceTopic(site, deviceId(1)),
      commandTopic(site),
      commandTopic(other),
      replyTopic(site, "a", "b") ?? "",
    ];
    for (const topic of forged) {
      const said = await publish(theirs, topic, "forged");
      expect([topic, said.err]).toEqual([topic, expect.stringMatching(/not authori[sz]ed/i)]);
    }
    expect((await publish(mine, commandTopic(site), "forged")).err).toMatch(/not authori[sz]ed/i);
    expect((await publish(tom, stateTopic(site), "forged")).err).toMatch(/not authori[sz]ed/i);
    expect((await publish(portal, infoTopic(site), "forged")).err).toMatch(/not authori[sz]ed/i);
    // And the other way round: it speaks for itself.
    expect((await publish(theirs, stateTopic(other), "theirs")).err).toBe("");
    await watch.until((lines) => lines.some((line) => heardIn(line).topic === stateTopic(other)));
    const bodies = watch.lines.map((line) => heardIn(line).payload.toString());
    expect(bodies).toEqual(["mine", "mine", "mine", "mine again", "for contoso", "for other", "theirs"]);

    // A technician hears state and answers only.
    const desk = await listen([...tom, ...FORMAT, "-t", everythingFilter()]);
    await publish(mine, replyTopic(site, "tom-1", "1") ?? "", "answer");
    await desk.until((lines) => lines.some((line) => heardIn(line).topic.includes("/reply/")));
    expect(new Set(desk.lines.map((line) => heardIn(line).topic.split("/")[3]))).toEqual(new Set(["state", "reply"]));
  },
);

function client(options: Partial<MqttOptions> & { readonly port: number }): MqttClient {
  const made = createMqttClient(
    { host: "localhost", clientId: `c-${options.port}`, ...options },
    { clock: manualClock(0), random: seededRandom(2) },
  );
  onTestFinished(() => made.close());
  return made;
}

function first(made: MqttClient): Promise<MqttState> {
  return new Promise((resolve) => {
    made.onState((state) => {
      if (state.at === "online" || state.at === "waiting") resolve(state);
    });
  });
}

peerTest("contract: our client by every way into Mosquitto, and what it says where Mosquitto turns it away", MOSQUITTO, async () => {
  const { ports, authority } = await startDocumentedBroker();
  const ca = authority.cert;
  const own = authority.issue("CN=hq-zurich");
  const foreign = makeAuthority("CN=others").issue("CN=hq-zurich");
  const word = { user: "hq-zurich", password: new Secret(PASSWORDS["hq-zurich"]) };
  const proxy = await proxyGate({ login: "agent:w" });
  const through = { host: "127.0.0.1", port: proxy.port, user: "agent", password: new Secret("w") };
  const certificate = { tls: { ca, certificate: own.cert, key: new Secret(own.key) } };
  const web = { ...word, tls: { ca }, webSocket: { path: "/mqtt" } };
  const topic = stateTopic("hq-zurich" as SiteId);
  for (const way of [
    { port: ports.certificates, ...certificate },
    { port: ports.certificates, ...certificate, proxy: through },
    { port: ports.passwords, ...word, tls: { ca } },
    { port: ports.web, ...web },
    { port: ports.web, ...web, proxy: through },
  ]) {
    const made = client(way);
    expect(await first(made)).toMatchObject({ at: "online", protocol: 5 });
    expect(await made.publish({ topic, payload: Buffer.alloc(300_000, "x") })).toEqual({ ok: true, value: undefined });
    expect(await made.publish({ topic: topic.replace("hq-zurich", site), payload: "x" })).toEqual({
      ok: false,
      fault: { kind: "refused", via: "mqtt", reason: "not authorized (135)" },
    });
    await made.close();
  }
  expect(proxy.taken).toEqual([`localhost:${ports.certificates}`, `localhost:${ports.web}`]);
  const wrong = await first(client({ port: ports.passwords, tls: { ca }, user: "hq-zurich", password: new Secret("no") }));
  expect(wrong).toMatchObject({ fault: { kind: "denied", via: "mqtt", detail: "not authorized (135)" } });
  for (const tls of [{ ca }, { ca, certificate: foreign.cert, key: new Secret(foreign.key) }]) {
    expect(await first(client({ port: ports.certificates, tls }))).toMatchObject({ fault: { kind: "denied", via: "tls" } });
  }
});
