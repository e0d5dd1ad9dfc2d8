import { type ReactElement, useEffect } from "react";
import type { TeamPractice } from "../../api/types";
import { day } from "../../domain/dates";
import { Query } from "../../state/query";
import { useApp, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Badge, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

type Row = TeamPractice["agents"][number];

/** Who has passed the practice: no scores, which are the agent's own. */
export function PracticePanel(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new Query<TeamPractice>(() => client.get("/team/practice")));
  const { data, error } = useStore(model);
  useEffect(() => void model.reload(), [model]);
  return (
    <Panel title={t("practice.team")}>
      <p className="muted">{t("practice.team.hint")}</p>
      <ErrorNotice error={error} onRetry={() => void model.reload()} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data?.agents.length === 0 && <Empty>{t("practice.team.none")}</Empty>}
      {data !== null && data.agents.length > 0 && (
        <DataTable<Row>
          label={t("practice.team")}
          rows={data.agents}
          id={({ user }) => user}
          columns={[
            { head: t("floor.name"), cell: ({ name }) => <strong>{name}</strong> },
            { head: t("practice.team.state"), cell: (row) => <State row={row} version={data.version} /> },
            { head: t("practice.team.done"), cell: ({ done }) => t("practice.team.of", { done, of: data.of }), align: "end" },
          ]}
        />
      )}
    </Panel>
  );
}

function State({ row, version }: { readonly row: Row; readonly version: number }): ReactElement {
  const { t, locale } = useWords();
  if (row.passed_at === null) return <Badge>{t("practice.result.failed")}</Badge>;
  return (
    <span className="row row--tight">
      <Badge tone="good">{t("practice.team.passed", { date: day(row.passed_at, locale) })}</Badge>
      {row.passed_version !== version && <span className="muted">{t("practice.team.older")}</span>}
    </span>
  );
}
