/**
 * A technician's desk: questions to one site's agent over a broker, each a signed command with answers of its own.
 */
import * as z from "zod";
import { Bug, type Fault, showFault } from "../../protocols/core/fault.ts";
import type { SiteId } from "../../protocols/core/ids.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { MINUTE, SECOND } from "../../protocols/core/time.ts";
import { type BrokerAddress, parseBroker } from "../../protocols/mqtt/address.ts";
import { createMqttClient } from "../../protocols/mqtt/client.ts";
import type { IncomingMessage, MqttClient, MqttOptions } from "../../protocols/mqtt/link.ts";
import { commandTopic, replyFilter, replyTopic } from "../../protocols/mqtt/topics.ts";
import { entryOf, isVerb } from "../commands/catalogue.ts";
import { digestOf, MAX_REPLY_BYTES, MAX_TOKEN_BYTES, openJws, REPLY_TYPE } from "../commands/jws.ts";
import type { SigningKey } from "../commands/keys.ts";
import { makeUlid } from "../commands/ulid.ts";
import { type Answer, answerSchema } from "./ask-local.ts";
import { CliError, type CliIo, type GlobalOptions } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { secretFrom, textFrom } from "./files.ts";
import { signCommand, VALID_S } from "./sign.ts";

export interface DeskSettings {
  /** `mqtts://host[:port]`, or `mqtt://` on loopback. */
  readonly broker: string;
  readonly site: SiteId;
  readonly key: SigningKey;
  /** User, password and certificate authority of the broker. */
  readonly options: GlobalOptions;
}

export type DeskIo = Pick<CliIo, "clock" | "environment" | "stop"> & {
  /** Gets what is worth saying while an answer is waited for. */
  note(text: string): void;
  readonly patience?: Patience;
};

/** Real milliseconds, each from the question on. */
interface Patience {
  /** To the agent's first word, and to the broker's. */
  readonly firstWordMs: number;
  /** To its last. */
  readonly doneMs: number;
}

export interface Desk {
  /** The agent's last word: `done`, `failed` or `rejected`. Throws a `CliError` with exit code 69 where none comes in time. */
  ask(name: string, args: Readonly<Record<string, unknown>>): Promise<Answer>;
  close(): Promise<void>;
}

/** An agent that is there answers at once, also from behind a slow line; a stage of large images takes minutes. Guessed. */
const PATIENCE: Patience = { firstWordMs: 30 * SECOND, doneMs: 30 * MINUTE };

const replySchema = answerSchema.extend({ request: z.string() });

/** Takes the answers to one question. */
type Listener = (answer: Answer) => void;

/** Connects. Throws a `CliError` where the broker is away, turns us away, or lets us hear no answers. */
export async function openDesk(settings: DeskSettings, io: DeskIo): Promise<Desk> {
  const { site } = settings;
  const random = systemRandom();
  const client = `cli-${random.hex(8)}`;
  const filter = replyFilter(site, client);
  if (filter === undefined) throw new Bug(`"${client}" is not safe in a topic`);
  const mqtt = createMqttClient(await mqttOptions(settings, client, io.environment), { clock: io.clock, random });
  const listeners = new Map<string, Listener>();
  mqtt.subscribe(filter, (message) => {
    const reply = replyIn(message);
    if (reply !== undefined) listeners.get(reply.request)?.(reply.answer);
  });
  try {
    await connected(mqtt, { filter, broker: settings.broker }, io);
  } catch (error) {
    await mqtt.close();
    throw error;
  }
  return {
    async ask(name, args) {
      const atMs = io.clock.nowMs();
      const id = makeUlid(atMs, random);
      const reply = replyTopic(site, client, id);
      if (reply === undefined) throw new Bug(`"${id}" is not safe in a topic`);
      const token = await signCommand({ id, site, name, args, reply, atMs }, settings.key);
      // The agent could not read where to send its refusal.
      if (token.length > MAX_TOKEN_BYTES) return { id, status: "rejected", code: "tooLong", message: "the command is longer than 8 KB" };
      return await question({ name, token, site }, { mqtt, listeners }, io);
    },
    close: () => mqtt.close(),
  };
}

/** Sends the command and waits for its last answer. */
async function question(
  asked: { readonly name: string; readonly token: string; readonly site: SiteId },
  { mqtt, listeners }: { readonly mqtt: MqttClient; readonly listeners: Map<string, Listener> },
  io: DeskIo,
): Promise<Answer> {
  const { name, token, site } = asked;
  const { firstWordMs, doneMs } = io.patience ?? PATIENCE;
  const heard = Promise.withResolvers<void>();
  const done = Promise.withResolvers<Answer>();
  const digest = digestOf(token);
  let accepted = false;
  listeners.set(digest, (answer) => {
    heard.resolve();
    if (answer.status !== "accepted") return done.resolve(answer);
    if (!accepted && !isLook(name)) io.note(`Site "${site}" has accepted the command and works on it`);
    accepted = true;
  });
  // After a loss it is sent again: the agent does an id but once, and repeats what it answered.
  const off = mqtt.onState((state) => {
    if (state.at !== "online") return;
    // A broker that keeps it for a site that is away need not keep it longer than it is valid.
    void mqtt.publish({ topic: commandTopic(site), payload: token, expiryS: VALID_S }).then((sent) => {
      if (!sent.ok && sent.fault.kind === "refused") heard.reject(notTaken(site, sent.fault));
    });
  });
  try {
    if (!(await within(heard.promise, firstWordMs, io.stop))) throw silent(site, name);
    const answer = await within(done.promise, doneMs, io.stop);
    if (answer === undefined) throw unfinished(site, name);
    return answer.value;
  } finally {
    off();
    listeners.delete(digest);
  }
}

