-- CreateTable
CREATE TABLE "outbox_messages" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "source" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "reply" TEXT NOT NULL,
    "begun" BOOLEAN NOT NULL,
    "created_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "known_accounts" (
    "account" TEXT NOT NULL PRIMARY KEY,
    "phone_number" TEXT NOT NULL,
    "told_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "pinned_accounts" (
    "account" TEXT NOT NULL PRIMARY KEY,
    "phone_number" TEXT NOT NULL,
    "confirmed" BOOLEAN NOT NULL,
    "pinned_at" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "identity_claims" (
    "phone_number" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "claimed_at" DATETIME NOT NULL,

    PRIMARY KEY ("phone_number", "account")
);

-- CreateIndex
CREATE INDEX "outbox_messages_source_id_idx" ON "outbox_messages"("source", "id");

-- CreateIndex
CREATE INDEX "known_accounts_phone_number_idx" ON "known_accounts"("phone_number");

-- CreateIndex
CREATE INDEX "pinned_accounts_phone_number_idx" ON "pinned_accounts"("phone_number");
