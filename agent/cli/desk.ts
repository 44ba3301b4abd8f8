/**
 * A technician's desk: signed commands to one site over a broker, and the answers to them.
 */
import type { SiteId } from "../../protocols/core/ids.ts";
import { systemRandom } from "../../protocols/core/random.ts";
import { type Clock, SECOND } from "../../protocols/core/time.ts";
import { createMqttClient } from "../../protocols/mqtt/client.ts";
import type { IncomingMessage, MqttClient, MqttOptions } from "../../protocols/mqtt/link.ts";
import { commandTopic, replyFilter, replyTopic } from "../../protocols/mqtt/topics.ts";
import { digestOf, MAX_REPLY_BYTES, openJws, REPLY_TYPE } from "../commands/jws.ts";
import type { SigningKey } from "../commands/keys.ts";
import { makeUlid } from "../commands/ulid.ts";
import { type Answer, answerSchema } from "./ask-local.ts";
import { CliError, type CliIo, type GlobalOptions } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import { secretFrom, textFrom } from "./files.ts";
import { signCommand } from "./sign.ts";

export interface DeskInput {
  /** `mqtts://host:port`, or `mqtt://` on loopback. */
  readonly broker: string;
  readonly site: SiteId;
  readonly key: SigningKey;
  readonly options: Pick<GlobalOptions, "caFile" | "brokerUser" | "brokerPasswordFile">;
}

export interface DeskIo extends Pick<CliIo, "environment" | "stop"> {
  /** The agent's: it stamps the commands. Time-outs are real. */
  readonly clock: Clock;
  /** What is worth saying while an answer is waited for. */
  note(text: string): void;
}

export interface Desk {
  /** The last answer: `done`, `failed` or `rejected`. @throws CliError with exit code 75 where none comes */
  ask(name: string, args: Readonly<Record<string, unknown>>): Promise<Answer>;
  close(): Promise<void>;
}

/** Real milliseconds. */
const ONLINE_MS = 15 * SECOND;
const FIRST_ANSWER_MS = 20 * SECOND;
const LAST_ANSWER_MS = 120 * SECOND;

const DEFAULT_PORT: Readonly<Record<string, number>> = { "mqtt:": 1883, "mqtts:": 8883 };

/** Connects and listens for its answers. @throws CliError where the broker does not take us */
export async function openDesk(input: DeskInput, io: DeskIo): Promise<Desk> {
  const random = systemRandom();
  const client = `desk-${random.hex(8)}`;
  const waiting = new Map<string, (answer: Answer) => void>();
  const mqtt = createMqttClient(await mqttOptions(input, client, io), { clock: io.clock, random });
  const filter = replyFilter(input.site, client);
  if (filter !== undefined) mqtt.subscribe(filter, (message) => take(message, waiting));
  await online(mqtt, input.broker, io.stop).catch(async (error: unknown) => {
    await mqtt.close();
    throw error;
  });
  return {
    async ask(name, args) {
      const id = makeUlid(io.clock.nowMs(), random);
      const reply = replyTopic(input.site, client, id);
      const command = { id, site: input.site, name, args, atMs: io.clock.nowMs(), ...(reply === undefined ? {} : { reply }) };
      const token = await signCommand(command, input.key);
      const answers = collect(digestOf(token), waiting);
      try {
        const sent = await mqtt.publish({ topic: commandTopic(input.site), payload: token });
        if (!sent.ok) throw noAnswer(input, `the broker did not take the command (${sent.fault.kind})`);
        return await lastOf(answers, input, io);
      } finally {
        waiting.delete(digestOf(token));
      }
    },
    close: () => mqtt.close(),
  };
}

