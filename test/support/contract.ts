/**
 * The generated part of the contract: `docs/asyncapi.yaml`, a JSON Schema of each payload under `docs/schemas`, and the
 * examples in `docs/mqtt.md`. With `--write` it writes them; `npm run schemas` does.
 */
import { createPrivateKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { COMMAND_TYPE, digestOf, REPLY_TYPE, signJws } from "../../agent/commands/jws.ts";
import { type SigningKey, thumbprint } from "../../agent/commands/keys.ts";
import { asyncApi, contentTypeOf, keyOf, payloadDocument } from "../../agent/feed/asyncapi.ts";
import { MESSAGES, type MessageKind } from "../../agent/feed/messages.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const PAGE = join(DOCS, "mqtt.md");
const BEGIN = "<!-- examples: npm run schemas writes from here -->";
const END = "<!-- to here -->";

/** A key everybody knows, so that the signed examples can be checked by anybody. Source: RFC 8037, A.1. */
const PUBLISHED_KEY = { d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };

async function publishedKey(): Promise<SigningKey> {
  const key = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", ...PUBLISHED_KEY }, format: "jwk" });
  return { kid: await thumbprint(PUBLISHED_KEY.x), publicKey: PUBLISHED_KEY.x, key };
}

/** Every generated file, by its path. */
export async function contractFiles(): Promise<ReadonlyMap<string, string>> {
  const note = "# Made by `npm run schemas` from agent/feed/messages.ts: change that, not this.\n";
  const files = new Map<string, string>([
    [join(DOCS, "asyncapi.yaml"), note + stringify(asyncApi(), { aliasDuplicateObjects: false, lineWidth: 120 })],
  ]);
  for (const kind of MESSAGES) {
    files.set(join(DOCS, "schemas", `mqtt-${keyOf(kind)}.schema.json`), `${JSON.stringify(payloadDocument(kind), null, 2)}\n`);
  }
  const page = readFileSync(PAGE, "utf8");
  files.set(PAGE, withExamples(page, await renderExamples(page)));
  return files;
}

function withExamples(page: string, examples: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`docs/mqtt.md has no place for the examples: "${BEGIN}" and "${END}"`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${examples}\n${page.slice(end)}`;
}

async function renderExamples(page: string): Promise<string> {
  const signed = await signedExamples();
  return MESSAGES.map((kind) => renderKind(kind, { token: signed.get(kind.name), page })).join("\n");
}

/** The command of the list with its `iss` as the key has it, and the answer to exactly that token. */
async function signedExamples(): Promise<ReadonlyMap<string, string>> {
  const key = await publishedKey();
  const claims = (name: string): object => JSON.parse(String(MESSAGES.find((kind) => kind.name === name)?.example().payload)) as object;
  const command = await signJws({ ...claims("cmd"), iss: key.kid }, key, COMMAND_TYPE);
  const reply = await signJws({ ...claims("reply"), request: digestOf(command) }, key, REPLY_TYPE);
  return new Map([
    ["cmd", command],
    ["reply", reply],
  ]);
}

const fence = (info: string, text: string): string => `\`\`\`${info}\n${text}\n\`\`\`\n`;
const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

function renderKind(kind: MessageKind, { token = "", page }: { readonly token: string | undefined; readonly page: string }): string {
  const { topic, payload } = kind.example();
  const bytes = Buffer.from(payload);
  const kept = kind.retained ? "retained" : "not retained";
  const about = `${kind.title}. From the ${kind.from}, ${kept}, \`${contentTypeOf(kind)}\`; schema \`schemas/mqtt-${keyOf(kind)}.schema.json\`.\n`;
  return [`### ${kind.name}\n`, about, fence("topic", topic), ...payloadBlocks(kind, { bytes, token, page })].join("\n");
}

function payloadBlocks(
  kind: MessageKind,
  { bytes, token, page }: { readonly bytes: Buffer; readonly token: string; readonly page: string },
): readonly string[] {
  switch (kind.form) {
    case "text":
      return [fence("text", bytes.toString())];
    case "json":
      return [fence("json", pretty(JSON.parse(bytes.toString())))];
    case "deflate": {
      const packed = fence("base64", shownBefore(kind, page, bytes) ?? bytes.toString("base64"));
      return ["In base64 here; the bytes themselves are sent:\n", packed, "Inflated:\n", fence("json", pretty(kind.decode(bytes)))];
    }
    case "jws": {
      const inside = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
      return [fence("jws", token), "Inside:\n", fence("json", pretty(JSON.parse(inside)))];
    }
  }
}

/** Another machine's zlib packs otherwise: what the page has stays where it says the same. */
function shownBefore(kind: MessageKind, page: string, bytes: Buffer): string | undefined {
  const shown = new RegExp(`### ${kind.name}\n[^#]*?\`\`\`base64\n(.*?)\n`).exec(page)?.[1];
  if (shown === undefined) return undefined;
  return pretty(kind.decode(Buffer.from(shown, "base64"))) === pretty(kind.decode(bytes)) ? shown : undefined;
}

if (process.argv.includes("--write")) for (const [path, text] of await contractFiles()) writeFileSync(path, text);
