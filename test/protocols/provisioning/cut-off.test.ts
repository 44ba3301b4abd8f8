import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { cutOff } from "../../../protocols/provisioning/cut-off.ts";

/** Both ends of a connection, and how the far one ended. */
async function pair(): Promise<{ readonly near: Socket; readonly ended: Promise<string> }> {
  const server = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const far = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [near] = (await once(server, "connection")) as [Socket];
  onTestFinished(() => {
    far.destroy();
    near.destroy();
    server.close();
  });
  const ended = new Promise<string>((resolve) => {
    far.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    far.once("end", () => resolve("orderly end"));
  });
  far.resume();
  return { near, ended };
}

test.each<[string, (near: Socket) => void]>([
  ["that is quiet", () => undefined],
  ["that has more to send than the other takes", (near) => void near.write(Buffer.alloc(32 * 1024 * 1024))],
  ["that waits for all it has to send before its end", (near) => void near.end(Buffer.alloc(32 * 1024 * 1024))],
])("cutOff(): a connection %s is reset", async (_what, before) => {
  const { near, ended } = await pair();
  before(near);
  const closed = once(near, "close");
  cutOff(near);
  await closed;
  expect(await ended).toBe("ECONNRESET");
});

test("cutOff(): a connection in the middle of its orderly end is closed, and says so", async () => {
  const { near, ended } = await pair();
  const failed: Error[] = [];
  near.on("error", (error) => failed.push(error));
  near.destroySoon();
  expect([near.writableEnded, near.writableFinished]).toEqual([true, false]);
  const closed = once(near, "close");
  cutOff(near);
  await closed;
  // Nothing was under way: either is the end of it.
  expect(["ECONNRESET", "orderly end"]).toContain(await ended);
  expect(failed).toEqual([]);
});

test("cutOff(): one that has ended is left alone", async () => {
  const { near } = await pair();
  const closed = once(near, "close");
  near.destroy();
  await closed;
  cutOff(near);
  expect(near.destroyed).toBe(true);
});
