import type { ReactElement } from "react";
import type { Call, Floor, ListenMode, ListenPurpose } from "../../api/types";
import { isOn } from "../../phone/softphone";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Badge, Button, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useKeys } from "../../ui/use-keys";
import { useStore } from "../../ui/use-store";
import { PhoneTrouble } from "../agent/phone-trouble";

const PURPOSES: readonly ListenPurpose[] = ["coaching", "quality", "complaint", "help"];
const MODES: readonly (readonly [ListenMode, string])[] = [
  ["listen", "L"],
  ["whisper", "F"],
  ["barge", "M"],
  ["take_over", "O"],
];
const STOP = "S";

/** Only who talks with them takes the call over, and from there only the end of it leads on. */
function possible(mode: ListenMode, now: ListenMode): boolean {
  return now !== "take_over" && (mode !== "take_over" || now === "barge");
}

/** In the row of a call: who listens to it, or the way to do so. */
export function ListenCell({ call, agent }: { readonly call: Call; readonly agent: string }): ReactElement | null {
  const { listening } = useApp();
  const { t } = useWords();
  const may = useMay("call.listen");
  const { wish } = useStore(listening);
  if (call.listener !== null) return <Badge tone="info">{t(`listen.by.${call.listener.mode}`, { name: call.listener.name })}</Badge>;
  if (!may || call.state !== "joined") return null;
  return (
    <Ask
      trigger={
        <Button size="small" isDisabled={wish !== null} aria-label={t("listen.start.of", { name: agent })}>
          {t("listen.start")}
        </Button>
      }
      title={t("listen.title", { name: agent })}
      text={t("listen.text", { name: agent })}
      confirm={t("listen.begin")}
      look="primary"
      action={listening.acting}
      choice={{ label: t("listen.purpose"), options: PURPOSES.map((purpose) => ({ id: purpose, label: t(`listen.purpose.${purpose}`) })) }}
      onConfirm={(_, chosen) => {
        listening.begin(call.attempt, chosen as ListenPurpose);
        return Promise.resolve(true);
      }}
    />
  );
}

/** What the supervisor hears now, who hears him, and the keys for it. */
export function ListenPanel({ floor }: { readonly floor: Floor }): ReactElement | null {
  const { listening, ear } = useApp();
  const { t } = useWords();
  const { wish, ended } = useStore(listening);
  const { busy, error } = useStore(listening.acting);
  const { status } = useStore(ear);
  const steer = useMay("floor.steer");
  const listener = wish === null ? null : listening.listener(floor);
  const hears = listener?.hears === true;
  useKeys((key) => {
    if (wish === null) return false;
    if (key === STOP.toLowerCase()) void listening.stop();
    else {
      const mode = MODES.find(([, hotkey]) => hotkey.toLowerCase() === key)?.[0];
      if (mode === undefined || !steer || !hears || busy || !possible(mode, listener.mode)) return false;
      void listening.turn(mode);
    }
    return true;
  });
  if (wish === null)
    return (
      <>
        <ErrorNotice error={error} />
        {ended && (
          <Notice tone="info" live="polite">
            <span>{t("listen.ended")}</span>
            <Button look="quiet" size="small" onPress={listening.read}>
              {t("listen.ended.read")}
            </Button>
          </Notice>
        )}
      </>
    );
  const user = floor.calls.find((call) => call.attempt === wish.attempt)?.agent;
  const name = floor.agents.find((agent) => agent.user === user)?.name ?? t("app.none");
  return (
    <Panel title={t("listen.panel", { name })} tone="accent">
      {!isOn(status) || status === "reconnecting" ? <PhoneTrouble phone={ear} /> : null}
      <p role="status">{t(hears ? `listen.now.${listener.mode}` : listener === null || listener.mode === "listen" ? "listen.telling" : "listen.turning")}</p>
      <ErrorNotice error={error} />
      <div className="row">
        {steer &&
          MODES.map(([mode, hotkey]) => (
            <Button key={mode} look={hears && listener.mode === mode ? "primary" : "secondary"} hotkey={hotkey} isDisabled={!hears || busy} aria-pressed={hears && listener.mode === mode} onPress={() => void listening.turn(mode)}>
              {t(`listen.mode.${mode}`)}
            </Button>
          ))}
        <Button look="danger" icon="hangup" hotkey={STOP} onPress={() => void listening.stop()}>
          {t("listen.stop")}
        </Button>
      </div>
    </Panel>
  );
}
