import type { ReactElement } from "react";
import type { Campaign } from "../../api/types";
import { useWords } from "../../ui/app-context";
import { Badge, type Tone } from "../../ui/parts";

const TONES: Readonly<Record<Campaign["state"], Tone>> = {
  draft: "plain", running: "good", paused: "warn", draining: "info", stopped: "plain",
};

export function CampaignState({ state }: { readonly state: Campaign["state"] }): ReactElement {
  const { t } = useWords();
  return <Badge tone={TONES[state]}>{t(`campaign.state.${state}`)}</Badge>;
}
