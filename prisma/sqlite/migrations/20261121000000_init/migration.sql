-- seq has no AUTOINCREMENT: the writer gives every number itself, under the lock, without a gap.
-- CreateTable
CREATE TABLE "users" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT,
    "role" TEXT NOT NULL CHECK ("role" IN ('OWNER', 'ADMIN', 'OPERATOR', 'USER')),
    "whitelisted" BOOLEAN NOT NULL DEFAULT false,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "accounts" (
    "account" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "proof" TEXT NOT NULL CHECK ("proof" IN ('given', 'seen', 'confirmed', 'vacated')),
    "phone" TEXT,
    "since" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "seeded_accounts" (
    "account" TEXT NOT NULL PRIMARY KEY,
    "role" TEXT NOT NULL,
    "seeded_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "audit_logs" (
    "seq" INTEGER NOT NULL PRIMARY KEY,
    "id" TEXT NOT NULL,
    "created_at" DATETIME NOT NULL,
    "source" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "user_id" TEXT,
    "account" TEXT NOT NULL,
    "actor_name" TEXT,
    "user_role" TEXT NOT NULL,
    "resource_type" TEXT,
    "resource_id" TEXT,
    "subject_id" TEXT,
    "channel_id" TEXT,
    "request_id" TEXT,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "metadata" TEXT NOT NULL,
    "nonce" BLOB NOT NULL,
    "leaf_hash" BLOB NOT NULL
);

-- CreateTable
CREATE TABLE "audit_head" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "size" INTEGER NOT NULL,
    "last_created_at" DATETIME NOT NULL,
    "checkpoint" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "audit_tiles" (
    "level" INTEGER NOT NULL,
    "idx" INTEGER NOT NULL,
    "hashes" BLOB NOT NULL,

    PRIMARY KEY ("level", "idx")
);

-- CreateTable
CREATE TABLE "audit_holds" (
    "subject" TEXT NOT NULL PRIMARY KEY,
    "reason" TEXT,
    "held_by" TEXT NOT NULL,
    "held_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "audit_archives" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "first_seq" INTEGER NOT NULL,
    "last_seq" INTEGER NOT NULL,
    "entries" INTEGER NOT NULL,
    "ranges" TEXT NOT NULL,
    "newest_at" DATETIME NOT NULL,
    "sha256" TEXT NOT NULL,
    "erased_through" INTEGER NOT NULL,
    "looked_through" INTEGER NOT NULL,
    "created_at" DATETIME NOT NULL,
    "uploaded_at" DATETIME,
    "removing_at" DATETIME
);

-- CreateTable
CREATE TABLE "audit_restored" (
    "first_seq" INTEGER NOT NULL,
    "last_seq" INTEGER NOT NULL,
    "archive" TEXT NOT NULL,

    PRIMARY KEY ("first_seq", "archive")
);

-- CreateTable
CREATE TABLE "audit_imports" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "imported_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "exported_days" (
    "day" TEXT NOT NULL PRIMARY KEY,
    "exported_at" DATETIME NOT NULL,
    "uploaded_at" DATETIME
);

-- CreateTable
CREATE TABLE "shared_objects" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "expires_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "audit_witnesses" (
    "user_id" TEXT NOT NULL PRIMARY KEY,
    "since" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "processed_messages" (
    "source" TEXT NOT NULL,
    "message_id" TEXT NOT NULL,
    "created_at" DATETIME NOT NULL,

    PRIMARY KEY ("source", "message_id")
);

-- CreateTable
CREATE TABLE "page_cursors" (
    "sender" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,
    "command" TEXT NOT NULL,
    "arguments" TEXT NOT NULL,
    "position" TEXT NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "seal" TEXT NOT NULL,

    PRIMARY KEY ("sender", "channel_id")
);

-- CreateTable
CREATE TABLE "denial_windows" (
    "sender" TEXT NOT NULL PRIMARY KEY,
    "answered" TEXT NOT NULL,
    "counted" INTEGER NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "seal" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "leases" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "holder" TEXT NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "finished_at" DATETIME
);

