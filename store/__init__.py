"""The store: tables, migrations, ledger, read models, outbox. Knows models, never Temporal."""
