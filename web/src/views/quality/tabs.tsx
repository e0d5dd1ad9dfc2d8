import type { ReactElement } from "react";
import type { MessageKey } from "../../i18n";
import { useMay, useWords } from "../../ui/app-context";
import { Link } from "../../ui/parts";

export type QualityPart = "" | "complaints" | "improvements" | "trends" | "calibration" | "card";

/** The pages of quality, of which the reader may open these. */
export function QualityTabs({ part }: { readonly part: QualityPart }): ReactElement {
  const { t } = useWords();
  const manages = useMay("quality.manage");
  const complaints = useMay("complaint");
  const seesClients = useMay("client.read");
  const parts: readonly [QualityPart, MessageKey, boolean][] = [
    ["", "quality.sample", true],
    ["complaints", "complaints.title", complaints],
    ["improvements", "improve.title", manages],
    ["trends", "quality.trends", manages],
    ["calibration", "quality.calibration", seesClients],
    ["card", "quality.card", manages && seesClients],
  ];
  return (
    <nav className="nav nav--lists" aria-label={t("quality.parts")}>
      {parts
        .filter(([, , may]) => may)
        .map(([one, title]) => (
          <Link key={one} to={one === "" ? "/quality" : `/quality/${one}`} current={one === part}>
            {t(title)}
          </Link>
        ))}
    </nav>
  );
}
