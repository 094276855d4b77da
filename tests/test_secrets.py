"""Values that hold a secret do not show it in their repr, which ends in logs and errors."""

import dataclasses
import importlib

import pytest

# Fields by class. A job's options and destination, and an object's body, hold the ingest token.
SECRET_FIELDS = {
    "upstream.options.ApiOptions": {"token"},
    "upstream.options.CanaryOptions": {"client_id", "client_secret"},
    "upstream.logpush.destination.Destination": {"text"},
    "upstream.logpush.job.Job": {"options"},
    "upstream.logpush.plan.PlannedJob": {"body"},
    "archives.bucket.BucketOptions": {"key_id", "secret"},
    "raytrail.commands.setup.setup.Tokens": {"known", "chosen"},
    "raytrail.commands.setup.setup.SettingUp": {"settings_tokens"},
}


@pytest.mark.parametrize("name", SECRET_FIELDS)
def test_a_field_that_holds_a_secret_is_not_in_the_repr(name: str) -> None:
    module, _, kind = name.rpartition(".")
    fields = dataclasses.fields(getattr(importlib.import_module(module), kind))

    assert {field.name for field in fields if not field.repr} >= SECRET_FIELDS[name]
