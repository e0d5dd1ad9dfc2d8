import { type ReactElement, useEffect } from "react";
import type { TeamTime } from "../../api/types";
import { hoursAndMinutes } from "../../domain/dates";
import { Query } from "../../state/query";
import { useApp, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { Badge, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { usePauseWord } from "../../ui/use-pauses";
import { useStore } from "../../ui/use-store";

const EVERY_MS = 60_000;

type Row = TeamTime["agents"][number];

/** Hours of today by agent, and how busy the team as a whole is: no ranking of people. */
export function TeamTimePanel({ names }: { readonly names: ReadonlyMap<string, string> }): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const word = usePauseWord();
  const model = useModel(() => new Query<TeamTime>(() => client.get("/team/time")));
  const { data, error } = useStore(model);
  useEffect(() => {
    void model.reload();
    const timer = setInterval(() => void model.reload(), EVERY_MS);
    return () => clearInterval(timer);
  }, [model]);
  const occupancy = data?.occupancy ?? null;
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const hours = (head: Parameters<typeof t>[0], value: (row: Row) => number) => ({ head: t(head), cell: (row: Row) => hoursAndMinutes(value(row)), align: "end" as const });
  return (
    <Panel title={t("team.time")}>
      <ErrorNotice error={error} />
      {occupancy !== null && <p className="muted">{t("team.occupancy", { share: percent.format(occupancy) })}</p>}
      {data?.agents.length === 0 && <Empty>{t("team.time.none")}</Empty>}
      {data !== null && data.agents.length > 0 && (
        <DataTable<Row>
          label={t("team.time")}
          rows={data.agents}
          id={({ user }) => user}
          columns={[
            { head: t("floor.name"), cell: ({ user }) => <strong>{names.get(user) ?? user.slice(-8)}</strong> },
            hours("team.onDuty", (row) => row.on_duty),
            hours("team.worked", (row) => row.worked),
            hours("team.paid", (row) => row.paid),
            {
              head: t("team.pauses"),
              cell: ({ pauses }) => (
                <span className="row row--tight">
                  {pauses.length === 0 && t("app.none")}
                  {pauses.map((pause) => (
                    <Badge key={pause.reason}>{`${word(pause.reason)} ${hoursAndMinutes(pause.seconds)}`}</Badge>
                  ))}
                </span>
              ),
            },
          ]}
        />
      )}
    </Panel>
  );
}
