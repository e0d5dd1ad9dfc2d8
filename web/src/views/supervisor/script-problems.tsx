import type { ReactElement } from "react";
import type { ScriptProblem } from "../../api/types";
import { useWords } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { Button, Notice, Panel } from "../../ui/parts";

interface ProblemsProps {
  readonly problems: readonly ScriptProblem[];
  readonly onOpen: (step: string) => void;
}

/** What keeps the draft from becoming a version, and what to weigh; each leads to its step. */
export function ScriptProblems({ problems, onOpen }: ProblemsProps): ReactElement {
  const { t } = useWords();
  return (
    <Panel title={t("script.wrong")}>
      {problems.every((one) => !one.blocking) && <Notice tone="good">{t("script.wrong.none")}</Notice>}
      <ul className="lines" aria-live="polite">
        {problems.map((problem) => (
          <li key={`${problem.step} ${problem.where} ${problem.code} ${problem.text}`} className={`check check--${problem.blocking ? "bad" : "warn"}`}>
            <Icon name="warning" />
            <span>
              <span className="visually-hidden">{t(problem.blocking ? "script.wrong.error" : "script.wrong.warning")}: </span>
              {problem.step !== "" && (
                <Button look="quiet" size="small" aria-label={t("script.step", { id: problem.step })} onPress={() => onOpen(problem.step)}>
                  {problem.step}
                </Button>
              )}{" "}
              {problem.text}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
