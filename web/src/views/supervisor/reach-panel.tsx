import type { ReactElement } from "react";
import type { Reach } from "../../api/types";
import { dateTime } from "../../domain/dates";
import type { QueryState } from "../../state/query";
import { useWords } from "../../ui/app-context";
import { Empty, ErrorNotice, Fact, Facts, Panel } from "../../ui/parts";
import { CalibrationChart } from "./calibration-chart";
import { ReachChart } from "./reach-chart";

/** How many residents are reached, and how many will be: figures, a chart, and the same in plain words. */
export function ReachPanel({ reach, onReload }: { readonly reach: QueryState<Reach>; readonly onReload: () => void }): ReactElement {
  const { t, locale } = useWords();
  const { data, error } = reach;
  return (
    <Panel title={t("campaign.reach")}>
      <ErrorNotice error={error} onRetry={onReload} />
      {data === null ? error === null && <Empty>{t("app.loading")}</Empty> : <Report reach={data} />}
      {data?.at != null && <p className="muted">{t("campaign.reach.at", { at: dateTime(data.at, locale) })}</p>}
    </Panel>
  );
}

function Report({ reach }: { readonly reach: Reach }): ReactElement {
  const { t, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const count = (value: number | null): string => (value === null ? t("app.none") : number.format(value));
  return (
    <div className="stack">
      {reach.share !== null && (
        <p className="big-number">
          <strong>{percent.format(reach.share)}</strong> <span className="muted">{t("case.reached")}</span>
        </p>
      )}
      <div className="reach">
        {(reach.by_day.length > 0 || reach.expected.length > 0) && <ReachChart reach={reach} />}
        <div className="stack">
          {reach.text.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
      </div>
      {reach.at !== null && (
        <Facts>
          <Fact name={t("campaign.reach.helped")}>{count(reach.helped)}</Fact>
          <Fact name={t("campaign.reach.refused")}>{count(reach.refused)}</Fact>
          <Fact name={t("campaign.reach.open")}>{count(reach.open)}</Fact>
        </Facts>
      )}
      {reach.earlier.length > 0 && (
        <section className="stack">
          <h3>{t("calibration.title")}</h3>
          <p className="muted">{t("calibration.hint")}</p>
          <CalibrationChart earlier={reach.earlier} />
        </section>
      )}
    </div>
  );
}
