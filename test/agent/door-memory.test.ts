import { expect, test } from "vitest";
import { makeKey } from "../../agent/commands/keys.ts";
import { createDoorMemory } from "../../agent/door-memory.ts";
import { type Credential, Secret } from "../../protocols/core/secret.ts";
import { manualClock } from "../../protocols/core/time.ts";
import { T0, temporaryStore } from "../store/temporary.ts";

const MAC = "64167faabbcc";
const password = (text: string): Credential => ({ kind: "password", id: "phones", user: "Polycom", password: new Secret(text) });
const refusal = (count: number) => ({ kind: "refusal", row: { device: MAC, credentialId: "phones", count } }) as const;
const pin = (fingerprint: string) => ({ kind: "pin", row: { device: MAC, via: "ssh", fingerprint } }) as const;

async function bench() {
  const store = temporaryStore();
  const key = await makeKey();
  return {
    store,
    memory: (text = "secret-one") => createDoorMemory({ store, credentials: [password(text)], key, clock: manualClock(T0) }),
  };
}

test("createDoorMemory(): a restart recalls what was learnt, the first pin and the last count", async () => {
  const { memory } = await bench();
  for (const learnt of [pin("SHA256:one"), pin("SHA256:two"), refusal(1), refusal(2)]) memory().note(learnt);
  expect(memory().recall()).toEqual({ pins: [pin("SHA256:one").row], refusals: [refusal(2).row] });
});

test("createDoorMemory(): a log-in that worked ends the count", async () => {
  const { memory } = await bench();
  for (const learnt of [refusal(1), refusal(0)]) memory().note(learnt);
  expect(memory().recall().refusals).toEqual([]);
});

test("createDoorMemory(): a changed secret may be tried again; a credential that is gone is not recalled", async () => {
  const { memory, store } = await bench();
  memory().note(refusal(2));
  expect(memory("secret-two").recall().refusals).toEqual([]);
  store.credentials.saveRefusal({ device: MAC, credentialId: "gone", fingerprint: "0000", count: 2, atMs: T0 });
  expect(memory().recall().refusals).toEqual([refusal(2).row]);
});

test("createDoorMemory(): what is on disk tells too little of a secret to guess it", async () => {
  const { memory, store } = await bench();
  memory().note(refusal(1));
  expect(store.credentials.refusals()[0]?.fingerprint).toMatch(/^[0-9a-f]{4}$/);
});

test("forget(): pins and counts of one device go, and the pins are told", async () => {
  const { memory } = await bench();
  for (const learnt of [pin("SHA256:one"), refusal(2)]) memory().note(learnt);
  expect(memory().forget(MAC)).toMatchObject([pin("SHA256:one").row]);
  expect(memory().recall()).toEqual({ pins: [], refusals: [] });
});
