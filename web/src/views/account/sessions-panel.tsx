import { type ReactElement, useEffect } from "react";
import { SessionsModel } from "../../state/sessions";
import { useApp, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { SessionList } from "./session-list";

export function SessionsPanel(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new SessionsModel(client));
  const { data, error } = useStore(model.list);
  const { error: refused } = useStore(model.acting);
  useEffect(() => void model.list.reload(), [model]);
  const others = (data?.items.length ?? 0) > 1;
  return (
    <Panel title={t("sessions.title")}>
      <p className="muted">{t("sessions.text")}</p>
      <ErrorNotice error={error ?? refused} onRetry={() => void model.list.reload()} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data !== null && (
        <SessionList
          label={t("sessions.title")}
          rows={data.items}
          here={data.this}
          action={(row, name) => (
            <Button size="small" aria-label={t("sessions.end.of", { name })} onPress={() => void model.end(row.id)}>
              {t("sessions.end")}
            </Button>
          )}
        />
      )}
      <div className="row row--end">
        <Ask
          trigger={
            <Button look="danger" isDisabled={!others}>
              {t("sessions.endOthers")}
            </Button>
          }
          title={t("sessions.endOthers")}
          text={t("sessions.endOthers.text")}
          confirm={t("sessions.endOthers")}
          action={model.acting}
          onConfirm={model.endOthers}
        />
      </div>
    </Panel>
  );
}
