import { type ReactElement, useEffect } from "react";
import { CheckboxGroup, Label } from "react-aria-components";
import { byName, choosable, languageWord, skillWord } from "../../domain/skills";
import { knownSkills } from "../../state/skills";
import { useApp, useWords } from "../../ui/app-context";
import { CheckChoice } from "../../ui/choices";
import { ErrorNotice, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import type { PartProps } from "./campaign-settings-page";

/** What an agent must speak and be able to do to get calls of this campaign. */
export function Asked({ model, form, settings, fixed }: PartProps): ReactElement {
  const { client } = useApp();
  const { t, locale, language } = useWords();
  const known = useModel(() => knownSkills(client));
  const { data, error } = useStore(known);
  useEffect(() => void known.reload(), [known]);
  const skills = choosable(data?.items ?? [], settings.skills);
  return (
    <Panel title={t("settings.asked")}>
      <p className="muted">{t("settings.asked.hint")}</p>
      <ErrorNotice error={error} onRetry={() => void known.reload()} />
      <CheckboxGroup className="choices" value={[...form.skills]} onChange={(chosen) => model.edit({ skills: chosen })} isDisabled={fixed}>
        <Label className="label">{t("skills.title")}</Label>
        <div className="row">
          {skills.map(({ code }) => (
            <CheckChoice key={code} value={code}>
              {skillWord(skills, code, language)}
            </CheckChoice>
          ))}
          {data !== null && skills.length === 0 && <span className="muted">{t("settings.asked.none")}</span>}
        </div>
      </CheckboxGroup>
      <CheckboxGroup className="choices" value={[...form.languages]} onChange={(chosen) => model.edit({ languages: chosen })} isDisabled={fixed}>
        <Label className="label">{t("skills.languages")}</Label>
        <div className="row">
          {byName(data?.languages ?? [], locale).map((code) => (
            <CheckChoice key={code} value={code}>
              {languageWord(code, locale)}
            </CheckChoice>
          ))}
        </div>
      </CheckboxGroup>
    </Panel>
  );
}
