import { type ReactElement, useState } from "react";
import type { ReportSchedule } from "../../api/types";
import type { ReportsModel } from "../../state/reports";
import { useMay, useWords } from "../../ui/app-context";
import { DataTable } from "../../ui/data-table";
import { SelectInput } from "../../ui/fields";
import { Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

const MONTH_DAYS = Array.from({ length: 28 }, (_, n) => n + 1);
const WEEK_DAYS = [1, 2, 3, 4, 5, 6, 7];

/** Reports that are made by themselves. */
export function ReportSchedules({ model }: { readonly model: ReportsModel }): ReactElement {
  const { t } = useWords();
  const { data, error } = useStore(model.schedules);
  const { busy, error: failed } = useStore(model.scheduling);
  const mayWrite = useMay("campaign.write");
  const when = useWhen();
  return (
    <Panel title={t("schedules.title")}>
      <p className="muted">{t("schedules.note")}</p>
      <ErrorNotice error={error} onRetry={() => void model.schedules.reload()} />
      {data?.length === 0 && <Empty>{t("schedules.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <DataTable<ReportSchedule>
          label={t("schedules.title")}
          rows={data}
          id={({ id }) => id}
          columns={[
            { head: t("reports.about"), cell: (one) => about(one, t("reports.all", { client: one.client_name })) },
            { head: t("schedules.when"), cell: ({ every, day }) => when(every, day) },
            ...(mayWrite
              ? [
                  {
                    head: t("floor.action"),
                    cell: (one: ReportSchedule) => (
                      <Button size="small" look="quiet" isDisabled={busy} aria-label={t("schedules.end.of", { name: about(one, one.client_name), when: when(one.every, one.day) })} onPress={() => void model.endSchedule(one.id)}>
                        {t("schedules.end")}
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
        />
      )}
      {mayWrite && <AddSchedule model={model} busy={busy} />}
      <ErrorNotice error={failed} />
    </Panel>
  );
}

function about({ campaign_name: name }: ReportSchedule, all: string): string {
  return name === "" ? all : name;
}

function useWhen(): (every: ReportSchedule["every"], day: number) => string {
  const { t, locale } = useWords();
  const weekday = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  // 1 January 2024 was a Monday.
  return (every, day) => (every === "month" ? t("schedules.month", { day }) : t("schedules.week", { day: weekday.format(new Date(Date.UTC(2024, 0, day))) }));
}

function AddSchedule({ model, busy }: { readonly model: ReportsModel; readonly busy: boolean }): ReactElement {
  const { t } = useWords();
  const { data } = useStore(model.subjects);
  const [chosen, setChosen] = useState("");
  const [every, setEvery] = useState<ReportSchedule["every"]>("month");
  const [day, setDay] = useState(3);
  const when = useWhen();
  const subjects = data ?? [];
  const subject = subjects.find(({ id }) => id === chosen) ?? subjects[0];
  const days = every === "month" ? MONTH_DAYS : WEEK_DAYS;
  return (
    <form
      className="columns"
      onSubmit={(event) => {
        event.preventDefault();
        if (subject !== undefined) void model.schedule(subject, every, day);
      }}
    >
      <SelectInput
        label={t("reports.about")}
        value={subject?.id ?? ""}
        onChange={setChosen}
        options={subjects.map(({ id, campaign, name }) => ({ id, label: campaign === null ? t("reports.all", { client: name }) : name }))}
      />
      <SelectInput
        label={t("schedules.every")}
        value={every}
        onChange={(next) => {
          setEvery(next === "week" ? "week" : "month");
          setDay(1);
        }}
        options={[
          { id: "month", label: t("schedules.every.month") },
          { id: "week", label: t("schedules.every.week") },
        ]}
      />
      <SelectInput label={t("schedules.when")} value={String(day)} onChange={(next) => setDay(Number(next))} options={days.map((one) => ({ id: String(one), label: when(every, one) }))} />
      <div className="row row--end">
        <Button type="submit" isDisabled={busy || subject === undefined}>
          {t("schedules.add")}
        </Button>
      </div>
    </form>
  );
}
