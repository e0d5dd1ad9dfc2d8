import type { ReactElement } from "react";
import type { Agent } from "../../api/types";
import type { CallModel } from "../../state/call";
import { type RecordingWish, wishes } from "../../state/recording";
import { useWords } from "../../ui/app-context";
import { Badge, Button, ErrorNotice, Panel } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";

/** R: the usual next step (yes, pause, on). T: stop and delete. */
const KEYS: Readonly<Record<RecordingWish, string>> = { agreed: "r", pause: "r", resume: "r", refuse: "t" };

const TONES = { "": "plain", starting: "warn", running: "bad", paused: "warn", refused: "plain", failed: "bad" } as const;

/** After the identity check: may it be recorded? And then how it stands. */
export function RecordingPanel({ call, agent }: { readonly call: CallModel; readonly agent: Agent }): ReactElement | null {
  const { t } = useWords();
  const card = useStore(call.card);
  const identity = useStore(call.identity);
  const { busy, error } = useStore(call.recording.acting);
  const talking = agent.state === "talking";
  const known = card !== null && card.records && identity.result === "match";
  const possible = known ? wishes(agent.recording, talking) : [];
  useKeys((key) => {
    const wish = possible.find((one) => KEYS[one] === key);
    if (wish === undefined || busy) return false;
    void call.recording.wish(wish);
    return true;
  });
  if (!known) return null;
  return (
    <Panel title={t("recording.title")} aside={agent.recording !== "" && <Badge tone={TONES[agent.recording]}>{t(`recording.state.${agent.recording}`)}</Badge>}>
      <div className="stack" aria-live="polite">
        {talking && agent.recording === "" && <p>{t("recording.ask")}</p>}
        {agent.recording === "failed" && <p>{t("recording.failed")}</p>}
        {agent.recording === "refused" && <p>{t("recording.refused")}</p>}
        <ErrorNotice error={error} />
        <div className="row">
          {possible.map((wish) => (
            <Button key={wish} size="small" look={wish === "agreed" ? "primary" : "secondary"} hotkey={KEYS[wish].toUpperCase()} isDisabled={busy} onPress={() => void call.recording.wish(wish)}>
              {t(wish === "refuse" && talking && agent.recording === "" ? "recording.do.no" : `recording.do.${wish}`)}
            </Button>
          ))}
        </div>
      </div>
    </Panel>
  );
}
