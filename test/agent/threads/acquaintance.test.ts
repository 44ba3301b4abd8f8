import { expect, test } from "vitest";
import { SILENT } from "../../../agent/log.ts";
import { createAcquaintance } from "../../../agent/threads/acquaintance.ts";
import type { DepotRequests } from "../../../agent/threads/depot-requests.ts";
import { device, macOf, temporaryStore } from "../../store/temporary.ts";

type Told = DepotRequests["know"]["input"];
const never = new AbortController().signal;

function made() {
  const store = temporaryStore();
  const told: Told[] = [];
  const state = { isDown: false, meanwhile: () => undefined as unknown };
  const depot = {
    async ask(_name: string, input: unknown) {
      if (state.isDown) throw new Error("gone");
      told.push(input as Told);
      state.meanwhile();
      return null as never;
    },
  };
  const acquaintance = createAcquaintance({ store, depot, log: SILENT });
  return { store, told, state, acquaintance, turn: () => acquaintance.turn(never) };
}

test("turn(): all that are in our care at first, then what changed, and nothing where nothing did", async () => {
  const { store, told, turn } = made();
  store.devices.save(device(1, { adopted: true }));
  store.devices.save(device(2, { adopted: false }));
  await turn();
  await turn();
  store.devices.save(device(1, { adopted: false }));
  store.devices.save(device(2, { adopted: true }));
  await turn();
  expect(told).toEqual([
    { macs: [macOf(1)], gone: [], whole: true },
    { macs: [macOf(2)], gone: [macOf(1)], whole: false },
  ]);
});

test("turn(): an empty site is told too, so that nobody is known for want of news", async () => {
  const { told, turn } = made();
  await turn();
  expect(told).toEqual([{ macs: [], gone: [], whole: true }]);
});

test("forget(): all of it is told again, also where the depot ended while it was told", async () => {
  const { store, told, state, acquaintance, turn } = made();
  store.devices.save(device(1, { adopted: true }));
  await turn();
  state.meanwhile = () => acquaintance.forget();
  acquaintance.forget();
  await turn();
  state.meanwhile = () => undefined;
  await turn();
  await turn();
  expect(told.map(({ macs, whole }) => [macs.length, whole])).toEqual([
    [1, true],
    [1, true],
    [1, true],
  ]);
});

test("turn(): what could not be told is told the next time", async () => {
  const { store, told, state, turn } = made();
  await turn();
  store.devices.save(device(1, { adopted: true }));
  state.isDown = true;
  await expect(turn()).rejects.toThrow("gone");
  state.isDown = false;
  await turn();
  expect(told.at(-1)).toEqual({ macs: [macOf(1)], gone: [], whole: false });
});
