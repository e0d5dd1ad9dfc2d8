/** Which page shows: by session, permission and address. */

import { lazy, type ReactElement, Suspense, useEffect } from "react";
import { I18nProvider, RouterProvider } from "react-aria-components";
import { AgentPage } from "./views/agent/agent-page";
import { CodePage } from "./views/login/code-page";
import { LockPage } from "./views/login/lock-page";
import { LoginPage } from "./views/login/login-page";
import { FILE_PARTS, filesPath } from "./domain/file-parts";
import { listAt } from "./domain/follow-up";
import { type PageId, PAGES, pageAt, pagesFor } from "./views/pages";
import { Shell } from "./views/shell";
import { StillThere } from "./views/still-there";
import type { SignedIn } from "./state/session";
import { type App as AppParts, AppContext, useApp, useMay, useWords } from "./ui/app-context";
import { PageGuard } from "./ui/page-guard";
import { Button, Empty, Notice } from "./ui/parts";
import { idAfter, partAfter, router } from "./ui/router";
import { useStore } from "./ui/use-store";

// An agent's browser does not load the office.
const AccountPage = lazy(async () => ({ default: (await import("./views/account/account-page")).AccountPage }));
const EnrolPage = lazy(async () => ({ default: (await import("./views/login/enrol-page")).EnrolPage }));
const BookingsPage = lazy(async () => ({ default: (await import("./views/supervisor/bookings-page")).BookingsPage }));
const HomePage = lazy(async () => ({ default: (await import("./views/client/home-page")).HomePage }));
const FollowUpPage = lazy(async () => ({ default: (await import("./views/client/follow-up-page")).FollowUpPage }));
const QuestionsPage = lazy(async () => ({ default: (await import("./views/client/questions-page")).QuestionsPage }));
const CallbacksPage = lazy(async () => ({ default: (await import("./views/supervisor/callbacks-page")).CallbacksPage }));
const CampaignPage = lazy(async () => ({ default: (await import("./views/supervisor/campaign-page")).CampaignPage }));
const CampaignSettingsPage = lazy(async () => ({ default: (await import("./views/supervisor/campaign-settings-page")).CampaignSettingsPage }));
const CampaignsPage = lazy(async () => ({ default: (await import("./views/supervisor/campaigns-page")).CampaignsPage }));
const RulesPage = lazy(async () => ({ default: (await import("./views/supervisor/rules-page")).RulesPage }));
const CasePage = lazy(async () => ({ default: (await import("./views/supervisor/case-page")).CasePage }));
const CasesPage = lazy(async () => ({ default: (await import("./views/supervisor/cases-page")).CasesPage }));
const ClientPage = lazy(async () => ({ default: (await import("./views/supervisor/client-page")).ClientPage }));
const ClientFilesPage = lazy(async () => ({ default: (await import("./views/supervisor/client-files-page")).ClientFilesPage }));
const ClientsPage = lazy(async () => ({ default: (await import("./views/supervisor/clients-page")).ClientsPage }));
const DayPage = lazy(async () => ({ default: (await import("./views/supervisor/day-page")).DayPage }));
const LearnedPage = lazy(async () => ({ default: (await import("./views/supervisor/learned-page")).LearnedPage }));
const DecisionsPage = lazy(async () => ({ default: (await import("./views/supervisor/decisions-page")).DecisionsPage }));
const DeliveriesPage = lazy(async () => ({ default: (await import("./views/supervisor/deliveries-page")).DeliveriesPage }));
const ExportsPage = lazy(async () => ({ default: (await import("./views/supervisor/exports-page")).ExportsPage }));
const HandbookPage = lazy(async () => ({ default: (await import("./views/handbook-page")).HandbookPage }));
const FloorPage = lazy(async () => ({ default: (await import("./views/supervisor/floor-page")).FloorPage }));
const CalibrationPage = lazy(async () => ({ default: (await import("./views/quality/calibration-page")).CalibrationPage }));
const CardPage = lazy(async () => ({ default: (await import("./views/quality/card-page")).CardPage }));
const MyReviewsPage = lazy(async () => ({ default: (await import("./views/quality/my-reviews-page")).MyReviewsPage }));
const SamplePage = lazy(async () => ({ default: (await import("./views/quality/sample-page")).SamplePage }));
const SamplesPage = lazy(async () => ({ default: (await import("./views/quality/samples-page")).SamplesPage }));
const ComplaintPage = lazy(async () => ({ default: (await import("./views/quality/complaint-page")).ComplaintPage }));
const ComplaintsPage = lazy(async () => ({ default: (await import("./views/quality/complaints-page")).ComplaintsPage }));
const ImprovementsPage = lazy(async () => ({ default: (await import("./views/quality/improvements")).ImprovementsPage }));
const TrendsPage = lazy(async () => ({ default: (await import("./views/quality/trends-page")).TrendsPage }));
const KnowledgePage = lazy(async () => ({ default: (await import("./views/supervisor/knowledge-page")).KnowledgePage }));
const PracticePage = lazy(async () => ({ default: (await import("./views/agent/practice-page")).PracticePage }));
const ReportPage = lazy(async () => ({ default: (await import("./views/supervisor/report-page")).ReportPage }));
const BillsPage = lazy(async () => ({ default: (await import("./views/supervisor/bills-page")).BillsPage }));
const ReportsPage = lazy(async () => ({ default: (await import("./views/supervisor/reports-page")).ReportsPage }));
const LeaksPage = lazy(async () => ({ default: (await import("./views/privacy/leaks-page")).LeaksPage }));
const RegisterPage = lazy(async () => ({ default: (await import("./views/privacy/register-page")).RegisterPage }));
const RequestsPage = lazy(async () => ({ default: (await import("./views/privacy/requests-page")).RequestsPage }));
const RosterPage = lazy(async () => ({ default: (await import("./views/supervisor/roster-page")).RosterPage }));
const ScriptPage = lazy(async () => ({ default: (await import("./views/supervisor/script-page")).ScriptPage }));
const ScriptsPage = lazy(async () => ({ default: (await import("./views/supervisor/scripts-page")).ScriptsPage }));
const TeamPage = lazy(async () => ({ default: (await import("./views/supervisor/team-page")).TeamPage }));
const TokensPage = lazy(async () => ({ default: (await import("./views/supervisor/tokens-page")).TokensPage }));
const WizardPage = lazy(async () => ({ default: (await import("./views/supervisor/wizard-page")).WizardPage }));
const UsersPage = lazy(async () => ({ default: (await import("./views/supervisor/users-page")).UsersPage }));

