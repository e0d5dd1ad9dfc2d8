import { type ReactElement, useEffect } from "react";
import type { Arrival } from "../../api/types";
import { dateTime } from "../../domain/dates";
import type { MessageKey } from "../../i18n";
import { ArrivalsModel } from "../../state/sources";
import { useApp, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Badge, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

const REASONS: Readonly<Record<string, MessageKey>> = {
  "mostly-refused": "arrivals.reason.mostly-refused",
  "too-large": "arrivals.reason.too-large",
  empty: "arrivals.reason.empty",
  "no-mapping": "arrivals.reason.no-mapping",
};
const TONES = { taken: "good", repeated: "plain", quarantined: "bad" } as const;

/** Files that were fetched, the newest first; nothing where nothing ever was. */
export function ArrivalsPanel(): ReactElement | null {
  const { client } = useApp();
  const { t, locale } = useWords();
  const model = useModel(() => new ArrivalsModel(client));
  const { data, error } = useStore(model.list);
  useEffect(() => void model.list.reload(), [model]);
  if (error === null && (data === null || data.length === 0)) return null;
  const state = ({ state: what, reason }: Arrival): string =>
    what === "quarantined" ? t("arrivals.state.quarantined", { reason: t(REASONS[reason] ?? "arrivals.reason.other") }) : t(`arrivals.state.${what}`);
  return (
    <Panel title={t("arrivals.title")}>
      <ErrorNotice error={error} onRetry={() => void model.list.reload()} />
      <DataTable
        label={t("arrivals.title")}
        rows={data ?? []}
        id={({ id }) => id}
        columns={[
          { head: t("arrivals.at"), cell: ({ at }) => dateTime(at, locale) },
          { head: t("arrivals.file"), cell: ({ name }) => name },
          { head: t("campaigns.state"), cell: (row) => <Badge tone={TONES[row.state]}>{state(row)}</Badge> },
        ]}
      />
    </Panel>
  );
}
