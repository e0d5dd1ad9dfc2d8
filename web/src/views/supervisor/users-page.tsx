import { type ReactElement, useEffect, useState } from "react";
import type { Client, Role, User } from "../../api/types";
import { Query } from "../../state/query";
import { UsersModel } from "../../state/office";
import { useApp, useMay, useWords } from "../../ui/app-context";
import { Ask } from "../../ui/ask";
import { PagedTable } from "../../ui/data-table";
import { SelectInput, TextInput } from "../../ui/fields";
import { Badge, Button, ErrorNotice, PageHead, Panel } from "../../ui/parts";
import { useModel } from "../../ui/use-model";
import { useStore } from "../../ui/use-store";
import { SignInRulesPanel, UserAccessButton } from "./user-access";
import { EditUser, ROLES } from "./user-editor";

export function UsersPage(): ReactElement {
  const { client } = useApp();
  const { t } = useWords();
  const model = useModel(() => new UsersModel(client));
  const pages = useStore(model.list);
  const mayWrite = useMay("user.write");
  const source = useModel(() => new Query<readonly Client[]>(async () => (mayWrite ? (await client.get("/clients")).items : [])));
  const clients = useStore(source);
  useEffect(() => {
    void model.list.reload();
    void source.reload();
  }, [model, source]);
  return (
    <>
      <PageHead title={t("users.title")} />
      <div className={mayWrite ? "page-grid" : "stack"}>
        <Panel>
          <PagedTable
            label={t("users.title")}
            pages={pages}
            none={t("users.none")}
            onRetry={() => void model.list.reload()}
            onMore={() => void model.list.more()}
            id={(user) => user.id}
            columns={[
              { head: t("users.name"), cell: (user) => <strong>{user.display_name}</strong> },
              { head: t("users.login"), cell: (user) => user.login },
              { head: t("users.role"), cell: (user) => t(`role.${user.role}`) },
              { head: t("campaigns.state"), cell: (user) => <Badge tone={user.disabled ? "bad" : "good"}>{t(user.disabled ? "users.disabled" : "users.active")}</Badge> },
              ...(mayWrite ? [{ head: t("floor.action"), cell: (user: User) => <UserActions model={model} user={user} clients={clients.data ?? []} /> }] : []),
            ]}
          />
        </Panel>
        {mayWrite && (
          <div className="stack">
            <NewUserForm model={model} clients={clients.data ?? []} />
            <SignInRulesPanel />
          </div>
        )}
      </div>
    </>
  );
}

interface ActionsProps {
  readonly model: UsersModel;
  readonly user: User;
  readonly clients: readonly Client[];
}

function UserActions({ model, user, clients }: ActionsProps): ReactElement {
  const { t } = useWords();
  const { busy } = useStore(model.acting);
  const words = t("users.setPassword");
  return (
    <span className="row row--tight">
      <EditUser model={model} user={user} clients={clients} />
      <UserAccessButton user={user} />
      <Ask
        trigger={<Button size="small">{words}</Button>}
        title={words}
        text={t("users.setPassword.text", { name: user.display_name })}
        confirm={words}
        action={model.acting}
        field={{ label: t("users.password"), hint: t("users.password.hint"), min: 12, type: "password" }}
        onConfirm={(password) => model.setPassword(user.id, password)}
      />
      <Ask
        trigger={
          <Button size="small" look="quiet">
            {t("users.signOut")}
          </Button>
        }
        title={t("users.signOut")}
        text={t("users.signOut.text", { name: user.display_name })}
        confirm={t("users.signOut")}
        action={model.acting}
        onConfirm={() => model.signOut(user.id)}
      />
      <Button size="small" look="quiet" isDisabled={busy} onPress={() => void model.setDisabled(user, !user.disabled)}>
        {t(user.disabled ? "users.enable" : "users.disable")}
      </Button>
    </span>
  );
}

const BLANK = { login: "", display_name: "", role: "agent" as Role, client: "", password: "" };

function NewUserForm({ model, clients }: { readonly model: UsersModel; readonly clients: readonly Client[] }): ReactElement {
  const { t } = useWords();
  const { busy, error } = useStore(model.acting);
  const [form, setForm] = useState(BLANK);
  const edit = (change: Partial<typeof BLANK>): void => setForm({ ...form, ...change });
  const ready = form.login.length >= 2 && form.display_name.trim() !== "" && form.password.length >= 12 && (form.role !== "client" || form.client !== "");
  return (
    <Panel title={t("users.new")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          const user = { ...form, display_name: form.display_name.trim(), client: form.role === "client" ? form.client : null };
          void model.create(user).then((done) => done && setForm(BLANK));
        }}
      >
        <TextInput label={t("users.name")} value={form.display_name} onChange={(display_name) => edit({ display_name })} maxLength={80} />
        <TextInput label={t("users.login")} hint={t("users.login.hint")} value={form.login} onChange={(login) => edit({ login: login.toLowerCase() })} maxLength={40} />
        <SelectInput label={t("users.role")} value={form.role} onChange={(role) => edit({ role: role as Role })} options={ROLES.map((role) => ({ id: role, label: t(`role.${role}`) }))} />
        {form.role === "client" && <SelectInput label={t("users.client")} value={form.client} onChange={(id) => edit({ client: id })} options={clients.map(({ id, name }) => ({ id, label: name }))} />}
        <TextInput type="password" label={t("users.password")} hint={t("users.password.hint")} value={form.password} onChange={(password) => edit({ password })} autoComplete="new-password" />
        <ErrorNotice error={error} />
        <Button look="primary" type="submit" isDisabled={busy || !ready}>
          {t("users.create")}
        </Button>
      </form>
    </Panel>
  );
}
