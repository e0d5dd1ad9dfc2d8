-- The foundation. Times are arguments, never now(). Personal data stands in schema `pii`, sealed by the
-- application; everything else holds pseudonymous ids only.

create schema pii;

-- ---------------------------------------------------------------------------------------------------------
-- Who we work for
-- ---------------------------------------------------------------------------------------------------------
create table client (
  id             uuid primary key,
  slug           text not null unique check (slug ~ '^[a-z][a-z0-9-]{1,30}$'),
  name           text not null,
  municipality   text not null,
  neutral_name   text not null,                    -- what callers hear; never tells the trade
  inbound_number text not null unique check (inbound_number ~ '^\+31[0-9]{9}$'),
  settings       jsonb not null default '{}',      -- caps, rests, terms: see domain.client_settings
  ddas           jsonb not null default '{}',      -- version and names in the national exchange: services.ddas
  version        int not null default 1,
  wrapped_key    bytea not null,                   -- client key, wrapped by the master key
  created_at     timestamptz not null,
  site           text not null default 'main' check (site ~ '^[a-z][a-z0-9-]{0,30}$')  -- whose processes call for it
);

-- To whom calls of a client may go. No other number is ever rung for a transfer.
create table transfer_target (
  id        uuid primary key,
  client_id uuid not null references client,
  kind      text not null check (kind in ('desk','team','interpreter','crisis')),
  name      text not null,
  number    text not null,                           -- E.164; of an office, no resident's
  hours     jsonb not null,                          -- Monday to Sunday: lists of [from, until], hh:mm
  languages text[] not null default '{}',            -- of an interpreter
  protocol  text not null default '',                -- of a crisis desk: what an agent does first; '': the usual one
  position  int not null default 0,
  active    boolean not null default true,
  version   int not null default 1
);
create index transfer_target_of on transfer_target (client_id, position);

create table app_user (
  id            uuid primary key,
  login         text not null check (login ~ '^[a-z0-9][a-z0-9._-]{1,39}$'),
  display_name  text not null,
  role          text not null check (role in ('agent','supervisor','quality','administrator','privacy','client','monitor')),
  client_id     uuid references client,            -- for role client: its own data only
  password_hash text not null,
  language      text not null default 'nl' check (language in ('nl','en')),
  settings      jsonb not null default '{}',
  tour_seen     boolean not null default false,    -- the first-day tour was seen or skipped
  disabled_at   timestamptz,
  created_at    timestamptz not null,
  version       int not null default 1,
  check (role <> 'client' or client_id is not null)
);
create unique index app_user_login on app_user (login);

create table user_session (
  id          uuid primary key,
  user_id     uuid not null references app_user,
  token_hash  bytea not null unique,               -- the CSRF token is derived from the token: services.accounts
  created_at  timestamptz not null,
  seen_at     timestamptz not null,
  expires_at  timestamptz not null,
  locked_at   timestamptz,                         -- nobody is at the screen: the password opens it again
  ended_at    timestamptz,
  -- What is still asked before it may do anything: a code of the app, or setting one up.
  stage       text not null default 'open' check (stage in ('open','code','enrol')),
  browser     text not null default 'other',       -- and the kind of machine: for its owner to know it again
  system      text not null default 'other'
);
create index user_session_open on user_session (user_id) where ended_at is null;

create table second_factor (
  user_id      uuid primary key references app_user,
  sealed       bytea,                              -- secret of the authenticator app; null: none was confirmed yet
  pending      bytea,                              -- of one that is being set up
  pending_at   timestamptz,
  confirmed_at timestamptz,
  last_step    bigint not null default 0,          -- time step of the last code that counted: each counts once
  check ((sealed is null) = (confirmed_at is null))
);

-- Who somebody is at the identity provider: linked by himself, never found by name or mail address.
create table user_identity (
  user_id   uuid primary key references app_user,
  issuer    text not null,
  subject   text not null,
  linked_at timestamptz not null,
  unique (issuer, subject)
);

create table recovery_code (
  user_id   uuid not null references app_user,
  code_hash bytea not null,                        -- keyed: security.second_factor
  made_at   timestamptz not null,
  used_at   timestamptz,
  primary key (user_id, code_hash)
);

-- What is asked of a role at sign-in, where an administrator has said something: services.second_factor has the rest.
create table sign_in_rule (
  role          text primary key check (role in ('agent','supervisor','quality','administrator','privacy','client','monitor')),
  second_factor text not null check (second_factor in ('optional','required')),
  set_at        timestamptz not null
);

create table api_token (
  id          uuid primary key,
  name        text not null,
  token_hash  bytea not null unique,
  role        text not null check (role in ('agent','supervisor','quality','administrator','privacy','client','monitor')),
  scopes      text[] not null,
  client_id   uuid references client,
  created_by  uuid references app_user,
  created_at  timestamptz not null,
  expires_at  timestamptz not null,
  revoked_at  timestamptz,
  renewed_by  uuid references api_token deferrable initially deferred, -- the one that took its place: it ends after the overlap
  check (role <> 'client' or client_id is not null)
);

-- Telephones of our own people, for proof runs of a client's campaigns: the only numbers that a proof call rings.
create table staff_phone (
  id            uuid primary key,
  client_id     uuid not null references client,
  label         text not null,
  number_key    bytea not null,
  sealed_number bytea not null,                       -- sealed with the client's key
  created_at    timestamptz not null,
  created_by    uuid references app_user,
  removed_at    timestamptz
);
create unique index staff_phone_once on staff_phone (client_id, number_key) where removed_at is null;

-- ---------------------------------------------------------------------------------------------------------
-- Outcome catalogue: data, versioned, the version is kept with each attempt
-- ---------------------------------------------------------------------------------------------------------
create table outcome_catalogue (
  version    int primary key,
  created_at timestamptz not null,
  created_by uuid references app_user,
  note       text not null default ''
);

create table outcome_definition (
  version    int not null references outcome_catalogue,
  code       text not null check (code ~ '^[A-Z][A-Z_]{1,39}$'),
  set_by     text not null check (set_by in ('machine','agent','both')),
  label_nl   text not null,
  label_en   text not null,
  reached    text not null check (reached in ('no','yes','if_verified')),
  final_for  text not null check (final_for in ('none','number','case')),
  case_state text,                                  -- the state a final outcome brings the case to
  next_step  jsonb not null,
  needs      text[] not null default '{}',           -- appointment, note, verified, other_number, ...
  second_key boolean not null default false,
  counted    boolean not null default true,          -- false: our or the carrier's fault, not one of the seven
  ddas       text,
  position   int not null,
  primary key (version, code)
);

-- ---------------------------------------------------------------------------------------------------------
-- Campaigns and lists
-- ---------------------------------------------------------------------------------------------------------
create table campaign (
  id                uuid primary key,
  client_id         uuid not null references client,
  name              text not null,
  state             text not null check (state in ('draft','running','paused','draining','stopped')),
  calendar          jsonb not null,                  -- windows, exceptions, holiday switches: schedule.windows
  settings          jsonb not null default '{}',     -- ring time, lines, calls per second, pacing mode ...
  catalogue_version int not null references outcome_catalogue,
  starts_on         date,
  ends_on           date,
  created_at        timestamptz not null,
  version           int not null default 1,
  unique (client_id, name)
);

-- Lines on which another team's queue hands us the calls that it cannot take. No client's own number.
create table overflow_line (
  id           uuid primary key,
  client_id    uuid not null references client,
  campaign_id  uuid not null references campaign,    -- whose agents take the calls
  number       text not null unique,                 -- E.164, where the calls come in
  team         text not null,                        -- as callers and agents hear it
  opening      text not null,                        -- what an agent says first
  back_number  text not null,                        -- E.164, where a call goes that nobody takes
  hours        jsonb not null,                       -- Monday to Sunday: lists of [from, until], hh:mm
  after_own    boolean not null default true,
  most_waiting smallint not null,
  most_seconds smallint not null,
  active       boolean not null default true,
  version      int not null default 1,
  check (number <> back_number)
);
create index overflow_line_of on overflow_line (client_id);
create function overflow_line_guard() returns trigger language plpgsql as $$
begin
  if exists (select 1 from client c join overflow_line o on o.number = c.inbound_number) then
    raise exception 'a client answers this number itself'
      using errcode = 'check_violation', constraint = 'overflow_line_number_of_its_own';
  end if;
  if exists (select 1 from overflow_line o join campaign g on g.id = o.campaign_id where g.client_id <> o.client_id) then
    raise exception 'a campaign of another client'
      using errcode = 'check_violation', constraint = 'overflow_line_campaign_of_its_client';
  end if;
  return null;
end $$;
create trigger overflow_line_guard after insert or update on overflow_line
  for each statement execute function overflow_line_guard();
create trigger client_number_guard after insert or update of inbound_number on client
  for each statement execute function overflow_line_guard();

-- A version made for one campaign is no start for others.
alter table outcome_catalogue add column campaign_id uuid references campaign;

-- Changed rules on their way to a campaign's cases.
create table catalogue_change (
  campaign_id uuid not null references campaign,
  version     int not null references outcome_catalogue,
  base        int not null references outcome_catalogue,
  at          timestamptz not null,
  done_at     timestamptz,
  primary key (campaign_id, version)
);

-- Changed hours or planning on their way to a campaign's open cases; calendar and settings are those of before.
create table plan_change (
  campaign_id uuid primary key references campaign,
  at          timestamptz not null,
  calendar    jsonb not null,
  settings    jsonb not null,
  every_case  boolean not null default false,          -- changed again underway: what was before is not known of each
  after_case  uuid                                     -- brought as far as this one
);

create table campaign_agent (
  campaign_id uuid not null references campaign,
  user_id     uuid not null references app_user,
  primary key (campaign_id, user_id)
);

create table column_mapping (
  id         uuid primary key,
  client_id  uuid not null references client,
  name       text not null,
  version    int not null,
  mapping    jsonb not null,
  created_at timestamptz not null,
  created_by uuid references app_user,
  removed_at timestamptz                            -- no longer offered; deliveries that were read with it stay
);
create unique index column_mapping_version on column_mapping (client_id, name, version) where removed_at is null;

create table delivery (
  id           uuid primary key,
  client_id    uuid not null references client,
  campaign_id  uuid not null references campaign,
  kind         text not null default 'list' check (kind in ('list','numbers','visits')),
  content_hash bytea not null,
  format       text not null check (format in ('csv','json','xlsx','api')),
  mapping_id   uuid references column_mapping,
  state        text not null check (state in ('loading','loaded','recalled')),
  received_at  timestamptz not null,
  received_by  uuid references app_user,
  recalled_at  timestamptz,
  recalled_by  uuid references app_user,
  wrapped_key  bytea,                                -- null once destroyed: everything sealed with it is gone
  expired_at   timestamptz,                          -- the term of its personal data was over: domain.retention
  counts       jsonb not null default '{}'
);
create unique index delivery_once on delivery (campaign_id, content_hash) where state <> 'recalled';

create table delivery_refusal (
  delivery_id uuid not null references delivery,
  row_number  int not null,
  column_name text not null,
  reason      text not null,
  fatal       boolean not null,                      -- false: the row was taken, this cell dropped
  primary key (delivery_id, row_number, column_name, reason)
);

-- A refused row as it stood, to correct and offer again. Row 0 is the header.
create table pii.refused_row (
  delivery_id uuid not null references delivery,
  row_number  int not null,
  sealed      bytea not null,
  primary key (delivery_id, row_number)
);

create table resident (
  id         uuid primary key,
  client_id  uuid not null references client,
  match_key  bytea not null,                         -- keyed hash of name + birth date + postcode
  created_at timestamptz not null,
  unique (client_id, match_key)
);

-- No foreign key to delivery from here on down to case_phone: a delivery is never deleted, its data is, and the check
-- of each would cost a tenth of an import.
create table pii.resident (
  resident_id uuid not null references resident,
  delivery_id uuid not null,
  sealed      bytea not null,
  primary key (resident_id, delivery_id)
);

