import type { ReactElement } from "react";
import { useWords } from "../../ui/app-context";
import { PageHead } from "../../ui/parts";
import { PauseReasonsPanel } from "./pause-reasons-panel";

/** What rules the team. */
export function TeamPage(): ReactElement {
  const { t } = useWords();
  return (
    <>
      <PageHead title={t("nav.team")} />
      <div className="stack stack--wide">
        <PauseReasonsPanel />
      </div>
    </>
  );
}
