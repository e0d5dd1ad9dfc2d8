import { type ReactElement, useEffect } from "react";
import type { OwnDay } from "../../api/types";
import { Query } from "../../state/query";
import { useApp, useWords } from "../../ui/app-context";
import { OwnDayFacts } from "../../ui/own-day";
import { ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** Between calls: what the day came to so far. Asked for anew each time the desk is without a call. */
export function MyDay(): ReactElement | null {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new Query<OwnDay>(() => client.get("/agents/me/day")));
  const { data, error } = useStore(model);
  useEffect(() => void model.reload(), [model]);
  if (data === null && error === null) return null;
  return (
    <Panel title={t("own.title")}>
      <ErrorNotice error={error} onRetry={() => void model.reload()} />
      {data !== null && <OwnDayFacts day={data} />}
      <p className="field__hint">{t("own.hint")}</p>
    </Panel>
  );
}