create table case_file (
  id                uuid primary key,
  client_id         uuid not null references client,
  campaign_id       uuid not null references campaign,
  resident_id       uuid not null references resident,
  delivery_id       uuid not null references delivery,
  state             text not null check (state in
                      ('held','no_number','open','reached','not_reached','closed','withdrawn','recalled','merged')),
  state_reason      text not null default '',
  crisis            boolean not null default false,
  priority          smallint not null default 100,   -- smaller goes first
  language          text not null default 'nl',
  listed_language   text,                            -- the list's, while a filing has named another (an interpreter)
  opened_at         timestamptz not null,
  term_ends_at      timestamptz not null,            -- the legal term
  plan_ends_at      timestamptz not null,            -- planning ends: term less the delivery lead
  closed_at         timestamptz,
  held_elsewhere    boolean not null default false,  -- held by what another case of the resident came to
  released_at       timestamptz,                     -- a person decided so nevertheless
  merged_into       uuid references case_file,
  -- the plan: the next attempt. Null next_at: nothing planned
  next_at           timestamptz,
  next_phone_id     uuid,
  next_reason       jsonb not null default '{}',
  needs_reserved    boolean not null default false,  -- after an abandoned call, for an appointment, a call-back
  preferred_agent   uuid references app_user,
  paused_until      timestamptz,                     -- "I will call myself", an open call-back request
  appointment_at    timestamptz,
  cut_off_redial    boolean not null default false,  -- the one redial after a cut-off line, beside the daily cap
  -- what is reported; result_version rises with each change of it
  outcome           text,
  outcome_attempt   uuid,
  result_version    int not null default 0,
  catalogue_version int not null references outcome_catalogue
);
create index case_file_due on case_file (campaign_id, priority, next_at) where state = 'open' and next_at is not null;
create index case_file_ending on case_file (plan_ends_at) where state in ('open','no_number');
create index case_file_appointment on case_file (appointment_at) where state = 'open' and appointment_at is not null;
create index case_file_by_resident on case_file (resident_id, opened_at desc);
create index case_file_by_delivery on case_file (delivery_id);
create index case_file_page on case_file (campaign_id, id);
-- Lists of the office, the newest first, of all days or some: walked in the order in which they are shown.
create index case_file_opened on case_file (opened_at, id);
create index case_file_opened_client on case_file (client_id, opened_at, id);
create index case_file_opened_campaign on case_file (campaign_id, opened_at, id);
create index case_file_ending_client on case_file (client_id, plan_ends_at, id) where state in ('open','no_number');
-- A resident has one case at a time in a campaign; a new month's signal joins it or opens the next.
create unique index case_file_live on case_file (campaign_id, resident_id) where state in ('held','no_number','open');
create index case_file_merged on case_file (merged_into) where merged_into is not null;

-- Two cases of one person put together by hand; `before` is what undoing restores (storage.merging).
create table case_merge (
  id         bigint generated always as identity primary key,
  client_id  uuid not null references client,
  kept_id    uuid not null references case_file,
  other_id   uuid not null references case_file,
  at         timestamptz not null,
  actor      text not null,
  reason     text not null,
  before     jsonb not null,
  undone_at  timestamptz,
  undone_by  text
);
create unique index case_merge_stands on case_merge (other_id) where undone_at is null;
create index case_merge_kept on case_merge (kept_id);

create table signal (
  id           uuid primary key,
  client_id    uuid not null references client,
  delivery_id  uuid not null references delivery,
  case_id      uuid not null references case_file,
  merged_from  uuid references case_file,            -- set while a merge can be undone
  client_ref   text not null,                        -- the municipality's own reference
  signal_ref   text not null,
  partner_type text not null,
  signal_on    date not null,
  crisis       boolean not null default false,
  warm_handover boolean not null default false,
  term_ends_at timestamptz not null,                 -- its own term; the case's is the earliest of its signals
  plan_ends_at timestamptz not null,
  recalled     boolean not null default false
);
create unique index signal_once on signal (signal_ref, client_id) where not recalled;
create index signal_by_case on signal (case_id);
create index signal_by_client_ref on signal (client_ref, client_id) where not recalled;
create index signal_by_delivery on signal (delivery_id) where not recalled;

create table pii.signal (
  signal_id   uuid primary key references signal,
  delivery_id uuid not null,
  sealed      bytea not null                         -- amount, arisen on, the name as this signal has it
);

create table phone (
  id             uuid primary key,
  client_id      uuid not null references client,
  number_key     bytea not null,                     -- keyed hash of the E.164 number, the same for every client
  kind           text not null check (kind in ('mobile','fixed')),
  blocked_at     timestamptz,
  blocked_reason text,
  blocked_by     uuid,                                -- the attempt in which it was asked, if any
  lifted_at      timestamptz,
  unique (number_key, client_id)                      -- in this order: also found by number alone
);

create table pii.phone (
  phone_id    uuid not null references phone,
  delivery_id uuid not null,
  sealed      bytea not null,
  primary key (phone_id, delivery_id)
);

create table case_phone (
  case_id       uuid not null references case_file,
  phone_id      uuid not null references phone,
  position      smallint not null,
  state         text not null default 'open' check (state in ('open','closed')),
  closed_reason text,
  closed_at     timestamptz,
  source        text not null default 'client',      -- client | resident | where an enrichment file has it from
  source_on     date,
  delivery_id   uuid,                                 -- that brought it; null: said by the resident
  primary key (case_id, phone_id)
);
create index case_phone_by_phone on case_phone (phone_id);

-- A contract that is over: its delivery keys are destroyed, and callers hear where to go instead (domain.contract_end).
create table client_end (
  client_id        uuid primary key references client,
  ended_on         date not null,                     -- Amsterdam dates
  after_care_until date not null,
  certificate      jsonb not null,                    -- signed; ids, times and digests
  at               timestamptz not null
);

-- What residents ask about their data, by way of the client: domain.privacy_request. Texts name nobody.
create table privacy_request (
  id          uuid primary key,
  client_id   uuid not null references client,
  resident_id uuid not null references resident,
  kind        text not null check (kind in ('file','correct','restrict','object','erase')),
  state       text not null check (state in ('open','extended','done','refused')),
  received_on date not null,                         -- Amsterdam dates; when the client received it
  due_on      date not null,
  reason      text not null,
  answer      text not null default '',              -- why it was refused, or takes longer
  opened_at   timestamptz not null,
  opened_by   uuid references app_user,
  settled_at  timestamptz,
  settled_by  uuid references app_user,
  version     int not null default 1
);
create index privacy_request_page on privacy_request (client_id, opened_at desc);
create index privacy_request_by_resident on privacy_request (resident_id);

-- Data leaks, by client: domain.incident. Wall times; texts name nobody.
create table incident (
  id            uuid primary key,
  client_id     uuid not null references client,
  state         text not null check (state in ('open','told','closed')),
  discovered_at timestamptz not null,
  kind          text not null check (kind in ('seen','sent','lost','changed')),
  data          text[] not null,
  residents     int check (residents >= 0),            -- null: not known yet
  what          text not null,
  consequences  text not null default '',
  measures      text not null default '',
  opened_at     timestamptz not null,
  opened_by     uuid references app_user,
  told_at       timestamptz,                           -- the client, the latest time
  closed_at     timestamptz,
  lesson        text not null default '',
  version       int not null default 1
);
create index incident_by_client on incident (client_id, discovered_at desc);

-- Keyed hash only, so that it outlives the resident's data: who said "no phone" is recognised afterwards.
create table opt_out (
  id         uuid primary key,
  client_id  uuid not null references client,
  match_key  bytea not null,
  attempt_id uuid,
  at         timestamptz not null,
  lifted_at  timestamptz
);
create unique index opt_out_live on opt_out (client_id, match_key) where lifted_at is null;

-- ---------------------------------------------------------------------------------------------------------
-- The ledger. attempt_event is the truth, attempt its projection. An inbound call stands in the same ledger
-- (direction 'in', never counted), and so does a call-back to a number of nobody or of several (direction 'out',
-- callback_id set, never counted): whose it is, if anybody's, turns out in the conversation. A proof call to our own
-- people stands here too, in a direction of its own, so that whoever counts calls 'out' or 'in' does not meet it.
-- ---------------------------------------------------------------------------------------------------------
create table attempt (
  id            uuid primary key,
  direction     text not null check (direction in ('out','in','proof','overflow')),
  client_id     uuid not null references client,
  campaign_id   uuid not null references campaign,
  case_id       uuid references case_file,
  phone_id      uuid references phone,
  number_key    bytea,                               -- null: caller withheld the number
  channel_id    text not null,
  state         text not null,                       -- domain.call.CallState
  live          boolean not null,
  counted       boolean not null default false,
  seq           smallint,                            -- 1..7 per case and number
  case_seq      smallint,                            -- per case
  day           date,                                -- Amsterdam date of the dial
  exempt_daily  boolean not null default false,
  agent_id      uuid references app_user,
  epoch         bigint not null default 0,
  planned_at    timestamptz,
  claimed_at    timestamptz not null,
  dialed_at     timestamptz,
  ringing_at    timestamptz,
  answered_at   timestamptz,
  joined_at     timestamptz,
  ended_at      timestamptz,
  answer_to_agent_ms real,
  ring_ms       real,
  talk_ms       real,
  lost_ms       real,                                -- of a caller who hung up before anybody spoke to him: so long waited
  abandoned     boolean not null default false,
  ring_cut      boolean not null default false,      -- we hung up while it rang: it was about to meet nobody
  cause         smallint,
  sip_code      smallint,
  machine_result text,                               -- from the signalling
  outcome       text,                                -- what stands: the agent's, else the machine's
  outcome_at    timestamptz,
  reached       boolean not null default false,
  verified      boolean,
  flags         text[] not null default '{}',
  facts         jsonb not null default '{}',         -- of the filing that stands: appointment_at, phone_closed, answers
  wrap_up_open  boolean not null default false,
  catalogue_version int not null references outcome_catalogue,
  revision      int not null default 0,              -- last applied event of this attempt
  callback_id   uuid,                                -- the request that an agent had dialled, see callback_task
  staff_phone_id uuid references staff_phone,        -- of a proof call
  overflow_line_id uuid references overflow_line,    -- of a call that another team's queue handed to us
  check ((direction = 'overflow') = (overflow_line_id is not null)),
  check (direction <> 'overflow' or (case_id is null and phone_id is null and number_key is null
                                     and callback_id is null and not reached and not abandoned)),
  check ((direction = 'proof') = (staff_phone_id is not null)),
  check (direction <> 'proof' or (case_id is null and phone_id is null and callback_id is null
                                  and not counted and not reached and not abandoned)),
  check (not counted or direction = 'out'),
  check (not counted or (seq between 1 and 7 and case_seq >= 1 and day is not null)),
  check (callback_id is null or (direction = 'out' and not counted)),
  check (direction in ('in','overflow') or (number_key is not null
                              and (callback_id is not null or direction = 'proof'
                                   or (case_id is not null and phone_id is not null))))
);
-- A caller is never turned away by an index: a live inbound call on the number is the guard's concern.
create unique index attempt_one_live_per_number on attempt (number_key) where live and direction <> 'in';
create index attempt_live_number on attempt (number_key) where live;
create unique index attempt_one_live_per_case on attempt (case_id)
  where live and direction = 'out' and callback_id is null;
create unique index attempt_seq on attempt (case_id, phone_id, seq) where counted;
create unique index attempt_case_seq on attempt (case_id, case_seq) where counted;
create index attempt_by_case on attempt (case_id, claimed_at);
create index attempt_live on attempt (campaign_id) where live;
create index attempt_wrap_up on attempt (agent_id) where wrap_up_open;
create index attempt_by_agent on attempt (agent_id, claimed_at) where agent_id is not null;
create index attempt_by_campaign_day on attempt (campaign_id, claimed_at);
create index attempt_by_number on attempt (number_key, claimed_at desc);
create index attempt_by_channel on attempt (channel_id) where live;
create index attempt_proofs on attempt (campaign_id, claimed_at desc) where direction = 'proof';
create index attempt_by_callback on attempt (callback_id) where callback_id is not null;

