import { type ReactElement, useEffect } from "react";
import type { PracticeScenario, PracticeSet } from "../../api/types";
import { day } from "../../domain/dates";
import { nextOf } from "../../domain/practice";
import type { PracticeTalk } from "../../state/practice";
import { AppContext, useApp, useWords } from "../../ui/app-context";
import { Badge, Button, Empty, ErrorNotice, Link, Notice, PageHead, Panel } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { PAGES } from "../pages";
import { DeskOf, IdleStage } from "./agent-page";
import { PracticeResult } from "./practice-result";
import { ResidentPanel } from "./practice-resident";

/** Conversations with invented residents, on a desk like the real one. */
export function PracticePage(): ReactElement {
  const { practice } = useApp();
  const { t } = useWords();
  const { data, error: setError } = useStore(practice.set);
  const { data: catalogue, error: catalogueError } = useStore(practice.catalogue);
  const error = setError ?? catalogueError;
  const talk = useStore(practice.talk);
  const result = useStore(practice.result);
  useEffect(() => {
    void practice.open();
    return () => practice.leave();
  }, [practice]);
  return (
    <>
      {talk !== null && result === null ? <h1 className="visually-hidden">{t("nav.practice")}</h1> : <PageHead title={t("nav.practice")} />}
      <RealCall />
      {data === null || catalogue === null ? (
        <>
          <ErrorNotice error={error} onRetry={() => void practice.open()} />
          {error === null && <Empty>{t("app.loading")}</Empty>}
        </>
      ) : talk === null ? (
        <Scenarios set={data} />
      ) : result === null ? (
        <Running talk={talk} key={talk.key} />
      ) : (
        <PracticeResult set={data} talk={talk} result={result} key={talk.key} />
      )}
    </>
  );
}

/** Practice hides the desk: a real call must not. */
function RealCall(): ReactElement | null {
  const { hub } = useApp();
  const { t } = useWords();
  const { agent } = useStore(hub);
  if (agent === null || !["reserved", "talking", "wrap_up"].includes(agent.state)) return null;
  return (
    <Notice tone="bad" live="assertive">
      <span>{t("practice.real")}</span> <Link to={PAGES.desk.path}>{t("practice.real.go")}</Link>
    </Notice>
  );
}

function Scenarios({ set }: { readonly set: PracticeSet }): ReactElement {
  const { practice, hub, desk } = useApp();
  const { t, language, locale } = useWords();
  const { agent } = useStore(hub);
  const { data: mine, error } = useStore(practice.mine);
  const { busy } = useStore(desk.duty);
  const begin = useBegin();
  const passedAt = mine?.passed_at ?? null;
  const onDuty = agent !== null && agent.state !== "off" && agent.state !== "paused";
  const passed = new Set(mine?.results.filter((one) => one.passed).map(({ scenario }) => scenario));
  const next = nextOf(set.scenarios.map(({ code }) => code), passed, null);
  const first = set.scenarios.find(({ code }) => code === next);
  return (
    <div className="stack stack--wide">
      <Panel label={t("nav.practice")}>
        <p>{t("practice.intro")}</p>
        <p className="muted">{t("practice.intro.how")}</p>
        {passedAt !== null && <Notice tone="good">{t("practice.passed", { date: day(passedAt, locale) })}</Notice>}
        <p>
          <strong>{t("practice.progress", { done: passed.size, of: set.scenarios.length })}</strong>
        </p>
        {onDuty ? (
          <Notice tone="warn">
            <strong>{t("practice.duty.title")}</strong>
            <p>{t("practice.duty.text")}</p>
            <Button size="small" isDisabled={busy} onPress={() => void desk.act("off_duty")}>
              {t("practice.duty.off")}
            </Button>
          </Notice>
        ) : (
          first !== undefined && (
            <div>
              <Button look="primary" size="large" icon="phone" onPress={() => begin(first.code)}>
                {t("practice.beginNext", { title: first.title[language] })}
              </Button>
            </div>
          )
        )}
        <ErrorNotice error={error} onRetry={() => void practice.mine.reload()} />
      </Panel>
      <Panel title={t("practice.list")}>
        <ul className="lines">
          {set.scenarios.map((scenario) => (
            <ScenarioLine key={scenario.code} scenario={scenario} passed={passed.has(scenario.code)} best={mine?.results.find((one) => one.scenario === scenario.code)?.score ?? null} disabled={onDuty} onBegin={() => begin(scenario.code)} />
          ))}
        </ul>
      </Panel>
    </div>
  );
}

interface ScenarioLineProps {
  readonly scenario: PracticeScenario;
  readonly passed: boolean;
  /** Percent; null: not tried yet. */
  readonly best: number | null;
  readonly disabled: boolean;
  readonly onBegin: () => void;
}

function ScenarioLine({ scenario, passed, best, disabled, onBegin }: ScenarioLineProps): ReactElement {
  const { t, language } = useWords();
  const state = passed ? "passed" : best === null ? "new" : "tried";
  return (
    <li className="line">
      <span>
        <strong>{scenario.title[language]}</strong> <span className="muted">{scenario.brief[language]}</span>
      </span>
      <span className="row row--tight">
        {best !== null && <span className="muted">{t("practice.best", { score: best })}</span>}
        <Badge tone={passed ? "good" : best === null ? "plain" : "warn"}>{t(`practice.state.${state}`)}</Badge>
        <Button size="small" isDisabled={disabled} aria-label={`${t(best === null ? "practice.begin" : "practice.again")}: ${scenario.title[language]}`} onPress={onBegin}>
          {t(best === null ? "practice.begin" : "practice.again")}
        </Button>
      </span>
    </li>
  );
}

/** Begins a conversation as whoever is signed in. */
export function useBegin(): (code: string) => void {
  const { practice, session } = useApp();
  const { t } = useWords();
  const state = useStore(session);
  return (code) => {
    if (state.kind !== "signed_in") return;
    const words = {
      municipality: t("practice.words.municipality"),
      neutralName: t("practice.words.neutralName"),
      crisisDesk: t("practice.words.crisisDesk"),
      place: t("practice.words.place"),
    };
    practice.begin(code, { id: state.user.id, name: state.user.display_name }, words);
  };
}

/** The desk over the service in the page, and above it what the resident says. */
function Running({ talk }: { readonly talk: PracticeTalk }): ReactElement {
  const app = useApp();
  const { t, language } = useWords();
  const { client, hub, desk, preview } = talk;
  return (
    <>
      <section className="practice-bar" aria-label={t("practice.running", { title: talk.scenario.title[language] })}>
        <div>
          <strong>{t("practice.running", { title: talk.scenario.title[language] })}</strong> <span>{t("practice.running.hint")}</span>
        </div>
        <Button size="small" icon="cross" onPress={app.practice.leave}>
          {t("practice.stop")}
        </Button>
      </section>
      <AppContext value={{ ...app, client, hub, desk, preview }}>
        <ResidentPanel talk={talk} />
        <DeskOf idle={(agent) => <IdleStage agent={agent} />} />
      </AppContext>
    </>
  );
}