-- CreateTable
CREATE TABLE "outbox_messages" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "source" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "reply" TEXT NOT NULL,
    "begun_by" TEXT,
    "created_at" DATETIME NOT NULL,
    "seal" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "known_accounts" (
    "account" TEXT NOT NULL PRIMARY KEY,
    "phone" TEXT NOT NULL,
    "told_at" DATETIME NOT NULL,
    "seal" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "identity_claims" (
    "phone" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "claimed_at" DATETIME NOT NULL,
    "seal" TEXT NOT NULL,

    PRIMARY KEY ("phone", "account")
);

-- CreateTable
CREATE TABLE "blocks" (
    "account" TEXT NOT NULL PRIMARY KEY,
    "until" DATETIME,
    "reason" TEXT,
    "blocked_by" TEXT NOT NULL,
    "blocked_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "refusals" (
    "sender" TEXT NOT NULL PRIMARY KEY,
    "reason" TEXT NOT NULL,
    "recorded_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "settings" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "value" TEXT NOT NULL,
    "previous" TEXT,
    "effective_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "confirmations" (
    "confirmer" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "requested_by" TEXT NOT NULL,
    "command" TEXT NOT NULL,
    "arguments" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "what" TEXT NOT NULL,
    "request_seq" INTEGER NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "remind_at" DATETIME,

    PRIMARY KEY ("confirmer", "code")
);

-- CreateTable
CREATE TABLE "new_owners" (
    "user_id" TEXT NOT NULL PRIMARY KEY,
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
    "period" TEXT NOT NULL PRIMARY KEY,
    "amount" REAL NOT NULL,
    "told" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "audit_replays" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "replayed_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "audit_moves" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "destination" TEXT NOT NULL,
    "moved_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "rate_limits" (
    "key" TEXT NOT NULL PRIMARY KEY,
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
CREATE UNIQUE INDEX "audit_logs_id_key" ON "audit_logs"("id");

-- CreateIndex
CREATE INDEX "audit_logs_created_at_idx" ON "audit_logs"("created_at");

-- CreateIndex
CREATE INDEX "audit_logs_category_idx" ON "audit_logs"("category");

-- CreateIndex
CREATE INDEX "audit_logs_action_idx" ON "audit_logs"("action");

-- CreateIndex
CREATE INDEX "audit_logs_account_idx" ON "audit_logs"("account");

-- CreateIndex
CREATE INDEX "audit_logs_user_id_idx" ON "audit_logs"("user_id");

-- CreateIndex
CREATE INDEX "audit_logs_resource_id_idx" ON "audit_logs"("resource_id");

-- CreateIndex
CREATE INDEX "audit_logs_subject_id_idx" ON "audit_logs"("subject_id");

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
INSERT INTO "audit_head" ("id", "size", "last_created_at", "checkpoint") VALUES (1, 0, 0, '');

-- An entry is never altered.
CREATE TRIGGER "audit_logs_refuse_update" BEFORE UPDATE ON "audit_logs"
BEGIN
    SELECT RAISE(ABORT, 'audit entries are immutable');
END;

-- An entry leaves only under the retention or erasure entry that covers it and that is the last of the trail, which
-- is to say: in the transaction that wrote it.
CREATE TRIGGER "audit_logs_refuse_uncovered_delete" BEFORE DELETE ON "audit_logs"
WHEN NOT EXISTS (
    SELECT 1 FROM "audit_logs" AS "cover", json_each("cover"."metadata", '$.ranges') AS "range"
     WHERE "cover"."seq" = (SELECT max("seq") FROM "audit_logs")
       AND "cover"."action" IN ('AUDIT_RETENTION', 'AUDIT_ERASURE')
       AND OLD."seq" BETWEEN json_extract("range"."value", '$[0]') AND json_extract("range"."value", '$[1]'))
BEGIN
    SELECT RAISE(ABORT, 'audit entries leave only by retention or erasure');
END;

-- What is in the tree stays in it: a tile only ever gets more hashes.
CREATE TRIGGER "audit_tiles_refuse_change" BEFORE UPDATE ON "audit_tiles"
WHEN NEW."level" <> OLD."level" OR NEW."idx" <> OLD."idx"
  OR substr(NEW."hashes", 1, length(OLD."hashes")) <> OLD."hashes"
BEGIN
    SELECT RAISE(ABORT, 'the tree only grows');
END;

CREATE TRIGGER "audit_tiles_refuse_delete" BEFORE DELETE ON "audit_tiles"
BEGIN
    SELECT RAISE(ABORT, 'the tree only grows');
END;

CREATE TRIGGER "audit_head_refuse_delete" BEFORE DELETE ON "audit_head"
BEGIN
    SELECT RAISE(ABORT, 'the trail has a head');
END;

CREATE TRIGGER "audit_head_refuse_return" BEFORE UPDATE ON "audit_head"
WHEN NEW."id" <> OLD."id" OR NEW."size" < OLD."size" OR NEW."last_created_at" < OLD."last_created_at"
BEGIN
    SELECT RAISE(ABORT, 'the trail only grows');
END;

-- A trail that was moved goes on elsewhere.
CREATE TRIGGER "audit_head_refuse_moved" BEFORE UPDATE ON "audit_head"
WHEN EXISTS (SELECT 1 FROM "audit_moves")
BEGIN
    SELECT RAISE(ABORT, 'the trail was moved');
END;
