import { type ReactElement, useEffect } from "react";
import type { PacingLearned } from "../../api/types";
import { dateTime } from "../../domain/dates";
import { shareAt, times } from "../../domain/learned";
import type { MessageKey } from "../../i18n";
import { Query } from "../../state/query";
import { useApp, useWords } from "../../ui/app-context";
import { Empty, ErrorNotice, Fact, Facts, Notice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { CurveChart, type CurveLook } from "./curve-chart";

const PARTS = ["morning", "afternoon", "evening", "saturday"] as const;
const WRAP_LOOKS: readonly CurveLook[] = ["third", "second", "line"];
const RING_TICKS = [0, 10, 20, 30, 40];
const WRAP_TICKS = [0, 60, 120, 180, 240, 300];
/** Seconds at which the curves are told in words. */
const RING_AT = 20;
const WRAP_AT = 60;

/** What pacing knows of a campaign: when people pick up, how long wrap-ups take, which part of the day is better. */
export function LearnedPage({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const query = useModel(() => new Query(async () => client.get("/campaigns/{campaign}/learned", { path: { campaign: id } })));
  const { data, loading, error } = useStore(query);
  useEffect(() => void query.reload(), [query]);
  return (
    <>
      <PageHead title={t("learned.title")} back={{ to: `/campaigns/${id}`, text: t("settings.back") }} />
      <div className="stack stack--wide" aria-busy={loading}>
        <p className="muted">{t("learned.intro")}</p>
        <ErrorNotice error={error} onRetry={() => void query.reload()} />
        {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
        {data !== null && <Found learned={data} />}
      </div>
    </>
  );
}

function Found({ learned }: { readonly learned: PacingLearned }): ReactElement {
  return (
    <>
      <Level learned={learned} />
      <PickUps learned={learned} />
      <WrapUps learned={learned} />
    </>
  );
}

function Level({ learned }: { readonly learned: PacingLearned }): ReactElement {
  const { t, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  const level = (value: number | null): string => {
    if (value === null) return t("learned.little");
    const { word, factor } = times(value);
    return word === "usual" ? t("learned.usual") : t(`learned.${word}` satisfies MessageKey, { factor: new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(factor) });
  };
  return (
    <Panel title={t("learned.now")}>
      <div className="stack">
        {learned.calls < learned.needed && <Notice>{t("learned.needed", { calls: number.format(learned.calls), needed: number.format(learned.needed) })}</Notice>}
        <Facts>
          <Fact name={t("learned.calls")}>{number.format(learned.calls)}</Fact>
          <Fact name={t("learned.level")}>{level(learned.level)}</Fact>
          {PARTS.map((part) => (
            <Fact key={part} name={t(`learned.part.${part}`)}>
              {level(learned.parts[part])}
            </Fact>
          ))}
        </Facts>
        <p className="muted">{learned.at === null ? t("learned.nothing") : t("learned.at", { at: dateTime(learned.at, locale) })}</p>
      </div>
    </Panel>
  );
}

function PickUps({ learned }: { readonly learned: PacingLearned }): ReactElement {
  const { t, locale } = useWords();
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const { rings, rings_before: before, ring_seconds: places } = learned;
  const text = t("learned.rings.text", {
    seconds: RING_AT,
    anybody: percent.format(shareAt(places, rings.anybody, RING_AT)),
    person: percent.format(shareAt(places, rings.person, RING_AT)),
  });
  return (
    <Panel title={t("learned.rings")}>
      <div className="reach">
        <CurveChart
          title={t("learned.rings")}
          text={text}
          axis={t("learned.rings.axis")}
          places={places}
          ticks={RING_TICKS}
          curves={[
            { name: t("learned.before"), look: "before", shares: before.anybody },
            { name: t("learned.rings.person"), look: "second", shares: rings.person },
            { name: t("learned.rings.anybody"), look: "line", shares: rings.anybody },
          ]}
        />
        <div className="stack">
          <p>{text}</p>
          <p className="muted">{t("learned.rings.why")}</p>
        </div>
      </div>
    </Panel>
  );
}

function WrapUps({ learned }: { readonly learned: PacingLearned }): ReactElement {
  const { t, locale } = useWords();
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const { wraps, wraps_before: before, wrap_seconds: places } = learned;
  const named = wraps.map(({ talked_from: from, talked_until: until, seen, done }, place) => ({
    name: until === null ? t("learned.wraps.from", { from }) : from === 0 ? t("learned.wraps.until", { until }) : t("learned.wraps.between", { from, until }),
    look: WRAP_LOOKS[place] ?? "line",
    shares: done,
    seen,
  }));
  const sentences = named.map(({ name, shares, seen }) =>
    t("learned.wraps.text", { name, seconds: WRAP_AT, share: percent.format(shareAt(places, shares, WRAP_AT)), seen: number.format(seen) }),
  );
  return (
    <Panel title={t("learned.wraps")}>
      <div className="reach">
        <CurveChart
          title={t("learned.wraps")}
          text={sentences.join(" ")}
          axis={t("learned.wraps.axis")}
          places={places}
          ticks={WRAP_TICKS}
          curves={[{ name: t("learned.before"), look: "before", shares: before }, ...named]}
        />
        <div className="stack">
          {sentences.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
          <p className="muted">{t("learned.wraps.why")}</p>
        </div>
      </div>
    </Panel>
  );
}
