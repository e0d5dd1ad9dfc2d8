import { type ReactElement, useEffect } from "react";
import type { Agent, OwnDay } from "../../api/types";
import { Query } from "../../state/query";
import { useApp, useWords } from "../../ui/app-context";
import { DialogFrame } from "../../ui/dialog-frame";
import { OwnDayFacts } from "../../ui/own-day";
import { Button, Empty, ErrorNotice } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** For who coaches: one agent's own figures, asked for when they are opened, and in the audit. */
export function AgentDay({ agent: { user, name } }: { readonly agent: Pick<Agent, "user" | "name"> }): ReactElement {
  const { t } = useWords();
  return (
    <DialogFrame
      title={t("own.of", { name })}
      trigger={
        <Button size="small" look="quiet" aria-label={t("own.of", { name })}>
          {t("own.open")}
        </Button>
      }
    >
      {(close) => (
        <>
          <Figures user={user} />
          <div className="row row--end">
            <Button onPress={close}>{t("app.close")}</Button>
          </div>
        </>
      )}
    </DialogFrame>
  );
}

function Figures({ user }: { readonly user: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new Query<OwnDay>(() => client.get("/agents/{user}/day", { path: { user } })));
  const { data, error } = useStore(model);
  useEffect(() => void model.reload(), [model]);
  return (
    <>
      <ErrorNotice error={error} onRetry={() => void model.reload()} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data !== null && <OwnDayFacts day={data} />}
      <p className="field__hint">{t("own.coach")}</p>
    </>
  );
}
