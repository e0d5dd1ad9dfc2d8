import type { ReactElement } from "react";
import type { Card } from "../../api/types";
import { useWords } from "../../ui/app-context";
import { Notice, Panel } from "../../ui/parts";

/** Instead of the script: another team's queue handed us the call. Nobody is looked up, and nothing is noted. */
export function TeamPanel({ card }: { readonly card: Card }): ReactElement {
  const { t } = useWords();
  return (
    <Panel title={t("team.title", { team: card.team })}>
      <p className="script__text">{card.opening}</p>
      <ul>
        <li>{t("team.listen")}</li>
        <li>{t("team.transfer")}</li>
        <li>{t("team.crisis")}</li>
      </ul>
      <Notice tone="warn">{t("team.nothing")}</Notice>
    </Panel>
  );
}
