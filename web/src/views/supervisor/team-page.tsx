import type { ReactElement } from "react";
import { useWords } from "../../ui/app-context";
import { Link, PageHead } from "../../ui/parts";
import { PauseReasonsPanel } from "./pause-reasons-panel";
import { SkillsPanel } from "./skills-panel";

/** What rules the team. */
export function TeamPage(): ReactElement {
  const { t } = useWords();
  return (
    <>
      <PageHead title={t("nav.team")}>
        <Link to="/team/roster">{t("roster.title")}</Link>
      </PageHead>
      <div className="stack stack--wide">
        <SkillsPanel />
        <PauseReasonsPanel />
      </div>
    </>
  );
}
