import { type ReactElement, useState } from "react";
import type { Case, CaseDetail } from "../../api/types";
import { dateTime, day } from "../../domain/dates";
import { MergeModel } from "../../state/merging";
import { useApp, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Link, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { CaseBadge } from "./cases-page";

interface Props {
  readonly detail: CaseDetail;
  readonly onChanged: () => Promise<void>;
}

/** Merges by hand of this case, each with its undoing, and another case of the same person to put with it. */
export function MergePanel({ detail, onChanged }: Props): ReactElement {
  const { client } = useApp();
  const { t, locale } = useWords();
  const { case: file, merges } = detail;
  const model = useModel(() => new MergeModel(client, file, onChanged));
  const own = name(file);
  return (
    <Panel title={t("merge.title")}>
      {merges.length > 0 && (
        <ul className="lines">
          {merges.map((merge) => {
            const kept = merge.kept === file.id;
            const ref = kept ? (merge.client_refs[0] ?? merge.other.slice(-8)) : own;
            return (
              <li key={merge.other} className="line">
                <span>
                  <Link to={`/cases/${kept ? merge.other : merge.kept}`}>{kept ? t("merge.joined", { ref }) : t("merge.into")}</Link>{" "}
                  <span className="muted">
                    {t("merge.by", { by: merge.by === "" ? t("merge.somebody") : merge.by, at: dateTime(merge.at, locale), reason: merge.reason })}
                  </span>
                </span>
                <span className="row row--tight">
                  {kept && <Badge>{t("merge.attempts", { n: merge.attempts })}</Badge>}
                  <Ask
                    trigger={<Button size="small" look="quiet" aria-label={t("merge.undo.of", { ref })}>{t("merge.undo")}</Button>}
                    title={t("merge.undo.of", { ref })}
                    text={t("merge.undo.text")}
                    confirm={t("merge.undo")}
                    look="primary"
                    action={model.acting}
                    field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
                    onConfirm={(reason) => model.undo(merge.other, reason)}
                  />
                </span>
              </li>
            );
          })}
        </ul>
      )}
      {file.state !== "merged" && <Find model={model} own={own} />}
    </Panel>
  );
}

function Find({ model, own }: { readonly model: MergeModel; readonly own: string }): ReactElement {
  const { t, locale } = useWords();
  const { reference, found } = useStore(model.search);
  const { busy, error } = useStore(model.searching);
  const [typed, setTyped] = useState("");
  return (
    <>
      <p>{t("merge.text")}</p>
      <form
        className="row row--search"
        onSubmit={(event) => {
          event.preventDefault();
          void model.find(typed);
        }}
      >
        <TextInput label={t("merge.reference")} value={typed} onChange={setTyped} type="search" maxLength={64} />
        <Button type="submit" isDisabled={typed.trim() === "" || busy}>
          {t("merge.search")}
        </Button>
      </form>
      <ErrorNotice error={error} />
      <div role="status">{found !== null && found.length === 0 && <Empty>{t("merge.none", { ref: reference })}</Empty>}</div>
      {found !== null && found.length > 0 && (
        <ul className="lines" aria-label={t("merge.found")}>
          {found.map((other) => (
            <li key={other.id} className="line">
              <span>
                <Link to={`/cases/${other.id}`}>{name(other)}</Link> <span className="muted">{t("merge.since", { at: day(other.opened_at, locale) })}</span>
              </span>
              <span className="row row--tight">
                <Badge>{t("merge.attempts", { n: other.attempts })}</Badge>
                <CaseBadge state={other.state} />
                <Ask
                  trigger={<Button size="small" aria-label={t("merge.do.of", { other: name(other), own })}>{t("merge.do")}</Button>}
                  title={t("merge.do.of", { other: name(other), own })}
                  text={t("merge.do.text", { other: name(other), own })}
                  confirm={t("merge.do")}
                  look="primary"
                  action={model.acting}
                  field={{ label: t("app.reason"), hint: t("app.reason.hint"), min: 3 }}
                  onConfirm={(reason) => model.merge(other.id, reason)}
                />
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** By the client's own reference, never a name. */
function name(file: Case): string {
  return file.client_refs[0] ?? file.id.slice(-8);
}
