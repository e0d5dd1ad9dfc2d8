import { type ReactElement, type ReactNode, useEffect, useRef } from "react";
import type { PracticeSet } from "../../api/types";
import { type Detail, type Judged, nextOf } from "../../domain/practice";
import type { PracticeTalk, Result } from "../../state/practice";
import { agentOutcomes } from "../../state/desk";
import { useApp, useWords } from "../../ui/app-context";
import { Badge, Button, ErrorNotice, Notice, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { useBegin } from "./practice-page";

interface PracticeResultProps {
  readonly set: PracticeSet;
  readonly talk: PracticeTalk;
  readonly result: Result;
}

/** What went well in the conversation, what did not yet, and what comes next. */
export function PracticeResult({ set, talk, result }: PracticeResultProps): ReactElement {
  const { practice } = useApp();
  const { t, language } = useWords();
  const { data: mine } = useStore(practice.mine);
  const { busy, error } = useStore(practice.reporting);
  const begin = useBegin();
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => top.current?.focus(), []); // whoever works by keyboard or ear goes on from here
  const passed = new Set(mine?.results.filter((one) => one.passed).map(({ scenario }) => scenario));
  const next = nextOf(set.scenarios.map(({ code }) => code), passed, talk.scenario.code);
  const known = result.score !== null;
  return (
    <Panel title={t("practice.result", { title: talk.scenario.title[language] })} aside={known && <Badge tone={result.passed ? "good" : "warn"}>{t(result.passed ? "practice.result.passed" : "practice.result.failed")}</Badge>}>
      <div ref={top} tabIndex={-1} className="stack practice-result" role="status">
        {result.score !== null && <p className="practice-result__score">{t("practice.result.score", { score: result.score })}</p>}
        {!known && busy && <p className="muted">{t("practice.result.waiting")}</p>}
        {known && !result.passed && <Notice tone="info">{t("practice.result.need", { mark: set.pass_mark })}</Notice>}
        {known && next === null && <Notice tone="good">{t("practice.result.all")}</Notice>}
      </div>
      {!known && error !== null && (
        <>
          <Notice tone="warn">{t("practice.result.unsaved")}</Notice>
          <ErrorNotice error={error} onRetry={() => void practice.report()} />
        </>
      )}
      <ul className="practice-points">
        {result.judged.map((judged) => (
          <PointLine key={judged.point} judged={judged} talk={talk} />
        ))}
      </ul>
      <div className="row">
        {next !== null && next !== talk.scenario.code && (
          <Button look={result.passed ? "primary" : "secondary"} onPress={() => begin(next)}>
            {t("practice.next")}
          </Button>
        )}
        <Button look={known && !result.passed ? "primary" : "secondary"} onPress={() => begin(talk.scenario.code)}>
          {t("practice.retry")}
        </Button>
        <Button look="quiet" onPress={practice.leave}>
          {t("practice.toList")}
        </Button>
      </div>
    </Panel>
  );
}

function PointLine({ judged: { point, met, details }, talk }: { readonly judged: Judged; readonly talk: PracticeTalk }): ReactElement {
  const { t, code, language } = useWords();
  const { data } = useStore(talk.desk.catalogue);
  const { outcomes, flags } = talk.scenario;
  const label = (outcome: string): string => agentOutcomes(data ?? [], language).find((one) => one.code === outcome)?.label ?? outcome;
  const right = point === "outcome" ? outcomes.map(label).join(", ") : flags.map((flag) => code("wrap.flag", flag)).join(", ");
  return (
    <li className={`practice-point practice-point--${met ? "met" : "missed"}`}>
      <div className="row row--between">
        <h3>{t(`practice.point.${point}`)}</h3>
        <Badge tone={met ? "good" : "bad"}>{t(met ? "practice.result.met" : "practice.result.missed")}</Badge>
      </div>
      <p>{met ? t(`practice.point.${point}.met`) : t(`practice.point.${point}.missed`, { right })}</p>
      {details.map((detail, index) => (
        <DetailLine key={index} detail={detail} />
      ))}
    </li>
  );
}

function DetailLine({ detail }: { readonly detail: Detail }): ReactElement {
  const { t, language } = useWords();
  const quote = (head: string, text: string): ReactNode => (
    <p>
      <span className="muted">{head}</span> “{text}”
    </p>
  );
  switch (detail.kind) {
    case "answer":
      return (
        <>
          {detail.heard === null ? <p>{t("practice.detail.nothing")}</p> : quote(t("practice.detail.heard"), detail.heard[language])}
          {quote(t("practice.detail.chose"), detail.chose[language])}
        </>
      );
    case "reply":
      return (
        <>
          {quote(t("practice.detail.said"), detail.said[language])}
          <p>{detail.why[language]}</p>
        </>
      );
    case "asked":
      return <>{quote(t("practice.detail.asked"), detail.question[language])}</>;
    case "reason":
      return <p>{t(`practice.reason.${detail.reason}`)}</p>;
  }
}
