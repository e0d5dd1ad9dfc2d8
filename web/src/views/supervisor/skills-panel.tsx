import { type ReactElement, useEffect, useState } from "react";
import { CheckboxGroup, Label } from "react-aria-components";
import type { AgentAbilities, Skill } from "../../api/types";
import { byName, choosable, languageWord, skillWord } from "../../domain/skills";
import { SkillsModel } from "../../state/skills";
import { useApp, useWords } from "../../ui/app-context";
import { DialogForm } from "../../ui/dialog-form";
import { ButtonDialog } from "../../ui/dialog-frame";
import { CheckChoice } from "../../ui/choices";
import { DataTable } from "../../ui/data-table";
import { TextInput } from "../../ui/fields";
import { Badge, Button, Empty, ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";

/** What each agent speaks and can, and the list of skills itself. */
export function SkillsPanel(): ReactElement {
  const { client } = useApp();
  const model = useModel(() => new SkillsModel(client));
  useEffect(() => void model.load(), [model]);
  return (
    <>
      <Team model={model} />
      <SkillList model={model} />
    </>
  );
}

function Team({ model }: { readonly model: SkillsModel }): ReactElement {
  const { t } = useWords();
  const { data, error } = useStore(model.team);
  return (
    <Panel title={t("skills.team")}>
      <p className="muted">{t("skills.team.intro")}</p>
      <ErrorNotice error={error} onRetry={() => void model.load()} />
      {data === null && error === null && <Empty>{t("app.loading")}</Empty>}
      {data?.length === 0 && <Empty>{t("skills.team.none")}</Empty>}
      {data !== null && data.length > 0 && (
        <DataTable<AgentAbilities>
          label={t("skills.team")}
          rows={data}
          id={({ user }) => user}
          columns={[
            { head: t("floor.name"), cell: ({ name }) => <strong>{name}</strong> },
            { head: t("skills.can"), cell: (agent) => <Abilities model={model} agent={agent} /> },
            { head: t("floor.action"), cell: (agent) => <GiveDialog model={model} agent={agent} /> },
          ]}
        />
      )}
    </Panel>
  );
}

function Abilities({ model, agent }: { readonly model: SkillsModel; readonly agent: AgentAbilities }): ReactElement {
  const { t, locale, language } = useWords();
  const { data } = useStore(model.known);
  if (agent.languages.length + agent.skills.length === 0) return <span className="muted">{t("skills.onlyDutch")}</span>;
  return (
    <span className="row row--tight">
      {byName(agent.languages, locale).map((code) => (
        <Badge key={code} tone="info">
          {languageWord(code, locale)}
        </Badge>
      ))}
      {agent.skills.map((code) => (
        <Badge key={code}>{skillWord(data?.items ?? [], code, language)}</Badge>
      ))}
    </span>
  );
}

function GiveDialog({ model, agent }: { readonly model: SkillsModel; readonly agent: AgentAbilities }): ReactElement {
  const { t } = useWords();
  return (
    <ButtonDialog title={t("skills.give.of", { name: agent.name })} label={t("skills.give")}>
      {(close) => (
        <GiveForm model={model} agent={agent} close={close} />
      )}
    </ButtonDialog>
  );
}

function GiveForm({ model, agent, close }: { readonly model: SkillsModel; readonly agent: AgentAbilities; readonly close: () => void }): ReactElement {
  const { t, locale, language } = useWords();
  const { data } = useStore(model.known);
  const { error } = useStore(model.acting);
  const [languages, setLanguages] = useState<readonly string[]>(agent.languages);
  const [skills, setSkills] = useState<readonly string[]>(agent.skills);
  return (
    <DialogForm error={error} ready={true} submit={t("users.edit.save")} onSubmit={() => model.give(agent, languages, skills)} close={close}>
      <CheckboxGroup className="choices" value={[...languages]} onChange={setLanguages}>
        <Label className="label">{t("skills.languages")}</Label>
        <div className="row">
          {byName(data?.languages ?? [], locale).map((code) => (
            <CheckChoice key={code} value={code}>
              {languageWord(code, locale)}
            </CheckChoice>
          ))}
        </div>
      </CheckboxGroup>
      <CheckboxGroup className="choices" value={[...skills]} onChange={setSkills}>
        <Label className="label">{t("skills.title")}</Label>
        <div className="row">
          {choosable(data?.items ?? [], agent.skills).map(({ code }) => (
            <CheckChoice key={code} value={code}>
              {skillWord(data?.items ?? [], code, language)}
            </CheckChoice>
          ))}
          {data?.items.length === 0 && <span className="muted">{t("skills.none")}</span>}
        </div>
      </CheckboxGroup>
    </DialogForm>
  );
}

function SkillList({ model }: { readonly model: SkillsModel }): ReactElement {
  const { t } = useWords();
  const { data, error } = useStore(model.known);
  const { busy, error: failed } = useStore(model.acting);
  const rows = data?.items ?? [];
  return (
    <Panel title={t("skills.title")}>
      <p className="muted">{t("skills.intro")}</p>
      <ErrorNotice error={error ?? failed} />
      {data !== null && rows.length === 0 && <Empty>{t("skills.none")}</Empty>}
      {rows.length > 0 && (
        <DataTable<Skill>
          label={t("skills.title")}
          rows={rows}
          id={({ id }) => id}
          columns={[
            {
              head: t("pauses.dutch"),
              cell: ({ dutch, english, archived }) => (
                <>
                  <span className="row row--tight">
                    <strong>{dutch}</strong>
                    {archived && <Badge>{t("pauses.archived")}</Badge>}
                  </span>
                  <div className="muted">{english}</div>
                </>
              ),
            },
            { head: t("floor.action"), cell: (skill) => <SkillActions model={model} skill={skill} busy={busy} /> },
          ]}
        />
      )}
      <div>
        <WordsDialog model={model} label={t("skills.make")} title={t("skills.make")} onKeep={model.add} />
      </div>
    </Panel>
  );
}

function SkillActions({ model, skill, busy }: { readonly model: SkillsModel; readonly skill: Skill; readonly busy: boolean }): ReactElement {
  const { t } = useWords();
  const name = skill.dutch;
  if (skill.archived)
    return (
      <Button size="small" isDisabled={busy} aria-label={t("pauses.back.of", { name })} onPress={() => void model.archive(skill, false)}>
        {t("pauses.back")}
      </Button>
    );
  return (
    <span className="row row--tight row--nowrap">
      <WordsDialog model={model} label={t("pauses.change")} title={t("pauses.change.of", { name })} before={skill} onKeep={(dutch, english) => model.change(skill, dutch, english)} />
      <Button size="small" look="quiet" isDisabled={busy} aria-label={t("pauses.archive.of", { name })} onPress={() => void model.archive(skill, true)}>
        {t("pauses.archive")}
      </Button>
    </span>
  );
}

interface WordsProps {
  readonly model: SkillsModel;
  readonly label: string;
  readonly title: string;
  readonly before?: Skill;
  readonly onKeep: (dutch: string, english: string) => Promise<boolean>;
}

function WordsDialog({ model, label, title, before, onKeep }: WordsProps): ReactElement {
  return (
    <ButtonDialog title={title} label={label} isFirst={before === undefined}>
      {(close) => (
        <WordsForm model={model} before={before} onKeep={onKeep} close={close} />
      )}
    </ButtonDialog>
  );
}

function WordsForm({ model, before, onKeep, close }: Pick<WordsProps, "model" | "onKeep"> & { readonly before: Skill | undefined; readonly close: () => void }): ReactElement {
  const { t } = useWords();
  const { error } = useStore(model.acting);
  const [dutch, setDutch] = useState(before?.dutch ?? "");
  const [english, setEnglish] = useState(before?.english ?? "");
  const ready = dutch.trim() !== "" && english.trim() !== "";
  return (
    <DialogForm error={error} ready={ready} submit={t("users.edit.save")} onSubmit={() => onKeep(dutch, english)} close={close}>
      <TextInput label={t("pauses.dutch")} value={dutch} onChange={setDutch} maxLength={40} focusFirst />
      <TextInput label={t("pauses.english")} value={english} onChange={setEnglish} maxLength={40} />
    </DialogForm>
  );
}
