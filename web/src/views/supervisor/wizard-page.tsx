import { type ReactElement, type ReactNode, useEffect, useRef } from "react";
import { firstOpen, isStep, neighbour, type Step, STEPS, stepStates } from "../../domain/wizard";
import { type Draft, WizardModel } from "../../state/wizard";
import { useApp, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Icon } from "../../ui/icon";
import { Button, Empty, ErrorNotice, Link, Notice, PageHead } from "../../ui/parts";
import { router } from "../../ui/router";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { CampaignScriptPanel } from "./campaign-script";
import { ChecklistPanel } from "./checklist-panel";
import { ProofPanel } from "./proof-panel";
import { WizardFile } from "./wizard-file";
import { ModeStep, WindowsStep } from "./wizard-settings";
import { WizardStart } from "./wizard-start";

/** Addresses of the steps, so that the browser's own back and forth work: /campaigns/<id>/start-file. */
const PREFIX = "start";

export function partOfStep(step: Step): string {
  return `${PREFIX}-${step}`;
}

/** The step of an address; null: the first that is to do. */
function stepOf(part: string): Step | null {
  const name = part.slice(PREFIX.length + 1);
  return isStep(name) ? name : null;
}

/** From a file to the first call. What is done is asked of the service each time: it can be left and gone on with. */
export function WizardPage({ id, part }: { readonly id: string; readonly part: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new WizardModel(client, id));
  const { data, error } = useStore(model.draft);
  useEffect(() => void model.draft.reload(), [model, part]);
  const asked = stepOf(part);
  const first = asked === null && data !== null ? firstOpen(stepStates(data)) : null;
  // Whoever comes back is at a step of its own from then on: what is done there does not move him on.
  useEffect(() => {
    if (first !== null) router.replace(`/campaigns/${id}/${partOfStep(first)}`);
  }, [first, id]);
  const back = { to: `/campaigns/${id}`, text: t("wizard.toCampaign") };
  if (data === null)
    return (
      <>
        <PageHead title={t("wizard.title")} back={back} />
        <ErrorNotice error={error} onRetry={() => void model.draft.reload()} />
        {error === null && <Empty>{t("app.loading")}</Empty>}
      </>
    );
  const states = stepStates(data);
  const step = asked ?? firstOpen(states);
  const go = (next: Step): void => router.go(`/campaigns/${id}/${partOfStep(next)}`);
  const begun = data.campaign.state !== "draft";
  return (
    <>
      <PageHead title={`${data.campaign.name}: ${t("wizard.title").toLowerCase()}`} back={back}>
        {!begun && <Discard model={model} />}
      </PageHead>
      <div className="stack stack--wide">
        <ErrorNotice error={error} />
        <nav aria-label={t("wizard.steps")}>
          <ol className="way">
            {STEPS.map((one, place) => (
              <li key={one} className={`way__step way__step--${states[one]} ${one === step ? "way__step--now" : ""}`}>
                <Link to={`/campaigns/${id}/${partOfStep(one)}`} current={one === step}>
                  <span className="way__mark" aria-hidden="true">
                    {states[one] === "done" ? <Icon name="check" /> : place + 1}
                  </span>
                  {t(`wizard.step.${one}`)}
                  <span className="visually-hidden"> ({t(`wizard.${states[one]}`)})</span>
                </Link>
              </li>
            ))}
          </ol>
        </nav>
        {begun ? <Notice tone="good">{t("wizard.begun")}</Notice> : <Body key={step} id={id} step={step} draft={data} model={model} go={go} />}
      </div>
    </>
  );
}

interface BodyProps {
  readonly id: string;
  readonly step: Step;
  readonly draft: Draft;
  readonly model: WizardModel;
  readonly go: (step: Step) => void;
}

function Body({ id, step, draft, model, go }: BodyProps): ReactElement {
  const { t } = useWords();
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []);
  const reload = (): void => void model.draft.reload();
  const next = neighbour(step, 1);
  const before = neighbour(step, -1);
  const onNext = next === null ? undefined : () => go(next);
  const back = before === null ? null : <Button onPress={() => go(before)}>{t("wizard.back")}</Button>;
  const foot = (
    <Foot back={back}>
      {onNext !== undefined && (
        <Button look="primary" onPress={onNext}>
          {t("wizard.next")}
        </Button>
      )}
    </Foot>
  );
  const title = (
    <h2 ref={head} tabIndex={-1} className="way-title">
      {t(`wizard.step.${step}`)}
    </h2>
  );
  switch (step) {
    case "file":
      return (
        <>
          {title}
          <WizardFile id={id} deliveries={draft.deliveries} onLoaded={reload} />
          {foot}
        </>
      );
    case "script":
      return (
        <>
          {title}
          <p className="muted">{t("wizard.script.hint")}</p>
          <CampaignScriptPanel id={id} clientId={draft.campaign.client} />
          {foot}
        </>
      );
    case "windows":
      return (
        <>
          {title}
          <p className="muted">{t("wizard.windows.hint")}</p>
          <WindowsStep id={id} back={back} onSaved={() => onNext?.()} />
        </>
      );
    case "mode":
      return (
        <>
          {title}
          <p className="muted">{t("wizard.mode.hint")}</p>
          <ModeStep id={id} back={back} onChanged={reload} onSaved={() => onNext?.()} />
        </>
      );
    case "checklist":
      return (
        <>
          {title}
          <ChecklistPanel id={id} onChanged={reload} />
          {foot}
        </>
      );
    case "proof":
      return (
        <>
          {title}
          <ProofPanel id={id} clientId={draft.campaign.client} onRung={reload} />
          {foot}
        </>
      );
    case "start":
      return (
        <>
          {title}
          <WizardStart model={model} preflight={draft.preflight} onStarted={() => router.go(`/campaigns/${id}`)} />
          <Foot back={back} />
        </>
      );
  }
}

export function Foot({ back, children }: { readonly back: ReactNode; readonly children?: ReactNode }): ReactElement {
  return (
    <div className="row row--between">
      <span>{back}</span>
      <span className="row">{children}</span>
    </div>
  );
}

function Discard({ model }: { readonly model: WizardModel }): ReactElement {
  const { t } = useWords();
  return (
    <Ask
      trigger={<Button look="quiet">{t("wizard.discard")}</Button>}
      title={t("wizard.discard")}
      text={t("wizard.discard.text")}
      confirm={t("wizard.discard")}
      action={model.acting}
      onConfirm={async () => {
        const done = await model.discard();
        if (done) router.go("/campaigns");
        return done;
      }}
    />
  );
}