export function App({ parts }: { readonly parts: AppParts }): ReactElement {
  const { language } = useStore(parts.preferences);
  return (
    <AppContext value={parts}>
      <I18nProvider locale={language === "nl" ? "nl-NL" : "en-GB"}>
        <RouterProvider navigate={router.go}>
          <Gate />
        </RouterProvider>
      </I18nProvider>
    </AppContext>
  );
}

function Gate(): ReactElement {
  const { session } = useApp();
  const { t } = useWords();
  const state = useStore(session);
  useEffect(() => void session.refresh(), [session]);
  switch (state.kind) {
    case "unknown":
      return <Empty>{t("app.loading")}</Empty>;
    case "unreachable":
      return (
        <main className="login" id="content">
          <Notice tone="bad" live="assertive">
            <span>{t("login.unreachable")}</span>
            <Button look="quiet" size="small" onPress={() => void session.refresh()}>
              {t("app.retry")}
            </Button>
          </Notice>
        </main>
      );
    case "signed_out":
      return <LoginPage expired={state.expired} />;
    case "second_step":
      if (state.stage === "code") return <CodePage />;
      return (
        <PageGuard at="/enrol" failed={<NotLoaded />}>
          <Suspense fallback={<Empty>{t("app.loading")}</Empty>}>
            <EnrolPage />
          </Suspense>
        </PageGuard>
      );
    case "locked":
      return <LockPage user={state.user} />;
    case "signed_in":
      return (
        <>
          <Inside user={state.user} permissions={state.permissions} />
          <StillThere />
        </>
      );
  }
}

function Inside({ user, permissions }: Pick<SignedIn, "user" | "permissions">): ReactElement {
  const { t } = useWords();
  const { hub, pauses } = useApp();
  const path = useStore(router);
  const live = permissions.has("live");
  useEffect(() => {
    if (!live) return;
    hub.start(user.id);
    return () => hub.stop();
  }, [hub, live, user.id]);
  const seesPauses = permissions.has("pause.read");
  useEffect(() => {
    if (seesPauses) void pauses.list.reload();
  }, [pauses, seesPauses, user.id]);
  const pages = pagesFor(permissions);
  const first = pages[0];
  useEffect(() => {
    if (path === "/" && first !== undefined) router.replace(PAGES[first].path);
  }, [path, first]);
  const current = pageAt(path);
  return (
    <Shell user={user} pages={pages} current={current}>
      <PageGuard at={path} failed={<NotLoaded />}>
        <Suspense fallback={<Empty>{t("app.loading")}</Empty>}>
          <Page path={path} role={user.role} page={current} allowed={current !== null && pages.includes(current)} />
        </Suspense>
      </PageGuard>
    </Shell>
  );
}

