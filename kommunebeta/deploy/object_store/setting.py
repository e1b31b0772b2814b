"""What the settings say of a bucket that is shown as a web site."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator, model_validator

from kommunebeta.deploy.manifest import is_safe
from kommunebeta.deploy.object_store.caching import CacheSetting, Compression
from kommunebeta.deploy.target import TargetSetting

_LOCAL = frozenset(("localhost", "127.0.0.1", "::1"))


def is_local(endpoint: str) -> bool:
    """Whether an endpoint is on this machine, so that it needs no encryption."""
    return urlsplit(endpoint).hostname in _LOCAL


class ObjectStoreSetting(TargetSetting):
    """A bucket of an object store."""

    url: str = Field(
        pattern=r"^(s3|az|gs)://[^/\s?#@]+(/[^\s?#]*)?$",
        description="`s3://bucket`, `az://container` or `gs://bucket`, with a prefix behind `/` if need be.",
    )
    address: str = Field(
        "",
        pattern=r"^$|^https?://\S+$",
        description="Address at which readers find the site there; else `base_url`.",
    )
    endpoint: str = Field(
        "",
        pattern=r"^$|^https?://[^\s@?#]+$",
        description="Address of a compatible store, `https:`; `http:` only for this machine.",
    )
    region: str = Field(
        "", pattern=r"^[\w-]*$", description="Region of the bucket; else what the environment says."
    )
    account: str = Field(
        "",
        pattern=r"^[a-z0-9]*$",
        description="Storage account of Azure; else `AZURE_STORAGE_ACCOUNT_NAME` of the environment.",
    )
    machine_identity: bool = Field(
        False, description="Whether the machine's own identity at the provider may be used for credentials."
    )
    compress: Compression = Field(
        Compression.NONE,
        description="How pages, style sheets, scripts and SVG are stored: `none`, `gzip` or `brotli`.",
    )
    cache: CacheSetting = Field(
        default_factory=CacheSetting,
        description="Seconds for which files may be kept by who has fetched them.",
    )
    releases: str = Field(
        "",
        pattern=r"^$|^(s3|az|gs)://[\w.$-]+(/[^\s?#]*)?$",
        description="A second container of the same store, closed to the public, in which earlier releases "
        "are kept, with a prefix if need be; without it, none are.",
    )
    keep: int = Field(
        5,
        ge=1,
        le=1000,
        description="How many releases are kept in `releases`, the current one included; the one before it "
        "always is. Without `releases` it means nothing.",
    )
    parallel: int = Field(16, ge=1, le=256, description="How many requests are under way at once.")
    retries: int = Field(6, ge=0, le=20, description="How often a request is sent again after a failure.")
    timeout: int = Field(180, ge=5, le=3600, description="Seconds after which a request has failed.")

    @field_validator("url", "releases")
    @classmethod
    def _plain_prefix(cls, url: str) -> str:
        prefix = urlsplit(url).path.strip("/")
        if prefix and not is_safe(prefix):
            raise ValueError("the prefix must be a plain path")
        return url

    @field_validator("releases")
    @classmethod
    def _another_container(cls, releases: str, info: ValidationInfo) -> str:
        site, kept = urlsplit(str(info.data.get("url", ""))), urlsplit(releases)
        if not releases or not site.netloc:
            return releases
        if site.scheme != kept.scheme:
            raise ValueError(f"it must be in the same store as «url». Begin it with {site.scheme}://")
        if site.netloc.casefold() == kept.netloc.casefold():
            raise ValueError(
                "everybody could read earlier releases in the container of «url». Name another container, "
                "which is closed to the public"
            )
        return releases

    @model_validator(mode="after")
    def _encrypted(self) -> ObjectStoreSetting:
        if self.endpoint.startswith("http:") and not is_local(self.endpoint):
            raise ValueError("«endpoint» must begin with https: unless it is on this machine")
        return self
