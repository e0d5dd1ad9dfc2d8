/** One agent's own figures of the day, for himself and who coaches him. Counts stand before times, and nothing is compared. */

import type { ReactElement } from "react";
import type { OwnDay } from "../api/types";
import { hoursAndMinutes } from "../domain/dates";
import { useWords } from "./app-context";
import { Fact, Facts } from "./parts";

export function OwnDayFacts({ day }: { readonly day: OwnDay }): ReactElement {
  const { t, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  return (
    <Facts>
      <Fact name={t("own.conversations")}>{number.format(day.conversations)}</Fact>
      <Fact name={t("own.attempts")}>{number.format(day.attempts)}</Fact>
      <Fact name={t("own.help")}>{number.format(day.help_wanted)}</Fact>
      <Fact name={t("own.appointments")}>{number.format(day.appointments)}</Fact>
      <Fact name={t("own.talking")}>{hoursAndMinutes(day.talking)}</Fact>
      <Fact name={t("own.wrapUp")}>{hoursAndMinutes(day.wrap_up)}</Fact>
      <Fact name={t("own.paused")}>{hoursAndMinutes(day.paused)}</Fact>
      <Fact name={t("own.onDuty")}>{hoursAndMinutes(day.on_duty)}</Fact>
    </Facts>
  );
}
