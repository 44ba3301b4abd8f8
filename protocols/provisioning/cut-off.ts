/**
 * Ends a connection so that what the kernel still holds of it does not leave either.
 */
import type { Socket } from "node:net";

/**
 * Resets it, whatever it is doing. Where all was handed over and its orderly end has begun, as soon as that is done: the kernel takes
 * no reset in between, and node would then keep the connection for ever and never say that it has ended.
 */
export function cutOff(socket: Socket): void {
  const isEnding = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  // Before whoever waits for the same to close it in peace.
  if (isEnding) socket.prependOnceListener("finish", () => void socket.resetAndDestroy());
  else socket.resetAndDestroy();
}