create table attempt_event (
  id         bigint generated always as identity primary key,
  attempt_id uuid not null references attempt,
  revision   int not null,
  kind       text not null,
  at         timestamptz not null,                   -- calendar time
  wall_at    timestamptz not null,                   -- real time (Asterisk's stamp where it has one)
  actor      text not null,                          -- user:<uuid> | engine | carrier | asterisk
  data       jsonb not null default '{}',
  unique (attempt_id, revision)
);
create index attempt_event_by_time on attempt_event (at);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger attempt_event_append_only before update or delete or truncate on attempt_event
  for each statement execute function refuse_change();

create table pii.note (
  attempt_id  uuid primary key references attempt,
  client_id   uuid not null references client,
  delivery_id uuid references delivery,
  sealed      bytea not null,
  updated_at  timestamptz not null
);

create table wrap_up_draft (
  attempt_id uuid primary key references attempt,
  client_id  uuid not null references client,
  delivery_id uuid references delivery,
  sealed     bytea not null,
  saved_at   timestamptz not null
);

-- When a dial may start: the twin of dialer.schedule.windows and .holidays, for the guards below. A wall clock of
-- Amsterdam as a moment: the first one where the clock shows it twice.
create function amsterdam(wall timestamp) returns timestamptz language sql immutable as $$
  select case when (m - interval '1 hour') at time zone 'Europe/Amsterdam' = wall then m - interval '1 hour' else m end
    from (select wall at time zone 'Europe/Amsterdam' as m) x
$$;

-- Easter Sunday (Gregorian computus; Meeus/Jones/Butcher).
create function easter(y int) returns date language plpgsql immutable as $$
declare
  a int := y % 19; b int := y / 100; c int := y % 100; h int; l int; m int; md int;
begin
  h := (19 * a + b - b / 4 - (8 * b + 13) / 25 + 15) % 30;
  l := (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
  m := (a + 11 * h + 22 * l) / 451;
  md := h + l - 7 * m + 114;
  return make_date(y, md / 31, md % 31 + 1);
end $$;

-- Whether `day` is a holiday without calls. `switches`: the calendar's, by name; general holidays are usually closed,
-- the days that are only equated with them usually open.
create function closed_holiday(day date, switches jsonb) returns boolean language plpgsql immutable as $$
declare
  y int := extract(year from day); sunday date := easter(y); kings date := make_date(y, 4, 27);
begin
  if extract(isodow from kings) = 7 then
    kings := kings - 1;
  end if;
  return exists (
    select 1 from (values
      ('new_year', make_date(y, 1, 1), true), ('good_friday', sunday - 2, false), ('easter_sunday', sunday, true),
      ('easter_monday', sunday + 1, true), ('kings_day', kings, true), ('liberation_day', make_date(y, 5, 5), true),
      ('ascension', sunday + 39, true), ('whit_sunday', sunday + 49, true), ('whit_monday', sunday + 50, true),
      ('christmas_day', make_date(y, 12, 25), true), ('boxing_day', make_date(y, 12, 26), true),
      ('decree_day', date '2026-01-02', false), ('decree_day', date '2026-05-15', false),
      ('decree_day', date '2027-05-07', false), ('decree_day', date '2028-04-28', false),
      ('decree_day', date '2028-05-26', false)) as h (name, falls, closed)
     where h.falls = day and coalesce((switches ->> h.name)::boolean, h.closed));
end $$;

-- Whether a dial may start at `at` by a campaign's calendar: from a window's start until strictly before its end.
create function window_open(calendar jsonb, at timestamptz) returns boolean language plpgsql immutable as $$
declare
  day date := (at at time zone 'Europe/Amsterdam')::date;
  weekday int := extract(isodow from day);
  dated jsonb := calendar -> 'exceptions' -> day::text;
  spans jsonb;
  closing time;
begin
  if dated is not null then
    spans := dated;
  elsif closed_holiday(day, coalesce(calendar -> 'holidays', '{}')) then
    return false;
  else
    spans := coalesce(calendar -> 'week' -> (array['mon','tue','wed','thu','fri','sat','sun'])[weekday],
                      case when weekday < 6 then '[["08:30", "21:00"]]'::jsonb
                           when weekday = 6 then '[["09:00", "17:00"]]'::jsonb else '[]'::jsonb end);
    if coalesce((calendar ->> 'early_closings')::boolean, true)
       and (extract(month from day), extract(day from day)) in ((5, 4), (12, 5), (12, 24)) then
      closing := time '18:30';
    end if;
  end if;
  return exists (select 1 from jsonb_array_elements(spans) span
                  where at >= amsterdam(day + (span ->> 0)::time)
                    and at < amsterdam(day + least((span ->> 1)::time, closing)));
end $$;

-- Last guard of the hard rules, for a second process, an import, a hand in psql. The claim has already checked
-- them in words (schedule.rules); here they only have to hold. First the lock on case and resident, then, with a
-- fresh view, the checks: the counts run over the resident's cases, so that two campaigns do not add up. One pass
-- over all rows of a statement. The settings keep it on the indexes, whatever the first call of a session looked like.
create function attempt_guard() returns trigger language plpgsql
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  broken text;
begin
  perform 1 from fresh n join case_file f on f.id = n.case_id join resident r on r.id = f.resident_id
    where n.direction = 'out' order by f.id for no key update of f, r;
  select b.rule into broken from (
    select case
      when f.state <> 'open' then 'attempt_case_open'
      when d.state <> 'loaded' or d.expired_at is not null then 'attempt_delivery_loaded'
      when g.state <> 'running'
           or not (n.claimed_at at time zone 'Europe/Amsterdam')::date
                  between coalesce(g.starts_on, '-infinity') and coalesce(g.ends_on, 'infinity')
        then 'attempt_campaign_running'
      when n.counted and n.day <> (n.claimed_at at time zone 'Europe/Amsterdam')::date then 'attempt_day'
      when n.claimed_at >= f.plan_ends_at then 'attempt_within_term'
      when n.claimed_at < f.paused_until and asked.at is null then 'attempt_not_paused'
      when n.claimed_at < f.appointment_at and asked.at is null then 'attempt_not_before_appointment'
      when exists (select 1 from case_phone cp join phone p on p.id = cp.phone_id
                     join callback_task t on t.client_id = f.client_id and t.number_key = p.number_key
                    where cp.case_id = f.id and t.state in ('open', 'claimed') and t.case_id is distinct from f.id
                      and t.requested_at > n.claimed_at
                          - make_interval(hours => coalesce((l.settings ->> 'callback_hold_hours')::int, 24)))
           or (select case when t.state = 'claimed' then t.claimed_at end from callback_task t
                where t.case_id = f.id and t.state in ('open', 'claimed') order by t.requested_at desc limit 1)
              > n.claimed_at - interval '30 minutes'
        then 'attempt_no_request_open'
      when exists (select 1 from opt_out o
                    where o.client_id = f.client_id and o.match_key = any(pair.match_keys) and o.lifted_at is null)
        then 'attempt_no_opt_out'
      when exists (select 1 from case_file o left join attempt a on a.id = o.outcome_attempt  -- opening.hold_after's twin
                    where o.resident_id = f.resident_id and o.id <> f.id and o.state in ('reached', 'closed')
                      and greatest(o.closed_at, a.outcome_at) > greatest(f.opened_at, f.released_at)
                      and (o.outcome in ('HELP_WANTED', 'HELP_APPOINTMENT', 'HELP_OTHER', 'IN_DEBT_HELP', 'OTHER_HELP',
                                         'ADMINISTRATOR', 'DECEASED', 'MOVED')
                           or (o.state = 'reached'
                               and greatest(o.closed_at, a.outcome_at) > n.claimed_at - make_interval(
                                 days => coalesce((l.settings ->> 'spoken_hold_days')::int, 90)))))
        then 'attempt_not_stopped_elsewhere'
      when not exists (select 1 from case_phone cp join phone p on p.id = cp.phone_id
                        where cp.case_id = n.case_id and cp.phone_id = n.phone_id and cp.state = 'open'
                          and p.number_key = n.number_key)
        then 'attempt_number_open'
      when exists (select 1 from phone p
                    where p.client_id = n.client_id and p.number_key = n.number_key
                      and p.blocked_at is not null and p.lifted_at is null)
        then 'attempt_number_not_blocked'
      when exists (select 1 from attempt a where a.number_key = n.number_key and a.live and a.id <> n.id)
        then 'attempt_number_free'
      when exists (select 1 from attempt a
                    where a.number_key = n.number_key and a.direction = 'out'
                      and ((a.counted and a.case_id <> n.case_id) or (a.callback_id is not null and a.dialed_at is not null))
                      and a.claimed_at > n.claimed_at
                          - make_interval(mins => coalesce((l.settings ->> 'shared_rest_minutes')::int, 60)))
        then 'attempt_number_rested'
      when n.counted and (select count(*) from attempt a where a.case_id = any(pair.cases) and a.counted)
                         > coalesce((l.settings ->> 'case_cap')::int, 12)
        then 'attempt_case_cap'
      when n.counted and (select count(*) from attempt a
                           where a.case_id = any(pair.cases) and a.phone_id = n.phone_id and a.counted)
                         > coalesce((l.settings ->> 'number_cap')::int, 7)
        then 'attempt_number_cap'
      when n.counted and n.exempt_daily
           and not (f.cut_off_redial and exists (    -- the line was cut off just now, and nobody has redialled since
             select 1 from attempt a join outcome_definition o on o.version = f.catalogue_version and o.code = a.outcome
              where a.case_id = n.case_id and a.id <> n.id and o.next_step ->> 'kind' = 'redial'
                and a.ended_at between n.claimed_at - make_interval(
                      mins => coalesce((l.settings ->> 'redial_within_minutes')::int, 10)) and n.claimed_at
                and not exists (select 1 from attempt b where b.case_id = n.case_id and b.counted and b.id <> n.id
                                                          and b.claimed_at > a.claimed_at)))
           and (f.appointment_at is null or n.claimed_at < f.appointment_at)
           and asked.at is null
        then 'attempt_exempt'
      when n.counted and not n.exempt_daily
           and (select count(*) from case_file o join attempt a on a.case_id = o.id
                 where o.resident_id = any(pair.residents) and a.counted and not a.exempt_daily and a.day = n.day)
               > coalesce((l.settings ->> 'daily_cap')::int, 2)
        then 'attempt_daily_cap'
      when n.counted and not n.exempt_daily
           and exists (select 1 from attempt a, make_interval(
                         mins => coalesce((l.settings ->> 'least_pause_minutes')::int, 15)) pause
                        where a.case_id = any(pair.cases) and a.counted and a.id <> n.id
                          and a.claimed_at > n.claimed_at - pause and a.claimed_at < n.claimed_at + pause)
        then 'attempt_least_pause'
    end as rule
    from fresh n
    join case_file f on f.id = n.case_id
    join client l on l.id = f.client_id
    join delivery d on d.id = f.delivery_id
    join campaign g on g.id = f.campaign_id
    join resident r on r.id = f.resident_id
    cross join lateral (                             -- the case, and those that were merged into it by hand
      select array_agg(p.id) || f.id as cases, array_agg(p.resident_id) || f.resident_id as residents,
             array_agg(q.match_key) || r.match_key as match_keys
        from case_file p join resident q on q.id = p.resident_id where p.merged_into = f.id) pair
    left join lateral (                              -- a call-back that is asked for and not dialled yet
      select max(t.requested_at) as at from callback_task t
       where t.case_id = f.id and t.number_key = n.number_key and t.state in ('open', 'claimed')
         and t.requested_at <= n.claimed_at
         and not exists (select 1 from attempt a
                          where a.case_id = f.id and a.counted and a.id <> n.id and a.claimed_at >= t.requested_at))
      asked on true
    where n.direction = 'out') b
  where b.rule is not null limit 1;
  if broken is null then                             -- once for a claim, not for each of its rows
    select 'attempt_window' into broken
      from (select distinct campaign_id, claimed_at from fresh where direction = 'out') n
      join campaign g on g.id = n.campaign_id
     where not window_open(g.calendar, n.claimed_at) limit 1;
  end if;
  if broken is not null then
    raise exception 'a rule forbids this dial: %', broken using errcode = 'check_violation', constraint = broken;
  end if;
  return null;
end $$;
-- What attempt_guard is for residents, for our own people: on the client's list of staff phones, and nobody's number who
-- is to be called.
create function proof_guard() returns trigger language plpgsql as $$
declare
  broken text;
begin
  perform 1 from staff_phone p where p.id = new.staff_phone_id for no key update;
  select case
      when p.client_id <> new.client_id or g.client_id <> new.client_id or p.number_key <> new.number_key
           or p.removed_at is not null
        then 'proof_staff_phone'
      when g.state = 'stopped' then 'proof_campaign'
      when exists (select 1 from phone h
                     join case_phone cp on cp.phone_id = h.id
                     join case_file f on f.id = cp.case_id and f.state in ('held', 'no_number', 'open')
                    where h.number_key = new.number_key)
        then 'proof_resident'
      when exists (select 1 from attempt a where a.number_key = new.number_key and a.live and a.id <> new.id)
        then 'attempt_number_free'
    end into broken
    from staff_phone p join campaign g on g.id = new.campaign_id where p.id = new.staff_phone_id;
  if broken is not null then
    raise exception 'a rule forbids this dial: %', broken using errcode = 'check_violation', constraint = broken;
  end if;
  return null;
end $$;
create trigger proof_guard after insert on attempt
  for each row when (new.direction = 'proof') execute function proof_guard();

-- What the rules count on stays as it was when the dial was made; only a carrier fault takes an attempt out of the count.
create function keep_attempt() returns trigger language plpgsql as $$
begin
  raise exception 'an attempt keeps its hour, its day and its place in the count'
    using errcode = 'check_violation', constraint = 'attempt_kept';
end $$;
create trigger attempt_kept before update of direction, claimed_at, day, counted, exempt_daily on attempt
  for each row when (old.direction <> 'in' and (new.direction <> old.direction or new.claimed_at <> old.claimed_at
                     or new.day is distinct from old.day or new.exempt_daily <> old.exempt_daily
                     or (new.counted and not old.counted))) execute function keep_attempt();

-- A case that an agent looks at before he has it called: nobody else dials it. By the database's clock, as leases.
create table preview_hold (
  case_id    uuid primary key references case_file,
  user_id    uuid not null unique references app_user,
  begun_at   timestamptz not null,
  expires_at timestamptz not null
);
create table preview_skip (
  id      bigint generated always as identity primary key,
  case_id uuid not null references case_file,
  user_id uuid not null references app_user,
  at      timestamptz not null,
  reason  text not null
);
create index preview_skip_by_user on preview_skip (user_id, at);

create trigger attempt_guard after insert on attempt referencing new table as fresh
  for each statement execute function attempt_guard();

-- ---------------------------------------------------------------------------------------------------------
-- Conversation scripts: a draft that supervisors edit, numbered versions that never change, the client's decision
-- ---------------------------------------------------------------------------------------------------------
create table script (
  id            uuid primary key,
  client_id     uuid references client,              -- null: ships with the service
  name          text not null,
  draft         jsonb not null,                      -- domain.script
  draft_version int not null default 1,
  draft_at      timestamptz not null,
  draft_by      uuid references app_user,
  created_at    timestamptz not null,
  unique nulls not distinct (client_id, name)
);

create table script_version (
  id         uuid primary key,
  script_id  uuid not null references script,
  number     int not null check (number > 0),
  body       jsonb not null,
  note       text not null,
  same_as    int,                                    -- the earlier number that was gone back to
  created_at timestamptz not null,
  created_by uuid references app_user,
  unique (script_id, number)
);
create trigger script_version_append_only before update or delete or truncate on script_version
  for each statement execute function refuse_change();

create table script_decision (
  version_id uuid primary key references script_version,
  decision   text not null check (decision in ('approved','refused')),
  note       text not null default '',
  at         timestamptz not null,
  by_user    uuid references app_user                -- null: shipped, or the words of an approved version
);
create trigger script_decision_append_only before update or delete or truncate on script_decision
  for each statement execute function refuse_change();

-- Knowledge cards of a client, shown to its agents; versions as above.
create table knowledge_card (
  id         uuid primary key,
  client_id  uuid not null references client,
  created_at timestamptz not null
);

create table knowledge_version (
  card_id    uuid not null references knowledge_card,
  version    int not null check (version > 0),
  title      text not null,
  body       text not null,
  valid_from date not null,
  valid_to   date check (valid_to >= valid_from),
  created_at timestamptz not null,
  created_by uuid references app_user,
  primary key (card_id, version)
);
create trigger knowledge_version_append_only before update or delete or truncate on knowledge_version
  for each statement execute function refuse_change();

create table knowledge_decision (
  card_id  uuid not null,
  version  int not null,
  decision text not null check (decision in ('approved','refused')),
  note     text not null default '',
  at       timestamptz not null,
  by_user  uuid references app_user,
  primary key (card_id, version),
  foreign key (card_id, version) references knowledge_version
);
create trigger knowledge_decision_append_only before update or delete or truncate on knowledge_decision
  for each statement execute function refuse_change();

create table campaign_script (                       -- no row: the shipped script
  campaign_id uuid primary key references campaign,
  script_id   uuid not null references script,
  at          timestamptz not null
);

-- What the agent had before him in this call: chosen when it is first asked for, and then it stays.
create table attempt_script (
  attempt_id uuid primary key references attempt,
  version_id uuid not null references script_version,
  at         timestamptz not null
);
create trigger attempt_script_append_only before update or delete or truncate on attempt_script
  for each statement execute function refuse_change();

-- ---------------------------------------------------------------------------------------------------------
-- Agents on duty
-- ---------------------------------------------------------------------------------------------------------
create table agent_duty (
  user_id      uuid primary key references app_user,
  state        text not null,                        -- domain.agent.AgentState
  reason       text not null default '',
  since        timestamptz not null,
  device       text not null default '',              -- SIP user of the softphone
  attempt_id   uuid references attempt,
  revision     int not null default 0,
  site         text                                  -- where he is on duty; null: nowhere
);

create table agent_event (
  id       bigint generated always as identity primary key,
  user_id  uuid not null references app_user,
  at       timestamptz not null,
  wall_at  timestamptz not null,
  from_state text not null,
  state    text not null,
  reason   text not null default '',
  attempt_id uuid
);
create index agent_event_by_user on agent_event (user_id, at);
create trigger agent_event_append_only before update or delete or truncate on agent_event
  for each statement execute function refuse_change();

-- Why agents pause. Never deleted: agent_event.reason holds the code of each pause.
create table pause_reason (
  id           uuid primary key,
  code         text not null unique check (code ~ '^[a-z][a-z0-9_]{0,39}$'),
  dutch        text not null,
  english      text not null,
  position     int not null,
  counts_as    text not null check (counts_as in ('work','paid','unpaid')),
  most_minutes int check (most_minutes between 1 and 480),
  archived_at  timestamptz,
  version      int not null default 1,
  check (archived_at is null or code not in ('crisis','other'))  -- the service writes these itself
);
insert into pause_reason (id, code, dutch, english, position, counts_as, most_minutes) values
  ('00000000-0000-7000-8000-00000000a001', 'break', 'Korte pauze', 'Short break', 1, 'paid', 15),
  ('00000000-0000-7000-8000-00000000a002', 'lunch', 'Lunch', 'Lunch', 2, 'unpaid', 45),
  ('00000000-0000-7000-8000-00000000a003', 'meeting', 'Overleg', 'Meeting', 3, 'work', null),
  ('00000000-0000-7000-8000-00000000a004', 'training', 'Training', 'Training', 4, 'work', null),
  ('00000000-0000-7000-8000-00000000a005', 'other', 'Anders', 'Other', 5, 'paid', 30),
  ('00000000-0000-7000-8000-00000000a006', 'crisis', 'Na een crisis', 'After a crisis', 6, 'work', null);

-- What agents made of the practice: the best of each conversation, and who passed a whole set. No conversation is kept.
create table practice_result (
  user_id     uuid not null references app_user,
  set_version int not null,
  scenario    text not null,
  score       smallint not null check (score between 0 and 100),
  passed      boolean not null,
  tries       int not null default 1,
  at          timestamptz not null,
  primary key (user_id, set_version, scenario)
);
create table practice_pass (
  user_id     uuid not null references app_user,
  set_version int not null,
  passed_at   timestamptz not null,
  primary key (user_id, set_version)
);

-- ---------------------------------------------------------------------------------------------------------
-- What agents can do. What a campaign asks for stands in its settings: `languages` and `skills`
-- ---------------------------------------------------------------------------------------------------------
create table skill (
  id          uuid primary key,
  code        text not null unique check (code ~ '^[a-z][a-z0-9_]{0,39}$'),
  dutch       text not null,
  english     text not null,
  archived_at timestamptz,
  version     int not null default 1
);

create table agent_ability (
  id        uuid primary key references app_user,   -- the agent; without a row: Dutch, and no skill
  languages text[] not null default '{}',            -- ISO codes, beside Dutch
  skills    text[] not null default '{}',            -- codes
  version   int not null default 1
);

-- Whether an agent has all that a campaign with these settings asks for.
create function has_asked(agent uuid, settings jsonb) returns boolean language sql stable as $$
  select not exists (
    select 1 from jsonb_array_elements_text(settings -> 'skills') as k
     where not exists (select 1 from agent_ability a where a.id = agent and k = any(a.skills)))
  and not exists (
    select 1 from jsonb_array_elements_text(settings -> 'languages') as k
     where not exists (select 1 from agent_ability a where a.id = agent and k = any(a.languages)))
  and ((settings -> 'requires_practice') is distinct from 'true'
       or exists (select 1 from practice_pass p where p.user_id = agent))
$$;

-- Who works when, by the wall clock of Amsterdam. Why somebody is away is not kept.
create table roster_day (
  user_id uuid not null references app_user,
  day     date not null,
  shifts  text[] not null default '{}',              -- 09:00-13:00, in order
  away    boolean not null default false,
  version int not null default 1,
  primary key (user_id, day)
);
create index roster_by_day on roster_day (day);

-- The address under which an agent's own calendar fetches his shifts; whoever has it reads them, so it can be ended.
create table roster_feed (
  user_id     uuid primary key references app_user,
  secret_hash bytea not null unique,
  made_at     timestamptz not null
);

-- ---------------------------------------------------------------------------------------------------------
-- Call-back requests: one open task per number and client
-- ---------------------------------------------------------------------------------------------------------
create table callback_task (
  id            uuid primary key,
  client_id     uuid not null references client,
  campaign_id   uuid not null references campaign,
  number_key    bytea not null,
  sealed_number bytea not null,                       -- sealed with the client's key
  case_id       uuid references case_file,
  attempt_id    uuid references attempt,
  origin        text not null check (origin in ('closed','queue','rescue','agent','missed')),
  state         text not null check (state in ('open','claimed','done','cancelled')),
  requested_at  timestamptz not null,
  claimed_at    timestamptz,
  claimed_by    uuid references app_user,
  done_at       timestamptz,
  done_by       uuid references app_user,
  note          text not null default ''
);
create unique index callback_task_one_open on callback_task (client_id, number_key) where state in ('open','claimed');
create index callback_task_by_case on callback_task (case_id) where state in ('open','claimed');
create index callback_task_open on callback_task (campaign_id, requested_at) where state = 'open';
alter table attempt add constraint attempt_callback_id_fkey foreign key (callback_id) references callback_task;

-- What attempt_guard is for cases, for the call-back of a request that belongs to no case. The names of rules that both
-- know are the same.
create function callback_guard() returns trigger language plpgsql as $$
declare
  broken text;
begin
  perform 1 from callback_task t where t.id = new.callback_id for no key update;
  select case
      when new.case_id is not null or t.case_id is not null then 'callback_without_case'
      when t.client_id <> new.client_id or t.campaign_id <> new.campaign_id or t.number_key <> new.number_key
        then 'callback_of_request'
      when t.state <> 'claimed' or t.claimed_by is distinct from new.agent_id then 'callback_claimed'
      when g.state <> 'running'
           or not (new.claimed_at at time zone 'Europe/Amsterdam')::date
                  between coalesce(g.starts_on, '-infinity') and coalesce(g.ends_on, 'infinity')
        then 'attempt_campaign_running'
      when not window_open(g.calendar, new.claimed_at) then 'attempt_window'
      when exists (select 1 from phone p
                    where p.client_id = new.client_id and p.number_key = new.number_key
                      and p.blocked_at is not null and p.lifted_at is null)
        then 'attempt_number_not_blocked'
      when exists (select 1 from phone p
                     join case_phone cp on cp.phone_id = p.id
                     join case_file f on f.id = cp.case_id
                     join resident r on r.id = f.resident_id
                     join opt_out o on o.client_id = f.client_id and o.match_key = r.match_key and o.lifted_at is null
                    where p.client_id = new.client_id and p.number_key = new.number_key)
        then 'attempt_no_opt_out'
      when exists (select 1 from attempt a where a.number_key = new.number_key and a.live and a.id <> new.id)
        then 'attempt_number_free'
      when (select count(*) from attempt a
             where a.callback_id = new.callback_id and a.id <> new.id
               and (a.dialed_at is not null or a.machine_result not in ('FAILED','CONGESTION'))) >= 7
        then 'callback_tries'
    end into broken
    from callback_task t join campaign g on g.id = t.campaign_id where t.id = new.callback_id;
  if broken is not null then
    raise exception 'a rule forbids this dial: %', broken using errcode = 'check_violation', constraint = broken;
  end if;
  return null;
end $$;
create trigger callback_guard after insert on attempt
  for each row when (new.callback_id is not null) execute function callback_guard();

-- ---------------------------------------------------------------------------------------------------------
-- Appointments of residents with the client: times that it offers, and who has them
-- ---------------------------------------------------------------------------------------------------------
create table slot_source (
  id            uuid primary key,
  client_id     uuid not null references client,
  kind          text not null check (kind in ('own','feed')),
  name          text not null,
  place         text not null,                        -- what residents read
  meeting       text not null check (meeting in ('office','phone','home')),
  seats         smallint not null check (seats between 1 and 20),
  offered       boolean not null default true,
  pattern       jsonb,                                -- of an own one: schedule.slots
  minutes       int not null default 0,               -- of a feed: its events are cut into pieces of so many; 0: not
  sealed_url    bytea,                                -- of a feed: whoever has the address reads it. With the client's key
  created_at    timestamptz not null,
  version       int not null default 1,
  looked_at     timestamptz,
  last_ok_at    timestamptz,
  last_error    text not null default '',
  failures      int not null default 0,               -- in a row
  next_look_at  timestamptz,
  etag          text not null default '',             -- of a feed: how its server calls what was last read
  modified      text not null default '',
  read_at       timestamptz,                          -- of a feed: when it was last read whole
  unique (client_id, name),
  check ((kind = 'own') = (pattern is not null) and (kind = 'feed') = (sealed_url is not null))
);

create table slot (
  id           uuid primary key,
  source_id    uuid not null references slot_source,
  client_id    uuid not null references client,
  key          text not null,                         -- the source's own name of this time
  starts_at    timestamptz not null,
  ends_at      timestamptz not null check (ends_at > starts_at),
  cancelled_at timestamptz,                           -- not offered any more
  unique (source_id, key)
);
create index slot_coming on slot (client_id, starts_at) where cancelled_at is null;

create table booking (
  id          uuid primary key,
  client_id   uuid not null references client,
  campaign_id uuid not null references campaign,
  case_id     uuid not null references case_file,
  attempt_id  uuid not null references attempt,       -- the conversation in which it was agreed
  root_id     uuid not null,                          -- the first of a row of moves: one appointment in a diary
  sequence    int not null default 0,                 -- its place in that row
  slot_id     uuid not null references slot,
  state       text not null check (state in ('booked','moved','cancelled','kept','no_show')),  -- domain.bookings
  booked_at   timestamptz not null,
  booked_by   uuid references app_user,
  changed_at  timestamptz,
  changed_by  text not null default '',               -- as the audit names it
  reason      text not null default '',
  version     int not null default 1,
  unique (root_id, sequence)
);
create unique index booking_one_live on booking (case_id) where state = 'booked';
create index booking_by_case on booking (case_id, booked_at desc);
create index booking_by_slot on booking (slot_id);
create index booking_by_attempt on booking (attempt_id);

-- No double booking: a seat of a time is a row, and there is one of each. Either somebody has it, or a call holds it for
-- a while (by the database's clock, as leases).
create table slot_seat (
  slot_id    uuid not null references slot,
  seat       smallint not null check (seat between 1 and 20),
  booking_id uuid unique references booking,
  held_for   uuid unique references attempt,
  held_by    uuid references app_user,
  held_until timestamptz,
  primary key (slot_id, seat),
  check ((booking_id is null) = (held_for is not null)),
  check ((held_for is null) = (held_until is null) and (held_for is null) = (held_by is null))
);
-- Where a resident wants a confirmation, asked for that alone: gone a week after the appointment, or with its delivery.
create table pii.booking_contact (
  attempt_id  uuid primary key references attempt,    -- the conversation in which it was given
  client_id   uuid not null references client,
  delivery_id uuid not null,
  via         text not null check (via in ('email','sms')),
  sealed      bytea not null
);

-- What residents are told of their appointment, in order. States are those of a message: domain.exchange.
create table booking_notice (
  id          uuid primary key,                       -- of the appointment and the kind: the idempotency key out there
  seq         bigint generated always as identity unique,
  booking_id  uuid not null references booking,
  root_id     uuid not null,
  attempt_id  uuid not null references attempt,
  client_id   uuid not null references client,
  kind        text not null check (kind in ('confirm','move','cancel')),
  state       text not null default 'waiting' check (state in
                ('waiting','sending','retry','confirmed','dead','superseded','skipped')),
  created_at  timestamptz not null,
  due_at      timestamptz not null,
  tries       int not null default 0,
  died        smallint not null default 0,           -- so often, in a row, whoever sent it died underway
  error       text not null default '',
  done_at     timestamptz
);
create index booking_notice_open on booking_notice (due_at, seq) where state in ('waiting','sending','retry');
create index booking_notice_by_root on booking_notice (root_id, seq);

create function slot_seat_guard() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from slot s join slot_source o on o.id = s.source_id
                  where s.id = new.slot_id and s.cancelled_at is null and o.offered and new.seat <= o.seats) then
    raise exception 'this seat is not offered' using errcode = 'check_violation', constraint = 'slot_seat_offered';
  end if;
  return null;
end $$;
create trigger slot_seat_guard after insert or update of booking_id on slot_seat
  for each row when (new.booking_id is not null) execute function slot_seat_guard();

-- ---------------------------------------------------------------------------------------------------------
-- Results out
-- ---------------------------------------------------------------------------------------------------------
create table export_run (
  id           uuid primary key,
  client_id    uuid not null references client,
  campaign_id  uuid not null references campaign,
  kind         text not null check (kind in ('full','delta')),
  created_at   timestamptz not null,
  created_by   uuid references app_user,
  line_count   int not null,
  confirmed_at timestamptz
);

create table export_line (
  export_id      uuid not null references export_run,
  position       int not null,
  signal_id      uuid not null references signal,
  case_id        uuid not null references case_file,
  result_version int not null,
  action         text not null check (action in ('new','replacement','unchanged')),
  facts          jsonb not null,                      -- pseudonymous: outcome, attempts, numbers by position
  delivery_id    uuid references delivery,            -- whose key seals the note
  sealed         bytea,                               -- the note as it goes out with this line
  primary key (export_id, position)
);
create index export_line_by_signal on export_line (signal_id, result_version desc);

-- ---------------------------------------------------------------------------------------------------------
-- Results into a client's own systems: where to, and the outbox. A message is made in the transaction that settles its
-- case (storage.cases.save); what it tells is sealed at the first try and is the same at each later one.
-- ---------------------------------------------------------------------------------------------------------
create table exchange_channel (
  id            uuid primary key,
  client_id     uuid not null references client,
  kind          text not null check (kind in ('webhook','klantinteracties','hand')),
  name          text not null,
  state         text not null check (state in ('on','paused','off')),
  url           text not null default '',
  settings      jsonb not null default '{}',         -- how our fields are called there
  sealed_secret bytea,                               -- with the client's key
  old_secret    bytea,                               -- the one before: signs beside it until then
  old_until     timestamptz,
  created_at    timestamptz not null,
  version       int not null default 1,
  failures      int not null default 0,              -- in a row
  rest_until    timestamptz,
  last_ok_at    timestamptz,
  last_error    text not null default '',            -- a code of domain.exchange.Fault
  last_error_at timestamptz,
  unique (client_id, name)
);

create table outbox_message (
  id             uuid primary key,                    -- of channel, case and version: the idempotency key out there
  seq            bigint generated always as identity unique,
  channel_id     uuid not null references exchange_channel,
  client_id      uuid not null references client,
  campaign_id    uuid not null references campaign,
  case_id        uuid not null references case_file,
  resident_id    uuid not null references resident,
  result_version int not null,
  state          text not null default 'waiting' check (state in
                   ('waiting','sending','retry','confirmed','dead','superseded','skipped')),
  kind           text not null default '',            -- domain.exchange.MessageKind, once it is known
  created_at     timestamptz not null,
  due_at         timestamptz not null,
  tries          int not null default 0,
  died        smallint not null default 0,           -- so often, in a row, whoever sent it died underway
  tried_at       timestamptz,
  delivery_id    uuid,                                -- whose key seals what it tells
  sealed         bytea,
  error          text not null default '',
  remote         text not null default '',            -- what it is called over there
  done_at        timestamptz,
  done_by        uuid references app_user,
  unique (channel_id, case_id, result_version)
);
create index outbox_message_open on outbox_message (channel_id, due_at, seq) where state in ('waiting','sending','retry');
create index outbox_message_by_resident on outbox_message (channel_id, resident_id, seq)
  where state in ('waiting','sending','retry');
create index outbox_message_by_case on outbox_message (case_id, channel_id);
create index outbox_message_dead on outbox_message (channel_id) where state = 'dead';

-- Results as files: how a client wants its columns (each save a new version), where a campaign's files go, and which
-- went. No file is kept: its lines are those of its export, and it is made anew, the same, at each try.
create table result_profile (
  id         uuid primary key,
  client_id  uuid not null references client,
  name       text not null,
  version    int not null,
  layout     jsonb not null,                          -- domain.result_layout
  created_at timestamptz not null,
  created_by uuid references app_user,
  unique (client_id, name, version)
);

create table result_outlet (
  id            uuid primary key,
  client_id     uuid not null references client,
  campaign_id   uuid not null references campaign,
  kind          text not null check (kind in ('sftp','folder','push')),
  name          text not null,
  state         text not null check (state in ('on','paused','off')),
  place         jsonb not null,                       -- path or address, host, port, user, the host's public key
  profile_name  text not null default '',             -- its newest version rules; empty: our own columns
  weekdays      smallint[] not null default '{}',     -- 0 is Monday
  send_at       time not null default '17:00',
  public_key    text not null default '',
  sealed_secret bytea,                                -- our private key, or what signs a push; with the client's key
  old_secret    bytea,                                -- of a push, the one before: signs beside it until then
  old_until     timestamptz,
  created_at    timestamptz not null,
  version       int not null default 1,
  sent_on       date,                                 -- the last day that was dealt with
  last_ok_at    timestamptz,
  last_error    text not null default '',
  unique (client_id, name)
);
create unique index result_outlet_one on result_outlet (campaign_id) where state <> 'off';

create table result_dispatch (
  id           uuid primary key,                      -- the idempotency key out there
  outlet_id    uuid not null references result_outlet,
  number       int not null,                          -- of the outlet's files: one that is missing is seen
  client_id    uuid not null references client,
  campaign_id  uuid not null references campaign,
  export_id    uuid not null references export_run,
  name         text not null,
  profile_id   uuid references result_profile,
  lines        int not null,
  replacements int not null,
  state        text not null default 'waiting' check (state in ('waiting','sending','retry','confirmed','dead')),
  created_at   timestamptz not null,
  due_at       timestamptz not null,
  tries        int not null default 0,
  died        smallint not null default 0,           -- so often, in a row, whoever sent it died underway
  error        text not null default '',
  content_hash bytea,                                 -- SHA-256 of what went out at the last try
  size         bigint,
  done_at      timestamptz,
  unique (outlet_id, number),
  unique (outlet_id, export_id)
);
create index result_dispatch_open on result_dispatch (outlet_id, number) where state in ('waiting','sending','retry');

-- Files that clients put ready: where they are fetched, when one is expected, and the receipt of each.
create table arrival_source (
  id           uuid primary key,
  client_id    uuid not null references client,
  campaign_id  uuid not null references campaign,
  kind         text not null check (kind in ('folder','sftp')),
  name         text not null,
  watched      boolean not null default true,
  place        jsonb not null,                        -- path, host, port, user, the host's public key
  holds        text not null default 'list' check (holds in ('list','numbers','visits')),
  mapping_name text not null default '',
  weekdays     smallint[] not null default '{}',      -- 0 is Monday
  month_days   smallint[] not null default '{}',
  due_by       time not null default '10:00',
  public_key   text not null default '',
  sealed_key   bytea,                                 -- our private key, with the client's key
  created_at   timestamptz not null,
  version      int not null default 1,
  looked_at    timestamptz,
  last_error   text not null default '',              -- a code of domain.arrivals.SourceFault
  unique (client_id, name)
);

create table arrival (
  id           uuid primary key,
  source_id    uuid not null references arrival_source,
  client_id    uuid not null references client,
  name         text not null,
  mark         text not null,                         -- name, size and time: this very file
  size         bigint not null,
  content_hash bytea not null,
  state        text not null check (state in ('taken','repeated','quarantined')),
  reason       text not null default '',
  delivery_id  uuid references delivery,
  at           timestamptz not null,
  gone         boolean not null default false         -- moved away from where it came
);
create unique index arrival_once on arrival (source_id, content_hash) where state = 'taken';
create index arrival_by_mark on arrival (source_id, mark) where not gone;
create index arrival_by_time on arrival (source_id, at desc);

-- ---------------------------------------------------------------------------------------------------------
-- What must be there before a campaign goes live: domain.checklist. Facts are counted here, for whoever starts it and
-- for the last guard alike; what no fact of ours tells is ticked, with the day and the name it stands for.
-- ---------------------------------------------------------------------------------------------------------
create table client_check (
  client_id uuid not null references client,
  item      text not null check (item in ('processing_agreement','retention','script','number','opening_hours',
                                          'promise','results')),
  state     text not null check (state in ('ticked','waived')),
  on_day    date not null,                           -- of the signature, the test, the waiver
  name      text not null default '',                -- who signed or tested
  reason    text not null default '',                -- why it may be done without
  at        timestamptz not null,
  by_user   uuid references app_user,                -- null: the command line
  primary key (client_id, item),
  check ((state = 'ticked' and name <> '') or (state = 'waived' and reason <> ''))
);
create index attempt_inbound on attempt (client_id) where direction = 'in';

create function campaign_checks(which uuid) returns table (item text, fact boolean, tickable boolean, done boolean)
  language sql stable as $$
  select n.item, n.fact, n.tickable, n.fact or coalesce(k.state = 'waived' or (k.state = 'ticked' and n.tickable), false)
    from campaign g
    left join campaign_script c on c.campaign_id = g.id
    cross join lateral (values
      ('processing_agreement', false, true),
      ('retention', false, true),
      ('script', exists (select 1 from script_version v join script_decision d on d.version_id = v.id
                          where v.script_id = c.script_id and d.decision = 'approved' and d.by_user is not null),
       c.script_id is null),                         -- the shipped script is agreed to outside; an own one here alone
      ('number', exists (select 1 from attempt a where a.client_id = g.client_id and a.direction = 'in'), true),
      ('opening_hours', g.calendar <> '{}', true),
      ('promise', g.settings ? 'promised_reach_percent', false),
      ('results', exists (select 1 from exchange_channel x
                           where x.client_id = g.client_id and x.state = 'on'
                             and (x.kind = 'hand' or x.last_ok_at is not null))
               or exists (select 1 from export_run e where e.client_id = g.client_id and e.confirmed_at is not null),
       true)) n (item, fact, tickable)
    left join client_check k on k.client_id = g.client_id and k.item = n.item
   where g.id = which
$$;

create function campaign_goes_live() returns trigger language plpgsql as $$
declare
  missing text;
begin
  select string_agg(c.item, ', ') into missing from campaign_checks(new.id) c where not c.done;
  if missing is not null then
    raise exception 'the checklist is not complete: %', missing
      using errcode = 'check_violation', constraint = 'campaign_checklist';
  end if;
  return null;
end $$;
create trigger campaign_goes_live after update of state on campaign
  for each row when (new.state = 'running' and old.state in ('draft', 'stopped')) execute function campaign_goes_live();

-- ---------------------------------------------------------------------------------------------------------
-- What waits for the client's own people: one row a case, for as long as it is their turn. It follows the case whoever
-- wrote it (a filing, the end of planning, a list, a recall), so it is kept by a trigger.
-- ---------------------------------------------------------------------------------------------------------
create table follow_up (
  case_id     uuid primary key references case_file,
  client_id   uuid not null references client,
  campaign_id uuid not null references campaign,
  list        text not null check (list in ('to_visit','appointment','decision')),
  reason      text not null,                         -- outcome, or why the case is held
  crisis      boolean not null,
  since       timestamptz not null,
  due_at      timestamptz not null,                  -- the legal term; of an appointment: its time
  done_at     timestamptz                            -- marked by the client's people
);
create index follow_up_due on follow_up (client_id, list, due_at, case_id) where done_at is null;
create index follow_up_new on follow_up (client_id, list, since desc, case_id desc) where done_at is null;
create index follow_up_done on follow_up (client_id, list, done_at desc, case_id desc) where done_at is not null;

create table follow_up_mark (
  id          uuid primary key,
  case_id     uuid not null references case_file,
  client_id   uuid not null references client,
  list        text not null,
  mark        text not null,                         -- domain.follow_up.Mark
  since       timestamptz not null,                  -- of the follow-up that it is about
  due_at      timestamptz not null,
  at          timestamptz not null,
  by_user     uuid references app_user,              -- null: a machine of the client
  taken_back_at timestamptz,
  taken_back_by uuid references app_user
);
create index follow_up_mark_by_case on follow_up_mark (case_id, at desc);

create table pii.follow_up_note (
  mark_id     uuid primary key references follow_up_mark,
  delivery_id uuid not null references delivery,
  sealed      bytea not null
);
create index follow_up_note_by_delivery on pii.follow_up_note (delivery_id);

-- Whose turn a case is. `review`: its outcome's step is that the client decides; `meets`: an appointment was made.
create function follow_up_list(state text, outcome text, review boolean, meets boolean) returns text
  language sql immutable as $$
  select case
    when state = 'held' then 'decision'
    when state in ('no_number','not_reached') then 'to_visit'
    when state = 'closed' and outcome in ('NOT_CALLABLE','OPT_OUT') then 'to_visit'
    when state = 'reached' and meets then 'appointment'
    when state in ('closed','reached') and (review or outcome in ('DECEASED','MOVED','PAID')) then 'decision'
  end
$$;

create function keep_follow_up() returns trigger language plpgsql as $$
declare
  listed text;
  meets_at timestamptz;
  review boolean := false;
  booked_state text;
  said_at timestamptz;
  begins_at timestamptz;
begin
  if new.state in ('closed','reached') then
    select o.next_step ->> 'kind' = 'human_review' or coalesce(o.next_step ->> 'then' = 'human_review', false)
      into review from outcome_definition o where o.version = new.catalogue_version and o.code = new.outcome;
    if new.state = 'reached' then
      select (a.facts ->> 'appointment_at')::timestamptz into meets_at from attempt a where a.id = new.outcome_attempt;
      -- A booked time says more, and so does what became of it: cancelled, somebody must say what now.
      select b.state, b.changed_at, s.starts_at into booked_state, said_at, begins_at
        from booking b join slot s on s.id = b.slot_id
       where b.case_id = new.id and b.state <> 'moved' and b.reason <> 'undone'
       order by b.booked_at desc, b.sequence desc limit 1;
      if found then
        meets_at := case when booked_state <> 'cancelled' then begins_at end;
        review := coalesce(review, false) or booked_state = 'cancelled';
      end if;
    end if;
  end if;
  listed := follow_up_list(new.state, new.outcome, coalesce(review, false), meets_at is not null);
  if listed is null then
    delete from follow_up where case_id = new.id;
    return null;
  end if;
  insert into follow_up as u (case_id, client_id, campaign_id, list, reason, crisis, since, due_at)
  values (new.id, new.client_id, new.campaign_id, listed,
          coalesce(case when new.state in ('held','no_number') then nullif(new.state_reason, '') else new.outcome end,
                   upper(new.state)),
          new.crisis, coalesce(new.closed_at, new.opened_at), coalesce(meets_at, new.term_ends_at))
  on conflict (case_id) do update
     set list = excluded.list, reason = excluded.reason, crisis = excluded.crisis, since = excluded.since,
         due_at = excluded.due_at,
         done_at = case when u.list = excluded.list and u.reason = excluded.reason and u.since = excluded.since
                             and (excluded.list <> 'appointment' or u.due_at = excluded.due_at) then u.done_at end;
  if listed = 'appointment' and booked_state is not null then
    update follow_up set done_at = case when booked_state in ('kept','no_show') then said_at end
     where case_id = new.id;
  end if;
  return null;
end $$;
create trigger case_follow_up_new after insert on case_file
  for each row when (new.state in ('held','no_number','reached','not_reached','closed'))
  execute function keep_follow_up();
create trigger case_follow_up after update on case_file
  for each row when (
    (old.state <> 'open' or new.state <> 'open')
    and (old.state, old.state_reason, old.outcome, old.result_version, old.crisis, old.term_ends_at, old.closed_at)
        is distinct from
        (new.state, new.state_reason, new.outcome, new.result_version, new.crisis, new.term_ends_at, new.closed_at))
  execute function keep_follow_up();

-- Questions about one case between the client's people and ours: one thread a case. Each side counts what the other has
-- written and it has not read.
create table question (
  case_id      uuid primary key references case_file,
  client_id    uuid not null references client,
  campaign_id  uuid not null references campaign,
  state        text not null check (state in ('open','answered','closed')),
  opened_at    timestamptz not null,
  changed_at   timestamptz not null,
  messages     int not null default 0,
  by_client    int not null default 0,               -- number of the latest message of each side
  by_office    int not null default 0,
  client_read  int not null default 0,               -- read up to
  office_read  int not null default 0
);
create index question_by_client on question (client_id, state, changed_at desc, case_id desc);
create index question_by_state on question (state, changed_at desc, case_id desc);

create table question_message (
  id         uuid primary key,
  case_id    uuid not null references question,
  number     int not null,
  side       text not null check (side in ('client','office')),
  at         timestamptz not null,
  by_user    uuid not null references app_user,
  unique (case_id, number)
);

create table pii.question_text (
  message_id  uuid primary key references question_message,
  delivery_id uuid not null references delivery,
  sealed      bytea not null
);
create index question_text_by_delivery on pii.question_text (delivery_id);

-- ---------------------------------------------------------------------------------------------------------
-- Quality
-- ---------------------------------------------------------------------------------------------------------
create table scorecard (                             -- no row: the shipped card, version 0
  client_id  uuid not null references client,
  version    int not null check (version > 0),
  criteria   jsonb not null,
  created_at timestamptz not null,
  created_by uuid references app_user,
  primary key (client_id, version)
);
create trigger scorecard_append_only before update or delete or truncate on scorecard
  for each statement execute function refuse_change();

-- One day's draw of one client: with its seed and all that could be drawn it can be done again.
create table sample_draw (
  client_id  uuid not null references client,
  day        date not null,                          -- Amsterdam date of the filings
  seed       text not null,
  per_agent  int not null,
  population jsonb not null,                         -- [attempt, agent, outcome, [reasons]]
  drawn_at   timestamptz not null,
  primary key (client_id, day)
);
create trigger sample_draw_append_only before update or delete or truncate on sample_draw
  for each statement execute function refuse_change();

create table sample (
  id          uuid primary key,
  client_id   uuid not null references client,
  campaign_id uuid not null references campaign,
  day         date not null,
  attempt_id  uuid not null unique references attempt,
  agent_id    uuid not null references app_user,
  outcome     text not null,                         -- when it was drawn
  reasons     text[] not null,                       -- domain.sample.Reason, the most urgent first
  priority    smallint not null,
  foreign key (client_id, day) references sample_draw
);
create index sample_page on sample (day desc, priority desc, id desc);
create index sample_by_client on sample (client_id, day desc, priority desc, id desc);
create index sample_by_agent on sample (agent_id, day);

-- What somebody found: one review of each side, which stays. The wish to correct the outcome is carried out by the
-- ordinary correction, which may come later than the review: `correction` tells how far that is.
create table review (
  id           uuid primary key,
  sample_id    uuid not null references sample,
  side         text not null check (side in ('office','client')),
  by_user      uuid not null references app_user,
  at           timestamptz not null,
  card_version int not null,
  points       jsonb not null,
  score        smallint check (score between 0 and 100),
  right_outcome boolean not null,
  wanted       text,                                 -- the right outcome, where it is another
  reason       text not null default '',             -- names nobody, as a correction's
  correction   text not null default 'none' check (correction in ('none','wanted','done','refused','proposed')),
  check (right_outcome = (wanted is null)),
  unique (sample_id, side)
);
create index review_to_correct on review (id) where correction = 'wanted';
create index review_by_time on review (at);

create table coaching (
  id         uuid primary key,
  review_id  uuid not null unique references review,
  agent_id   uuid not null references app_user,
  coach_id   uuid not null references app_user,
  state      text not null,                          -- domain.coaching.CoachingState
  opened_at  timestamptz not null,
  changed_at timestamptz not null
);
create index coaching_by_agent on coaching (agent_id, opened_at desc);

create table pii.coaching_text (
  coaching_id uuid not null references coaching,
  side        text not null check (side in ('coach','agent')),
  delivery_id uuid references delivery,              -- null: under the client's own key
  sealed      bytea not null,
  primary key (coaching_id, side)
);
create index coaching_text_by_delivery on pii.coaching_text (delivery_id);

-- Complaints of residents, from an agent's filing (its flag) or a supervisor.
create table complaint (
  id          uuid primary key,
  client_id   uuid not null references client,
  campaign_id uuid not null references campaign,
  case_id     uuid references case_file,             -- null: a caller whom nobody knows
  attempt_id  uuid unique references attempt,        -- of an agent's filing
  state       text not null,                         -- domain.complaint.ComplaintState
  received_at timestamptz not null,
  due_on      date not null,                         -- the last day of the term, Amsterdam
  owner_id    uuid references app_user,
  changed_at  timestamptz not null,
  version     int not null default 1
);
create index complaint_page on complaint (received_at desc, id desc);
create index complaint_by_client on complaint (client_id, state, due_on);
create index complaint_by_case on complaint (case_id);

create table complaint_event (
  id           bigint generated always as identity primary key,
  complaint_id uuid not null references complaint,
  at           timestamptz not null,
  by_user      uuid not null references app_user,
  event        text not null,                        -- raise, or domain.complaint.ComplaintEvent
  reason       text not null default ''              -- names nobody
);
create index complaint_event_by_complaint on complaint_event (complaint_id, id);
create trigger complaint_event_append_only before update or delete or truncate on complaint_event
  for each statement execute function refuse_change();

create table pii.complaint_text (
  complaint_id uuid not null references complaint,
  kind         text not null check (kind in ('what','answer')),
  delivery_id  uuid references delivery,             -- null: under the client's own key
  sealed       bytea not null,
  primary key (complaint_id, kind)
);
create index complaint_text_by_delivery on pii.complaint_text (delivery_id);

-- Proposals to improve the work: about the work, so of no client and no resident.
-- Recordings of conversations to which the resident agreed: domain.recording. Without a row nothing may be recorded, and
-- what lies in the spool is deleted. The sound is sealed with the recording's own key, and that with the delivery's.
create table recording (
  attempt_id  uuid primary key references attempt,
  client_id   uuid not null references client,
  campaign_id uuid not null references campaign,
  delivery_id uuid not null references delivery,
  state       text not null check (state in ('open','kept','refused','lost')),
  agreed_at   timestamptz not null,                  -- or refused
  kept_at     timestamptz,
  size        int,                                   -- bytes of sound, stereo A-law
  pieces      int,
  wrapped_key bytea,                                 -- null: none yet, or destroyed
  check ((state = 'kept') = (wrapped_key is not null)),
  check (state <> 'kept' or (kept_at is not null and size > 0 and pieces > 0))
);
create index recording_open on recording (agreed_at) where state = 'open';
create index recording_by_client on recording (client_id, agreed_at);
create index recording_by_delivery on recording (delivery_id);

-- Goes with its row. Out of the back-ups: a recording ends at its term there too.
create table pii.recording_piece (
  attempt_id uuid not null references recording on delete cascade,
  client_id  uuid not null references client,
  piece      int not null,                           -- from 0
  sealed     bytea not null,
  primary key (attempt_id, piece)
);
alter table pii.recording_piece alter column sealed set storage external;

-- Two questions by keypad after a conversation: that somebody was asked, and what he pressed. Of the attempt alone, until
-- its term; figures take it from report_survey, which knows no attempt. Null over_at: not heard of since it was ordered.
create table survey (
  attempt_id  uuid primary key references attempt,
  client_id   uuid not null references client,
  campaign_id uuid not null references campaign,
  percent     real not null,                         -- of the draw: domain.survey.drawn
  asked_at    timestamptz not null,
  over_at     timestamptz,
  kto         smallint check (kto between 1 and 5),
  nps         smallint check (nps between 0 and 10),
  settled_at  timestamptz                            -- counted, or thrown away: it changes no more
);
create index survey_open on survey (asked_at) where settled_at is null;
create index survey_by_client on survey (client_id, asked_at);

-- Who asked not to be asked again.
create table survey_opt_out (
  client_id uuid not null references client,
  match_key bytea not null,
  at        timestamptz not null,
  primary key (client_id, match_key)
);

create table improvement (
  id         uuid primary key,
  body       text not null,
  raised_by  uuid not null references app_user,
  raised_at  timestamptz not null,
  state      text not null,                          -- domain.improvement.ImprovementState
  owner_id   uuid references app_user,
  due_on     date,
  answer     text not null default '',
  changed_at timestamptz not null,
  version    int not null default 1,
  check (state <> 'closed' or answer <> ''),
  check (state in ('plan','closed') or (owner_id is not null and due_on is not null))
);
create index improvement_by_state on improvement (state, due_on);

-- ---------------------------------------------------------------------------------------------------------
-- Messages, audit, idempotency, leases, jobs
-- ---------------------------------------------------------------------------------------------------------
create table message_text (
  client_id  uuid not null references client,
  kind       text not null,
  language   text not null default 'nl',
  body       text not null,
  recorded   boolean not null default false,
  changed_at timestamptz not null,
  changed_by uuid references app_user,
  primary key (client_id, kind, language)
);

create table audit_event (
  id           bigint generated always as identity primary key,
  at           timestamptz not null,
  actor        text not null,
  action       text not null,
  subject_kind text not null,
  subject_id   text not null,
  client_id    uuid,
  purpose      text not null default '',
  detail       jsonb not null default '{}'
);
create index audit_event_by_subject on audit_event (subject_kind, subject_id, at);
create trigger audit_event_append_only before update or delete or truncate on audit_event
  for each statement execute function refuse_change();

-- Every line of the audit is a link of a chain: a digest over the one before and itself (domain.audit_chain has the same
-- sum). Linked when its transaction commits, so that a long one keeps nobody waiting and the order is that of commits.
create table audit_link (
  position bigint primary key,
  event_id bigint not null unique references audit_event,
  digest   bytea not null
);
create trigger audit_link_append_only before update or delete or truncate on audit_link
  for each statement execute function refuse_change();

-- What the chain had come to, signed with a key that the database never sees: whoever can write here may make another
-- chain, but not its anchors.
create table audit_anchor (
  position  bigint primary key,
  digest    bytea not null,
  at        timestamptz not null,
  signature bytea not null
);
create trigger audit_anchor_append_only before update or delete or truncate on audit_anchor
  for each statement execute function refuse_change();

create function audit_field(field text) returns text language sql immutable as $$
  select length(coalesce(field, '')) || ':' || coalesce(field, '')
$$;
create function link_audit() returns trigger language plpgsql as $$
declare
  last record;
begin
  perform pg_advisory_xact_lock(7305500003);
  select l.position, l.digest into last from audit_link l order by l.position desc limit 1;
  insert into audit_link (position, event_id, digest)
  values (coalesce(last.position, 0) + 1, new.id,
          sha256(coalesce(last.digest, '') || convert_to(
            audit_field(new.id::text) || audit_field(((extract(epoch from new.at) * 1000000)::bigint)::text)
            || audit_field(new.actor) || audit_field(new.action) || audit_field(new.subject_kind)
            || audit_field(new.subject_id) || audit_field(new.client_id::text) || audit_field(new.purpose)
            || audit_field(new.detail::text), 'UTF8')));
  return null;
end $$;
create constraint trigger audit_linked after insert on audit_event deferrable initially deferred
  for each row execute function link_audit();

create table idempotency (
  actor        text not null,
  key          text not null,
  request_hash bytea not null,
  status       int,
  body         bytea,
  at           timestamptz not null,
  primary key (actor, key)
);
create index idempotency_by_age on idempotency (at);

-- One engine per campaign: a lease with an epoch, checked in the claim's transaction.
create table lease (
  name       text primary key,
  owner      text not null,
  epoch      bigint not null,
  expires_at timestamptz not null                     -- wall time
);

create table job_run (
  name        text primary key,
  last_run_at timestamptz,
  last_ok_at  timestamptz,
  last_error  text not null default '',
  state       jsonb not null default '{}'
);

-- What planners have learned: figures about hours and numbers, nobody's data.
create table learned_state (
  name  text primary key,
  at    timestamptz not null,
  state jsonb not null
);

-- Reach of a campaign, counted and expected, once a calendar day: figures only. Kept, to be held against what came out.
create table reach_report (
  campaign_id uuid not null references campaign,
  day         date not null,
  at          timestamptz not null,
  report      jsonb not null,
  primary key (campaign_id, day)
);

-- ---------------------------------------------------------------------------------------------------------
-- What reports count: facts that are only added to. A change is the old version with sign -1 and the new one with +1, so
-- that figures are sums, and so that a report asked again sees what it saw: it keeps the snapshot of its first time, and
-- a fact counts when its transaction was visible in it. Transaction numbers are of one database cluster; a restore into
-- another begins a new era (storage.reports).
-- ---------------------------------------------------------------------------------------------------------
create table report_era (
  id  int primary key,
  xid xid8 not null default pg_current_xact_id()
);
insert into report_era (id) values (1);
create function newest_report_era() returns int language sql stable as $$ select max(id) from report_era $$;

create table report_case (
  id          bigint generated always as identity primary key,
  era         int not null,
  xid         xid8 not null default pg_current_xact_id(),
  sign        smallint not null check (sign in (-1, 1)),
  case_id     uuid not null,
  client_id   uuid not null,
  campaign_id uuid not null,
  delivery_id uuid not null,
  opened_at   timestamptz not null,
  state       text not null,
  outcome     text
);
create index report_case_by_client on report_case (client_id, opened_at);
create index report_case_by_case on report_case (case_id);

-- What a case is counted under: its partners, and the kinds of its numbers.
create table report_mark (
  id        bigint generated always as identity primary key,
  era       int not null,
  xid       xid8 not null default pg_current_xact_id(),
  sign      smallint not null check (sign in (-1, 1)),
  case_id   uuid not null,
  dimension text not null check (dimension in ('partner','number')),
  value     text not null
);
create index report_mark_by_case on report_mark (case_id);

-- Calls that are over, but for proof calls.
create table report_attempt (
  id          bigint generated always as identity primary key,
  era         int not null,
  xid         xid8 not null default pg_current_xact_id(),
  sign        smallint not null check (sign in (-1, 1)),
  attempt_id  uuid not null,
  client_id   uuid not null,
  campaign_id uuid not null,
  case_id     uuid,
  agent_id    uuid,
  direction   text not null,
  at          timestamptz not null,
  answered_at timestamptz,
  joined_at   timestamptz,
  counted     boolean not null,
  abandoned   boolean not null,
  reached     boolean not null,
  outcome     text,
  wait_ms     real,
  talk_ms     real,
  lost_ms     real,
  need        text                                    -- with what the resident wants help: the filing's answer
);
create index report_attempt_by_client on report_attempt (client_id, at);
create index report_attempt_by_case on report_attempt (case_id) where case_id is not null;

create function report_cases() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into report_case (era, sign, case_id, client_id, campaign_id, delivery_id, opened_at, state, outcome)
    select newest_report_era(), -1, o.id, o.client_id, o.campaign_id, o.delivery_id, o.opened_at, o.state, o.outcome
      from gone o;
  end if;
  if tg_op <> 'DELETE' then
    insert into report_case (era, sign, case_id, client_id, campaign_id, delivery_id, opened_at, state, outcome)
    select newest_report_era(), 1, n.id, n.client_id, n.campaign_id, n.delivery_id, n.opened_at, n.state, n.outcome
      from fresh n;
  end if;
  return null;
end $$;
create function report_case_changed() returns trigger language plpgsql as $$
begin
  insert into report_case (era, sign, case_id, client_id, campaign_id, delivery_id, opened_at, state, outcome)
  values (newest_report_era(), -1, old.id, old.client_id, old.campaign_id, old.delivery_id, old.opened_at, old.state,
          old.outcome),
         (newest_report_era(), 1, new.id, new.client_id, new.campaign_id, new.delivery_id, new.opened_at, new.state,
          new.outcome);
  return null;
end $$;
create trigger report_case_new after insert on case_file
  referencing new table as fresh for each statement execute function report_cases();
create trigger report_case_gone after delete on case_file
  referencing old table as gone for each statement execute function report_cases();
create trigger report_case_changed after update on case_file
  for each row when ((old.delivery_id, old.state, old.outcome) is distinct from (new.delivery_id, new.state, new.outcome))
  execute function report_case_changed();

create function report_partners() returns trigger language plpgsql as $$
begin
  if tg_op <> 'INSERT' then
    insert into report_mark (era, sign, case_id, dimension, value)
    select newest_report_era(), -1, o.case_id, 'partner', o.partner_type from gone o where not o.recalled;
  end if;
  if tg_op <> 'DELETE' then
    insert into report_mark (era, sign, case_id, dimension, value)
    select newest_report_era(), 1, n.case_id, 'partner', n.partner_type from fresh n where not n.recalled;
  end if;
  return null;
end $$;
create trigger report_signal_new after insert on signal
  referencing new table as fresh for each statement execute function report_partners();
create trigger report_signal_gone after delete on signal
  referencing old table as gone for each statement execute function report_partners();
create trigger report_signal_changed after update on signal  -- recalled, or moved with its case
  referencing old table as gone new table as fresh for each statement execute function report_partners();

create function report_numbers() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    insert into report_mark (era, sign, case_id, dimension, value)
    select newest_report_era(), -1, o.case_id, 'number', p.kind from gone o join phone p on p.id = o.phone_id;
  else
    insert into report_mark (era, sign, case_id, dimension, value)
    select newest_report_era(), 1, n.case_id, 'number', p.kind from fresh n join phone p on p.id = n.phone_id;
  end if;
  return null;
end $$;
create trigger report_number_new after insert on case_phone
  referencing new table as fresh for each statement execute function report_numbers();
create trigger report_number_gone after delete on case_phone
  referencing old table as gone for each statement execute function report_numbers();

create function report_attempts() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and not old.live then
    insert into report_attempt (era, sign, attempt_id, client_id, campaign_id, case_id, agent_id, direction, at,
                                answered_at, joined_at, counted, abandoned, reached, outcome, wait_ms, talk_ms, lost_ms,
                                need)
    values (newest_report_era(), -1, old.id, old.client_id, old.campaign_id, old.case_id, old.agent_id, old.direction,
            coalesce(old.dialed_at, old.claimed_at), old.answered_at, old.joined_at, old.counted, old.abandoned,
            old.reached, old.outcome, old.answer_to_agent_ms, old.talk_ms, old.lost_ms, old.facts #>> '{answers,need}');
  end if;
  insert into report_attempt (era, sign, attempt_id, client_id, campaign_id, case_id, agent_id, direction, at,
                              answered_at, joined_at, counted, abandoned, reached, outcome, wait_ms, talk_ms, lost_ms,
                              need)
  values (newest_report_era(), 1, new.id, new.client_id, new.campaign_id, new.case_id, new.agent_id, new.direction,
          coalesce(new.dialed_at, new.claimed_at), new.answered_at, new.joined_at, new.counted, new.abandoned,
          new.reached, new.outcome, new.answer_to_agent_ms, new.talk_ms, new.lost_ms, new.facts #>> '{answers,need}');
  return null;
end $$;
create trigger report_attempt_new after insert on attempt
  for each row when (not new.live and new.direction <> 'proof') execute function report_attempts();
create trigger report_attempt_over after update on attempt
  for each row when (
    not new.live and new.direction <> 'proof'
    and (old.live
         or (old.case_id, old.agent_id, old.dialed_at, old.answered_at, old.joined_at, old.counted, old.abandoned,
             old.reached, old.outcome, old.answer_to_agent_ms, old.talk_ms, old.lost_ms, old.facts #>> '{answers,need}')
            is distinct from
            (new.case_id, new.agent_id, new.dialed_at, new.answered_at, new.joined_at, new.counted, new.abandoned,
             new.reached, new.outcome, new.answer_to_agent_ms, new.talk_ms, new.lost_ms, new.facts #>> '{answers,need}')))
  execute function report_attempts();

-- Appointments at the municipality. `starts_at`: when it is, or was to be.
create table report_booking (
  id          bigint generated always as identity primary key,
  era         int not null,
  xid         xid8 not null default pg_current_xact_id(),
  sign        smallint not null check (sign in (-1, 1)),
  booking_id  uuid not null,
  client_id   uuid not null,
  campaign_id uuid not null,
  case_id     uuid not null,
  sequence    int not null,
  state       text not null,
  booked_at   timestamptz not null,
  starts_at   timestamptz not null
);
create index report_booking_by_client on report_booking (client_id, starts_at);
create function report_bookings() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    insert into report_booking (era, sign, booking_id, client_id, campaign_id, case_id, sequence, state, booked_at,
                                starts_at)
    select newest_report_era(), -1, t.booking_id, t.client_id, t.campaign_id, t.case_id, t.sequence, t.state,
           t.booked_at, t.starts_at
      from report_booking t where t.booking_id = old.id order by t.id desc limit 1;
  end if;
  insert into report_booking (era, sign, booking_id, client_id, campaign_id, case_id, sequence, state, booked_at,
                              starts_at)
  select newest_report_era(), 1, new.id, new.client_id, new.campaign_id, new.case_id, new.sequence, new.state,
         new.booked_at, s.starts_at
    from slot s where s.id = new.slot_id;
  return null;
end $$;
create index report_booking_by_booking on report_booking (booking_id, id desc);
create trigger report_booking_new after insert on booking for each row execute function report_bookings();
create trigger report_booking_changed after update on booking
  for each row when (old.state is distinct from new.state) execute function report_bookings();
-- Reviews and complaints are counted as they came in, which is never changed: the snapshot of a report tells which.
alter table review
  add column era int not null default newest_report_era(),
  add column xid xid8 not null default pg_current_xact_id();
alter table complaint
  add column era int not null default newest_report_era(),
  add column xid xid8 not null default pg_current_xact_id();
-- Surveys that are settled: asked on this day, and what was pressed. Of nobody.
create table report_survey (
  id          bigint generated always as identity primary key,
  era         int not null,
  xid         xid8 not null default pg_current_xact_id(),
  client_id   uuid not null,
  campaign_id uuid not null,
  at          timestamptz not null,                  -- the day's begin by the local date
  kto         smallint,
  nps         smallint
);
create index report_survey_by_client on report_survey (client_id, at);
create trigger report_survey_append_only before update or delete or truncate on report_survey
  for each statement execute function refuse_change();
create trigger report_booking_append_only before update or delete or truncate on report_booking
  for each statement execute function refuse_change();

-- How long agents were in which state is told by rows that are only added to already.
alter table agent_event
  add column era int not null default newest_report_era(),
  add column xid xid8 not null default pg_current_xact_id();
create index agent_event_by_time on agent_event (at);

create trigger report_case_append_only before update or delete or truncate on report_case
  for each statement execute function refuse_change();
create trigger report_mark_append_only before update or delete or truncate on report_mark
  for each statement execute function refuse_change();
create trigger report_attempt_append_only before update or delete or truncate on report_attempt
  for each statement execute function refuse_change();

-- Reports that are made by themselves: monthly on a day, of the month before; weekly on a day, of the week before.
create table report_schedule (
  id          uuid primary key,
  client_id   uuid not null references client,
  campaign_id uuid references campaign,               -- null: all of the client
  every       text not null check (every in ('month','week')),
  day         smallint not null check (day between 1 and case every when 'month' then 28 else 7 end),
  done        date not null,                          -- Amsterdam date up to which its reports are made
  format      text not null default 'pdf' check (format in ('pdf','xlsx')),
  sealed_to   bytea,                                  -- a mail address, with the client's key
  outlet_id   uuid references result_outlet,          -- it goes where the client's result files go
  created_at  timestamptz not null,
  ended_at    timestamptz
);
create unique index report_schedule_once
  on report_schedule (client_id, coalesce(campaign_id, client_id), every, day) where ended_at is null;

-- A report that was asked for: what was asked, by which definitions, and what of the facts was there to see.
create table report_run (
  id          uuid primary key,
  client_id   uuid not null references client,
  campaign_id uuid references campaign,
  definitions int not null,                           -- domain.reports.definitions
  operations  int not null,                           -- domain.reports.operations: of what happened in these days
  first_day   date not null,                          -- Amsterdam dates of deliveries, both included
  last_day    date not null,
  at          timestamptz not null,
  era         int not null,
  snapshot    pg_snapshot not null default pg_current_snapshot(),
  expected    jsonb not null,                         -- forecasts and promises as they stood
  agreed      jsonb not null,                         -- what the client agreed for its KPIs, as it stood
  made_by     uuid references app_user,
  schedule_id uuid references report_schedule,        -- that had it made
  check (first_day <= last_day)
);
create index report_run_by_client on report_run (client_id, id desc);
create trigger report_run_append_only before update or delete or truncate on report_run
  for each statement execute function refuse_change();

-- A regular report on its way to the client, and its receipt. The file itself is kept nowhere: it is made of the report.
create table report_delivery (
  id           uuid primary key,                      -- the Message-ID, or the idempotency key out there
  schedule_id  uuid not null references report_schedule,
  report_id    uuid not null references report_run,
  client_id    uuid not null references client,
  way          text not null check (way in ('mail','outlet')),
  format       text not null,
  state        text not null check (state in ('waiting','sending','retry','confirmed','dead')),
  created_at   timestamptz not null,
  due_at       timestamptz not null,
  tries        int not null default 0,
  died         smallint not null default 0,           -- so often, in a row, whoever sent it died underway
  error        text not null default '',
  content_hash bytea,                                 -- SHA-256 of what went out at the last try
  size         bigint,
  done_at      timestamptz,
  unique (report_id, way)
);
create index report_delivery_open on report_delivery (due_at) where state in ('waiting','sending','retry');

-- What a client agreed for a KPI; no row: the usual (domain.reports.kpis). Earlier ones are in the audit.
create table client_kpi (
  client_id uuid not null references client,
  kpi       text not null,
  target    double precision not null,                -- a share 0..1, or seconds
  band      double precision not null check (band >= 0),  -- so far off it is still as agreed
  set_at    timestamptz not null,
  primary key (client_id, kpi)
);

-- On the files of a client's reports.
create table client_logo (
  client_id uuid primary key references client,
  png       bytea not null check (octet_length(png) <= 40000),
  set_at    timestamptz not null
);

-- What of a delivery is told otherwise than the ledger has it, until it is not any more; and when it was compared.
create table report_difference (
  delivery_id uuid not null references delivery,
  told        text not null,                          -- services.ports.tallies.Told
  records     int not null,
  at          timestamptz not null,
  gone_at     timestamptz
);
create unique index report_difference_open on report_difference (delivery_id, told) where gone_at is null;
create table report_tally (
  at          timestamptz primary key,
  differences int not null
);

-- What was agreed when reach was off expectation: never changed, a correction is another line.
create table reach_adjustment (
  id          uuid primary key,
  client_id   uuid not null references client,
  campaign_id uuid not null references campaign,
  at          timestamptz not null,
  by_user     uuid not null references app_user,
  agreed_on   date not null,
  agreed_with text not null,                          -- with whom, of the client
  agreed      text not null,
  before      jsonb not null                          -- the forecast and the promise at that moment
);
create index reach_adjustment_by_campaign on reach_adjustment (campaign_id, at);
create trigger reach_adjustment_append_only before update or delete or truncate on reach_adjustment
  for each statement execute function refuse_change();

-- ---------------------------------------------------------------------------------------------------------
-- Billing. Facts without names, kept for seven years; a bill that was made never changes
-- ---------------------------------------------------------------------------------------------------------
create table tariff (
  client_id    uuid not null references client,
  valid_from   date not null,                         -- Amsterdam date of the delivery
  price        numeric(9,2) not null check (price > 0),  -- euros for a record, without VAT
  vat_percent  numeric(5,2) not null check (vat_percent between 0 and 100),
  note         text not null default '',
  index_source text not null default '',              -- of one that follows an index: which, and its figures
  index_before numeric(9,3),
  index_after  numeric(9,3),
  exact        numeric(14,6),                         -- before it was rounded to cents
  set_at       timestamptz not null,
  set_by       text not null,
  primary key (client_id, valid_from)
);

create table bill (
  id        uuid primary key,
  client_id uuid not null references client,
  month     date not null,                            -- the first of the month that was closed
  sequence  int not null,                             -- among the client's bills and credit notes
  number    text not null unique,
  credits   uuid references bill,                     -- of a credit note: the bill that it takes something back of
  reason    text not null default '',
  records   int not null,
  net       numeric(12,2) not null,
  vat       jsonb not null,                           -- by its rate
  gross     numeric(12,2) not null,
  at        timestamptz not null,
  by_actor  text not null,
  unique (client_id, sequence)
);
create unique index bill_once on bill (client_id, month) where credits is null;
create trigger bill_append_only before update or delete or truncate on bill
  for each statement execute function refuse_change();

create table bill_line (
  bill_id     uuid not null references bill,
  position    int not null,
  client_id   uuid not null references client,
  case_id     uuid not null references case_file,
  delivery_id uuid not null references delivery,
  turn        smallint not null,                      -- 2 and more: billed again after it was taken back
  client_ref  text not null,                          -- the client's own references: its proof
  signal_refs text[] not null,
  origin      text not null check (origin in ('outbound','inbound')),
  day         date not null,                          -- of the delivery; the tariff is that day's
  price       numeric(9,2) not null,
  vat_percent numeric(5,2) not null,
  sign        smallint not null check (sign in (-1, 1)),
  primary key (bill_id, position),
  unique (case_id, turn, sign)                        -- once, and taken back once
);
create trigger bill_line_append_only before delete or truncate on bill_line
  for each statement execute function refuse_change();
-- The client's references go when the books' term is over, told by whoever ends it; nothing else of a line ever changes.
create function bill_line_stays() returns trigger language plpgsql as $$
begin
  if new.client_ref <> '' or new.signal_refs <> '{}'
     or (to_jsonb(new) - 'client_ref' - 'signal_refs') is distinct from (to_jsonb(old) - 'client_ref' - 'signal_refs')
     or old.day >= coalesce(nullif(current_setting('dialer.books_before', true), ''), '-infinity')::date then
    raise exception 'bill_line is append-only' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger bill_line_stays before update on bill_line for each row execute function bill_line_stays();

-- Pairs of wall and calendar time, so that a pressed calendar can be audited.
create table clock_pair (
  wall_at     timestamptz primary key,
  calendar_at timestamptz not null,
  speed       double precision not null
);

-- ---------------------------------------------------------------------------------------------------------
-- Changes are told to the running service, whoever made them
-- ---------------------------------------------------------------------------------------------------------
create function tell_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('dialer', tg_argv[0] || ':' || new.id);
  return null;
end $$;
-- The emergency stop: while one stands (no lifted_at) nothing may be claimed, by whomever.
create table emergency_stop (
  id        uuid primary key,
  set_at    timestamptz not null,
  set_by    text not null,
  reason    text not null default '',
  lifted_at timestamptz,
  lifted_by text
);
create unique index emergency_stop_one on emergency_stop ((true)) where lifted_at is null;
create trigger emergency_stop_changed after insert or update on emergency_stop
  for each row execute function tell_change('emergency');
create function emergency_guard() returns trigger language plpgsql as $$
begin
  if exists (select 1 from fresh where direction not in ('in','overflow'))
     and exists (select 1 from emergency_stop where lifted_at is null) then
    raise exception 'an emergency stop stands' using errcode = 'check_violation', constraint = 'attempt_emergency_stop';
  end if;
  return null;
end $$;
create trigger emergency_guard after insert on attempt referencing new table as fresh
  for each statement execute function emergency_guard();
create trigger campaign_changed after insert or update on campaign
  for each row execute function tell_change('campaign');
create function tell_client_end() returns trigger language plpgsql as $$
begin
  perform pg_notify('dialer', 'campaign:' || new.client_id);  -- its number is answered by after-care from now on
  return null;
end $$;
create trigger client_ended after insert on client_end for each row execute function tell_client_end();
create trigger client_moved after update of site on client -- other processes call for it from now on
  for each row when (old.site <> new.site) execute function tell_change('campaign');
create trigger staff_phone_changed after insert or update on staff_phone -- its client's drafts may be tried out now
  for each row execute function tell_change('campaign');
create trigger overflow_line_changed after insert or update on overflow_line
  for each row execute function tell_change('campaign');
create function tell_practised() returns trigger language plpgsql as $$
begin
  perform pg_notify('dialer', 'campaign:' || new.user_id);  -- who may serve which campaign is read anew
  return null;
end $$;
create trigger practice_passed after insert on practice_pass for each row execute function tell_practised();
create trigger pause_reason_changed after insert or update on pause_reason
  for each row execute function tell_change('pause_reason');
create function tell_roster() returns trigger language plpgsql as $$
begin
  perform pg_notify('dialer', 'roster:');
  return null;
end $$;
create trigger roster_changed after insert or update on roster_day
  for each statement execute function tell_roster();
create trigger ability_changed after insert or update on agent_ability
  for each row execute function tell_change('ability');
create trigger delivery_recalled after update of state on delivery
  for each row when (new.state = 'recalled') execute function tell_change('delivery');
create trigger case_stopped after update of state on case_file
  for each row when (old.state = 'open' and new.state <> 'open') execute function tell_change('case');
-- A number that may not be dialled any more: blocked, for all who share it, or closed in one case.
create trigger number_blocked after update of blocked_at, lifted_at on phone
  for each row when (new.blocked_at is not null and new.lifted_at is null
                     and (old.blocked_at is null or old.lifted_at is not null)) execute function tell_change('number');
create function tell_number_closed() returns trigger language plpgsql as $$
begin
  perform pg_notify('dialer', 'case_number:' || new.case_id || '/' || new.phone_id);
  return null;
end $$;
create trigger number_closed after update of state on case_phone
  for each row when (old.state = 'open' and new.state = 'closed') execute function tell_number_closed();
