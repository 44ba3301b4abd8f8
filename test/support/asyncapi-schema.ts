/**
 * The parts of AsyncAPI 3.0.0 that our document uses, as JSON Schema: anything else in it is an error. Source: AsyncAPI 3.0.0
 * specification; MQTT operation binding 0.2.0.
 */
const text = { type: "string", minLength: 1 } as const;
const KEY = "^[A-Za-z0-9_\\-.]+$";
const reference = {
  type: "object",
  required: ["$ref"],
  properties: { $ref: { type: "string", pattern: "^#/" } },
  additionalProperties: false,
} as const;
const mapOf = (schema: object) => ({ type: "object", minProperties: 1, propertyNames: { pattern: KEY }, additionalProperties: schema });
const closed = (required: readonly string[], properties: Readonly<Record<string, object>>) => ({
  type: "object",
  required,
  properties,
  additionalProperties: false,
});

const server = closed(["host", "protocol"], {
  host: text,
  protocol: { enum: ["mqtt", "secure-mqtt", "ws", "wss"] },
  protocolVersion: text,
  description: text,
  security: { type: "array", items: reference },
});
const channel = closed(["address", "messages"], {
  address: { type: "string", pattern: "^[a-z0-9/{}._-]+$" },
  title: text,
  messages: mapOf(reference),
  parameters: { ...mapOf(closed([], { description: text })), minProperties: 0 },
});
const mqttOperation = closed(["qos", "retain"], {
  qos: { enum: [0, 1, 2] },
  retain: { type: "boolean" },
  bindingVersion: { const: "0.2.0" },
});
const operation = closed(["action", "channel"], {
  action: { enum: ["send", "receive"] },
  channel: reference,
  title: text,
  messages: { type: "array", minItems: 1, items: reference },
  bindings: closed(["mqtt"], { mqtt: mqttOperation }),
  reply: closed([], {
    channel: reference,
    address: closed(["location"], { location: { type: "string", pattern: "^\\$message\\.(header|payload)#/" }, description: text }),
  }),
});
const message = closed(["name", "contentType", "payload"], {
  name: text,
  title: text,
  summary: text,
  contentType: { type: "string", pattern: "^[a-z]+/[a-z0-9.+-]+$" },
  payload: closed(["schemaFormat", "schema"], {
    schemaFormat: { const: "application/schema+json;version=draft-07" },
    schema: { type: "object" },
  }),
  examples: { type: "array", items: closed(["payload"], { name: text, payload: {} }) },
});

export const asyncApiSchema = closed(["asyncapi", "info"], {
  asyncapi: { const: "3.0.0" },
  id: { type: "string", pattern: "^urn:" },
  info: closed(["title", "version"], { title: text, version: text, description: text, license: closed(["name"], { name: text }) }),
  defaultContentType: text,
  servers: mapOf(server),
  channels: mapOf(channel),
  operations: mapOf(operation),
  components: closed([], {
    messages: mapOf(message),
    securitySchemes: mapOf(closed(["type"], { type: { enum: ["userPassword", "X509"] }, description: text })),
  }),
});
