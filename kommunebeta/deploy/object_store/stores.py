"""Object stores by their address, with the credentials that the machine has for them.

Credentials come from the environment, from what ``aws configure``, ``az login`` or ``gcloud auth`` has
written, or, if so set, from the machine's own identity at the provider. They are never part of a message.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store

from kommunebeta.deploy.object_store.awsprofile import AwsProfile, aws_profile
from kommunebeta.deploy.object_store.setting import is_local
from kommunebeta.errors import OutsideError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

Store = S3Store | AzureStore | GCSStore

_CONNECT = dt.timedelta(seconds=10)
_FIRST_PAUSE = dt.timedelta(milliseconds=200)
_LONGEST_PAUSE = dt.timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Place:
    """A part of an object store.

    Attributes:
        url: such as ``s3://beta-blogg/prefix``, ``az://$web`` or ``gs://beta-blogg``.
        endpoint: address of a compatible store; empty for the provider's own.
        region: may be empty.
        account: account of Azure; empty where the environment names it.
        machine_identity: whether credentials may come from the machine's own identity.
        retries: how often a request is sent again after a failure.
        timeout: seconds after which a request has failed.
    """

    url: str
    endpoint: str = ""
    region: str = ""
    account: str = ""
    machine_identity: bool = False
    retries: int = 6
    timeout: int = 180

    @property
    def prefix(self) -> str | None:
        """What the names of all objects begin with; None for the whole container."""
        return urlsplit(self.url).path.strip("/") or None

    @property
    def container(self) -> str:
        """The bucket or container."""
        return urlsplit(self.url).netloc


def opened(place: Place, environment: Mapping[str, str] = os.environ, *, anonymous: bool = False) -> Store:
    """A store, ready to be used; nothing has been asked of it.

    Args:
        place: which.
        environment: the environment's variables.
        anonymous: without credentials, as everybody may ask it.

    Raises:
        OutsideError: there are no credentials for it, or the environment's settings do not fit.
    """
    scheme = urlsplit(place.url).scheme
    client, retries = _client(place), _retries(place)
    try:
        match scheme:
            case "s3":
                return _s3(place, environment, client, retries, anonymous)
            case "az":
                return _azure(place, environment, client, retries, anonymous)
            case _:
                return _google(place, environment, client, retries, anonymous)
    except (BaseError, ValueError):  # their texts may hold what the environment says
        raise OutsideError(
            f"The settings or the environment's variables for {place.url} do not fit. Nothing was sent; "
            f"see docs/deploy-object-store.md."
        ) from None


def _client(place: Place) -> ClientConfig:
    return {
        "allow_http": bool(place.endpoint) and is_local(place.endpoint),
        "connect_timeout": _CONNECT,
        "timeout": dt.timedelta(seconds=place.timeout),
        "user_agent": "kommunebeta",
    }


def _retries(place: Place) -> RetryConfig:
    return {
        "max_retries": place.retries,
        "retry_timeout": dt.timedelta(minutes=4),
        "backoff": {"init_backoff": _FIRST_PAUSE, "max_backoff": _LONGEST_PAUSE, "base": 2},
    }


def _s3(
    place: Place,
    environment: Mapping[str, str],
    client: ClientConfig,
    retries: RetryConfig,
    anonymous: bool,
) -> S3Store:
    config: dict[str, Any] = {"disable_bulk_delete": True}  # which not every compatible store has
    profile = None
    if anonymous:
        config["skip_signature"] = True
    elif not _any(environment, *_AWS_KEYS):
        profile = aws_profile(environment, Path.home())
        config |= _keys(profile)
        if "access_key_id" not in config and not place.machine_identity:
            raise _none(place, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", "run «aws configure»")
    region = place.region or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    region = region or (profile.region if profile else "")
    config |= {"region": region} if region else {}
    config |= {"endpoint": place.endpoint} if place.endpoint else {}
    return S3Store(
        place.container, prefix=place.prefix, client_options=client, retry_config=retries, **config
    )


_AWS_KEYS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_",
    "AWS_SKIP_SIGNATURE",
)


def _keys(profile: AwsProfile | None) -> dict[str, str]:
    if profile is None or not profile.access_key_id:
        return {}
    keys = {"access_key_id": profile.access_key_id, "secret_access_key": profile.secret_access_key}
    return keys | ({"session_token": profile.session_token} if profile.session_token else {})


def _azure(
    place: Place,
    environment: Mapping[str, str],
    client: ClientConfig,
    retries: RetryConfig,
    anonymous: bool,
) -> AzureStore:
    config: dict[str, Any] = {}
    account = place.account or environment.get("AZURE_STORAGE_ACCOUNT_NAME", "")
    account = account or environment.get("AZURE_STORAGE_ACCOUNT", "")
    if not account:
        raise OutsideError(
            f"{place.url} needs the name of its storage account: «account:» in the target's settings, or "
            f"AZURE_STORAGE_ACCOUNT_NAME in the environment. Nothing was sent."
        )
    if anonymous:
        config["skip_signature"] = True
    elif key := environment.get("AZURE_STORAGE_KEY"):  # as the Azure tools call it
        config["account_key"] = key
    elif not _any(environment, *_AZURE_KEYS) and not place.machine_identity:
        if shutil.which("az") is None:
            raise _none(place, "AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN", "run «az login»")
        config["use_azure_cli"] = True
    config |= {"endpoint": place.endpoint} if place.endpoint else {}
    return AzureStore(
        place.container,
        prefix=place.prefix,
        client_options=client,
        retry_config=retries,
        account_name=account,
        **config,
    )


_AZURE_KEYS = (
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_STORAGE_MASTER_KEY",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TOKEN",
    "AZURE_STORAGE_CLIENT_SECRET",
    "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_USE_AZURE_CLI",
)


def _google(
    place: Place,
    environment: Mapping[str, str],
    client: ClientConfig,
    retries: RetryConfig,
    anonymous: bool,
) -> GCSStore:
    """Google unpacks what is stored with gzip for those who do not ask for gzip, and tells no length then.

    Source: Google Cloud Storage, «Transcoding of gzip-compressed files».
    """
    known = _any(
        environment, "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_BEARER_TOKEN"
    )
    if not anonymous and not known and not place.machine_identity and not _gcloud_file(environment).is_file():
        raise _none(place, "GOOGLE_APPLICATION_CREDENTIALS", "run «gcloud auth application-default login»")
    config: dict[str, Any] = {"base_url": place.endpoint} if place.endpoint else {}
    config |= {"skip_signature": True} if anonymous else {}
    as_stored: ClientConfig = {**client, "default_headers": {"accept-encoding": "gzip"}}
    return GCSStore(
        place.container, prefix=place.prefix, client_options=as_stored, retry_config=retries, **config
    )


def _gcloud_file(environment: Mapping[str, str]) -> Path:
    windows = environment.get("APPDATA")
    folder = Path(windows) if windows else Path.home() / ".config"
    return folder / "gcloud" / "application_default_credentials.json"


def _any(environment: Mapping[str, str], *begins: str) -> bool:
    return any(value and name.startswith(begins) for name, value in environment.items())


def _none(place: Place, names: str, command: str) -> OutsideError:
    return OutsideError(
        f"There are no credentials for {place.url}: set {names} in the environment, or {command}. "
        f"Nothing was sent."
    )
