"""A server that is reached by ssh: rsync into a release, one switch."""
