/** What the gates said of a wave, for people. */
import type { CampaignAnswer } from "./campaign-results.ts";
import { renderTable } from "./output.ts";

type Judged = NonNullable<CampaignAnswer["waves"][number]["judged"]>;
type Gate = Judged["gates"][number];

/** The gates of the newest wave they were asked about; empty where they were not asked yet. */
export function gatesText(waves: CampaignAnswer["waves"], when: (iso: string) => string): string {
  const wave = waves.findLast(({ judged }) => judged !== undefined && judged !== null);
  if (wave?.judged === undefined || wave.judged === null) return "";
  const table = renderTable<Gate>(
    [
      { title: "GATE", of: ({ gate }) => gate },
      { title: "SAYS", of: ({ verdict }) => verdict },
      { title: "WHY", of: ({ why }) => why },
      { title: "NOTE", of: noteOf },
    ],
    wave.judged.gates,
  );
  return `Gates of wave ${wave.index}, asked ${when(wave.judged.at)}\n${table}`;
}

function noteOf({ acceptedBy, reportsOnly }: Gate): string {
  if (reportsOnly === true) return "only reports";
  return acceptedBy === undefined || acceptedBy === null ? "" : `accepted by ${acceptedBy}`;
}
