"""The keys that ``aws configure`` has written, for tools that do not read them themselves."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kommunebeta.errors import OutsideError

_INDIRECT = ("sso_session", "sso_start_url", "role_arn", "credential_process", "login_session")
"""Ways to get keys that only the AWS tools themselves know how to go."""


@dataclass(frozen=True, slots=True)
class AwsProfile:
    """One profile.

    Attributes:
        access_key_id: may be empty where only the region is set.
        secret_access_key: belongs to it; never shown.
        session_token: for keys that end; may be empty.
        region: may be empty.
    """

    access_key_id: str
    secret_access_key: str
    session_token: str
    region: str

    def __repr__(self) -> str:
        return f"AwsProfile(region={self.region!r})"


def aws_profile(environment: Mapping[str, str], home: Path) -> AwsProfile | None:
    """The profile that ``AWS_PROFILE`` names, or ``default``; None where there is none.

    Args:
        environment: the environment's variables.
        home: the user's folder, in which ``.aws`` lies.

    Raises:
        OutsideError: a profile is asked for that is not there, or that leads to keys in a way of its own.

    Source: AWS SDKs and Tools Reference Guide, «Shared config and credentials files».
    """
    asked = environment.get("AWS_PROFILE", "")
    name = asked or "default"
    folder = home / ".aws"
    keys = _section(Path(environment.get("AWS_SHARED_CREDENTIALS_FILE", folder / "credentials")), name)
    config_name = name if name == "default" else f"profile {name}"
    config = _section(Path(environment.get("AWS_CONFIG_FILE", folder / "config")), config_name)
    if not keys and not config:
        if asked:
            raise OutsideError(f"There is no AWS profile «{asked}» in {folder}. Nothing was sent.")
        return None
    found = {**config, **keys}
    if "aws_access_key_id" not in found and any(word in found for word in _INDIRECT):
        raise OutsideError(
            f"The AWS profile «{name}» holds no keys but says where the AWS tools get them. Put them into "
            f'the environment first: eval "$(aws configure export-credentials --profile {name} --format env)"'
        )
    return AwsProfile(
        found.get("aws_access_key_id", ""),
        found.get("aws_secret_access_key", ""),
        found.get("aws_session_token", ""),
        found.get("region", ""),
    )


def _section(file: Path, name: str) -> Mapping[str, str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(file.expanduser().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, configparser.Error):
        raise OutsideError(f"{file} cannot be read as a file of AWS profiles. Nothing was sent.") from None
    return dict(parser[name]) if parser.has_section(name) else {}
