/**
 * Every device of a site of 10,000 is found, each once, over two passes: recall and precision against the site's own list.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { against, finder, twoPasses } from "../test/support/two-passes.ts";
import { absoluteRow, type Row } from "./figure.ts";

const DEVICES = 10_000;

export async function bench(say: (text: string) => void): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "groundswell-once-"));
  const passes = await twoPasses({ devices: DEVICES, mix: "usual", folder, say });
  try {
    const { running, odd, moved } = passes;
    say(`${running.site.devices.length} devices, ${odd.size} of them wired oddly, ${moved.length} moved between the passes`);
    return (["firstPass", "secondPass"] as const).flatMap((which) => {
      const rows = passes[which];
      const { missing, extra } = against(running, rows);
      for (const one of missing.slice(0, 10)) say(`${which}: not known exactly once: ${one}`);
      for (const one of extra.slice(0, 10)) say(`${which}: no device of the site: ${one}`);
      const rowsOf = finder(rows);
      const known = running.site.devices.filter((device) => rowsOf(device).length === 1).length;
      return [
        absoluteRow({ figure: `${which}: recall, of ${running.site.devices.length}`, atLeast: 1 }, [known / running.site.devices.length]),
        absoluteRow({ figure: `${which}: precision`, atLeast: 1 }, [known / (known + extra.length + missing.length)]),
      ];
    });
  } finally {
    await passes.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
