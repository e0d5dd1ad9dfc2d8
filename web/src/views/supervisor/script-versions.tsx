import type { ReactElement, ReactNode } from "react";
import type { ScriptVersion } from "../../api/types";
import { dateTime } from "../../domain/dates";
import type { ScriptEditor } from "../../state/script-editor";
import { useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { Badge, Button, ErrorNotice, Panel, type Tone } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { ScriptChanges } from "./script-changes";

/** Versions, and back to one of them. */
export function ScriptVersions({ editor }: { readonly editor: ScriptEditor }): ReactElement {
  const { t } = useWords();
  const { data, error } = useStore(editor.versions);
  return (
    <Panel title={t("script.versions")}>
      <ErrorNotice error={error} />
      <VersionList
        versions={data ?? []}
        action={(version, place) =>
          place > 0 && (
            <Ask
              trigger={
                <Button size="small" look="quiet" aria-label={`${t("script.version.back")}: ${version.number}`}>
                  {t("script.version.back")}
                </Button>
              }
              title={t("script.version.back")}
              text={t("script.version.back.text")}
              confirm={t("script.version.back")}
              action={editor.acting}
              field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
              onConfirm={(note) => editor.rollBack(version.id, note)}
            />
          )
        }
      />
    </Panel>
  );
}

const STATES: Readonly<Record<ScriptVersion["state"], Tone>> = { waiting: "accent", approved: "good", refused: "bad", superseded: "plain" };

interface ListProps {
  readonly versions: readonly ScriptVersion[];
  readonly action?: (version: ScriptVersion, place: number) => ReactNode;
}

export function VersionList({ versions, action }: ListProps): ReactElement {
  const { t, locale } = useWords();
  if (versions.length === 0) return <p className="muted">{t("script.versions.none")}</p>;
  return (
    <ul className="lines">
      {versions.map((version, place) => (
        <li key={version.id} className="line line--block">
          <span className="row row--between">
            <span className="row row--tight">
              <strong>{t("script.version", { version: version.number })}</strong>
              <Badge tone={STATES[version.state]}>{t(`script.version.state.${version.state}`)}</Badge>
            </span>
            {action?.(version, place)}
          </span>
          <span className="muted">
            {version.by === "" ? dateTime(version.at, locale) : t("script.version.by", { at: dateTime(version.at, locale), by: version.by })}
            {version.note !== "" && `: ${version.note}`}
          </span>
          {version.same_as !== null && <span>{t("script.version.same", { version: version.same_as })}</span>}
          {version.decided_at !== null && version.decided_by !== "" && (
            <span className="muted">
              {t("script.version.decided", { at: dateTime(version.decided_at, locale), by: version.decided_by })}
              {version.decided_note !== "" && `: ${version.decided_note}`}
            </span>
          )}
          {version.changes.length > 0 && <ScriptChanges changes={version.changes} />}
        </li>
      ))}
    </ul>
  );
}
