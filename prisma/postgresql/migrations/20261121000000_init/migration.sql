-- Text is compared byte by byte, as in SQLite: it is about order and equality, not about language. Times are UTC.
-- seq has no sequence: the writer gives every number itself, under the lock of the head's row, without a gap.
-- CreateTable
CREATE TABLE "users" (
    "id" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "name" TEXT COLLATE "C",
    "role" TEXT COLLATE "C" NOT NULL CHECK ("role" IN ('OWNER', 'ADMIN', 'OPERATOR', 'USER')),
    "whitelisted" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "accounts" (
    "account" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "user_id" TEXT COLLATE "C" NOT NULL,
    "proof" TEXT COLLATE "C" NOT NULL CHECK ("proof" IN ('given', 'seen', 'confirmed', 'vacated')),
    "phone" TEXT COLLATE "C",
    "since" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "seeded_accounts" (
    "account" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "role" TEXT COLLATE "C" NOT NULL,
    "seeded_at" TIMESTAMP(3) NOT NULL
);

-- One partition for each month, made by audit_prepare_month. A unique index over all of them would have to hold the
-- month, so nothing but the writer, which has the head's lock, keeps seq unique; and of ids those that may come twice
-- are in audit_replays.
-- CreateTable
CREATE TABLE "audit_logs" (
    "seq" INTEGER NOT NULL,
    "id" TEXT COLLATE "C" NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,
    "source" TEXT COLLATE "C" NOT NULL,
    "category" TEXT COLLATE "C" NOT NULL,
    "action" TEXT COLLATE "C" NOT NULL,
    "description" TEXT COLLATE "C" NOT NULL,
    "user_id" TEXT COLLATE "C",
    "account" TEXT COLLATE "C" NOT NULL,
    "actor_name" TEXT COLLATE "C",
    "user_role" TEXT COLLATE "C" NOT NULL,
    "resource_type" TEXT COLLATE "C",
    "resource_id" TEXT COLLATE "C",
    "subject_id" TEXT COLLATE "C",
    "channel_id" TEXT COLLATE "C",
    "request_id" TEXT COLLATE "C",
    "ip_address" TEXT COLLATE "C",
    "user_agent" TEXT COLLATE "C",
    "metadata" TEXT COLLATE "C" NOT NULL,
    "nonce" BYTEA NOT NULL,
    "leaf_hash" BYTEA NOT NULL,

    PRIMARY KEY ("seq", "created_at")
) PARTITION BY RANGE ("created_at");

-- CreateTable
CREATE TABLE "audit_head" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "size" INTEGER NOT NULL,
    "last_created_at" TIMESTAMP(3) NOT NULL,
    "checkpoint" TEXT COLLATE "C" NOT NULL
);

-- CreateTable
CREATE TABLE "audit_tiles" (
    "level" INTEGER NOT NULL,
    "idx" INTEGER NOT NULL,
    "hashes" BYTEA NOT NULL,

    PRIMARY KEY ("level", "idx")
);

-- CreateTable
CREATE TABLE "audit_holds" (
    "subject" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "reason" TEXT COLLATE "C",
    "held_by" TEXT COLLATE "C" NOT NULL,
    "held_at" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "audit_archives" (
    "name" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "first_seq" INTEGER NOT NULL,
    "last_seq" INTEGER NOT NULL,
    "entries" INTEGER NOT NULL,
    "ranges" TEXT COLLATE "C" NOT NULL,
    "newest_at" TIMESTAMP(3) NOT NULL,
    "sha256" TEXT COLLATE "C" NOT NULL,
    "erased_through" INTEGER NOT NULL,
    "looked_through" INTEGER NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,
    "uploaded_at" TIMESTAMP(3),
    "removing_at" TIMESTAMP(3)
);

-- CreateTable
CREATE TABLE "audit_restored" (
    "first_seq" INTEGER NOT NULL,
    "last_seq" INTEGER NOT NULL,
    "archive" TEXT COLLATE "C" NOT NULL,

    PRIMARY KEY ("first_seq", "archive")
);

-- CreateTable
CREATE TABLE "audit_imports" (
    "key" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "imported_at" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "exported_days" (
    "day" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "exported_at" TIMESTAMP(3) NOT NULL,
    "uploaded_at" TIMESTAMP(3)
);

-- CreateTable
CREATE TABLE "shared_objects" (
    "key" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "expires_at" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "audit_witnesses" (
    "user_id" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "since" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "processed_messages" (
    "source" TEXT COLLATE "C" NOT NULL,
    "message_id" TEXT COLLATE "C" NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,

    PRIMARY KEY ("source", "message_id")
);

-- CreateTable
CREATE TABLE "page_cursors" (
    "sender" TEXT COLLATE "C" NOT NULL,
    "channel_id" TEXT COLLATE "C" NOT NULL,
    "command" TEXT COLLATE "C" NOT NULL,
    "arguments" TEXT COLLATE "C" NOT NULL,
    "position" TEXT COLLATE "C" NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,
    "seal" TEXT NOT NULL,

    PRIMARY KEY ("sender", "channel_id")
);

-- CreateTable
CREATE TABLE "denial_windows" (
    "sender" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "answered" TEXT COLLATE "C" NOT NULL,
    "counted" INTEGER NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,
    "seal" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "leases" (
    "name" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "holder" TEXT COLLATE "C" NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,
    "finished_at" TIMESTAMP(3)
);

-- CreateTable
CREATE TABLE "outbox_messages" (
    "id" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "source" TEXT COLLATE "C" NOT NULL,
    "message" TEXT COLLATE "C" NOT NULL,
    "reply" TEXT COLLATE "C" NOT NULL,
    "begun_by" TEXT COLLATE "C",
    "created_at" TIMESTAMP(3) NOT NULL,
    "seal" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "known_accounts" (
    "account" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "phone" TEXT COLLATE "C" NOT NULL,
    "told_at" TIMESTAMP(3) NOT NULL,
    "seal" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "identity_claims" (
    "phone" TEXT COLLATE "C" NOT NULL,
    "account" TEXT COLLATE "C" NOT NULL,
    "claimed_at" TIMESTAMP(3) NOT NULL,
    "seal" TEXT NOT NULL,

    PRIMARY KEY ("phone", "account")
);

-- CreateTable
CREATE TABLE "blocks" (
    "account" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "until" TIMESTAMP(3),
    "reason" TEXT COLLATE "C",
    "blocked_by" TEXT COLLATE "C" NOT NULL,
    "blocked_at" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "refusals" (
    "sender" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "reason" TEXT COLLATE "C" NOT NULL,
    "recorded_at" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "settings" (
    "name" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "value" TEXT COLLATE "C" NOT NULL,
    "previous" TEXT COLLATE "C",
    "effective_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "confirmations" (
    "confirmer" TEXT COLLATE "C" NOT NULL,
    "code" TEXT COLLATE "C" NOT NULL,
    "request_id" TEXT COLLATE "C" NOT NULL,
    "requested_by" TEXT COLLATE "C" NOT NULL,
    "command" TEXT COLLATE "C" NOT NULL,
    "arguments" TEXT COLLATE "C" NOT NULL,
    "subject" TEXT COLLATE "C" NOT NULL,
    "what" TEXT COLLATE "C" NOT NULL,
    "request_seq" INTEGER NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,
    "remind_at" TIMESTAMP(3),

    PRIMARY KEY ("confirmer", "code")
);

-- CreateTable
CREATE TABLE "new_owners" (
    "user_id" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "since" INTEGER NOT NULL,
    "remaining" INTEGER NOT NULL,
    "seal" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "clock_doubts" (
    "since" INTEGER NOT NULL PRIMARY KEY,
    "remaining" INTEGER NOT NULL,
    "seal" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "cost_totals" (
    "period" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "amount" DOUBLE PRECISION NOT NULL,
    "told" TEXT COLLATE "C" NOT NULL
);

-- CreateTable
CREATE TABLE "audit_replays" (
    "id" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "replayed_at" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "audit_moves" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "destination" TEXT COLLATE "C" NOT NULL,
    "moved_at" TIMESTAMP(3) NOT NULL
);

-- CreateTable
CREATE TABLE "rate_limits" (
    "key" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "points" INTEGER NOT NULL,
    "expire" BIGINT
);

-- CreateIndex
CREATE INDEX "users_role_idx" ON "users"("role");

-- CreateIndex
CREATE INDEX "accounts_user_id_idx" ON "accounts"("user_id");

-- CreateIndex
CREATE INDEX "accounts_phone_idx" ON "accounts"("phone");

-- CreateIndex
CREATE INDEX "audit_logs_id_idx" ON "audit_logs"("id");

-- CreateIndex
CREATE INDEX "audit_logs_created_at_idx" ON "audit_logs"("created_at");

-- CreateIndex
CREATE INDEX "audit_logs_category_idx" ON "audit_logs"("category", "seq");

-- CreateIndex
CREATE INDEX "audit_logs_action_idx" ON "audit_logs"("action", "seq");

-- CreateIndex
CREATE INDEX "audit_logs_account_idx" ON "audit_logs"("account", "seq");

-- CreateIndex
CREATE INDEX "audit_logs_user_id_idx" ON "audit_logs"("user_id", "seq") WHERE "user_id" IS NOT NULL;

-- CreateIndex
CREATE INDEX "audit_logs_resource_id_idx" ON "audit_logs"("resource_id", "seq") WHERE "resource_id" IS NOT NULL;

-- CreateIndex
CREATE INDEX "audit_logs_subject_id_idx" ON "audit_logs"("subject_id", "seq") WHERE "subject_id" IS NOT NULL;

-- CreateIndex
CREATE INDEX "processed_messages_created_at_idx" ON "processed_messages"("created_at");

-- CreateIndex
CREATE INDEX "denial_windows_expires_at_idx" ON "denial_windows"("expires_at");

-- CreateIndex
CREATE INDEX "outbox_messages_source_id_idx" ON "outbox_messages"("source", "id");

-- CreateIndex
CREATE INDEX "known_accounts_phone_idx" ON "known_accounts"("phone");

-- CreateIndex
CREATE INDEX "refusals_recorded_at_idx" ON "refusals"("recorded_at");

-- CreateIndex
CREATE INDEX "confirmations_request_id_idx" ON "confirmations"("request_id");

-- CreateIndex
CREATE INDEX "confirmations_remind_at_idx" ON "confirmations"("remind_at");

-- CreateIndex
CREATE INDEX "audit_replays_replayed_at_idx" ON "audit_replays"("replayed_at");


-- The trail starts empty, with nothing to sign yet.
INSERT INTO "audit_head" ("id", "size", "last_created_at", "checkpoint") VALUES (1, 0, '1970-01-01', '');

-- What the owner of the tables decides, and the application cannot: entries younger than this are never removed by age.
CREATE TABLE "audit_policy" (
    "id" INTEGER NOT NULL PRIMARY KEY CHECK ("id" = 1),
    "minimum_days" INTEGER NOT NULL CHECK ("minimum_days" >= 0),
    -- How far the clock that entries are written by may be ahead of this server's.
    "clock_skew" INTERVAL NOT NULL CHECK ("clock_skew" >= '0')
);
INSERT INTO "audit_policy" VALUES (1, 1, '1 hour');

-- These rows change with every commit: no dead ones for long. (One row has room in its page whatever the fillfactor.)
ALTER TABLE "audit_head" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
ALTER TABLE "audit_tiles" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
    toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 500);
-- Hashes cannot be compressed, and trying takes time.
ALTER TABLE "audit_tiles" ALTER COLUMN "hashes" SET STORAGE EXTERNAL;

-- Every function finds operators and functions in pg_catalog alone, and names what is elsewhere: who may create objects in
-- public could otherwise put one in the way that suits a call better, and it would run with the rights of the owner.
CREATE FUNCTION "audit_refuse"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- An entry is never altered.
CREATE TRIGGER "audit_logs_refuse_update" BEFORE UPDATE ON "audit_logs" FOR EACH ROW
    EXECUTE FUNCTION "audit_refuse"('audit entries are immutable');
CREATE TRIGGER "audit_logs_refuse_truncate" BEFORE TRUNCATE ON "audit_logs" FOR EACH STATEMENT
    EXECUTE FUNCTION "audit_refuse"('audit entries leave only by retention or erasure');

-- The entry that covers what this transaction removes: the last of the trail, and written by this very transaction.
CREATE FUNCTION "audit_cover"(OUT "seq" integer, OUT "action" text, OUT "created_at" timestamp, OUT "metadata" text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT l."seq", l."action", l."created_at", l."metadata" FROM (
        SELECT a."seq", a."action", a."created_at", a."metadata", a."xmin" AS "writer" FROM public."audit_logs" AS a
        WHERE a."created_at" >= (SELECT h."last_created_at" FROM public."audit_head" AS h WHERE h."id" = 1)
        ORDER BY a."created_at" DESC, a."seq" DESC LIMIT 1) AS l
    WHERE l."action" IN ('AUDIT_RETENTION', 'AUDIT_ERASURE') AND l."writer" = pg_current_xact_id()::xid
$$;

-- An entry leaves only under the retention or erasure entry that covers it. audit_remove has looked already.
CREATE FUNCTION "audit_refuse_uncovered"() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('chatwarden.removing', true) = pg_current_xact_id()::text THEN RETURN OLD; END IF;
    IF EXISTS (SELECT 1 FROM public."audit_cover"() AS c, jsonb_array_elements(c."metadata"::jsonb -> 'ranges') AS r
               WHERE OLD."seq" < c."seq" AND OLD."seq" BETWEEN (r ->> 0)::bigint AND (r ->> 1)::bigint) THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'audit entries leave only by retention or erasure' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER "audit_logs_refuse_uncovered_delete" BEFORE DELETE ON "audit_logs" FOR EACH ROW
    EXECUTE FUNCTION "audit_refuse_uncovered"();

-- What is in the tree stays in it: a tile only ever gets more hashes.
CREATE FUNCTION "audit_tile_grows"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW."level" <> OLD."level" OR NEW."idx" <> OLD."idx"
       OR substr(NEW."hashes", 1, length(OLD."hashes")) <> OLD."hashes" THEN
        RAISE EXCEPTION 'the tree only grows' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "audit_tiles_refuse_change" BEFORE UPDATE ON "audit_tiles" FOR EACH ROW
    EXECUTE FUNCTION "audit_tile_grows"();
CREATE TRIGGER "audit_tiles_refuse_delete" BEFORE DELETE ON "audit_tiles" FOR EACH ROW
    EXECUTE FUNCTION "audit_refuse"('the tree only grows');
CREATE TRIGGER "audit_tiles_refuse_truncate" BEFORE TRUNCATE ON "audit_tiles" FOR EACH STATEMENT
    EXECUTE FUNCTION "audit_refuse"('the tree only grows');

CREATE TRIGGER "audit_head_refuse_delete" BEFORE DELETE ON "audit_head" FOR EACH ROW
    EXECUTE FUNCTION "audit_refuse"('the trail has a head');
CREATE TRIGGER "audit_head_refuse_truncate" BEFORE TRUNCATE ON "audit_head" FOR EACH STATEMENT
    EXECUTE FUNCTION "audit_refuse"('the trail has a head');

-- A trail only grows; and one that was moved goes on elsewhere.
CREATE FUNCTION "audit_head_grows"() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW."id" <> OLD."id" OR NEW."size" < OLD."size" OR NEW."last_created_at" < OLD."last_created_at" THEN
        RAISE EXCEPTION 'the trail only grows' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM public."audit_moves") THEN
        RAISE EXCEPTION 'the trail was moved' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "audit_head_refuse_return" BEFORE UPDATE ON "audit_head" FOR EACH ROW
    EXECUTE FUNCTION "audit_head_grows"();

-- The functions that follow run with the rights of the tables' owner, whoever calls them. Each looks for itself whether
-- what it is asked for may be done.

-- Makes the partition for the month of a moment, if there is none. Attaching one lets others read and write meanwhile.
CREATE FUNCTION "audit_prepare_month"("moment" timestamp) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first timestamp := date_trunc('month', "moment");
    month text := 'audit_logs_' || to_char(first, '"y"YYYY"m"MM');
    reader oid;
BEGIN
    IF first IS NULL OR first < '0001-01-01' OR first > '9999-12-01' THEN
        RAISE EXCEPTION 'no month of an entry: %', "moment" USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF to_regclass('public.' || month) IS NOT NULL THEN RETURN; END IF;
    PERFORM pg_advisory_xact_lock(hashtext('chatwarden.months'));
    IF to_regclass('public.' || month) IS NOT NULL THEN RETURN; END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public."audit_logs" INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', month);
    -- Entries are only inserted, in the order of their seq: what matters is that pages are seen as all visible soon.
    EXECUTE format('ALTER TABLE public.%I SET (autovacuum_vacuum_insert_scale_factor = 0.05,
        autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_scale_factor = 0.05)', month);
    EXECUTE format('CREATE TRIGGER "audit_logs_refuse_truncate" BEFORE TRUNCATE ON public.%I FOR EACH STATEMENT
        EXECUTE FUNCTION public."audit_refuse"(%L)', month, 'audit entries leave only by retention or erasure');
    EXECUTE format('ALTER TABLE public."audit_logs" ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        month, first, first + interval '1 month');
    -- Who may read all of them may read this one: pg_dump asks each by itself.
    FOR reader IN SELECT a.grantee FROM pg_class AS c, aclexplode(c.relacl) AS a
        WHERE c.oid = to_regclass('public.audit_logs')::oid AND a.privilege_type = 'SELECT'
          AND a.grantee NOT IN (0, c.relowner)
    LOOP
        EXECUTE format('GRANT SELECT ON public.%I TO %I', month, pg_get_userbyid(reader));
    END LOOP;
END $$;

-- Drops one month that is over and has no entries, the oldest first. Whoever writes holds the head's lock, so this
-- takes it too; whoever reads makes it give up at once, to be tried again: nobody is to wait behind it.
-- Returns the name of what was dropped, or null where there was nothing to drop.
CREATE FUNCTION "audit_drop_empty_month"() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '20ms' AS $$
DECLARE
    month text;
    is_used boolean;
BEGIN
    -- A snapshot of long ago would show a month empty that is not.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'months are dropped in READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    FOR month IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'public.audit_logs'::regclass
          AND c.relname < 'audit_logs_' || to_char(least((SELECT h."last_created_at" FROM public."audit_head" AS h WHERE h."id" = 1),
              now() AT TIME ZONE 'UTC'), '"y"YYYY"m"MM')
        ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', month) INTO is_used;
        IF is_used THEN CONTINUE; END IF;
        PERFORM 1 FROM public."audit_head" AS h WHERE h."id" = 1 FOR UPDATE;
        -- Also who writes without the head's lock is not to come between.
        EXECUTE format('LOCK TABLE ONLY public."audit_logs", ONLY public.%I IN ACCESS EXCLUSIVE MODE', month);
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', month) INTO is_used;
        IF NOT is_used THEN
            EXECUTE format('DROP TABLE public.%I', month);
            RETURN month;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- Removes entries that the last entry of the trail covers, which must be of this very transaction and come after them: a
-- retention covers those older than its days and than what the owner's policy demands, by the clock of this server; an
-- erasure those of the categories that erasure may remove, and never another erasure. Returns how many there were.
CREATE FUNCTION "audit_remove"("seqs" integer[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    cover record;
    cutoff timestamp := 'infinity';
    forbidden text[] := '{}';
    refused bigint;
    removed bigint;
BEGIN
    SELECT * INTO cover FROM public."audit_cover"();
    IF cover."action" IS NULL THEN
        RAISE EXCEPTION 'audit entries leave only by retention or erasure' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM unnest("seqs") AS s WHERE s >= cover."seq" OR NOT EXISTS (
        SELECT 1 FROM jsonb_array_elements(cover."metadata"::jsonb -> 'ranges') AS r
        WHERE s BETWEEN (r ->> 0)::bigint AND (r ->> 1)::bigint)) THEN
        RAISE EXCEPTION 'the last entry does not cover what is to be removed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF cover."action" = 'AUDIT_RETENTION' THEN
        cutoff := least(now() AT TIME ZONE 'UTC' + (SELECT p."clock_skew" FROM public."audit_policy" AS p), cover."created_at")
            - make_interval(days => greatest((cover."metadata"::jsonb ->> 'retentionDays')::integer,
                (SELECT p."minimum_days" FROM public."audit_policy" AS p)));
    ELSE
        forbidden := ARRAY['AUTH', 'CONFIG'];
    END IF;
    SELECT count(*) INTO refused FROM public."audit_logs"
    WHERE "seq" = ANY ("seqs") AND ("created_at" >= cutoff OR "category" = ANY (forbidden)
        OR ("action" = 'AUDIT_ERASURE' AND cover."action" = 'AUDIT_ERASURE'));
    IF refused > 0 THEN
        RAISE EXCEPTION '% of the entries may not be removed', refused USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    PERFORM set_config('chatwarden.removing', pg_current_xact_id()::text, true);
    DELETE FROM public."audit_logs" WHERE "seq" = ANY ("seqs");
    GET DIAGNOSTICS removed = ROW_COUNT;
    PERFORM set_config('chatwarden.removing', '', true);
    RETURN removed;
END $$;

REVOKE ALL ON FUNCTION "audit_prepare_month"(timestamp), "audit_drop_empty_month"(), "audit_remove"(integer[]) FROM PUBLIC;

-- Gives a role what the application needs, and no more: it adds to the trail, and cannot alter, remove or drop any of it.
CREATE FUNCTION "audit_grant"("application" name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
    is_month boolean;
BEGIN
    EXECUTE format('REVOKE CREATE ON SCHEMA public FROM PUBLIC, %I', "application");
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', "application");
    FOR name, is_month IN SELECT c.relname, c.relispartition FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    LOOP
        EXECUTE format('REVOKE ALL ON public.%I FROM PUBLIC, %I', name, "application");
        EXECUTE format('GRANT SELECT ON public.%I TO %I', name, "application");
        CONTINUE WHEN is_month OR name IN ('_prisma_migrations', 'audit_policy');
        EXECUTE format('GRANT %s ON public.%I TO %I', CASE name
            WHEN 'audit_logs' THEN 'INSERT'
            WHEN 'audit_tiles' THEN 'INSERT, UPDATE'
            WHEN 'audit_head' THEN 'UPDATE'
            WHEN 'audit_moves' THEN 'INSERT'
            ELSE 'INSERT, UPDATE, DELETE' END, name, "application");
    END LOOP;
    EXECUTE format('GRANT EXECUTE ON FUNCTION public."audit_prepare_month"(timestamp), public."audit_drop_empty_month"(),
        public."audit_remove"(integer[]) TO %I', "application");
END $$;
REVOKE ALL ON FUNCTION "audit_grant"(name) FROM PUBLIC;
