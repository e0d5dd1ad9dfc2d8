import { type ReactElement, useState } from "react";
import { useApp, useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { Button, Notice } from "../../ui/parts";
import { useStore } from "../../ui/use-store";
import { LoginFrame, Refused } from "./login-frame";
import { SignOnButton } from "./sign-on-button";

export function LoginPage({ expired }: { readonly expired: boolean }): ReactElement {
  const { session, preferences } = useApp();
  const { t, language } = useWords();
  const { busy, error } = useStore(session.signingIn);
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  return (
    // The password leaves the memory of this page whatever the answer.
    <LoginFrame icon="phone" onSubmit={() => void session.signIn(login, password).finally(() => setPassword(""))}>
      <div>
        <h1>{t("login.title")}</h1>
        <p className="muted">{t("login.intro")}</p>
      </div>
      {expired && error === null && <Notice tone="info">{t("login.expired")}</Notice>}
      <Refused error={error} isWrong={(refusal) => refusal.status === 401} wrong={t("login.wrong")} />
      <TextInput label={t("login.login")} value={login} onChange={setLogin} autoComplete="username" maxLength={64} focusFirst required />
      <TextInput label={t("login.password")} value={password} onChange={setPassword} type="password" autoComplete="current-password" required />
      <Button look="primary" size="large" type="submit" isDisabled={busy || login === "" || password === ""}>
        {t("login.submit")}
      </Button>
      <SignOnButton />
      <div className="row row--center">
        <Button look="quiet" size="small" onPress={() => preferences.change({ language: language === "nl" ? "en" : "nl" })}>
          {language === "nl" ? "English" : "Nederlands"}
        </Button>
      </div>
    </LoginFrame>
  );
}
