-- CreateTable
CREATE TABLE "blocks" (
    "phone_number" TEXT NOT NULL PRIMARY KEY,
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
    "expires_at" DATETIME NOT NULL,

    PRIMARY KEY ("confirmer", "code")
);

-- CreateTable
CREATE TABLE "cost_totals" (
    "period" TEXT NOT NULL PRIMARY KEY,
    "amount" REAL NOT NULL,
    "told" TEXT NOT NULL
);

-- CreateIndex
CREATE INDEX "refusals_recorded_at_idx" ON "refusals"("recorded_at");

-- CreateIndex
CREATE INDEX "confirmations_request_id_idx" ON "confirmations"("request_id");
