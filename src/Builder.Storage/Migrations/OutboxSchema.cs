namespace Builder.Storage.Migrations;

/// <summary>What happened and is to be told to others, how far each target is, and what could not be told.</summary>
internal static class OutboxSchema
{
    public const string Tables = """
        CREATE TABLE outbox_event ( -- in the order in which they were recorded
            id {id},
            event_key VARCHAR(600) {collate} NOT NULL UNIQUE, -- an occurrence is recorded once
            kind VARCHAR(32) NOT NULL,
            job {text},
            platform {text},
            build_uuid VARCHAR(36),
            data {text} NOT NULL, -- JSON
            created {int} NOT NULL -- milliseconds since 1970, as all times here
        );
        CREATE INDEX idx_outbox_event_created ON outbox_event(created);
        CREATE TABLE outbox_target (
            id {id},
            name VARCHAR(64) {collate} NOT NULL UNIQUE,
            position {int} NOT NULL, -- the last event that is done with
            attempts {int} NOT NULL, -- failed ones in a row
            failing_since {int},
            due {int} NOT NULL, -- not before
            problem {text},
            delivered {int} NOT NULL,
            last_delivered {int},
            lease_owner VARCHAR(64),
            lease_until {int} NOT NULL
        );
        CREATE TABLE outbox_letter ( -- not delivered, and not tried again by itself
            id {id},
            target VARCHAR(64) {collate} NOT NULL,
            event {int} NOT NULL,
            problem {text} NOT NULL,
            created {int} NOT NULL,
            is_due {int} NOT NULL, -- 1: an operator wants it sent again
            UNIQUE(target, event)
        );
        CREATE INDEX idx_outbox_letter_event ON outbox_letter(event);
        """;

    public const string Drop = "DROP TABLE outbox_letter; DROP TABLE outbox_target; DROP TABLE outbox_event;";
}
