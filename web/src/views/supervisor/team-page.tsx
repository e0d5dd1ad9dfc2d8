import type { ReactElement } from "react";
import { useMay, useWords } from "../../ui/app-context";
import { Link, PageHead } from "../../ui/parts";
import { PauseReasonsPanel } from "./pause-reasons-panel";
import { PracticePanel } from "./practice-panel";
import { SkillsPanel } from "./skills-panel";

/** What rules the team. */
export function TeamPage(): ReactElement {
  const { t } = useWords();
  const steers = useMay("floor.steer");
  return (
    <>
      <PageHead title={t("nav.team")}>
        <Link to="/team/roster">{t("roster.title")}</Link>
      </PageHead>
      <div className="stack stack--wide">
        <SkillsPanel />
        {steers && <PracticePanel />}
        <PauseReasonsPanel />
      </div>
    </>
  );
}
