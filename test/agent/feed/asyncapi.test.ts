import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { asyncApi, contentTypeOf, keyOf, payloadSchema } from "../../../agent/feed/asyncapi.ts";
import { MESSAGES } from "../../../agent/feed/messages.ts";
import { asyncApiSchema } from "../../support/asyncapi-schema.ts";
import { contractFiles } from "../../support/contract.ts";

interface Document {
  readonly channels: Readonly<Record<string, { address: string; parameters: object }>>;
  readonly operations: Readonly<Record<string, { action: string }>>;
  readonly components: { messages: Readonly<Record<string, { payload: { schema: object }; examples: { payload: unknown }[] }>> };
}
const document = JSON.parse(JSON.stringify(asyncApi())) as Document;
const validate = new Ajv({ strict: true, allowUnionTypes: true, validateFormats: false }).compile(asyncApiSchema);

const files = await contractFiles();
test.each([...files.keys()].map((path) => [path.slice(path.indexOf("docs/")), path]))(
  "%s is what the code says (npm run schemas)",
  (_name, path) => {
    expect(readFileSync(path, "utf8")).toBe(files.get(path));
  },
);

test("asyncApi(): has the form of AsyncAPI 3.0, as data and as the YAML that is published", () => {
  for (const one of [document, parse([...files].find(([path]) => path.endsWith("asyncapi.yaml"))?.[1] ?? "") as unknown]) {
    expect([validate(one), validate.errors]).toEqual([true, null]);
  }
});

test.each([
  ["no version", (made: Record<string, unknown>) => delete made["asyncapi"]],
  ["an action that does not exist", (made: Document) => Object.assign(made.operations["info"] ?? {}, { action: "publish" })],
  ["a channel without an address", (made: Document) => Object.assign(made.channels["info"] ?? {}, { address: 7 })],
  ["a word that AsyncAPI does not have", (made: Document) => Object.assign(made.channels["info"] ?? {}, { retain: true })],
])("the form: %s is found", (_name, spoil) => {
  const spoilt = structuredClone(document);
  spoil(spoilt as Document & Record<string, unknown>);
  expect(validate(spoilt)).toBe(false);
});

test("asyncApi(): every reference leads somewhere", () => {
  const at = (path: string): unknown =>
    path
      .slice(2)
      .split("/")
      .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name.replaceAll("~1", "/")], document);
  const found: string[] = [];
  JSON.stringify(document, (name, value: unknown) => {
    if (name === "$ref" && typeof value === "string" && !value.startsWith("#/definitions/")) found.push(value);
    return value;
  });
  expect(found.length).toBeGreaterThan(3 * MESSAGES.length);
  for (const reference of found) expect([reference, at(reference)]).not.toEqual([reference, undefined]);
});

test("asyncApi(): each channel names exactly the parts of its address", () => {
  for (const { address, parameters } of Object.values(document.channels)) {
    expect(Object.keys(parameters)).toEqual([...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  }
});

test("asyncApi(): each example is what its own schema takes, and nonsense is not", () => {
  const { messages } = document.components;
  expect(Object.keys(messages)).toEqual(MESSAGES.map(keyOf));
  for (const { payload, examples } of Object.values(messages)) {
    const takes = new Ajv({ strict: false, validateFormats: false }).compile(payload.schema);
    expect([takes(examples[0]?.payload), takes.errors]).toEqual([true, null]);
    expect(takes({ nonsense: 1 })).toBe(false);
  }
});

test("payloadSchema(): a reader need not refuse what is new; a command with anything more is refused", () => {
  const schemaOf = (name: string) => payloadSchema(MESSAGES.find((kind) => kind.name === name) ?? (MESSAGES[0] as (typeof MESSAGES)[0]));
  expect(JSON.stringify(schemaOf("device"))).not.toContain('"additionalProperties":false');
  expect(schemaOf("cmd")).toMatchObject({ additionalProperties: false, required: ["iss", "aud", "iat", "exp", "jti", "cmd"] });
});

test("contentTypeOf(): by what the bytes are", () => {
  const types = new Map(MESSAGES.map((kind) => [kind.name, contentTypeOf(kind)]));
  expect(types.get("state")).toBe("text/plain");
  expect(types.get("health")).toBe("application/zlib");
  expect(types.get("event/device.found")).toBe("application/cloudevents+json");
  expect([types.get("cmd"), types.get("reply")]).toEqual(["application/jose", "application/jose"]);
});
