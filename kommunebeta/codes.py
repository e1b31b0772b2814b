"""The stable problem codes: one row each, the source of ``docs/problem-codes.md``.

Ranges: KB00x files and YAML · KB01x front matter · KB02x settings, people, forms, data ·
KB03x Markdown, links and pictures · KB04x outputs and paths · KB05x themes and templates ·
KB06x the cache · KB07x content from elsewhere · KB08x the dialogue · KB09x where forms go.
A code is never given a second meaning and never reused. KB088 told what is late; since that depends on the
day, ``kommunebeta check`` tells it now, as KB170 and KB171.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """What a problem code stands for: a short title, and what it means and how to mend it (Markdown)."""

    title: str
    explanation: str


CODES: dict[str, Code] = {
    "KB001": Code("Not UTF-8", "The file, or its name, is not valid UTF-8. Save it as UTF-8 in your editor."),
    "KB002": Code(
        "No front matter", "A post or page must begin with YAML front matter between two lines of `---`."
    ),
    "KB003": Code(
        "Malformed YAML",
        "The YAML cannot be read, often because of a missing quote, a tab or wrong indentation.",
    ),
    "KB004": Code("Duplicate key", "The same key stands twice in one mapping; only one can be meant."),
    "KB005": Code("YAML out of bounds", "The YAML is nested too deeply or grows too large through aliases."),
    "KB006": Code(
        "File unreadable", "The file vanished or cannot be read; check that it exists and its permissions."
    ),
    "KB007": Code(
        "Link leaves the site",
        "A symbolic link points out of the site folder; copy the file into the site instead.",
    ),
    "KB010": Code("Missing field", "A required field is missing."),
    "KB011": Code("Wrong value", "A field has a value of the wrong kind."),
    "KB012": Code("Misspelt key", "The key is not known but is close to one that is."),
    "KB013": Code(
        "Two names for one field", "A field is given both under its English and its Norwegian name."
    ),
    "KB014": Code(
        "Not a date", "A date must be written as `2026-05-17`, `2026-05-17 12:00` or in ISO 8601 with a zone."
    ),
    "KB015": Code(
        "Unknown person", "An author or official has no file in `people/`; the byline is shown as plain text."
    ),
    "KB016": Code(
        "Dates in the wrong order", "An end stands before its beginning, such as `expires` before `publish`."
    ),
    "KB017": Code(
        "Two posts with one id",
        "Two posts in the same language have the same id, so their dialogue would be mixed.",
    ),
    "KB018": Code("Unknown form", "The form is neither in `forms/` nor among the theme's ready forms."),
    "KB021": Code(
        "Unknown setting", "The setting is not known. Site-wide values for templates belong under `extra`."
    ),
    "KB022": Code("Wrong setting", "A setting has a value of the wrong kind."),
    "KB023": Code("Broken data file", "A file in `data/` cannot be read."),
    "KB024": Code(
        "Broken form",
        "A form definition has a fault: a field without choices, a name used twice, a condition on a question that is not there.",
    ),
    "KB025": Code(
        "Secret in the settings",
        "A password, a token or a key stands in `kommunebeta.yaml`, which everybody can read who gets the site's files. Secrets come from the environment, the platform's own configuration or the ssh agent.",
    ),
    "KB030": Code("Broken link", "A link points to a file or page that is not in the site."),
    "KB031": Code("Broken anchor", "A link points to a heading that the target does not have."),
    "KB032": Code("Missing picture", "A picture is not in the site."),
    "KB033": Code(
        "Unreadable picture", "The file is not a picture that can be shown, or is damaged or far too large."
    ),
    "KB034": Code(
        "Content from outside",
        "A picture, frame or script is loaded from another server, which would send readers' addresses there. A picture is shown as a link; frames and scripts are kept as written.",
    ),
    "KB035": Code(
        "No text alternative",
        "A picture has no text alternative (WCAG 1.1.1). Write one, or `![](picture.jpg){.decorative}` for pure decoration.",
    ),
    "KB036": Code(
        "Template tag in the text",
        "The text holds a template tag of another generator, which is shown as it is written.",
    ),
    "KB037": Code("Unknown callout", "The block's name after `:::` is not known."),
    "KB038": Code("Unsafe address", "The address has a scheme that browsers may run, such as `javascript:`."),
    "KB039": Code(
        "Nested too deeply",
        "Quotes, lists or callouts are nested so deeply that the innermost text would be left out.",
    ),
    "KB040": Code("Two sources for one address", "Two files would be published at the same address."),
    "KB041": Code(
        "Addresses differ only in case",
        "Two addresses differ only in upper and lower case, which many servers and disks cannot tell apart.",
    ),
    "KB042": Code(
        "Address leaves the site",
        "A slug, permalink or alias is absolute, climbs with `..` or holds characters that no address may hold.",
    ),
    "KB043": Code("Wrong permalink pattern", "A permalink pattern uses a placeholder that does not exist."),
    "KB050": Code(
        "Unknown theme", "The theme is neither in the site's `themes/` nor among the built-in ones."
    ),
    "KB051": Code("Broken theme.yaml", "The theme's description has a fault, or its parents form a circle."),
    "KB052": Code(
        "Wrong theme parameter", "A parameter is not one of the theme's, or has a value of the wrong kind."
    ),
    "KB053": Code(
        "Unknown template", "No template of that name exists in the site, its theme or the theme's parents."
    ),
    "KB054": Code("Template fault", "A template cannot be read or failed while a page was rendered."),
    "KB055": Code("Template without end", "A template recurses or loops without end."),
    "KB056": Code("Missing asset", "A template asks for an asset that no theme folder holds."),
    "KB060": Code(
        "Memory not used",
        "The memory of earlier builds in `.kommunebeta/` was damaged or could not be written. Everything was made anew, or will be next time.",
    ),
    "KB070": Code(
        "Wrong embed",
        "A `::: embed` has no address, or an option that is not known or has a value of the wrong kind.",
    ),
    "KB071": Code(
        "Embed not looked up",
        "Title, picture and licence of a film or slide deck are not in `embeds.lock.yaml` yet. It works without; `kommunebeta embeds update` fetches them.",
    ),
    "KB072": Code(
        "Film without captions",
        "A film has neither captions nor a transcript (WCAG 1.2.2), or a sound no transcript (WCAG 1.2.1). Say `captions: ja` where it has them, or name a `transcript:`.",
    ),
    "KB073": Code(
        "No text alternative for slides",
        "Slides, a picture or a map from elsewhere have no text alternative (WCAG 1.1.1). Say in `description:` what they show, or name a `transcript:`.",
    ),
    "KB074": Code(
        "Embed withdrawn",
        "A film or slide deck is no longer where it was. Title and picture stay, marked as removed.",
    ),
    "KB075": Code(
        "Broken embeds.lock.yaml",
        "The file in which look-ups are kept has a fault. Restore it from version control, or delete the entry and run `kommunebeta embeds update`.",
    ),
    "KB080": Code(
        "Broken contribution",
        "A file in `dialogue/` has a missing or wrong value. It is written by the inbox, or by hand; see the dialogue's documentation.",
    ),
    "KB081": Code(
        "Personal data in a contribution",
        "A file in `dialogue/` holds what must not be published: a field that the form marks as confidential, or an e-mail address, telephone number or national identity number in a text.",
    ),
    "KB082": Code(
        "Contribution for a post that is gone",
        "No post has the id that the folder in `dialogue/` is named after. Rename the folder, or give the post its old `id` back.",
    ),
    "KB083": Code(
        "Two contributions with one id",
        "Two files of one post's dialogue have the same id; links to them would lead astray.",
    ),
    "KB084": Code(
        "Reply to nothing",
        "A contribution replies to one that is not there, to itself, or in a circle; it is shown on its own.",
    ),
    "KB085": Code(
        "Broken outcome or results",
        "The `outcome.yaml`, `results.yaml` or `summary.yaml` of a dialogue has a fault, such as counts for a question that the form does not have.",
    ),
    "KB086": Code(
        "Promise missing",
        "A call for input does not say who answers (`responsible`) or when the outcome is promised (`outcome_due`). People who take the time to answer should know both.",
    ),
    "KB087": Code(
        "Form that nobody uses", "A form in `forms/` is neither on a post nor on a page nor in the settings."
    ),
    "KB089": Code(
        "Text made harmless",
        "A citizen's text holds characters that disturb a page, such as signs that turn the direction of reading or heaps of accents. They are left out.",
    ),
    "KB090": Code(
        "Form goes to another company",
        "A form is sent to a service outside the municipality, which then handles what citizens write on your behalf. A data processing agreement is needed (GDPR, article 28), and readers are told at the form.",
    ),
    "KB091": Code(
        "Form cannot be sent",
        "The `inbox` of the settings lacks what its service needs, such as a key or an address; or a form asks for what the service cannot take, such as a file.",
    ),
    "KB092": Code(
        "Experiment without an end",
        "An experiment is being tried but has no end, or one that has passed: nobody would learn from it.",
    ),
    "KB093": Code(
        "Variant that cannot be shown",
        "The `variant` of an experiment names pages that do not exist or that another variant has already, a text that the interface does not have, or nothing that is to be different.",
    ),
    "KB094": Code(
        "Form without its terms",
        "A form asks for a name, an address or a file, but does not say why (`purpose`), by which right (`legal_basis`) or for how long (`retention`). People must be told (GDPR, article 13).",
    ),
}
"""Every problem code, in order."""
