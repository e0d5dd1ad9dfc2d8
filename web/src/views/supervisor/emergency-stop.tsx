import { type ReactElement, useEffect } from "react";
import { dateTime } from "../../domain/dates";
import { EmergencyModel } from "../../state/emergency";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Button, Notice } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** The button in the head of the floor: asked once, then all ringing ends. */
export function StopButton({ stopped }: { readonly stopped: boolean }): ReactElement | null {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new EmergencyModel(client));
  if (!useMay("campaign.run") || stopped) return null;
  return (
    <Ask
      trigger={<Button look="danger">{t("floor.stop")}</Button>}
      title={t("floor.stop")}
      text={t("floor.stop.ask")}
      confirm={t("floor.stop")}
      action={model.hand}
      field={{ label: t("floor.stop.reason"), hint: t("floor.stop.reason.hint"), min: 0 }}
      onConfirm={async (reason) => model.set(reason)}
    />
  );
}

/** What stands above the floor while a stop stands: since when, by whom, why, and how it is lifted. */
export function StopNotice(): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new EmergencyModel(client));
  const { data } = useStore(model.stop);
  useEffect(() => void model.stop.reload(), [model]);
  const may = useMay("campaign.run");
  return (
    <Notice tone="bad" live="assertive">
      <div className="stack">
        <strong>{t("floor.stop.stands")}</strong>
        {data !== null && (
          <span>
            {t("floor.stop.since", { time: dateTime(data.at, locale), name: data.name === "" ? t("floor.stop.byShell") : data.name })} {data.reason}
          </span>
        )}
        {may && (
          <div className="row">
            <Ask
              trigger={<Button>{t("floor.stop.lift")}</Button>}
              title={t("floor.stop.lift")}
              text={t("floor.stop.lift.ask")}
              confirm={t("floor.stop.lift")}
              look="primary"
              action={model.hand}
              onConfirm={async () => model.lift()}
            />
          </div>
        )}
      </div>
    </Notice>
  );
}
