import type { ReactElement } from "react";
import type { MessageKey } from "../../i18n";
import { useMay, useWords } from "../../ui/app-context";
import { Link } from "../../ui/parts";

export type PrivacyPart = "requests" | "register" | "leaks";

/** The pages of privacy, of which the reader may open these. */
export function PrivacyTabs({ part }: { readonly part: PrivacyPart }): ReactElement {
  const { t } = useWords();
  const residents = useMay("privacy");
  const leaks = useMay("incident");
  const parts: readonly [PrivacyPart, string, MessageKey, boolean][] = [
    ["requests", "/privacy", "privacy.requests", residents],
    ["leaks", "/privacy/leaks", "privacy.leaks", leaks],
    ["register", residents ? "/privacy/register" : "/privacy", "privacy.register", true],
  ];
  return (
    <nav className="nav nav--lists" aria-label={t("privacy.parts")}>
      {parts
        .filter(([, , , may]) => may)
        .map(([one, to, title]) => (
          <Link key={one} to={to} current={one === part}>
            {t(title)}
          </Link>
        ))}
    </nav>
  );
}
