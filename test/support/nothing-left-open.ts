/**
 * Runs for each test file: when its last test has ended, nobody listens any more and no child is left. Files share a process, so
 * what one of them leaves open runs beside all that come after it, and takes their time.
 */
import { afterAll, expect, vi } from "vitest";

const LISTENS_OR_LIVES: ReadonlySet<string> = new Set(["TCPServerWrap", "UDPWrap", "ProcessWrap"]);
/** Real milliseconds: what was told to close or to end may take its time on a busy machine. */
const PATIENCE_MS = 20_000;

const leftOpen = (): string[] => process.getActiveResourcesInfo().filter((kind) => LISTENS_OR_LIVES.has(kind));

afterAll(() => vi.waitFor(() => expect(leftOpen(), "left open by this file").toEqual([]), { timeout: PATIENCE_MS, interval: 20 }));
