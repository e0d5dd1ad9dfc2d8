import { type ReactElement, useState } from "react";
import type { User } from "../../api/types";
import { useApp, useWords } from "../../ui/app-context";
import { TextInput } from "../../ui/fields";
import { Icon } from "../../ui/icon";
import { Button, Notice } from "../../ui/parts";
import { useStore } from "../../ui/use-store";

/** Nothing of the work is on the page while it is locked. */
export function LockPage({ user }: { readonly user: User }): ReactElement {
  const { session } = useApp();
  const { t, error: words } = useWords();
  const { busy, error } = useStore(session.unlocking);
  const [password, setPassword] = useState("");
  const refused =
    error === null ? null : error.code === "sign-in-refused" ? t("lock.wrong") : error.status === 429 ? t("login.slow") : error.status === 0 ? t("login.unreachable") : words(error);
  return (
    <main className="login" id="content">
      <form
        className="login__card"
        onSubmit={(event) => {
          event.preventDefault();
          void session.unlock(password).finally(() => setPassword(""));
        }}
      >
        <div className="brand">
          <span className="brand__mark">
            <Icon name="lock" />
          </span>
          {t("app.name")}
        </div>
        <div>
          <h1>{t("lock.title")}</h1>
          <p className="muted">{t("lock.intro")}</p>
          <p>
            <strong>{user.display_name}</strong>
          </p>
        </div>
        {refused !== null && (
          <Notice tone="bad" live="assertive">
            {refused}
          </Notice>
        )}
        <TextInput label={t("login.password")} value={password} onChange={setPassword} type="password" autoComplete="current-password" focusFirst required />
        <Button look="primary" size="large" type="submit" isDisabled={busy || password === ""}>
          {t("lock.open")}
        </Button>
        <Button look="quiet" onPress={() => void session.signOut()}>
          {t("menu.signOut")}
        </Button>
      </form>
    </main>
  );
}
