-- seq has no AUTOINCREMENT: the writer gives every number itself, under the lock, without a gap.
-- CreateTable
CREATE TABLE "users" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "phone_number" TEXT NOT NULL,
    "name" TEXT,
    "role" TEXT NOT NULL CHECK ("role" IN ('OWNER', 'ADMIN', 'OPERATOR', 'USER')),
    "whitelisted" BOOLEAN NOT NULL DEFAULT false,
    "created_at" DATETIME NOT NULL,
    "updated_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "seeded_numbers" (
    "phone_number" TEXT NOT NULL PRIMARY KEY,
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
    "phone_number" TEXT NOT NULL,
    "actor_name" TEXT,
    "user_role" TEXT NOT NULL,
    "resource_type" TEXT,
    "resource_id" TEXT,
    "channel_id" TEXT,
    "request_id" TEXT,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "metadata" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "audit_head" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "size" INTEGER NOT NULL,
    "last_created_at" DATETIME NOT NULL
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
    "phone_number" TEXT NOT NULL,
    "channel_id" TEXT NOT NULL,
    "command" TEXT NOT NULL,
    "arguments" TEXT NOT NULL,
    "position" TEXT NOT NULL,
    "expires_at" DATETIME NOT NULL,

    PRIMARY KEY ("phone_number", "channel_id")
);

-- CreateTable
CREATE TABLE "denial_windows" (
    "sender" TEXT NOT NULL PRIMARY KEY,
    "answered" TEXT NOT NULL,
    "counted" INTEGER NOT NULL,
    "expires_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "leases" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "holder" TEXT NOT NULL,
    "expires_at" DATETIME NOT NULL,
    "finished_at" DATETIME
);

-- CreateIndex
CREATE UNIQUE INDEX "users_phone_number_key" ON "users"("phone_number");

-- CreateIndex
CREATE INDEX "users_role_phone_number_idx" ON "users"("role", "phone_number");

-- CreateIndex
CREATE UNIQUE INDEX "audit_logs_id_key" ON "audit_logs"("id");

-- CreateIndex
CREATE INDEX "audit_logs_created_at_idx" ON "audit_logs"("created_at");

-- CreateIndex
CREATE INDEX "audit_logs_category_idx" ON "audit_logs"("category");

-- CreateIndex
CREATE INDEX "audit_logs_action_idx" ON "audit_logs"("action");

-- CreateIndex
CREATE INDEX "audit_logs_phone_number_idx" ON "audit_logs"("phone_number");

-- CreateIndex
CREATE INDEX "audit_logs_user_id_idx" ON "audit_logs"("user_id");

-- CreateIndex
CREATE INDEX "audit_logs_resource_id_idx" ON "audit_logs"("resource_id");

-- CreateIndex
CREATE INDEX "processed_messages_created_at_idx" ON "processed_messages"("created_at");

-- CreateIndex
CREATE INDEX "denial_windows_expires_at_idx" ON "denial_windows"("expires_at");

-- The trail starts empty.
INSERT INTO "audit_head" ("id", "size", "last_created_at") VALUES (1, 0, 0);

-- An entry is never altered.
CREATE TRIGGER "audit_logs_refuse_update" BEFORE UPDATE ON "audit_logs"
BEGIN
    SELECT RAISE(ABORT, 'audit entries are immutable');
END;

-- An entry leaves only under the retention or erasure entry that covers it and that is the last of the trail, which
-- is to say: in the transaction that wrote it.
CREATE TRIGGER "audit_logs_refuse_uncovered_delete" BEFORE DELETE ON "audit_logs"
WHEN NOT EXISTS (
    SELECT 1 FROM "audit_logs" AS "cover"
     WHERE "cover"."seq" = (SELECT "size" - 1 FROM "audit_head" WHERE "id" = 1)
       AND (("cover"."action" = 'AUDIT_RETENTION' AND OLD."seq" <= json_extract("cover"."metadata", '$.throughSeq'))
         OR ("cover"."action" = 'AUDIT_ERASURE' AND EXISTS (
              SELECT 1 FROM json_each("cover"."metadata", '$.ranges') AS "range"
               WHERE OLD."seq" BETWEEN json_extract("range"."value", '$[0]') AND json_extract("range"."value", '$[1]')))))
BEGIN
    SELECT RAISE(ABORT, 'audit entries leave only by retention or erasure');
END;
