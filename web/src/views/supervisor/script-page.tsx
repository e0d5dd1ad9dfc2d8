import { type ReactElement, useEffect } from "react";
import { type EditorState, ScriptEditor } from "../../state/script-editor";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Badge, Button, Empty, ErrorNotice, Notice, PageHead, Panel, type Tone } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { ScriptChanges } from "./script-changes";
import { ScriptOutline, ScriptStarts } from "./script-outline";
import { ScriptProblems } from "./script-problems";
import { ScriptReading, ScriptReviewPage } from "./script-review";
import { StepForm } from "./script-step-form";
import { ScriptTrial } from "./script-trial";
import { ScriptVersions } from "./script-versions";
import { useCatalogue } from "./use-outcomes";

/** Supervisors edit; everybody else reads, and the client's own people approve. */
export function ScriptPage({ id }: { readonly id: string }): ReactElement {
  return useMay("script.write") ? <EditorPage id={id} /> : <ScriptReviewPage id={id} />;
}

function EditorPage({ id }: { readonly id: string }): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const editor = useModel(() => new ScriptEditor(client, id));
  const state = useStore(editor);
  const outcomes = useCatalogue();
  const back = { to: "/scripts", text: t("script.edit.back") };
  useEffect(() => {
    void editor.load();
    const warn = (event: BeforeUnloadEvent): void => {
      if (editor.unsaved) event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    return () => {
      removeEventListener("beforeunload", warn);
      void editor.flush();
    };
  }, [editor]);
  const { line, script, error, kept } = state;
  if (line === null || script === null)
    return (
      <>
        <PageHead title={t("scripts.title")} back={back} />
        <ErrorNotice error={error} onRetry={() => void editor.load()} />
        {error === null && <Empty>{t("app.loading")}</Empty>}
      </>
    );
  if (line.client === null)
    return (
      <>
        <PageHead title={line.name} back={back} />
        <div className="page-grid">
          <ScriptReading script={script} outcomes={outcomes} />
          <ScriptTrial script={script} outcomes={outcomes} />
        </div>
      </>
    );
  const step = script.steps.find((one) => one.id === state.open);
  return (
    <>
      <PageHead title={line.name} back={back}>
        <span role="status">
          <Badge tone={KEPT[kept]}>{t(`script.kept.${kept}`)}</Badge>
        </span>
        <Publish editor={editor} state={state} />
      </PageHead>
      <div className="stack stack--wide">
        <ErrorNotice error={error} />
        {kept === "conflict" && <Conflict editor={editor} />}
        <div className="script-editor">
          <ScriptOutline editor={editor} script={script} problems={state.problems} open={state.open} />
          {step === undefined ? (
            <Panel>
              <p className="muted">{t("script.step.none")}</p>
            </Panel>
          ) : (
            <StepForm key={step.id} editor={editor} script={script} step={step} problems={state.problems.filter((one) => one.step === step.id)} outcomes={outcomes} />
          )}
          <div className="stack stack--wide">
            <ScriptProblems problems={state.problems} onOpen={editor.select} />
            <ScriptTrial script={script} outcomes={outcomes} />
            <ScriptStarts editor={editor} script={script} />
            {state.changes.length > 0 && (
              <Panel title={t("script.changes")}>
                <ScriptChanges changes={state.changes} />
              </Panel>
            )}
            <ScriptVersions editor={editor} />
          </div>
        </div>
      </div>
    </>
  );
}

const KEPT: Readonly<Record<EditorState["kept"], Tone>> = { kept: "good", dirty: "plain", saving: "plain", failing: "warn", refused: "bad", conflict: "bad" };

function Conflict({ editor }: { readonly editor: ScriptEditor }): ReactElement {
  const { t } = useWords();
  return (
    <Notice tone="warn" live="assertive">
      <p>
        <strong>{t("script.kept.conflict")}</strong> {t("script.conflict.text")}
      </p>
      <div className="row">
        <Button size="small" onPress={() => void editor.settle("theirs")}>
          {t("script.conflict.theirs")}
        </Button>
        <Button size="small" onPress={() => void editor.settle("mine")}>
          {t("script.conflict.mine")}
        </Button>
      </div>
    </Notice>
  );
}

function Publish({ editor, state }: { readonly editor: ScriptEditor; readonly state: EditorState }): ReactElement {
  const { t } = useWords();
  const { problems, changes, line } = state;
  const blocked = problems.some((one) => one.blocking);
  const same = line?.newest !== null && changes.length === 0;
  return (
    <>
      {(blocked || same) && <span className="muted">{t(blocked ? "script.publish.blocked" : "script.publish.same")}</span>}
      <Ask
        trigger={
          <Button look="primary" isDisabled={blocked || same || state.kept !== "kept"}>
            {t("script.publish")}
          </Button>
        }
        title={t("script.publish")}
        text={t("script.publish.text")}
        confirm={t("script.publish")}
        action={editor.acting}
        field={{ label: t("script.publish.note"), hint: t("app.reason.hint"), min: 3 }}
        onConfirm={editor.publish}
      />
    </>
  );
}