async function mqttOptions(input: DeskInput, clientId: string, io: DeskIo): Promise<MqttOptions> {
  const url = URL.canParse(input.broker) ? new URL(input.broker) : undefined;
  const port = url === undefined ? undefined : DEFAULT_PORT[url.protocol];
  if (url === undefined || port === undefined) {
    throw new CliError(`"${input.broker}" is not a broker: expected mqtts://HOST[:PORT]`, EXIT.usage);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (url.protocol === "mqtt:" && !/^(localhost|::1|127(?:\.\d{1,3}){3})$/.test(host)) {
    throw new CliError(`"${input.broker}" is not encrypted`, EXIT.usage, "Off this machine only mqtts:// is spoken.");
  }
  const { caFile, brokerUser, brokerPasswordFile } = input.options;
  const ca = caFile === undefined ? undefined : await textFrom(caFile, io.environment);
  const password = brokerPasswordFile === undefined ? undefined : await secretFrom(brokerPasswordFile, io.environment);
  return {
    host,
    port: url.port === "" ? port : Number(url.port),
    clientId,
    maxPayloadBytes: MAX_REPLY_BYTES,
    ...(brokerUser === undefined ? {} : { user: brokerUser }),
    ...(password === undefined ? {} : { password }),
    ...(url.protocol === "mqtts:" ? { tls: ca === undefined ? {} : { ca } } : {}),
  };
}

async function online(mqtt: MqttClient, broker: string, stop: AbortSignal): Promise<void> {
  try {
    await mqtt.online(AbortSignal.any([stop, AbortSignal.timeout(ONLINE_MS)]));
  } catch {
    const { state } = mqtt;
    const why = state.at === "waiting" ? `: ${state.fault.kind}` : "";
    throw new CliError(
      `The broker "${broker}" cannot be reached${why}`,
      EXIT.daemonAway,
      "Look at its address, the user and the authority.",
    );
  }
}

/** Answers to one command, in their order; the last one is not `accepted`. */
interface Answers {
  readonly first: Promise<Answer>;
  readonly last: Promise<Answer>;
}

function collect(digest: string, waiting: Map<string, (answer: Answer) => void>): Answers {
  const first = Promise.withResolvers<Answer>();
  const last = Promise.withResolvers<Answer>();
  waiting.set(digest, (answer) => {
    first.resolve(answer);
    if (answer.status !== "accepted") last.resolve(answer);
  });
  return { first: first.promise, last: last.promise };
}

/** An answer counts only where it names a question of ours by the digest of its text. */
function take(message: IncomingMessage, waiting: ReadonlyMap<string, (answer: Answer) => void>): void {
  const opened = openJws(message.payload.toString("latin1"), REPLY_TYPE, MAX_REPLY_BYTES);
  if (typeof opened === "string") return;
  const parsed = answerSchema.safeParse(opened.payload);
  const { request } = opened.payload as { readonly request?: unknown };
  if (parsed.success && typeof request === "string") waiting.get(request)?.(parsed.data);
}

async function lastOf(answers: Answers, input: DeskInput, io: DeskIo): Promise<Answer> {
  const first = await within(answers.first, FIRST_ANSWER_MS, io.stop);
  if (first === undefined) throw noAnswer(input, `nothing came back in ${FIRST_ANSWER_MS / SECOND} s`);
  if (first.status === "accepted") io.note("accepted; waiting for the end");
  const last = await within(answers.last, LAST_ANSWER_MS, io.stop);
  if (last === undefined) throw noAnswer(input, `it was accepted, but not ended in ${LAST_ANSWER_MS / SECOND} s`);
  return last;
}

function noAnswer({ site }: DeskInput, why: string): CliError {
  return new CliError(
    `No answer from the site "${site}": ${why}`,
    EXIT.later,
    'The command may have been carried out: look at "groundswell campaign status" before giving it again.',
  );
}

async function within<T>(promise: Promise<T>, realMs: number, stop: AbortSignal): Promise<T | undefined> {
  const limit = AbortSignal.any([stop, AbortSignal.timeout(realMs)]);
  const over = new Promise<undefined>((resolve) => {
    if (limit.aborted) resolve(undefined);
    limit.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  return await Promise.race([promise, over]);
}
