"""Privacy: what a site tells others of its readers, keeps in their browsers, and publishes of people."""

from __future__ import annotations

from collections.abc import Mapping

from kommunebeta.check.finding import Rule
from kommunebeta.check.privacy import (
    forbidden,
    forms,
    origins,
    personal,
    pictures,
    policy,
    scripts,
    storage,
    stylesheets,
    svg,
)

_MODULES = (origins, stylesheets, svg, scripts, storage, personal, forms, pictures, policy, forbidden)

RULES: Mapping[str, Rule] = {code: rule for module in _MODULES for code, rule in module.RULES.items()}
"""The rules of all of them, by code."""

PAGES = (
    origins.foreign_loads,
    scripts.inline_script_faults,
    storage.cookies_of_pages,
    personal.personal_data_in_pages,
    forms.forms_elsewhere,
    forms.personal_data_in_addresses,
    forbidden.forbidden_by_policy,
)
"""The checks of pages."""

FILES = (
    origins.manifest_loads,
    stylesheets.style_sheet_loads,
    svg.drawing_loads,
    scripts.script_faults,
    storage.cookies_of_hosts,
    personal.personal_data_in_files,
    pictures.telling_pictures,
    policy.weak_headers,
    forbidden.forbidden_in_style_sheets,
)
"""The checks of other outputs."""
