"""The preview: a site as its readers will see it, there when the writer looks up."""
