/**
 * The contract as documents: an AsyncAPI description and a JSON Schema of each payload, made from the list of messages and
 * nothing else. Source: AsyncAPI 3.0.0; its MQTT bindings 0.2.0.
 */
import * as z from "zod";
import { MESSAGES, type MessageKind, type PayloadForm } from "./messages.ts";
import { CONTRACT_VERSION } from "./snapshots.ts";

type JsonObject = { readonly [key: string]: unknown };

/** Source: RFC 7515, 9.2.1 (JOSE); CloudEvents 1.0.2 JSON format, 3; RFC 6713 (zlib). */
const CONTENT_TYPES: Readonly<Record<PayloadForm, string>> = {
  text: "text/plain",
  json: "application/json",
  deflate: "application/zlib",
  jws: "application/jose",
};

const FORMS: Readonly<Record<PayloadForm, string>> = {
  text: "A plain word.",
  json: "JSON.",
  deflate: "JSON in a zlib stream; where that would be longer, the JSON itself. A zlib stream begins with the byte 0x78, JSON with `{`.",
  jws: "A compact JWS (EdDSA, Ed25519). The schema is that of the JSON inside.",
};

const PARAMETERS: Readonly<Record<string, string>> = {
  site: "Id of the site; also its user name at the broker.",
  device: "Id of a device, as in every message about it.",
  campaign: "Id of a campaign.",
  ticket: "Key of a ticket: what the desk knows it by.",
  client: "A name the asking client chose: letters, digits, dot, dash, underscore.",
  id: "The `jti` of the command.",
};

/** A name that may stand in a `$ref`: `event/device.found` becomes `event.device.found`. */
export function keyOf(kind: MessageKind): string {
  return kind.name.replaceAll("/", ".");
}

export function contentTypeOf(kind: MessageKind): string {
  return kind.name.startsWith("event/") ? "application/cloudevents+json" : CONTENT_TYPES[kind.form];
}

/**
 * What a payload holds, as JSON Schema draft 7. What the site sends may gain fields without a new contract version, so
 * readers are not told to refuse them; what it is sent is refused with anything more.
 */
export function payloadSchema({ schema, from }: MessageKind): JsonObject {
  const made = z.toJSONSchema(schema, {
    target: "draft-7",
    io: from === "desk" ? "input" : "output",
    override({ jsonSchema }) {
      if (from === "site" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  const { $schema, ...rest } = made;
  return rest;
}

/** One payload's schema as a file of its own. */
export function payloadDocument(kind: MessageKind): JsonObject {
  return { $schema: "http://json-schema.org/draft-07/schema#", title: kind.title, ...payloadSchema(kind) };
}

export function asyncApi(): JsonObject {
  return {
    asyncapi: "3.0.0",
    id: "urn:groundswell:agent",
    info: {
      title: "Groundswell site agent",
      version: `${CONTRACT_VERSION}.0.0`,
      description:
        "What the agent of one site sends to and takes from its broker. `send` and `receive` are said from the agent's side. See docs/mqtt.md for how to use it.",
      license: { name: "Apache-2.0" },
    },
    defaultContentType: "application/json",
    servers: {
      broker: {
        host: "broker.example.net:8883",
        protocol: "secure-mqtt",
        protocolVersion: "5.0",
        description: "MQTT 5, or 3.1.1 where the broker knows no more. Always TLS; also within a WebSocket.",
        security: [{ $ref: "#/components/securitySchemes/certificate" }, { $ref: "#/components/securitySchemes/password" }],
      },
    },
    channels: Object.fromEntries(MESSAGES.map((kind) => [keyOf(kind), channelOf(kind)])),
    operations: Object.fromEntries(MESSAGES.map((kind) => [keyOf(kind), operationOf(kind)])),
    components: {
      messages: Object.fromEntries(MESSAGES.map((kind) => [keyOf(kind), messageOf(kind)])),
      securitySchemes: {
        certificate: { type: "X509", description: "A client certificate whose subject's CN is the site's id." },
        password: { type: "userPassword", description: "The site's id and its password." },
      },
    },
  };
}

function channelOf(kind: MessageKind): JsonObject {
  const key = keyOf(kind);
  const names = [...kind.topic.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return {
    address: kind.topic,
    title: kind.title,
    messages: { [key]: { $ref: `#/components/messages/${key}` } },
    parameters: Object.fromEntries(names.map((name) => [name, { description: PARAMETERS[name] ?? name }])),
  };
}

function operationOf(kind: MessageKind): JsonObject {
  const key = keyOf(kind);
  const reply = {
    address: { location: "$message.payload#/reply", description: "Or the response topic of MQTT 5. Only below the site's own `reply/`." },
    channel: { $ref: "#/channels/reply" },
  };
  return {
    action: kind.from === "site" ? "send" : "receive",
    channel: { $ref: `#/channels/${key}` },
    title: kind.title,
    messages: [{ $ref: `#/channels/${key}/messages/${key}` }],
    bindings: { mqtt: { qos: 1, retain: kind.retained, bindingVersion: "0.2.0" } },
    ...(kind.form === "jws" && kind.from === "desk" ? { reply } : {}),
  };
}

function messageOf(kind: MessageKind): JsonObject {
  return {
    name: kind.name,
    title: kind.title,
    summary: FORMS[kind.form],
    contentType: contentTypeOf(kind),
    payload: { schemaFormat: "application/schema+json;version=draft-07", schema: payloadSchema(kind) },
    examples: [{ name: kind.name, payload: kind.decode(Buffer.from(kind.example().payload)) }],
  };
}
