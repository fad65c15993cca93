"""Settings: what the LRS_* variables mean, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrs.config import Config, config_from


def test_without_variables_the_defaults_hold() -> None:
    assert config_from({}) == Config()


def test_every_variable_sets_its_setting() -> None:
    environment = {
        "LRS_HOST": "0.0.0.0",  # noqa: S104 a setting, nothing listens
        "LRS_PORT": "9000",
        "LRS_DATA": "/srv/lrs",
        "LRS_STORE": "mongodb://db/lrs",
        "LRS_WORKERS": "4",
        "LRS_URL": "https://lrs.example.org/a/",
        "LRS_KEY": "key",
        "LRS_SECRET": "secret",
        "LRS_MAX_BODY": "1000",
    }
    config = config_from(environment)
    assert config == Config(
        host="0.0.0.0",  # noqa: S104
        port=9000,
        data=Path("/srv/lrs"),
        store="mongodb://db/lrs",
        workers=4,
        url="https://lrs.example.org/a/",
        key="key",
        secret="secret",
        max_body=1000,
    )


def test_an_empty_variable_counts_as_not_set() -> None:
    assert config_from({"LRS_PORT": "", "LRS_KEY": "", "LRS_SECRET": ""}) == Config()


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"LRS_PORT": "http"}, "LRS_PORT must be a whole number."),
        ({"LRS_PORT": "80.5"}, "LRS_PORT must be a whole number."),
        ({"LRS_PORT": "65536"}, "LRS_PORT must be at most 65535."),
        ({"LRS_WORKERS": "0"}, "LRS_WORKERS must be at least 1."),
        ({"LRS_MAX_BODY": "-1"}, "LRS_MAX_BODY must be at least 1."),
        ({"LRS_KEY": "key"}, "LRS_KEY and LRS_SECRET must be set together."),
        ({"LRS_SECRET": "secret"}, "LRS_KEY and LRS_SECRET must be set together."),
        ({"LRS_KEY": "a:b", "LRS_SECRET": "s"}, "LRS_KEY must not hold a colon."),
        ({"LRS_URL": "lrs.example.org"}, "LRS_URL must start with http"),
        ({"LRS_URL": "https://lrs example.org"}, "LRS_URL must start with http"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        config_from(environment)


@pytest.mark.parametrize(
    ("config", "url"),
    [
        (Config(), "http://127.0.0.1:8080"),
        (Config(host="::1", port=90), "http://[::1]:90"),
        (Config(url="https://lrs.example.org/"), "https://lrs.example.org"),
    ],
)
def test_the_public_url_has_no_closing_slash(config: Config, url: str) -> None:
    assert config.public_url == url


def test_the_store_lies_in_the_data_folder_unless_one_is_named() -> None:
    assert Config(data=Path("/srv/lrs")).store_uri == "sqlite:////srv/lrs/lrs.sqlite"
    assert Config(store="sqlite:///x").store_uri == "sqlite:///x"
