/** Short names for the shapes of the API's description. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Agent = Schemas["Agent"];
export type Call = Schemas["Call"];
export type Callback = Schemas["Callback"];
export type Campaign = Schemas["Campaign"];
export type CampaignNow = Schemas["CampaignNow"];
export type CampaignChange = Schemas["CampaignChange"];
export type CampaignSettings = Schemas["CampaignSettings"];
export type CampaignTried = Schemas["CampaignTried"];
export type Candidate = Schemas["Candidate"];
export type Card = Schemas["Card"];
export type Case = Schemas["Case"];
export type CaseDetail = Schemas["CaseDetail"];
export type CaseState = Schemas["CaseState"];
export type CatalogueOutcome = Schemas["Outcome"];
export type Client = Schemas["Client"];
export type ColumnMapping = Schemas["ColumnMapping"];
export type Delivery = Schemas["Delivery"];
export type DeviceGrant = Schemas["DeviceGrant"];
export type Dossier = Schemas["Dossier"];
export type Draft = Schemas["Draft"];
export type Export = Schemas["Export"];
export type Filing = Schemas["Filing"];
export type Floor = Schemas["Floor"];
export type Intake = Schemas["Intake"];
export type LiveMessage = Schemas["LiveMessage"];
export type NextStep = Schemas["NextStep"];
export type NextStepChange = Schemas["NextStepChange"];
export type OutcomeRules = Schemas["OutcomeRules"];
export type OutcomeRule = OutcomeRules["items"][number];
export type OutcomeRulesVersion = Schemas["OutcomeRulesVersion"];
export type Permission = Schemas["Permission"];
export type Preflight = Schemas["Preflight"];
export type Problem = Schemas["Problem"];
export type Recall = Schemas["Recall"];
export type Role = Schemas["Role"];
export type RulesChanged = Schemas["RulesChanged"];
export type Session = Schemas["Session"];
export type User = Schemas["User"];
export type Why = Schemas["Why"];
export type Reach = Schemas["Reach"];
export type CaseWhy = Schemas["CaseWhy"];
export type StepKind = Schemas["StepKind"];