/** Looks are answered at once: nothing needs to be said meanwhile. */
function isLook(name: string): boolean {
  return isVerb(name) && entryOf(name).kind === "look";
}

/**
 * An answer for us, with the digest of the command it answers. Who may publish on the reply topics is the broker's to
 * say; the agent's own key is not pinned here, so its signature is not looked at.
 */
function replyIn({ payload, retained }: IncomingMessage): { readonly request: string; readonly answer: Answer } | undefined {
  if (retained) return undefined;
  const opened = openJws(payload.toString("latin1"), REPLY_TYPE, MAX_REPLY_BYTES);
  const parsed = typeof opened === "string" ? undefined : replySchema.safeParse(opened.payload);
  if (parsed?.success !== true) return undefined;
  const { request, ...answer } = parsed.data;
  return { request, answer };
}

/** Resolves at the first connection. One that fails is told at once: a person waits for it. */
async function connected(
  mqtt: MqttClient,
  { filter, broker }: { readonly filter: string; readonly broker: string },
  io: DeskIo,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const off = mqtt.onState((state) => {
    if (state.at === "waiting") reject(unreached(broker, state.fault));
    if (state.at !== "online") return;
    if (state.refused.includes(filter)) reject(notHeard(broker));
    else resolve();
  });
  const { firstWordMs } = io.patience ?? PATIENCE;
  try {
    if (!(await within(promise, firstWordMs, io.stop))) throw unreached(broker, { kind: "stalled", waitedFor: "the broker" });
  } finally {
    off();
  }
}

/** What it resolves to, or `undefined` after that many real milliseconds. Rejects with the reason of the stop. */
async function within<T>(promise: Promise<T>, realMs: number, stop: AbortSignal): Promise<{ readonly value: T } | undefined> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(realMs)]);
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const end = (): void => resolve(undefined);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  try {
    const first = await Promise.race([promise.then((value) => ({ value })), over]);
    if (first === undefined) stop.throwIfAborted();
    return first;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

async function mqttOptions({ broker, options }: DeskSettings, clientId: string, environment: CliIo["environment"]): Promise<MqttOptions> {
  const { host, port, secure, webSocketPath } = addressOf(broker);
  const { brokerUser, brokerPasswordFile, caFile } = options;
  return {
    host,
    port,
    clientId,
    maxPayloadBytes: MAX_REPLY_BYTES,
    ...(webSocketPath === undefined ? {} : { webSocket: { path: webSocketPath } }),
    ...(brokerUser === undefined ? {} : { user: brokerUser }),
    ...(brokerPasswordFile === undefined ? {} : { password: await secretFrom(brokerPasswordFile, environment) }),
    ...(secure ? { tls: caFile === undefined ? {} : { ca: await textFrom(caFile, environment) } } : {}),
  };
}

function addressOf(broker: string): BrokerAddress {
  const address = parseBroker(broker, { proxied: false });
  if ("wrong" in address) throw new CliError(`"${shownUrl(broker)}" ${address.wrong}`, EXIT.usage, `Expected ${address.wanted}.`);
  return address;
}

/** Without what may be a password. */
function shownUrl(text: string): string {
  return text.replace(/\/\/[^/@]*@/, "//***@");
}

function unreached(broker: string, fault: Fault): CliError {
  return fault.kind === "denied"
    ? new CliError(`The broker "${broker}" turned us away`, EXIT.notAllowed, "Look at --broker-user and --broker-password-file.")
    : new CliError(
        `Cannot reach the broker "${broker}": ${showFault(fault)}`,
        EXIT.daemonAway,
        "Look at --broker, and at --ca-file where its certificate is of an authority of its own.",
      );
}

function notHeard(broker: string): CliError {
  return new CliError(`The broker "${broker}" does not let you hear the answers`, EXIT.notAllowed, "Ask who keeps the broker's rights.");
}

function notTaken(site: SiteId, fault: Fault): CliError {
  return new CliError(
    `The broker takes no command for site "${site}": ${showFault(fault)}`,
    EXIT.notAllowed,
    "Ask who keeps the broker's rights.",
  );
}

function silent(site: SiteId, name: string): CliError {
  return new CliError(
    `Site "${site}" does not answer "${name}"`,
    EXIT.daemonAway,
    "Look at --site, and whether its agent is online. A command that arrives within 5 minutes is still done.",
  );
}

function unfinished(site: SiteId, name: string): CliError {
  return new CliError(
    `Site "${site}" accepted "${name}" and has not finished it`,
    EXIT.daemonAway,
    "It may still go on: look at the state before giving it again.",
  );
}
