import { type ReactElement, useState } from "react";
import type { OverflowLine } from "../../api/types";
import { isHours, parseHours, showWeek, WEEKDAYS } from "../../domain/hours";
import { useWords } from "../../ui/app-context";
import { Toggle } from "../../ui/choices";
import { TextInput } from "../../ui/fields";

export const OFFICE: readonly string[] = [...Array.from({ length: 5 }, () => "9:00-17:00"), "", ""];
const ALL_WORKDAYS = [0, 1, 2, 3, 4];

interface WeekFieldsProps {
  /** Monday to Sunday, as typed. */
  readonly week: readonly string[];
  readonly onWeek: (week: readonly string[]) => void;
  readonly hint: string;
}

/** Opening hours: one field for the workdays, unless they differ. */
export function WeekFields({ week, onWeek, hint }: WeekFieldsProps): ReactElement {
  const { t } = useWords();
  const [daily, setDaily] = useState(() => ALL_WORKDAYS.some((day) => week[day] !== week[0]));
  const put = (days: readonly number[], text: string): void => onWeek(week.map((old, day) => (days.includes(day) ? text : old)));
  const day = (label: string, days: readonly number[]): ReactElement => {
    const text = week[days[0] ?? 0] ?? "";
    return <TextInput key={label} label={label} value={text} onChange={(typed) => put(days, typed)} maxLength={60} error={isHours(parseHours(text)) ? undefined : t("targets.hours.wrong")} />;
  };
  return (
    <fieldset className="fieldset stack">
      <legend>{t("targets.hours.of")}</legend>
      <p className="muted">{hint}</p>
      <Toggle
        selected={daily}
        onChange={(on) => {
          setDaily(on);
          if (!on) put(ALL_WORKDAYS, week[0] ?? "");
        }}
      >
        {t("targets.hours.daily")}
      </Toggle>
      <div className="columns">
        {daily ? ALL_WORKDAYS.map((one) => day(t(`targets.day.${WEEKDAYS[one] ?? "mon"}`), [one])) : day(t("targets.workday"), ALL_WORKDAYS)}
        {day(t("targets.day.sat"), [5])}
        {day(t("targets.day.sun"), [6])}
      </div>
    </fieldset>
  );
}

/** Days with the same hours share a line; closed days are left out. */
export function Week({ hours }: { readonly hours: OverflowLine["hours"] }): ReactElement {
  const { t } = useWords();
  const lines = showWeek(hours);
  if (lines.length === 0) return <>{t("targets.shut")}</>;
  return (
    <>
      {lines.map(({ from, until, text }) => (
        <div key={from}>{`${t(`targets.day.short.${from}`)}${from === until ? "" : `-${t(`targets.day.short.${until}`)}`} ${text}`}</div>
      ))}
    </>
  );
}
