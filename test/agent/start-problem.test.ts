import { createSocket } from "node:dgram";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { checkPort, StartProblem } from "../../agent/start-problem.ts";

async function problemOf(setting: string, host: string, port: number): Promise<StartProblem | undefined> {
  try {
    await checkPort(setting, host, port);
  } catch (error) {
    if (error instanceof StartProblem) return error;
    throw error;
  }
  return undefined;
}

test("checkPort(): a free port is no problem, and is free again afterwards", async () => {
  expect(await problemOf("provisioning.port", "127.0.0.1", 0)).toBeUndefined();
});

test("checkPort(): a port that another program has names the setting", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.address() as AddressInfo;
  const problem = await problemOf("provisioning.port", "127.0.0.1", port);
  expect(problem).toMatchObject({ message: `Cannot listen on 127.0.0.1:${port}: another program has the port`, exitCode: 69 });
  expect(problem?.hint).toContain("provisioning.port");
});

test("checkPort(): a port that needs a privilege says so, where the user lacks it", async () => {
  const problem = await problemOf("provisioning.port", "127.0.0.1", 81);
  // Whether it is allowed is the machine's choice; a refusal is told as one.
  if (problem !== undefined) expect(problem.exitCode).toBe(77);
});

test("checkPort(): a UDP port that another program has names the setting", async () => {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  const { port } = socket.address();
  await expect(checkPort("listeners.traps.port", "127.0.0.1", port, "udp")).rejects.toMatchObject({
    message: `Cannot listen on 127.0.0.1:${port}: another program has the port`,
    hint: expect.stringContaining("listeners.traps.port"),
  });
});