/** Instead of a page that did not come, as after a new version or while the network is away. */
function NotLoaded(): ReactElement {
  const { t } = useWords();
  return (
    <Notice tone="bad" live="assertive">
      <span>{t("app.pageFailed")}</span>
      <Button look="quiet" size="small" onPress={() => location.reload()}>
        {t("app.reload")}
      </Button>
    </Notice>
  );
}

function Page({ path, role, page, allowed }: { readonly path: string; readonly role: string; readonly page: PageId | null; readonly allowed: boolean }): ReactElement | null {
  const { t } = useWords();
  if (path === "/") return null;
  if (page === null) return <Empty>{t("app.notFound")}</Empty>;
  if (!allowed) return <Empty>{t("app.forbidden")}</Empty>;
  const id = idAfter(path, PAGES[page].path);
  switch (page) {
    case "home":
      return <HomePage />;
    case "followUp":
      return <FollowUpPage key={listAt(path)} list={listAt(path)} />;
    case "questions":
      return <QuestionsPage />;
    case "desk":
      return <AgentPage />;
    case "practice":
      return <PracticePage />;
    case "floor":
      return <FloorPage />;
    case "day":
      return <DayPage />;
    case "campaigns":
      if (id === null) return <CampaignsPage />;
      return <CampaignPart id={id} part={partAfter(path, PAGES[page].path)} />;
    case "deliveries":
      return <DeliveriesPage />;
    case "cases":
      return id === null ? <CasesPage /> : <CasePage key={id} id={id} />;
    case "callbacks":
      return <CallbacksPage />;
    case "bookings":
      return <BookingsPage />;
    case "exports":
      return <ExportsPage />;
    case "bills":
      return <BillsPage />;
    case "reports":
      return id === null ? <ReportsPage /> : <ReportPage key={id} id={id} />;
    case "reviews":
      return <MyReviewsPage />;
    case "quality":
      return <QualityPart id={id} part={path.slice(PAGES.quality.path.length + 1)} />;
    case "knowledge":
      return <KnowledgePage />;
    case "scripts":
      return id === null ? <ScriptsPage /> : <ScriptPage key={id} id={id} />;
    case "clients":
      if (id === null) return <ClientsPage />;
      return <ClientPart id={id} part={partAfter(path, PAGES[page].path)} />;
    case "tokens":
      return <TokensPage />;
    case "team":
      return path === `${PAGES.team.path}/roster` ? <RosterPage /> : <TeamPage />;
    case "users":
      return <UsersPage />;
    case "privacy":
      return <PrivacyPart part={path.slice(PAGES.privacy.path.length + 1)} />;
    case "account":
      return <AccountPage />;
    case "handbook":
      return <HandbookPage role={role} />;
  }
}

function QualityPart({ id, part }: { readonly id: string | null; readonly part: string }): ReactElement {
  if (id !== null && part.endsWith("/complaint")) return <ComplaintPage key={id} id={id} />;
  if (id !== null) return <SamplePage key={id} id={id} />;
  if (part === "complaints") return <ComplaintsPage />;
  if (part === "improvements") return <ImprovementsPage />;
  if (part === "trends") return <TrendsPage />;
  if (part === "calibration") return <CalibrationPage />;
  if (part === "card") return <CardPage />;
  return <SamplesPage />;
}

function PrivacyPart({ part }: { readonly part: string }): ReactElement {
  const residents = useMay("privacy");
  if (part === "leaks") return <LeaksPage />;
  return residents && part !== "register" ? <RequestsPage /> : <RegisterPage />;
}

function ClientPart({ id, part }: { readonly id: string; readonly part: string }): ReactElement {
  const files = FILE_PARTS.find((one) => part === filesPath(one));
  return files === undefined ? <ClientPage key={id} id={id} /> : <ClientFilesPage key={id} id={id} part={files} />;
}

function CampaignPart({ id, part }: { readonly id: string; readonly part: string }): ReactElement {
  if (part === "start" || part.startsWith("start-")) return <WizardPage key={id} id={id} part={part} />;
  if (part === "settings") return <CampaignSettingsPage key={id} id={id} />;
  if (part === "learned") return <LearnedPage key={id} id={id} />;
  if (part === "decisions") return <DecisionsPage key={id} id={id} />;
  if (part === "rules") return <RulesPage key={id} id={id} />;
  return <CampaignPage key={id} id={id} />;
}
