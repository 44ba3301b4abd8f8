import { expect, test } from "vitest";
import type { Subject } from "../../../agent/commands/authorise.ts";
import { askSecondVoice, VOICE_COUNTS_FOR_MS } from "../../../agent/commands/second-voice.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const person = (name: string, kid = `key-${name}`): Subject => ({ person: name, name, role: "approver", kid });
const TRUST = { verb: "device.trust", subject: "d-1" } as const;

function bench() {
  const store = temporaryStore();
  const time = { nowMs: T0 };
  return {
    store,
    time,
    ask: (who: Subject, what: Parameters<typeof askSecondVoice>[0] = TRUST) =>
      askSecondVoice(what, who, { store, nowMs: () => time.nowMs }),
  };
}

test("askSecondVoice(): the first is noted and refused, the second passes, and the next time needs two again", () => {
  const { ask, store } = bench();
  expect(ask(person("anna"))).toMatchObject({ code: "needsSecondPerson", message: expect.stringContaining("another person") });
  expect(ask(person("doe"))).toBeUndefined();
  expect(store.audit.list({ limit: 5 }).at(-1)).toMatchObject({
    action: "device.trust:secondVoice",
    actor: "doe/key-doe",
    detail: { first: "anna/key-anna" },
  });
  expect(ask(person("doe"))).toMatchObject({ code: "needsSecondPerson" });
});

test("askSecondVoice(): the same person with another key, and another person with the same key, are one voice", () => {
  const { ask } = bench();
  expect(ask(person("anna"))).toBeDefined();
  expect(ask(person("anna", "key-other"))).toBeDefined();
  expect(ask(person("doe", "key-other"))).toBeDefined();
});

test("askSecondVoice(): a voice counts for an hour, and for its own device only", () => {
  const { ask, time } = bench();
  expect(ask(person("anna"))).toBeDefined();
  expect(ask(person("doe"), { ...TRUST, subject: "d-2" })).toBeDefined();
  time.nowMs = T0 + VOICE_COUNTS_FOR_MS + 1;
  expect(ask(person("doe"))).toBeDefined();
  time.nowMs += VOICE_COUNTS_FOR_MS;
  expect(ask(person("anna"))).toBeUndefined();
});

test("askSecondVoice(): other commands, and devices that do not exist, need none", () => {
  const { ask, store } = bench();
  expect(ask(person("anna"), { verb: "campaign.halt", subject: "d-1" })).toBeUndefined();
  expect(ask(person("anna"), { verb: "device.trust", subject: undefined })).toBeUndefined();
  expect(store.voices.of("device.trust", "d-1")).toEqual([]);
});
